//! Songs without end: they play nothing by themselves, only what comes while they are played.

use crate::check::context::Context;
use crate::check::limits::LONGEST;
use crate::diagnostic::codes::song::ENDLESS_SONG;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::report::Diagnostic;
use crate::syntax::tree::Node;
use crate::syntax::vocabulary::find;

/// The most bars that `song bars=` can say.
const MOST_BARS: f64 = 100_000.0;

impl Context {
    /// As many bars as a song can have at the tempo and in the meter of this one. A song without end counts up to here.
    pub(super) fn most_bars(&self) -> u32 {
        libm::floor(LONGEST * self.tempo / 60.0 / self.meter.quarters()).clamp(1.0, MOST_BARS) as u32
    }

    /// Reports what says in a song without end when something is played.
    pub(super) fn only_what_comes(&mut self, nodes: &[Node<'_>]) {
        let timed = |node: &&Node<'_>| {
            let name = find(&node.name.text).map_or("", |form| form.name);
            matches!(name, "track" | "automate" | "section" | "arrange")
        };
        for node in nodes.iter().filter(timed) {
            self.report(
                Diagnostic::new(
                    &ENDLESS_SONG,
                    node.name.span,
                    format!("a song without end has no place for `{}`", node.name.text),
                )
                .label("when?")
                .mend([Edit::remove(node.whole())], "take it out, or take `endless=#true` out of `song`"),
            );
        }
        let header = nodes.iter().find(|node| node.name.text == "song");
        if let Some((bars, cut)) = header.and_then(|song| Some((song.prop("bars")?, song.cut_prop("bars")?)))
        {
            self.report(
                Diagnostic::new(&ENDLESS_SONG, bars.name.span, "a song without end has no number of bars")
                    .label("how long?")
                    .mend([cut], "take it out, or take `endless=#true` out"),
            );
        }
    }
}

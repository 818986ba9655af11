//! The limits of a song: modules, length, notes.

use crate::check::bars::BarLength;
use crate::check::context::Context;
use crate::check::instrument::Built;
use crate::check::patch::Draft;
use crate::check::track::Played;
use crate::diagnostic::codes::song as codes;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::units::number::figures;

/// Modules after voices are expanded.
const MODULES: usize = 65_536;

/// Notes in a song.
const EVENTS: u64 = 1_000_000;

/// Seconds of a song.
const LONGEST: f64 = 4.0 * 3600.0;

impl Context {
    /// Reports a song that has more modules than fit, counted with every voice's own.
    pub(super) fn module_limit(&mut self, draft: &Draft<'_, '_>, instruments: &[Built<'_, '_>]) {
        let of = |built: &Built<'_, '_>| built.voices * built.draft.modules.len();
        let total = draft.modules.len() + instruments.iter().map(of).sum::<usize>();
        let largest = instruments.iter().max_by_key(|built| of(built));
        if total <= MODULES {
            return;
        }
        let Some(largest) = largest else {
            return;
        };
        self.report(
            Diagnostic::new(
                &codes::TOO_MANY_MODULES,
                largest.span,
                format!("the song has {total} modules, counting each voice's own"),
            )
            .label(format!("{} voices of {} modules", largest.voices, largest.draft.modules.len()))
            .help(format!("the limit is 65,536: give {} fewer voices", quoted(&largest.id))),
        );
    }

    /// Reports a song that lasts too long or has too many notes. `at` is where its length is said.
    pub(super) fn length_limits(&mut self, bars: u64, at: Span, played: &[Played]) {
        let seconds = bars as f64 * self.meter.quarters() * 60.0 / self.tempo;
        if seconds > LONGEST {
            let most = LONGEST * self.tempo / 60.0 / self.meter.quarters();
            self.report(
                Diagnostic::new(
                    &codes::TOO_LONG,
                    at,
                    format!("the song lasts {} hours", figures(seconds / 3600.0)),
                )
                .label(format!("{bars} bars"))
                .help(format!("the limit is 4 hours: at this tempo {} bars", libm::floor(most))),
            );
            return;
        }
        let mut total = 0u64;
        for one in played.iter().filter(|one| one.steps > 0) {
            let steps = BarLength::new(self.meter, one.track.grid).steps(bars);
            total = total.saturating_add(one.strikes.saturating_mul(steps.div_ceil(one.steps)));
            if total > EVENTS {
                self.report(
                    Diagnostic::new(
                        &codes::TOO_MANY_EVENTS,
                        one.span,
                        "the song has more than 1,000,000 notes".to_owned(),
                    )
                    .label("too many with this track")
                    .help("the limit is 1,000,000 notes: make the song shorter or the steps fewer"),
                );
                return;
            }
        }
    }
}

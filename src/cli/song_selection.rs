//! Which parts of a song a command is about: some instruments, some bars.

use clap::Args;

use crate::check::nearest::nearest;
use crate::diagnostic::codes::rendering;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::engine::offline_render::Excerpt;
use crate::model::mix_sources::MixSource;
use crate::model::song::Song;
use crate::plan::timeline::Timeline;

/// Parts of a song.
#[derive(Debug, Args)]
pub(super) struct SongSelection {
    /// Hear only these instruments and sources of the top level, through all effects.
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    solo: Vec<String>,

    /// Don't hear these instruments or modules.
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    mute: Vec<String>,

    /// Begin with this bar, counted from 1, or where this section is first played. The samples are those of the whole song
    /// there: what rings over is heard too.
    #[arg(long, value_name = "BAR|SECTION")]
    from: Option<String>,

    /// End behind this bar or section, on the frame.
    #[arg(long, value_name = "BAR|SECTION")]
    to: Option<String>,
}

impl SongSelection {
    /// Whether anything is muted.
    pub(super) fn mutes(&self) -> bool {
        !self.solo.is_empty() || !self.mute.is_empty()
    }

    /// Mutes what isn't to be heard.
    pub(super) fn choose(&self, song: &mut Song) -> Result<(), Diagnostic> {
        let find = |ids: &[String]| -> Result<Vec<MixSource>, Diagnostic> {
            ids.iter().map(|id| song.part(id).ok_or_else(|| unknown_part(song, id))).collect()
        };
        let (solo, mute) = (find(&self.solo)?, find(&self.mute)?);
        if !solo.is_empty() {
            song.solo(&solo);
        }
        mute.into_iter().for_each(|part| song.mute(part));
        Ok(())
    }

    /// The frames between `--from` and `--to`.
    pub(super) fn excerpt(&self, song: &Song, timeline: &Timeline) -> Result<Excerpt, Diagnostic> {
        let from = match &self.from {
            Some(place) => timeline.frame(place_of(song, timeline, place, 0.0)?.0),
            None => 0,
        };
        let start = from as f64 / timeline.rate;
        let Some(place) = &self.to else { return Ok(Excerpt { from, ..Excerpt::default() }) };
        let to = timeline.frame(place_of(song, timeline, place, start)?.1);
        if to <= from {
            let message = format!("`--to {place}` ends before `--from` begins");
            return Err(Diagnostic::of_file(&rendering::NO_SUCH_PLACE, message)
                .help("the bar or section after `--to` is the last one that is rendered"));
        }
        Ok(Excerpt { from, to: Some(to), fades: false })
    }
}

/// Where a bar, or the first playing of a section that ends after `start`, begins and ends, in seconds.
fn place_of(song: &Song, timeline: &Timeline, place: &str, start: f64) -> Result<(f64, f64), Diagnostic> {
    let bars = timeline.bars();
    let wrong =
        |message: String, help: String| Diagnostic::of_file(&rendering::NO_SUCH_PLACE, message).help(help);
    if let Ok(bar) = place.parse::<u32>() {
        let ends = timeline.bar(bar).zip(bar.checked_add(1).and_then(|next| timeline.bar(next)));
        return ends.ok_or_else(|| {
            wrong(format!("there is no bar {bar}"), format!("the song has the bars 1 to {bars}"))
        });
    }
    let section = song.sections.iter().position(|section| section.id == place && !place.is_empty());
    let end = |span: &crate::plan::timeline::SectionSpan| span.seconds(span.quarters);
    let played = timeline.spans.iter().filter(|span| Some(span.section) == section);
    if let Some(span) = played.clone().find(|span| end(span) > start) {
        return Ok((span.start, end(span)));
    }
    if section.is_some() {
        let message = format!("the section {} isn't played there", quoted(place));
        return Err(wrong(message, format!("name another section, or a bar from 1 to {bars}")));
    }
    let ids = song.sections.iter().map(|section| section.id.as_str());
    let help = match nearest(place, ids) {
        Some(meant) => format!("did you mean {}?", quoted(meant)),
        None => format!("name a section, or a bar from 1 to {bars}"),
    };
    Err(wrong(format!("there is no section {}", quoted(place)), help))
}

fn unknown_part(song: &Song, id: &str) -> Diagnostic {
    let ids: Vec<&str> = song.part_ids().take(20).collect();
    let help = match nearest(id, song.part_ids()) {
        Some(meant) => format!("did you mean {}?", quoted(meant)),
        None => format!("the song has {}", ids.join(", ")),
    };
    let message = format!("the song has no instrument or module called {}", quoted(id));
    Diagnostic::of_file(&rendering::NO_SUCH_PART, message).help(help)
}

//! What the screen shows, taken from the session in one look, so that its thread is never kept waiting by a terminal.

use std::sync::Arc;

use crate::io::stats::StreamStats;
use crate::live::octave_bands::BANDS;
use crate::live::session::Unplayable;
use crate::live::step_grid::GridBar;
use crate::live::view::{OverrideView, View};

/// Lines of news that can be seen at once, at the most.
const LINES: usize = 50;

/// A track.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SceneTrack {
    pub(crate) id: String,
    pub(crate) instrument: String,
    pub(crate) heard: bool,
    pub(crate) muted: bool,
    pub(crate) solo: bool,
    /// The bar that is played; `None` where it has nothing.
    pub(crate) bar: Option<GridBar>,
    /// The level of its instrument, linear.
    pub(crate) level: f32,
}

/// What the screen shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    pub(crate) title: String,
    pub(crate) section: String,
    pub(crate) next_section: u32,
    pub(crate) last_section: u32,
    pub(crate) bar: u32,
    pub(crate) bars: u32,
    pub(crate) beat: u32,
    pub(crate) tempo: f64,
    pub(crate) playing: bool,
    /// The song is over.
    pub(crate) over: bool,
    pub(crate) peak: [f32; 2],
    pub(crate) bands: [f32; BANDS],
    pub(crate) tracks: Vec<SceneTrack>,
    /// Controls that have been put somewhere, the one that was moved last first.
    pub(crate) put: Vec<OverrideView>,
    pub(crate) stats: Option<StreamStats>,
    pub(crate) messages: u64,
    pub(crate) refused: u64,
    pub(crate) late: u64,
    pub(crate) dropped: u64,
    /// The newest last.
    pub(crate) log: Vec<String>,
    /// The last edit, if it can't be played.
    pub(crate) unplayable: Option<Arc<Unplayable>>,
}

impl Scene {
    /// What is to be seen of a session now.
    pub(crate) fn of(view: &View) -> Self {
        let tracks = view.tracks.iter().map(|row| SceneTrack {
            id: row.id.clone(),
            instrument: row.instrument.clone(),
            heard: row.heard,
            muted: row.muted,
            solo: row.solo,
            bar: view.bar(row),
            level: view.level_of(&row.instrument),
        });
        Self {
            title: view.title.clone(),
            section: view.section.clone(),
            next_section: view.next_section(),
            last_section: view.last_section(),
            bar: view.beat.bar,
            bars: view.bars,
            beat: view.beat.beat,
            tempo: view.beat.tempo,
            playing: view.beat.playing,
            over: view.over,
            peak: view.peak,
            bands: view.bands,
            tracks: tracks.collect(),
            put: view.put.clone(),
            stats: view.stats,
            messages: view.messages,
            refused: view.refused,
            late: view.late,
            dropped: view.dropped,
            log: view.log.iter().skip(view.log.len().saturating_sub(LINES)).cloned().collect(),
            unplayable: view.unplayable.clone(),
        }
    }
}

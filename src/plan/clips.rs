//! The sounds that modules play, cut as their settings say; equal ones once.

use std::sync::Arc;

use crate::dsp::clip::Clip;
use crate::model::patch::{Module, Patch};
use crate::model::song::Song;

/// What each module plays.
#[derive(Debug)]
pub(super) struct Clips {
    /// By instrument, the top level behind them, and by module.
    of: Vec<Vec<Option<Arc<Clip>>>>,
}

impl Clips {
    /// Those of `song`.
    pub(super) fn new(song: &Song) -> Self {
        let clip = |module: &Module| {
            let (sound, cut) = (module.sound?, module.spec.cut()?(&module.settings));
            Some(song.sounds[sound].cut(cut))
        };
        let patches = song.instruments.iter().map(|instrument| &instrument.patch).chain([&song.patch]);
        let of = |patch: &Patch| patch.modules.iter().map(clip).collect();
        Self { of: patches.map(of).collect() }
    }

    /// What the module at `index` of an instrument, or of the top level, plays.
    pub(super) fn find(&self, instrument: Option<usize>, index: usize) -> Option<Arc<Clip>> {
        self.of[instrument.unwrap_or(self.of.len() - 1)][index].clone()
    }
}

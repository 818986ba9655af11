//! The sounds that modules play, cut as their settings say; equal ones once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dsp::clip::{Clip, CutKey};
use crate::model::patch::Module;
use crate::model::song::Song;

/// What each module plays.
#[derive(Debug)]
pub(super) struct Clips {
    /// By instrument, the top level after them, and by module.
    of: Vec<Vec<Option<Arc<Clip>>>>,
}

impl Clips {
    /// Those of `song`.
    pub(super) fn new(song: &Song) -> Self {
        // A recording remembers some of its cuts; a song may have more.
        let mut known: BTreeMap<(usize, CutKey), Arc<Clip>> = BTreeMap::new();
        let mut clip = |module: &Module| {
            let (sound, cut) = (module.sound?, module.spec.cut()?(&module.settings));
            let clip = known.entry((sound, cut.key())).or_insert_with(|| song.sounds[sound].cut(cut));
            Some(Arc::clone(clip))
        };
        let patches = song.instruments.iter().map(|instrument| &instrument.patch).chain([&song.patch]);
        Self { of: patches.map(|patch| patch.modules.iter().map(&mut clip).collect()).collect() }
    }

    /// What the module at `index` of an instrument, or of the top level, plays.
    pub(super) fn find(&self, instrument: Option<usize>, index: usize) -> Option<Arc<Clip>> {
        self.of[instrument.unwrap_or(self.of.len() - 1)][index].clone()
    }
}

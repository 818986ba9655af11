//! The sounds that modules play, cut as their settings say; equal ones once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dsp::clip::{Clip, Cut};
use crate::model::patch::{Module, Patch};
use crate::model::song::Song;

/// What each module plays.
#[derive(Debug)]
pub(super) struct Clips {
    /// By instrument, the top level behind them, and by module.
    of: Vec<Vec<Option<Arc<Clip>>>>,
}

/// Which recording, turned round or not, and the bits of where it goes round.
type Key = (usize, bool, Option<[u32; 2]>, u32);

impl Clips {
    /// Those of `song`.
    pub(super) fn new(song: &Song) -> Self {
        let mut made: BTreeMap<Key, Arc<Clip>> = BTreeMap::new();
        let mut clip = |module: &Module| {
            let (sound, cut) = (module.sound?, module.spec.cut()?(&module.settings));
            let Cut { reverse, round, blend } = cut;
            let key = (sound, reverse, round.map(|round| round.map(f32::to_bits)), blend.to_bits());
            let clip = made.entry(key).or_insert_with(|| Arc::new(Clip::new(&song.sounds[sound], cut)));
            Some(Arc::clone(clip))
        };
        let patches = song.instruments.iter().map(|instrument| &instrument.patch).chain([&song.patch]);
        let mut of = |patch: &Patch| patch.modules.iter().map(&mut clip).collect();
        Self { of: patches.map(&mut of).collect() }
    }

    /// What the module at `index` of an instrument, or of the top level, plays.
    pub(super) fn find(&self, instrument: Option<usize>, index: usize) -> Option<Arc<Clip>> {
        self.of[instrument.unwrap_or(self.of.len() - 1)][index].clone()
    }
}

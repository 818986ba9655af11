//! Which modules could run away: those in a loop. The engine looks at what they output in every block.

use crate::dsp::loudest::LOUDEST;
use crate::model::patch::{CableSource, CableTarget, Patch};
use crate::model::song::Song;
use crate::plan::network::{Looped, looped};

/// What is watched of a module's outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModuleGuard {
    /// Whether it stands in a loop, by feedback or round through a delay.
    pub looped: bool,
    /// The highest magnitude that it may output, in samples.
    pub bound: f32,
}

/// The guards of all modules of a song.
#[derive(Debug)]
pub(super) struct Guards {
    top: Vec<ModuleGuard>,
    instruments: Vec<Vec<ModuleGuard>>,
}

impl Guards {
    pub(super) fn new(song: &Song) -> Self {
        // Muted routes count too, so that a mute changes nothing of how the rest is held.
        let top = looped(&song.patch, song.instruments.len());
        let mut reach = Vec::with_capacity(song.instruments.len());
        let mut instruments = Vec::with_capacity(song.instruments.len());
        for (instrument, outer) in song.instruments.iter().zip(&top.instruments) {
            let own = looped(&instrument.patch, 0);
            let scales = Scales::of(&instrument.patch, &[]);
            reach.push(scales.out);
            instruments.push(guards(&own, *outer, &scales));
        }
        let scales = Scales::of(&song.patch, &reach);
        Self { top: guards(&top, false, &scales), instruments }
    }

    /// The guard of a module of an instrument, or of the top level.
    pub(super) fn of(&self, instrument: Option<usize>, module: usize) -> ModuleGuard {
        instrument.map_or(&self.top, |instrument| &self.instruments[instrument])[module]
    }
}

/// The guards of a patch, all of which is in a loop if `outer` is.
fn guards(looped: &Looped, outer: bool, scales: &Scales) -> Vec<ModuleGuard> {
    let guard =
        |(looped, scale): (&bool, &f32)| ModuleGuard { looped: *looped || outer, bound: scale * LOUDEST };
    looped.modules.iter().zip(&scales.modules).map(guard).collect()
}

/// What full scale is for each module: 1 for sound and for what modulators and notes give. A knob may count hertz, and what
/// hears it in its input, such as a `slew`, counts as one too.
struct Scales {
    modules: Vec<f32>,
    /// That of the patch's end.
    out: f32,
}

impl Scales {
    /// Those of `patch`, which hears instruments of these scales.
    fn of(patch: &Patch, instruments: &[f32]) -> Self {
        let mut scales = Self { modules: vec![1.0; patch.modules.len()], out: 1.0 };
        // A scale comes from a knob or an instrument, by at most every module.
        for _ in 0..=patch.modules.len() {
            let before = scales.modules.clone();
            for cable in &patch.cables {
                let scale = match cable.from {
                    CableSource::Module { module, .. } => scales.modules[module],
                    CableSource::Knob(knob) => {
                        patch.knobs[knob].min.abs().max(patch.knobs[knob].max.abs()) as f32
                    }
                    CableSource::Instrument(instrument) => {
                        instruments.get(instrument).copied().unwrap_or(1.0)
                    }
                    CableSource::Voice(_) | CableSource::Newest(..) => 1.0,
                };
                match cable.to {
                    CableTarget::Input { module, .. } => {
                        scales.modules[module] = scales.modules[module].max(scale);
                    }
                    CableTarget::Out => scales.out = scales.out.max(scale),
                    CableTarget::Control(_) => {}
                }
            }
            if scales.modules == before {
                break;
            }
        }
        scales
    }
}

//! What the engine gets: buffers, a flat list of steps over them, and the voices that events play.

use std::sync::Arc;

use crate::dsp::clip::Clip;
use crate::model::patch::NoteSignal;
use crate::modules::spec::ModuleSpec;
use crate::modules::state::Setup;
use crate::plan::curve::{Curve, DrivenControl};
use crate::plan::guards::ModuleGuard;
use crate::plan::lock_event::LockEvent;
use crate::plan::memory_use::Reach;
use crate::plan::shape::{DelayPast, VoiceSignal};
use crate::plan::timeline::Timeline;
use crate::plan::voices::VoiceEvent;

/// The compiled song. It never changes while it runs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Frames a second.
    pub rate: u32,
    /// When what is played.
    pub timeline: Timeline,
    /// In the order of frames.
    pub events: Vec<VoiceEvent>,
    /// What happens to locks, in the order of frames.
    pub locks: Vec<LockEvent>,
    /// Where controls stand that move by themselves.
    pub curves: Arc<[Curve]>,
    /// What each of them moves.
    pub controls: Arc<[DrivenControl]>,
    /// The places where they are written, in the order of the curves.
    pub bases: Vec<ParameterBasePlan>,
    /// Modules of the top level whose gates are opened from outside, by their index, and where that is written.
    pub gates: Vec<(usize, BufferId)>,
    /// Whether something in it may hold a level: a loop, or a module that keeps sound.
    pub holds: bool,
    /// Whether controls may be moved anywhere in their ranges while it runs.
    pub live: bool,
    /// How far rings have room for that.
    pub reach: Reach,
    /// Every buffer's width and first content.
    pub buffers: Vec<BufferPlan>,
    /// What is done each block, in order.
    pub steps: Vec<Step>,
    /// The kernels that steps run.
    pub kernels: Vec<KernelPlan>,
    /// Voices that are computed together.
    pub voice_batches: Vec<VoiceBatchPlan>,
    /// Every voice of the song.
    pub voices: Vec<VoicePlan>,
    /// In the order of the song.
    pub instruments: Vec<InstrumentPlan>,
    /// Voices that nobody computes here: they are heard from cached voices.
    pub cached_voices: Vec<CachedVoicePlan>,
    /// Sums of voices that are put on cached voice.
    pub sums: Vec<CachedVoicePlan>,
    /// The buffer that is 1 while the song plays and falls to 0 at its end, if anything reads it.
    pub running: Option<BufferId>,
    /// Left and right of the song.
    pub out: [BufferId; 2],
    /// Frames by which `out` lags.
    pub latency: u64,
    /// The end is reached when `out` has been under -90 dB for so many frames.
    pub quiet: u64,
    /// The most frames the end may ring.
    pub tail: u64,
    /// The path of every module, for messages: `bass.filter`.
    pub paths: Vec<String>,
}

impl Plan {
    /// Every place at which a buffer is named.
    pub(super) fn buffers_mut(&mut self) -> impl Iterator<Item = &mut BufferId> {
        let steps = self.steps.iter_mut().flat_map(Step::buffers_mut);
        let kernels =
            self.kernels.iter_mut().flat_map(|kernel| kernel.ins.iter_mut().chain(&mut kernel.outs));
        let voice_batches = self.voice_batches.iter_mut().flat_map(|voice_batch| {
            let signals = voice_batch.signals.iter_mut().map(|(_, buffer)| buffer);
            let seen =
                voice_batch.outs.iter_mut().chain(&mut voice_batch.levels).chain(&mut voice_batch.struck);
            signals.chain(seen).chain(voice_batch.spread.iter_mut().flatten())
        });
        let instruments = self.instruments.iter_mut().flat_map(|instrument| {
            let newest = instrument.newest.iter_mut().map(|(_, buffer)| buffer);
            std::iter::once(&mut instrument.glide).chain(newest).chain(&mut instrument.heard)
        });
        let bases = self.bases.iter_mut().flat_map(|base| {
            let ParameterBasePlan { at, follows, .. } = base;
            std::iter::once(&mut at.buffer).chain(follows)
        });
        let gates = self.gates.iter_mut().map(|(_, buffer)| buffer);
        let cached_voices = self
            .cached_voices
            .iter_mut()
            .chain(&mut self.sums)
            .flat_map(|cached_voice| &mut cached_voice.channels);
        let written = instruments.chain(bases).chain(gates).chain(cached_voices).chain(&mut self.running);
        steps.chain(kernels).chain(voice_batches).chain(written).chain(&mut self.out)
    }
}

/// Index of a buffer.
pub type BufferId = usize;

/// A buffer.
#[derive(Clone, Copy, Debug)]
pub struct BufferPlan {
    /// Lanes: 1, 4 or 8.
    pub width: usize,
    /// The constant it starts with, lane by lane.
    pub values: [f32; 8],
}

/// One channel of one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The buffer it is in.
    pub buffer: BufferId,
    /// Its lane there.
    pub lane: usize,
}

/// A control's own value, before routes move it: written from its curve, or from its voice's lock.
#[derive(Clone, Copy, Debug)]
pub struct ParameterBasePlan {
    /// Where it is written.
    pub at: Signal,
    /// Index of its curve.
    pub curve: usize,
    /// The voice it belongs to, and its number in there; `None` at the top level.
    pub voice: Option<(u32, u32)>,
    /// The voice's frequency, in the same lane, if that is what stands here in place of the curve.
    pub follows: Option<BufferId>,
}

/// One thing to do in a block.
#[derive(Clone, Debug)]
pub enum Step {
    /// Runs the kernel of that index.
    Kernel(usize),
    /// Row by row, `out` = the sum of `from` times all its factors.
    Sum {
        /// Lanes of all buffers.
        width: usize,
        /// In the order in which they are added.
        terms: Vec<Term>,
        /// Where the sum goes.
        out: BufferId,
    },
    /// The same at one lane, but terms of sleeping voices are left out.
    Mix {
        /// In the order in which they are added.
        terms: Vec<MixTerm>,
        /// Where the sum goes.
        out: BufferId,
    },
    /// Each of `outs`, of one lane, = a lane of `from`.
    Spread {
        /// Lanes of `from`.
        width: usize,
        /// What is taken apart.
        from: BufferId,
        /// One for each lane in use.
        outs: Vec<BufferId>,
    },
    /// `out` = `base` times 2 to the power of all octaves, plus all else, held between `min` and `max`.
    Move {
        /// Lanes of all buffers.
        width: usize,
        /// What is moved.
        base: BufferId,
        /// By what.
        terms: Vec<MoveTerm>,
        /// The least value.
        min: f32,
        /// The greatest value.
        max: f32,
        /// Where the value goes.
        out: BufferId,
    },
    /// The gains of both channels for a balance.
    Pan {
        /// Lanes of all buffers.
        width: usize,
        /// From -1 to 1.
        pan: BufferId,
        /// Whether the signal is stereo, so that it is balanced instead of placed.
        stereo: bool,
        /// Gain of the left channel.
        left: BufferId,
        /// Gain of the right channel.
        right: BufferId,
    },
    /// Each lane of `out` = a buffer of its own.
    Gather {
        /// Lanes of `out`.
        width: usize,
        /// For each lane, a buffer of one lane.
        lanes: Vec<BufferId>,
        /// Where they go.
        out: BufferId,
    },
    /// `to` = `from` as the last block left it.
    Latch {
        /// What is kept.
        from: BufferId,
        /// Where it goes.
        to: BufferId,
    },
    /// `out` = `from` so many frames later.
    Pad {
        /// Lanes of both buffers.
        width: usize,
        /// What is delayed.
        from: BufferId,
        /// By how much.
        frames: usize,
        /// What comes before it.
        past: DelayPast,
        /// Which of the engine's pads holds it.
        pad: usize,
        /// Where it goes.
        out: BufferId,
    },
    /// Each of `buffers`, of one lane, is multiplied by `by`.
    Fade {
        /// What is faded.
        buffers: Vec<BufferId>,
        /// A buffer of one lane.
        by: BufferId,
    },
    /// The next `steps` steps belong to a voice batch and are left out while all of it sleeps.
    VoiceBatch {
        /// Index of the voice batch.
        voice_batch: usize,
        /// How many steps.
        steps: usize,
    },
}

impl Step {
    /// Every buffer that the step names: read or written, again where it does so again. Those of a kernel are in the kernel.
    pub(super) fn buffers_mut(&mut self) -> Vec<&mut BufferId> {
        fn of_term(term: &mut Term) -> impl Iterator<Item = &mut BufferId> {
            std::iter::once(&mut term.from).chain(&mut term.factors)
        }
        match self {
            Self::Kernel(_) | Self::VoiceBatch { .. } => Vec::new(),
            Self::Sum { terms, out, .. } => terms.iter_mut().flat_map(of_term).chain([out]).collect(),
            Self::Mix { terms, out } => {
                terms.iter_mut().flat_map(|mix| of_term(&mut mix.term)).chain([out]).collect()
            }
            Self::Spread { from, outs, .. } => std::iter::once(from).chain(outs).collect(),
            Self::Move { base, terms, out, .. } => {
                let moving = terms.iter_mut().flat_map(|term| [&mut term.from, &mut term.depth]);
                moving.chain([base, out]).collect()
            }
            Self::Pan { pan, left, right, .. } => vec![pan, left, right],
            Self::Gather { lanes, out, .. } => lanes.iter_mut().chain([out]).collect(),
            Self::Latch { from, to } => vec![from, to],
            Self::Pad { from, out, .. } => vec![from, out],
            Self::Fade { buffers, by } => buffers.iter_mut().chain([by]).collect(),
        }
    }

    /// The buffers that the step writes.
    pub fn writes(&self, plan: &Plan) -> Vec<BufferId> {
        match self {
            Self::Kernel(index) => plan.kernels[*index].outs.clone(),
            Self::Spread { outs: written, .. } | Self::Fade { buffers: written, .. } => written.clone(),
            Self::Pan { left, right, .. } => vec![*left, *right],
            Self::Sum { out, .. }
            | Self::Mix { out, .. }
            | Self::Move { out, .. }
            | Self::Gather { out, .. }
            | Self::Pad { out, .. } => vec![*out],
            Self::Latch { to, .. } => vec![*to],
            Self::VoiceBatch { .. } => Vec::new(),
        }
    }
}

/// A product in a [`Step::Sum`] or a [`Step::Mix`].
#[derive(Clone, Debug)]
pub struct Term {
    /// The signal.
    pub from: BufferId,
    /// What it is multiplied by.
    pub factors: Vec<BufferId>,
}

/// A product in a [`Step::Mix`].
#[derive(Clone, Debug)]
pub struct MixTerm {
    /// The voice it comes from: left out while that sleeps.
    pub voice: Option<usize>,
    /// The product.
    pub term: Term,
}

/// What moves a control in a [`Step::Move`].
#[derive(Clone, Copy, Debug)]
pub struct MoveTerm {
    /// The source.
    pub from: BufferId,
    /// How far a source of 1 moves it.
    pub depth: BufferId,
    /// The depth counts octaves.
    pub octaves: bool,
}

/// A module in as many lanes as its voice batch.
#[derive(Clone, Debug)]
pub struct KernelPlan {
    /// What it is.
    pub spec: &'static ModuleSpec,
    /// What is watched of its outputs.
    pub guard: ModuleGuard,
    /// Lanes: 1, 4 or 8.
    pub width: usize,
    /// In the kernel's order.
    pub ins: Vec<BufferId>,
    /// In the kernel's order.
    pub outs: Vec<BufferId>,
    /// As the kernel reads them.
    pub settings: Vec<f32>,
    /// The sound that it plays.
    pub clip: Option<Arc<Clip>>,
    /// The lanes in use.
    pub lanes: Vec<KernelLane>,
    /// The voice batch it belongs to; `None` at the top level, where equal modules may share lanes too.
    pub voice_batch: Option<usize>,
}

impl KernelPlan {
    /// What `lane` gets when its state is laid out, at `rate` frames a second.
    pub fn setup<'k>(&'k self, lane: &'k KernelLane, rate: f32) -> Setup<'k> {
        let clip = self.clip.as_deref();
        Setup { rate, seed: lane.seed, settings: &self.settings, highest: &lane.highest, clip }
    }
}

/// One lane of a kernel.
#[derive(Clone, Debug)]
pub struct KernelLane {
    /// From the song's seed, the module's path, the voice and the channel.
    pub seed: u32,
    /// Index of the module's path in [`Plan::paths`].
    pub path: usize,
    /// The voice of the instrument, counted from 0; 0 at the top level.
    pub voice: usize,
    /// 0, or 1 for the right channel of a kind that knows one channel.
    pub channel: usize,
    /// The highest value of each parameter.
    pub highest: Vec<f32>,
}

/// Voices that are computed together, one in each lane.
#[derive(Clone, Debug)]
pub struct VoiceBatchPlan {
    /// Lanes: 1, 4 or 8.
    pub width: usize,
    /// The voice in each lane that is in use.
    pub voices: Vec<usize>,
    /// What the engine writes for each voice, and where.
    pub signals: Vec<(VoiceSignal, BufferId)>,
    /// Left and right, or one channel, or none: all voices side by side.
    pub outs: Vec<BufferId>,
    /// For each of `outs`, each voice's own buffer of one lane.
    pub spread: Vec<Vec<BufferId>>,
    /// For each voice, what its output is multiplied by: velocity, level and fades.
    pub levels: Vec<BufferId>,
    /// For each voice, where the engine writes that: into the same buffer, or, where the output lags, into one that is delayed
    /// with it.
    pub struck: Vec<BufferId>,
    /// No envelope opens the voices, so their gates do.
    pub bare: bool,
    /// A voice sleeps when its gate has been shut and its output under -90 dB for so many frames; `None` if never.
    pub quiet: Option<u64>,
    /// Its kernels in [`Plan::kernels`].
    pub kernels: std::ops::Range<usize>,
}

/// A voice.
#[derive(Clone, Copy, Debug, Default)]
pub struct VoicePlan {
    /// Index of its instrument.
    pub instrument: usize,
    /// Index of its voice batch.
    pub voice_batch: usize,
    /// Its lane there.
    pub lane: usize,
    /// Whether another engine plays it, and this one only hears it.
    pub outside: bool,
    /// What is under it counts as silence: -90 dBFS after all that follows has raised it.
    pub silence: f32,
}

/// What is on a cached voice: a voice, or a sum of voices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedVoicePlan {
    /// The voices in it.
    pub voices: Vec<usize>,
    /// Whether they have been added already.
    pub is_sum: bool,
    /// Buffers of one lane: the channels of a voice and its level after them, or those of a sum.
    pub channels: Vec<BufferId>,
}

/// What the engine needs to know of an instrument.
#[derive(Clone, Debug, Default)]
pub struct InstrumentPlan {
    /// How much velocity scales the output.
    pub velocity: f32,
    /// Where its glide in seconds stands.
    pub glide: BufferId,
    /// Where the engine writes what is known of its newest note.
    pub newest: Vec<(NoteSignal, BufferId)>,
    /// What is heard of it, channel by channel, while it is played live.
    pub heard: Vec<BufferId>,
}

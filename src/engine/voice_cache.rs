//! Cached voices: what voices have output, played back in their place or recorded.

use crate::engine::block_loop::Engine;
use crate::modules::buffer::Buffer;
use crate::plan::cached_voices::cached_voice;
use crate::plan::compiled_plan::{CachedVoicePlan, Plan};

/// A cached voice ends or can't be trusted any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

/// What a voice or a sum of voices has output, block by block.
pub trait CachedVoice: Send {
    /// Goes on to the next block: writes its channels, which are silent while all of it sleeps. Tells whether anything is awake.
    ///
    /// # Errors
    /// If the cached voice can't go on.
    fn next(&mut self, channels: &mut [Buffer]) -> Result<bool, Corrupt>;
}

/// Records what a voice or a sum outputs.
pub trait VoiceRecorder: Send {
    /// The next block: whether anything is awake, and all channels.
    fn next(&mut self, awake: bool, channels: &mut dyn Iterator<Item = &Buffer>);

    /// All was well up to the end: what was recorded may be kept. Dropped without, it must not be.
    fn keep(self: Box<Self>);
}

/// What is done about the voices of a plan.
#[derive(Default)]
pub struct VoiceCache {
    /// One for each of [`Plan::cached_voices`], in that order.
    pub players: Vec<Box<dyn CachedVoice>>,
    /// Voices that are recorded, by their places in the plan.
    pub recorders: Vec<(usize, Box<dyn VoiceRecorder>)>,
    /// One for each of [`Plan::sums`], in that order.
    pub sums: Vec<Box<dyn VoiceRecorder>>,
}

/// Something of an engine that is being recorded.
pub(super) struct VoiceRecording {
    of: CachedVoicePlan,
    recorder: Box<dyn VoiceRecorder>,
}

impl VoiceRecording {
    /// Of `voice` of `plan`, which the engine has.
    pub(super) fn new(plan: &Plan, voice: usize, recorder: Box<dyn VoiceRecorder>) -> Self {
        Self { of: cached_voice(plan, voice), recorder }
    }

    /// Of a sum that the engine has.
    pub(super) fn of_sum((of, recorder): (&CachedVoicePlan, Box<dyn VoiceRecorder>)) -> Self {
        Self { of: of.clone(), recorder }
    }

    /// Records the block that `engine` has just run.
    pub(super) fn take(&mut self, engine: &mut Engine) {
        let (notes, buffers) = engine.inside();
        let mut channels = self.of.channels.iter().map(|&channel| &buffers[channel]);
        let awake = self.of.voices.iter().any(|&voice| notes.is_awake(voice));
        self.recorder.next(awake, &mut channels);
    }

    /// Keeps all of `recordings`, unless the engine's modules have broken down.
    pub(super) fn keep(recordings: Vec<Self>, engine_is_well: bool) {
        if engine_is_well {
            recordings.into_iter().for_each(|recording| recording.recorder.keep());
        }
    }
}

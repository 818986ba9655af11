//! Tapes: what voices have put out, played back in their place or taken down.

use crate::engine::block_loop::Engine;
use crate::modules::buffer::Buffer;
use crate::plan::steps::{BufferId, Plan};
use crate::plan::taped::tape;

/// A tape ends or can't be trusted any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn;

/// What a voice has put out, block by block.
pub trait Tape: Send {
    /// Goes on to the next block: writes the voice's channels and its level behind them, unless it sleeps. Tells whether it is
    /// awake.
    ///
    /// # Errors
    /// If the tape can't go on.
    fn next(&mut self, channels: &mut [Buffer]) -> Result<bool, Torn>;
}

/// Takes down what a voice puts out.
pub trait Recorder: Send {
    /// The next block: whether the voice is awake, its channels, and its level behind them.
    fn next(&mut self, awake: bool, channels: &mut dyn Iterator<Item = &Buffer>);

    /// All was well up to the end: what was taken down may be kept. Dropped without, it must not be.
    fn keep(self: Box<Self>);
}

/// What is done about the voices of a plan.
#[derive(Default)]
pub struct Tapes {
    /// One for each of [`Plan::tapes`], in that order.
    pub players: Vec<Box<dyn Tape>>,
    /// Voices that are taken down, by their places in the plan.
    pub recorders: Vec<(usize, Box<dyn Recorder>)>,
}

/// A voice of an engine that is being taken down.
pub(super) struct Recording {
    voice: usize,
    channels: Vec<BufferId>,
    recorder: Box<dyn Recorder>,
}

impl Recording {
    /// Of `voice` of `plan`, which the engine has.
    pub(super) fn new(plan: &Plan, voice: usize, recorder: Box<dyn Recorder>) -> Self {
        Self { voice, channels: tape(plan, voice).channels, recorder }
    }

    /// Takes down the block that `engine` has just run.
    pub(super) fn take(&mut self, engine: &mut Engine) {
        let (notes, buffers) = engine.inside();
        let mut channels = self.channels.iter().map(|&channel| &buffers[channel]);
        self.recorder.next(notes.is_awake(self.voice), &mut channels);
    }

    /// Keeps all of `recordings`, unless the engine's modules have broken down.
    pub(super) fn keep(recordings: Vec<Self>, engine_is_well: bool) {
        if engine_is_well {
            recordings.into_iter().for_each(|recording| recording.recorder.keep());
        }
    }
}

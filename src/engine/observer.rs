//! What may watch an engine at work: it is called where each part of a block ends, so that it can time or count them.

use crate::modules::buffer::Buffer;
use crate::plan::compiled_plan::KernelPlan;

/// A part of the work of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockPhase {
    /// Events were written, or voices put to sleep.
    Notes,
    /// The step of that index in the plan was done, or left out with its sleeping voice batch.
    Step(usize),
    /// What the block output was handed on.
    Output,
}

/// Told what an engine has done. Whatever it does with that, the samples are the same.
pub trait BlockObserver {
    /// A block begins.
    fn begins(&mut self);

    /// `part` has ended; all since the last call belonged to it.
    fn ends(&mut self, part: BlockPhase);

    /// What a kernel has just output, before anything of it is silenced; `heard` says of which lanes anybody hears it.
    fn puts_out(&mut self, _kernel: &KernelPlan, _buffers: &[Buffer], _heard: &dyn Fn(usize) -> bool) {}

    /// Itself, if it wants to be told of steps. Asked once a block, so that the steps are compiled once for all watchers.
    fn of_steps(&mut self) -> Option<&mut dyn BlockObserver>;
}

/// Nobody watches, which costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl BlockObserver for NoObserver {
    #[inline(always)]
    fn begins(&mut self) {}

    #[inline(always)]
    fn ends(&mut self, _: BlockPhase) {}

    #[inline(always)]
    fn of_steps(&mut self) -> Option<&mut dyn BlockObserver> {
        None
    }
}

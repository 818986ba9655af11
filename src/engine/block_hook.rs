//! What is done beside the steps of an engine: voices brought that are played elsewhere, and blocks recorded.

use crate::engine::block_loop::Engine;

/// Does something beside the steps of each block.
pub trait BlockHook {
    /// Between what the events of a block write and what its steps do. `block` counts from the start of a chunk.
    fn before(&mut self, engine: &mut Engine, block: usize);

    /// After the steps, before voices that are no longer heard fall asleep.
    fn after(&mut self, engine: &mut Engine);
}

/// Nothing is done, which costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHook;

impl BlockHook for NoHook {
    #[inline(always)]
    fn before(&mut self, _: &mut Engine, _: usize) {}

    #[inline(always)]
    fn after(&mut self, _: &mut Engine) {}
}

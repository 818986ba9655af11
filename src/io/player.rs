//! What a device plays: frames, asked for on the audio thread.

use crate::engine::block_loop::Frame;

/// Makes what is heard.
pub trait Player: Send {
    /// Called at the start of each callback, before its frames are asked for. On the audio thread.
    fn callback(&mut self) {}

    /// Fills the next frames, any number of them, all of each. On the audio thread: it must not allocate, lock, wait or log.
    fn play(&mut self, frames: &mut [Frame]);
}

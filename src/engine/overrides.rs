//! Overrides: controls that live input holds instead of the song, taken over and handed back without a jump.

use crate::engine::ramp::Ramp;
use crate::plan::curve::SMOOTHING;

/// What somebody does to a control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OverrideAction {
    /// Puts it to a value, in its unit and range.
    Set(f32),
    /// Hands it back to the song.
    Release,
    /// The song goes so many times as long as it says: what is declared as a note length goes with it.
    Scale(f32),
}

/// A touch in a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverrideEvent {
    /// The frame in the block.
    pub offset: usize,
    /// The curve of the control.
    pub curve: usize,
    /// What is done to it.
    pub action: OverrideAction,
}

/// What has become of a control.
#[derive(Clone, Copy, Debug)]
pub(super) struct Override {
    /// Where it is put.
    value: Ramp,
    /// How much of that is heard: 0 nothing, 1 nothing else.
    mix: Ramp,
    /// By what the song's own value is multiplied.
    scale: Ramp,
    /// It has stood for a whole block, so it is written already.
    written: bool,
}

impl Override {
    /// The song has it.
    pub(super) const NONE: Self =
        Self { value: Ramp::at(0.0), mix: Ramp::at(0.0), scale: Ramp::at(1.0), written: false };

    /// On its way back to the song from `value`.
    pub(super) fn leaving(value: f32, frames: u32) -> Self {
        let mut mix = Ramp::at(1.0);
        mix.go(0.0, frames);
        Self { value: Ramp::at(value), mix, ..Self::NONE }
    }

    /// Whether the song alone says where it is.
    pub(super) fn is_none(&self) -> bool {
        self.mix.is_at(0.0) && self.scale.is_at(1.0)
    }

    /// Whether it has come to rest and has been written so.
    pub(super) fn stands(&self) -> bool {
        self.written
    }

    /// Says that something is about to happen to it.
    pub(super) fn stir(&mut self) {
        self.written = false;
    }

    /// Where it has been put.
    pub(super) fn put(&self) -> Option<f32> {
        (self.mix.end() > 0.0).then(|| self.value.end())
    }

    /// Does what somebody does, in so many frames.
    pub(super) fn apply_override(&mut self, action: OverrideAction, frames: u32) {
        match action {
            OverrideAction::Set(value) => {
                if self.mix.is_at(0.0) {
                    self.value.jump(value);
                } else {
                    self.value.go(value, frames);
                }
                self.mix.go(1.0, frames);
            }
            OverrideAction::Release => self.mix.go(0.0, frames),
            // A deck that goes on gets its target again.
            OverrideAction::Scale(scale) if scale == self.scale.end() => {}
            OverrideAction::Scale(scale) => self.scale.go(scale, frames),
        }
    }

    /// The value, its share, and the scale of the rest for the next frame.
    pub(super) fn next(&mut self) -> [f32; 3] {
        self.written = self.value.left == 0 && self.mix.left == 0 && self.scale.left == 0;
        [self.value.next(), self.mix.next(), self.scale.next()]
    }
}

/// The frames in which controls go over, at `rate` frames a second.
pub(super) fn smoothing(rate: u32) -> u32 {
    (SMOOTHING * f64::from(rate) + 0.5) as u32
}

//! A straight way from one value to another.

/// A line that ends exactly.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ramp {
    /// Where it is.
    pub(super) now: f32,
    end: f32,
    step: f32,
    /// Frames until it ends.
    pub(super) left: u32,
}

impl Ramp {
    /// Goes there at once.
    pub(super) fn jump(&mut self, to: f32) {
        *self = Self { now: to, end: to, step: 0.0, left: 0 };
    }

    /// Goes there in so many frames.
    pub(super) fn go(&mut self, to: f32, frames: u32) {
        if frames == 0 || to == self.now {
            self.jump(to);
        } else {
            *self = Self { now: self.now, end: to, step: (to - self.now) / frames as f32, left: frames };
        }
    }

    /// A line that stands at `value`.
    pub(super) const fn at(value: f32) -> Self {
        Self { now: value, end: value, step: 0.0, left: 0 }
    }

    /// Where it will end.
    pub(super) fn end(&self) -> f32 {
        self.end
    }

    /// Whether it has come to `value` and stays there.
    pub(super) fn is_at(&self, value: f32) -> bool {
        self.left == 0 && self.now == value
    }

    /// The value of this frame; then moves on.
    pub(super) fn next(&mut self) -> f32 {
        if self.left > 0 {
            self.left -= 1;
            self.now = if self.left == 0 { self.end } else { self.now + self.step };
        }
        self.now
    }
}

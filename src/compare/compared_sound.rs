//! A sound as it is compared.

use crate::dsp::loudest::highest_bits;
use crate::engine::block_loop::Frame;

/// A stereo signal. One channel stands on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedSound {
    /// Frames a second.
    pub rate: u32,
    /// Left and right.
    pub frames: Vec<Frame>,
}

impl ComparedSound {
    /// Goes on with one channel or two, which are of equal length.
    pub fn push(&mut self, planes: &[Vec<f32>]) {
        let (left, right) = match planes {
            [left, right, ..] => (left, right),
            [mono] => (mono, mono),
            [] => return,
        };
        self.frames.extend(left.iter().zip(right).map(|(left, right)| [*left, *right]));
    }

    /// Whether all samples are numbers, and none is infinite.
    pub fn is_finite(&self) -> bool {
        highest_bits(self.frames.as_flattened()) < f32::INFINITY.to_bits()
    }

    /// Its length in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames.len() as f64 / f64::from(self.rate)
    }

    /// The mean of both sides.
    pub fn middle(&self) -> Vec<f32> {
        self.frames.iter().map(|[left, right]| 0.5 * (left + right)).collect()
    }
}

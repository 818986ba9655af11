//! A sound as it is compared.

use crate::engine::block_loop::Frame;

/// A stereo signal. One channel stands on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Frames a second.
    pub rate: u32,
    /// Left and right.
    pub frames: Vec<Frame>,
}

impl Sound {
    /// A sound of one channel or two, which are of equal length.
    pub fn of_planes(rate: u32, planes: &[Vec<f32>]) -> Self {
        let (left, right) = match planes {
            [left, right, ..] => (left, right),
            [mono] => (mono, mono),
            [] => return Self { rate, frames: Vec::new() },
        };
        Self { rate, frames: left.iter().zip(right).map(|(left, right)| [*left, *right]).collect() }
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

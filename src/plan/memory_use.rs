//! The memory in which a plan runs, counted before any of it is taken.

use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::{KernelPlan, Plan, Step};

/// The most bytes that a plan may take: what the limit of a song comes to at the highest rate, 192 kHz.
pub const MOST: u64 = 4 << 30;

/// The most bytes with which controls may be moved anywhere in their ranges while a song is played.
const MOST_PLAYED: u64 = 1 << 30;

/// How far parameters can go, for which rings have room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// As far as the song moves them.
    OfSong,
    /// As far as their kind lets them.
    OfKind,
}

impl KernelPlan {
    /// The frames of each of its rings, as many as the lane that needs most of it, at `rate` frames a second.
    pub fn ring_frames(&self, rate: f32, reach: Reach) -> Vec<usize> {
        let mut frames: Vec<usize> = Vec::new();
        let most: Vec<f32> = self.spec.params.iter().map(|param| param.max as f32).collect();
        for lane in &self.lanes {
            let mut setup = self.setup(lane, rate);
            if reach == Reach::OfKind {
                setup.highest = &most;
            }
            let wanted = (self.spec.state.rings)(&setup);
            frames.resize(wanted.len().max(frames.len()), 0);
            frames.iter_mut().zip(wanted).for_each(|(have, want)| *have = want.max(*have));
        }
        frames
    }
}

impl Plan {
    /// The bytes of its rings, delays and buffers.
    pub fn bytes(&self, reach: Reach) -> u64 {
        let rate = self.rate as f32;
        let rings = |kernel: &KernelPlan| {
            kernel.ring_frames(rate, reach).iter().map(|frames| bytes(*frames, kernel.width)).sum::<u64>()
        };
        let pads = self.steps.iter().map(|step| match step {
            Step::Pad { width, frames, .. } => bytes(*frames, *width),
            _ => 0,
        });
        let buffers = self.buffers.iter().map(|buffer| bytes(BLOCK, buffer.width));
        self.kernels.iter().map(rings).chain(pads).chain(buffers).sum()
    }

    /// How far parameters can go: in a plan that is played anywhere in their ranges, if there is memory for it.
    pub(super) fn affordable(&self) -> Reach {
        if self.live && self.bytes(Reach::OfKind) <= MOST_PLAYED { Reach::OfKind } else { Reach::OfSong }
    }
}

fn bytes(frames: usize, width: usize) -> u64 {
    (frames * width * size_of::<f32>()) as u64
}

//! What a kernel sees while it runs one block: its inputs, outputs, state and the clock, at one width.

use crate::dsp::clip::Clip;
use crate::modules::buffer::{Buffer, Chunk, In, Row, Rows};
use crate::modules::line::MARGIN;
use crate::modules::spec::BLOCK;

/// The most inputs (signals and parameters together) a kind can have.
pub const MAX_INPUTS: usize = 24;
/// The most outputs (channels counted) a kind can have.
pub const MAX_OUTPUTS: usize = 8;

/// A circular store of `frames` rows of lanes, for delays and reverbs.
#[derive(Clone, Debug)]
pub struct DelayRing {
    /// The samples: frame by frame, lanes side by side; after them what fills the last chunk.
    data: Vec<Chunk>,
    /// Frames that fit.
    pub frames: usize,
    /// The frame that is written next.
    pub at: usize,
}

impl DelayRing {
    /// A silent ring of `frames` rows of `width` lanes.
    pub fn new(frames: usize, width: usize) -> Self {
        Self { data: vec![Chunk::SILENT; (frames * width).div_ceil(8)], frames, at: 0 }
    }

    /// Back to silence.
    pub fn clear(&mut self) {
        self.data.fill(Chunk::SILENT);
        self.at = 0;
    }

    /// One lane of `width` back to silence, into which nothing but silence has been written but for the newest `written`
    /// frames: a ring may be minutes long, and it must take no time to silence it again and again.
    ///
    /// All that a kernel writes lies between where the ring stood at its block and `MARGIN` frames after that block, or at the
    /// ends, which a loop repeats.
    pub fn silence_lane(&mut self, width: usize, lane: usize, written: usize) {
        const ENDS: usize = 2 * MARGIN;
        let (at, frames) = (self.at, self.frames);
        let newest = written.saturating_add(ENDS);
        if newest.saturating_add(3 * ENDS) >= frames {
            self.clear_frames(width, lane, 0..frames);
            return;
        }
        let end = (at + ENDS).min(frames);
        if newest <= at {
            self.clear_frames(width, lane, at - newest..end);
        } else {
            self.clear_frames(width, lane, 0..end);
            self.clear_frames(width, lane, at + frames - newest..frames);
        }
        self.clear_frames(width, lane, 0..ENDS);
        self.clear_frames(width, lane, frames - ENDS..frames);
    }

    fn clear_frames(&mut self, width: usize, lane: usize, frames: std::ops::Range<usize>) {
        bytemuck::cast_slice_mut(&mut self.data)[frames.start * width..frames.end * width]
            .iter_mut()
            .skip(lane)
            .step_by(width)
            .for_each(|x: &mut f32| *x = 0.0);
    }

    /// Takes over some frames of one lane of another ring: its width and lane, and those here; by their age when one went over into
    /// the other, from 1 for the newest. There and here so many frames have been written since then. What one of the two
    /// no longer holds is left out. If they are `looped`, both turn `MARGIN` frames before their end and repeat their
    /// beginning there.
    pub fn copy_lane(
        &mut self,
        other: &Self,
        [(width, lane), (to_width, to_lane)]: [(usize, usize); 2],
        ages: std::ops::RangeInclusive<usize>,
        since: [usize; 2],
        looped: bool,
    ) {
        let margin = if looped { MARGIN } else { 0 };
        let [theirs, ours] = [other.frames, self.frames].map(|frames| frames.saturating_sub(margin));
        let oldest = theirs.saturating_sub(since[0]).min(ours.saturating_sub(since[1])).min(*ages.end());
        if oldest < *ages.start() {
            return;
        }
        let mut left = oldest + 1 - ages.start();
        let from: &[f32] = bytemuck::cast_slice(&other.data);
        let to: &mut [f32] = bytemuck::cast_slice_mut(&mut self.data);
        // What is written next stands at `at`, here and there.
        let mut there = (other.at + theirs - since[0] - oldest) % theirs;
        let mut here = (self.at + ours - since[1] - oldest) % ours;
        while left > 0 {
            let run = left.min(theirs - there).min(ours - here);
            if width == 1 && to_width == 1 {
                to[here..here + run].copy_from_slice(&from[there..there + run]);
            } else {
                for i in 0..run {
                    to[(here + i) * to_width + to_lane] = from[(there + i) * width + lane];
                }
            }
            (there, here, left) = ((there + run) % theirs, (here + run) % ours, left - run);
        }
        for i in 0..margin.min(ours) {
            to[(ours + i) * to_width + to_lane] = to[i * to_width + to_lane];
        }
    }

    /// The ring as rows, to be read.
    #[inline(always)]
    pub fn all_rows<const W: usize>(&self) -> &[Row<W>] {
        &bytemuck::cast_slice(&self.data).as_chunks::<W>().0[..self.frames]
    }

    /// The ring as rows.
    #[inline(always)]
    pub fn rows<const W: usize>(&mut self) -> &mut [Row<W>] {
        &mut bytemuck::cast_slice_mut(&mut self.data).as_chunks_mut::<W>().0[..self.frames]
    }
}

/// The time that every kernel shares.
#[derive(Clone, Copy, Debug)]
pub struct KernelClock {
    /// Frames a second.
    pub rate: f32,
    /// Seconds a frame.
    pub period: f32,
    /// The frame, counted from the start of the song, at which this block begins.
    pub frame: u64,
}

impl KernelClock {
    /// The clock at frame 0.
    pub fn new(rate: f32) -> Self {
        Self { rate, period: 1.0 / rate, frame: 0 }
    }
}

/// One kernel call: one block of one module, `W` lanes wide.
#[derive(Debug)]
pub struct Call<'a, const W: usize> {
    /// Signal inputs, then parameters (already clamped to their range), in the order of the spec.
    pub ins: &'a [In<'a, W>],
    /// Outputs in the order of the spec; of a coupling kind each as left, right. The kernel writes all of each.
    pub outs: &'a mut [Buffer],
    /// Rows of floats that stay from block to block.
    pub rows: &'a mut [Row<W>],
    /// Rows of integers that stay from block to block.
    pub words: &'a mut [[u32; W]],
    /// Rings, in the order in which the spec asked for them.
    pub rings: &'a mut [DelayRing],
    /// The settings, in the order of the spec; the same for every lane.
    pub settings: &'a [f32],
    /// The sound that the module plays, if its kind plays one.
    pub clip: Option<&'a Clip>,
    /// The time.
    pub clock: &'a KernelClock,
}

impl<const W: usize> Call<'_, W> {
    /// The rows of output `index`, all of which the kernel must write.
    #[inline(always)]
    pub fn out(&mut self, index: usize) -> &mut Rows<W> {
        self.outs[index].rows::<W>()
    }

    /// Output `index` is `row` for the whole block.
    #[inline(always)]
    pub fn hold(&mut self, index: usize, row: Row<W>) {
        self.outs[index].set::<W>(row);
    }
}

const _: () = assert!(BLOCK.is_multiple_of(8), "rows of any width fill whole chunks");

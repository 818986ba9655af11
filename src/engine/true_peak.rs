//! The highest level of a signal, between its samples too.
//!
//! ITU-R BS.1770-4, annex 2; `dsp/intersample.rs` has the filters.

use crate::dsp::intersample::{Interpolator, MOST_TAPS as TAPS, weigh};
use crate::engine::block_loop::Frame;

/// Samples that are looked at together.
const RUN: usize = 16;

/// Follows the peak of a stereo signal.
pub(super) struct TruePeak {
    /// The filters that give the values between samples.
    between: &'static Interpolator,
    /// The frames before the next run, after which that is put.
    window: [Frame; TAPS + RUN],
    /// The highest of the samples in each of the two runs before.
    before: [f32; 2],
    /// How many frames of the run are there.
    filled: usize,
    sample: f32,
    peak: f32,
}

impl TruePeak {
    /// A meter for `rate` frames a second.
    pub(super) fn new(rate: u32) -> Self {
        Self {
            between: Interpolator::at(rate),
            window: [[0.0; 2]; TAPS + RUN],
            before: [0.0; 2],
            filled: 0,
            sample: 0.0,
            peak: 0.0,
        }
    }

    /// Takes the next frames.
    #[inline(always)]
    pub(super) fn push(&mut self, mut frames: &[Frame]) {
        while !frames.is_empty() {
            let count = frames.len().min(RUN - self.filled);
            let start = TAPS + self.filled;
            self.window[start..start + count].copy_from_slice(&frames[..count]);
            self.filled += count;
            frames = &frames[count..];
            if self.filled == RUN {
                self.run();
            }
        }
    }

    #[inline(always)]
    fn run(&mut self) {
        let top = highest(self.window[TAPS..].as_flattened());
        self.sample = self.sample.max(top);
        self.peak = self.peak.max(top);
        // Most of a song can't reach the peak it has had.
        if self.before[0].max(self.before[1]).max(top) * self.between.most > self.peak {
            for taps in self.between.phases {
                let oldest = TAPS - taps.len() + 1;
                let values = weigh::<{ 2 * RUN }>(self.window[oldest..].as_flattened(), 2, taps);
                self.peak = self.peak.max(highest(&values));
            }
        }
        self.before = [self.before[1], top];
        self.window.copy_within(RUN.., 0);
        self.filled = 0;
    }

    /// The highest sample, and the highest value there or between, both linear. Where that is more than a float holds, the
    /// highest sample stands for it.
    pub(super) fn finish(mut self) -> (f32, f32) {
        self.push(&[[0.0; 2]; TAPS + RUN]);
        (self.sample, if self.peak.is_finite() { self.peak } else { self.sample })
    }
}

/// The highest of some levels, a multiple of eight.
#[inline(always)]
fn highest(samples: &[f32]) -> f32 {
    let mut tops = [0.0_f32; 8];
    for eight in samples.as_chunks::<8>().0 {
        for l in 0..8 {
            let level = eight[l].abs();
            tops[l] = if level > tops[l] { level } else { tops[l] };
        }
    }
    for span in [4, 2, 1] {
        for l in 0..span {
            let level = tops[l + span];
            tops[l] = if level > tops[l] { level } else { tops[l] };
        }
    }
    tops[0]
}

#[cfg(test)]
mod tests {
    use super::TruePeak;

    #[test]
    fn the_loudest_sound_has_a_peak() {
        let mut meter = TruePeak::new(48_000);
        let top = f32::MAX;
        meter.push(&[[top; 2], [-top; 2], [top; 2], [top; 2], [-top; 2], [-top; 2]].repeat(16));
        let (sample, peak) = meter.finish();
        assert_eq!(sample, top);
        assert!(peak.is_finite() && peak >= top, "{peak}");
    }
}

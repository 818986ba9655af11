//! The highest level of a signal, between its samples too.
//!
//! ITU-R BS.1770-4, annex 2: the signal is oversampled, up to at least 192 kHz, by a windowed sinc.

use std::f64::consts::{PI, TAU};

use crate::engine::block_loop::Frame;

/// Values that the sinc's window spans.
const SPAN: usize = 48;
/// The most samples that take part in a value between two samples.
const TAPS: usize = SPAN / 2;
/// Samples that are looked at together.
const RUN: usize = 16;

/// Follows the peak of a stereo signal.
pub(super) struct TruePeak {
    /// How each value between samples is weighed together, from the oldest sample on.
    phases: Vec<Vec<f32>>,
    /// By how much a value between samples can exceed them.
    most: f32,
    /// The frames before the next run, behind which that is put.
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
        let factor = match rate {
            0..96_000 => 4,
            96_000..192_000 => 2,
            _ => 1,
        };
        let phases: Vec<Vec<f32>> = (1..factor).map(|phase| taps(phase, factor)).collect();
        let gain = |taps: &Vec<f32>| taps.iter().map(|tap| tap.abs()).sum::<f32>();
        Self {
            most: phases.iter().map(gain).fold(1.0, f32::max) * 1.000_1,
            phases,
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
        if self.before[0].max(self.before[1]).max(top) * self.most > self.peak {
            for taps in &self.phases {
                let mut values = [[0.0_f32; 2]; RUN];
                let oldest = TAPS - taps.len() + 1;
                for (taken, tap) in self.window[oldest..].windows(RUN).zip(taps) {
                    for n in 0..RUN {
                        for channel in 0..2 {
                            values[n][channel] += tap * taken[n][channel];
                        }
                    }
                }
                self.peak = self.peak.max(highest(values.as_flattened()));
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

/// The weights of the value that lies `phase` / `factor` behind the middle one of the samples: a sinc in a Hann window.
fn taps(phase: usize, factor: usize) -> Vec<f32> {
    let weight = |k: usize| {
        let place = (k * factor + phase) as f64;
        let x = PI * (place - SPAN as f64 / 2.0) / factor as f64;
        let window = 0.5 - 0.5 * libm::cos(TAU * place / SPAN as f64);
        (window * libm::sin(x) / x) as f32
    };
    // The newest sample comes last.
    (0..SPAN / factor).rev().map(weight).collect()
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

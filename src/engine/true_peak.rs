//! The highest level of a signal, between its samples too.
//!
//! ITU-R BS.1770-4, annex 2: the signal is oversampled, up to at least 192 kHz, by a windowed sinc.

use std::f64::consts::{PI, TAU};

/// Values that the sinc's window spans.
const SPAN: usize = 48;
/// The most samples that take part in a value between two samples.
const TAPS: usize = SPAN / 2;
/// Samples that are looked at together.
const RUN: usize = 16;

/// Follows the peak of one channel.
pub(super) struct TruePeak {
    /// How each value between samples is weighed together, from the oldest sample on.
    phases: Vec<Vec<f32>>,
    /// By how much a value between samples can exceed them.
    most: f32,
    /// The samples before the next run, behind which that is put.
    window: [f32; TAPS + RUN],
    /// The highest of the samples in each of the two runs before.
    before: [f32; 2],
    /// How many samples of the run are there.
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
            window: [0.0; TAPS + RUN],
            before: [0.0; 2],
            filled: 0,
            sample: 0.0,
            peak: 0.0,
        }
    }

    /// Takes the next samples.
    #[inline(always)]
    pub(super) fn push(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            let count = samples.len().min(RUN - self.filled);
            let start = TAPS + self.filled;
            self.window[start..start + count].copy_from_slice(&samples[..count]);
            self.filled += count;
            samples = &samples[count..];
            if self.filled == RUN {
                self.run();
            }
        }
    }

    #[inline(always)]
    fn run(&mut self) {
        let mut tops = [0.0_f32; 8];
        for half in self.window[TAPS..].as_chunks::<8>().0 {
            for l in 0..8 {
                let level = half[l].abs();
                tops[l] = if level > tops[l] { level } else { tops[l] };
            }
        }
        let top = highest(&tops);
        self.sample = self.sample.max(top);
        self.peak = self.peak.max(top);
        // Most of a song can't reach the peak it has had.
        if self.before[0].max(self.before[1]).max(top) * self.most > self.peak {
            for taps in &self.phases {
                let mut values = [0.0_f32; RUN];
                let oldest = TAPS - taps.len() + 1;
                for (taken, tap) in self.window[oldest..].windows(RUN).zip(taps) {
                    for n in 0..RUN {
                        values[n] += tap * taken[n];
                    }
                }
                let mut tops = [0.0_f32; 8];
                for half in values.as_chunks::<8>().0 {
                    for l in 0..8 {
                        let level = half[l].abs();
                        tops[l] = if level > tops[l] { level } else { tops[l] };
                    }
                }
                self.peak = self.peak.max(highest(&tops));
            }
        }
        self.before = [self.before[1], top];
        self.window.copy_within(RUN.., 0);
        self.filled = 0;
    }

    /// The highest sample, and the highest value there or between, both linear.
    pub(super) fn finish(mut self) -> (f32, f32) {
        self.push(&[0.0; TAPS + RUN]);
        (self.sample, self.peak)
    }
}

fn highest(levels: &[f32]) -> f32 {
    levels.iter().fold(0.0, |highest, &level| if level > highest { level } else { highest })
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

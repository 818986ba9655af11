//! Values between samples, as a true-peak meter finds them: ITU-R BS.1770-4, annex 2.
//!
//! The signal is oversampled to at least 192 kHz by a sinc in a Hann window. The meter and the limiter read the same values, so
//! that one measures what the other has promised.

use std::f64::consts::PI;

/// Oversampled values that the window of the sinc spans.
const SPAN: usize = 48;

/// The most samples that take part in a value between two samples.
pub const MOST_TAPS: usize = SPAN / 2;

/// The filters that give the values between two neighbouring samples at one frame rate.
#[derive(Debug)]
pub struct Interpolator {
    /// The weights of each value between two samples, for the oldest of the samples that take part first. All are as many, an even
    /// number; the values lie between the two samples in the middle. Empty where the rate is high enough without.
    pub phases: &'static [&'static [f32]],
    /// The most by which a value can exceed the highest of the samples that take part.
    pub most: f32,
}

impl Interpolator {
    /// The filters for `rate` frames a second.
    pub const fn at(rate: u32) -> &'static Self {
        match rate {
            0..96_000 => &FOUR_TIMES,
            96_000..192_000 => &TWICE,
            _ => &NONE,
        }
    }

    /// How many samples take part in a value: an even number, or 1 where there is none between them.
    pub const fn taps(&self) -> usize {
        match self.phases {
            [] => 1,
            [taps, ..] => taps.len(),
        }
    }
}

static NONE: Interpolator = Interpolator { phases: &[], most: 1.0 };
static TWICE: Interpolator = Interpolator { phases: &[&HALF], most: most(&[&HALF]) };
static FOUR_TIMES: Interpolator = Interpolator {
    phases: &[&QUARTERS[0], &QUARTERS[1], &QUARTERS[2]],
    most: most(&[&QUARTERS[0], &QUARTERS[1], &QUARTERS[2]]),
};

const HALF: [f32; SPAN / 2] = taps(1, 2);
const QUARTERS: [[f32; SPAN / 4]; 3] = [taps(1, 4), taps(2, 4), taps(3, 4)];

/// `N` values, each the sum of the samples of `window` from its place on, `stride` apart, times the weights of `taps`.
#[inline(always)]
pub fn weigh<const N: usize>(window: &[f32], stride: usize, taps: &[f32]) -> [f32; N] {
    let mut values = [0.0; N];
    for (k, tap) in taps.iter().enumerate() {
        let Some(samples) = window.get(k * stride..).and_then(|rest| rest.first_chunk::<N>()) else { break };
        for n in 0..N {
            values[n] += tap * samples[n];
        }
    }
    values
}

/// The weights of the value that lies `phase` / `factor` after the middle one of the samples, the first of the two in the middle; the
/// newest sample comes last. `TAPS` times `factor` values lie in the window.
pub const fn taps<const TAPS: usize>(phase: usize, factor: usize) -> [f32; TAPS] {
    let mut taps = [0.0; TAPS];
    let span = (TAPS * factor) as f64;
    let mut k = 0;
    while k < TAPS {
        let place = (k * factor + phase) as f64;
        let x = PI * (place - span / 2.0) / factor as f64;
        // A Hann window: 0.5 - 0.5 cos(2 x) is the square of the sine of x.
        let window = sine(PI * place / span);
        taps[TAPS - 1 - k] = if x == 0.0 { 1.0 } else { (window * window * sine(x) / x) as f32 };
        k += 1;
    }
    taps
}

const fn most(phases: &[&[f32]]) -> f32 {
    let mut most = 1.0;
    let mut p = 0;
    while p < phases.len() {
        let mut gain = 0.0;
        let mut k = 0;
        while k < phases[p].len() {
            gain += phases[p][k].abs();
            k += 1;
        }
        if gain > most {
            most = gain;
        }
        p += 1;
    }
    most * 1.000_1
}

/// The sine of `x` radians, a few turns at most, while compiling: its series, after whole half turns are taken off.
const fn sine(x: f64) -> f64 {
    let turns = (x / PI + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let x = x - turns as f64 * PI;
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while n < 24.0 {
        term *= -x * x / ((n + 1.0) * (n + 2.0));
        sum += term;
        n += 2.0;
    }
    if turns % 2 == 0 { sum } else { -sum }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{PI, TAU};

    use super::{Interpolator, SPAN};

    #[test]
    fn the_weights_are_those_of_the_recommendation() {
        for (rate, factor) in [(44_100, 4), (48_000, 4), (96_000, 2), (176_400, 2), (192_000, 1)] {
            let filters = Interpolator::at(rate);
            assert_eq!(filters.phases.len(), factor - 1);
            for (phase, taps) in filters.phases.iter().enumerate() {
                assert_eq!(taps.len(), SPAN / factor);
                for (k, tap) in taps.iter().rev().enumerate() {
                    let place = (k * factor + phase + 1) as f64;
                    let x = PI * (place - SPAN as f64 / 2.0) / factor as f64;
                    let window = 0.5 - 0.5 * libm::cos(TAU * place / SPAN as f64);
                    let weight = (window * libm::sin(x) / x) as f32;
                    assert!((tap - weight).abs() <= 2e-8, "{rate} {phase} {k}: {tap} {weight}");
                }
            }
        }
    }
}

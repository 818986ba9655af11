//! What is heard, in eight bands: for displays of its colour.

use crate::dsp::math::decibels;
use crate::engine::block_loop::Frame;

/// How many bands there are.
pub const BANDS: usize = 8;
/// The centre of the lowest, in Hz; each of the others is an octave above the one before.
pub const LOWEST: f64 = 62.5;
/// The level in dB that displays show as 0.
pub const FLOOR: f64 = -60.0;

/// Octave bands of what is heard, each with its peak since it was last looked at.
#[derive(Clone, Debug)]
pub struct OctaveBands {
    filters: [BandFilter; BANDS],
    peaks: [f64; BANDS],
}

/// A band-pass filter with a gain of 1 in its middle ("Cookbook formulae for audio EQ biquad filter coefficients" by
/// R. Bristow-Johnson, band-pass with constant peak gain), an octave wide.
#[derive(Clone, Copy, Debug)]
struct BandFilter {
    b: f64,
    a: [f64; 2],
    states: [f64; 2],
}

impl BandFilter {
    fn new(centre: f64, rate: f64) -> Self {
        // What lies above half the rate can't be heard.
        if centre * 2.0 >= rate {
            return Self { b: 0.0, a: [0.0; 2], states: [0.0; 2] };
        }
        let angle = std::f64::consts::TAU * centre / rate;
        let (sin, cos) = (libm::sin(angle), libm::cos(angle));
        let alpha = sin * libm::sinh(std::f64::consts::LN_2 / 2.0 * angle / sin);
        let scale = 1.0 / (1.0 + alpha);
        Self { b: alpha * scale, a: [-2.0 * cos * scale, (1.0 - alpha) * scale], states: [0.0; 2] }
    }

    fn next(&mut self, sample: f64) -> f64 {
        let [first, second] = self.states;
        let out = self.b * sample + first;
        self.states = [second - self.a[0] * out, -self.b * sample - self.a[1] * out];
        out
    }
}

impl OctaveBands {
    /// Bands at `rate` frames a second.
    pub fn new(rate: u32) -> Self {
        let filter = |band: usize| BandFilter::new(LOWEST * f64::from(1_u32 << band), f64::from(rate));
        Self { filters: std::array::from_fn(filter), peaks: [0.0; BANDS] }
    }

    /// Takes the next frames: both channels together.
    pub fn push(&mut self, frames: &[Frame]) {
        for [left, right] in frames {
            let sample = f64::from(left + right) / 2.0;
            let sample = if sample.is_finite() { sample } else { 0.0 };
            for (filter, peak) in self.filters.iter_mut().zip(&mut self.peaks) {
                *peak = peak.max(filter.next(sample).abs());
            }
        }
    }

    /// Each band's peak since the last time.
    pub fn take(&mut self) -> [f32; BANDS] {
        std::mem::take(&mut self.peaks).map(|peak| peak as f32)
    }
}

/// A linear level as displays show it: 0 at -60 dB and below, 1 at 0 dB and above.
pub fn shown(level: f32) -> f32 {
    let above = 1.0 - decibels(f64::from(level)).max(FLOOR) / FLOOR;
    above.clamp(0.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::{BANDS, LOWEST, OctaveBands, shown};

    #[test]
    fn a_sine_is_loudest_in_its_own_band() {
        for rate in [8_000, 44_100, 192_000] {
            for band in (0..BANDS).filter(|band| LOWEST * f64::from(1_u32 << band) * 2.0 < f64::from(rate)) {
                let mut bands = OctaveBands::new(rate);
                let step = std::f64::consts::TAU * LOWEST * f64::from(1_u32 << band) / f64::from(rate);
                let sine: Vec<_> = (0..rate).map(|i| [(libm::sin(step * f64::from(i))) as f32; 2]).collect();
                bands.push(&sine);
                let peaks = bands.take();
                assert!((peaks[band] - 1.0).abs() < 0.05, "{rate} {band} {peaks:?}");
                let neighbours = [band.checked_sub(1), Some(band + 1).filter(|band| *band < BANDS)];
                for neighbour in neighbours.into_iter().flatten() {
                    assert!(peaks[neighbour] < 0.75, "{rate} {band} {peaks:?}");
                }
                assert_eq!(bands.take(), [0.0; BANDS]);
            }
        }
    }

    #[test]
    fn what_has_broken_down_stays_out() {
        let mut bands = OctaveBands::new(48_000);
        bands.push(&[[f32::NAN, 0.0], [f32::INFINITY, f32::NEG_INFINITY]]);
        assert_eq!(bands.take(), [0.0; BANDS]);
    }

    #[test]
    fn levels_are_shown_from_the_floor_to_full_scale() {
        for (level, wanted) in [(0.0, 0.0), (0.001, 0.0), (0.031_623, 0.5), (1.0, 1.0), (4.0, 1.0)] {
            assert!((shown(level) - wanted).abs() < 1e-4, "{level} {}", shown(level));
        }
    }
}

//! What is left when one sound is taken from another.

use crate::dsp::math::decibels;
use crate::engine::block_loop::Frame;

/// Frames over which a short difference is measured: about a tenth of a second.
pub const SHORT: usize = 4_096;

/// What is left of a difference, of the frames that both have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// Frames that were compared.
    pub frames: usize,
    /// The first frame that differs, and the last.
    pub differs: Option<(usize, usize)>,
    /// The greatest difference of two samples, linear.
    pub peak: f64,
    /// Its frame.
    pub at: usize,
    /// The root of its mean square over both channels, linear.
    pub rms: f64,
    /// The same of the [`SHORT`] stretch in which it is greatest.
    pub loudest: f64,
    /// The root of the mean square of the first sound, linear.
    pub of_first: f64,
}

impl Residual {
    /// Compares the frames that both have.
    pub fn of(first: &[Frame], second: &[Frame]) -> Self {
        let frames = first.len().min(second.len());
        let mut residual =
            Self { frames, differs: None, peak: 0.0, at: 0, rms: 0.0, loudest: 0.0, of_first: 0.0 };
        let (mut left, mut energy) = (0.0, 0.0);
        for (index, (a, b)) in first[..frames].chunks(SHORT).zip(second[..frames].chunks(SHORT)).enumerate() {
            energy += a.as_flattened().iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
            if a == b {
                continue;
            }
            let mut here = 0.0;
            for (place, (a, b)) in a.iter().zip(b).enumerate() {
                for (a, b) in a.iter().zip(b) {
                    let apart = (f64::from(*a) - f64::from(*b)).abs();
                    here += apart * apart;
                    let place = index * SHORT + place;
                    // NaN differs from everything and is worse than anything.
                    if apart > residual.peak || (apart.is_nan() && !residual.peak.is_nan()) {
                        (residual.peak, residual.at) = (apart, place);
                    }
                    if apart != 0.0 {
                        residual.differs = Some((residual.differs.map_or(place, |(first, _)| first), place));
                    }
                }
            }
            left += here;
            let loud = (here / (2 * SHORT) as f64).sqrt();
            if loud > residual.loudest || loud.is_nan() {
                residual.loudest = loud;
            }
        }
        let count = (2 * frames).max(1) as f64;
        residual.rms = (left / count).sqrt();
        residual.of_first = (energy / count).sqrt();
        residual
    }

    /// The level of the first sound over that of the difference, in dB; infinite where nothing differs.
    pub fn snr(&self) -> f64 {
        if self.rms == 0.0 { f64::INFINITY } else { decibels(self.of_first / self.rms) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Residual, SHORT};
    use crate::engine::block_loop::Frame;

    fn tone(gain: f32) -> Vec<Frame> {
        (0..48_000).map(|i| (i as f32 * 0.05).rem_euclid(2.0) - 1.0).map(|x| [gain * x, -gain * x]).collect()
    }

    #[test]
    fn equal_sounds_leave_nothing() {
        let residual = Residual::of(&tone(0.5), &tone(0.5));
        assert_eq!((residual.differs, residual.peak, residual.rms, residual.loudest), (None, 0.0, 0.0, 0.0));
        assert!(residual.snr().is_infinite());
    }

    #[test]
    fn half_is_six_decibels_away() {
        let residual = Residual::of(&tone(0.5), &tone(0.25));
        assert!((residual.snr() - 6.0206).abs() < 1e-3, "{}", residual.snr());
        assert!((residual.loudest / residual.rms - 1.0).abs() < 0.01);
    }

    #[test]
    fn one_sample_is_found() {
        let mut other = tone(0.5);
        other[1_234][1] += 0.125;
        let residual = Residual::of(&tone(0.5), &other);
        assert_eq!((residual.differs, residual.at), (Some((1_234, 1_234)), 1_234));
        assert!((residual.peak - 0.125).abs() < 1e-6);
        assert!((residual.rms - 0.125 / f64::sqrt(96_000.0)).abs() < 1e-6);
        assert!((residual.loudest - 0.125 / f64::sqrt(2.0 * SHORT as f64)).abs() < 1e-6);
    }

    #[test]
    fn silence_and_nothing_are_compared_too() {
        assert_eq!(Residual::of(&[], &tone(1.0)).frames, 0);
        let residual = Residual::of(&[[0.0; 2]; 8], &[[0.5; 2]; 8]);
        assert_eq!((residual.rms, residual.of_first), (0.5, 0.0));
        assert!(Residual::of(&[[f32::NAN; 2]], &[[0.0; 2]]).peak.is_nan());
    }
}

//! What is left when one sound is taken from another.

use crate::dsp::math::decibels;
use crate::engine::block_loop::Frame;

/// What is left of a difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// Frames that were compared.
    pub frames: usize,
    /// The first frame that differs.
    pub first: Option<usize>,
    /// The frame of the greatest difference.
    pub worst: usize,
    /// The greatest difference of two samples, linear.
    pub peak: f64,
    /// The root of its mean square over both channels, linear.
    pub rms: f64,
    /// The same of the first sound.
    pub of_first: f64,
    /// The gain by which the first sound comes nearest to the second, in the sense of least squares; 1 where the first is silent.
    pub gain: f64,
    /// What is left when that gain is applied: root of mean square, linear.
    pub rms_by_gain: f64,
}

impl Residual {
    /// Compares the frames that both have.
    pub fn of(first: &[Frame], second: &[Frame]) -> Self {
        let frames = first.len().min(second.len());
        let (mut energy, mut other, mut both, mut left) = (0.0, 0.0, 0.0, 0.0);
        let (mut peak, mut worst, mut differs) = (0.0, 0, None);
        for (place, (a, b)) in first.iter().zip(second).enumerate() {
            for (a, b) in a.iter().zip(b) {
                let (a, b) = (f64::from(*a), f64::from(*b));
                let apart = (a - b).abs();
                energy += a * a;
                other += b * b;
                both += a * b;
                left += apart * apart;
                // NaN differs from everything and is worse than anything.
                if apart > peak || (apart.is_nan() && !f64::is_nan(peak)) {
                    (peak, worst) = (apart, place);
                }
                if differs.is_none() && apart != 0.0 {
                    differs = Some(place);
                }
            }
        }
        let count = (2 * frames).max(1) as f64;
        let gain = if energy > 0.0 { both / energy } else { 1.0 };
        let by_gain = (other - gain * both).max(0.0);
        let by_gain = if energy > 0.0 { by_gain } else { left };
        Self {
            frames,
            first: differs,
            worst,
            peak,
            rms: (left / count).sqrt(),
            of_first: (energy / count).sqrt(),
            gain,
            rms_by_gain: (by_gain / count).sqrt(),
        }
    }

    /// The level of the first sound over that of the difference, in dB; infinite where nothing differs.
    pub fn snr(&self) -> f64 {
        if self.rms == 0.0 { f64::INFINITY } else { decibels(self.of_first / self.rms) }
    }
}

#[cfg(test)]
mod tests {
    use super::Residual;
    use crate::engine::block_loop::Frame;

    fn tone(gain: f32) -> Vec<Frame> {
        (0..48_000).map(|i| (i as f32 * 0.05).rem_euclid(2.0) - 1.0).map(|x| [gain * x, -gain * x]).collect()
    }

    #[test]
    fn equal_sounds_leave_nothing() {
        let residual = Residual::of(&tone(0.5), &tone(0.5));
        assert_eq!((residual.first, residual.peak, residual.rms), (None, 0.0, 0.0));
        assert!(residual.snr().is_infinite() && (residual.gain - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_gain_is_found_and_leaves_nothing() {
        let residual = Residual::of(&tone(0.5), &tone(0.25));
        assert!((residual.gain - 0.5).abs() < 1e-9 && residual.rms_by_gain < 1e-6);
        assert!((residual.snr() - 6.0206).abs() < 1e-3, "{}", residual.snr());
        let turned = Residual::of(&tone(0.5), &tone(-0.5));
        assert!((turned.gain + 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_sample_is_found() {
        let mut other = tone(0.5);
        other[1_234][1] += 0.125;
        let residual = Residual::of(&tone(0.5), &other);
        assert_eq!((residual.first, residual.worst), (Some(1_234), 1_234));
        assert!((residual.peak - 0.125).abs() < 1e-6);
        let wanted = 0.125 / f64::sqrt(96_000.0);
        assert!((residual.rms - wanted).abs() < 1e-6);
    }

    #[test]
    fn silence_and_nothing_are_compared_too() {
        assert_eq!(Residual::of(&[], &tone(1.0)).frames, 0);
        let residual = Residual::of(&[[0.0; 2]; 8], &[[0.5; 2]; 8]);
        assert_eq!((residual.gain, residual.rms, residual.rms_by_gain), (1.0, 0.5, 0.5));
        assert!(Residual::of(&[[f32::NAN; 2]], &[[0.0; 2]]).peak.is_nan());
    }
}

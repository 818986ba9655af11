//! What is measured of one sound: length, loudness, peaks, colour and width.

use ebur128::{EbuR128, Mode};

use crate::compare::compared_sound::ComparedSound;
use crate::compare::spectral_balance::{BandAnalyzer, SpectralBalance};
use crate::engine::block_loop::Frame;
use crate::engine::probe::{Probe, ProbeLevels};

/// Frames that are measured at a time.
const CHUNK: usize = 1 << 14;

/// The measures of a sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Length, peaks, integrated loudness and the hash of the samples.
    pub levels: ProbeLevels,
    /// Whether all samples are numbers, and none is infinite. What isn't passes for nothing else.
    pub is_finite: bool,
    /// The loudest three seconds (EBU R 128, short-term), in LUFS; minus infinity where there is less of it or silence.
    pub short_term: f64,
    /// The loudness range (EBU Tech 3342), in LU.
    pub range: f64,
    /// Its colour over all.
    pub colour: SpectralBalance,
    /// How alike left and right are: 1 for mono, 0 for nothing in common, -1 for opposites; 1 of silence.
    pub correlation: f64,
}

impl Measures {
    /// Measures a sound.
    pub fn of(sound: &ComparedSound) -> Self {
        let mut probe = Probe::new(sound.rate);
        sound.frames.chunks(CHUNK).for_each(|frames| probe.push(frames));
        let (short_term, range) = loudness(sound).unwrap_or((f64::NEG_INFINITY, 0.0));
        Self {
            levels: probe.finish(),
            is_finite: sound.is_finite(),
            short_term,
            range,
            colour: BandAnalyzer::new(sound.rate).sparsely(&sound.frames),
            correlation: correlation(&sound.frames),
        }
    }
}

/// The loudest three seconds and the loudness range.
fn loudness(sound: &ComparedSound) -> Result<(f64, f64), ebur128::Error> {
    let mut meter = EbuR128::new(2, sound.rate, Mode::S | Mode::LRA)?;
    let mut loudest = f64::NEG_INFINITY;
    // Looked at once a second: each look sums up three of them.
    for frames in sound.frames.chunks(sound.rate as usize) {
        meter.add_frames_f32(frames.as_flattened())?;
        loudest = loudest.max(meter.loudness_shortterm()?);
    }
    Ok((loudest, meter.loudness_range()?))
}

/// How alike both sides are, without their means.
pub fn correlation(frames: &[Frame]) -> f64 {
    let (mut both, mut left, mut right) = (0.0, 0.0, 0.0);
    for &[a, b] in frames {
        let (a, b) = (f64::from(a), f64::from(b));
        both += a * b;
        left += a * a;
        right += b * b;
    }
    let scale = (left * right).sqrt();
    if scale > 0.0 {
        both / scale
    } else if left == right {
        1.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Measures, correlation};
    use crate::compare::compared_sound::ComparedSound;
    use crate::dsp::math::gain;

    /// A sine of 1 kHz in both sides, so many seconds at so many dBFS one after the other.
    fn tones(parts: &[(u32, f64)]) -> ComparedSound {
        let mut frames = Vec::new();
        for &(seconds, level) in parts {
            let amplitude = gain(level);
            let place = |i: u32| libm::sin(f64::from(i) / 48.0 * std::f64::consts::TAU) * amplitude;
            frames.extend((0..48_000 * seconds).map(|i| [place(i) as f32; 2]));
        }
        ComparedSound { rate: 48_000, frames }
    }

    #[test]
    fn loudness_is_that_of_the_standard() {
        // EBU Tech 3341, case 1 and EBU Tech 3342, cases 1 and 2.
        let measures = Measures::of(&tones(&[(20, -23.0)]));
        assert!((measures.levels.loudness + 23.0).abs() < 0.1);
        assert!((measures.short_term + 23.0).abs() < 0.1);
        let measures = Measures::of(&tones(&[(20, -20.0), (20, -30.0)]));
        assert!((measures.range - 10.0).abs() < 1.0, "{}", measures.range);
        assert!((measures.short_term + 20.0).abs() < 0.1);
        let measures = Measures::of(&tones(&[(20, -20.0), (20, -15.0)]));
        assert!((measures.range - 5.0).abs() < 1.0, "{}", measures.range);
    }

    #[test]
    fn width_is_told() {
        let side = |left: f32, right: f32| {
            let sound = tones(&[(1, -6.0)]);
            correlation(&sound.frames.iter().map(|[x, y]| [left * x, right * y]).collect::<Vec<_>>())
        };
        assert!((side(1.0, 0.5) - 1.0).abs() < 1e-9 && (side(1.0, -1.0) + 1.0).abs() < 1e-9);
        assert_eq!((side(1.0, 0.0), side(0.0, 0.0)), (0.0, 1.0));
    }

    #[test]
    fn nothing_is_measured_as_well() {
        let measures = Measures::of(&ComparedSound { rate: 8_000, frames: Vec::new() });
        assert_eq!((measures.levels.frames, measures.short_term), (0, f64::NEG_INFINITY));
    }
}

//! Measures what comes out: length, peaks, loudness, and the hash that names the sound.

use crate::engine::block_loop::Frame;
use crate::engine::loudness::Loudness;
use crate::engine::true_peak::TruePeak;
use crate::modules::dispatch::{Compilation, Work};

/// Measures a stereo signal as it is rendered.
pub struct Probe {
    hasher: blake3::Hasher,
    loudness: Loudness,
    peak: TruePeak,
    frames: u64,
    overs: Option<Overs>,
    compilation: Compilation,
}

/// Adds frames to the hash that names a sound: all samples as 32-bit little-endian floats, left and right in turn.
pub fn add_frames(hasher: &mut blake3::Hasher, frames: &[Frame]) {
    if cfg!(target_endian = "little") {
        hasher.update(bytemuck::cast_slice(frames));
    } else {
        frames.as_flattened().iter().for_each(|sample| {
            hasher.update(&sample.to_le_bytes());
        });
    }
}

/// Measuring some frames.
struct Measure<'a> {
    probe: &'a mut Probe,
    frames: &'a [Frame],
}

impl Work for Measure<'_> {
    #[inline(always)]
    fn run(self) {
        self.probe.loudness.push(self.frames);
        self.probe.peak.push(self.frames);
        let mut over = false;
        for sample in self.frames.as_flattened() {
            over |= sample.abs() > 1.0;
        }
        if over {
            self.probe.count_overs(self.frames);
        }
    }
}

/// Samples over full scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overs {
    /// The first frame with one.
    pub first: u64,
    /// The frame of the highest.
    pub highest: u64,
    /// The highest, as a linear level.
    pub peak: f32,
    /// How many frames have one.
    pub frames: u64,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeLevels {
    /// Frames in all.
    pub frames: u64,
    /// The highest sample, linear.
    pub peak: f32,
    /// The highest level between samples too (ITU-R BS.1770, four times oversampled), in dB; minus infinity for silence.
    pub true_peak: f64,
    /// Integrated loudness (EBU R 128) in LUFS; minus infinity for silence.
    pub loudness: f64,
    /// Samples over full scale, if there are any.
    pub overs: Option<Overs>,
    /// BLAKE3 of all samples as 32-bit little-endian floats, left and right in turn.
    pub hash: blake3::Hash,
}

impl Probe {
    /// A probe for `rate` frames a second.
    pub fn new(rate: u32) -> Self {
        Self {
            hasher: blake3::Hasher::new(),
            loudness: Loudness::new(rate),
            peak: TruePeak::new(rate),
            frames: 0,
            overs: None,
            compilation: Compilation::best(),
        }
    }

    /// Takes the next frames. Many at a time cost least.
    pub fn push(&mut self, frames: &[Frame]) {
        self.compilation.run(Measure { probe: self, frames });
        self.frames += frames.len() as u64;
        add_frames(&mut self.hasher, frames);
    }

    #[cold]
    fn count_overs(&mut self, frames: &[Frame]) {
        for (place, [left, right]) in frames.iter().enumerate() {
            let level = left.abs().max(right.abs());
            if level > 1.0 {
                let at = self.frames + place as u64;
                let overs =
                    self.overs.get_or_insert(Overs { first: at, highest: at, peak: level, frames: 0 });
                overs.frames += 1;
                if level > overs.peak {
                    (overs.peak, overs.highest) = (level, at);
                }
            }
        }
    }

    /// The measurements over all that was pushed.
    pub fn finish(self) -> ProbeLevels {
        let (peak, true_peak) = self.peak.finish();
        ProbeLevels {
            frames: self.frames,
            peak,
            true_peak: crate::dsp::math::decibels(f64::from(true_peak)),
            loudness: self.loudness.finish(),
            overs: self.overs,
            hash: self.hasher.finalize(),
        }
    }
}

#[cfg(test)]
mod tests {
    use ebur128::{EbuR128, Mode};

    use super::{Frame, Probe};

    #[test]
    fn it_agrees_with_another_meter() {
        for (rate, seed) in [(48_000, 1_u32), (44_100, 2), (96_000, 3), (192_000, 4), (8_000, 5)] {
            let mut x = seed;
            // Noise in bursts of different loudness, some under the gates, with a tone between its samples' peaks.
            let signal: Vec<[f32; 2]> = (0..rate * 7 + 1_234)
                .map(|i| {
                    let mut noise = || {
                        x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        x as f32 / 4_294_967_296.0 - 0.5
                    };
                    let level = [0.5, 0.001, 0.1, 0.000_01, 0.4][(i / (rate / 3) % 5) as usize];
                    let tone = libm::sinf(i as f32 * std::f32::consts::FRAC_PI_2 + 0.785);
                    [level * (noise() + tone), level * noise()]
                })
                .collect();
            let mut theirs = EbuR128::new(2, rate, Mode::I | Mode::TRUE_PEAK).unwrap();
            theirs.add_frames_f32(signal.as_flattened()).unwrap();
            let mut ours = Probe::new(rate);
            signal.chunks(777).for_each(|part| ours.push(part));
            let ours = ours.finish();
            let loudness = theirs.loudness_global().unwrap();
            assert!((ours.loudness - loudness).abs() < 0.01, "{rate}: {} and {loudness}", ours.loudness);
            let peak = [0, 1].map(|side| theirs.true_peak(side).unwrap()).into_iter().fold(0.0, f64::max);
            let peak = crate::dsp::math::decibels(peak);
            assert!((ours.true_peak - peak).abs() < 0.001, "{rate}: {} and {peak}", ours.true_peak);
        }
    }

    #[test]
    fn silence_has_no_loudness() {
        let mut probe = Probe::new(48_000);
        probe.push(&vec![[0.0; 2]; 48_000]);
        let levels = probe.finish();
        assert_eq!((levels.loudness, levels.true_peak), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        assert_eq!(Probe::new(48_000).finish().loudness, f64::NEG_INFINITY);
    }

    #[test]
    fn a_sine_of_full_scale_is_where_it_should_be() {
        // EBU Tech 3341, case 1: 1 kHz at -23 dBFS in both channels reads -23 LUFS.
        let amplitude = crate::dsp::math::gain(-23.0);
        let tone: Vec<Frame> = (0..48_000 * 5)
            .map(|i| [(libm::sin(f64::from(i) / 48.0 * std::f64::consts::TAU) * amplitude) as f32; 2])
            .collect();
        let mut probe = Probe::new(48_000);
        probe.push(&tone);
        let levels = probe.finish();
        assert!((levels.loudness + 23.0).abs() < 0.1, "{}", levels.loudness);
        assert!((levels.true_peak + 23.0).abs() < 0.1, "{}", levels.true_peak);
        assert_eq!(levels.overs, None);
    }

    #[test]
    fn overs_are_counted_and_placed() {
        let mut frames = vec![[0.0; 2]; 10_000];
        frames[5_000][0] = -1.5;
        frames[5_001][0] = 1.25;
        let mut probe = Probe::new(48_000);
        probe.push(&frames);
        let overs = probe.finish().overs.unwrap();
        assert_eq!((overs.first, overs.highest, overs.frames, overs.peak), (5_000, 5_000, 2, 1.5));
    }

    #[test]
    fn the_hash_does_not_depend_on_how_frames_come() {
        let signal: Vec<Frame> = (0..9_999).map(|i| [i as f32 * 1e-4; 2]).collect();
        let mut whole = Probe::new(48_000);
        whole.push(&signal);
        let mut parts = Probe::new(48_000);
        signal.chunks(37).for_each(|part| parts.push(part));
        assert_eq!(whole.finish().hash, parts.finish().hash);
    }
}

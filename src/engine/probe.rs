//! Measures what comes out: length, peaks, loudness, and the hash that names the sound.

use ebur128::{EbuR128, Mode};

/// Frames that are measured together.
const CHUNK: usize = 4_096;

/// Measures a stereo signal as it is rendered.
pub struct Probe {
    hasher: blake3::Hasher,
    loudness: Option<EbuR128>,
    /// Left, right, left, right.
    waiting: Vec<f32>,
    frames: u64,
    peak: f32,
    overs: Option<Overs>,
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
pub struct Levels {
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
    /// A probe for `rate` frames a second. Loudness is left out (and given as minus infinity) outside the rates that
    /// EBU R 128 meters know.
    pub fn new(rate: u32) -> Self {
        Self {
            hasher: blake3::Hasher::new(),
            loudness: EbuR128::new(2, rate, Mode::I | Mode::TRUE_PEAK).ok(),
            waiting: Vec::with_capacity(2 * CHUNK),
            frames: 0,
            peak: 0.0,
            overs: None,
        }
    }

    /// Takes the next frames.
    pub fn push(&mut self, left: &[f32], right: &[f32]) {
        for (&left, &right) in left.iter().zip(right) {
            self.waiting.extend([left, right]);
        }
        if self.waiting.len() >= 2 * CHUNK {
            self.measure();
        }
    }

    fn measure(&mut self) {
        for (place, frame) in self.waiting.as_chunks::<2>().0.iter().enumerate() {
            let level = frame[0].abs().max(frame[1].abs());
            self.peak = self.peak.max(level);
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
        if cfg!(target_endian = "little") {
            self.hasher.update(bytemuck::cast_slice(&self.waiting));
        } else {
            self.waiting.iter().for_each(|sample| {
                self.hasher.update(&sample.to_le_bytes());
            });
        }
        if let Some(loudness) = &mut self.loudness {
            // It fails only on a channel count that isn't its own.
            let _ = loudness.add_frames_f32(&self.waiting);
        }
        self.frames += self.waiting.len() as u64 / 2;
        self.waiting.clear();
    }

    /// The measurements over all that was pushed.
    pub fn finish(mut self) -> Levels {
        self.measure();
        let (mut true_peak, mut loudness) = (0.0_f64, f64::NEG_INFINITY);
        if let Some(meter) = &self.loudness {
            true_peak = (0..2).filter_map(|channel| meter.true_peak(channel).ok()).fold(0.0, f64::max);
            loudness = meter.loudness_global().unwrap_or(f64::NEG_INFINITY);
        }
        Levels {
            frames: self.frames,
            peak: self.peak,
            true_peak: crate::dsp::math::decibels(true_peak.max(f64::from(self.peak))),
            loudness,
            overs: self.overs,
            hash: self.hasher.finalize(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Probe;

    #[test]
    fn a_sine_of_full_scale_is_where_it_should_be() {
        // EBU Tech 3341, case 1: 1 kHz at -23 dBFS in both channels reads -23 LUFS.
        let amplitude = crate::dsp::math::gain(-23.0);
        let tone: Vec<f32> = (0..48_000 * 5)
            .map(|i| (libm::sin(f64::from(i) / 48.0 * std::f64::consts::TAU) * amplitude) as f32)
            .collect();
        let mut probe = Probe::new(48_000);
        probe.push(&tone, &tone);
        let levels = probe.finish();
        assert!((levels.loudness + 23.0).abs() < 0.1, "{}", levels.loudness);
        assert!((levels.true_peak + 23.0).abs() < 0.1, "{}", levels.true_peak);
        assert_eq!(levels.overs, None);
    }

    #[test]
    fn overs_are_counted_and_placed() {
        let mut left = vec![0.0; 10_000];
        left[5_000] = -1.5;
        left[5_001] = 1.25;
        let mut probe = Probe::new(48_000);
        probe.push(&left, &vec![0.0; 10_000]);
        let overs = probe.finish().overs.unwrap();
        assert_eq!((overs.first, overs.highest, overs.frames, overs.peak), (5_000, 5_000, 2, 1.5));
    }

    #[test]
    fn the_hash_does_not_depend_on_how_frames_come() {
        let signal: Vec<f32> = (0..9_999).map(|i| i as f32 * 1e-4).collect();
        let mut whole = Probe::new(48_000);
        whole.push(&signal, &signal);
        let mut parts = Probe::new(48_000);
        signal.chunks(37).for_each(|part| parts.push(part, part));
        assert_eq!(whole.finish().hash, parts.finish().hash);
    }
}

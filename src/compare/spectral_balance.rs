//! The colour of a sound: its energy in bands as wide as the ear hears, over time.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::dsp::math::decibels;
use crate::dsp::window::hann;
use crate::engine::block_loop::Frame;

/// Bands, from [`LOWEST`] to [`HIGHEST`] Hz, equally wide in mel.
pub const BANDS: usize = 40;
/// The lower edge of the lowest band, in Hz.
pub const LOWEST: f64 = 30.0;
/// The upper edge of the highest band, in Hz, or half the rate if that is less.
pub const HIGHEST: f64 = 16_000.0;
/// Seconds that are looked at together, and from one look to the next.
const WINDOW: f64 = 0.046;
/// What is quieter than this counts as silence, in dB.
pub const FLOOR: f64 = -100.0;

/// Looks at stretches of a sound.
pub struct BandAnalyzer {
    rate: f64,
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// For each band the first bin and the weights from there on.
    weights: Vec<(usize, Vec<f32>)>,
    row: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

/// The colour of a stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectralBalance {
    /// The level of each band, in dB.
    pub bands: [f64; BANDS],
    /// The centre of its energy, in Hz; 0 of silence.
    pub centroid: f64,
    /// How the level goes with the pitch, in dB an octave; 0 of silence.
    pub tilt: f64,
}

/// Hz to mel (O'Shaughnessy, "Speech Communication", 1987).
fn mel(hertz: f64) -> f64 {
    2_595.0 * libm::log10(1.0 + hertz / 700.0)
}

fn hertz(mel: f64) -> f64 {
    700.0 * (libm::pow(10.0, mel / 2_595.0) - 1.0)
}

impl BandAnalyzer {
    /// For sounds of `rate` frames a second.
    pub fn new(rate: u32) -> Self {
        let rate = f64::from(rate);
        let size = ((WINDOW * rate) as usize).next_power_of_two();
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(size);
        let edges = Self::edges(rate);
        let bin = rate / size as f64;
        let weights = edges.windows(3).map(|edges| {
            let [low, middle, high] = [edges[0], edges[1], edges[2]];
            let first = (low / bin).ceil() as usize;
            let last = ((high / bin) as usize).min(size / 2);
            let weight = |place: usize| {
                let at = place as f64 * bin;
                let share =
                    if at < middle { (at - low) / (middle - low) } else { (high - at) / (high - middle) };
                share.clamp(0.0, 1.0) as f32
            };
            (first, (first..=last.max(first)).map(weight).collect())
        });
        Self {
            rate,
            weights: weights.collect(),
            row: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            window: hann(size),
            fft,
        }
    }

    /// The edges and middles of the bands, in Hz: band `i` reaches from the i-th over the next to the one after that.
    fn edges(rate: f64) -> Vec<f64> {
        let (low, high) = (mel(LOWEST), mel(HIGHEST.min(rate / 2.0)));
        (0..BANDS + 2).map(|i| hertz(low + (high - low) * i as f64 / (BANDS + 1) as f64)).collect()
    }

    /// The colour of a stretch of a signal: the mean of its energy over all of it, of both sides.
    pub fn of(&mut self, signal: &[Frame]) -> SpectralBalance {
        self.every(signal, self.window.len() / 2)
    }

    /// The same of a long one, of which a quarter is looked at.
    pub fn sparsely(&mut self, signal: &[Frame]) -> SpectralBalance {
        self.every(signal, 4 * self.window.len())
    }

    /// The colour by windows that are so many frames apart.
    fn every(&mut self, signal: &[Frame], apart: usize) -> SpectralBalance {
        let size = self.window.len();
        let mut power = vec![0.0_f64; size / 2 + 1];
        let mut looks = 0;
        let mut start = 0;
        // Stretches shorter than a window are looked at once.
        while start == 0 || start + size / 2 < signal.len() {
            let heard = &signal[start.min(signal.len())..(start + size).min(signal.len())];
            for side in [0, 1] {
                for (place, (sample, window)) in self.row.iter_mut().zip(&self.window).enumerate() {
                    *sample = heard.get(place).map_or(0.0, |frame| frame[side] * window);
                }
                // The lengths are those that the plan made.
                drop(self.fft.process_with_scratch(&mut self.row, &mut self.spectrum, &mut self.scratch));
                for (power, bin) in power.iter_mut().zip(&self.spectrum) {
                    *power += f64::from(bin.norm_sqr());
                }
            }
            looks += 2;
            start += apart;
        }
        // A sine of amplitude 1 has a level of 0 dB: a window of Hann halves its height, and spreads its energy over 1.5 bins.
        let scale = 1.0 / (f64::from(looks) * (size as f64 / 4.0) * (size as f64 / 4.0) * 1.5);
        power.iter_mut().for_each(|power| *power *= scale);
        self.colour(&power)
    }

    fn colour(&self, power: &[f64]) -> SpectralBalance {
        let mut bands = [FLOOR; BANDS];
        for (band, (first, weights)) in bands.iter_mut().zip(&self.weights) {
            let bins = power.iter().skip(*first).zip(weights);
            let sum: f64 = bins.map(|(power, weight)| power * f64::from(*weight)).sum();
            *band = decibels(sum.sqrt()).max(FLOOR);
        }
        let bin = self.rate / self.window.len() as f64;
        let heard = power.iter().enumerate().skip(1).map(|(place, power)| (place as f64 * bin, *power));
        let (energy, moment) =
            heard.fold((0.0, 0.0), |(energy, moment), (at, power)| (energy + power, moment + at * power));
        let silent = decibels(energy.sqrt()) <= FLOOR;
        SpectralBalance {
            bands,
            centroid: if silent { 0.0 } else { moment / energy },
            tilt: if silent { 0.0 } else { self.tilt(&bands) },
        }
    }

    /// The slope of the line through the levels of all bands that are heard, over octaves, by least squares.
    fn tilt(&self, bands: &[f64; BANDS]) -> f64 {
        let edges = Self::edges(self.rate);
        let points: Vec<(f64, f64)> = bands
            .iter()
            .enumerate()
            .filter(|(_, level)| **level > FLOOR)
            .map(|(band, level)| (libm::log2(edges[band + 1]), *level))
            .collect();
        let count = points.len() as f64;
        let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        let (x, y) = (x / count, y / count);
        let (up, across) = points.iter().fold((0.0, 0.0), |(up, across), point| {
            (up + (point.0 - x) * (point.1 - y), across + (point.0 - x) * (point.0 - x))
        });
        if across > 0.0 { up / across } else { 0.0 }
    }
}

/// How far apart two colours are: the root of the mean square of the differences of all bands of which either is heard, in dB.
pub fn distance(first: &SpectralBalance, second: &SpectralBalance) -> f64 {
    let pairs = first.bands.iter().zip(&second.bands).filter(|(a, b)| **a > FLOOR || **b > FLOOR);
    let (sum, count) = pairs.fold((0.0, 0), |(sum, count), (a, b)| (sum + (a - b) * (a - b), count + 1));
    if count == 0 { 0.0 } else { (sum / f64::from(count)).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::{BANDS, BandAnalyzer, FLOOR, distance};

    fn sine(rate: u32, freq: f64, gain: f64) -> Vec<[f32; 2]> {
        let turn = std::f64::consts::TAU * freq / f64::from(rate);
        // A side that is turned over is heard as well.
        let sample = |i: u32| (gain * libm::sin(turn * f64::from(i))) as f32;
        (0..rate).map(|i| [sample(i), -sample(i)]).collect()
    }

    #[test]
    fn a_sine_is_in_its_band_at_its_level() {
        for rate in [44_100, 48_000, 96_000] {
            for (freq, gain) in [(100.0, 1.0), (1_000.0, 0.1), (9_000.0, 0.5)] {
                let colour = BandAnalyzer::new(rate).of(&sine(rate, freq, gain));
                assert!((colour.centroid / freq - 1.0).abs() < 0.05, "{rate} {freq} {}", colour.centroid);
                let loudest = colour.bands.iter().copied().fold(FLOOR, f64::max);
                let wanted = 20.0 * libm::log10(gain);
                // Between the middles of two bands it is shared by them.
                assert!((loudest - wanted).abs() < 3.1, "{rate} {freq} {loudest} {wanted}");
            }
        }
    }

    #[test]
    fn white_noise_rises_with_the_width_of_bands_and_a_lowpass_tilts_it() {
        let mut seed = 1_u32;
        let mut noise = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let white: Vec<[f32; 2]> = (0..96_000).map(|_| [noise(); 2]).collect();
        let mut last = 0.0;
        let dull: Vec<[f32; 2]> = white
            .iter()
            .map(|[x, _]| {
                last += (x - last) * 0.1;
                [last; 2]
            })
            .collect();
        let mut bands = BandAnalyzer::new(48_000);
        let (white, dull) = (bands.of(&white), bands.of(&dull));
        assert!((white.centroid - 12_000.0).abs() < 300.0, "{}", white.centroid);
        assert!(dull.centroid < 4_000.0 && dull.tilt < white.tilt - 2.0, "{} {}", dull.tilt, white.tilt);
        assert!(distance(&white, &dull) > 10.0);
        assert_eq!(distance(&white, &white), 0.0);
    }

    #[test]
    fn silence_has_no_colour() {
        let mut bands = BandAnalyzer::new(48_000);
        for signal in [&[][..], &[[0.0; 2]; 10], &vec![[0.0; 2]; 100_000]] {
            let colour = bands.of(signal);
            assert_eq!((colour.bands, colour.centroid, colour.tilt), ([FLOOR; BANDS], 0.0, 0.0));
        }
    }
}

//! Spectrograms, as they are drawn: levels over time and pitch.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::dsp::math::decibels;
use crate::dsp::window::hann;
use crate::engine::block_loop::Frame;
use crate::report::report_grid::ReportGrid;

/// Rows of a spectrogram, from [`LOWEST`] to [`HIGHEST`] Hz, equally wide in pitch.
pub(crate) const ROWS: usize = 72;
/// The lower edge of the lowest row, in Hz.
pub(crate) const LOWEST: f64 = 30.0;
/// The upper edge of the highest row, in Hz.
pub(crate) const HIGHEST: f64 = 18_000.0;
/// What is quieter is not seen, in dB.
pub(crate) const FLOOR: f64 = -100.0;
/// Levels of a dB.
pub(crate) const LEVELS: f64 = 2.0;
/// Seconds that are looked at together.
const WINDOW: f64 = 0.07;
/// The most looks of a column.
const LOOKS: usize = 2;

/// Makes spectrograms at one rate.
pub(crate) struct Spectrograph {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// For each row its edges, in bins.
    rows: Vec<(f64, f64)>,
    row: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
}

impl Spectrograph {
    /// For sounds of `rate` frames a second.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = f64::from(rate);
        let size = ((WINDOW * rate) as usize).next_power_of_two().max(16);
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(size);
        let edge =
            |row: usize| LOWEST * libm::pow(HIGHEST / LOWEST, row as f64 / ROWS as f64) / rate * size as f64;
        Self {
            window: hann(size),
            rows: (0..ROWS).map(|row| (edge(row), edge(row + 1))).collect(),
            row: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            power: vec![0.0; size / 2 + 1],
            fft,
        }
    }

    /// The spectrogram of A or B in `count` columns: for each the levels of all rows, the lowest first, in half dB over the floor.
    pub(crate) fn of(&mut self, grid: &ReportGrid, side: usize, sound: &[Frame], count: usize) -> Vec<u8> {
        let (length, size) = (grid.length() as u64, self.window.len());
        let mut levels = Vec::with_capacity(count * ROWS);
        for column in 0..count as u64 {
            let [from, to] = [column, column + 1].map(|n| (n * length / count as u64) as usize);
            let width = to - from;
            let looks = width.div_ceil(size / 2).clamp(1, LOOKS);
            self.power.fill(0.0);
            for look in 0..looks {
                let middle = grid.frame(side, from + width * (2 * look + 1) / (2 * looks));
                self.look(sound, middle);
            }
            self.levels(looks, &mut levels);
        }
        levels
    }

    /// Adds the power of what is around a frame, over both channels.
    fn look(&mut self, sound: &[Frame], middle: usize) {
        let size = self.window.len();
        // Silence before the start and after the end.
        let missing = (size / 2).saturating_sub(middle);
        let from = (middle + missing).saturating_sub(size / 2);
        let frames = sound.get(from..(from + size - missing).min(sound.len())).unwrap_or_default();
        let same = frames.iter().all(|[left, right]| left == right);
        if same && frames.iter().all(|[left, _]| *left == 0.0) {
            return;
        }
        for channel in 0..if same { 1 } else { 2 } {
            self.row.fill(0.0);
            for (place, (frame, window)) in frames.iter().zip(&self.window[missing..]).enumerate() {
                self.row[missing + place] = frame[channel] * window;
            }
            // The lengths are those that the plan made.
            drop(self.fft.process_with_scratch(&mut self.row, &mut self.spectrum, &mut self.scratch));
            let share = if same { 1.0 } else { 0.5 };
            for (power, bin) in self.power.iter_mut().zip(&self.spectrum) {
                *power += share * bin.norm_sqr();
            }
        }
    }

    fn levels(&self, looks: usize, levels: &mut Vec<u8>) {
        let size = self.window.len() as f64;
        // A sine of amplitude 1 has a level of 0 dB.
        let scale = 1.0 / (looks as f64 * (size / 4.0) * (size / 4.0));
        for (low, high) in &self.rows {
            let power = scale * self.within(*low, *high);
            let level = if power > 0.0 { 0.5 * decibels(power) } else { FLOOR };
            levels.push(((level - FLOOR) * LEVELS + 0.5).clamp(0.0, 255.0) as u8);
        }
    }

    /// The greatest power between two places, in bins. Between bins it is joined by a line.
    fn within(&self, low: f64, high: f64) -> f64 {
        let at = |place: f64| {
            let bin = place as usize;
            let [here, next] =
                [bin, bin + 1].map(|bin| f64::from(self.power.get(bin).copied().unwrap_or_default()));
            here + (place - bin as f64) * (next - here)
        };
        let inside = (low.ceil() as usize..=high as usize).map(|bin| at(bin as f64));
        inside.fold(at(f64::midpoint(low, high)), f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::{HIGHEST, LOWEST, ROWS, Spectrograph};
    use crate::report::report_grid::{GridCell, ReportGrid};

    #[test]
    fn a_sine_is_in_its_row_at_its_level() {
        for rate in [8_000, 48_000, 192_000] {
            for freq in [60.0, 440.0, 3_000.0] {
                let turn = std::f64::consts::TAU * freq / f64::from(rate);
                let tone = |n: u32| (0.1 * libm::sin(turn * f64::from(n))) as f32;
                let sound: Vec<[f32; 2]> = (0..rate).map(|n| [tone(n), tone(n)]).collect();
                let sides = [0..sound.len(), 0..sound.len()];
                let (name, section) = (String::new(), String::new());
                let cell = GridCell { name, section, sides, start: 0, length: sound.len(), even: true };
                let levels =
                    Spectrograph::new(rate).of(&ReportGrid { rate, cells: vec![cell] }, 0, &sound, 9);
                let column = &levels[4 * ROWS..5 * ROWS];
                let loudest =
                    (0..ROWS).fold(0, |best, row| if column[row] > column[best] { row } else { best });
                let wanted = libm::log(freq / LOWEST) / libm::log(HIGHEST / LOWEST) * ROWS as f64;
                assert!((loudest as f64 + 0.5 - wanted).abs() <= 2.1, "{rate} {freq} {loudest} {wanted}");
                assert!((156..=161).contains(&column[loudest]), "{rate} {freq} {}", column[loudest]);
            }
        }
    }
}

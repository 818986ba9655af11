//! What a golden file keeps of a song's sound: hashes, levels, and a coarse picture of every bar.

use crate::compare::bar_grid::BarGrid;
use crate::compare::compared_sound::ComparedSound;
use crate::compare::pair::{balance, rms};
use crate::compare::spectral_balance::{BANDS, BandAnalyzer, FLOOR, SpectralBalance};
use crate::engine::block_loop::Frame;
use crate::engine::probe::ProbeLevels;

/// The version of the format that is written and read.
pub const VERSION: u32 = 1;
/// Bands of a coarse colour.
pub const COARSE: usize = 10;
/// Steps of a coarse level in a dB.
const STEPS: f64 = 2.0;

/// A golden file.
#[derive(Clone, Debug, PartialEq)]
pub struct Golden {
    /// The revision of the engine that made the sound.
    pub engine: u32,
    /// Frames a second.
    pub rate: u32,
    /// The song's name.
    pub title: String,
    /// The whole song.
    pub song: GoldenPart,
    /// What meets where the song is mixed, in the order of the song.
    pub stems: Vec<GoldenPart>,
    /// What each instrument plays, in the order of the song.
    pub events: Vec<GoldenEvents>,
}

/// A sound as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldenPart {
    /// The stem's name; empty for the whole song.
    pub id: String,
    /// Its length.
    pub frames: u64,
    /// BLAKE3 of its samples, in hex.
    pub hash: String,
    /// Integrated loudness in LUFS, to a tenth; minus infinity for silence.
    pub loudness: f64,
    /// True peak in dBTP, to a tenth; minus infinity for silence.
    pub peak: f64,
    /// Its bars, the tail as the last one.
    pub bars: Vec<GoldenBar>,
}

/// A bar as it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoldenBar {
    /// Its level in dBFS, to a tenth.
    pub level: f64,
    /// By how much its right side is louder, in dB, to a tenth.
    pub balance: f64,
    /// The levels of its bands, in half decibels above [`FLOOR`].
    pub bands: [u8; COARSE],
}

/// What an instrument plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenEvents {
    /// The instrument's name.
    pub id: String,
    /// BLAKE3 of its notes, in hex.
    pub hash: String,
    /// How many there are.
    pub count: usize,
}

impl GoldenPart {
    /// What is kept of a sound that was measured.
    pub fn of(id: &str, sound: &ComparedSound, levels: &ProbeLevels, grid: &BarGrid) -> Self {
        let mut bands = BandAnalyzer::new(sound.rate);
        let bar = |index: usize| stretch(&mut bands, &sound.frames[grid.range(index, sound.frames.len())]);
        Self {
            id: id.to_owned(),
            frames: levels.frames,
            hash: levels.hash.to_hex().to_string(),
            loudness: tenth(levels.loudness),
            peak: tenth(levels.true_peak),
            bars: (0..grid.len()).map(bar).collect(),
        }
    }
}

fn stretch(bands: &mut BandAnalyzer, frames: &[Frame]) -> GoldenBar {
    GoldenBar { level: tenth(rms(frames)), balance: tenth(balance(frames)), bands: coarse(&bands.of(frames)) }
}

/// The energy of neighbouring bands together.
fn coarse(colour: &SpectralBalance) -> [u8; COARSE] {
    let energy = |level: &f64| if *level > FLOOR { libm::pow(10.0, level / 10.0) } else { 0.0 };
    std::array::from_fn(|band| {
        let size = BANDS / COARSE;
        let sum: f64 = colour.bands[band * size..(band + 1) * size].iter().map(energy).sum();
        let level = if sum > 0.0 { 10.0 * libm::log10(sum) } else { FLOOR };
        libm::round((level - FLOOR) * STEPS).clamp(0.0, 255.0) as u8
    })
}

/// To a tenth, so that reading it again gives the same number.
pub fn tenth(level: f64) -> f64 {
    if level.is_finite() { libm::round(level * 10.0) / 10.0 + 0.0 } else { f64::NEG_INFINITY }
}

impl GoldenBar {
    /// How far apart the colours of two bars are, in dB.
    pub fn distance(&self, other: &Self) -> f64 {
        let heard = self.bands.iter().zip(&other.bands).filter(|(a, b)| **a > 0 || **b > 0);
        let (sum, count) = heard.fold((0.0, 0.0), |(sum, count), (a, b)| {
            let apart = (f64::from(*a) - f64::from(*b)) / STEPS;
            (sum + apart * apart, count + 1.0)
        });
        if count > 0.0 { f64::sqrt(sum / count) } else { 0.0 }
    }

    /// The centre of its energy, in bands from the lowest; `None` of silence.
    pub fn centre(&self) -> Option<f64> {
        let energy =
            |level: u8| if level > 0 { libm::pow(10.0, f64::from(level) / STEPS / 10.0) } else { 0.0 };
        let (sum, moment) = self.bands.iter().enumerate().fold((0.0, 0.0), |(sum, moment), (band, level)| {
            (sum + energy(*level), moment + energy(*level) * band as f64)
        });
        (sum > 0.0).then(|| moment / sum)
    }
}

#[cfg(test)]
mod tests {
    use super::GoldenPart;
    use crate::compare::bar_grid::BarGrid;
    use crate::compare::compared_sound::ComparedSound;
    use crate::compare::measures::Measures;

    fn part(of: impl Fn(f32) -> f32) -> GoldenPart {
        let frames = (0..96_000).map(|i| [of(0.5 * libm::sinf(i as f32 * 0.03)); 2]).collect();
        let sound = ComparedSound { rate: 48_000, frames };
        let grid = BarGrid::of_seconds(48_000, 96_000);
        GoldenPart::of("x", &sound, &Measures::of(&sound).levels, &grid)
    }

    #[test]
    fn bars_tell_level_and_colour() {
        let (plain, low, bright) =
            (part(|x| x), part(|x| 0.5 * x), part(|x| if x > 0.0 { 0.5 } else { -0.5 }));
        assert_eq!(plain.bars.len(), 2);
        assert!((plain.bars[0].level + 9.0).abs() < 0.11, "{}", plain.bars[0].level);
        assert!((plain.bars[0].level - low.bars[0].level - 6.0).abs() < 0.11);
        assert!((plain.bars[0].distance(&low.bars[0]) - 6.0).abs() < 0.5);
        assert!(bright.bars[0].centre().unwrap() > plain.bars[0].centre().unwrap());
        let silent = part(|_| 0.0);
        assert_eq!((silent.bars[0].centre(), silent.loudness), (None, f64::NEG_INFINITY));
    }
}

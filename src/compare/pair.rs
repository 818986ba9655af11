//! Two sounds side by side: over all and bar by bar.

use std::borrow::Cow;
use std::panic::resume_unwind;
use std::thread::ScopedJoinHandle;

use crate::compare::bar_grid::BarGrid;
use crate::compare::compared_sound::ComparedSound;
use crate::compare::difference_kind::{DifferenceKind, kind};
use crate::compare::measures::Measures;
use crate::compare::onsets::{Onset, onsets};
use crate::compare::residual::Residual;
use crate::compare::spectral_balance::{BandAnalyzer, distance};
use crate::dsp::math::decibels;
use crate::engine::block_loop::Frame;

/// What is quieter than this is silence, in dB.
pub const SILENCE: f64 = -120.0;

/// One sound beside another.
#[derive(Clone, Debug)]
pub struct SoundPair {
    /// Frames a second.
    pub rate: u32,
    /// Measures of both.
    pub measures: [Measures; 2],
    /// What is left when one is taken from the other; what only one has counts whole. `None` if their bars don't lie at the same
    /// frames: then nothing is left that could be heard in it.
    pub residual: Option<Residual>,
    /// What explains all of it, if something simple does.
    pub kind: Option<DifferenceKind>,
    /// The bars that differ, in order.
    pub bars: Vec<DifferentBar>,
    /// What begins where in one and not in the other.
    pub onsets: MovedOnset,
}

/// A bar that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct DifferentBar {
    /// Its place in the grid.
    pub index: usize,
    /// The level of the difference, in dBFS (root of the mean square); not below [`SILENCE`].
    pub residual: f64,
    /// The levels of both, in dBFS; not below [`SILENCE`].
    pub levels: [f64; 2],
    /// How far apart their colours are, in dB.
    pub distance: f64,
    /// The centres of their energy, in Hz; 0 of silence.
    pub centroids: [f64; 2],
    /// By how much the right side is louder than the left, in dB, within 60.
    pub balances: [f64; 2],
}

/// What begins at other times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MovedOnset {
    /// Frames at which something begins in the first only.
    pub missing: Vec<u64>,
    /// Frames at which something begins in the second only.
    pub new: Vec<u64>,
    /// The greatest distance of two onsets that belong together, in frames.
    pub farthest: u64,
}

/// Seconds in which two onsets belong together.
const TOGETHER: f64 = 0.025;
/// The strength from which on an onset can be missed, as a share of the strongest.
const PLAIN: f32 = 0.35;

impl SoundPair {
    /// Compares two sounds of one rate. `grids` are the bars of both.
    pub fn of(first: &ComparedSound, second: &ComparedSound, grids: [&BarGrid; 2]) -> Self {
        let aligned = grids[0].starts == grids[1].starts;
        let length = first.frames.len().max(second.frames.len());
        let (a, b) = (padded(&first.frames, length), padded(&second.frames, length));
        // Two that end at other frames are compared as long as both sound.
        let common = first.frames.len().min(second.frames.len());
        let left = || {
            let residual = Residual::of(&a, &b);
            (residual, kind(&first.frames[..common], &second.frames[..common]))
        };
        // All of it at once: these are the seconds that are waited for.
        std::thread::scope(|scope| {
            let begins = [first, second].map(|sound| scope.spawn(|| onsets(&sound.frames, sound.rate)));
            let measures = [first, second].map(|sound| scope.spawn(|| Measures::of(sound)));
            let left = aligned.then(|| scope.spawn(left));
            let bars = bars([&a, &b], grids);
            let (residual, kind) = left.map(joined).unzip();
            let [first_begins, second_begins] = begins.map(joined);
            Self {
                rate: first.rate,
                measures: measures.map(joined),
                residual,
                kind: kind.flatten(),
                bars,
                onsets: moved(&first_begins, &second_begins, first.rate),
            }
        })
    }

    /// Whether no sample differs.
    pub fn is_identical(&self) -> bool {
        self.measures[0].levels.hash == self.measures[1].levels.hash
    }

    /// The level of the loudest short stretch of the difference, in dBFS.
    pub fn loudest(&self) -> f64 {
        match &self.residual {
            Some(residual) => level(residual.loudest),
            None => self.bars.iter().map(|bar| bar.residual).fold(SILENCE, f64::max),
        }
    }

    /// How much louder the second is in the bars that differ, in dB; 0 if either is silent there.
    pub fn louder(&self) -> f64 {
        let energy = |side: usize| {
            let bars = self.bars.iter().filter(|bar| bar.levels[side] > SILENCE);
            bars.map(|bar| libm::pow(10.0, bar.levels[side] / 10.0)).sum::<f64>()
        };
        let (first, second) = (energy(0), energy(1));
        if first > 0.0 && second > 0.0 { 10.0 * libm::log10(second / first) } else { 0.0 }
    }

    /// The centres of the energy of both in the bars that differ, in Hz; `None` if either is silent there.
    pub fn centroids(&self) -> Option<[f64; 2]> {
        let centre = |side: usize| {
            let heard = self.bars.iter().filter(|bar| bar.centroids[side] > 0.0);
            let (sum, weight) = heard.fold((0.0, 0.0), |(sum, weight), bar| {
                let energy = libm::pow(10.0, bar.levels[side] / 10.0);
                (sum + energy * bar.centroids[side], weight + energy)
            });
            (weight > 0.0).then(|| sum / weight)
        };
        Some([centre(0)?, centre(1)?])
    }

    /// By how much the second has moved to the right in the bars that differ, in dB: the mean over those in which both are heard.
    pub fn moved_right(&self) -> f64 {
        let both = self.bars.iter().filter(|bar| bar.levels.iter().all(|level| *level > SILENCE));
        let (sum, count) =
            both.fold((0.0, 0.0), |(sum, count), bar| (sum + bar.balances[1] - bar.balances[0], count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    }
}

/// What a thread has come to.
pub fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// A linear level in dB, not below [`SILENCE`]; what isn't a number is infinitely loud.
pub fn level(rms: f64) -> f64 {
    if rms.is_nan() { f64::INFINITY } else { decibels(rms).max(SILENCE) }
}

fn padded(frames: &[Frame], length: usize) -> Cow<'_, [Frame]> {
    if frames.len() == length {
        return Cow::Borrowed(frames);
    }
    let mut all = frames.to_vec();
    all.resize(length, [0.0; 2]);
    Cow::Owned(all)
}

/// The bars that differ. Those that only one has are compared with silence.
fn bars(sounds: [&[Frame]; 2], grids: [&BarGrid; 2]) -> Vec<DifferentBar> {
    let mut bands = BandAnalyzer::new(grids[0].rate);
    let count = grids[0].len().max(grids[1].len());
    let part = |side: usize, index: usize| {
        let grid = grids[side];
        if index < grid.len() { &sounds[side][grid.range(index, sounds[side].len())] } else { &[] }
    };
    let mut bars = Vec::new();
    for index in 0..count {
        let (a, b) = (part(0, index), part(1, index));
        if a == b {
            continue;
        }
        let length = a.len().max(b.len());
        let residual = Residual::of(&padded(a, length), &padded(b, length));
        let colours = [bands.of(a), bands.of(b)];
        bars.push(DifferentBar {
            index,
            residual: level(residual.rms),
            levels: [rms(a), rms(b)],
            distance: distance(&colours[0], &colours[1]),
            centroids: [colours[0].centroid, colours[1].centroid],
            balances: [balance(a), balance(b)],
        });
    }
    bars
}

/// The level of a stretch, in dBFS.
pub fn rms(frames: &[Frame]) -> f64 {
    let energy: f64 = frames.as_flattened().iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    level((energy / (2 * frames.len()).max(1) as f64).sqrt())
}

/// By how much the right side is louder than the left, in dB, within 60; 0 of silence.
pub fn balance(frames: &[Frame]) -> f64 {
    let energy =
        |side: usize| frames.iter().map(|frame| f64::from(frame[side]) * f64::from(frame[side])).sum();
    let (left, right): (f64, f64) = (energy(0), energy(1));
    if left == right {
        return 0.0;
    }
    (10.0 * libm::log10(right / left)).clamp(-60.0, 60.0)
}

/// Finds onsets of each that the other hasn't. Only plain ones are missed: faint ones come and go with the colour of what sounds.
fn moved(first: &[Onset], second: &[Onset], rate: u32) -> MovedOnset {
    let together = (TOGETHER * f64::from(rate)) as u64;
    let apart = |one: &Onset, others: &[Onset]| {
        let apart = |other: &Onset| other.frame.abs_diff(one.frame) as u64;
        others.iter().map(apart).min().unwrap_or(u64::MAX)
    };
    let missed = |ones: &[Onset], others: &[Onset]| -> Vec<u64> {
        let plain = ones.iter().filter(|onset| onset.strength >= PLAIN);
        plain.filter(|onset| apart(onset, others) > together).map(|onset| onset.frame as u64).collect()
    };
    let plain = first.iter().filter(|onset| onset.strength >= PLAIN);
    let farthest = plain.map(|onset| apart(onset, second)).filter(|apart| *apart <= together).max();
    MovedOnset { missing: missed(first, second), new: missed(second, first), farthest: farthest.unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::{SILENCE, SoundPair};
    use crate::compare::bar_grid::BarGrid;
    use crate::compare::compared_sound::ComparedSound;
    use crate::compare::difference_kind::DifferenceKind;

    /// Hits of noise every half second, of which `left_out` is missing.
    fn hits(left_out: usize, gain: f32) -> ComparedSound {
        let mut seed = 1_u32;
        let mut frames = vec![[0.0; 2]; 48_000 * 4];
        for hit in 0..8 {
            for i in 0..8_000 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (seed >> 8) as f32 / 8_388_608.0 - 1.0;
                if hit != left_out {
                    frames[hit * 24_000 + i] = [gain * noise * libm::expf(-(i as f32) / 1_000.0); 2];
                }
            }
        }
        ComparedSound { rate: 48_000, frames }
    }

    fn pair(first: &ComparedSound, second: &ComparedSound) -> SoundPair {
        let grids = [first, second].map(|sound| BarGrid::of_seconds(48_000, sound.frames.len() as u64));
        SoundPair::of(first, second, [&grids[0], &grids[1]])
    }

    #[test]
    fn equal_sounds_are_identical() {
        let pair = pair(&hits(99, 0.5), &hits(99, 0.5));
        assert!(pair.is_identical() && pair.bars.is_empty());
        assert_eq!((pair.kind, pair.loudest(), pair.louder()), (None, SILENCE, 0.0));
        assert!(pair.onsets.missing.is_empty() && pair.onsets.new.is_empty());
    }

    #[test]
    fn a_missing_hit_is_in_its_second() {
        let pair = pair(&hits(99, 0.5), &hits(5, 0.5));
        assert_eq!(pair.bars.iter().map(|bar| bar.index).collect::<Vec<_>>(), [2]);
        assert!((pair.bars[0].levels[0] - pair.bars[0].levels[1] - 3.0).abs() < 0.2, "{:?}", pair.bars);
        assert!(pair.louder() < -2.5 && pair.onsets.missing.len() == 1 && pair.onsets.new.is_empty());
        assert!(pair.onsets.missing[0].abs_diff(120_000) < 500);
    }

    #[test]
    fn a_gain_is_a_gain_in_every_second() {
        let pair = pair(&hits(99, 0.5), &hits(99, 0.4));
        let Some(DifferenceKind::Gain(gain)) = pair.kind else { panic!("{:?}", pair.kind) };
        assert!((gain + 1.938).abs() < 0.01 && (pair.louder() - gain).abs() < 0.01);
        assert_eq!(pair.bars.len(), 4);
        assert!(pair.bars.iter().all(|bar| bar.centroids[0] / bar.centroids[1] - 1.0 < 1e-3));
    }

    #[test]
    fn what_one_has_more_is_compared_with_silence() {
        let whole = hits(99, 0.5);
        let short = ComparedSound { frames: whole.frames[..48_000 * 3 + 100].to_vec(), ..whole.clone() };
        let pair = pair(&whole, &short);
        assert_eq!(pair.bars.len(), 1);
        assert_eq!((pair.bars[0].index, pair.kind), (3, None));
        assert!(pair.loudest() > -30.0);
    }
}

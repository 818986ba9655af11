//! What kind of difference it is, where one simple thing explains all of it.

use crate::compare::align::align;
use crate::compare::residual::{Residual, SHORT};
use crate::dsp::math::decibels;
use crate::engine::block_loop::Frame;

/// What of the first sound may be left over by an explanation: 50 dB less than there was. Rounding to 16 bits leaves less.
const LEFT: f64 = 0.003;
/// What is quieter than that is nothing: -90 dB, the rounding of 16 bits.
pub const NOTHING: f64 = 3.2e-5;
/// Frames of silence in one of them that are a hole: half a block.
const HOLE: usize = 32;
/// Frames by which all after a place may have moved.
const SHIFT: usize = 4_800;
/// Frames in which that shows.
const REACH: usize = 64 * SHORT;

/// A thing that explains a difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DifferenceKind {
    /// The second is the first with this gain in dB.
    Gain(f64),
    /// The second is the first turned over, with this gain in dB.
    Polarity(f64),
    /// The second has left and right the other way round.
    Swapped,
    /// The second is the first, so many frames later; less than 0 for earlier.
    Late(i64),
    /// From frame `at` on, `frames` frames of the first are missing in the second, and all after is earlier.
    Cut {
        /// The first frame that is missing.
        at: usize,
        /// How many.
        frames: usize,
    },
    /// From frame `at` on, the second has `frames` frames that the first hasn't, and all after is later.
    Inserted {
        /// The first frame that is new.
        at: usize,
        /// How many.
        frames: usize,
    },
    /// The second is silent for `frames` frames from `at` on where the first isn't; else they are the same.
    Hole {
        /// The first silent frame.
        at: usize,
        /// How many.
        frames: usize,
    },
}

/// Sums over both sounds that tell a gain, a turned side and sides that are swapped.
#[derive(Default)]
struct SoundSums {
    first: f64,
    second: f64,
    both: f64,
    crossed: f64,
}

impl SoundSums {
    fn of(first: &[Frame], second: &[Frame]) -> Self {
        let mut sums = Self::default();
        for (&[a, b], &[c, d]) in first.iter().zip(second) {
            let [a, b, c, d] = [a, b, c, d].map(f64::from);
            sums.first += a * a + b * b;
            sums.second += c * c + d * d;
            sums.both += a * c + b * d;
            sums.crossed += a * d + b * c;
        }
        sums
    }

    /// The gain with which the first comes nearest to the second, and what it leaves as a share of the second.
    fn gain(&self) -> Option<(f64, f64)> {
        let gain = (self.first > 0.0).then(|| self.both / self.first)?;
        let left = (self.second - gain * self.both).max(0.0);
        Some((gain, share(left, self.second)))
    }

    /// What is left as it is, as a share of the second.
    fn unchanged(&self) -> f64 {
        share((self.first + self.second - 2.0 * self.both).max(0.0), self.second)
    }

    /// What is left when sides are swapped, as a share of the second.
    fn swapped(&self) -> f64 {
        share((self.first + self.second - 2.0 * self.crossed).max(0.0), self.second)
    }
}

/// The root of a share of energy.
fn share(left: f64, all: f64) -> f64 {
    if all > 0.0 { (left / all).sqrt() } else { f64::INFINITY }
}

/// What explains the difference of two sounds; `None` if it is nothing simple.
pub fn kind(first: &[Frame], second: &[Frame]) -> Option<DifferenceKind> {
    let from = first.iter().zip(second).position(|(a, b)| a != b)?;
    let sums = SoundSums::of(first, second);
    let (gain, left) = sums.gain()?;
    if left < LEFT && (gain - 1.0).abs() > 10.0 * left {
        let decibels = decibels(gain.abs());
        return Some(if gain < 0.0 {
            DifferenceKind::Polarity(decibels)
        } else {
            DifferenceKind::Gain(decibels)
        });
    }
    // Where both sides are the same, swapping them explains nothing.
    if sums.swapped() < LEFT.min(0.1 * sums.unchanged()) {
        return Some(DifferenceKind::Swapped);
    }
    hole(first, second, from).or_else(|| late(first, second, from)).or_else(|| shifted(first, second, from))
}

/// One stretch of silence that is all the difference.
fn hole(first: &[Frame], second: &[Frame], from: usize) -> Option<DifferenceKind> {
    let silent = second[from..].iter().take_while(|frame| **frame == [0.0; 2]).count();
    if silent < HOLE {
        return None;
    }
    let rest = Residual::of(first.get(from + silent..)?, second.get(from + silent..)?);
    (rest.loudest < NOTHING).then_some(DifferenceKind::Hole { at: from, frames: silent })
}

/// All of it earlier or later.
fn late(first: &[Frame], second: &[Frame], from: usize) -> Option<DifferenceKind> {
    // Some seconds tell; then all is held against it.
    let reach = |sound: &[Frame]| middle(&sound[from..sound.len().min(from + REACH)]);
    let found = align(&reach(first), &reach(second), SHIFT);
    if found.lag == 0 || found.similarity < 0.9 {
        return None;
    }
    let by = found.lag.unsigned_abs() as usize;
    let (a, b) = if found.lag > 0 { (first, second.get(by..)?) } else { (first.get(by..)?, second) };
    same(a, b).then_some(DifferenceKind::Late(found.lag))
}

/// From a place on earlier or later.
fn shifted(first: &[Frame], second: &[Frame], from: usize) -> Option<DifferenceKind> {
    // What is right after the place may be silent, so some seconds are looked at.
    let reach = |sound: &[Frame]| middle(&sound[from..sound.len().min(from + REACH)]);
    let found = align(&reach(first), &reach(second), SHIFT);
    let by = found.lag.unsigned_abs() as usize;
    if by == 0 || found.similarity < 0.5 {
        return None;
    }
    // The first that differs may lie a little after the cut, where both happen to be equal.
    if found.lag < 0 {
        same(first.get(from + by..)?, &second[from..]).then_some(DifferenceKind::Cut { at: from, frames: by })
    } else {
        same(&first[from..], second.get(from + by..)?)
            .then_some(DifferenceKind::Inserted { at: from, frames: by })
    }
}

fn same(first: &[Frame], second: &[Frame]) -> bool {
    let residual = Residual::of(first, second);
    residual.frames > SHORT && residual.loudest < NOTHING.max(LEFT * residual.of_first)
}

fn middle(frames: &[Frame]) -> Vec<f32> {
    // Sides that are each other's opposite have no middle, so one of them counts more.
    frames.iter().map(|[left, right]| left + 0.5 * right).collect()
}

#[cfg(test)]
mod tests {
    use super::{DifferenceKind, kind};
    use crate::engine::block_loop::Frame;

    fn noise(count: usize) -> Vec<Frame> {
        let mut seed = 9_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.5 * ((seed >> 8) as f32 / 8_388_608.0 - 1.0)
        };
        (0..count).map(|_| [next(), next()]).collect()
    }

    #[test]
    fn what_is_simple_is_named() {
        let sound = noise(96_000);
        let changed = |of: fn(&Frame) -> Frame| kind(&sound, &sound.iter().map(of).collect::<Vec<_>>());
        assert_eq!(kind(&sound, &sound), None);
        let Some(DifferenceKind::Gain(gain)) = changed(|frame| frame.map(|x| x * 0.966_05)) else { panic!() };
        assert!((gain + 0.3).abs() < 1e-3, "{gain}");
        let Some(DifferenceKind::Polarity(gain)) = changed(|frame| frame.map(|x| -x)) else { panic!() };
        assert!(gain.abs() < 1e-9, "{gain}");
        assert_eq!(changed(|[left, right]| [*right, *left]), Some(DifferenceKind::Swapped));
        assert_eq!(changed(|[left, right]| [left * left, *right]), None);
        let mono: Vec<Frame> = sound.iter().map(|[left, _]| [*left; 2]).collect();
        let near: Vec<Frame> = mono.iter().map(|[left, _]| [left + 1e-3 * left * left; 2]).collect();
        assert_eq!(kind(&mono, &near), None);
    }

    #[test]
    fn what_moved_is_found_where_it_moved() {
        let sound = noise(96_000);
        for by in [1, 64, 480] {
            let later: Vec<Frame> = vec![[0.0; 2]; by].into_iter().chain(sound.iter().copied()).collect();
            assert_eq!(kind(&sound, &later), Some(DifferenceKind::Late(by as i64)));
            assert_eq!(kind(&later, &sound), Some(DifferenceKind::Late(-(by as i64))));
            let cut = [&sound[..30_000], &sound[30_000 + by..]].concat();
            assert_eq!(kind(&sound, &cut), Some(DifferenceKind::Cut { at: 30_000, frames: by }));
            assert_eq!(kind(&cut, &sound), Some(DifferenceKind::Inserted { at: 30_000, frames: by }));
        }
        let mut hole = sound.clone();
        hole[50_000..50_064].fill([0.0; 2]);
        assert_eq!(kind(&sound, &hole), Some(DifferenceKind::Hole { at: 50_000, frames: 64 }));
    }
}

//! What is said of a difference: what will be heard, and where.

use crate::compare::bar_grid::BarGrid;
use crate::compare::difference_kind::DifferenceKind;
use crate::compare::pair::{SILENCE, SoundPair};
use crate::units::number;

/// A change of level that is worth saying, in dB.
const LOUDER: f64 = 0.05;
/// A change of the centre of energy that is worth saying, as a share.
const BRIGHTER: f64 = 0.005;
/// A change of the tilt that is worth saying, in dB an octave.
const TILTED: f64 = 0.1;
/// A move to a side that is worth saying, in dB.
const ASIDE: f64 = 0.2;
/// A change of the correlation of both sides that is worth saying.
const WIDER: f64 = 0.05;

/// Where two sounds differ: `in bars 9 to 12`; nothing if they don't.
pub fn places(pair: &SoundPair, grid: &BarGrid) -> String {
    let indices: Vec<usize> =
        pair.bars.iter().map(|bar| bar.index).filter(|index| *index < grid.len()).collect();
    match indices.as_slice() {
        [] => String::new(),
        all if all.len() == grid.len() && all.len() > 1 => "throughout".to_owned(),
        all if grid.has_bars() => format!("in {}", grid.names(all)),
        all => format!("from {}", grid.names(all)),
    }
}

/// What of the second is heard to be different, the plainest words first. `grid` are its bars. Where it is known what both `play`,
/// beginnings aren't guessed at.
pub fn effects(pair: &SoundPair, grid: &BarGrid, play: bool) -> Vec<String> {
    let mut said = Vec::new();
    let lengths = pair.measures.each_ref().map(|measures| measures.levels.frames);
    if let Some(kind) = &pair.kind {
        said.push(explained(kind, pair.rate, grid));
    } else {
        let (heard, silent) = (loudest(pair, 1), loudest(pair, 0));
        if heard <= SILENCE && silent > SILENCE {
            said.push("silent there now".to_owned());
        } else if silent <= SILENCE && heard > SILENCE {
            said.push("sounds where it was silent".to_owned());
        } else {
            said.extend(shades(pair));
        }
        if !play {
            said.extend(beginnings(pair, grid));
        }
    }
    if lengths[0] != lengths[1] {
        let seconds = lengths[0].abs_diff(lengths[1]) as f64 / f64::from(pair.rate);
        let how = if lengths[1] < lengths[0] { "earlier" } else { "later" };
        said.push(format!("ends {} {how}", time(seconds, lengths[0].abs_diff(lengths[1]))));
    }
    if pair.kind.is_none() || said.len() > 1 {
        said.push(format!("the difference is at {} dBFS", tenth(pair.loudest())));
    }
    said
}

/// The level of the loudest bar among those that differ.
fn loudest(pair: &SoundPair, side: usize) -> f64 {
    pair.bars.iter().map(|bar| bar.levels[side]).fold(SILENCE, f64::max)
}

/// Louder, brighter, further aside, wider.
fn shades(pair: &SoundPair) -> Vec<String> {
    let mut said = Vec::new();
    let louder = pair.louder();
    if louder.abs() >= LOUDER {
        said.push(level(louder));
    }
    if let Some([before, after]) = pair.centroids()
        && (after / before - 1.0).abs() >= BRIGHTER
    {
        let word = if after > before { "brighter" } else { "duller" };
        said.push(format!("{word} (centroid {} -> {})", hertz(before), hertz(after)));
    }
    let [before, after] = pair.measures.each_ref().map(|measures| measures.colour.tilt);
    if said.iter().all(|said| !said.contains("centroid")) && (after - before).abs() >= TILTED {
        let word = if after > before { "brighter" } else { "duller" };
        said.push(format!("{word} (tilt {before:.1} -> {after:.1} dB an octave)"));
    }
    let right = pair.moved_right();
    if right.abs() >= ASIDE {
        said.push(aside(right));
    }
    let [before, after] = pair.measures.each_ref().map(|measures| measures.correlation);
    if (before - after).abs() >= WIDER {
        let word = if after < before { "wider" } else { "narrower" };
        said.push(format!("{word} (correlation {before:.2} -> {after:.2})"));
    }
    said
}

/// What begins in one and not in the other.
fn beginnings(pair: &SoundPair, grid: &BarGrid) -> Vec<String> {
    let places = |frames: &[u64]| {
        let mut bars: Vec<usize> = frames.iter().map(|frame| grid.at(*frame)).collect();
        bars.dedup();
        grid.names(&bars)
    };
    let one = |frames: &[u64], word: &str| {
        let beginnings = if frames.len() == 1 { "beginning" } else { "beginnings" };
        (!frames.is_empty()).then(|| format!("{} {beginnings} {word} ({})", frames.len(), places(frames)))
    };
    one(&pair.onsets.missing, "fewer").into_iter().chain(one(&pair.onsets.new, "more")).collect()
}

fn explained(kind: &DifferenceKind, rate: u32, grid: &BarGrid) -> String {
    let span = |frames: usize| time(frames as f64 / f64::from(rate), frames as u64);
    let place = |at: usize| {
        let clock = grid.clock(at as u64);
        if grid.has_bars() {
            format!("in {}, at {clock}", grid.name(grid.at(at as u64)))
        } else {
            format!("at {clock}")
        }
    };
    match *kind {
        DifferenceKind::Gain(gain) => format!("{}, and nothing else", level(gain)),
        DifferenceKind::Polarity(gain) if gain.abs() < LOUDER => {
            "its polarity is inverted, and nothing else".to_owned()
        }
        DifferenceKind::Polarity(gain) => format!("its polarity is inverted, and it is {}", level(gain)),
        DifferenceKind::Swapped => "left and right are swapped, and nothing else".to_owned(),
        DifferenceKind::Late(frames) => {
            let how = if frames > 0 { "later" } else { "earlier" };
            format!("{} {how}, and nothing else", span(frames.unsigned_abs() as usize))
        }
        DifferenceKind::Cut { at, frames } => {
            format!("{} are missing {}: all behind is earlier", span(frames), place(at))
        }
        DifferenceKind::Inserted { at, frames } => {
            format!("{} are put in {}: all behind is later", span(frames), place(at))
        }
        DifferenceKind::Hole { at, frames } => {
            format!("silent for {} {}, and nothing else", span(frames), place(at))
        }
    }
}

/// `further to the left (by 1.2 dB)`.
pub(super) fn aside(right: f64) -> String {
    let side = if right > 0.0 { "right" } else { "left" };
    format!("further to the {side} (by {} dB)", tenth(right.abs()))
}

/// `2.1 dB quieter`.
pub(super) fn level(gain: f64) -> String {
    let how = if gain > 0.0 { "louder" } else { "quieter" };
    // Of little, the second place counts.
    if gain.abs() < 0.95 {
        format!("{:.2} dB {how}", gain.abs())
    } else {
        format!("{:.1} dB {how}", gain.abs())
    }
}

/// Few frames as frames, more as a time.
fn time(seconds: f64, frames: u64) -> String {
    match frames {
        1 => format!("1 frame ({:.2} ms)", seconds * 1e3),
        2..4_800 => format!("{frames} frames ({:.1} ms)", seconds * 1e3),
        _ => format!("{seconds:.2} s"),
    }
}

/// `820 Hz`, `1.9 kHz`.
pub fn hertz(freq: f64) -> String {
    if freq >= 10_000.0 {
        format!("{:.1} kHz", freq / 1e3)
    } else if freq >= 1_000.0 {
        format!("{:.2} kHz", freq / 1e3)
    } else {
        format!("{freq:.0} Hz")
    }
}

/// A level to a tenth of a dB.
pub fn tenth(level: f64) -> String {
    number::level(level)
}

#[cfg(test)]
mod tests {
    use super::{effects, places};
    use crate::compare::bar_grid::BarGrid;
    use crate::compare::compared_sound::ComparedSound;
    use crate::compare::pair::SoundPair;

    fn said(of: impl Fn(usize, [f32; 2]) -> [f32; 2], keep: usize) -> (String, Vec<String>) {
        let mut seed = 3_u32;
        let mut noise = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.4 * ((seed >> 8) as f32 / 8_388_608.0 - 1.0)
        };
        let frames: Vec<[f32; 2]> = (0..48_000).map(|_| [noise(), noise()]).collect();
        let other = frames.iter().enumerate().map(|(place, frame)| of(place, *frame)).take(keep).collect();
        let (first, second) =
            (ComparedSound { rate: 8_000, frames }, ComparedSound { rate: 8_000, frames: other });
        let sections = (1..=3).map(|bar| ("verse".to_owned(), bar)).collect();
        let grid = BarGrid { rate: 8_000, starts: vec![0, 16_000, 32_000], sections, tail: false };
        let pair = SoundPair::of(&first, &second, [&grid, &grid]);
        (places(&pair, &grid), effects(&pair, &grid, false))
    }

    #[test]
    fn differences_are_said_as_they_are_heard() {
        let louder = said(|_, frame| frame.map(|x| x * 1.122), 48_000);
        assert_eq!(louder, ("throughout".into(), vec!["1.0 dB louder, and nothing else".into()]));
        let (place, words) =
            said(|at, frame| if at < 16_000 { frame } else { frame.map(|x| x * 0.9) }, 48_000);
        assert_eq!(place, "in bars 2 to 3");
        assert_eq!(words[0], "0.92 dB quieter");
        let (_, words) =
            said(|at, [left, right]| if at == 20_000 { [left, right + 0.3] } else { [left, right] }, 48_000);
        assert!(words.last().unwrap().starts_with("the difference is at "), "{words:?}");
        let (place, words) = said(|_, frame| frame, 40_000);
        assert_eq!(place, "in bar 3");
        assert!(words.contains(&"ends 1.00 s earlier".to_owned()), "{words:?}");
        let (place, words) =
            said(|at, frame| if (20_000..20_064).contains(&at) { [0.0; 2] } else { frame }, 48_000);
        assert_eq!(place, "in bar 2");
        assert_eq!(words, ["silent for 64 frames (8.0 ms) in bar 2, at 0:02.500, and nothing else"]);
        let (_, words) = said(|_, [left, right]| [right, left], 48_000);
        assert_eq!(words, ["left and right are swapped, and nothing else"]);
    }

    #[test]
    fn silence_is_said() {
        let (place, words) = said(|at, frame| if at >= 32_000 { [0.0; 2] } else { frame }, 48_000);
        assert_eq!((place.as_str(), words[0].contains("silent")), ("in bar 3", true), "{words:?}");
    }
}

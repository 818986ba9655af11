//! Which passages can be heard in the page: around the bars that differ most, as far as there is room.

use std::ops::Range;

use crate::engine::block_loop::Frame;
use crate::report::difference::frame;
use crate::report::facts::ReportPart;
use crate::report::flac::encode;
use crate::report::report_grid::ReportGrid;
use crate::report::thinner::Thinner;

/// A piece of a bar that is chosen as one, at most, and where there is little room, in seconds.
const PIECE: [f64; 2] = [8.0, 0.5];
/// So many pieces fit at the least.
const FEWEST: f64 = 8.0;
/// What is heard before and after it, in seconds.
const LEAD: f64 = 0.4;
const TRAIL: f64 = 0.15;
/// Passages that are no further apart become one, in seconds.
const JOINED: f64 = 0.75;
/// Of the mix, so many pieces for one of a stem.
const MIX: usize = 3;
/// No more frames a second than this are kept, and no more than this where there isn't room for all.
const RATES: [u32; 2] = [48_000, 32_000];
/// Bytes that a frame of A and the difference takes, about.
const FRAME: f64 = 3.5;
/// The fewest frames of a file: players stumble over less.
const SHORTEST: usize = 1_024;

/// Something to be heard.
pub(crate) struct PassageSource {
    /// `a`, `b`, or `d` for the difference.
    pub(crate) name: &'static str,
    /// What a sample of the file has to be taken times to be true.
    pub(crate) level: f64,
    /// The file.
    pub(crate) flac: Vec<u8>,
}

/// A stretch that can be heard.
pub(crate) struct Passage {
    /// Where it lies on the axis.
    pub(crate) stretch: Range<usize>,
    /// A and the difference, of which B is the sum; or A and B where they can't be taken from each other.
    pub(crate) lanes: Vec<PassageSource>,
}

/// The passages of all parts.
pub(crate) struct Passages {
    /// Frames a second of the files.
    pub(crate) rate: u32,
    /// For each part, in the order of time.
    pub(crate) parts: Vec<Vec<Passage>>,
}

/// A piece of a bar.
#[derive(Clone)]
struct BarPiece {
    stretch: Range<usize>,
    severity: f32,
}

/// Base64 takes so many bytes.
pub(crate) fn written(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// The passages of `parts` that fit into `room` bytes of base64. `severity` has a row for each part and a value for each bar.
pub(crate) fn passages(
    grid: &ReportGrid,
    parts: &[ReportPart],
    severity: &[Vec<f32>],
    room: usize,
) -> Passages {
    let differs = |row: &Vec<f32>| -> usize {
        let cells = grid.cells.iter().zip(row).filter(|(_, severity)| **severity > 0.0);
        cells.map(|(cell, _)| cell.length).sum()
    };
    let seconds = severity.iter().map(differs).sum::<usize>() as f64 / f64::from(grid.rate);
    let second = |rate: u32| f64::from(rate) * FRAME * 4.0 / 3.0;
    let tight = seconds * second(grid.rate.min(RATES[0])) > room as f64;
    let rate = grid.rate.min(RATES[usize::from(tight)]);
    let piece = (room as f64 / FEWEST / second(rate)).clamp(PIECE[1], PIECE[0]);
    let waiting: Vec<Vec<BarPiece>> = severity.iter().map(|row| pieces(grid, row, piece)).collect();
    let studio = PassageEncoder { grid, thinner: Thinner::new(grid.rate, rate), rate };
    let mut chosen: Vec<(usize, Range<usize>)> = Vec::new();
    let (mut full, mut used, mut round) = (vec![false; parts.len()], 0, 0);
    while full.iter().any(|full| !full) {
        for (number, part) in parts.iter().enumerate() {
            let (from, count) = if number == 0 { (round * MIX, MIX) } else { (round, 1) };
            let next = waiting[number].iter().skip(from).take(count);
            if from >= waiting[number].len() {
                full[number] = true;
            }
            for piece in next {
                if full[number] {
                    break;
                }
                let alone = studio.passage(part, piece.stretch.clone());
                let length = piece.stretch.len() as f64;
                let around = (LEAD + TRAIL) * f64::from(grid.rate);
                let cost = (written(alone.bytes()) as f64 * (1.0 + around / length.max(1.0))) as usize;
                if used + cost > room {
                    full[number] = true;
                } else {
                    used += cost;
                    chosen.push((number, piece.stretch.clone()));
                }
            }
        }
        round += 1;
    }
    loop {
        let made: Vec<Vec<Passage>> = parts
            .iter()
            .enumerate()
            .map(|(number, part)| {
                let of_part = chosen.iter().filter(|piece| piece.0 == number).map(|piece| piece.1.clone());
                joined(grid, of_part.collect())
                    .into_iter()
                    .map(|stretch| studio.passage(part, stretch))
                    .collect()
            })
            .collect();
        let bytes: usize = made.iter().flatten().map(|passage| written(passage.bytes())).sum();
        if bytes <= room || chosen.is_empty() {
            return Passages { rate, parts: made };
        }
        // The estimate was too low: the last ones go, a twentieth of all at a time.
        let stay = chosen.len() - chosen.len().div_ceil(20);
        chosen.truncate(stay);
    }
}

/// What differs, in pieces of at most `seconds`, the worst first.
fn pieces(grid: &ReportGrid, severity: &[f32], seconds: f64) -> Vec<BarPiece> {
    let most = ((seconds * f64::from(grid.rate)) as usize).max(1);
    let mut pieces = Vec::new();
    for (cell, severity) in grid.cells.iter().zip(severity) {
        if *severity <= 0.0 || cell.length == 0 {
            continue;
        }
        let count = cell.length.div_ceil(most);
        let edge = |n: usize| cell.start + cell.length / count * n;
        pieces.extend((0..count).map(|n| {
            let end = if n + 1 == count { cell.end() } else { edge(n + 1) };
            BarPiece { stretch: edge(n)..end, severity: *severity }
        }));
    }
    pieces.sort_by(|one, other| other.severity.total_cmp(&one.severity));
    pieces
}

/// The stretches with what is before and after them, those that meet as one.
fn joined(grid: &ReportGrid, mut stretches: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let frames = |seconds: f64| (seconds * f64::from(grid.rate)) as usize;
    stretches.sort_by_key(|stretch| stretch.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for stretch in stretches {
        let from = stretch.start.saturating_sub(frames(LEAD));
        let to = (stretch.end + frames(TRAIL)).min(grid.length());
        match joined.last_mut() {
            Some(last) if from <= last.end + frames(JOINED - LEAD) => last.end = to,
            _ => joined.push(from..to),
        }
    }
    joined
}

impl Passage {
    fn bytes(&self) -> usize {
        self.lanes.iter().map(|lane| lane.flac.len()).sum()
    }
}

/// What makes files of stretches.
struct PassageEncoder<'a> {
    grid: &'a ReportGrid,
    thinner: Thinner,
    rate: u32,
}

impl PassageEncoder<'_> {
    fn passage(&self, part: &ReportPart, stretch: Range<usize>) -> Passage {
        let even = self.grid.even(&stretch);
        let side = |side: usize| {
            let sound = part.sounds[side]?;
            Some(if even {
                let cells = self.grid.cells.iter();
                cells
                    .flat_map(|cell| {
                        let within = stretch.start.max(cell.start)..stretch.end.min(cell.end());
                        within.map(|place| frame(sound, cell.sides[side].start + place - cell.start))
                    })
                    .collect()
            } else {
                // To the end of the last frame.
                let last = self.grid.frame(side, stretch.end.saturating_sub(1)) + 1;
                (self.grid.frame(side, stretch.start)..last)
                    .map(|at| frame(sound, at))
                    .collect::<Vec<Frame>>()
            })
        };
        let [a, b] = [side(0), side(1)];
        let lanes = match (a, b) {
            (Some(a), Some(b)) if even => {
                let left: Vec<Frame> = a.iter().zip(&b).map(|(a, b)| [b[0] - a[0], b[1] - a[1]]).collect();
                vec![self.lane("a", &a), self.lane("d", &left)]
            }
            (a, b) => {
                let lanes = [("a", a), ("b", b)];
                lanes.into_iter().filter_map(|(name, sound)| Some(self.lane(name, &sound?))).collect()
            }
        };
        Passage { stretch, lanes }
    }

    fn lane(&self, name: &'static str, sound: &[Frame]) -> PassageSource {
        let same = sound.iter().all(|[left, right]| left == right);
        let channels: Vec<Vec<f32>> = (0..if same { 1 } else { 2 })
            .map(|channel| self.thinner.thin(&sound.iter().map(|frame| frame[channel]).collect::<Vec<f32>>()))
            .collect();
        let peak = f64::from(channels.iter().flatten().fold(0.0_f32, |peak, x| peak.max(x.abs())));
        let scale = if peak > 0.0 { 32_700.0 / peak } else { 0.0 };
        let channels: Vec<Vec<i16>> = channels
            .iter()
            .map(|channel| {
                let whole = channel.iter().map(|x| (f64::from(*x) * scale + 0.5).floor() as i16);
                let missing = SHORTEST.saturating_sub(channel.len());
                whole.chain(std::iter::repeat_n(0, missing)).collect()
            })
            .collect();
        let level = if peak > 0.0 { peak * 32_768.0 / 32_700.0 } else { 0.0 };
        PassageSource { name, level, flac: encode(&channels, self.rate) }
    }
}

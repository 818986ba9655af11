//! What is left when A is taken from B, on the axis of both, and how much of it there is in each bar.

use crate::dsp::math::decibels;
use crate::engine::block_loop::Frame;
use crate::report::facts::ReportPart;
use crate::report::report_grid::{GridCell, ReportGrid};

/// Differences quieter than this, beside the sound, count as next to nothing, in dB.
const QUIETEST: f64 = -60.0;
/// The least severity of a bar that isn't identical.
const LEAST: f32 = 0.02;
/// That of a bar whose sounds can't be taken from each other.
const UNEVEN: f32 = 0.5;

/// A frame of a sound; silence outside of it and for what is no number.
pub(crate) fn frame(sound: &[Frame], at: usize) -> Frame {
    let frame = sound.get(at).copied().unwrap_or_default();
    frame.map(|x| if x.is_finite() { x } else { 0.0 })
}

/// B less A, where both are there and no bar is faster in one of them; silence elsewhere. `None` where one is missing.
pub(crate) fn difference(grid: &ReportGrid, part: &ReportPart) -> Option<Vec<Frame>> {
    let [Some(a), Some(b)] = part.sounds else { return None };
    let mut left = Vec::with_capacity(grid.length());
    for cell in &grid.cells {
        for inside in 0..cell.length {
            let [a, b] = [(a, 0), (b, 1)].map(|(sound, side)| frame(sound, cell.sides[side].start + inside));
            left.push(if cell.even { [b[0] - a[0], b[1] - a[1]] } else { [0.0; 2] });
        }
    }
    Some(left)
}

/// The severity of each bar: as given, or from the level of the difference beside that of the part.
pub(crate) fn severity(grid: &ReportGrid, part: &ReportPart, left: Option<&[Frame]>) -> Vec<f32> {
    if part.severity.len() == grid.cells.len() {
        return part
            .severity
            .iter()
            .map(|severity| if severity.is_nan() { 1.0 } else { severity.clamp(0.0, 1.0) })
            .collect();
    }
    let Some(left) = left else { return vec![0.0; grid.cells.len()] };
    let level = |frames: &[Frame]| {
        let sum: f64 = frames.iter().flatten().map(|x| f64::from(*x) * f64::from(*x)).sum();
        (sum / (2 * frames.len()).max(1) as f64).sqrt()
    };
    let loudest = part.sounds.iter().flatten().map(|sound| level(sound)).fold(0.0, f64::max);
    let of = |cell: &GridCell| {
        if !cell.even {
            return UNEVEN;
        }
        let frames = left.get(cell.start..cell.end()).unwrap_or_default();
        if frames.iter().flatten().all(|x| *x == 0.0) {
            return 0.0;
        }
        let beside = decibels(level(frames) / loudest.max(1e-9));
        ((beside - QUIETEST) / -QUIETEST).clamp(f64::from(LEAST), 1.0) as f32
    };
    grid.cells.iter().map(of).collect()
}

//! Waveforms, as they are drawn: the least and the greatest sample of each column.

use crate::engine::block_loop::Frame;
use crate::report::report_grid::ReportGrid;

/// A waveform of a whole sound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waveform {
    /// The greatest sample, linear.
    pub(crate) peak: f32,
    /// For each column the least and the greatest sample of both channels: -127 to 127 for the peak.
    pub(crate) columns: Vec<i8>,
}

/// The frames of a column.
fn columns(grid: &ReportGrid, count: usize) -> impl Iterator<Item = (usize, usize)> {
    let length = grid.length() as u64;
    let at = move |column: u64| (column * length / count.max(1) as u64) as usize;
    (0..count as u64).map(move |column| (at(column), at(column + 1)))
}

impl Waveform {
    /// The waveform of A or B in `count` columns.
    pub(crate) fn of(grid: &ReportGrid, side: usize, sound: &[Frame], count: usize) -> Self {
        let edges = columns(grid, count).map(|(from, to)| {
            let first = grid.frame(side, from);
            let last = grid.frame(side, to - usize::from(to > from)) + 1;
            let frames = sound.get(first..last.min(sound.len())).unwrap_or_default();
            frames.iter().flatten().fold((0.0_f32, 0.0_f32), |(low, high), x| (low.min(*x), high.max(*x)))
        });
        Self::scaled(&edges.collect::<Vec<_>>())
    }

    /// The waveform of a sound that lies on the axis already.
    pub(crate) fn straight(grid: &ReportGrid, sound: &[Frame], count: usize) -> Self {
        let edges = columns(grid, count).map(|(from, to)| {
            let frames = sound.get(from..to.min(sound.len())).unwrap_or_default();
            frames.iter().flatten().fold((0.0_f32, 0.0_f32), |(low, high), x| (low.min(*x), high.max(*x)))
        });
        Self::scaled(&edges.collect::<Vec<_>>())
    }

    fn scaled(edges: &[(f32, f32)]) -> Self {
        let peak = edges.iter().fold(0.0_f32, |peak, (low, high)| peak.max(-low).max(*high));
        let peak = if peak.is_finite() { peak } else { f32::MAX };
        let scale = if peak > 0.0 { 127.0 / peak } else { 0.0 };
        // Away from zero, so that what is there is seen.
        let low = |x: f32| (x * scale).floor() as i8;
        let high = |x: f32| (x * scale).ceil() as i8;
        Self { peak, columns: edges.iter().flat_map(|edge| [low(edge.0), high(edge.1)]).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::Waveform;
    use crate::report::report_grid::{GridCell, ReportGrid};

    #[test]
    fn every_sample_is_seen() {
        let mut sound = vec![[0.0_f32; 2]; 1_000];
        (sound[0], sound[999], sound[500]) = ([0.5, 0.0], [0.0, -1.0], [1e-6, 0.0]);
        let sides = [0..1_000, 0..1_000];
        let (name, section) = (String::new(), String::new());
        let cell = GridCell { name, section, sides, start: 0, length: 1_000, even: true };
        let grid = ReportGrid { rate: 100, cells: vec![cell] };
        for wave in [Waveform::of(&grid, 0, &sound, 10), Waveform::straight(&grid, &sound, 10)] {
            assert_eq!((wave.peak, wave.columns.len()), (1.0, 20));
            assert_eq!((wave.columns[1], wave.columns[18], wave.columns[11]), (64, -127, 1));
            assert_eq!(wave.columns.iter().filter(|x| **x != 0).count(), 3);
        }
        assert_eq!(Waveform::of(&grid, 0, &[], 10).columns, [0; 20]);
    }
}

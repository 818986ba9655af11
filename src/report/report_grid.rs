//! The axis of a comparison: bars of A and B beside each other, and which frames of each belong to a place on it.

use std::ops::Range;

use crate::report::facts::{BarStart, ReportComparison};
use crate::units::number::minutes;

/// About how many pieces a time without bars is cut into, at most.
const PIECES: usize = 60;

/// A bar of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GridCell {
    /// Its number, or where it begins in seconds.
    pub(crate) name: String,
    /// Its section; may be empty.
    pub(crate) section: String,
    /// Its frames in A and B; none where a side has fewer bars.
    pub(crate) sides: [Range<usize>; 2],
    /// Where it begins on the axis, in frames.
    pub(crate) start: usize,
    /// Its length there.
    pub(crate) length: usize,
    /// Whether the frames of both sides lie side by side: neither is faster.
    pub(crate) even: bool,
}

impl GridCell {
    /// After its last place on the axis.
    pub(crate) fn end(&self) -> usize {
        self.start + self.length
    }

    /// The frame of a side at a place of the axis within this bar.
    fn frame(&self, side: usize, place: usize) -> usize {
        let range = &self.sides[side];
        let inside = place - self.start;
        let inside = if self.even || self.length == 0 {
            inside
        } else {
            (inside as u64 * range.len() as u64 / self.length as u64) as usize
        };
        range.start + inside
    }
}

/// All bars. The axis counts the frames of A, and those of B where A has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportGrid {
    pub(crate) rate: u32,
    pub(crate) cells: Vec<GridCell>,
}

impl ReportGrid {
    /// The grid of a comparison. The last bar goes on to the end of the sound.
    pub(crate) fn of(comparison: &ReportComparison) -> Self {
        let longest = |side: usize| {
            let sounds = comparison.parts.iter().filter_map(|part| part.sounds[side]);
            sounds.map(<[_]>::len).max()
        };
        let rate = comparison.rate.max(1);
        let mut bars = comparison.bars.clone();
        let mut lengths = [longest(0), longest(1)];
        for (side, other) in [(0, 1), (1, 0)] {
            // A side that isn't heard lies as the other one does.
            if lengths[side].is_none() {
                (lengths[side], bars[side]) = (lengths[other], bars[other].clone());
            }
            if bars[side].is_empty() {
                let others = bars[other].clone();
                bars[side] = others;
            }
        }
        let lengths = lengths.map(Option::unwrap_or_default);
        if bars[0].is_empty() {
            bars = [(); 2].map(|()| pieces(lengths[0].max(lengths[1]), rate));
        }
        let ranges = [0, 1].map(|side| ranges(&bars[side], lengths[side]));
        let count = ranges[0].len().max(ranges[1].len());
        let mut cells: Vec<GridCell> = Vec::with_capacity(count);
        for n in 0..count {
            let last = n + 1 == count;
            let sides =
                [0, 1].map(|side| ranges[side].get(n).cloned().unwrap_or(lengths[side]..lengths[side]));
            let [a, b] = [sides[0].len(), sides[1].len()];
            // The last bar has the tail in it, so its length says nothing of the tempo.
            let even = if last {
                cells.iter().all(|cell| cell.even)
            } else {
                a.abs_diff(b) <= 1 || a == 0 || b == 0
            };
            let length = if a == 0 || last && even { a.max(b) } else { a };
            let name = bars[0].get(n).or(bars[1].get(n));
            let (name, section) =
                name.map_or_else(Default::default, |bar| (bar.name.clone(), bar.section.clone()));
            let start = cells.last().map_or(0, GridCell::end);
            cells.push(GridCell { name, section, sides, start, length, even });
        }
        Self { rate, cells }
    }

    /// The length of the axis in frames.
    pub(crate) fn length(&self) -> usize {
        self.cells.last().map_or(0, GridCell::end)
    }

    /// The index of the bar at a place; the last one after the end.
    fn cell(&self, place: usize) -> Option<&GridCell> {
        let behind = self.cells.partition_point(|cell| cell.start <= place);
        self.cells.get(behind.saturating_sub(1))
    }

    /// The frame of a side at a place on the axis.
    pub(crate) fn frame(&self, side: usize, place: usize) -> usize {
        self.cell(place).map_or(0, |cell| cell.frame(side, place))
    }

    /// Whether both sides are even at all places of a stretch.
    pub(crate) fn even(&self, stretch: &Range<usize>) -> bool {
        self.cells
            .iter()
            .filter(|cell| cell.start < stretch.end && cell.end() > stretch.start)
            .all(|cell| cell.even)
    }
}

/// The frames of each bar. The first bar has what comes before it, too.
fn ranges(bars: &[BarStart], length: usize) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = bars.iter().map(|bar| bar.frame.min(length)).collect();
    if let Some(first) = starts.first_mut() {
        *first = 0;
    }
    for n in 1..starts.len() {
        starts[n] = starts[n].max(starts[n - 1]);
    }
    let ends = starts.iter().copied().skip(1).chain([length]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end.max(start)).collect()
}

/// Even pieces of a sound without bars, named by their start.
fn pieces(length: usize, rate: u32) -> Vec<BarStart> {
    let seconds = length / rate as usize + 1;
    let step = [1, 2, 5, 10, 15, 30, 60].into_iter().find(|step| seconds / step < PIECES);
    let step = step.unwrap_or(60 * (seconds / (60 * PIECES) + 1));
    let bar = |second: usize| BarStart {
        frame: second * rate as usize,
        name: minutes(second as u64),
        section: String::new(),
    };
    // A rest of less than half a piece belongs to the one before.
    let whole = |second: usize| (2 * second + step) * rate as usize <= 2 * length;
    (0..seconds).step_by(step).filter(|second| *second == 0 || whole(*second)).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::ReportGrid;
    use crate::compare::verdict::Verdict;
    use crate::engine::block_loop::Frame;
    use crate::report::facts::{BarStart, ReportComparison, ReportPart};

    fn bars(count: usize, frames: usize) -> Vec<BarStart> {
        let bar =
            |n: usize| BarStart { frame: n * frames, name: (n + 1).to_string(), section: String::new() };
        (0..count).map(bar).collect()
    }

    fn grid(bars: [Vec<BarStart>; 2], sounds: [Option<&[Frame]>; 2]) -> ReportGrid {
        let part = ReportPart {
            id: "mix".to_owned(),
            verdict: Verdict::Different,
            sentences: Vec::new(),
            figures: Vec::new(),
            severity: Vec::new(),
            sounds,
            kept: [None, None],
            causes: Vec::new(),
        };
        ReportGrid::of(&ReportComparison {
            title: String::new(),
            names: [String::new(), String::new()],
            verdict: Some(Verdict::Different),
            sentences: Vec::new(),
            rate: 100,
            bars,
            parts: vec![part],
            identical: Vec::new(),
            causes: Vec::new(),
        })
    }

    #[test]
    fn equal_bars_lie_side_by_side_and_the_last_one_has_the_longer_tail() {
        let sound = [[0.0; 2]; 500];
        let grid = grid([bars(4, 100), bars(4, 100)], [Some(&sound[..450]), Some(&sound)]);
        assert!(grid.even(&(0..500)));
        assert_eq!((grid.length(), grid.frame(1, 333), grid.cells[3].length), (500, 333, 200));
    }

    #[test]
    fn of_a_faster_song_the_same_place_in_the_bar_is_looked_at() {
        let sound = [[0.0; 2]; 400];
        let grid = grid([bars(4, 100), bars(4, 80)], [Some(&sound), Some(&sound[..320])]);
        assert!(!grid.even(&(0..1)) && grid.length() == 400);
        assert_eq!([0, 50, 100, 399].map(|place| grid.frame(1, place)), [0, 40, 80, 319]);
        assert_eq!([0, 50, 100, 399].map(|place| grid.frame(0, place)), [0, 50, 100, 399]);
    }

    #[test]
    fn bars_that_only_one_side_has_are_behind_the_others() {
        let sound = [[0.0; 2]; 600];
        let grid = grid([bars(3, 100), bars(6, 100)], [Some(&sound[..300]), Some(&sound)]);
        assert_eq!((grid.cells.len(), grid.length()), (6, 600));
        assert_eq!((grid.cells[4].sides[0].clone(), grid.cells[4].sides[1].clone()), (300..300, 400..500));
    }

    #[test]
    fn without_bars_there_are_pieces_and_without_a_sound_the_other_one_counts() {
        let sound = [[0.0; 2]; 530];
        let pieces = grid([Vec::new(), Vec::new()], [None, Some(&sound)]);
        let names: Vec<&str> = pieces.cells.iter().map(|cell| cell.name.as_str()).collect();
        assert_eq!(names, ["0:00", "0:01", "0:02", "0:03", "0:04"]);
        assert!(pieces.even(&(0..530)) && pieces.length() == 530);
        assert_eq!(grid([Vec::new(), Vec::new()], [None, None]).length(), 0);
        let long = vec![[0.0; 2]; 100 * 36_000];
        assert!(grid([Vec::new(), Vec::new()], [None, Some(&long)]).cells.len() <= 60);
    }
}

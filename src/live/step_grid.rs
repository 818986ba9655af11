//! The steps of tracks as displays show them: one mark a step.

use crate::model::steps::{Cell, CellContent};

/// The most steps of a bar that are shown.
const MOST: f64 = 64.0;
/// Share of a step by which it may seem to begin late: beats are reported to about a thousandth of that.
const SLACK: f64 = 0.01;

/// What is seen of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepMark {
    /// Silence.
    Rest,
    /// The note before sounds on.
    Hold,
    /// A note, with its velocity from 0 to 1.
    Hit(f32),
}

impl StepMark {
    /// As songs write it.
    pub fn sign(self) -> char {
        match self {
            Self::Rest => '.',
            Self::Hold => '_',
            Self::Hit(velocity) if velocity > 0.9 => 'X',
            Self::Hit(velocity) if velocity > 0.45 => 'x',
            Self::Hit(_) => 'g',
        }
    }
}

/// Steps that loop.
#[derive(Clone, Debug, PartialEq)]
pub struct StepLane {
    /// The section that they are in; those of a track that was added are in none and go on through all.
    pub section: Option<usize>,
    /// At least one.
    pub cells: Vec<Cell>,
    /// The length of a step in quarter notes.
    pub step: f64,
    /// The quarter note at which the first begins: of the section, or of the performance.
    pub origin: f64,
}

/// A bar of a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct GridBar {
    /// One a step.
    pub marks: Vec<StepMark>,
    /// The step that sounds now.
    pub now: Option<usize>,
}

impl StepLane {
    /// The steps that begin within `length` quarter notes from `from` on, and which of them is it at `now`.
    pub fn bar(&self, from: f64, length: f64, now: f64) -> GridBar {
        let first = ((from - self.origin) / self.step - SLACK).ceil();
        let end = ((from + length - self.origin) / self.step - SLACK).ceil();
        let count = (end - first).clamp(0.0, MOST) as i64;
        let first = first as i64;
        let marks = (first..first + count).map(|step| self.mark(step)).collect();
        let at = ((now - self.origin) / self.step + SLACK).floor() as i64 - first;
        GridBar { marks, now: (0..count).contains(&at).then_some(at as usize) }
    }

    fn mark(&self, step: i64) -> StepMark {
        let Ok(step) = u64::try_from(step) else { return StepMark::Rest };
        let length = self.cells.len() as u64;
        mark(&self.cells[(step % length) as usize], step / length)
    }
}

/// What is seen of a cell on its pass: of a group, its loudest.
fn mark(cell: &Cell, pass: u64) -> StepMark {
    match &cell.what {
        CellContent::Rest => StepMark::Rest,
        CellContent::Hold => StepMark::Hold,
        CellContent::Hit { velocity, .. } => StepMark::Hit(*velocity),
        CellContent::Group(cells) => cells.iter().map(|cell| mark(cell, pass)).fold(StepMark::Rest, louder),
        CellContent::Alternate(cells) => mark(&cells[(pass % cells.len() as u64) as usize], pass),
    }
}

fn louder(one: StepMark, other: StepMark) -> StepMark {
    let loudness = |mark| match mark {
        StepMark::Rest => -2.0,
        StepMark::Hold => -1.0,
        StepMark::Hit(velocity) => velocity,
    };
    if loudness(other) > loudness(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::StepLane;
    use crate::check::song::check;
    use crate::diagnostic::span::SourceId;

    fn lane(pattern: &str, step: f64, origin: f64) -> StepLane {
        let text =
            format!("song bars=1\ninstrument it {{\n sine a\n route a -> out\n}}\ntrack it \"{pattern}\"\n");
        let song = check(SourceId::default(), &text).song.unwrap();
        StepLane { section: None, cells: song.sections[0].tracks[0].steps.cells.clone(), step, origin }
    }

    fn shown(lane: &StepLane, from: f64, length: f64, now: f64) -> (String, Option<usize>) {
        let bar = lane.bar(from, length, now);
        (bar.marks.into_iter().map(super::StepMark::sign).collect(), bar.now)
    }

    #[test]
    fn steps_go_loop_range_and_light_up() {
        let lane = lane("X x g", 0.25, 0.0);
        assert_eq!(shown(&lane, 0.0, 4.0, 0.0), ("XxgXxgXxgXxgXxgX".to_owned(), Some(0)));
        assert_eq!(shown(&lane, 4.0, 4.0, 4.6), ("xgXxgXxgXxgXxgXx".to_owned(), Some(2)));
        assert_eq!(shown(&lane, 4.0, 4.0, 8.1).1, None);
    }

    #[test]
    fn groups_and_alternatives_are_one_mark() {
        let lane = lane("[x X] <g .> _ .", 0.5, 0.0);
        assert_eq!(shown(&lane, 0.0, 4.0, 1.9), ("Xg_.X._.".to_owned(), Some(3)));
    }

    #[test]
    fn tracks_may_begin_anywhere() {
        let lane = lane("X . .", 0.25, 1.0);
        assert_eq!(shown(&lane, 0.0, 2.0, 1.0), ("....X..X".to_owned(), Some(4)));
    }

    #[test]
    fn long_bars_and_short_steps_have_an_end() {
        let lane = lane("x", 1e-3, 0.0);
        assert_eq!(shown(&lane, 0.0, 1e9, 5.0).0.len(), 64);
    }
}

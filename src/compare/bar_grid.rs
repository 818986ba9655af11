//! Where the bars of a sound lie, or its seconds where nobody knows of bars.

use std::ops::Range;

use crate::model::song::Song;
use crate::plan::timeline::Timeline;
use crate::units::number::{clock, minutes};

/// Stretches of a sound, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct BarGrid {
    /// Frames a second.
    pub rate: u32,
    /// The first frame of each stretch. What is after the last one's start belongs to it.
    pub starts: Vec<u64>,
    /// The section that each stretch is in, and its bar number in it; empty if they aren't bars.
    pub sections: Vec<(String, u32)>,
    /// Whether the last one is the tail.
    pub tail: bool,
}

impl BarGrid {
    /// The bars of a song, and its tail as the last one.
    pub fn of_song(song: &Song, timeline: &Timeline) -> Self {
        let mut starts = Vec::new();
        let mut sections = Vec::new();
        for span in &timeline.spans {
            let section = &song.sections[span.section];
            for bar in 0..section.bars {
                let quarters = f64::from(bar) * span.meter.quarters();
                starts.push(timeline.frame(span.seconds(quarters)));
                sections.push((section.id.clone(), bar + 1));
            }
        }
        starts.push(timeline.end_frame());
        Self { rate: timeline.rate as u32, starts, sections, tail: true }
    }

    /// The seconds of a sound of `frames` frames.
    pub fn of_seconds(rate: u32, frames: u64) -> Self {
        let starts = (0..frames.max(1)).step_by(rate.max(1) as usize).collect();
        Self { rate, starts, sections: Vec::new(), tail: false }
    }

    /// Whether its stretches are bars.
    pub fn has_bars(&self) -> bool {
        !self.sections.is_empty()
    }

    /// How many stretches there are, the tail among them.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The frames of a stretch of a sound that has `frames` of them.
    pub fn range(&self, index: usize, frames: usize) -> Range<usize> {
        let start = (self.starts[index] as usize).min(frames);
        let end = self.starts.get(index + 1).map_or(frames, |end| (*end as usize).min(frames));
        start..end.max(start)
    }

    /// In which stretch a frame lies.
    pub fn at(&self, frame: u64) -> usize {
        self.starts.partition_point(|start| *start <= frame).saturating_sub(1)
    }

    /// What a stretch is called: `bar 3`, `the tail`, `0:12`.
    pub fn name(&self, index: usize) -> String {
        if !self.has_bars() {
            return self.clock(self.starts[index]);
        }
        if self.tail && index + 1 == self.len() {
            "the tail".to_owned()
        } else {
            format!("bar {}", index + 1)
        }
    }

    /// What several stretches are called: `bar 3`, `bars 3 to 5`, `bars 3 to 5, 9 and the tail`, `0:12 to 0:14`.
    pub fn names(&self, indices: &[usize]) -> String {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for &index in indices {
            match runs.last_mut() {
                Some(run) if run.end == index && !self.is_tail(index) => run.end = index + 1,
                _ => runs.push(index..index + 1),
            }
        }
        let run = |run: &Range<usize>| match (self.has_bars(), run.len()) {
            (true, _) if self.is_tail(run.start) => "the tail".to_owned(),
            (true, 1) => format!("{}", run.start + 1),
            (true, _) => format!("{} to {}", run.start + 1, run.end),
            (false, _) => {
                let end = self.starts.get(run.end).copied();
                let end = end.unwrap_or(self.starts[run.end - 1] + u64::from(self.rate));
                format!("{} to {}", self.clock(self.starts[run.start]), self.clock(end))
            }
        };
        // More than a handful of places help nobody.
        let most = 6;
        let mut words: Vec<String> = runs.iter().take(most).map(run).collect();
        if runs.len() > most {
            words.push(format!("{} more places", runs.len() - most));
        }
        let listed = match words.as_slice() {
            [] => return String::new(),
            [one] => one.clone(),
            [all @ .., last] => format!("{} and {last}", all.join(", ")),
        };
        let bars = indices.iter().filter(|index| !self.is_tail(**index)).count();
        match (self.has_bars(), bars) {
            (false, _) | (true, 0) => listed,
            (true, 1) => format!("bar {listed}"),
            (true, _) => format!("bars {listed}"),
        }
    }

    fn is_tail(&self, index: usize) -> bool {
        self.tail && index + 1 == self.len()
    }

    /// A frame as `1:02` or, between seconds, `1:02.345`.
    pub fn clock(&self, frame: u64) -> String {
        let rate = u64::from(self.rate.max(1));
        let (seconds, rest) = (frame / rate, frame % rate);
        if rest == 0 { minutes(seconds) } else { clock(seconds * 1_000 + rest * 1_000 / rate) }
    }
}

#[cfg(test)]
mod tests {
    use super::BarGrid;

    fn bars() -> BarGrid {
        let sections = (1..=8).map(|bar| ("verse".to_owned(), bar)).collect();
        BarGrid { rate: 100, starts: (0..9).map(|bar| bar * 200).collect(), sections, tail: true }
    }

    #[test]
    fn places_have_the_names_of_musicians() {
        let grid = bars();
        assert_eq!(grid.names(&[2]), "bar 3");
        assert_eq!(grid.names(&[0, 1, 2, 3]), "bars 1 to 4");
        assert_eq!(grid.names(&[0, 2, 3, 8]), "bars 1, 3 to 4 and the tail");
        assert_eq!(grid.names(&[7, 8]), "bar 8 and the tail");
        assert_eq!(grid.names(&[8]), "the tail");
        assert_eq!(grid.name(8), "the tail");
        let seconds = BarGrid::of_seconds(100, 450);
        assert_eq!(seconds.len(), 5);
        assert_eq!(seconds.names(&[1, 2]), "0:01 to 0:03");
        assert_eq!(seconds.clock(6_150), "1:01.500");
    }

    #[test]
    fn every_frame_is_in_one_of_them() {
        let grid = bars();
        assert_eq!((grid.at(0), grid.at(199), grid.at(200), grid.at(9_999)), (0, 0, 1, 8));
        assert_eq!(
            (grid.range(8, 1_700), grid.range(3, 700), grid.range(3, 100)),
            (1600..1700, 600..700, 100..100)
        );
    }
}

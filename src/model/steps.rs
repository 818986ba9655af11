//! What a track plays: steps as written, with everything that is decided pass by pass still open.

/// The steps of a track, one after another, each as long as the track's grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrackSteps {
    /// At least one.
    pub cells: Vec<Cell>,
}

/// What stands in one step, or in a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What it is.
    pub what: CellContent,
    /// The share of passes in which it plays, drawn afresh each pass; 1 is always.
    pub chance: f32,
    /// Plays only on the n-th of every m passes: (n, m), n from 1.
    pub condition: Option<(u32, u32)>,
    /// How often it is played in its time; 1 is once.
    pub ratchet: u32,
}

/// The content of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum CellContent {
    /// Silence.
    Rest,
    /// The note before sounds on through this step; at the start of a pass, the last note of the pass before.
    Hold,
    /// A note.
    Hit {
        /// 0 to 1.
        velocity: f32,
        /// It goes on into the next hit: that one has no attack of its own, its pitch glides.
        slur: bool,
        /// The pitches of a `melody` lane; empty where `notes` (or nothing) say them.
        pitches: Vec<Pitch>,
    },
    /// These share the time evenly.
    Group(Vec<Cell>),
    /// One of these, the next one each pass.
    Alternate(Vec<Cell>),
}

/// A pitch, in octaves above c4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pitch(pub f64);

/// A lane of values that loops on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueLane<T> {
    /// At least one.
    pub items: Vec<LaneItem<T>>,
}

/// One place in a lane of values.
#[derive(Clone, Debug, PartialEq)]
pub enum LaneItem<T> {
    /// The same each time round.
    One(T),
    /// The next of these each time round.
    Alternate(Vec<T>),
}

impl<T> ValueLane<T> {
    /// What the lane says at `index`, counted from its start through all its rounds.
    pub fn at(&self, index: u64) -> &T {
        let round = index / self.items.len() as u64;
        match &self.items[(index % self.items.len() as u64) as usize] {
            LaneItem::One(value) => value,
            LaneItem::Alternate(values) => &values[(round % values.len() as u64) as usize],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LaneItem, ValueLane};

    #[test]
    fn a_lane_loops_and_alternates() {
        let lane = ValueLane { items: vec![LaneItem::One('a'), LaneItem::Alternate(vec!['b', 'c'])] };
        let heard: String = (0..8).map(|i| *lane.at(i)).collect();
        assert_eq!(heard, "abacabac");
    }
}

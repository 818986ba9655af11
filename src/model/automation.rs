//! Automation: what moves a control, or the tempo, over bars of a section.

use std::ops::Range;

use crate::model::patch::ControlId;

/// What moves a control inside a section.
#[derive(Clone, Debug, PartialEq)]
pub struct Automation {
    /// What it moves.
    pub control: ControlId,
    /// The bars of the section over which it moves, counted from 0.
    pub bars: Range<u32>,
    /// Where it begins, in the control's unit.
    pub from: f64,
    /// Where it ends, in the control's unit; the control stays there until the section ends or the next one begins.
    pub to: f64,
    /// How it gets there.
    pub bend: Bend,
    /// What oscillates between both ends, and how many cycles of it there are.
    pub wave: Option<(Oscillation, f64)>,
}

/// What moves the tempo inside a section.
#[derive(Clone, Debug, PartialEq)]
pub struct TempoMove {
    /// The bars of the section over which it moves, counted from 0.
    pub bars: Range<u32>,
    /// Quarter notes a minute where it begins.
    pub from: f64,
    /// Quarter notes a minute where it ends.
    pub to: f64,
    /// How it gets there.
    pub bend: Bend,
}

/// How a value gets from one end to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bend {
    /// By equal steps.
    Linear,
    /// By equal ratios.
    Exponential,
    /// Slowly at both ends: 3x² - 2x³.
    Smooth,
    /// It stays at the first end, and is at the other when the bars are over.
    Step,
}

impl Bend {
    /// Their words.
    pub const ALL: &[(&str, Self)] =
        &[("lin", Self::Linear), ("exp", Self::Exponential), ("smooth", Self::Smooth), ("step", Self::Step)];
}

/// What oscillates between two ends, beginning at the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oscillation {
    /// Half a cosine there, half a cosine back.
    Sine,
    /// A line there, a line back.
    Triangle,
    /// A line there, a jump back.
    Saw,
    /// Half a cycle at each end.
    Square,
    /// A place between the ends each cycle, drawn by chance.
    Random,
}

impl Oscillation {
    /// Their words.
    pub const ALL: &[(&str, Self)] = &[
        ("sine", Self::Sine),
        ("triangle", Self::Triangle),
        ("saw", Self::Saw),
        ("square", Self::Square),
        ("random", Self::Random),
    ];
}

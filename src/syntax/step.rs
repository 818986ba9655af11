//! A step as it is written, and how much it comes to once its repetitions and rhythms are written out: known before
//! anything is.

use std::ops::Range;

use crate::syntax::euclid::Rhythm;
use crate::syntax::pitches::Chord;
use crate::syntax::signs::Strength;
use crate::syntax::suffixes::Suffixes;

/// What stands in one step, or in a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenStep {
    /// What it is.
    pub what: StepContent,
    /// What stands after it.
    pub suffixes: Suffixes,
    /// Where it stands in the text.
    pub at: Range<usize>,
}

/// The content of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum StepContent {
    /// Silence.
    Rest,
    /// The note before goes on.
    Hold,
    /// A hit; its pitches only in a melody.
    Hit(Strength, Option<Chord>),
    /// These share the time.
    Group(Vec<WrittenStep>),
    /// One of these each pass.
    Turns(Vec<WrittenStep>),
    /// These, so many times in a row; at least one, at least once.
    Repeat(usize, Vec<WrittenStep>),
    /// The step on each hit of a rhythm, a rest on its other steps.
    Euclid(Rhythm, Box<WrittenStep>),
    /// A bar check: takes no time.
    Bar,
}

/// What steps come to once they are written out. Every count is held at the greatest that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Steps, each as long as the track's grid.
    pub steps: u64,
    /// Steps, parts of steps, alternatives, and the notes of chords: how much room they take.
    pub size: u64,
    /// Notes that one pass strikes at most, chance and conditions apart.
    pub notes: u64,
    /// Hits, rests and holds that one pass goes through at most.
    pub visits: u64,
    /// Whether any of them waits for a pass.
    pub waits: bool,
}

impl Extent {
    /// What `steps` come to.
    pub fn of(steps: &[WrittenStep]) -> Self {
        steps.iter().map(Self::of_step).fold(Self::default(), Self::and)
    }

    /// Both, one after the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
            size: self.size.saturating_add(other.size),
            notes: self.notes.saturating_add(other.notes),
            visits: self.visits.saturating_add(other.visits),
            waits: self.waits || other.waits,
        }
    }

    /// The same so many times in a row.
    fn times(self, count: u64) -> Self {
        Self {
            steps: self.steps.saturating_mul(count),
            size: self.size.saturating_mul(count),
            notes: self.notes.saturating_mul(count),
            visits: self.visits.saturating_mul(count),
            waits: self.waits,
        }
    }

    /// Of a step that is neither a repetition nor a rhythm.
    fn one(size: u64, notes: u64, visits: u64, suffixes: Suffixes) -> Self {
        let ratchet = u64::from(suffixes.ratchet.unwrap_or(1));
        let (notes, visits) = (notes.saturating_mul(ratchet), visits.saturating_mul(ratchet));
        Self { steps: 1, size, notes, visits, waits: false }
    }

    fn of_step(step: &WrittenStep) -> Self {
        let extent = Self::of_content(step);
        Self { waits: extent.waits || step.suffixes.condition.is_some(), ..extent }
    }

    fn of_content(step: &WrittenStep) -> Self {
        match &step.what {
            StepContent::Bar => Self { size: 1, ..Self::default() },
            StepContent::Rest | StepContent::Hold => Self::one(1, 0, 1, Suffixes::default()),
            StepContent::Hit(_, chord) => {
                let tones = chord.as_ref().map_or(1, |chord| chord.tones.len().max(1)) as u64;
                Self::one(tones, tones, 1, step.suffixes)
            }
            StepContent::Group(inner) => {
                let inner = Self::of(inner);
                let whole = Self::one(inner.size.saturating_add(1), inner.notes, inner.visits, step.suffixes);
                Self { waits: inner.waits, ..whole }
            }
            StepContent::Turns(inner) => {
                let (mut size, mut notes, mut visits) = (1_u64, 0, 0);
                let mut waits = false;
                for one in inner.iter().map(Self::of_step) {
                    size = size.saturating_add(one.size);
                    (notes, visits) = (one.notes.max(notes), one.visits.max(visits));
                    waits |= one.waits;
                }
                Self { waits, ..Self::one(size, notes, visits, step.suffixes) }
            }
            StepContent::Repeat(count, inner) => Self::of(inner).times(*count as u64),
            StepContent::Euclid(rhythm, hit) => {
                let rests = Self::one(1, 0, 1, Suffixes::default()).times(rhythm.rests() as u64);
                Self::of_step(hit).times(rhythm.hits() as u64).and(rests)
            }
        }
    }
}

/// What stands last in `steps` once they are written out; of a rhythm that ends with rests, the rhythm.
pub(super) fn last(steps: &[WrittenStep]) -> Option<&WrittenStep> {
    let step = steps.last()?;
    match &step.what {
        StepContent::Repeat(_, inner) => last(inner),
        StepContent::Euclid(rhythm, hit) if rhythm.steps().last() == Some(true) => Some(hit),
        _ => Some(step),
    }
}

/// Hands every step of `steps`, written out, to `take`, groups whole; a rhythm stands for each of its rests.
pub fn written_out<'s>(steps: &'s [WrittenStep], take: &mut dyn FnMut(&'s WrittenStep)) {
    for step in steps {
        match &step.what {
            StepContent::Repeat(count, inner) => (0..*count).for_each(|_| written_out(inner, take)),
            StepContent::Euclid(rhythm, hit) => {
                rhythm.steps().for_each(|struck| take(if struck { hit } else { step }));
            }
            _ => take(step),
        }
    }
}

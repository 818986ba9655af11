//! Where what moves by itself is written: a lane of a buffer for each control of each voice.

use crate::plan::automation::Drives;
use crate::plan::cohorts::Member;
use crate::plan::steps::{BasePlan, BufferId, Signal};

/// The bases of a plan on its way.
pub(super) struct Bases {
    /// The index of the first curve of each instrument's voices; those of the top level come before.
    first_curves: Vec<usize>,
    all: Vec<BasePlan>,
}

impl Bases {
    /// None yet, for what `drives` has.
    pub(super) fn new(drives: &Drives) -> Self {
        let first_curves = drives.instruments.iter().scan(drives.top.len(), |next, own| {
            let first = *next;
            *next += own.len();
            Some(first)
        });
        Self { first_curves: first_curves.collect(), all: Vec::new() }
    }

    /// A base of the top level, by its number there.
    pub(super) fn top(&mut self, number: usize, buffer: BufferId) {
        self.all.push(BasePlan { at: Signal { buffer, lane: 0 }, curve: number, voice: None });
    }

    /// A base of a voice in its lane, by its number there.
    pub(super) fn voice(&mut self, number: usize, member: Member, voice: usize, at: Signal) {
        let curve = self.first_curves[member.instrument] + number;
        self.all.push(BasePlan { at, curve, voice: Some((voice as u32, number as u32)) });
    }

    /// All of them, in the order of the curves.
    pub(super) fn finish(mut self) -> Vec<BasePlan> {
        self.all.sort_by_key(|base| base.curve);
        self.all
    }
}

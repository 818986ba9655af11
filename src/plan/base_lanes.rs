//! Where what moves by itself is written: a lane of a buffer for each control of each voice.

use crate::plan::automation::{AutomationLane, AutomationLanes};
use crate::plan::compiled_plan::{BufferId, ParameterBasePlan, Signal};
use crate::plan::voice_batches::BatchMember;

/// The bases of a plan on its way.
pub(super) struct BaseLanes {
    /// The index of the first curve of each instrument's voices; those of the top level come before.
    first_curves: Vec<usize>,
    /// For each curve, whether the note's frequency stands in its place.
    follows: Vec<bool>,
    all: Vec<ParameterBasePlan>,
}

impl BaseLanes {
    /// None yet, for what `automation_lanes` has.
    pub(super) fn new(automation_lanes: &AutomationLanes) -> Self {
        let first_curves =
            automation_lanes.instruments.iter().scan(automation_lanes.top.len(), |next, own| {
                let first = *next;
                *next += own.len();
                Some(first)
            });
        let follows = automation_lanes.all().map(AutomationLane::follows).collect();
        Self { first_curves: first_curves.collect(), follows, all: Vec::new() }
    }

    /// A base of the top level, by its number there.
    pub(super) fn top(&mut self, number: usize, buffer: BufferId) {
        let at = Signal { buffer, lane: 0 };
        self.all.push(ParameterBasePlan { at, curve: number, voice: None, follows: None });
    }

    /// The bases of a voice batch's voices, each in its lane of `buffer`, by their number there. `first` are the first voices of
    /// all instruments, and `freq` is where the voices' frequencies are.
    pub(super) fn voices(
        &mut self,
        number: usize,
        members: &[BatchMember],
        first: &[u32],
        buffer: BufferId,
        freq: Option<BufferId>,
    ) {
        for (lane, member) in members.iter().enumerate() {
            let curve = self.first_curves[member.instrument] + number;
            let voice = first[member.instrument] + member.voice as u32;
            let follows = freq.filter(|_| self.follows[curve]);
            let (at, voice) = (Signal { buffer, lane }, Some((voice, number as u32)));
            self.all.push(ParameterBasePlan { at, curve, voice, follows });
        }
    }

    /// All of them, in the order of the curves.
    pub(super) fn finish(mut self) -> Vec<ParameterBasePlan> {
        self.all.sort_by_key(|base| base.curve);
        self.all
    }
}

//! Phases of 64 bits, which keep time for hours, and the count of their cycles.

use crate::modules::spec::BLOCK;
use crate::modules::state::StateLane;

/// One turn.
const TURN: f64 = 18_446_744_073_709_551_616.0;

/// The words a slow phase keeps: phase, increment (two each, the high half first) and cycles.
pub(crate) const WORDS: usize = 5;
const PHASE: usize = 0;
const STEP: usize = 2;
/// The word that counts cycles.
pub(crate) const CYCLE: usize = 4;

/// Where a cycle is, and which one it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlowPhase {
    phase: u64,
    pub(crate) cycle: u32,
}

impl SlowPhase {
    /// At `share` of cycle 0.
    #[inline(always)]
    pub(crate) fn starting(share: f32) -> Self {
        // A whole turn is the start of the cycle again, not its very end.
        let share = if share < 1.0 { share } else { 0.0 };
        Self { phase: (f64::from(share) * TURN) as u64, cycle: 0 }
    }

    /// As kept in lane `l` of the first words.
    #[inline(always)]
    pub(crate) fn of<const W: usize>(words: &[[u32; W]], l: usize) -> Self {
        Self {
            phase: u64::from(words[PHASE][l]) << 32 | u64::from(words[PHASE + 1][l]),
            cycle: words[CYCLE][l],
        }
    }

    /// Keeps it, and the last increment, in lane `l` of the first words.
    #[inline(always)]
    pub(crate) fn keep<const W: usize>(self, step: u64, words: &mut [[u32; W]], l: usize) {
        (words[PHASE][l], words[PHASE + 1][l]) = ((self.phase >> 32) as u32, self.phase as u32);
        (words[STEP][l], words[STEP + 1][l]) = ((step >> 32) as u32, step as u32);
        words[CYCLE][l] = self.cycle;
    }

    /// The upper half, 2^32 to a turn.
    #[inline(always)]
    pub(crate) fn upper(self) -> u32 {
        (self.phase >> 32) as u32
    }

    /// Moves on by `step`; whether another cycle begins.
    #[inline(always)]
    pub(crate) fn step(&mut self, step: u64) -> bool {
        let (phase, over) = self.phase.overflowing_add(step);
        self.phase = phase;
        self.cycle = self.cycle.wrapping_add(u32::from(over));
        over
    }

    /// The whole of it, 2^64 to a turn.
    #[inline(always)]
    pub(crate) fn phase(self) -> u64 {
        self.phase
    }

    /// Moves on by a block of `step` a frame.
    #[inline(always)]
    pub(crate) fn run(&mut self, step: u64) {
        let end = u128::from(self.phase) + u128::from(step) * BLOCK as u128;
        self.cycle = self.cycle.wrapping_add((end >> 64) as u32);
        self.phase = end as u64;
    }

    /// Moves on by `step`, but not past the end of the cycle.
    #[inline(always)]
    pub(crate) fn step_to_end(&mut self, step: u64) {
        self.phase = self.phase.saturating_add(step);
    }

    /// Begins another cycle.
    #[inline(always)]
    pub(crate) fn restart(&mut self) {
        self.phase = 0;
        self.cycle = self.cycle.wrapping_add(1);
    }
}

/// The increment a frame of `hertz` at `rate` frames a second, held below half a turn.
#[inline(always)]
pub(crate) fn step(hertz: f32, rate: f32) -> u64 {
    let turns = f64::from(hertz) / f64::from(rate);
    ((if turns < 0.49 { turns } else { 0.49 }) * TURN) as i64 as u64
}

/// Sets the phase to `share` of a cycle.
pub(crate) fn start(lane: &mut StateLane<'_>, share: f32) {
    lane.set_long(PHASE, SlowPhase::starting(share).phase);
}

/// Brings phase and cycles to where they would be after `frames` at the last increment.
pub(crate) fn advance(lane: &mut StateLane<'_>, frames: u64) {
    let end = u128::from(lane.long(PHASE)) + u128::from(lane.long(STEP)) * u128::from(frames);
    lane.set_long(PHASE, end as u64);
    let cycle = lane.word(CYCLE);
    *cycle = cycle.wrapping_add((end >> 64) as u32);
}

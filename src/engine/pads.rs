//! Pads: signals delayed so that they meet what lags after them.

use crate::modules::buffer::{Buffer, In};
use crate::modules::call::DelayRing;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::{Plan, Step};
use crate::plan::shape::DelayPast;

/// What one [`Step::Pad`] holds.
pub(super) struct Pad {
    ring: DelayRing,
    past: DelayPast,
    /// Frames for which what came in has stood at the ring's newest row. Where that is all that the ring holds, it stands too.
    stood: usize,
    /// Lanes whose past is still to be filled in, a bit each.
    fresh: u8,
}

/// A pad that is reset when a voice wakes, and its lanes; `None` if each is a voice's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Woken {
    pad: usize,
    width: usize,
    /// The lane of the voice batch that it belongs to altogether.
    lane: Option<usize>,
}

/// The pads of `plan`, through which nothing has come yet.
pub(super) fn pads(plan: &Plan) -> Vec<Pad> {
    let pad = |step: &Step| match step {
        Step::Pad { width, frames, past, .. } => Some(Pad::new(*width, *frames, *past)),
        _ => None,
    };
    plan.steps.iter().filter_map(pad).collect()
}

/// For each voice batch, its pads.
pub(super) fn of_voice_batches(plan: &Plan) -> Vec<Vec<Woken>> {
    let mut all = vec![Vec::new(); plan.voice_batches.len()];
    for (place, step) in plan.steps.iter().enumerate() {
        let Step::VoiceBatch { voice_batch, steps } = step else { continue };
        let levels = &plan.voice_batches[*voice_batch].levels;
        all[*voice_batch].extend(plan.steps[place + 1..=place + steps].iter().filter_map(
            |step| match step {
                Step::Pad { width, pad, out, .. } => {
                    let lane = levels.iter().position(|level| level == out);
                    Some(Woken { pad: *pad, width: *width, lane })
                }
                _ => None,
            },
        ));
    }
    all
}

/// Resets those of a voice batch's `pads` that delay the voice in `lane`, which wakes.
pub(super) fn wake(all: &mut [Pad], pads: &[Woken], lane: usize) {
    for woken in pads {
        match woken.lane {
            None => all[woken.pad].reset(woken.width, lane),
            Some(own) if own == lane => all[woken.pad].reset(woken.width, 0),
            Some(_) => {}
        }
    }
}

impl Pad {
    fn new(width: usize, frames: usize, past: DelayPast) -> Self {
        Self { ring: DelayRing::new(frames, width), past, stood: 0, fresh: u8::MAX }
    }

    /// Forgets one lane of `width`.
    fn reset(&mut self, width: usize, lane: usize) {
        self.ring.silence_lane(width, lane, usize::MAX);
        self.stood = 0;
        self.fresh |= 1 << lane;
    }

    /// Goes on with one lane of another one: its width and lane, and those here.
    pub(super) fn adopt(&mut self, other: &Self, [from, to]: [(usize, usize); 2]) {
        if other.fresh >> from.1 & 1 == 1 {
            return;
        }
        self.ring.copy_lane(&other.ring, [from, to], 1..=usize::MAX, [0; 2], false);
        self.stood = 0;
        self.fresh &= !(1 << to.1);
    }

    /// Runs one block at one width.
    #[inline(always)]
    pub(super) fn run<const W: usize>(&mut self, buffers: &mut [Buffer], from: usize, out: usize) {
        let mut target = std::mem::take(&mut buffers[out]);
        let frames = self.ring.frames;
        let from = buffers[from].input::<W>();
        if self.fresh != 0 {
            self.begin::<W>(*from.at(0));
        }
        let newest = if self.ring.at == 0 { frames - 1 } else { self.ring.at - 1 };
        let mut at = self.ring.at;
        let stored = self.ring.rows::<W>();
        if let In::Constant(row) = from {
            if !is_same(row, &stored[newest]) {
                self.stood = 0;
            } else if self.stood >= frames {
                target.set(*row);
                buffers[out] = target;
                return;
            }
            self.stood += BLOCK;
        } else {
            self.stood = 0;
        }
        for (i, row) in target.rows::<W>().iter_mut().enumerate() {
            *row = stored[at];
            stored[at] = *from.at(i);
            at = if at + 1 == frames { 0 } else { at + 1 };
        }
        self.ring.at = at;
        buffers[out] = target;
    }

    /// Fills in the past of what begins at `row`.
    #[cold]
    fn begin<const W: usize>(&mut self, row: [f32; W]) {
        let stored = self.ring.rows::<W>();
        if self.past == DelayPast::Held {
            for (lane, value) in row.into_iter().enumerate().filter(|(lane, _)| self.fresh >> lane & 1 == 1) {
                stored.iter_mut().for_each(|row| row[lane] = value);
            }
        }
        let stands = stored.iter().all(|row| is_same(row, &stored[0]));
        self.stood = if stands { stored.len() } else { 0 };
        self.fresh = 0;
    }
}

fn is_same<const W: usize>(a: &[f32; W], b: &[f32; W]) -> bool {
    let mut differs = 0;
    for l in 0..W {
        differs |= a[l].to_bits() ^ b[l].to_bits();
    }
    differs == 0
}

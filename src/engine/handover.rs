//! One deck goes over into the next: for a moment, what goes on hears what it heard before and what it hears now.
//!
//! Sound that is new, gone or different is faded where it enters modules that go on, so that no reverb, delay or filter
//! hears a step, and at the end of the song. Where both decks say the same, the bits stay as they are.

use crate::engine::block_loop::Engine;
use crate::engine::carry_over::CarryOver;
use crate::engine::kernels::{Inputs, LanePair};
use crate::modules::buffer::Buffer;
use crate::modules::call::MAX_INPUTS;
use crate::modules::spec::{BLOCK, ModuleSpec, Normal};
use crate::plan::compiled_plan::KernelPlan;
use crate::plan::curve::eased;

/// How far a handover is: frames since it began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HandoverProgress {
    done: u32,
    /// Frames before anything of the new deck is heard: those by which it lags.
    waits: u32,
    fades: u32,
}

impl HandoverProgress {
    /// Begins to wait for so many frames, and then to fade for so many.
    pub(super) fn begin(waits: u32, fades: u32) -> Self {
        Self { done: 0, waits, fades }
    }

    /// Whether nothing of the deck before is heard any more.
    pub(super) fn is_over(&self) -> bool {
        self.done >= self.waits + self.fades
    }

    /// The share of the new deck in each of the next frames. It sets out and arrives level, so that the fade itself is not
    /// heard.
    pub(super) fn next(&mut self) -> [f32; BLOCK] {
        let share = |frame: usize| {
            let gone = (self.done + frame as u32).saturating_sub(self.waits);
            let x = (f64::from(gone) / f64::from(self.fades.max(1))).min(1.0);
            eased(x) as f32
        };
        let shares = std::array::from_fn(share);
        self.done += BLOCK as u32;
        shares
    }
}

/// Between what was and what is.
#[inline(always)]
pub(super) fn mixed(before: f32, now: f32, share: f32) -> f32 {
    if share == 1.0 { now } else { before + (now - before) * share }
}

/// Room for the inputs of one kernel, at each width.
pub(super) struct HandoverScratch([Vec<Buffer>; 3]);

impl HandoverScratch {
    pub(super) fn new() -> Self {
        Self([1, 4, 8].map(|width| (0..MAX_INPUTS).map(|_| Buffer::new(width)).collect()))
    }

    fn of_width(&mut self, width: usize) -> &mut [Buffer] {
        let [one, four, eight] = &mut self.0;
        match width {
            1 => one,
            4 => four,
            _ => eight,
        }
    }
}

/// What a deck is reported the one before it in one block.
pub(super) struct Handover<'a> {
    /// The engine of the deck before, after its block.
    pub(super) before: &'a Engine,
    /// What goes on.
    pub(super) kept: &'a CarryOver,
    /// The share of the new deck in each frame.
    pub(super) shares: &'a [f32; BLOCK],
    /// Room for what is mixed.
    pub(super) room: &'a mut HandoverScratch,
}

/// What a kernel hears while it is handed over: buffers in place of some of its inputs.
pub(super) struct HandoverInputs<'a> {
    inputs: &'a [Buffer],
    /// A bit for each input.
    which: u32,
}

impl Inputs for HandoverInputs<'_> {
    #[inline(always)]
    fn input<'b>(&'b self, place: usize, planned: &'b Buffer) -> &'b Buffer {
        if self.which >> place & 1 == 1 { &self.inputs[place] } else { planned }
    }
}

impl Handover<'_> {
    /// Mixes the inputs of the kernel of that index: a lane that goes on hears what it heard before go over into what it hears
    /// now, and one that is new hears sound come up. `None` if it all stays as it is.
    pub(super) fn mix(
        &mut self,
        index: usize,
        plan: &KernelPlan,
        buffers: &[Buffer],
    ) -> Option<HandoverInputs<'_>> {
        let lanes = self.kept.lanes_of(index);
        let inputs = self.room.of_width(plan.width);
        let mut which = 0;
        for (place, (&input, target)) in plan.ins.iter().zip(inputs.iter_mut()).enumerate() {
            let before = |&((kernel, lane), (_, to)): &LanePair| {
                (&self.before.buffers()[self.before.plan().kernels[kernel].ins[place]], lane, to)
            };
            let now = &buffers[input];
            let is_kept = |lane: usize| lanes.iter().any(|(_, (_, to))| *to == lane);
            let swells = lanes.len() < plan.lanes.len() && hears_sound(plan.spec, place);
            if !swells && lanes.iter().map(before).all(|(before, lane, to)| is_equal(before, lane, now, to)) {
                continue;
            }
            target.copy(now);
            target.expand();
            which |= 1 << place;
            for (before, lane, to) in lanes.iter().map(before) {
                let own = target.samples_mut().iter_mut().skip(to).step_by(plan.width);
                for ((own, before), share) in own.zip(before.lane(lane)).zip(self.shares) {
                    *own = mixed(before, *own, *share);
                }
            }
            for lane in (0..plan.lanes.len()).filter(|lane| swells && !is_kept(*lane)) {
                let own = target.samples_mut().iter_mut().skip(lane).step_by(plan.width);
                own.zip(self.shares).for_each(|(own, share)| *own *= share);
            }
        }
        (which != 0).then_some(HandoverInputs { inputs, which })
    }
}

/// Whether a kernel input carries a signal that is silent where nothing is routed to it, and no gate.
fn hears_sound(spec: &ModuleSpec, place: usize) -> bool {
    let mut inputs = spec.inputs.iter().filter(|port| matches!(port.normal, Normal::Nothing | Normal::Main));
    inputs.any(|port| spec.places(port.name).contains(&place))
}

fn is_equal(a: &Buffer, lane: usize, b: &Buffer, other: usize) -> bool {
    a.lane(lane).zip(b.lane(other)).all(|(a, b)| a.to_bits() == b.to_bits())
}

#[cfg(test)]
mod tests {
    use super::{HandoverProgress, mixed};
    use crate::modules::spec::BLOCK;

    #[test]
    fn a_fade_waits_and_then_goes_evenly_from_nothing_to_all() {
        let mut progress = HandoverProgress::begin(100, 400);
        let mut shares = Vec::new();
        while !progress.is_over() {
            shares.extend(progress.next());
        }
        assert_eq!(shares.len(), 500_usize.next_multiple_of(BLOCK));
        assert!(shares[..=100].iter().all(|share| *share == 0.0));
        assert!(shares[500..].iter().all(|share| *share == 1.0));
        assert!((shares[300] - 0.5).abs() < 1e-6);
        assert!(shares.windows(2).all(|pair| (0.0..0.005).contains(&(pair[1] - pair[0]))));
    }

    #[test]
    fn what_is_the_same_stays_the_same() {
        for share in [0.0, 0.1, 0.7, 1.0] {
            assert_eq!(mixed(0.3, 0.3, share), 0.3);
        }
        assert_eq!((mixed(0.1, 0.7, 0.0), mixed(0.1, 0.7, 1.0)), (0.1, 0.7));
    }
}

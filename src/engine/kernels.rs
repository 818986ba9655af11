//! The kernels of a plan with their state: laid out once, run each block, held in bounds, reset and advanced by lane.

use crate::dsp::loudest::{highest_bits, is_within};
use crate::engine::guard::{Culprit, Faults};
use crate::engine::handover::HandoverInputs;
use crate::modules::buffer::{Buffer, In};
use crate::modules::call::{Call, DelayRing, KernelClock, MAX_INPUTS};
use crate::modules::dispatch::{Compilation, Runnable};
use crate::modules::kernel::{Foreign, Kernel};
use crate::modules::spec::BLOCK;
use crate::modules::state::{Setup, Sleep, StateLane};
use crate::plan::compiled_plan::KernelPlan;
use crate::plan::memory_use::Reach;

/// All kernels of a plan.
pub(super) struct Kernels {
    pub(super) kernels: Vec<Running>,
    /// The float state of every kernel, one after another, each from a multiple of eight on.
    pub(super) rows: Vec<f32>,
    /// The integer state of every kernel, one after another.
    pub(super) words: Vec<u32>,
    /// The state of each sleeping voice at the time when it fell asleep, laid out like `rows`.
    pub(super) asleep_rows: Vec<f32>,
    /// The same, laid out like `words`.
    pub(super) asleep_words: Vec<u32>,
}

pub(super) struct Running {
    pub(super) code: KernelCode,
    pub(super) rows: std::ops::Range<usize>,
    pub(super) words: std::ops::Range<usize>,
    pub(super) rings: Vec<DelayRing>,
    /// Of each ring of a plan that is played, the frames that the song itself has use for.
    pub(super) reach: Vec<usize>,
    /// For each lane, the frame at which its rings were silent; `None` if they have been taken over from elsewhere.
    pub(super) silent: [Option<u64>; 8],
    /// The bits of the highest magnitude that its outputs may have; `None` if they aren't looked at.
    bound: Option<u32>,
    /// Places for the buffers it writes, which are lent to it while it runs.
    outs: Vec<Buffer>,
}

/// A kernel and its lane, in another plan and in this one.
pub type LanePair = ((usize, usize), (usize, usize));

pub(super) enum KernelCode {
    One(Runnable<1>),
    Four(Runnable<4>),
    Eight(Runnable<8>),
    Foreign(Box<dyn Foreign>),
}

/// As many inputs as most kinds have: their calls are made ready sooner.
const FEW_INPUTS: usize = 5;

/// A float so small that no ear and no sum misses it, but larger than any denormal.
const TINY: f32 = 1e-30;

impl Kernels {
    /// The kernels of `plans` at `rate`, each in its first state.
    pub(super) fn new(plans: &[KernelPlan], rate: f32, compilation: Compilation, reach: Reach) -> Self {
        let (mut row, mut word) = (0, 0);
        let kernels: Vec<Running> = plans
            .iter()
            .map(|plan| {
                let rows = row..row + plan.spec.state.rows * plan.width;
                let words = word..word + plan.spec.state.words * plan.width;
                (row, word) = (rows.end.next_multiple_of(8), words.end);
                let outs = vec![Buffer::default(); plan.outs.len()];
                let used = match reach {
                    Reach::OfSong => Vec::new(),
                    Reach::OfKind => plan.ring_frames(rate, Reach::OfSong),
                };
                let (code, rings) = (code(plan, rate, compilation), rings(plan, rate, reach));
                // What a ring or a foreign unit holds shows only in the output.
                let hidden = !rings.is_empty() || matches!(code, KernelCode::Foreign(_));
                let bound = (hidden || plan.guard.looped).then_some(plan.guard.bound.to_bits());
                Running { code, rows, words, rings, reach: used, silent: [Some(0); 8], bound, outs }
            })
            .collect();
        let mut all = Self {
            kernels,
            rows: vec![0.0; row],
            words: vec![0; word],
            asleep_rows: Vec::new(),
            asleep_words: Vec::new(),
        };
        for (index, plan) in plans.iter().enumerate() {
            for lane in 0..plan.width {
                all.init(index, plan, lane, rate);
            }
        }
        all.asleep_rows.clone_from(&all.rows);
        all.asleep_words.clone_from(&all.words);
        all
    }

    /// Runs one block of a kernel. Returns whether its state and its outputs are sound; if not, it must be repaired.
    #[inline(always)]
    pub(super) fn run(
        &mut self,
        index: usize,
        plan: &KernelPlan,
        buffers: &mut [Buffer],
        clock: &KernelClock,
    ) -> bool {
        self.run_on(index, plan, buffers, clock, &KernelSpecs)
    }

    /// The same while it is handed over to another deck: `heard` stands in place of some of its inputs.
    #[cold]
    pub(super) fn run_handed_over(
        &mut self,
        index: usize,
        plan: &KernelPlan,
        buffers: &mut [Buffer],
        clock: &KernelClock,
        heard: &HandoverInputs<'_>,
    ) -> bool {
        self.run_on(index, plan, buffers, clock, heard)
    }

    #[inline(always)]
    fn run_on(
        &mut self,
        index: usize,
        plan: &KernelPlan,
        buffers: &mut [Buffer],
        clock: &KernelClock,
        inputs: &impl Inputs,
    ) -> bool {
        let Running { code, rows, words, rings, outs, bound, .. } = &mut self.kernels[index];
        let (whole, rows) = (rows.start..rows.end.next_multiple_of(8), rows.clone());
        let words = &mut self.words[words.clone()];
        for (out, &buffer) in outs.iter_mut().zip(&plan.outs) {
            std::mem::swap(out, &mut buffers[buffer]);
        }
        let state = KernelState { rows: &mut self.rows[rows], words, rings, outs };
        match code {
            KernelCode::One(kernel) => run(plan, (buffers, inputs), clock, state, |call| kernel.run(call)),
            KernelCode::Four(kernel) => run(plan, (buffers, inputs), clock, state, |call| kernel.run(call)),
            KernelCode::Eight(kernel) => run(plan, (buffers, inputs), clock, state, |call| kernel.run(call)),
            KernelCode::Foreign(unit) => run(plan, (buffers, inputs), clock, state, |call| unit.run(call)),
        }
        let mut sound = flush(&mut self.rows[whole]);
        if let Some(bound) = *bound {
            for out in &*outs {
                sound &= highest_bits(out.content()) <= bound;
            }
        }
        for (out, &buffer) in outs.iter_mut().zip(&plan.outs) {
            std::mem::swap(out, &mut buffers[buffer]);
        }
        sound
    }

    /// Resets every lane whose state isn't finite or whose output is past its bound, and silences what it output. Those
    /// that are `heard` are put down among the faults.
    #[cold]
    pub(super) fn repair(
        &mut self,
        index: usize,
        plan: &KernelPlan,
        buffers: &mut [Buffer],
        clock: &KernelClock,
        faults: &mut Faults,
        heard: impl Fn(usize) -> bool,
    ) {
        let range = self.kernels[index].rows.clone();
        let bound = self.kernels[index].bound.map_or(f32::MAX, f32::from_bits);
        for lane in 0..plan.width {
            let state = self.rows[range.clone()].iter().skip(lane).step_by(plan.width);
            let broken = |buffer: &usize| {
                buffers[*buffer]
                    .content()
                    .iter()
                    .skip(lane)
                    .step_by(plan.width)
                    .any(|x| !is_within(*x, bound))
            };
            if state.copied().any(|x| !x.is_finite()) || plan.outs.iter().any(broken) {
                if let Some(own) = plan.lanes.get(lane).filter(|_| heard(lane)) {
                    faults.add(Culprit::Module(own.path), clock.frame);
                }
                self.reset(index, plan, lane, clock.rate, clock.frame + BLOCK as u64);
                for &buffer in &plan.outs {
                    buffers[buffer].expand();
                    let samples = buffers[buffer].samples_mut();
                    samples.iter_mut().skip(lane).step_by(plan.width).for_each(|x| *x = 0.0);
                }
            }
        }
    }

    /// Puts one lane into its first state, before the block at `frame`.
    fn reset(&mut self, index: usize, plan: &KernelPlan, lane: usize, rate: f32, frame: u64) {
        let Running { code, rings, silent, .. } = &mut self.kernels[index];
        if let KernelCode::Foreign(unit) = code {
            unit.reset();
        }
        // A long ring holds nothing but what has been written since it was silent.
        let written = silent[lane].map_or(usize::MAX, |since| frame.saturating_sub(since) as usize);
        for ring in rings {
            ring.silence_lane(plan.width, lane, written);
        }
        silent[lane] = Some(frame);
        self.init(index, plan, lane, rate);
    }

    fn init(&mut self, index: usize, plan: &KernelPlan, lane: usize, rate: f32) {
        let Running { rows, words, .. } = &self.kernels[index];
        let (rows, words) = (rows.clone(), words.clone());
        let mut state = StateLane::new(&mut self.rows[rows], &mut self.words[words], plan.width, lane);
        state.clear();
        (plan.spec.state.init)(&mut state, &setup(plan, lane, rate));
    }

    /// Keeps the state of one lane, which falls asleep.
    pub(super) fn sleep(&mut self, index: usize, plan: &KernelPlan, lane: usize) {
        let Running { rows, words, .. } = &self.kernels[index];
        copy_lane(&self.rows[rows.clone()], &mut self.asleep_rows[rows.clone()], plan.width, lane);
        copy_lane(&self.words[words.clone()], &mut self.asleep_words[words.clone()], plan.width, lane);
    }

    /// Wakes one lane for the block at `frame` after `frames` of sleep, as its kind wants it.
    pub(super) fn wake(
        &mut self,
        index: usize,
        plan: &KernelPlan,
        lane: usize,
        [frame, frames]: [u64; 2],
        rate: f32,
    ) {
        if let Sleep::Advance(advance) = plan.spec.state.sleep {
            let Running { rows, words, .. } = &self.kernels[index];
            let (rows, words) = (rows.clone(), words.clone());
            copy_lane(&self.asleep_rows[rows.clone()], &mut self.rows[rows.clone()], plan.width, lane);
            copy_lane(&self.asleep_words[words.clone()], &mut self.words[words.clone()], plan.width, lane);
            let (rows, words) = (&mut self.rows[rows], &mut self.words[words]);
            advance(&mut StateLane::new(rows, words, plan.width, lane), frames);
        } else {
            self.reset(index, plan, lane, rate, frame);
        }
    }
}

/// What a kernel hears.
pub(super) trait Inputs {
    /// What it hears at an input for which the plan has a buffer.
    fn input<'b>(&'b self, place: usize, planned: &'b Buffer) -> &'b Buffer;
}

/// What the plan says.
struct KernelSpecs;

impl Inputs for KernelSpecs {
    #[inline(always)]
    fn input<'b>(&'b self, _: usize, planned: &'b Buffer) -> &'b Buffer {
        planned
    }
}

/// What a kernel writes.
struct KernelState<'a> {
    rows: &'a mut [f32],
    words: &'a mut [u32],
    rings: &'a mut [DelayRing],
    outs: &'a mut [Buffer],
}

#[inline(always)]
fn run<const W: usize>(
    plan: &KernelPlan,
    hears: (&[Buffer], &impl Inputs),
    clock: &KernelClock,
    state: KernelState<'_>,
    kernel: impl FnOnce(&mut Call<'_, W>),
) {
    if plan.ins.len() <= FEW_INPUTS {
        run_with::<W, FEW_INPUTS>(plan, hears, clock, state, kernel);
    } else {
        run_with::<W, MAX_INPUTS>(plan, hears, clock, state, kernel);
    }
}

#[inline(always)]
fn run_with<const W: usize, const INPUTS: usize>(
    plan: &KernelPlan,
    (buffers, inputs): (&[Buffer], &impl Inputs),
    clock: &KernelClock,
    KernelState { rows, words, rings, outs }: KernelState<'_>,
    kernel: impl FnOnce(&mut Call<'_, W>),
) {
    let mut ins = [In::Constant(&[0.0; W]); INPUTS];
    for (place, (input, &buffer)) in ins.iter_mut().zip(&plan.ins).enumerate() {
        *input = inputs.input(place, &buffers[buffer]).input();
    }
    kernel(&mut Call {
        ins: &ins[..plan.ins.len()],
        outs,
        rows: rows.as_chunks_mut().0,
        words: words.as_chunks_mut().0,
        rings,
        settings: &plan.settings,
        clip: plan.clip.as_deref(),
        clock,
    });
}

fn setup(plan: &KernelPlan, lane: usize, rate: f32) -> Setup<'_> {
    // Lanes that aren't in use are set up as the first one is.
    let lane = plan.lanes.get(lane).unwrap_or(&plan.lanes[0]);
    plan.setup(lane, rate)
}

fn code(plan: &KernelPlan, rate: f32, compilation: Compilation) -> KernelCode {
    match &plan.spec.kernel {
        Kernel::Foreign(make) => KernelCode::Foreign(make(&setup(plan, 0, rate))),
        Kernel::Lanes { baseline, avx2, .. } => {
            let chosen = compilation.choose(baseline, avx2);
            match plan.width {
                1 => KernelCode::One(chosen.one()),
                4 => KernelCode::Four(chosen.four()),
                _ => KernelCode::Eight(chosen.eight()),
            }
        }
    }
}

/// Whether a kernel makes the same of the same in every block.
pub(super) fn is_stateless(plan: &KernelPlan, rate: f32) -> bool {
    let state = &plan.spec.state;
    let lanes = matches!(plan.spec.kernel, Kernel::Lanes { .. });
    lanes && state.rows == 0 && state.words == 0 && plan.ring_frames(rate, Reach::OfSong).is_empty()
}

/// The rings of a kernel, each as long as the lane that needs most of it.
fn rings(plan: &KernelPlan, rate: f32, reach: Reach) -> Vec<DelayRing> {
    plan.ring_frames(rate, reach).into_iter().map(|frames| DelayRing::new(frames, plan.width)).collect()
}

/// Sets what is nearly nothing to nothing, so that no arithmetic slows down on denormals, and tells whether all is
/// finite.
#[inline(always)]
fn flush(rows: &mut [f32]) -> bool {
    let mut probe = [0.0_f32; 8];
    for chunk in rows.as_chunks_mut::<8>().0 {
        for l in 0..8 {
            let x = chunk[l];
            chunk[l] = if x.abs() < TINY { 0.0 } else { x };
            // Infinity and NaN times 0 are NaN, which stays; everything else is 0.
            probe[l] += x * 0.0;
        }
    }
    let mut sound = true;
    for l in 0..8 {
        sound &= probe[l] == 0.0;
    }
    sound
}

fn copy_lane<T: Copy>(from: &[T], to: &mut [T], width: usize, lane: usize) {
    let to = to.iter_mut().skip(lane).step_by(width);
    from.iter().skip(lane).step_by(width).zip(to).for_each(|(from, to)| *to = *from);
}

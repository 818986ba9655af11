//! The block loop: one plan, its buffers and its state, run block by block.

use std::sync::Arc;

use crate::engine::bases::Bases;
use crate::engine::kernels::Kernels;
use crate::engine::lanes::{self, Passage};
use crate::engine::moves;
use crate::engine::notes::Notes;
use crate::engine::sums;
use crate::engine::watch::{Part, Unwatched, Watch};
use crate::modules::buffer::{Buffer, Flat};
use crate::modules::call::{Clock, Ring};
use crate::modules::dispatch::{Compilation, Work};
use crate::modules::spec::BLOCK;
use crate::plan::steps::{Plan, Step};

/// Seconds in which sources of the top level fade in at the start.
const FADE_IN: f64 = 0.002;
/// Seconds in which they stop at the end.
const FADE_OUT: f64 = 0.02;
/// The most faults that are kept for the report.
const MAX_FAULTS: usize = 64;

/// One frame of what is heard: left and right.
pub type Frame = [f32; 2];

/// A module whose arithmetic broke down (NaN or infinity) and was reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Index of the module's path in the plan.
    pub path: usize,
    /// The first frame of the block in which it happened.
    pub frame: u64,
}

/// A running song. Makes all its memory when it is made; [`Engine::block`] allocates nothing.
pub struct Engine {
    plan: Arc<Plan>,
    buffers: Vec<Buffer>,
    kernels: Kernels,
    pads: Vec<Ring>,
    bases: Bases,
    notes: Notes,
    clock: Clock,
    next_event: usize,
    faults: Vec<Fault>,
    /// Rows that steps use while they run.
    scratch: [Buffer; 2],
    passage: Passage,
    compilation: Compilation,
}

/// The steps of one block.
struct Steps<'a>(&'a mut Engine, Option<&'a mut dyn Watch>);

impl Work for Steps<'_> {
    #[inline(always)]
    fn run(self) {
        self.0.steps(self.1);
    }
}

/// The end of one block.
struct Rest<'a>(&'a mut Engine);

impl Work for Rest<'_> {
    #[inline(always)]
    fn run(self) {
        self.0.rest();
    }
}

/// Runs `$f` at the width in `$width`.
macro_rules! at_width {
    ($width:expr, $module:ident::$f:ident, $($argument:expr),*) => {
        match $width {
            1 => $module::$f::<1>($($argument),*),
            4 => $module::$f::<4>($($argument),*),
            _ => $module::$f::<8>($($argument),*),
        }
    };
}

impl Engine {
    /// An engine at the start of `plan`.
    pub fn new(plan: Arc<Plan>, compilation: Compilation) -> Self {
        let rate = plan.rate as f32;
        let buffers = plan
            .buffers
            .iter()
            .map(|buffer| {
                let mut made = Buffer::new(buffer.width);
                (0..buffer.width).for_each(|lane| made.set_lane(lane, buffer.values[lane]));
                made
            })
            .collect();
        let pads = plan.steps.iter().filter_map(|step| match step {
            Step::Pad { width, frames, .. } => Some(Ring::new(*frames, *width)),
            _ => None,
        });
        Self {
            buffers,
            kernels: Kernels::new(&plan.kernels, rate, compilation),
            pads: pads.collect(),
            bases: Bases::new(&plan),
            notes: Notes::new(&plan),
            clock: Clock::new(rate),
            next_event: 0,
            faults: Vec::with_capacity(MAX_FAULTS),
            scratch: [Buffer::new(8), Buffer::new(8)],
            passage: Passage::new(),
            compilation,
            plan,
        }
    }

    /// The plan that runs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The frame at which the next block begins.
    pub fn frame(&self) -> u64 {
        self.clock.frame
    }

    /// Modules that were reset because their arithmetic broke down; the first few.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Runs one block.
    pub fn block(&mut self) {
        self.block_watched(&mut Unwatched);
    }

    /// Runs one block while `watch` is told of its parts. Gives the same bits as [`Engine::block`].
    pub fn block_watched(&mut self, watch: &mut impl Watch) {
        self.block_hearing(|_| {}, watch);
    }

    /// The same, with `hear` between what events write and what steps do.
    pub(super) fn block_hearing(&mut self, hear: impl FnOnce(&mut Self), watch: &mut impl Watch) {
        watch.begins();
        self.begin();
        hear(self);
        watch.ends(Part::Notes);
        self.work(watch);
        self.end();
        watch.ends(Part::Notes);
    }

    /// The first part of a block: what its events write.
    pub(super) fn begin(&mut self) {
        let Self { plan, buffers, kernels, bases, notes, clock, next_event, .. } = self;
        bases.write(plan, clock.frame, buffers);
        let end = clock.frame + BLOCK as u64;
        let due = plan.events[*next_event..].iter().take_while(|event| event.frame < end).count();
        let events = &plan.events[*next_event..*next_event + due];
        *next_event += due;
        notes.write(plan, events, clock.frame, buffers, kernels);
        if let Some(running) = plan.running {
            write_running(&mut buffers[running], clock.frame, plan);
        }
    }

    /// The second part: every step.
    pub(super) fn work(&mut self, watch: &mut impl Watch) {
        self.compilation.run(Steps(self, watch.of_steps()));
    }

    /// The last part: voices that are no longer heard fall asleep.
    pub(super) fn end(&mut self) {
        self.compilation.run(Rest(self));
    }

    #[inline(always)]
    fn rest(&mut self) {
        let Self { plan, buffers, kernels, notes, clock, .. } = self;
        clock.frame += BLOCK as u64;
        notes.rest(plan, clock.frame, buffers, kernels);
    }

    /// The voices and the buffers of the block, between its parts.
    pub(super) fn inside(&mut self) -> (&mut Notes, &mut [Buffer]) {
        (&mut self.notes, &mut self.buffers)
    }

    #[inline(always)]
    fn steps(&mut self, mut watch: Option<&mut dyn Watch>) {
        let Self { plan, buffers, kernels, pads, notes, clock, faults, scratch, passage, .. } = self;
        let mut at = 0;
        while at < plan.steps.len() {
            let step = at;
            match &plan.steps[at] {
                Step::Cohort { cohort: index, steps } => {
                    if !notes.any_awake(&plan.cohorts[*index]) {
                        at += steps;
                    }
                }
                Step::Kernel(index) => {
                    let kernel = &plan.kernels[*index];
                    if !kernels.run(*index, kernel, buffers, clock) && faults.len() < MAX_FAULTS {
                        faults.push(Fault { path: kernel.lanes[0].path, frame: clock.frame });
                    }
                }
                Step::Sum { width, terms, out } => {
                    at_width!(*width, sums::sum, buffers, terms, *out, &mut scratch[0]);
                }
                Step::Mix { terms, out } => {
                    sums::mix(buffers, terms, *out, &mut scratch[0], notes);
                }
                Step::Spread { width, from, outs } => {
                    at_width!(*width, lanes::spread, buffers, *from, outs, passage);
                }
                Step::Move { width, base, terms, min, max, out } => {
                    at_width!(*width, moves::shift, buffers, *base, terms, (*min, *max), *out, scratch);
                }
                Step::Pan { width, pan, stereo, left, right } => {
                    at_width!(*width, moves::pan, buffers, *pan, *stereo, *left, *right);
                }
                Step::Gather { width, lanes, out } => {
                    at_width!(*width, lanes::gather, buffers, lanes, *out, passage);
                }
                Step::Latch { from, to } => moves::latch(buffers, *from, *to),
                Step::Pad { width, from, pad, out, .. } => {
                    at_width!(*width, moves::pad, buffers, *from, &mut pads[*pad], *out);
                }
                Step::Fade { buffers: faded, by } => moves::fade(buffers, faded, *by),
            }
            if let Some(watch) = &mut watch {
                watch.ends(Part::Step(step));
            }
            at += 1;
        }
    }

    /// Shows what every module has put out in the block just run: its path's index, the output (channels counted), and the
    /// lane's samples, one if they are all the same. Modules of sleeping voices are left out.
    pub fn taps(&self, mut tap: impl FnMut(usize, usize, &mut dyn Iterator<Item = f32>)) {
        for kernel in &self.plan.kernels {
            for (lane, own) in kernel.lanes.iter().enumerate() {
                let asleep = kernel
                    .cohort
                    .is_some_and(|cohort| !self.notes.is_awake(self.plan.cohorts[cohort].voices[lane]));
                if asleep {
                    continue;
                }
                for (place, &out) in kernel.outs.iter().enumerate() {
                    let buffer = &self.buffers[out];
                    let frames = if buffer.is_constant() { 1 } else { BLOCK };
                    let samples = buffer.samples().iter().skip(lane).step_by(kernel.width);
                    tap(own.path, place, &mut samples.take(frames).copied());
                }
            }
        }
    }

    /// Copies the block just run to `frames`.
    pub fn read(&self, frames: &mut [Frame; BLOCK]) {
        let [left, right] = self.plan.out.map(|side| self.buffers[side].flat::<1>());
        match (left, right) {
            (Flat::Constant([left]), Flat::Constant([right])) => frames.fill([left, right]),
            (Flat::Varying(left), Flat::Varying(right)) => {
                let sides = left.as_flattened().iter().zip(right.as_flattened());
                for (frame, (left, right)) in frames.iter_mut().zip(sides) {
                    *frame = [*left, *right];
                }
            }
            _ => {
                for (channel, side) in self.plan.out.into_iter().enumerate() {
                    let side = self.buffers[side].input::<1>();
                    for (i, frame) in frames.iter_mut().enumerate() {
                        frame[channel] = side.at(i)[0];
                    }
                }
            }
        }
    }
}

/// 1 while the song plays: up from 0 at the start, down to 0 behind the end.
fn write_running(buffer: &mut Buffer, frame: u64, plan: &Plan) {
    let frames = |seconds: f64| seconds * f64::from(plan.rate);
    let (start, end) = (0.0, plan.timeline.end_frame() as f64);
    let at = |frame: u64| {
        let up = (frame as f64 - start) / frames(FADE_IN);
        let down = 1.0 - (frame as f64 - end) / frames(FADE_OUT);
        up.min(down).clamp(0.0, 1.0) as f32
    };
    let (first, last) = (at(frame), at(frame + BLOCK as u64 - 1));
    if first == last {
        buffer.set([first]);
    } else {
        for (i, row) in buffer.rows::<1>().iter_mut().enumerate() {
            *row = [at(frame + i as u64)];
        }
    }
}

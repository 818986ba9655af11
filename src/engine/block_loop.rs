//! The block loop: one plan, its buffers and its state, run block by block.

use std::sync::Arc;

use crate::dsp::loudest::LOUDEST;
use crate::engine::block_hook::{BlockHook, NoHook};
use crate::engine::guard::{Fault, Faults, OutGuard};
use crate::engine::handover::Handover;
use crate::engine::kernels::Kernels;
use crate::engine::modulation;
use crate::engine::notes::Notes;
use crate::engine::observer::{BlockObserver, BlockPhase, NoObserver};
use crate::engine::overrides::OverrideEvent;
use crate::engine::pads::{Pad, pads};
use crate::engine::parameter_bases::ParameterBases;
use crate::engine::playhead::Playhead;
use crate::engine::song_fade::write_running;
use crate::engine::sums;
use crate::engine::transpose::{self, Transposer};
use crate::modules::buffer::{Buffer, Flat};
use crate::modules::call::KernelClock;
use crate::modules::dispatch::{Compilation, Work};
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::{Plan, Step};
use crate::plan::lock_event::LockEvent;
use crate::plan::voices::VoiceEvent;

/// One frame of what is heard: left and right.
pub type Frame = [f32; 2];

/// A running song. Makes all its memory when it is made; [`Engine::block`] allocates nothing.
pub struct Engine {
    pub(super) plan: Arc<Plan>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) kernels: Kernels,
    pub(super) pads: Vec<Pad>,
    pub(super) bases: ParameterBases,
    pub(super) notes: Notes,
    pub(super) clock: KernelClock,
    next_event: usize,
    next_lock: usize,
    faults: Faults,
    guard: OutGuard,
    /// Rows that steps use while they run.
    scratch: [Buffer; 2],
    passage: Transposer,
    compilation: Compilation,
}

/// What happens in one block of a plan that is played.
pub(super) struct Now<'a> {
    /// Where in the song it is.
    pub(super) place: Playhead,
    /// What happens to voices, in the order of frames.
    pub(super) events: &'a [VoiceEvent],
    /// What happens to locks, in the order of frames.
    pub(super) locks: &'a [LockEvent],
    /// What becomes of controls, in the order of frames.
    pub(super) override_events: &'a [OverrideEvent],
    /// What becomes of gates of the top level, in the order of frames.
    pub(super) gates: &'a [GateEvent],
    /// The frames at which sources of the top level begin and stop; infinite while it isn't known.
    pub(super) sources: [f64; 2],
}

/// A gate of the top level that opens or closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GateEvent {
    /// The frame in the block.
    pub offset: usize,
    /// Its number among those of the plan.
    pub gate: usize,
    /// 0 is closed.
    pub value: f32,
}

/// The steps of one block.
struct Steps<'a, 'w, 'h> {
    engine: &'a mut Engine,
    watch: Option<&'a mut (dyn BlockObserver + 'w)>,
    handover: Option<Handover<'h>>,
}

impl Work for Steps<'_, '_, '_> {
    #[inline(always)]
    fn run(self) {
        self.engine.steps(self.watch, self.handover);
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
        Self {
            buffers,
            kernels: Kernels::new(&plan.kernels, rate, compilation, plan.reach),
            pads: pads(&plan),
            bases: ParameterBases::new(&plan),
            notes: Notes::new(&plan),
            clock: KernelClock::new(rate),
            next_event: 0,
            next_lock: 0,
            faults: Faults::new(plan.paths.len()),
            guard: OutGuard::new(&plan),
            scratch: [Buffer::new(8), Buffer::new(8)],
            passage: Transposer::new(),
            compilation,
            plan,
        }
    }

    /// The plan that runs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The same, to be kept.
    pub(super) fn shared_plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The buffers of the block just run.
    pub(super) fn buffers(&self) -> &[Buffer] {
        &self.buffers
    }

    /// The frame at which the next block begins.
    pub fn frame(&self) -> u64 {
        self.clock.frame
    }

    /// What has broken down so far: each culprit once, in the order of frames.
    pub fn faults(&self) -> &[Fault] {
        self.faults.all()
    }

    /// Runs one block.
    pub fn block(&mut self) {
        self.block_watched(&mut NoObserver);
    }

    /// Runs one block while `watch` is reported its parts. Gives the same bits as [`Engine::block`].
    pub fn block_watched(&mut self, watch: &mut impl BlockObserver) {
        self.block_beside(0, &mut NoHook, watch);
    }

    /// The same with something beside it.
    pub(super) fn block_beside(
        &mut self,
        block: usize,
        hook: &mut impl BlockHook,
        watch: &mut impl BlockObserver,
    ) {
        watch.begins();
        self.begin();
        hook.before(self, block);
        watch.ends(BlockPhase::Notes);
        self.work(watch);
        hook.after(self);
        self.end();
        watch.ends(BlockPhase::Notes);
    }

    /// The first part of a block: what its events write.
    pub(super) fn begin(&mut self) {
        let Self { plan, buffers, kernels, pads, bases, notes, clock, next_event, next_lock, .. } = self;
        let end = clock.frame + BLOCK as u64;
        let due = plan.events[*next_event..].iter().take_while(|event| event.frame < end).count();
        let events = &plan.events[*next_event..*next_event + due];
        *next_event += due;
        let due = plan.locks[*next_lock..].iter().take_while(|lock| lock.frame < end).count();
        let locks = &plan.locks[*next_lock..*next_lock + due];
        *next_lock += due;
        bases.write(plan, clock.frame, &Playhead::START, locks, buffers);
        notes.write(plan, events, clock.frame, buffers, (kernels, pads));
        if let Some(running) = plan.running {
            let sources = [0.0, plan.timeline.end_frame() as f64];
            write_running(&mut buffers[running], clock.frame, plan.rate, sources);
        }
    }

    /// Runs one block of a plan that is played: what happens in it comes from outside.
    /// `handover` is there while it goes on with what another engine has played.
    pub(super) fn play(
        &mut self,
        now: &Now<'_>,
        watch: &mut impl BlockObserver,
        handover: Option<Handover<'_>>,
    ) {
        let Self { plan, buffers, kernels, pads, bases, notes, clock, .. } = self;
        bases.write(plan, clock.frame, &now.place, now.locks, buffers);
        notes.write(plan, now.events, clock.frame, buffers, (kernels, pads));
        bases.take_over(plan, clock.frame, &now.place, now.override_events, buffers);
        for &(_, gate) in &plan.gates {
            buffers[gate].settle();
        }
        for &GateEvent { offset, gate, value } in now.gates {
            let Some(&(_, buffer)) = plan.gates.get(gate) else { continue };
            let buffer = &mut buffers[buffer];
            buffer.expand();
            buffer.samples_mut()[offset..BLOCK].fill(value);
        }
        if let Some(running) = plan.running {
            write_running(&mut buffers[running], clock.frame, plan.rate, now.sources);
        }
        watch.begins();
        self.run_steps(watch.of_steps(), handover);
        self.end();
    }

    /// Whether the output of the block just run was past the bound.
    pub(super) fn is_loud(&self) -> bool {
        self.guard.is_loud()
    }

    /// The second part: every step.
    pub(super) fn work(&mut self, watch: &mut impl BlockObserver) {
        self.run_steps(watch.of_steps(), None);
    }

    /// In a function of its own, so that the steps are compiled once for all that may watch.
    fn run_steps(&mut self, watch: Option<&mut (dyn BlockObserver + '_)>, handover: Option<Handover<'_>>) {
        self.compilation.run(Steps { engine: self, watch, handover });
    }

    /// The last part: voices that are no longer heard fall asleep.
    pub(super) fn end(&mut self) {
        self.compilation.run(Rest(self));
    }

    #[inline(always)]
    fn rest(&mut self) {
        let Self { plan, buffers, kernels, notes, clock, faults, guard, .. } = self;
        guard.watch([&buffers[plan.out[0]], &buffers[plan.out[1]]], clock.frame, faults);
        clock.frame += BLOCK as u64;
        notes.rest(plan, clock.frame, buffers, kernels);
    }

    /// Goes over from where curves stand to where they are from now on.
    pub(super) fn jump(&mut self) {
        self.bases.jump(&self.plan);
    }

    /// Where a control has been put, by its curve, if somebody has taken it over.
    pub fn put(&self, curve: usize) -> Option<f32> {
        self.bases.put(curve)
    }

    /// The curves of controls that hits have led in the last block, and where to.
    pub(super) fn led(&self) -> &[(usize, f32)] {
        self.bases.led()
    }

    /// The curves whose controls somebody has taken over.
    pub(super) fn taken(&self) -> &[usize] {
        self.bases.taken()
    }

    /// Whether any voice is still heard.
    pub(super) fn is_awake(&self, voice: usize) -> bool {
        self.notes.is_awake(voice)
    }

    /// The voices and the buffers of the block, between its parts.
    pub(super) fn inside(&mut self) -> (&mut Notes, &mut [Buffer]) {
        (&mut self.notes, &mut self.buffers)
    }

    #[inline(always)]
    fn steps(
        &mut self,
        mut watch: Option<&mut (dyn BlockObserver + '_)>,
        mut handover: Option<Handover<'_>>,
    ) {
        let Self { plan, buffers, kernels, pads, notes, clock, faults, scratch, passage, .. } = self;
        let mut at = 0;
        while at < plan.steps.len() {
            let step = at;
            match &plan.steps[at] {
                Step::VoiceBatch { voice_batch: index, steps } => {
                    if !notes.any_awake(&plan.voice_batches[*index]) {
                        at += steps;
                    }
                }
                Step::Kernel(index) => {
                    let kernel = &plan.kernels[*index];
                    let mixed = handover.as_mut().and_then(|handover| handover.mix(*index, kernel, buffers));
                    let sound = match mixed {
                        Some(mixed) => kernels.run_handed_over(*index, kernel, buffers, clock, &mixed),
                        None => kernels.run(*index, kernel, buffers, clock),
                    };
                    // While it still hears the deck before, that one tells.
                    let tells = handover.is_none();
                    let heard = |lane: usize| tells && notes.hears(plan, kernel.voice_batch, lane);
                    if let Some(watch) = &mut watch {
                        watch.puts_out(kernel, buffers, &heard);
                    }
                    if !sound {
                        kernels.repair(*index, kernel, buffers, clock, faults, heard);
                    }
                }
                Step::Sum { width, terms, out } => {
                    at_width!(*width, sums::sum, buffers, terms, *out, &mut scratch[0]);
                }
                Step::Mix { terms, out } => {
                    sums::mix(buffers, terms, *out, &mut scratch[0], notes);
                }
                Step::Spread { width, from, outs } => {
                    at_width!(*width, transpose::spread, buffers, *from, outs, passage);
                }
                Step::Move { width, base, terms, min, max, out } => {
                    at_width!(*width, modulation::shift, buffers, *base, terms, (*min, *max), *out, scratch);
                }
                Step::Pan { width, pan, stereo, left, right } => {
                    at_width!(*width, modulation::pan, buffers, *pan, *stereo, *left, *right);
                }
                Step::Gather { width, lanes, out } => {
                    at_width!(*width, transpose::gather, buffers, lanes, *out, passage);
                }
                Step::Latch { from, to } => modulation::latch(buffers, *from, *to),
                Step::Pad { width, from, pad, out, .. } => {
                    let pad = &mut pads[*pad];
                    match width {
                        1 => pad.run::<1>(buffers, *from, *out),
                        4 => pad.run::<4>(buffers, *from, *out),
                        _ => pad.run::<8>(buffers, *from, *out),
                    }
                }
                Step::Fade { buffers: faded, by } => modulation::fade(buffers, faded, *by),
            }
            if let Some(watch) = &mut watch {
                watch.ends(BlockPhase::Step(step));
            }
            at += 1;
        }
    }

    /// Shows what every module has output in the block just run: its path's index, the output (channels counted), and the
    /// lane's samples, one if they are all the same. Modules of sleeping voices are left out.
    pub fn taps(&self, mut tap: impl FnMut(usize, usize, &mut dyn Iterator<Item = f32>)) {
        for kernel in &self.plan.kernels {
            for (lane, own) in kernel.lanes.iter().enumerate() {
                let asleep = kernel.voice_batch.is_some_and(|voice_batch| {
                    !self.notes.is_awake(self.plan.voice_batches[voice_batch].voices[lane])
                });
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

    /// The peak of an instrument in the block just run; 0 if the plan isn't one that is played.
    pub(super) fn peak(&self, instrument: usize) -> f32 {
        let heard = self.plan.instruments[instrument].heard.iter();
        heard.fold(0.0, |peak, &channel| {
            self.buffers[channel]
                .content()
                .iter()
                .fold(peak, |peak, sample| peak.max(sample.abs()).min(LOUDEST))
        })
    }

    /// Copies the block just run to `frames`.
    pub fn read(&self, frames: &mut [Frame; BLOCK]) {
        if self.guard.silences() {
            frames.fill([0.0; 2]);
            return;
        }
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

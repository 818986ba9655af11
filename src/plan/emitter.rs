//! From shapes to steps: buffers are given out, voices get their lanes, sums their terms.

use crate::model::raises::Raises;
use crate::model::song::{Instrument, Song};
use crate::plan::automation::AutomationLanes;
use crate::plan::base_lanes::BaseLanes;
use crate::plan::compiled_plan::{
    BufferId, BufferPlan, InstrumentPlan, KernelLane, KernelPlan, MixTerm, Plan, Step, Term, VoiceBatchPlan,
    VoicePlan,
};
use crate::plan::memory_use::Reach;
use crate::plan::node_batches::{BatchTurn, turns};
use crate::plan::origins::Origins;
use crate::plan::plain::plain;
use crate::plan::shape::{self, DelayPast, KernelOp, Op, Role, Shape, TermSource, VoiceSignal};
use crate::plan::terms::voice_terms;
use crate::plan::timeline::{Timeline, nearest_frame};
use crate::plan::voice_batches::{BatchMember, VoiceBatch, in_lane, quiet, voice_batches, width};
use crate::plan::voices::{self, SILENCE};
use crate::plan::wiring::InstrumentEnd;

/// A plan on its way.
pub(super) struct PlanEmitter<'a> {
    song: &'a Song,
    automation_lanes: &'a AutomationLanes,
    bases: BaseLanes,
    rate: u32,
    shapes: &'a [Shape],
    ends: &'a [InstrumentEnd],
    first_voices: Vec<u32>,
    origins: Origins<'a>,
    buffers: Vec<BufferPlan>,
    steps: Vec<Step>,
    kernels: Vec<KernelPlan>,
    voice_batches: Vec<VoiceBatchPlan>,
    voices: Vec<VoicePlan>,
    instruments: Vec<InstrumentPlan>,
    /// For each instrument that is read in several places, its channels summed once.
    summed: Vec<Vec<BufferId>>,
    running: Option<BufferId>,
    gates: Vec<(usize, BufferId)>,
    pads: usize,
    longest_tail: f32,
    holds: bool,
    /// What raises the sound of voices after them, where there are any.
    raises: Option<Raises<'a>>,
}

fn instrument_plan(instrument: &Instrument) -> InstrumentPlan {
    InstrumentPlan { velocity: instrument.velocity as f32, ..InstrumentPlan::default() }
}

impl<'a> PlanEmitter<'a> {
    pub(super) fn new(
        song: &'a Song,
        automation_lanes: &'a AutomationLanes,
        rate: u32,
        shapes: &'a [Shape],
        ends: &'a [InstrumentEnd],
    ) -> Self {
        let first_voices = voices::first_voices(song);
        let count: usize = song.instruments.iter().map(|instrument| instrument.voices).sum();
        Self {
            song,
            automation_lanes,
            bases: BaseLanes::new(automation_lanes),
            rate,
            shapes,
            ends,
            first_voices,
            origins: Origins::new(song),
            buffers: Vec::new(),
            steps: Vec::new(),
            kernels: Vec::new(),
            voice_batches: Vec::new(),
            voices: vec![VoicePlan::default(); count],
            instruments: song.instruments.iter().map(instrument_plan).collect(),
            summed: vec![Vec::new(); song.instruments.len()],
            running: None,
            gates: Vec::new(),
            pads: 0,
            longest_tail: 0.0,
            holds: false,
            raises: (!song.instruments.is_empty()).then(|| Raises::of(song)),
        }
    }

    /// The whole plan, from the top level's shape.
    pub(super) fn finish(
        mut self,
        top: &Shape,
        timeline: Timeline,
        voice_events: Option<voices::VoiceEvents>,
    ) -> Plan {
        let (live, voice_events) = (voice_events.is_none(), voice_events.unwrap_or_default());
        let buffers = self.slots(top, &[top], 1);
        for (slot, &role) in top.roles.iter().enumerate() {
            match role {
                Role::Running => self.running = Some(buffers[slot]),
                Role::Gate(module) => self.gates.push((module, buffers[slot])),
                Role::Newest(instrument, signal) => {
                    self.instruments[instrument].newest.push((signal, buffers[slot]));
                }
                Role::Base(number) => self.bases.top(number, buffers[slot]),
                Role::Computed | Role::Fixed | Role::Voice(_) | Role::Import(_) => {}
            }
        }
        for (instrument, end) in self.ends.iter().enumerate() {
            self.instruments[instrument].glide = buffers[end.glide];
        }
        let (reads, highest) = (top.instrument_reads(self.ends.len()), top.highest_of_ops());
        for turn in turns(top) {
            match turn {
                BatchTurn::One(place) => self.top_op(&top.ops[place], highest[place], &buffers, &reads),
                BatchTurn::NodeBatch(places) => self.node_batch(top, &places, &highest, &buffers),
            }
        }
        for instrument in (0..self.ends.len()).filter(|_| live) {
            self.instruments[instrument].heard = self.heard(instrument, &buffers);
        }
        let out = match top.outs.as_slice() {
            [] => {
                let silence = self.buffer(1, [0.0; 8]);
                [silence, silence]
            }
            [mono] => [buffers[*mono]; 2],
            [left, right, ..] => [buffers[*left], buffers[*right]],
        };
        let (paths, rate) = (voices::module_paths(self.song), f64::from(self.rate));
        let frames = |seconds: f64| nearest_frame(seconds, rate);
        let mut plan = Plan {
            rate: self.rate,
            timeline,
            events: voice_events.events,
            locks: voice_events.locks,
            curves: self.automation_lanes.curves().cloned().collect(),
            controls: self.automation_lanes.driven().collect(),
            gates: self.gates,
            live,
            reach: Reach::OfSong,
            holds: self.holds,
            bases: self.bases.finish(),
            out,
            latency: top.latency as u64,
            quiet: frames(f64::from(self.longest_tail).max(0.5)),
            tail: frames(self.song.tail),
            paths,
            buffers: self.buffers,
            steps: self.steps,
            kernels: self.kernels,
            voice_batches: self.voice_batches,
            voices: self.voices,
            instruments: self.instruments,
            cached_voices: Vec::new(),
            sums: Vec::new(),
            running: self.running,
        };
        plan.reach = plan.affordable();
        plan
    }

    fn top_op(&mut self, op: &Op, highest: &[f32], buffers: &[BufferId], reads: &[usize]) {
        match op {
            Op::Voices { level } => self.level(*level, buffers),
            // What is read in several places is summed once.
            Op::Output { instrument, .. } if reads[*instrument] > 1 => {
                self.summed[*instrument] = self.heard(*instrument, buffers);
            }
            Op::Output { .. } => {}
            Op::Sum { terms, out } => {
                let terms = terms.iter().flat_map(|term| self.mix_terms(term, buffers)).collect();
                self.steps.push(Step::Mix { terms, out: buffers[*out] });
            }
            Op::Kernel(op) => {
                let lane = self.origins.lane(op, None, highest);
                let [ins, outs] = [&op.ins, &op.outs].map(|slots| slots.iter().map(|&slot| buffers[slot]));
                self.kernel(op, 1, [ins.collect(), outs.collect()], vec![lane], None);
            }
            other => self.simple(other, buffers, 1),
        }
    }

    /// Equal kernels of the top level side by side.
    fn node_batch(&mut self, top: &Shape, places: &[usize], highest: &[&[f32]], buffers: &[BufferId]) {
        let members: Vec<(&KernelOp, &[f32])> = places
            .iter()
            .filter_map(|&place| match &top.ops[place] {
                Op::Kernel(op) => Some((op, highest[place])),
                _ => None,
            })
            .collect();
        let (width, first) = (width(members.len()), members[0].0);
        let member = |lane: usize| in_lane(&members, lane).0;
        let mut ins = Vec::with_capacity(first.ins.len());
        for input in 0..first.ins.len() {
            let slot = |lane: usize| member(lane).ins[input];
            let fixed = (0..width).all(|lane| top.roles[slot(lane)] == Role::Fixed);
            let values = std::array::from_fn(|lane| if fixed { top.values[slot(lane)] } else { 0.0 });
            let wide = self.buffer(width, values);
            if !fixed {
                let lanes = (0..width).map(|lane| buffers[slot(lane)]).collect();
                self.steps.push(Step::Gather { width, lanes, out: wide });
            }
            ins.push(wide);
        }
        let outs: Vec<BufferId> = first.outs.iter().map(|_| self.buffer(width, [0.0; 8])).collect();
        let lanes = members.iter().map(|(op, highest)| self.origins.lane(op, None, highest)).collect();
        self.kernel(first, width, [ins, outs.clone()], lanes, None);
        for (output, from) in outs.into_iter().enumerate() {
            let outs = members.iter().map(|(op, _)| buffers[op.outs[output]]).collect();
            self.steps.push(Step::Spread { width, from, outs });
        }
    }

    fn buffer(&mut self, width: usize, values: [f32; 8]) -> BufferId {
        self.buffers.push(BufferPlan { width, values });
        self.buffers.len() - 1
    }

    /// A buffer for every slot of `shape`, with the constants of each lane's own shape.
    fn slots(&mut self, shape: &Shape, lanes: &[&Shape], width: usize) -> Vec<BufferId> {
        (0..shape.roles.len())
            .map(|slot| self.buffer(width, std::array::from_fn(|lane| in_lane(lanes, lane).values[slot])))
            .collect()
    }

    /// The voices of one level, voice batch by voice batch.
    fn level(&mut self, level: usize, top: &[BufferId]) {
        let members: Vec<usize> = (0..self.ends.len()).filter(|&i| self.ends[i].level == level).collect();
        for voice_batch in voice_batches(&members, self.shapes, |i| self.song.instruments[i].voices) {
            self.voice_batch(&voice_batch, top);
        }
    }

    /// The channels of an instrument, each in a buffer.
    fn heard(&mut self, instrument: usize, top: &[BufferId]) -> Vec<BufferId> {
        if !self.summed[instrument].is_empty() {
            return self.summed[instrument].clone();
        }
        if let Some(slots) = &self.ends[instrument].late {
            return slots.iter().map(|&slot| top[slot]).collect();
        }
        let channels = 0..self.ends[instrument].factors.len();
        let outs: Vec<BufferId> = channels.map(|_| self.buffer(1, [0.0; 8])).collect();
        for (channel, &out) in outs.iter().enumerate() {
            self.steps.push(Step::Mix { terms: self.voice_terms(instrument, channel, &[], top), out });
        }
        outs
    }

    fn voice_batch(&mut self, voice_batch: &VoiceBatch, top: &[BufferId]) {
        let (index, shape) = (self.voice_batches.len(), &self.shapes[voice_batch.members[0].instrument]);
        let lanes: Vec<&Shape> = voice_batch.members.iter().map(|m| &self.shapes[m.instrument]).collect();
        let buffers = self.slots(shape, &lanes, voice_batch.width);
        let first_step = self.steps.len();
        self.steps.push(Step::VoiceBatch { voice_batch: index, steps: 0 });
        let first_kernel = self.kernels.len();
        let mut signals = Vec::new();
        for (slot, &role) in shape.roles.iter().enumerate() {
            match role {
                Role::Voice(signal) => signals.push((signal, buffers[slot])),
                Role::Import(import) => {
                    let source =
                        |lane| top[self.ends[in_lane(&voice_batch.members, lane).instrument].imports[import]];
                    self.steps.push(Step::Gather {
                        width: voice_batch.width,
                        lanes: (0..voice_batch.width).map(source).collect(),
                        out: buffers[slot],
                    });
                }
                Role::Base(number) => {
                    let freq = shape.find(Role::Voice(VoiceSignal::Freq)).map(|slot| buffers[slot]);
                    self.bases.voices(number, &voice_batch.members, &self.first_voices, buffers[slot], freq);
                }
                Role::Computed | Role::Fixed | Role::Newest(..) | Role::Gate(_) | Role::Running => {}
            }
        }
        let mut kernel = 0;
        for op in &shape.ops {
            match op {
                Op::Kernel(op) => {
                    let own = voice_batch.members.iter().zip(&lanes);
                    let own = own
                        .map(|(member, shape)| self.origins.lane(op, Some(*member), &shape.highest[kernel]));
                    let own = own.collect();
                    kernel += 1;
                    let [ins, outs] =
                        [&op.ins, &op.outs].map(|slots| slots.iter().map(|&slot| buffers[slot]));
                    self.kernel(op, voice_batch.width, [ins.collect(), outs.collect()], own, Some(index));
                }
                Op::Sum { terms, out } => {
                    let terms = terms.iter().filter_map(|term| match term.from {
                        TermSource::Slot(slot) => Some(Term {
                            from: buffers[slot],
                            factors: term.factors.iter().map(|&f| buffers[f]).collect(),
                        }),
                        TermSource::Instrument { .. } => None,
                    });
                    self.steps.push(Step::Sum {
                        width: voice_batch.width,
                        terms: terms.collect(),
                        out: buffers[*out],
                    });
                }
                other => self.simple(other, &buffers, voice_batch.width),
            }
        }
        let kernels = first_kernel..self.kernels.len();
        let outs: Vec<BufferId> = shape.outs.iter().map(|&slot| buffers[slot]).collect();
        let spread = outs.iter().map(|&out| self.spread(voice_batch, out)).collect();
        let struck: Vec<BufferId> = voice_batch.members.iter().map(|_| self.buffer(1, [0.0; 8])).collect();
        let levels = struck.iter().map(|&level| self.delayed(level, shape.latency)).collect();
        let steps = self.steps.len() - first_step - 1;
        self.steps[first_step] = Step::VoiceBatch { voice_batch: index, steps };
        for (lane, member) in voice_batch.members.iter().enumerate() {
            let voice = self.voice(*member);
            let raise = self.raises.as_ref().map_or(1.0, |raises| raises.instrument(member.instrument));
            let silence = (f64::from(SILENCE) / raise) as f32;
            self.voices[voice] = VoicePlan {
                instrument: member.instrument,
                voice_batch: index,
                lane,
                outside: false,
                silence,
            };
        }
        self.voice_batches.push(VoiceBatchPlan {
            width: voice_batch.width,
            voices: voice_batch.members.iter().map(|&member| self.voice(member)).collect(),
            signals,
            outs,
            spread,
            levels,
            struck,
            bare: shape.bare,
            quiet: quiet(&self.kernels[kernels.clone()], self.rate).map(|quiet| quiet + shape.latency as u64),
            kernels,
        });
    }

    /// One channel of a voice batch, each voice in a buffer of its own.
    fn spread(&mut self, voice_batch: &VoiceBatch, from: BufferId) -> Vec<BufferId> {
        if voice_batch.width == 1 {
            return vec![from];
        }
        let outs: Vec<BufferId> = voice_batch.members.iter().map(|_| self.buffer(1, [0.0; 8])).collect();
        self.steps.push(Step::Spread { width: voice_batch.width, from, outs: outs.clone() });
        outs
    }

    /// The level of a voice, late by as many frames as its output.
    fn delayed(&mut self, level: BufferId, frames: usize) -> BufferId {
        if frames == 0 {
            return level;
        }
        let out = self.buffer(1, [0.0; 8]);
        let pad = self.pads;
        self.pads += 1;
        self.steps.push(Step::Pad { width: 1, from: level, frames, past: DelayPast::Silent, pad, out });
        out
    }

    fn voice(&self, member: BatchMember) -> usize {
        self.first_voices[member.instrument] as usize + member.voice
    }

    /// One kernel with its inputs and outputs.
    fn kernel(
        &mut self,
        op: &KernelOp,
        width: usize,
        [ins, outs]: [Vec<BufferId>; 2],
        lanes: Vec<KernelLane>,
        voice_batch: Option<usize>,
    ) {
        let kernel = KernelPlan {
            spec: op.spec,
            guard: op.guard,
            width,
            ins,
            outs,
            settings: op.settings.clone(),
            clip: op.clip.clone(),
            lanes,
            voice_batch,
        };
        for lane in &kernel.lanes {
            let setup = kernel.setup(lane, self.rate as f32);
            self.longest_tail = self.longest_tail.max((op.spec.state.tail)(&setup));
            self.holds = self.holds || op.guard.looped || !(op.spec.state.rings)(&setup).is_empty();
        }
        self.steps.push(Step::Kernel(self.kernels.len()));
        self.kernels.push(kernel);
    }

    /// The parts of a sum at the top level that one term comes to.
    fn mix_terms(&self, term: &shape::ShapeTerm, top: &[BufferId]) -> Vec<MixTerm> {
        let factors: Vec<BufferId> = term.factors.iter().map(|&slot| top[slot]).collect();
        let from = match term.from {
            TermSource::Slot(slot) => top[slot],
            TermSource::Instrument { instrument, channel } => match self.summed[instrument].get(channel) {
                Some(&buffer) => buffer,
                None => return self.voice_terms(instrument, channel, &factors, top),
            },
        };
        vec![MixTerm { voice: None, term: Term { from, factors } }]
    }

    /// All voices of an instrument, one term each, times its gain and balance and times `factors`.
    fn voice_terms(
        &self,
        instrument: usize,
        channel: usize,
        factors: &[BufferId],
        top: &[BufferId],
    ) -> Vec<MixTerm> {
        let own: Vec<BufferId> =
            self.ends[instrument].factors[channel].iter().map(|&slot| top[slot]).collect();
        let first = self.first_voices[instrument] as usize;
        let voices = first..first + self.song.instruments[instrument].voices;
        voice_terms(&self.voices, &self.voice_batches, voices, channel, &[&own, factors].concat())
    }

    /// The operations that are the same at every width.
    fn simple(&mut self, op: &Op, buffers: &[BufferId], width: usize) {
        match (op, self.steps.last_mut()) {
            (Op::Fade { slot, by }, Some(Step::Fade { buffers: faded, by: same }))
                if buffers[*by] == *same =>
            {
                faded.push(buffers[*slot]);
            }
            _ => self.steps.extend(plain(op, buffers, width, &mut self.pads)),
        }
    }
}

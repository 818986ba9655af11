//! Parts of a plan that can run side by side: voices that hear nothing from outside, cut out into plans of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::{BufferId, ParameterBasePlan, Plan, Step, VoicePlan};
use crate::plan::lock_event::LockEvent;
use crate::plan::subplans::{take_kernels, voice_batch_steps};
use crate::plan::voices::VoiceEvent;

/// A plan in parts.
pub struct Subgraphs {
    /// The plan without the voices that the subgraphs play: it hears them through the exports.
    pub main: Plan,
    /// The subgraphs, none of which hears another.
    pub subgraphs: Vec<Subgraph>,
}

/// Some voice batches of a plan as a plan of their own.
pub struct Subgraph {
    /// It outputs nothing; what counts are its exports.
    pub plan: Plan,
    /// Buffers that the main plan reads: their place here and there.
    pub exports: Vec<(BufferId, BufferId)>,
    /// For each voice of the subgraph its place in the main plan.
    pub voices: Vec<usize>,
}

/// Kernels times blocks from which threads are worth their keep: about a tenth of a second.
const WORTH_IT: u64 = 100_000;

/// Cuts `plan` for `jobs` threads: into subgraphs of about the same work, or into none if there is too little of it.
pub fn cut(plan: &Plan, jobs: usize) -> Subgraphs {
    let blocks = plan.timeline.end_frame() / BLOCK as u64;
    let own = own_voice_batches(plan);
    let mut subgraphs = Vec::new();
    if jobs > 1 && plan.kernels.len() as u64 * blocks >= WORTH_IT {
        subgraphs =
            shares(plan, &own, 2 * jobs).iter().map(|voice_batches| subgraph(plan, voice_batches)).collect();
    }
    let mut main = plan.clone();
    if !subgraphs.is_empty() {
        main.steps = remaining_steps(plan, &own);
        take_kernels(&mut main, &plan.kernels);
        for voice in &mut main.voices {
            voice.outside |= own[voice.voice_batch];
        }
        let outside = |voice: u32| main.voices[voice as usize].outside;
        main.bases.retain(|base| base.voice.is_none_or(|(voice, _)| !outside(voice)));
        main.locks.retain(|lock| !outside(lock.voice));
    }
    Subgraphs { main, subgraphs }
}

/// For each voice batch, whether it reads nothing that the top level computes.
fn own_voice_batches(plan: &Plan) -> Vec<bool> {
    let mut written = vec![false; plan.buffers.len()];
    if let Some(running) = plan.running {
        written[running] = true;
    }
    // What the song moves at the top level is written there.
    for base in plan.bases.iter().filter(|base| base.voice.is_none()) {
        written[base.at.buffer] = true;
    }
    for instrument in &plan.instruments {
        instrument.newest.iter().for_each(|&(_, buffer)| written[buffer] = true);
    }
    for step in &plan.steps {
        step.writes(plan).into_iter().for_each(|buffer| written[buffer] = true);
    }
    // A voice batch without steps is heard from cached voices.
    let mut own = vec![false; plan.voice_batches.len()];
    for (voice_batch, steps) in voice_batch_steps(plan) {
        let hears = |step: &Step| match step {
            Step::Gather { lanes, .. } => lanes.iter().any(|&from| written[from]),
            _ => false,
        };
        let glides = plan.voice_batches[voice_batch]
            .voices
            .iter()
            .any(|&voice| written[plan.instruments[plan.voices[voice].instrument].glide]);
        own[voice_batch] = !glides && !plan.steps[steps].iter().any(hears);
    }
    own
}

/// Shares voice batches out over at most `count` subgraphs, the heaviest first, each to the lightest subgraph.
fn shares(plan: &Plan, own: &[bool], count: usize) -> Vec<Vec<usize>> {
    // Eight lanes cost about as much as two times one.
    let weight = |voice_batch: usize| {
        let voice_batch = &plan.voice_batches[voice_batch];
        voice_batch.kernels.len() * (4 + voice_batch.width)
    };
    let mut voice_batches: Vec<usize> = (0..own.len()).filter(|&voice_batch| own[voice_batch]).collect();
    voice_batches.sort_by_key(|&voice_batch| std::cmp::Reverse(weight(voice_batch)));
    let mut shares: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new()); count.min(voice_batches.len())];
    for voice_batch in voice_batches {
        if let Some(lightest) = shares.iter_mut().min_by_key(|(sum, _)| *sum) {
            lightest.0 += weight(voice_batch);
            lightest.1.push(voice_batch);
        }
    }
    shares.into_iter().map(|(_, voice_batches)| voice_batches).collect()
}

/// The steps without those of the voice batches that are gone.
fn remaining_steps(plan: &Plan, gone: &[bool]) -> Vec<Step> {
    let mut left = vec![true; plan.steps.len()];
    for (_, steps) in voice_batch_steps(plan).filter(|(voice_batch, _)| gone[*voice_batch]) {
        left[steps.start - 1..steps.end].fill(false);
    }
    plan.steps.iter().zip(left).filter(|(_, left)| *left).map(|(step, _)| step.clone()).collect()
}

/// New numbers for what a subgraph takes along.
#[derive(Default)]
struct SubgraphNumbers {
    new: BTreeMap<usize, usize>,
    old: Vec<usize>,
}

impl SubgraphNumbers {
    fn of(&mut self, old: usize) -> usize {
        *self.new.entry(old).or_insert_with(|| {
            self.old.push(old);
            self.old.len() - 1
        })
    }
}

fn subgraph(plan: &Plan, voice_batches: &[usize]) -> Subgraph {
    let ranges: BTreeMap<usize, std::ops::Range<usize>> = voice_batch_steps(plan).collect();
    let mut voices = SubgraphNumbers::default();
    let mut part = Plan {
        rate: plan.rate,
        timeline: plan.timeline.clone(),
        events: Vec::new(),
        locks: Vec::new(),
        curves: Arc::clone(&plan.curves),
        controls: Arc::clone(&plan.controls),
        bases: Vec::new(),
        gates: Vec::new(),
        live: plan.live,
        reach: plan.reach,
        holds: plan.holds,
        buffers: Vec::new(),
        steps: Vec::new(),
        kernels: Vec::new(),
        voice_batches: Vec::new(),
        voices: Vec::new(),
        instruments: plan.instruments.clone(),
        cached_voices: Vec::new(),
        sums: Vec::new(),
        running: None,
        out: [plan.out[0]; 2],
        latency: plan.latency,
        quiet: plan.quiet,
        tail: plan.tail,
        paths: plan.paths.clone(),
    };
    part.instruments.iter_mut().for_each(|instrument| instrument.newest.clear());
    for voice_batch in voice_batches {
        let Some(range) = ranges.get(voice_batch) else { continue };
        let place = part.voice_batches.len();
        part.steps.push(Step::VoiceBatch { voice_batch: place, steps: range.len() });
        part.steps.extend_from_slice(&plan.steps[range.clone()]);
        let mut voice_batch = plan.voice_batches[*voice_batch].clone();
        for voice in &mut voice_batch.voices {
            part.voices.push(VoicePlan { voice_batch: place, ..plan.voices[*voice] });
            *voice = voices.of(*voice);
        }
        part.voice_batches.push(voice_batch);
    }
    take_kernels(&mut part, &plan.kernels);
    let here = |event: &VoiceEvent| {
        let voice = *voices.new.get(&(event.voice as usize))?;
        Some(VoiceEvent { voice: voice as u32, ..*event })
    };
    part.events = plan.events.iter().filter_map(here).collect();
    let place = |voice: u32| voices.new.get(&(voice as usize)).map(|&voice| voice as u32);
    let lock = |lock: &LockEvent| Some(LockEvent { voice: place(lock.voice)?, ..*lock });
    part.locks = plan.locks.iter().filter_map(lock).collect();
    let base = |base: &ParameterBasePlan| {
        let (voice, control) = base.voice?;
        Some(ParameterBasePlan { voice: Some((place(voice)?, control)), ..*base })
    };
    part.bases = plan.bases.iter().filter_map(base).collect();
    let mut exports = Vec::new();
    for voice_batch in &part.voice_batches {
        let heard = voice_batch.levels.iter().chain(voice_batch.spread.iter().flatten());
        exports.extend(heard.map(|&id| (id, id)));
    }
    let mut buffers = SubgraphNumbers::default();
    for id in part.buffers_mut().chain(exports.iter_mut().map(|(here, _)| here)) {
        *id = buffers.of(*id);
    }
    part.buffers = buffers.old.iter().map(|&old| plan.buffers[old]).collect();
    Subgraph { plan: part, exports, voices: voices.old }
}

//! Parts of a plan that can run side by side: voices that hear nothing from outside, cut out into plans of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::modules::spec::BLOCK;
use crate::plan::lock_event::LockEvent;
use crate::plan::parts::{cohort_steps, take_kernels};
use crate::plan::steps::{BasePlan, BufferId, Plan, Step, VoicePlan};
use crate::plan::voices::Event;

/// A plan in parts.
pub struct Islands {
    /// The plan without the voices that the islands play: it hears them through the exports.
    pub main: Plan,
    /// The islands, none of which hears another.
    pub islands: Vec<Island>,
}

/// Some cohorts of a plan as a plan of their own.
pub struct Island {
    /// It puts out nothing; what counts are its exports.
    pub plan: Plan,
    /// Buffers that the main plan reads: their place here and there.
    pub exports: Vec<(BufferId, BufferId)>,
    /// For each voice of the island its place in the main plan.
    pub voices: Vec<usize>,
}

/// Kernels times blocks from which threads are worth their keep: about a tenth of a second.
const WORTH_IT: u64 = 100_000;

/// Cuts `plan` for `jobs` threads: into islands of about the same work, or into none if there is too little of it.
pub fn cut(plan: &Plan, jobs: usize) -> Islands {
    let blocks = plan.timeline.end_frame() / BLOCK as u64;
    let own = own_cohorts(plan);
    let mut islands = Vec::new();
    if jobs > 1 && plan.kernels.len() as u64 * blocks >= WORTH_IT {
        islands = shares(plan, &own, 2 * jobs).iter().map(|cohorts| island(plan, cohorts)).collect();
    }
    let mut main = plan.clone();
    if !islands.is_empty() {
        main.steps = remaining_steps(plan, &own);
        take_kernels(&mut main, &plan.kernels);
        for voice in &mut main.voices {
            voice.outside |= own[voice.cohort];
        }
        let outside = |voice: u32| main.voices[voice as usize].outside;
        main.bases.retain(|base| base.voice.is_none_or(|(voice, _)| !outside(voice)));
        main.locks.retain(|lock| !outside(lock.voice));
    }
    Islands { main, islands }
}

/// For each cohort, whether it reads nothing that the top level computes.
fn own_cohorts(plan: &Plan) -> Vec<bool> {
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
    // A cohort without steps is heard from tapes.
    let mut own = vec![false; plan.cohorts.len()];
    for (cohort, steps) in cohort_steps(plan) {
        let hears = |step: &Step| match step {
            Step::Gather { lanes, .. } => lanes.iter().any(|&from| written[from]),
            _ => false,
        };
        let glides = plan.cohorts[cohort]
            .voices
            .iter()
            .any(|&voice| written[plan.instruments[plan.voices[voice].instrument].glide]);
        own[cohort] = !glides && !plan.steps[steps].iter().any(hears);
    }
    own
}

/// Shares cohorts out over at most `count` islands, the heaviest first, each to the lightest island.
fn shares(plan: &Plan, own: &[bool], count: usize) -> Vec<Vec<usize>> {
    // Eight lanes cost about as much as two times one.
    let weight = |cohort: usize| {
        let cohort = &plan.cohorts[cohort];
        cohort.kernels.len() * (4 + cohort.width)
    };
    let mut cohorts: Vec<usize> = (0..own.len()).filter(|&cohort| own[cohort]).collect();
    cohorts.sort_by_key(|&cohort| std::cmp::Reverse(weight(cohort)));
    let mut shares: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new()); count.min(cohorts.len())];
    for cohort in cohorts {
        if let Some(lightest) = shares.iter_mut().min_by_key(|(sum, _)| *sum) {
            lightest.0 += weight(cohort);
            lightest.1.push(cohort);
        }
    }
    shares.into_iter().map(|(_, cohorts)| cohorts).collect()
}

/// The steps without those of the cohorts that are gone.
fn remaining_steps(plan: &Plan, gone: &[bool]) -> Vec<Step> {
    let mut left = vec![true; plan.steps.len()];
    for (_, steps) in cohort_steps(plan).filter(|(cohort, _)| gone[*cohort]) {
        left[steps.start - 1..steps.end].fill(false);
    }
    plan.steps.iter().zip(left).filter(|(_, left)| *left).map(|(step, _)| step.clone()).collect()
}

/// New numbers for what an island takes along.
#[derive(Default)]
struct Numbers {
    new: BTreeMap<usize, usize>,
    old: Vec<usize>,
}

impl Numbers {
    fn of(&mut self, old: usize) -> usize {
        *self.new.entry(old).or_insert_with(|| {
            self.old.push(old);
            self.old.len() - 1
        })
    }
}

fn island(plan: &Plan, cohorts: &[usize]) -> Island {
    let ranges: BTreeMap<usize, std::ops::Range<usize>> = cohort_steps(plan).collect();
    let mut voices = Numbers::default();
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
        cohorts: Vec::new(),
        voices: Vec::new(),
        instruments: plan.instruments.clone(),
        tapes: Vec::new(),
        sums: Vec::new(),
        running: None,
        out: [plan.out[0]; 2],
        latency: plan.latency,
        quiet: plan.quiet,
        tail: plan.tail,
        paths: plan.paths.clone(),
    };
    part.instruments.iter_mut().for_each(|instrument| instrument.newest.clear());
    for cohort in cohorts {
        let Some(range) = ranges.get(cohort) else { continue };
        let place = part.cohorts.len();
        part.steps.push(Step::Cohort { cohort: place, steps: range.len() });
        part.steps.extend_from_slice(&plan.steps[range.clone()]);
        let mut cohort = plan.cohorts[*cohort].clone();
        for voice in &mut cohort.voices {
            part.voices.push(VoicePlan { cohort: place, ..plan.voices[*voice] });
            *voice = voices.of(*voice);
        }
        part.cohorts.push(cohort);
    }
    take_kernels(&mut part, &plan.kernels);
    let here = |event: &Event| {
        let voice = *voices.new.get(&(event.voice as usize))?;
        Some(Event { voice: voice as u32, ..*event })
    };
    part.events = plan.events.iter().filter_map(here).collect();
    let place = |voice: u32| voices.new.get(&(voice as usize)).map(|&voice| voice as u32);
    let lock = |lock: &LockEvent| Some(LockEvent { voice: place(lock.voice)?, ..*lock });
    part.locks = plan.locks.iter().filter_map(lock).collect();
    let base = |base: &BasePlan| {
        let (voice, control) = base.voice?;
        Some(BasePlan { voice: Some((place(voice)?, control)), ..*base })
    };
    part.bases = plan.bases.iter().filter_map(base).collect();
    let mut exports = Vec::new();
    for cohort in &part.cohorts {
        let heard = cohort.levels.iter().chain(cohort.spread.iter().flatten());
        exports.extend(heard.map(|&id| (id, id)));
    }
    let mut buffers = Numbers::default();
    for id in part.buffers_mut().chain(exports.iter_mut().map(|(here, _)| here)) {
        *id = buffers.of(*id);
    }
    part.buffers = buffers.old.iter().map(|&old| plan.buffers[old]).collect();
    Island { plan: part, exports, voices: voices.old }
}

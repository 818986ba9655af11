//! Parts of a plan that can run side by side: voices that hear nothing from outside, cut out into plans of their own.

use std::collections::BTreeMap;

use crate::modules::spec::BLOCK;
use crate::plan::steps::{BufferId, CohortPlan, Plan, Step};
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
    let gone: Vec<bool> = if islands.is_empty() { vec![false; own.len()] } else { own };
    let mut main = plan.clone();
    main.steps = remaining_steps(plan, &gone);
    for voice in &mut main.voices {
        voice.outside = gone[voice.cohort];
    }
    Islands { main, islands }
}

/// For each cohort, whether it reads nothing that the top level computes.
fn own_cohorts(plan: &Plan) -> Vec<bool> {
    let mut written = vec![false; plan.buffers.len()];
    if let Some(running) = plan.running {
        written[running] = true;
    }
    for instrument in &plan.instruments {
        instrument.newest.iter().for_each(|&(_, buffer)| written[buffer] = true);
    }
    for step in &plan.steps {
        step.writes(plan).into_iter().for_each(|buffer| written[buffer] = true);
    }
    let mut own = vec![true; plan.cohorts.len()];
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

/// Where the steps of each cohort stand, without the step that opens them.
fn cohort_steps(plan: &Plan) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> {
    plan.steps.iter().enumerate().filter_map(|(place, step)| match step {
        Step::Cohort { cohort, steps } => Some((*cohort, place + 1..place + 1 + steps)),
        _ => None,
    })
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
    let mut steps = Vec::with_capacity(plan.steps.len());
    let (mut at, mut pads) = (0, 0);
    while at < plan.steps.len() {
        match &plan.steps[at] {
            Step::Cohort { cohort, steps: count } if gone[*cohort] => at += count,
            Step::Pad { width, from, frames, out, .. } => {
                steps.push(Step::Pad { width: *width, from: *from, frames: *frames, pad: pads, out: *out });
                pads += 1;
            }
            step => steps.push(step.clone()),
        }
        at += 1;
    }
    steps
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
    let mut buffers = Numbers::default();
    let mut voices = Numbers::default();
    let mut exports = Vec::new();
    let mut part = Plan {
        buffers: Vec::new(),
        steps: Vec::new(),
        kernels: Vec::new(),
        cohorts: Vec::new(),
        voices: Vec::new(),
        events: Vec::new(),
        running: None,
        ..plan.clone()
    };
    let silence = buffers.of(plan.out[0]);
    part.out = [silence; 2];
    for instrument in &mut part.instruments {
        instrument.newest.clear();
        instrument.glide = buffers.of(instrument.glide);
    }
    let mut pads = 0;
    let ranges: BTreeMap<usize, std::ops::Range<usize>> = cohort_steps(plan).collect();
    for &cohort in cohorts {
        let Some(range) = ranges.get(&cohort) else { continue };
        let place = part.cohorts.len();
        let first_kernel = part.kernels.len();
        part.steps.push(Step::Cohort { cohort: place, steps: range.len() });
        for step in &plan.steps[range.clone()] {
            let step = renumbered(plan, step, &mut buffers, &mut part, &mut pads, place);
            part.steps.push(step);
        }
        let old = &plan.cohorts[cohort];
        let mut all = |ids: &[BufferId]| ids.iter().map(|&id| buffers.of(id)).collect::<Vec<_>>();
        let cohort = CohortPlan {
            width: old.width,
            voices: old.voices.iter().map(|&voice| voices.of(voice)).collect(),
            signals: old.signals.iter().map(|&(signal, id)| (signal, all(&[id])[0])).collect(),
            outs: all(&old.outs),
            spread: old.spread.iter().map(|lanes| all(lanes)).collect(),
            levels: all(&old.levels),
            bare: old.bare,
            quiet: old.quiet,
            kernels: first_kernel..part.kernels.len(),
        };
        let heard = old.levels.iter().chain(old.spread.iter().flatten());
        exports.extend(heard.map(|&id| (buffers.of(id), id)));
        part.cohorts.push(cohort);
    }
    for (place, cohort) in part.cohorts.iter().enumerate() {
        for &voice in &cohort.voices {
            let mut moved = plan.voices[voices.old[voice]];
            moved.cohort = place;
            if part.voices.len() <= voice {
                part.voices.resize(voice + 1, moved);
            }
            part.voices[voice] = moved;
        }
    }
    part.events = plan
        .events
        .iter()
        .filter_map(|event| {
            let voice = *voices.new.get(&(event.voice as usize))?;
            Some(Event { voice: voice as u32, ..*event })
        })
        .collect();
    part.buffers = buffers.old.iter().map(|&old| plan.buffers[old]).collect();
    Island { plan: part, exports, voices: voices.old }
}

/// The step with an island's numbers.
fn renumbered(
    plan: &Plan,
    step: &Step,
    buffers: &mut Numbers,
    part: &mut Plan,
    pads: &mut usize,
    place: usize,
) -> Step {
    let mut step = step.clone();
    step.buffers_mut().into_iter().for_each(|id| *id = buffers.of(*id));
    match &mut step {
        Step::Kernel(index) => {
            let mut kernel = plan.kernels[*index].clone();
            kernel.ins.iter_mut().chain(&mut kernel.outs).for_each(|id| *id = buffers.of(*id));
            kernel.cohort = Some(place);
            *index = part.kernels.len();
            part.kernels.push(kernel);
        }
        Step::Pad { pad, .. } => {
            *pad = *pads;
            *pads += 1;
        }
        Step::Cohort { cohort, .. } => *cohort = place,
        _ => {}
    }
    step
}

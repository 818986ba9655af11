//! A plan some of whose voices are heard from tapes: the others move together into fewer lanes.

use std::collections::BTreeSet;

use crate::plan::cohorts::{in_lane, width};
use crate::plan::parts::{cohort_steps, named, take_kernels};
use crate::plan::steps::{BufferId, Plan, Step, TapePlan};

/// The same plan without the work of `voices`, which are heard from tapes, one for each in this order. Voices that never
/// play are left out too. A lane computes the same bits in whatever company, so the others sound as before.
pub fn taped(plan: &Plan, voices: &[usize]) -> Plan {
    let mut gone = vec![true; plan.voices.len()];
    plan.events.iter().for_each(|event| gone[event.voice as usize] = false);
    voices.iter().for_each(|&voice| gone[voice] = true);
    let mut left = plan.clone();
    left.tapes = voices.iter().map(|&voice| tape(plan, voice)).collect();
    let mut empty = vec![false; plan.cohorts.len()];
    for (cohort, steps) in cohort_steps(plan) {
        let of_cohort = &plan.cohorts[cohort].voices;
        let lanes: Vec<usize> = (0..of_cohort.len()).filter(|&lane| !gone[of_cohort[lane]]).collect();
        empty[cohort] = lanes.is_empty();
        if !lanes.is_empty() && lanes.len() < of_cohort.len() {
            narrow(&mut left, plan, cohort, steps, &lanes);
        }
    }
    for (voice, gone) in left.voices.iter_mut().zip(&gone) {
        voice.outside |= gone;
    }
    left.bases.retain(|base| base.voice.is_none_or(|(voice, _)| !gone[voice as usize]));
    left.locks.retain(|lock| !gone[lock.voice as usize]);
    let mut keep = vec![true; left.steps.len()];
    for (_, steps) in cohort_steps(plan).filter(|(cohort, _)| empty[*cohort]) {
        keep[steps.start - 1..steps.end].fill(false);
    }
    let mut part = left.clone();
    let steps = left.steps.iter().zip(keep).filter(|(_, keep)| *keep);
    part.steps = steps.map(|(step, _)| step.clone()).collect();
    take_kernels(&mut part, &left);
    part
}

/// Where a voice is heard.
pub fn tape(plan: &Plan, voice: usize) -> TapePlan {
    let place = plan.voices[voice];
    let cohort = &plan.cohorts[place.cohort];
    let channels = cohort.spread.iter().map(|outs| outs[place.lane]);
    TapePlan { voice, channels: channels.chain([cohort.levels[place.lane]]).collect() }
}

/// Leaves only some `lanes` in a cohort, whose steps are at `steps`.
fn narrow(left: &mut Plan, plan: &Plan, cohort: usize, steps: std::ops::Range<usize>, lanes: &[usize]) {
    let old = &plan.cohorts[cohort];
    let (before, now) = (old.width, width(lanes.len()));
    let pick = |from: &[BufferId]| -> Vec<BufferId> { lanes.iter().map(|&lane| from[lane]).collect() };
    let seen = old.signals.iter().map(|(_, buffer)| *buffer).chain(old.outs.iter().copied());
    let all = plan.steps[steps.clone()].iter().flat_map(|step| named(plan, step)).chain(seen);
    // What is narrower comes from outside, or goes there.
    let own: BTreeSet<BufferId> = all.filter(|&id| plan.buffers[id].width == before).collect();
    for &id in &own {
        let values = plan.buffers[id].values;
        left.buffers[id].width = now;
        left.buffers[id].values = std::array::from_fn(|lane| values[*in_lane(lanes, lane)]);
    }
    for step in &mut left.steps[steps] {
        match step {
            Step::Kernel(index) => {
                let kernel = &mut left.kernels[*index];
                kernel.width = now;
                kernel.lanes = lanes.iter().map(|&lane| plan.kernels[*index].lanes[lane].clone()).collect();
            }
            Step::Gather { width, lanes: from, .. } => {
                *from = (0..now).map(|lane| from[*in_lane(lanes, lane)]).collect();
                *width = now;
            }
            Step::Spread { width, outs, .. } => {
                *outs = pick(outs);
                *width = now;
            }
            Step::Sum { width, .. }
            | Step::Move { width, .. }
            | Step::Pan { width, .. }
            | Step::Pad { width, .. } => *width = now,
            Step::Mix { .. } | Step::Latch { .. } | Step::Fade { .. } | Step::Cohort { .. } => {}
        }
    }
    let narrowed = &mut left.cohorts[cohort];
    narrowed.width = now;
    narrowed.voices = pick(&old.voices);
    narrowed.levels = pick(&old.levels);
    narrowed.spread = old.spread.iter().map(|outs| pick(outs)).collect();
    for (lane, &voice) in narrowed.voices.iter().enumerate() {
        left.voices[voice].lane = lane;
    }
    for base in &mut left.bases {
        if let (Some((voice, _)), true) = (base.voice, own.contains(&base.at.buffer)) {
            base.at.lane = left.voices[voice as usize].lane;
        }
    }
}

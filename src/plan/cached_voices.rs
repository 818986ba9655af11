//! A plan some of whose voices are heard from cached voices: the others move together into fewer lanes.

use std::collections::BTreeSet;

use crate::plan::compiled_plan::{BufferId, CachedVoicePlan, Plan, Step};
use crate::plan::subplans::{named, take_kernels, voice_batch_steps, with_steps};
use crate::plan::voice_batches::{in_lane, width};

/// The same plan without the work of the voices on `cached_voices`, in this order; `sums` will be put on cached voice. Voices that nobody hears
/// are left out too. A lane computes the same bits in whatever company, so the others sound as before.
pub fn taped(plan: &Plan, cached_voices: Vec<CachedVoicePlan>, sums: Vec<CachedVoicePlan>) -> Plan {
    let mut gone: Vec<bool> = heard(plan).iter().map(|heard| !heard).collect();
    cached_voices.iter().flat_map(|cached_voice| &cached_voice.voices).for_each(|&voice| gone[voice] = true);
    let mut left = plan.clone();
    (left.cached_voices, left.sums) = (cached_voices, sums);
    let mut empty = vec![false; plan.voice_batches.len()];
    for (voice_batch, steps) in voice_batch_steps(plan) {
        let of_voice_batch = &plan.voice_batches[voice_batch].voices;
        let lanes: Vec<usize> =
            (0..of_voice_batch.len()).filter(|&lane| !gone[of_voice_batch[lane]]).collect();
        empty[voice_batch] = lanes.is_empty();
        if !lanes.is_empty() && lanes.len() < of_voice_batch.len() {
            narrow(&mut left, plan, voice_batch, steps, &lanes);
        }
    }
    for (voice, gone) in left.voices.iter_mut().zip(&gone) {
        voice.outside |= gone;
    }
    left.bases.retain(|base| base.voice.is_none_or(|(voice, _)| !gone[voice as usize]));
    left.locks.retain(|lock| !gone[lock.voice as usize]);
    let mut keep = vec![true; left.steps.len()];
    for (_, steps) in voice_batch_steps(plan).filter(|(voice_batch, _)| empty[*voice_batch]) {
        keep[steps.start - 1..steps.end].fill(false);
    }
    let added: BTreeSet<BufferId> = left
        .cached_voices
        .iter()
        .filter(|cached_voice| cached_voice.is_sum)
        .flat_map(|cached_voice| cached_voice.channels.iter().copied())
        .collect();
    for (step, keep) in left.steps.iter().zip(&mut keep) {
        *keep &= !matches!(step, Step::Mix { out, .. } if added.contains(out));
    }
    let mut keep = keep.into_iter();
    left.steps.retain(|_| keep.next().unwrap_or(true));
    let kernels = std::mem::take(&mut left.kernels);
    take_kernels(&mut left, &kernels);
    // Levels that are on cached voice are late already.
    let levels: BTreeSet<BufferId> =
        (0..gone.len()).filter(|&voice| gone[voice]).map(|voice| level(plan, voice)).collect();
    let keep = left.steps.iter().map(|step| !matches!(step, Step::Pad { out, .. } if levels.contains(out)));
    let keep: Vec<bool> = keep.collect();
    with_steps(left, &keep)
}

/// For each voice whether it plays, and somebody hears it.
pub fn heard(plan: &Plan) -> Vec<bool> {
    let mut heard = vec![false; plan.voices.len()];
    for step in &plan.steps {
        if let Step::Mix { terms, .. } = step {
            terms.iter().filter_map(|term| term.voice).for_each(|voice| heard[voice] = true);
        }
    }
    let mut plays = vec![false; plan.voices.len()];
    plan.events.iter().for_each(|event| plays[event.voice as usize] = true);
    heard.into_iter().zip(plays).map(|(heard, plays)| heard && plays).collect()
}

/// Where a voice is heard.
pub fn cached_voice(plan: &Plan, voice: usize) -> CachedVoicePlan {
    let place = plan.voices[voice];
    let voice_batch = &plan.voice_batches[place.voice_batch];
    let channels = voice_batch.spread.iter().map(|outs| outs[place.lane]);
    let channels = channels.chain([level(plan, voice)]).collect();
    CachedVoicePlan { voices: vec![voice], is_sum: false, channels }
}

/// What a voice's output is multiplied by.
fn level(plan: &Plan, voice: usize) -> BufferId {
    let place = plan.voices[voice];
    plan.voice_batches[place.voice_batch].levels[place.lane]
}

/// Where the voices of an instrument are heard as a sum: `None` if anything else is added to them, so that only they themselves
/// can be put on cached voice.
pub fn sum(plan: &Plan, instrument: usize) -> Option<CachedVoicePlan> {
    let mut cached_voice = CachedVoicePlan { voices: Vec::new(), is_sum: true, channels: Vec::new() };
    let is_own = |voice: usize| plan.voices[voice].instrument == instrument;
    cached_voice.voices = (0..plan.voices.len()).filter(|&voice| is_own(voice)).collect();
    for (place, step) in plan.steps.iter().enumerate() {
        let Step::Mix { terms, out } = step else { continue };
        let own = terms.iter().filter(|term| term.voice.is_some_and(is_own)).count();
        if own > 0 {
            // Who reads it sooner wants what it was a block ago.
            let sooner = plan.steps[..place].iter().any(|step| named(plan, step).contains(out));
            if own < terms.len() || sooner {
                return None;
            }
            cached_voice.channels.push(*out);
        }
    }
    Some(cached_voice).filter(|cached_voice| !cached_voice.channels.is_empty())
}

/// Leaves only some `lanes` in a voice batch, whose steps are at `steps`.
fn narrow(left: &mut Plan, plan: &Plan, voice_batch: usize, steps: std::ops::Range<usize>, lanes: &[usize]) {
    let old = &plan.voice_batches[voice_batch];
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
            Step::Sum { width, .. } | Step::Move { width, .. } | Step::Pan { width, .. } => *width = now,
            // A voice's level is delayed by itself.
            Step::Pad { width, .. } if *width == before => *width = now,
            Step::Pad { .. }
            | Step::Mix { .. }
            | Step::Latch { .. }
            | Step::Fade { .. }
            | Step::VoiceBatch { .. } => {}
        }
    }
    let narrowed = &mut left.voice_batches[voice_batch];
    narrowed.width = now;
    narrowed.voices = pick(&old.voices);
    narrowed.levels = pick(&old.levels);
    narrowed.struck = pick(&old.struck);
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

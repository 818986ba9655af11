//! Buffers used again: what nobody reads any more makes room for what is written next, so that a block stays in cache.

use std::collections::BTreeMap;

use crate::plan::compiled_plan::{BufferId, BufferPlan, Plan, Step};
use crate::plan::subplans::named;

/// `plan` on fewer buffers, with the same bits. What modules have output can't be looked at any more when the
/// block is over.
pub fn reuse(mut plan: Plan) -> Plan {
    let lives = lives(&plan);
    let mut places: Vec<Option<BufferId>> = vec![None; plan.buffers.len()];
    let mut buffers: Vec<BufferPlan> = Vec::new();
    for (id, buffer) in plan.buffers.iter().enumerate() {
        if lives[id].is_none() {
            places[id] = Some(buffers.len());
            buffers.push(*buffer);
        }
    }
    let mut free: BTreeMap<usize, Vec<BufferId>> = BTreeMap::new();
    let mut endings: Vec<Vec<BufferId>> = vec![Vec::new(); plan.steps.len()];
    for (id, life) in lives.iter().enumerate() {
        if let Some(life) = life {
            endings[life.last].push(id);
        }
    }
    for (step, ending) in plan.steps.iter().zip(&endings) {
        // A step never writes what it reads: what it reads last is free only after it.
        for id in step.writes(&plan) {
            if places[id].is_none() {
                let width = plan.buffers[id].width;
                places[id] = Some(free.entry(width).or_default().pop().unwrap_or_else(|| {
                    buffers.push(BufferPlan { width, values: [0.0; 8] });
                    buffers.len() - 1
                }));
            }
        }
        for &id in ending {
            if let Some(place) = places[id] {
                free.entry(plan.buffers[id].width).or_default().push(place);
            }
        }
    }
    plan.buffers = buffers;
    for id in plan.buffers_mut() {
        if let Some(place) = places[*id] {
            *id = place;
        }
    }
    plan
}

/// From its first write to its last read, in steps; `None` if what it holds must stay.
fn lives(plan: &Plan) -> Vec<Option<Life>> {
    let mut lives: Vec<Option<Life>> = vec![None; plan.buffers.len()];
    let mut stays = vec![false; plan.buffers.len()];
    for (at, step) in plan.steps.iter().enumerate() {
        for id in named(plan, step) {
            match &mut lives[id] {
                Some(life) => life.last = at,
                // What is read before it is written comes from outside or from the block before.
                None if step.writes(plan).contains(&id) && !matches!(step, Step::Fade { .. }) => {
                    lives[id] = Some(Life { last: at });
                }
                None => stays[id] = true,
            }
        }
        if let Step::Latch { from, to } = step {
            stays[*from] = true;
            stays[*to] = true;
        }
    }
    for voice_batch in &plan.voice_batches {
        let seen =
            voice_batch.outs.iter().chain(&voice_batch.levels).chain(voice_batch.spread.iter().flatten());
        seen.for_each(|&id| stays[id] = true);
    }
    let cached_voices =
        plan.cached_voices.iter().chain(&plan.sums).flat_map(|cached_voice| &cached_voice.channels);
    cached_voices.for_each(|&id| stays[id] = true);
    plan.out.iter().for_each(|&id| stays[id] = true);
    plan.instruments.iter().for_each(|instrument| stays[instrument.glide] = true);
    lives.into_iter().zip(stays).map(|(life, stays)| life.filter(|_| !stays)).collect()
}

#[derive(Clone, Copy, Debug)]
struct Life {
    last: usize,
}

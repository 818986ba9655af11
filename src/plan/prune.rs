//! Steps that nobody hears, left out.

use crate::plan::compiled_plan::Plan;
use crate::plan::subplans::{named, voice_batch_steps, with_steps};

/// `plan` without steps whose outcome reaches neither its output nor anything that decides when a voice sleeps.
pub fn prune(plan: Plan) -> Plan {
    let mut needed = vec![false; plan.buffers.len()];
    let mut keep = vec![false; plan.steps.len()];
    let mut voice_batch_of = vec![None; plan.steps.len()];
    for (voice_batch, steps) in voice_batch_steps(&plan) {
        voice_batch_of[steps].fill(Some(voice_batch));
    }
    plan.out.iter().for_each(|&id| needed[id] = true);
    plan.instruments.iter().for_each(|instrument| needed[instrument.glide] = true);
    // What a step needs comes before it, or from the block before, so one pass from the end isn't always enough.
    let mut found = true;
    while found {
        found = false;
        for (at, step) in plan.steps.iter().enumerate().rev() {
            let wanted = || step.writes(&plan).iter().any(|&id| needed[id]);
            if !keep[at] && wanted() {
                keep[at] = true;
                found = true;
                named(&plan, step).into_iter().for_each(|id| needed[id] = true);
                if let Some(voice_batch) = voice_batch_of[at] {
                    plan.voice_batches[voice_batch].outs.iter().for_each(|&id| needed[id] = true);
                }
            }
        }
    }
    with_steps(plan, &keep)
}

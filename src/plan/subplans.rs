//! Plans made of some of the steps of a plan.

use crate::plan::compiled_plan::{BufferId, KernelPlan, Plan, Step};

/// `plan` with only those of its steps that `keep` says, by their places. A step that opens a voice batch stays while any of
/// the voice batch's does.
pub fn with_steps(mut plan: Plan, keep: &[bool]) -> Plan {
    let stays = |(step, keep): (&Step, &bool)| match step {
        Step::VoiceBatch { steps, .. } => *steps > 0,
        _ => *keep,
    };
    if plan.steps.iter().zip(keep).all(stays) {
        return plan;
    }
    let steps = std::mem::take(&mut plan.steps);
    for (at, mut step) in steps.into_iter().enumerate() {
        let stays = match &mut step {
            Step::VoiceBatch { steps, .. } => {
                *steps = keep[at + 1..=at + *steps].iter().filter(|keep| **keep).count();
                *steps > 0
            }
            _ => keep[at],
        };
        if stays {
            plan.steps.push(step);
        }
    }
    let kernels = std::mem::take(&mut plan.kernels);
    take_kernels(&mut plan, &kernels);
    plan
}

/// Gives `part`, which has some of the steps of a plan and its own voice batches, those of the plan's kernels, and the pads, that
/// these steps name.
pub(super) fn take_kernels(part: &mut Plan, kernels: &[KernelPlan]) {
    let (mut voice_batch, mut pads) = (0, 0);
    part.kernels.clear();
    part.voice_batches.iter_mut().for_each(|voice_batch| voice_batch.kernels = 0..0);
    for step in &mut part.steps {
        match step {
            Step::VoiceBatch { voice_batch: next, .. } => {
                voice_batch = *next;
                part.voice_batches[voice_batch].kernels = part.kernels.len()..part.kernels.len();
            }
            Step::Kernel(index) => {
                let mut kernel = kernels[*index].clone();
                if kernel.voice_batch.is_some() {
                    kernel.voice_batch = Some(voice_batch);
                    part.voice_batches[voice_batch].kernels.end += 1;
                }
                *index = part.kernels.len();
                part.kernels.push(kernel);
            }
            Step::Pad { pad, .. } => {
                *pad = pads;
                pads += 1;
            }
            _ => {}
        }
    }
}

/// Where the steps of each voice batch stand, without the step that opens them.
pub(super) fn voice_batch_steps(plan: &Plan) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> {
    plan.steps.iter().enumerate().filter_map(|(place, step)| match step {
        Step::VoiceBatch { voice_batch, steps } => Some((*voice_batch, place + 1..place + 1 + steps)),
        _ => None,
    })
}

/// Every buffer that a step reads or writes, again where it does so again.
pub fn named(plan: &Plan, step: &Step) -> Vec<BufferId> {
    match step {
        Step::Kernel(index) => {
            let kernel = &plan.kernels[*index];
            kernel.ins.iter().chain(&kernel.outs).copied().collect()
        }
        other => other.clone().buffers_mut().into_iter().map(|id| *id).collect(),
    }
}

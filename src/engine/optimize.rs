//! A plan made lean for a render: nothing that isn't heard, nothing done twice, no more memory than needed.

use std::sync::Arc;

use crate::engine::block_loop::Engine;
use crate::engine::kernels::is_stateless;
use crate::modules::dispatch::Compilation;
use crate::plan::compiled_plan::{BufferId, BufferPlan, Plan, Step};
use crate::plan::prune::prune;
use crate::plan::reuse::reuse;
use crate::plan::shape::DelayPast;
use crate::plan::subplans::{named, with_steps};

/// `plan` as it is rendered, with the same bits. What its modules output can't be looked at any more.
pub fn lean(plan: Plan) -> Plan {
    reuse(folded(plan))
}

/// The same, but no buffer is used again: each holds what it was made for.
pub fn folded(plan: Plan) -> Plan {
    fold(prune(plan))
}

/// `plan` without steps that work on constants alone: what they make stands in their buffers from the start. The
/// engine itself makes it, so the bits are the same.
fn fold(mut plan: Plan) -> Plan {
    // Constants need no events, of which there may be many.
    let (events, locks) = (std::mem::take(&mut plan.events), std::mem::take(&mut plan.locks));
    Plan { events, locks, ..fold_steps(plan) }
}

fn fold_steps(plan: Plan) -> Plan {
    let mut varies = written_by_others(&plan);
    loop {
        let constant = constant_steps(&plan, &varies);
        if !constant.contains(&true) {
            return plan;
        }
        let mut alone = with_steps(plan.clone(), &constant);
        // No voice is awake yet.
        alone.steps.retain(|step| !matches!(step, Step::VoiceBatch { .. }));
        let mut engine = Engine::new(Arc::new(alone), Compilation::best());
        engine.block();
        let (_, buffers) = engine.inside();
        let made = plan.steps.iter().zip(&constant).filter(|(_, constant)| **constant);
        let outs: Vec<BufferId> = made.flat_map(|(step, _)| step.writes(&plan)).collect();
        if outs.iter().all(|&out| buffers[out].is_constant()) {
            let keep: Vec<bool> = constant.iter().map(|constant| !constant).collect();
            let mut rest = with_steps(plan, &keep);
            for out in outs {
                let BufferPlan { width, values } = &mut rest.buffers[out];
                values[..*width].copy_from_slice(&buffers[out].samples()[..*width]);
            }
            return rest;
        }
        outs.into_iter().filter(|&out| !buffers[out].is_constant()).for_each(|out| varies[out] = true);
    }
}

/// For each buffer, whether something other than a step writes it.
fn written_by_others(plan: &Plan) -> Vec<bool> {
    let mut written = vec![false; plan.buffers.len()];
    for voice_batch in &plan.voice_batches {
        let signals = voice_batch.signals.iter().map(|(_, buffer)| buffer);
        signals.chain(&voice_batch.struck).for_each(|&buffer| written[buffer] = true);
    }
    for instrument in &plan.instruments {
        instrument.newest.iter().for_each(|&(_, buffer)| written[buffer] = true);
    }
    plan.running.iter().for_each(|&buffer| written[buffer] = true);
    plan.bases.iter().for_each(|base| written[base.at.buffer] = true);
    written
}

/// For each step, whether it works on constants alone. `varies` reports buffers that can't be constant.
fn constant_steps(plan: &Plan, varies: &[bool]) -> Vec<bool> {
    let mut open = varies.to_vec();
    plan.steps.iter().flat_map(|step| step.writes(plan)).for_each(|out| open[out] = true);
    let mut constant = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let writes = step.writes(plan);
        let reads_constants = named(plan, step).iter().all(|id| !open[*id] || writes.contains(id));
        let can_be = !writes.is_empty() && writes.iter().all(|&out| !varies[out]);
        constant.push(can_be && is_pure(plan, step) && reads_constants);
        if constant.last() == Some(&true) {
            writes.into_iter().for_each(|out| open[out] = false);
        }
    }
    constant
}

/// Whether a step makes the same of the same in every block.
fn is_pure(plan: &Plan, step: &Step) -> bool {
    match step {
        Step::Sum { .. }
        | Step::Move { .. }
        | Step::Pan { .. }
        | Step::Gather { .. }
        | Step::Spread { .. } => true,
        Step::Mix { terms, .. } => terms.iter().all(|term| term.voice.is_none()),
        Step::Kernel(index) => is_stateless(&plan.kernels[*index], plan.rate as f32),
        // What stands was the same before.
        Step::Pad { past, .. } => *past == DelayPast::Held,
        // In place, or with a memory.
        Step::Fade { .. } | Step::Latch { .. } | Step::VoiceBatch { .. } => false,
    }
}

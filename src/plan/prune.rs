//! Steps that nobody hears, left out.

use crate::plan::parts::{cohort_steps, named, with_steps};
use crate::plan::steps::Plan;

/// `plan` without steps whose outcome reaches neither its output nor anything that decides when a voice sleeps.
pub fn prune(plan: Plan) -> Plan {
    let mut needed = vec![false; plan.buffers.len()];
    let mut keep = vec![false; plan.steps.len()];
    let mut cohort_of = vec![None; plan.steps.len()];
    for (cohort, steps) in cohort_steps(&plan) {
        cohort_of[steps].fill(Some(cohort));
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
                if let Some(cohort) = cohort_of[at] {
                    plan.cohorts[cohort].outs.iter().for_each(|&id| needed[id] = true);
                }
            }
        }
    }
    with_steps(plan, &keep)
}

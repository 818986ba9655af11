//! The terms of sums over voices.

use std::ops::Range;

use crate::plan::steps::{BufferId, CohortPlan, MixTerm, Term, VoicePlan};

/// One channel of some voices, one term each, times `factors`.
pub(super) fn voice_terms(
    all: &[VoicePlan],
    cohorts: &[CohortPlan],
    voices: Range<usize>,
    channel: usize,
    factors: &[BufferId],
) -> Vec<MixTerm> {
    let term = |voice: usize| {
        let VoicePlan { cohort, lane, .. } = all[voice];
        let spread = cohorts[cohort].spread.get(channel).or(cohorts[cohort].spread.last())?;
        let factors = [&[cohorts[cohort].levels[lane]], factors].concat();
        Some(MixTerm { voice: Some(voice), term: Term { from: spread[lane], factors } })
    };
    voices.filter_map(term).collect()
}

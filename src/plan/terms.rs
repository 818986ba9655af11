//! The terms of sums over voices.

use std::ops::Range;

use crate::plan::compiled_plan::{BufferId, MixTerm, Term, VoiceBatchPlan, VoicePlan};

/// One channel of some voices, one term each, times `factors`.
pub(super) fn voice_terms(
    all: &[VoicePlan],
    voice_batches: &[VoiceBatchPlan],
    voices: Range<usize>,
    channel: usize,
    factors: &[BufferId],
) -> Vec<MixTerm> {
    let term = |voice: usize| {
        let VoicePlan { voice_batch, lane, .. } = all[voice];
        let spread =
            voice_batches[voice_batch].spread.get(channel).or(voice_batches[voice_batch].spread.last())?;
        let factors = [&[voice_batches[voice_batch].levels[lane]], factors].concat();
        Some(MixTerm { voice: Some(voice), term: Term { from: spread[lane], factors } })
    };
    voices.filter_map(term).collect()
}

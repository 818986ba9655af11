//! How loud a voice is.

use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;
use crate::plan::steps::{CohortPlan, VoicePlan};

/// The peak of what a voice put out in the last block, before its level.
pub(super) fn peak(cohort: &CohortPlan, lane: usize, buffers: &[Buffer]) -> f32 {
    let samples = cohort.outs.iter().flat_map(|&out| {
        let buffer = &buffers[out];
        let frames = if buffer.is_constant() { 1 } else { BLOCK };
        buffer.samples().iter().skip(lane).step_by(cohort.width).take(frames)
    });
    samples.fold(0.0, |peak, x| if x.abs() > peak { x.abs() } else { peak })
}

/// Whether anything of a voice's last block, at `level`, was more than silence.
pub(super) fn is_heard(cohort: &CohortPlan, place: VoicePlan, level: f32, buffers: &[Buffer]) -> bool {
    level != 0.0
        && cohort.outs.iter().any(|&out| {
            let buffer = &buffers[out];
            let frames = if buffer.is_constant() { 1 } else { BLOCK };
            let mut lane = buffer.samples().iter().skip(place.lane).step_by(cohort.width).take(frames);
            lane.any(|x| x.abs() * level > place.silence)
        })
}

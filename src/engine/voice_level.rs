//! How loud a voice is.

use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::{VoiceBatchPlan, VoicePlan};

/// The samples of one lane of a voice's last block in a buffer.
#[inline(always)]
fn samples(buffer: &Buffer, lane: usize, width: usize) -> impl Iterator<Item = &f32> {
    let frames = if buffer.is_constant() { 1 } else { BLOCK };
    buffer.samples().iter().skip(lane).step_by(width).take(frames)
}

/// The peak of what a voice gave in the last block, before its level.
pub(super) fn peak(voice_batch: &VoiceBatchPlan, lane: usize, buffers: &[Buffer]) -> f32 {
    let all = voice_batch.outs.iter().flat_map(|&out| samples(&buffers[out], lane, voice_batch.width));
    all.fold(0.0, |peak, x| if x.abs() > peak { x.abs() } else { peak })
}

/// Whether anything of a voice's last block, at `level`, was more than silence.
pub(super) fn is_heard(
    voice_batch: &VoiceBatchPlan,
    place: VoicePlan,
    level: f32,
    buffers: &[Buffer],
) -> bool {
    let loud = |x: &f32| x.abs() * level > place.silence;
    level != 0.0
        && voice_batch.outs.iter().any(|&out| samples(&buffers[out], place.lane, voice_batch.width).any(loud))
}

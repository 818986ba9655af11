//! Which voices share lanes: those of instruments with equal shapes, in song order, at most eight together.

use crate::modules::kernel::Kernel;
use crate::modules::state::Sleep;
use crate::plan::compiled_plan::KernelPlan;
use crate::plan::shape::{Op, Shape};
use crate::plan::timeline::nearest_frame;

/// One lane: a voice of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchMember {
    pub(super) instrument: usize,
    pub(super) voice: usize,
}

/// Voices in the lanes of one voice batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VoiceBatch {
    /// As [`width`] has it.
    pub(super) width: usize,
    pub(super) members: Vec<BatchMember>,
}

/// The most lanes there are.
pub(super) const WIDEST: usize = 8;

/// The lanes that so many voices or modules take: 1, 4 or 8. A pair is worth four lanes already.
pub(super) fn width(members: usize) -> usize {
    match members {
        0 | 1 => 1,
        2..=4 => 4,
        _ => WIDEST,
    }
}

/// What is in `lane`: lanes that aren't in use compute what the first one does.
pub(super) fn in_lane<T>(members: &[T], lane: usize) -> &T {
    members.get(lane).unwrap_or(&members[0])
}

/// Groups the voices of `instruments`, which are all computed at the same level.
pub(super) fn voice_batches(
    instruments: &[usize],
    shapes: &[Shape],
    voices: impl Fn(usize) -> usize,
) -> Vec<VoiceBatch> {
    let mut groups: Vec<Vec<BatchMember>> = Vec::new();
    for &instrument in instruments {
        let members = (0..voices(instrument)).map(|voice| BatchMember { instrument, voice });
        let shape = &shapes[instrument];
        let group = groups.iter_mut().find(|group| shapes[group[0].instrument].same_form(shape));
        match group {
            Some(group) => group.extend(members),
            None => groups.push(members.collect()),
        }
    }
    let mut voice_batches = Vec::new();
    for group in groups {
        let widest = if runs_in_lanes(&shapes[group[0].instrument]) { WIDEST } else { 1 };
        for members in group.chunks(widest) {
            voice_batches.push(VoiceBatch { width: width(members.len()), members: members.to_vec() });
        }
    }
    voice_batches
}

/// For how many frames a voice with these kernels must be quiet before it sleeps, at `rate` frames a second.
pub(super) fn quiet(kernels: &[KernelPlan], rate: u32) -> Option<u64> {
    let mut longest = 0.0_f32;
    for kernel in kernels {
        if matches!(kernel.spec.state.sleep, Sleep::Never) {
            return None;
        }
        for lane in &kernel.lanes {
            longest = longest.max((kernel.spec.state.tail)(&kernel.setup(lane, rate as f32)));
        }
    }
    Some(nearest_frame(f64::from(longest), f64::from(rate)))
}

fn runs_in_lanes(shape: &Shape) -> bool {
    shape.ops.iter().all(|op| match op {
        Op::Kernel(kernel) => matches!(kernel.spec.kernel, Kernel::Lanes { .. }),
        _ => true,
    })
}

//! Which voices share lanes: those of instruments with equal shapes, in song order, at most eight together.

use crate::modules::kernel::Kernel;
use crate::plan::shape::{Op, Shape};

/// One lane: a voice of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) instrument: usize,
    pub(super) voice: usize,
}

/// Voices in the lanes of one cohort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cohort {
    /// 1, 4 or 8; a pair is worth four lanes already.
    pub(super) width: usize,
    pub(super) members: Vec<Member>,
}

/// The most lanes there are.
const WIDEST: usize = 8;

/// Groups the voices of `instruments`, which are all computed at the same level.
pub(super) fn cohorts(
    instruments: &[usize],
    shapes: &[Shape],
    voices: impl Fn(usize) -> usize,
) -> Vec<Cohort> {
    let mut groups: Vec<Vec<Member>> = Vec::new();
    for &instrument in instruments {
        let members = (0..voices(instrument)).map(|voice| Member { instrument, voice });
        let shape = &shapes[instrument];
        let group = groups.iter_mut().find(|group| shapes[group[0].instrument].same_form(shape));
        match group {
            Some(group) => group.extend(members),
            None => groups.push(members.collect()),
        }
    }
    let mut cohorts = Vec::new();
    for group in groups {
        let widest = if runs_in_lanes(&shapes[group[0].instrument]) { WIDEST } else { 1 };
        for members in group.chunks(widest) {
            let width = match members.len() {
                1 => 1,
                2..=4 => 4,
                _ => 8,
            };
            cohorts.push(Cohort { width, members: members.to_vec() });
        }
    }
    cohorts
}

fn runs_in_lanes(shape: &Shape) -> bool {
    shape.ops.iter().all(|op| match op {
        Op::Kernel(kernel) => matches!(kernel.spec.kernel, Kernel::Lanes { .. }),
        _ => true,
    })
}

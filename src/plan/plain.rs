//! Operations that are the same at every width, as steps.

use crate::plan::compiled_plan::{BufferId, MoveTerm, Step};
use crate::plan::shape::{Op, Slot};

/// The step of an operation on `buffers`, by slots; none for those that depend on the width. `pads` counts pads.
pub(super) fn plain(op: &Op, buffers: &[BufferId], width: usize, pads: &mut usize) -> Option<Step> {
    let at = |slot: &Slot| buffers[*slot];
    Some(match op {
        Op::Move { base, terms, min, max, out } => Step::Move {
            width,
            base: at(base),
            terms: terms
                .iter()
                .map(|t| MoveTerm { from: at(&t.from), depth: at(&t.depth), octaves: t.octaves })
                .collect(),
            min: *min,
            max: *max,
            out: at(out),
        },
        Op::Pan { pan, stereo, left, right } => {
            Step::Pan { width, pan: at(pan), stereo: *stereo, left: at(left), right: at(right) }
        }
        Op::Latch { from, to } => Step::Latch { from: at(from), to: at(to) },
        Op::Pad { from, frames, past, out } => {
            *pads += 1;
            let (from, out) = (at(from), at(out));
            Step::Pad { width, from, frames: *frames, past: *past, pad: *pads - 1, out }
        }
        Op::Fade { slot, by } => Step::Fade { buffers: vec![at(slot)], by: at(by) },
        Op::Kernel(_) | Op::Sum { .. } | Op::Voices { .. } | Op::Output { .. } => return None,
    })
}

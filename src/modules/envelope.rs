//! What all envelopes share: edges of the gate, and segments that last whole frames.

use crate::modules::buffer::{In, Row};
use crate::modules::spec::{BLOCK, Port};

/// The gate that an envelope follows.
pub(crate) const GATE: Port =
    Port::gate("gate", "Starts and releases the envelope; in an instrument, the note's gate by default.");

/// The length of a segment that ends only by an edge.
pub(crate) const ENDLESS: u32 = u32::MAX;

/// What the gate does in a frame, seen from the frame before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Nothing.
    None,
    /// It opens.
    Rise,
    /// It closes.
    Fall,
    /// It is negative: the voice was taken for another note, and its level drops to 0 at once.
    Reset,
}

impl Edge {
    /// What happens where the gate goes from `last` to `now`.
    #[inline(always)]
    pub(crate) fn of(last: f32, now: f32) -> Self {
        if now < 0.0 {
            Self::Reset
        } else if now > 0.0 && last <= 0.0 {
            Self::Rise
        } else if now <= 0.0 && last > 0.0 {
            Self::Fall
        } else {
            Self::None
        }
    }
}

/// The frames in which any lane's gate has an edge, one bit a frame, where the block before ended at `last`.
#[inline(always)]
pub(crate) fn edges<const W: usize>(gate: &In<'_, W>, last: &Row<W>) -> u64 {
    match gate {
        In::Constant(row) => differs(last, row),
        In::Varying(rows) => {
            let mut mask = differs(last, &rows[0]);
            for i in 1..BLOCK {
                mask |= differs(&rows[i - 1], &rows[i]) << i;
            }
            mask
        }
    }
}

/// 1 if any lane's gate has an edge between two frames, else 0.
#[inline(always)]
fn differs<const W: usize>(last: &Row<W>, now: &Row<W>) -> u64 {
    let mut any = false;
    for l in 0..W {
        any |= (now[l] > 0.0) != (last[l] > 0.0);
        any |= (now[l] < 0.0) != (last[l] < 0.0);
    }
    u64::from(any)
}

/// The whole frames nearest to `seconds`.
#[inline(always)]
pub(crate) fn frames(seconds: f32, rate: f32) -> u32 {
    (seconds * rate + 0.5) as u32
}

/// How many frames from frame `from` on pass without an event: up to the next edge, the end of the shortest `left`, or
/// the end of the block.
#[inline(always)]
pub(crate) fn run<const W: usize>(from: usize, edges: u64, left: &[u32; W]) -> usize {
    let after = edges >> from >> 1;
    let mut frames = (BLOCK - from).min(after.trailing_zeros() as usize + 1);
    for l in 0..W {
        frames = frames.min(left[l] as usize);
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::{Edge, edges, run};
    use crate::modules::buffer::In;

    #[test]
    fn edges_are_found_at_their_frames() {
        let mut rows = [[0.0]; 64];
        rows[5..9].fill([1.0]);
        rows[20] = [-1.0];
        rows[21..].fill([1.0]);
        let mask = edges(&In::Varying(&rows), &[0.0]);
        assert_eq!(mask, 1 << 5 | 1 << 9 | 1 << 20 | 1 << 21);
        assert_eq!(edges(&In::Constant(&[1.0]), &[1.0]), 0);
        assert_eq!(edges(&In::Constant(&[1.0]), &[0.0]), 1);
        assert_eq!(run(0, mask, &[100]), 5);
        assert_eq!(run(5, mask, &[100]), 4);
        assert_eq!(run(5, mask, &[3]), 3);
        assert_eq!(run(21, mask, &[100]), 43);
        assert_eq!(run(63, mask, &[100]), 1);
        assert_eq!(run(0, 0, &[100]), 64);
    }

    #[test]
    fn a_taken_voice_is_reset_and_opens_anew() {
        assert_eq!(Edge::of(1.0, -1.0), Edge::Reset);
        assert_eq!(Edge::of(-1.0, 1.0), Edge::Rise);
        assert_eq!(Edge::of(-1.0, 0.0), Edge::None);
    }
}

//! Coefficients that follow a slow control in straight lines: computed four times a block instead of every frame.
//!
//! A control that is no straight line between these frames, as one moved at audio rate, is followed frame by frame.
//! Each lane is judged by itself, so that it never hears its neighbours.

use crate::modules::buffer::{In, Row, Rows};
use crate::modules::spec::BLOCK;

/// The frames at which coefficients are computed.
pub(crate) const NODES: [usize; 4] = [0, 21, 42, 63];
/// Frames from node to node.
const SPAN: f32 = 21.0;
/// Frames after a node at which a control is held against the straight line.
const PROBES: [usize; 3] = [5, 10, 16];
/// How far a control may be off the line, and how far a line may rise, as shares of the control.
const BEND: f32 = 0.002;
const RISE: f32 = 0.1;

/// In which lanes `control` moves in straight lines.
#[inline(always)]
pub(crate) fn straight<const W: usize>(control: &In<'_, W>) -> [bool; W] {
    let mut straight = [true; W];
    let In::Varying(rows) = control else { return straight };
    for node in NODES.windows(2) {
        let (from, to) = (&rows[node[0]], &rows[node[1]]);
        for l in 0..W {
            let size = from[l].abs() + to[l].abs();
            let rise = (to[l] - from[l]) * (1.0 / SPAN);
            straight[l] &= (to[l] - from[l]).abs() <= RISE * size;
            for probe in PROBES {
                let off = rows[node[0] + probe][l] - (from[l] + rise * probe as f32);
                straight[l] &= off.abs() <= BEND * size;
            }
        }
    }
    straight
}

/// `N` coefficients between one node and the next.
pub(crate) struct CoefficientRamp<const W: usize, const N: usize> {
    base: [Row<W>; N],
    rise: [Row<W>; N],
}

impl<const W: usize, const N: usize> CoefficientRamp<W, N> {
    /// From the coefficients of one node to those of the next.
    #[inline(always)]
    pub(crate) fn between(from: &[Row<W>; N], to: &[Row<W>; N]) -> Self {
        let mut rise = [[0.0; W]; N];
        for n in 0..N {
            for l in 0..W {
                rise[n][l] = (to[n][l] - from[n][l]) * (1.0 / SPAN);
            }
        }
        Self { base: *from, rise }
    }

    /// Moves coefficients on to the next frame.
    #[inline(always)]
    pub(crate) fn advance(&self, rows: &mut [Row<W>; N]) {
        for n in 0..N {
            for l in 0..W {
                rows[n][l] += self.rise[n][l];
            }
        }
    }

    /// Writes the coefficients of lane `l` into the rows of `frames`, the first of which is the node's.
    #[inline(always)]
    pub(crate) fn write<const V: usize>(
        &self,
        l: usize,
        out: [&mut Rows<V>; N],
        frames: std::ops::Range<usize>,
    ) {
        for (n, out) in out.into_iter().enumerate() {
            let mut now = self.base[n][l];
            for out in &mut out[frames.clone()] {
                out[l] = now;
                now += self.rise[n][l];
            }
        }
    }
}

/// The frames from node to node; the last of the block belong to the last.
#[inline(always)]
pub(crate) fn spans() -> [(usize, usize); 3] {
    [(NODES[0], NODES[1]), (NODES[1], NODES[2]), (NODES[2], BLOCK)]
}

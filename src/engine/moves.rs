//! Controls on their way to kernels: moved by routes, spread over lanes, balanced, faded, delayed.

use crate::dsp::math::{clamp, exp2};
use crate::dsp::pan::{balance, equal_power};
use crate::modules::buffer::{Buffer, In, Row};
use crate::modules::call::Ring;
use crate::modules::spec::BLOCK;
use crate::plan::steps::MoveTerm;

/// Runs a [`crate::plan::steps::Step::Move`] at one width.
#[inline(always)]
pub(super) fn shift<const W: usize>(
    buffers: &mut [Buffer],
    base: usize,
    terms: &[MoveTerm],
    range: (f32, f32),
    out: usize,
    scratch: &mut [Buffer; 2],
) {
    let mut target = std::mem::take(&mut buffers[out]);
    let base = buffers[base].input::<W>();
    let constant = base.is_constant()
        && terms.iter().all(|t| buffers[t.from].is_constant() && buffers[t.depth].is_constant());
    let [octaves, added] = scratch.each_mut().map(Buffer::first_rows::<W>);
    let rows = target.rows::<W>();
    if constant {
        let frame = std::array::from_mut(&mut rows[0]);
        let octaves = std::array::from_mut(&mut octaves[0]);
        let added = std::array::from_mut(&mut added[0]);
        moved(buffers, base, terms, range, frame, octaves, added);
    } else {
        moved(buffers, base, terms, range, rows, octaves, added);
    }
    target.tag(constant);
    buffers[out] = target;
}

/// The value of some frames: all of a block, or the one that stands for it.
#[inline(always)]
fn moved<const W: usize, const FRAMES: usize>(
    buffers: &[Buffer],
    base: In<'_, W>,
    terms: &[MoveTerm],
    (min, max): (f32, f32),
    rows: &mut [Row<W>; FRAMES],
    octaves: &mut [Row<W>; FRAMES],
    added: &mut [Row<W>; FRAMES],
) {
    let (mut any_octaves, mut any_added) = (false, false);
    for term in terms {
        let (from, depth) = (buffers[term.from].input::<W>(), buffers[term.depth].input::<W>());
        let (sum, any) =
            if term.octaves { (&mut *octaves, &mut any_octaves) } else { (&mut *added, &mut any_added) };
        if !std::mem::replace(any, true) {
            sum.fill([0.0; W]);
        }
        for i in 0..FRAMES {
            let (from, depth) = (from.at(i), depth.at(i));
            for l in 0..W {
                sum[i][l] += from[l] * depth[l];
            }
        }
    }
    for i in 0..FRAMES {
        rows[i] = *base.at(i);
    }
    if any_octaves {
        for i in 0..FRAMES {
            for l in 0..W {
                rows[i][l] *= exp2(octaves[i][l]);
            }
        }
    }
    if any_added {
        for i in 0..FRAMES {
            for l in 0..W {
                rows[i][l] += added[i][l];
            }
        }
    }
    for row in rows {
        for l in 0..W {
            row[l] = clamp(row[l], min, max);
        }
    }
}

/// Runs a [`crate::plan::steps::Step::Pan`] at one width.
#[inline(always)]
pub(super) fn pan<const W: usize>(
    buffers: &mut [Buffer],
    pan: usize,
    stereo: bool,
    left: usize,
    right: usize,
) {
    let law = if stereo { balance } else { equal_power };
    let [mut l, mut r] = [left, right].map(|side| std::mem::take(&mut buffers[side]));
    match buffers[pan].input::<W>() {
        In::Constant(pan) => {
            let gains = pan.map(law);
            l.set::<W>(gains.map(|g| g[0]));
            r.set::<W>(gains.map(|g| g[1]));
        }
        In::Varying(pan) => {
            let (left, right) = (l.rows::<W>(), r.rows::<W>());
            for i in 0..BLOCK {
                for lane in 0..W {
                    [left[i][lane], right[i][lane]] = law(pan[i][lane]);
                }
            }
        }
    }
    [buffers[left], buffers[right]] = [l, r];
}

/// Runs a [`crate::plan::steps::Step::Gather`] at one width.
#[inline(always)]
pub(super) fn gather<const W: usize>(buffers: &mut [Buffer], lanes: &[usize], out: usize) {
    let mut target = std::mem::take(&mut buffers[out]);
    let constant = lanes.iter().all(|&from| buffers[from].is_constant());
    let rows = target.rows::<W>();
    for (lane, &from) in lanes.iter().enumerate() {
        let from = buffers[from].input::<1>();
        for (i, row) in rows.iter_mut().enumerate() {
            row[lane] = from.at(i)[0];
        }
    }
    target.tag(constant);
    buffers[out] = target;
}

/// Runs a [`crate::plan::steps::Step::Latch`].
#[inline(always)]
pub(super) fn latch(buffers: &mut [Buffer], from: usize, to: usize) {
    let mut target = std::mem::take(&mut buffers[to]);
    target.copy(&buffers[from]);
    buffers[to] = target;
}

/// Runs a [`crate::plan::steps::Step::Fade`] at one width.
#[inline(always)]
pub(super) fn fade<const W: usize>(buffers: &mut [Buffer], buffer: usize, by: usize) {
    let mut target = std::mem::take(&mut buffers[buffer]);
    match buffers[by].input::<W>() {
        In::Constant(by) if by.iter().all(|&x| x == 1.0) => {}
        In::Constant(by) if by.iter().all(|&x| x == 0.0) => target.set([0.0; W]),
        by => {
            target.expand();
            for (i, row) in target.rows::<W>().iter_mut().enumerate() {
                for l in 0..W {
                    row[l] *= by.at(i)[l];
                }
            }
        }
    }
    buffers[buffer] = target;
}

/// Runs a [`crate::plan::steps::Step::Pad`] at one width.
#[inline(always)]
pub(super) fn pad<const W: usize>(buffers: &mut [Buffer], from: usize, ring: &mut Ring, out: usize) {
    let mut target = std::mem::take(&mut buffers[out]);
    let (frames, mut at) = (ring.frames, ring.at);
    let stored = ring.rows::<W>();
    let from = buffers[from].input::<W>();
    for (i, row) in target.rows::<W>().iter_mut().enumerate() {
        *row = stored[at];
        stored[at] = *from.at(i);
        at = if at + 1 == frames { 0 } else { at + 1 };
    }
    ring.at = at;
    buffers[out] = target;
}

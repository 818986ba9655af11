//! Controls on their way to kernels: moved by routes, balanced, faded, delayed.

use crate::dsp::math::{clamp, exp2};
use crate::dsp::pan::{balance, equal_power};
use crate::engine::sums::{plus, times};
use crate::modules::buffer::{Buffer, Eight, Flat, In, eight_of};
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::MoveTerm;

/// Runs a [`crate::plan::compiled_plan::Step::Move`].
#[inline(always)]
pub(super) fn shift<const W: usize>(
    buffers: &mut [Buffer],
    base: usize,
    terms: &[MoveTerm],
    range: (f32, f32),
    out: usize,
    [octaves, added]: &mut [Buffer; 2],
) {
    let mut target = std::mem::take(&mut buffers[out]);
    if let [term] = terms
        && let Flat::Constant(base) = buffers[base].flat::<W>()
        && let Flat::Varying(from) = buffers[term.from].flat::<W>()
        && let Flat::Constant(depth) = buffers[term.depth].flat::<W>()
    {
        // As most controls move, in one pass.
        let (base, depth) = (eight_of(base), eight_of(depth));
        let rows = target.eights_mut().iter_mut().zip(from);
        if term.octaves {
            for (row, from) in rows {
                *row = held(raised(base, times(*from, depth)), range);
            }
        } else {
            for (row, from) in rows {
                *row = held(plus(base, times(*from, depth)), range);
            }
        }
        target.tag(false);
        buffers[out] = target;
        return;
    }
    let eights = target.width() * BLOCK / 8;
    let octaves = products::<W>(buffers, terms, true, &mut octaves.eights_mut()[..eights]);
    let added = products::<W>(buffers, terms, false, &mut added.eights_mut()[..eights]);
    let rows = target.eights_mut();
    match (buffers[base].flat::<W>(), octaves, added) {
        (Flat::Constant(base), None | Some(Flat::Constant(_)), None | Some(Flat::Constant(_))) => {
            let mut value = eight_of(base);
            if let Some(Flat::Constant(octaves)) = octaves {
                value = raised(value, eight_of(octaves));
            }
            if let Some(Flat::Constant(added)) = added {
                value = plus(value, eight_of(added));
            }
            rows[0] = held(value, range);
            target.tag(true);
        }
        // What varies is written out first, and then worked on in place.
        (base, octaves, added) => {
            match base {
                Flat::Constant(base) => rows.fill(eight_of(base)),
                Flat::Varying(base) => rows.copy_from_slice(base),
            }
            match octaves {
                None => {}
                Some(Flat::Constant(octaves)) => {
                    let factor = raised([1.0; 8], eight_of(octaves));
                    for row in rows.iter_mut() {
                        *row = times(*row, factor);
                    }
                }
                Some(Flat::Varying(octaves)) => {
                    for (row, octaves) in rows.iter_mut().zip(octaves) {
                        *row = raised(*row, *octaves);
                    }
                }
            }
            match added {
                None => {}
                Some(Flat::Constant(added)) => {
                    let added = eight_of(added);
                    for row in rows.iter_mut() {
                        *row = plus(*row, added);
                    }
                }
                Some(Flat::Varying(added)) => {
                    for (row, added) in rows.iter_mut().zip(added) {
                        *row = plus(*row, *added);
                    }
                }
            }
            for row in rows {
                *row = held(*row, range);
            }
            target.tag(false);
        }
    }
    buffers[out] = target;
}

/// One by one: the value times 2 to the octaves.
#[inline(always)]
fn raised(value: Eight, octaves: Eight) -> Eight {
    let mut raised = value;
    for k in 0..8 {
        raised[k] *= exp2(octaves[k]);
    }
    raised
}

/// One by one: the value within the range.
#[inline(always)]
fn held(value: Eight, (min, max): (f32, f32)) -> Eight {
    let mut held = value;
    for k in 0..8 {
        held[k] = clamp(held[k], min, max);
    }
    held
}

/// The sum of all sources of one sort times their depths; worked out in `rows` if it varies. `None` if there are none.
#[inline(always)]
fn products<'a, const W: usize>(
    buffers: &[Buffer],
    terms: &[MoveTerm],
    octaves: bool,
    rows: &'a mut [Eight],
) -> Option<Flat<'a, W>> {
    let mut any = false;
    let mut constant = Some([0.0; W]);
    for term in terms {
        if term.octaves != octaves {
            continue;
        }
        any = true;
        let (from, by) = match (buffers[term.from].flat::<W>(), buffers[term.depth].flat::<W>()) {
            (Flat::Constant(from), Flat::Constant(depth)) => {
                if let Some(sum) = &mut constant {
                    for l in 0..W {
                        sum[l] += from[l] * depth[l];
                    }
                } else {
                    let product = times(eight_of(from), eight_of(depth));
                    for row in rows.iter_mut() {
                        *row = plus(*row, product);
                    }
                }
                continue;
            }
            (Flat::Varying(from), by) | (by, Flat::Varying(from)) => (from, by),
        };
        if let Some(sum) = constant.take() {
            rows.fill(eight_of(sum));
        }
        match by {
            Flat::Constant(by) => {
                let by = eight_of(by);
                for (row, from) in rows.iter_mut().zip(from) {
                    *row = plus(*row, times(*from, by));
                }
            }
            Flat::Varying(by) => {
                for ((row, from), by) in rows.iter_mut().zip(from).zip(by) {
                    *row = plus(*row, times(*from, *by));
                }
            }
        }
    }
    any.then(|| constant.map_or(Flat::Varying(rows), Flat::Constant))
}

/// Runs a [`crate::plan::compiled_plan::Step::Pan`] at one width.
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

/// Runs a [`crate::plan::compiled_plan::Step::Latch`].
#[inline(always)]
pub(super) fn latch(buffers: &mut [Buffer], from: usize, to: usize) {
    let mut target = std::mem::take(&mut buffers[to]);
    target.copy(&buffers[from]);
    buffers[to] = target;
}

/// Runs a [`crate::plan::compiled_plan::Step::Fade`].
#[inline(always)]
pub(super) fn fade(buffers: &mut [Buffer], faded: &[usize], by: usize) {
    if let Flat::Constant([1.0]) = buffers[by].flat::<1>() {
        return;
    }
    for &buffer in faded {
        let mut target = std::mem::take(&mut buffers[buffer]);
        match buffers[by].flat::<1>() {
            Flat::Constant([0.0]) => target.set([0.0]),
            Flat::Constant(by) => {
                let by = eight_of(by);
                target.expand();
                for row in target.eights_mut() {
                    *row = times(*row, by);
                }
            }
            Flat::Varying(by) => {
                target.expand();
                for (row, by) in target.eights_mut().iter_mut().zip(by) {
                    *row = times(*row, *by);
                }
            }
        }
        buffers[buffer] = target;
    }
}

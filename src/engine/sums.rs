//! Sums of products: what every port with more than one plain cable hears.
//!
//! A sum starts at +0 and adds its terms in song order. A term is the signal times the product of its factors, which
//! are multiplied from left to right. Terms that are nothing but +0 are left out, which changes no bit. Tags only save
//! work: the same values give the same bits, constant or varying.
//!
//! Closures would not be compiled for the instructions of whom they are called by, so loops are written out.

use crate::engine::notes::Notes;
use crate::modules::buffer::{Buffer, Eight, Flat};
use crate::plan::steps::{MixTerm, Term};

/// Samples that are worked on in one go: as many as a block of one lane has.
type Group = [Eight; 8];

/// What has been added so far.
struct Total<'a> {
    rows: &'a mut [Group],
    /// The sum as long as it doesn't vary; nothing is in the rows until then.
    constant: Option<Eight>,
}

/// What a signal is multiplied by.
enum Gain<'a> {
    /// The same in every frame.
    Constant(Eight),
    /// Frame by frame.
    Varying(&'a [Eight]),
    /// Frame by frame, each times the same.
    Scaled(Eight, &'a [Eight]),
}

#[inline(always)]
fn groups(samples: &[Eight]) -> &[Group] {
    samples.as_chunks().0
}

impl<'a> Total<'a> {
    #[inline(always)]
    fn new(target: &'a mut Buffer) -> Self {
        Self { rows: target.eights_mut().as_chunks_mut().0, constant: Some([0.0; 8]) }
    }

    /// Adds a signal times the same in every frame.
    #[inline(always)]
    fn add(&mut self, from: &[Eight], by: Eight) {
        let rows = self.rows.iter_mut().zip(groups(from));
        if let Some(sum) = self.constant.take() {
            for (row, from) in rows {
                for k in 0..8 {
                    row[k] = plus(sum, times(from[k], by));
                }
            }
        } else {
            for (row, from) in rows {
                for k in 0..8 {
                    row[k] = plus(row[k], times(from[k], by));
                }
            }
        }
    }

    /// Adds the product of two signals.
    #[inline(always)]
    fn add_product(&mut self, from: &[Eight], by: &[Eight]) {
        self.vary();
        for ((row, from), by) in self.rows.iter_mut().zip(groups(from)).zip(groups(by)) {
            for k in 0..8 {
                row[k] = plus(row[k], times(from[k], by[k]));
            }
        }
    }

    /// Adds a signal times the product of the same in every frame and another signal.
    #[inline(always)]
    fn add_scaled(&mut self, from: &[Eight], scale: Eight, by: &[Eight]) {
        self.vary();
        for ((row, from), by) in self.rows.iter_mut().zip(groups(from)).zip(groups(by)) {
            for k in 0..8 {
                row[k] = plus(row[k], times(from[k], times(scale, by[k])));
            }
        }
    }

    #[inline(always)]
    fn add_constant(&mut self, value: Eight) {
        if let Some(sum) = &mut self.constant {
            *sum = plus(*sum, value);
        } else {
            for row in self.rows.as_flattened_mut() {
                *row = plus(*row, value);
            }
        }
    }

    /// Writes out a constant sum.
    #[inline(always)]
    fn vary(&mut self) {
        if let Some(sum) = self.constant.take() {
            self.rows.fill([sum; 8]);
        }
    }
}

/// One by one.
#[inline(always)]
pub(super) fn plus(a: Eight, b: Eight) -> Eight {
    let mut sum = a;
    for k in 0..8 {
        sum[k] += b[k];
    }
    sum
}

/// One by one.
#[inline(always)]
pub(super) fn times(a: Eight, b: Eight) -> Eight {
    let mut product = a;
    for k in 0..8 {
        product[k] *= b[k];
    }
    product
}

/// Runs a [`crate::plan::steps::Step::Sum`].
#[inline(always)]
pub(super) fn sum(buffers: &mut [Buffer], terms: &[Term], out: usize, gains: &mut Buffer) {
    let mut target = std::mem::take(&mut buffers[out]);
    let mut total = Total::new(&mut target);
    for term in terms {
        add(&mut total, buffers, term, gains);
    }
    finish(total.constant, target, &mut buffers[out]);
}

/// Runs a [`crate::plan::steps::Step::Mix`]. `notes` tell which voices are asleep.
#[inline(always)]
pub(super) fn mix(buffers: &mut [Buffer], terms: &[MixTerm], out: usize, gains: &mut Buffer, notes: &Notes) {
    let mut target = std::mem::take(&mut buffers[out]);
    let mut total = Total::new(&mut target);
    for MixTerm { voice, term } in terms {
        if let Some(voice) = *voice
            && !notes.is_awake(voice)
        {
            continue;
        }
        add(&mut total, buffers, term, gains);
    }
    finish(total.constant, target, &mut buffers[out]);
}

#[inline(always)]
fn finish(constant: Option<Eight>, mut target: Buffer, out: &mut Buffer) {
    match constant {
        Some(sum) => target.set_eight(sum),
        None => target.tag(false),
    }
    *out = target;
}

#[inline(always)]
fn add(total: &mut Total<'_>, buffers: &[Buffer], term: &Term, gains: &mut Buffer) {
    let from = &buffers[term.from];
    if from.is_silent() {
        return;
    }
    let width = from.width();
    match (from.flat(), gain(buffers, &term.factors, &mut gains.eights_mut()[..8 * width])) {
        (Flat::Varying(from), Gain::Constant(gain)) => total.add(from, gain),
        (Flat::Constant(from), Gain::Constant(gain)) => total.add_constant(times(*from, gain)),
        (Flat::Constant(from), Gain::Varying(gain)) => total.add(gain, *from),
        (Flat::Varying(from), Gain::Varying(gain)) => total.add_product(from, gain),
        (Flat::Varying(from), Gain::Scaled(scale, gain)) => total.add_scaled(from, scale, gain),
        (Flat::Constant(from), Gain::Scaled(scale, gain)) => {
            total.vary();
            for (row, gain) in total.rows.as_flattened_mut().iter_mut().zip(gain) {
                *row = plus(*row, times(*from, times(scale, *gain)));
            }
        }
    }
}

/// The product of all factors; worked out in `rows` if it takes several and they vary.
#[inline(always)]
fn gain<'a>(buffers: &'a [Buffer], factors: &[usize], rows: &'a mut [Eight]) -> Gain<'a> {
    let mut factors = factors.iter();
    let mut constant = None;
    // Until the first factor that varies nothing has to be written down.
    let first = loop {
        let Some(&factor) = factors.next() else { return Gain::Constant(constant.unwrap_or([1.0; 8])) };
        match buffers[factor].flat() {
            Flat::Constant(factor) => {
                constant = Some(match constant {
                    Some(constant) => times(constant, *factor),
                    None => *factor,
                });
            }
            Flat::Varying(first) => break first,
        }
    };
    match constant {
        None if factors.as_slice().is_empty() => return Gain::Varying(first),
        Some(scale) if factors.as_slice().is_empty() => return Gain::Scaled(scale, first),
        None => rows.copy_from_slice(first),
        Some(constant) => {
            for (row, first) in rows.iter_mut().zip(first) {
                *row = times(constant, *first);
            }
        }
    }
    for &factor in factors {
        match buffers[factor].flat() {
            Flat::Constant(factor) => {
                for row in rows.iter_mut() {
                    *row = times(*row, *factor);
                }
            }
            Flat::Varying(factor) => {
                for (row, factor) in rows.iter_mut().zip(factor) {
                    *row = times(*row, *factor);
                }
            }
        }
    }
    Gain::Varying(rows)
}

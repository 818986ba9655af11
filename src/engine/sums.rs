//! Sums of products: what every port with more than one plain cable hears.
//!
//! A sum starts at +0 and adds its terms in song order. A term is the signal times the product of its factors, which
//! are multiplied from left to right. Terms that are nothing but +0 are left out, which changes no bit. Tags only save
//! work: the same values give the same bits, constant or varying.
//!
//! Closures would not be compiled for the instructions of whom they are called by, so loops are written out.

use crate::engine::notes::Notes;
use crate::modules::buffer::{Buffer, Eight, Flat, Row, eight_of};
use crate::plan::compiled_plan::{MixTerm, Term};

/// Signals that are added in one pass, each times a constant.
const TOGETHER: usize = 4;

/// What has been added so far.
struct Total<'a, const W: usize> {
    rows: &'a mut [Eight],
    /// The sum as long as it doesn't vary.
    constant: Option<Row<W>>,
    /// Signals to be added next, each with its gain.
    waiting: [(&'a [Eight], Eight); TOGETHER],
    count: usize,
}

impl<'a, const W: usize> Total<'a, W> {
    #[inline(always)]
    fn new(rows: &'a mut [Eight]) -> Self {
        Self { rows, constant: Some([0.0; W]), waiting: [(&[], [0.0; 8]); TOGETHER], count: 0 }
    }

    /// Adds what still waits. Gives the sum if it doesn't vary.
    #[inline(always)]
    fn finish(mut self) -> Option<Row<W>> {
        self.settle();
        self.constant
    }

    #[inline(always)]
    fn wait(&mut self, from: &'a [Eight], gain: Eight) {
        self.waiting[self.count] = (from, gain);
        self.count += 1;
        if self.count == TOGETHER {
            self.settle();
        }
    }

    /// Adds what waits.
    #[inline(always)]
    fn settle(&mut self) {
        let count = std::mem::take(&mut self.count);
        if count == 0 {
            return;
        }
        self.vary();
        let [(a, with_a), (b, with_b), (c, with_c), (d, with_d)] = self.waiting;
        match count {
            1 => {
                for (row, a) in self.rows.iter_mut().zip(a) {
                    *row = plus(*row, times(*a, with_a));
                }
            }
            2 => {
                for ((row, a), b) in self.rows.iter_mut().zip(a).zip(b) {
                    *row = plus(plus(*row, times(*a, with_a)), times(*b, with_b));
                }
            }
            3 => {
                for (((row, a), b), c) in self.rows.iter_mut().zip(a).zip(b).zip(c) {
                    let sum = plus(plus(*row, times(*a, with_a)), times(*b, with_b));
                    *row = plus(sum, times(*c, with_c));
                }
            }
            _ => {
                for ((((row, a), b), c), d) in self.rows.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                    let sum = plus(plus(*row, times(*a, with_a)), times(*b, with_b));
                    *row = plus(plus(sum, times(*c, with_c)), times(*d, with_d));
                }
            }
        }
    }

    /// Writes out a constant sum.
    #[inline(always)]
    fn vary(&mut self) {
        if let Some(sum) = self.constant.take() {
            self.rows.fill(eight_of(sum));
        }
    }

    #[inline(always)]
    fn add_constant(&mut self, value: Row<W>) {
        if let Some(sum) = &mut self.constant {
            for l in 0..W {
                sum[l] += value[l];
            }
        } else {
            let value = eight_of(value);
            for row in self.rows.iter_mut() {
                *row = plus(*row, value);
            }
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

/// Row by row.
#[inline(always)]
fn product<const W: usize>(a: Row<W>, b: Row<W>) -> Row<W> {
    let mut product = a;
    for l in 0..W {
        product[l] *= b[l];
    }
    product
}

/// Runs a [`crate::plan::compiled_plan::Step::Sum`] at one width.
#[inline(always)]
pub(super) fn sum<const W: usize>(buffers: &mut [Buffer], terms: &[Term], out: usize, gains: &mut Buffer) {
    let mut target = std::mem::take(&mut buffers[out]);
    let rows = target.eights_mut();
    let gains = &mut gains.eights_mut()[..rows.len()];
    let mut total = Total::<W>::new(rows);
    for term in terms {
        add(&mut total, buffers, term, gains);
    }
    finish(total.finish(), &mut target);
    buffers[out] = target;
}

/// Runs a [`crate::plan::compiled_plan::Step::Mix`]. `notes` tell which voices are asleep.
#[inline(always)]
pub(super) fn mix(buffers: &mut [Buffer], terms: &[MixTerm], out: usize, gains: &mut Buffer, notes: &Notes) {
    let mut target = std::mem::take(&mut buffers[out]);
    let rows = target.eights_mut();
    let gains = &mut gains.eights_mut()[..rows.len()];
    let mut total = Total::<1>::new(rows);
    for MixTerm { voice, term } in terms {
        if let Some(voice) = *voice
            && !notes.is_awake(voice)
        {
            continue;
        }
        add(&mut total, buffers, term, gains);
    }
    finish(total.finish(), &mut target);
    buffers[out] = target;
}

#[inline(always)]
fn finish<const W: usize>(constant: Option<Row<W>>, target: &mut Buffer) {
    match constant {
        Some(sum) => target.set(sum),
        None => target.tag(false),
    }
}

#[inline(always)]
fn add<'a, const W: usize>(
    total: &mut Total<'a, W>,
    buffers: &'a [Buffer],
    term: &Term,
    gains: &mut [Eight],
) {
    let from = &buffers[term.from];
    if from.is_silent::<W>() {
        return;
    }
    match (from.flat::<W>(), gain::<W>(buffers, &term.factors, gains)) {
        (Flat::Varying(from), Flat::Constant(gain)) => total.wait(from, eight_of(gain)),
        (Flat::Constant(from), Flat::Constant(gain)) => {
            total.settle();
            total.add_constant(product(from, gain));
        }
        (Flat::Constant(from), Flat::Varying(gain)) => {
            let from = eight_of(from);
            total.settle();
            total.vary();
            for (row, gain) in total.rows.iter_mut().zip(gain) {
                *row = plus(*row, times(from, *gain));
            }
        }
        (Flat::Varying(from), Flat::Varying(gain)) => {
            total.settle();
            total.vary();
            for ((row, from), gain) in total.rows.iter_mut().zip(from).zip(gain) {
                *row = plus(*row, times(*from, *gain));
            }
        }
    }
}

/// The product of all factors; worked out in `rows` if it takes several and they vary.
#[inline(always)]
fn gain<'a, const W: usize>(buffers: &'a [Buffer], factors: &[usize], rows: &'a mut [Eight]) -> Flat<'a, W> {
    let mut factors = factors.iter();
    let mut constant = None;
    // Until the first factor that varies nothing has to be written down.
    let first = loop {
        let Some(&factor) = factors.next() else { return Flat::Constant(constant.unwrap_or([1.0; W])) };
        match buffers[factor].flat::<W>() {
            Flat::Constant(factor) => {
                constant = Some(match constant {
                    Some(constant) => product(constant, factor),
                    None => factor,
                });
            }
            Flat::Varying(first) => break first,
        }
    };
    match constant {
        None if factors.as_slice().is_empty() => return Flat::Varying(first),
        None => rows.copy_from_slice(first),
        Some(constant) => {
            let constant = eight_of(constant);
            for (row, first) in rows.iter_mut().zip(first) {
                *row = times(constant, *first);
            }
        }
    }
    for &factor in factors {
        match buffers[factor].flat::<W>() {
            Flat::Constant(factor) => {
                let factor = eight_of(factor);
                for row in rows.iter_mut() {
                    *row = times(*row, factor);
                }
            }
            Flat::Varying(factor) => {
                for (row, factor) in rows.iter_mut().zip(factor) {
                    *row = times(*row, *factor);
                }
            }
        }
    }
    Flat::Varying(rows)
}

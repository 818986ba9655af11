//! Sums of products: what every port with more than one plain cable hears.
//!
//! A sum starts at +0 and adds its terms in song order. A term is the signal times the product of its factors, which
//! are multiplied from left to right. Terms that are nothing but +0 are left out, which changes no bit. Tags only save
//! work: the same values give the same bits, constant or varying.

use crate::modules::buffer::{Buffer, Row, Rows};
use crate::modules::spec::BLOCK;
use crate::plan::steps::{MixTerm, Signal, Term};

/// A value on its way: one row for the whole block, or a row a frame.
struct Running<'a, const W: usize> {
    rows: &'a mut Rows<W>,
    constant: bool,
}

impl<const W: usize> Running<'_, W> {
    #[inline(always)]
    fn set(&mut self, row: Row<W>) {
        self.rows[0] = row;
        self.constant = true;
    }

    #[inline(always)]
    fn vary(&mut self) {
        if self.constant {
            let row = self.rows[0];
            self.rows.fill(row);
            self.constant = false;
        }
    }

    /// Combines with another value, row by row.
    #[inline(always)]
    fn with(&mut self, rows: &Rows<W>, constant: bool, f: impl Fn(f32, f32) -> f32) {
        if constant && self.constant {
            for l in 0..W {
                self.rows[0][l] = f(self.rows[0][l], rows[0][l]);
            }
        } else if constant {
            let row = rows[0];
            for mine in self.rows.iter_mut() {
                for l in 0..W {
                    mine[l] = f(mine[l], row[l]);
                }
            }
        } else if self.constant {
            let row = self.rows[0];
            for (mine, theirs) in self.rows.iter_mut().zip(rows) {
                for l in 0..W {
                    mine[l] = f(row[l], theirs[l]);
                }
            }
            self.constant = false;
        } else {
            for (mine, theirs) in self.rows.iter_mut().zip(rows) {
                for l in 0..W {
                    mine[l] = f(mine[l], theirs[l]);
                }
            }
        }
    }

    /// Adds `from` times one row.
    #[inline(always)]
    fn add_scaled(&mut self, from: &Rows<W>, row: Row<W>) {
        self.vary();
        for (mine, theirs) in self.rows.iter_mut().zip(from) {
            for l in 0..W {
                mine[l] += theirs[l] * row[l];
            }
        }
    }
}

/// A buffer's rows and tag, of one width.
#[inline(always)]
fn view<const W: usize>(buffer: &Buffer) -> (&Rows<W>, bool) {
    (buffer.all_rows::<W>(), buffer.is_constant())
}

/// Runs a [`crate::plan::steps::Step::Sum`] at one width.
pub(super) fn sum<const W: usize>(buffers: &mut [Buffer], terms: &[Term], out: usize) {
    let mut target = std::mem::take(&mut buffers[out]);
    let mut total = Running { rows: target.rows::<W>(), constant: true };
    total.set([0.0; W]);
    let mut scratch = [[0.0; W]; BLOCK];
    for term in terms {
        if buffers[term.from].is_silent() {
            continue;
        }
        let (from, from_constant) = view::<W>(&buffers[term.from]);
        let Some((&first, rest)) = term.factors.split_first() else {
            total.with(from, from_constant, |a, b| a + b);
            continue;
        };
        let (first, first_constant) = view::<W>(&buffers[first]);
        let mut gain = Running { rows: &mut scratch, constant: first_constant };
        if rest.is_empty() && !first_constant && !from_constant {
            total.vary();
            for i in 0..BLOCK {
                for l in 0..W {
                    total.rows[i][l] += from[i][l] * first[i][l];
                }
            }
            continue;
        }
        if first_constant {
            gain.set(first[0]);
        } else {
            *gain.rows = *first;
        }
        for &factor in rest {
            let (rows, constant) = view::<W>(&buffers[factor]);
            gain.with(rows, constant, |a, b| a * b);
        }
        if gain.constant && !from_constant {
            let row = gain.rows[0];
            total.add_scaled(from, row);
        } else {
            gain.with(from, from_constant, |g, x| x * g);
            let constant = gain.constant;
            total.with(&scratch, constant, |a, b| a + b);
        }
    }
    let constant = total.constant;
    target.tag(constant);
    buffers[out] = target;
}

/// Runs a [`crate::plan::steps::Step::Mix`]. `awake` tells which voices aren't asleep.
pub(super) fn mix(buffers: &mut [Buffer], terms: &[MixTerm], out: usize, awake: impl Fn(usize) -> bool) {
    let mut target = std::mem::take(&mut buffers[out]);
    let mut total = Running { rows: target.rows::<1>(), constant: true };
    total.set([0.0]);
    let (mut scratch, mut signal, mut spare) = ([[0.0; 1]; BLOCK], [[0.0; 1]; BLOCK], [[0.0; 1]; BLOCK]);
    for term in terms {
        if !term.voice.is_none_or(&awake) {
            continue;
        }
        let from_constant = lane(buffers, term.from, &mut signal);
        if from_constant && signal[0][0].to_bits() == 0 {
            continue;
        }
        let Some((&first, rest)) = term.factors.split_first() else {
            total.with(&signal, from_constant, |a, b| a + b);
            continue;
        };
        let first_constant = lane(buffers, first, &mut scratch);
        let mut gain = Running { rows: &mut scratch, constant: first_constant };
        for &factor in rest {
            let constant = lane(buffers, factor, &mut spare);
            gain.with(&spare, constant, |a, b| a * b);
        }
        if gain.constant && !from_constant {
            let row = gain.rows[0];
            total.add_scaled(&signal, row);
        } else {
            gain.with(&signal, from_constant, |g, x| x * g);
            let constant = gain.constant;
            total.with(&scratch, constant, |a, b| a + b);
        }
    }
    let constant = total.constant;
    target.tag(constant);
    buffers[out] = target;
}

/// Copies one lane of a buffer; of a constant, its first frame. Returns whether it is constant.
#[inline(always)]
pub(super) fn lane(buffers: &[Buffer], signal: Signal, to: &mut Rows<1>) -> bool {
    let buffer = &buffers[signal.buffer];
    if buffer.is_constant() {
        to[0][0] = buffer.samples()[signal.lane];
        return true;
    }
    match buffer.width() {
        1 => *to = *buffer.all_rows::<1>(),
        4 => copy::<4>(buffer, signal.lane, to),
        _ => copy::<8>(buffer, signal.lane, to),
    }
    false
}

#[inline(always)]
fn copy<const W: usize>(buffer: &Buffer, lane: usize, to: &mut Rows<1>) {
    let rows = buffer.all_rows::<W>();
    for (to, from) in to.iter_mut().zip(rows) {
        to[0] = from[lane];
    }
}

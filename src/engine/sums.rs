//! Sums of products: what every port with more than one plain cable hears.
//!
//! A sum starts at +0 and adds its terms in song order. A term is the signal times the product of its factors, which
//! are multiplied from left to right. Terms that are nothing but +0 are left out, which changes no bit. Tags only save
//! work: the same values give the same bits, constant or varying.

use crate::modules::buffer::{Buffer, Row, Rows};
use crate::modules::spec::BLOCK;
use crate::plan::steps::{MixTerm, Term};

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
#[inline(always)]
pub(super) fn sum<const W: usize>(buffers: &mut [Buffer], terms: &[Term], out: usize, gains: &mut Buffer) {
    add_all::<W>(buffers, terms.iter(), out, gains);
}

/// Runs a [`crate::plan::steps::Step::Mix`]. `awake` tells which voices aren't asleep.
#[inline(always)]
pub(super) fn mix(
    buffers: &mut [Buffer],
    terms: &[MixTerm],
    out: usize,
    gains: &mut Buffer,
    awake: impl Fn(usize) -> bool,
) {
    let heard = terms.iter().filter(|term| term.voice.is_none_or(&awake)).map(|term| &term.term);
    add_all::<1>(buffers, heard, out, gains);
}

#[inline(always)]
fn add_all<'a, const W: usize>(
    buffers: &mut [Buffer],
    terms: impl Iterator<Item = &'a Term>,
    out: usize,
    gains: &mut Buffer,
) {
    let mut target = std::mem::take(&mut buffers[out]);
    let mut total = Running { rows: target.rows::<W>(), constant: true };
    total.set([0.0; W]);
    let gains = gains.first_rows::<W>();
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
        if rest.is_empty() && !first_constant && !from_constant {
            total.vary();
            for i in 0..BLOCK {
                for l in 0..W {
                    total.rows[i][l] += from[i][l] * first[i][l];
                }
            }
            continue;
        }
        let mut gain = Running { rows: gains, constant: first_constant };
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
            total.with(gains, constant, |a, b| a + b);
        }
    }
    let constant = total.constant;
    target.tag(constant);
    buffers[out] = target;
}

/// Runs a [`crate::plan::steps::Step::Spread`] at one width.
#[inline(always)]
pub(super) fn spread<const W: usize>(buffers: &mut [Buffer], from: usize, outs: &[usize]) {
    let source = std::mem::take(&mut buffers[from]);
    let rows = source.all_rows::<W>();
    for (lane, &out) in outs.iter().enumerate() {
        if source.is_constant() {
            buffers[out].set([rows[0][lane]]);
        } else {
            for (to, row) in buffers[out].rows::<1>().iter_mut().zip(rows) {
                to[0] = row[lane];
            }
        }
    }
    buffers[from] = source;
}

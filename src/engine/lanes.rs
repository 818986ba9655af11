//! Lanes brought together and taken apart.

use crate::modules::buffer::{Buffer, Flat};
use crate::modules::spec::BLOCK;

/// Places that lanes pass through.
pub(super) struct Passage {
    /// For the buffers that lanes are written to; lanes that aren't in use are written to these themselves.
    outs: [Buffer; 8],
    /// Constants written out.
    rows: [[f32; BLOCK]; 8],
}

impl Passage {
    pub(super) fn new() -> Self {
        Self { outs: std::array::from_fn(|_| Buffer::new(1)), rows: [[0.0; BLOCK]; 8] }
    }
}

/// Runs a [`crate::plan::steps::Step::Spread`] at one width.
#[inline(always)]
pub(super) fn spread<const W: usize>(
    buffers: &mut [Buffer],
    from: usize,
    outs: &[usize],
    passage: &mut Passage,
) {
    if buffers[from].is_constant() {
        for (lane, &out) in outs.iter().enumerate() {
            let value = buffers[from].samples()[lane];
            buffers[out].set([value]);
        }
        return;
    }
    for (place, &out) in passage.outs.iter_mut().zip(outs) {
        std::mem::swap(place, &mut buffers[out]);
    }
    let rows = buffers[from].all_rows::<W>();
    let [a, b, c, d, e, f, g, h] = passage.outs.each_mut().map(Buffer::rows::<1>);
    if W == 8 {
        for i in 0..BLOCK {
            ([a[i][0], b[i][0], c[i][0], d[i][0]]) = [rows[i][0], rows[i][1], rows[i][2], rows[i][3]];
            ([e[i][0], f[i][0], g[i][0], h[i][0]]) = [rows[i][4], rows[i][5], rows[i][6], rows[i][7]];
        }
    } else if W == 4 {
        for i in 0..BLOCK {
            ([a[i][0], b[i][0], c[i][0], d[i][0]]) = [rows[i][0], rows[i][1], rows[i][2], rows[i][3]];
        }
    } else {
        for i in 0..BLOCK {
            a[i][0] = rows[i][0];
        }
    }
    for (place, &out) in passage.outs.iter_mut().zip(outs) {
        std::mem::swap(place, &mut buffers[out]);
    }
}

/// Runs a [`crate::plan::steps::Step::Gather`] at one width.
#[inline(always)]
pub(super) fn gather<const W: usize>(
    buffers: &mut [Buffer],
    lanes: &[usize],
    out: usize,
    passage: &mut Passage,
) {
    let mut target = std::mem::take(&mut buffers[out]);
    if lanes.iter().all(|&from| buffers[from].is_constant()) {
        let mut row = [0.0; W];
        for (value, &from) in row.iter_mut().zip(lanes) {
            *value = buffers[from].samples()[0];
        }
        target.set(row);
    } else {
        let mut sources: [&[f32; BLOCK]; W] = [&[0.0; BLOCK]; W];
        for ((source, &from), spare) in sources.iter_mut().zip(lanes).zip(&mut passage.rows) {
            *source = match buffers[from].flat::<1>() {
                Flat::Constant([x]) => {
                    spare.fill(x);
                    spare
                }
                Flat::Varying(rows) => rows.as_flattened().first_chunk().unwrap_or(spare),
            };
        }
        let rows = target.rows::<W>();
        for i in 0..BLOCK {
            for l in 0..W {
                rows[i][l] = sources[l][i];
            }
        }
    }
    buffers[out] = target;
}

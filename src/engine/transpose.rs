//! Lanes brought together and taken apart.

use crate::modules::buffer::{Buffer, Flat};
use crate::modules::spec::BLOCK;

/// Places that lanes pass through.
pub(super) struct Transposer {
    /// One after another.
    rows: [[f32; BLOCK]; 8],
}

impl Transposer {
    pub(super) fn new() -> Self {
        Self { rows: [[0.0; BLOCK]; 8] }
    }
}

/// Runs a [`crate::plan::compiled_plan::Step::Spread`] at one width.
#[inline(always)]
pub(super) fn spread<const W: usize>(
    buffers: &mut [Buffer],
    from: usize,
    outs: &[usize],
    passage: &mut Transposer,
) {
    if buffers[from].is_constant() {
        for (lane, &out) in outs.iter().enumerate() {
            let value = buffers[from].samples()[lane];
            buffers[out].set([value]);
        }
        return;
    }
    let rows = buffers[from].all_rows::<W>();
    // Side by side first: places far apart would be written one sample at a time.
    for i in 0..BLOCK {
        for l in 0..W {
            passage.rows[l][i] = rows[i][l];
        }
    }
    for (lane, &out) in passage.rows.iter().zip(outs) {
        buffers[out].rows::<1>().as_flattened_mut().copy_from_slice(lane);
    }
}

/// Runs a [`crate::plan::compiled_plan::Step::Gather`] at one width.
#[inline(always)]
pub(super) fn gather<const W: usize>(
    buffers: &mut [Buffer],
    lanes: &[usize],
    out: usize,
    passage: &mut Transposer,
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

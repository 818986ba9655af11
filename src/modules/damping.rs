//! The losses of a reverb: low-passes of one pole, tuned by the time that lows and highs take to fall.

use std::f32::consts::TAU;

use crate::dsp::math::exp2;
use crate::modules::buffer::Row;
use crate::modules::call::KernelClock;
use crate::modules::line;
use crate::modules::rates::same_lowpass;
use crate::modules::spec::BLOCK;

/// The channels.
pub(crate) const SIDES: usize = 2;
/// The lines that feed each other.
pub(crate) const LINES: usize = 8;
/// What passes a low-pass of one pole: the lines, and the inputs, from which it takes the lowest part.
const PATHS: usize = LINES + SIDES;
/// The rows of state: what the low-passes keep of what they hold, what they take in, the level of the input; what the low-passes
/// hold; and for which time and damping they are tuned.
const KEEP: usize = 0;
const TAKE: usize = PATHS;
pub(crate) const LEVEL: usize = 2 * PATHS;
const TUNED: usize = LEVEL + 1;
const HELD: usize = TUNED;
const MADE_FOR: usize = HELD + PATHS;
/// All of them.
pub(crate) const ROWS: usize = MADE_FOR + 2;

/// What keeps the mix of the lines as loud as they were: one over the root of eight.
const UNIT: f32 = 0.353_553_39;

/// What the low-passes keep and take in, and the level of the input, at the start of a block, and by how much it all
/// moves a frame.
pub(crate) struct DampingTuning<const W: usize> {
    pub(crate) rows: [Row<W>; TUNED],
    pub(crate) steps: [Row<W>; TUNED],
    pub(crate) moves: bool,
}

/// Tunes the low-passes of lines that take so many `frames`, over the block where time or damping have moved.
#[inline(always)]
pub(crate) fn tune<const W: usize>(
    rows: &mut [Row<W>],
    clock: &KernelClock,
    frames: [f32; LINES],
    [time, damp]: [Row<W>; 2],
) -> DampingTuning<W> {
    let mut tuning = DampingTuning { rows: [[0.0; W]; TUNED], steps: [[0.0; W]; TUNED], moves: false };
    tuning.rows.copy_from_slice(&rows[..TUNED]);
    let made_for = [rows[MADE_FOR], rows[MADE_FOR + 1]];
    if made_for == [time, damp] {
        return tuning;
    }
    let rate = clock.rate;
    let mut power = [0.0; W];
    for k in 0..LINES {
        for l in 0..W {
            // A fall by 60 dB is one by 2^-9.97. At 24 kHz, half of the reference rate, the loss is this
            // many times as much again.
            let fall = -9.965_784_3 * frames[k] / (time[l] * rate);
            let (low, high) = (exp2(fall), exp2(fall * (10.0 * damp[l])));
            let keep = same_lowpass((1.0 - high) / (1.0 + high), rate);
            rows[KEEP + k][l] = keep;
            rows[TAKE + k][l] = low * (1.0 - keep) * UNIT;
            power[l] += low * low * (1.0 / LINES as f32);
        }
    }
    let share = TAU * 10.0 * clock.period;
    for side in LINES..PATHS {
        (rows[KEEP + side], rows[TAKE + side]) = ([1.0 - share; W], [share; W]);
    }
    for l in 0..W {
        // What loops grows by 1 / (1 - power); what comes out has been through the loss once more.
        let out = if power[l] > 0.05 { power[l] } else { 0.05 };
        rows[LEVEL][l] = ((1.0 - power[l]) / out).sqrt();
        for n in 0..TUNED {
            // A room that has just been set up doesn't come from anywhere.
            if made_for[0][l] == 0.0 {
                tuning.rows[n][l] = rows[n][l];
            }
            tuning.steps[n][l] = (rows[n][l] - tuning.rows[n][l]) * (1.0 / BLOCK as f32);
        }
    }
    (rows[MADE_FOR], rows[MADE_FOR + 1]) = (time, damp);
    tuning.moves = true;
    tuning
}

/// Sends `N` paths, the first of which is path `first`, through their low-passes of one pole, from frame `start` of the
/// block on.
#[inline(always)]
pub(crate) fn lose<const W: usize, const S: usize, const N: usize>(
    rows: &mut [Row<W>],
    tuning: &DampingTuning<W>,
    start: usize,
    first: usize,
    paths: [&mut [Row<W>; S]; N],
) {
    if tuning.moves {
        pass::<W, S, N, true>(rows, tuning, start, first, paths);
    } else {
        pass::<W, S, N, false>(rows, tuning, start, first, paths);
    }
}

#[inline(always)]
fn pass<const W: usize, const S: usize, const N: usize, const MOVES: bool>(
    rows: &mut [Row<W>],
    tuning: &DampingTuning<W>,
    start: usize,
    first: usize,
    paths: [&mut [Row<W>; S]; N],
) {
    let (mut held, mut keep, mut take) = ([[0.0; W]; N], [[0.0; W]; N], [[0.0; W]; N]);
    for n in 0..N {
        held[n] = rows[HELD + first + n];
        keep[n] = tuning.rows[KEEP + first + n];
        take[n] = tuning.rows[TAKE + first + n];
        if MOVES {
            for _ in 0..start {
                for l in 0..W {
                    keep[n][l] += tuning.steps[KEEP + first + n][l];
                    take[n][l] += tuning.steps[TAKE + first + n][l];
                }
            }
        } else if W == 1 {
            // Apart from the chain from frame to frame, so that it runs side by side.
            for x in paths[n].as_flattened_mut() {
                *x *= take[n][0];
            }
        }
    }
    for i in 0..S {
        line::by_rows();
        for n in 0..N {
            let mut x = paths[n][i];
            for l in 0..W {
                if MOVES {
                    keep[n][l] += tuning.steps[KEEP + first + n][l];
                    take[n][l] += tuning.steps[TAKE + first + n][l];
                }
                if MOVES || W > 1 {
                    x[l] *= take[n][l];
                }
                held[n][l] = x[l] + held[n][l] * keep[n][l];
            }
            paths[n][i] = held[n];
        }
    }
    for (n, path) in paths.into_iter().enumerate() {
        rows[HELD + first + n] = path[S - 1];
    }
}

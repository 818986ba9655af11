//! Noise: white, pink and brown.

use std::f64::consts::TAU;

use crate::dsp::hash::{bipolar, draw};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Port, Setting};
use crate::modules::state::{Lane, Sleep, State};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "noise",
    family: Family::Source,
    about: "Noise in three colours, the same at every render of the song.",
    notes: "All colours have the same power: that of white noise between -1 and 1, which is -4.8 dB. Pink and brown noise \
            reach higher peaks for it.",
    inputs: &[],
    outputs: &[Port::audio("out", "The noise.")],
    params: &[],
    settings: &[Setting::choice(
        "color",
        "How loud the highs are against the lows.",
        &[
            ("white", "Equal power at every frequency; bright."),
            ("pink", "Falls by 3 dB an octave; balanced to the ear."),
            ("brown", "Falls by 6 dB an octave; dark, like a waterfall far away."),
        ],
    )],
    channels: Channels::Each,
    example: r#"song "noise" tempo=120 bars=1
instrument surf {
    noise wash color="pink"
    adsr  env attack="800ms" release="800ms"
    route wash -> out vca=env gain="-12dB"
}
track surf "X___ ____ ____ ...."
"#,
    state: State {
        rows: 3 * POLES,
        words: 2,
        init: |lane, setup| {
            *lane.word(SEED) = setup.seed;
            let tune = if setup.settings[COLOR] == 2.0 { tune_brown } else { tune_pink };
            tune(lane, f64::from(setup.rate), FILTERS);
        },
        sleep: Sleep::Advance(|lane, frames| {
            let count = lane.word(COUNT);
            *count = count.wrapping_add(frames as u32);
            // What the filters held is long past: they start as at the first note.
            FILTERS.forget(lane, POLES);
        }),
        ..State::NONE
    },
    kernel: kernel!(noise),
};

const COLOR: usize = SPEC.setting("color");
const COUNT: usize = 0;
const SEED: usize = 1;

/// The one-pole filters whose sum falls by 3 dB an octave: two octaves apart, from [`LOWEST`] Hz up.
pub(super) const POLES: usize = 6;
const LOWEST: f64 = 12.0;
/// Where a leaky integrator starts to fall by 6 dB an octave.
const BROWN: f64 = 10.0;
const FILTERS: Filters = Filters { held: 0, keep: POLES, take: 2 * POLES };

/// The first rows of the filters of a colour: of what they hold, of what they keep of it each frame, and of what they take
/// in.
#[derive(Clone, Copy)]
pub(super) struct Filters {
    pub(super) held: usize,
    pub(super) keep: usize,
    pub(super) take: usize,
}

impl Filters {
    /// Empties the first `count` of them.
    pub(super) fn forget(self, lane: &mut Lane<'_>, count: usize) {
        (self.held..self.held + count).for_each(|k| *lane.row(k) = 0.0);
    }
}

fn pole(hertz: f64, rate: f64) -> f64 {
    libm::exp(-TAU * hertz / rate)
}

/// Tunes the one filter of brown noise to the rate, and levels it to the power of white noise.
pub(super) fn tune_brown(lane: &mut Lane<'_>, rate: f64, at: Filters) {
    let keep = pole(BROWN, rate);
    *lane.row(at.keep) = keep as f32;
    *lane.row(at.take) = libm::sqrt(1.0 - keep * keep) as f32;
}

/// Tunes the [`POLES`] filters of pink noise to the rate, and levels them to the power of white noise.
pub(super) fn tune_pink(lane: &mut Lane<'_>, rate: f64, at: Filters) {
    let keep: [f64; POLES] = std::array::from_fn(|k| pole(LOWEST * libm::exp2(2.0 * k as f64), rate));
    // Each is two octaves above the last and half as loud.
    let take: [f64; POLES] = std::array::from_fn(|k| (1.0 - keep[k]) * libm::exp2(-(k as f64)));
    let mut power = 0.0;
    for j in 0..POLES {
        for k in 0..POLES {
            // The product of two decays a^n b^n, summed over n, is 1 / (1 - a b).
            power += take[j] * take[k] / (1.0 - keep[j] * keep[k]);
        }
    }
    for k in 0..POLES {
        *lane.row(at.keep + k) = keep[k] as f32;
        *lane.row(at.take + k) = (take[k] / libm::sqrt(power)) as f32;
    }
}

#[inline(always)]
fn noise<const W: usize>(call: &mut Call<'_, W>) {
    let seed = call.words[SEED];
    let mut noise: Rows<W> = [[0.0; W]; BLOCK];
    white(&mut call.words[COUNT], &seed, &mut noise);
    match call.settings[COLOR] as u32 {
        0 => *call.out(0) = noise,
        1 => filtered::<W, POLES>(call.rows, FILTERS, &noise, call.outs[0].rows::<W>()),
        _ => filtered::<W, 1>(call.rows, FILTERS, &noise, call.outs[0].rows::<W>()),
    }
}

/// A block of white noise: the draws of `seed` from `count` on, which moves on by a block.
#[inline(always)]
pub(super) fn white<const W: usize>(count: &mut [u32; W], seed: &[u32; W], out: &mut Rows<W>) {
    for i in 0..BLOCK {
        for l in 0..W {
            out[i][l] = bipolar(draw(seed[l], count[l].wrapping_add(i as u32)));
        }
    }
    for count in count {
        *count = count.wrapping_add(BLOCK as u32);
    }
}

/// The sum of `N` one-pole low-passes of white noise, whose state is in `rows`.
#[inline(always)]
pub(super) fn filtered<const W: usize, const N: usize>(
    rows: &mut [Row<W>],
    at: Filters,
    white: &Rows<W>,
    out: &mut Rows<W>,
) {
    let (mut held, mut keep, mut take) = ([[0.0; W]; N], [[0.0; W]; N], [[0.0; W]; N]);
    held.copy_from_slice(&rows[at.held..at.held + N]);
    keep.copy_from_slice(&rows[at.keep..at.keep + N]);
    take.copy_from_slice(&rows[at.take..at.take + N]);
    for i in 0..BLOCK {
        for l in 0..W {
            let mut sum = 0.0;
            for k in 0..N {
                held[k][l] = held[k][l] * keep[k][l] + white[i][l] * take[k][l];
                sum += held[k][l];
            }
            out[i][l] = sum;
        }
    }
    rows[at.held..at.held + N].copy_from_slice(&held);
}

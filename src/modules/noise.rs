//! Noise: white, pink and brown.

use std::f64::consts::TAU;

use crate::dsp::hash::{bipolar, draw};
use crate::modules::buffer::Rows;
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
            filters(lane, f64::from(setup.rate), setup.settings[COLOR]);
        },
        sleep: Sleep::Advance(|lane, frames| {
            let count = lane.word(COUNT);
            *count = count.wrapping_add(frames as u32);
            // What the filters held is long past: they start as at the first note.
            (HELD..HELD + POLES).for_each(|k| *lane.row(k) = 0.0);
        }),
        ..State::NONE
    },
    kernel: kernel!(noise),
};

const COLOR: usize = SPEC.setting("color");
const COUNT: usize = 0;
const SEED: usize = 1;

/// The one-pole filters whose sum falls by 3 dB an octave: two octaves apart, from [`LOWEST`] Hz up.
const POLES: usize = 6;
const LOWEST: f64 = 12.0;
/// Where a leaky integrator starts to fall by 6 dB an octave.
const BROWN: f64 = 10.0;
/// The rows of the filters: what they hold, what they keep of it each frame, and what they take in.
const HELD: usize = 0;
const KEEP: usize = POLES;
const TAKE: usize = 2 * POLES;

/// Tunes the filters of a color to the rate, and levels them to the power of white noise.
fn filters(lane: &mut Lane<'_>, rate: f64, color: f32) {
    let pole = |hertz: f64| libm::exp(-TAU * hertz / rate);
    if color == 2.0 {
        let keep = pole(BROWN);
        *lane.row(KEEP) = keep as f32;
        *lane.row(TAKE) = libm::sqrt(1.0 - keep * keep) as f32;
        return;
    }
    let keep: [f64; POLES] = std::array::from_fn(|k| pole(LOWEST * libm::exp2(2.0 * k as f64)));
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
        *lane.row(KEEP + k) = keep[k] as f32;
        *lane.row(TAKE + k) = (take[k] / libm::sqrt(power)) as f32;
    }
}

#[inline(always)]
fn noise<const W: usize>(call: &mut Call<'_, W>) {
    let (count, seed) = (call.words[COUNT], call.words[SEED]);
    let mut white: Rows<W> = [[0.0; W]; BLOCK];
    for i in 0..BLOCK {
        for l in 0..W {
            white[i][l] = bipolar(draw(seed[l], count[l].wrapping_add(i as u32)));
        }
    }
    for l in 0..W {
        call.words[COUNT][l] = count[l].wrapping_add(BLOCK as u32);
    }
    match call.settings[COLOR] as u32 {
        0 => *call.out(0) = white,
        1 => filtered::<W, POLES>(call, &white),
        _ => filtered::<W, 1>(call, &white),
    }
}

/// The sum of `N` one-pole low-passes of white noise.
#[inline(always)]
fn filtered<const W: usize, const N: usize>(call: &mut Call<'_, W>, white: &Rows<W>) {
    let (mut held, mut keep, mut take) = ([[0.0; W]; N], [[0.0; W]; N], [[0.0; W]; N]);
    held.copy_from_slice(&call.rows[HELD..HELD + N]);
    keep.copy_from_slice(&call.rows[KEEP..KEEP + N]);
    take.copy_from_slice(&call.rows[TAKE..TAKE + N]);
    let out = call.outs[0].rows::<W>();
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
    call.rows[HELD..HELD + N].copy_from_slice(&held);
}

//! The reverb: eight lines that feed each other, behind a diffuser on each side.
//!
//! A feedback delay network (Jot and Chaigne, "Digital delay networks for designing artificial reverberators", 1991)
//! mixed by a Hadamard matrix. All lines are longer than a block, so whole blocks move at a time.

use std::f32::consts::TAU;
use std::ops::Range;

use crate::dsp::math::{exp2, sine};
use crate::dsp::phase::{TURN, whole};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::{Call, Ring};
use crate::modules::kernel::kernel;
use crate::modules::line::{self, audible, room};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Options, Param, Port, Setting};
use crate::modules::state::{Setup, State};
use crate::units::unit::Unit;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "reverb",
    family: Family::Effect,
    about: "Stereo reverb: the sound of a room, from a chamber to a cathedral.",
    notes: "`time` is how long the lows take to fall by 60 dB; `damp` is how much sooner the highs are gone. `size` is how \
            far apart the walls are: small rooms are dense and coloured, large ones open. A long time is no louder \
            than a short one. It puts out wet sound only, so send to it, or set `mix`.",
    inputs: &[Port::audio("in", "Signal to place in the room.")],
    outputs: &[Port::audio("out", "The room.")],
    params: &[
        Param::seconds("time", 0.1, 30.0, 2.0, "Time in which the lows fall by 60 dB."),
        Param::share("damp", 0.3, "How much sooner the highs are gone."),
        Param::share("mix", 1.0, "How much of the room there is against the sound itself."),
    ],
    settings: &[
        Setting {
            name: "size",
            about: "How large the room is.",
            options: Options::Amount { unit: Unit::Share, min: 0.0, max: 1.0, default: 0.5 },
        },
        Setting {
            name: "predelay",
            about: "Time before the room answers.",
            options: Options::Amount { unit: Unit::Seconds, min: 0.0, max: 0.5, default: 0.0 },
        },
    ],
    channels: Channels::Stereo,
    example: r#"song "reverb" tempo=90 bars=2
instrument clap {
    noise    hiss
    bandpass hand freq="1.2kHz" q=1.5
    decay    env time="120ms"
    route hiss -> hand -> out vca=env
}
reverb hall time="2.5s" damp=0.4
route clap -> out gain="-9dB"
route clap -> hall -> out gain="-9dB"
track clap ".... X... .... X..." ".... X... .... X.x."
"#,
    state: State {
        rows: MADE_FOR + 2,
        words: WANDER.len(),
        rings,
        // The longest line of the largest room.
        tail: |setup| setup.settings[PREDELAY] + 0.25,
        ..State::NONE
    },
    kernel: kernel!(reverb, pays 3),
};

const TIME: usize = SPEC.port("time");
const DAMP: usize = SPEC.port("damp");
const MIX: usize = SPEC.port("mix");
const SIZE: usize = 0;
const PREDELAY: usize = 1;

const SIDES: usize = 2;
const LINES: usize = 8;
const STAGES: usize = 4;

/// Seconds that the lines take at size 0.5, spread evenly in ratio so that few of their sums coincide.
const LINE_TIMES: [f32; LINES] = [0.0311, 0.0357, 0.0405, 0.0453, 0.0511, 0.0579, 0.0653, 0.0737];
/// Seconds that the stages of the diffusers take, left and right.
const STAGE_TIMES: [[f32; STAGES]; SIDES] =
    [[0.00173, 0.00277, 0.00451, 0.00727], [0.00181, 0.00299, 0.00431, 0.00761]];
/// Cycles a second at which the lengths of half the lines wander, and how far to either side, in seconds: by three cents.
const WANDER: [f32; LINES / 2] = [0.83, 0.71, 0.91, 1.03];
const REACH: f32 = 0.000_5;
/// How much of itself a stage of a diffuser takes back.
const DIFFUSION: f32 = 0.65;

/// Where the rings of the lines and of the delay before them stand; the diffusers come first.
const FIRST_LINE: usize = SIDES * STAGES;
const FIRST_PREDELAY: usize = FIRST_LINE + LINES;

/// What passes a low-pass of one pole: the lines, and the inputs, from which it takes the lowest part.
const PATHS: usize = LINES + SIDES;
/// The rows: what the low-passes keep of what they hold, what they take in, the level of the input; what the low-passes
/// hold; and for which time and damping they are tuned.
const KEEP: usize = 0;
const TAKE: usize = PATHS;
const LEVEL: usize = 2 * PATHS;
const TUNED: usize = LEVEL + 1;
const HELD: usize = TUNED;
const MADE_FOR: usize = HELD + PATHS;

/// What keeps the mix of the lines as loud as they were: one over the root of eight.
const UNIT: f32 = 0.353_553_39;

fn rings(setup: &Setup<'_>) -> Vec<usize> {
    let scale = libm::exp2f((setup.settings[SIZE] - 0.5) * 3.0);
    let frames = |seconds: f32| prime((seconds * setup.rate) as usize);
    let mut rings = Vec::new();
    for side in STAGE_TIMES {
        rings.extend(side.map(|seconds| frames(seconds * libm::sqrtf(scale))));
    }
    rings.extend(LINE_TIMES.map(|seconds| frames(seconds * scale) + 4 + (REACH * setup.rate) as usize));
    rings.extend([room(setup.settings[PREDELAY] * setup.rate); SIDES]);
    rings
}

/// The least prime from `least` and from a block's length on: lengths without common factors share no resonances.
fn prime(least: usize) -> usize {
    let mut n = least.max(BLOCK + 3) | 1;
    while (3..).step_by(2).take_while(|d| d * d <= n).any(|d| n.is_multiple_of(d)) {
        n += 2;
    }
    n
}

#[inline(always)]
fn reverb<const W: usize>(call: &mut Call<'_, W>) {
    let tuning = tune(call);
    let mut paths: [Rows<W>; PATHS] = [[[0.0; W]; BLOCK]; PATHS];
    recall(call, &mut paths);
    // A loss is a chain from frame to frame: as many run side by side as it takes to keep the processor busy.
    if tuning.moves {
        lose::<W, PATHS, true>(call.rows, &tuning, 0, &mut paths);
    } else if W == 1 {
        lose::<W, PATHS, false>(call.rows, &tuning, 0, &mut paths);
    } else {
        for first in (0..PATHS).step_by(2) {
            lose::<W, 2, false>(call.rows, &tuning, first, &mut paths);
        }
    }
    mix(&mut paths);
    let mut fresh = blocked(call, &tuning, &paths);
    for (side, sound) in fresh.iter_mut().enumerate() {
        delay_before(
            &mut call.rings[FIRST_PREDELAY + side],
            call.settings[PREDELAY] * call.clock.rate,
            sound,
        );
        for stage in &mut call.rings[side * STAGES..(side + 1) * STAGES] {
            diffuse(stage, sound);
        }
        let sound = sound.as_flattened();
        for k in (side..LINES).step_by(SIDES) {
            let line = paths[k].as_flattened();
            line::replace::<W>(&mut call.rings[FIRST_LINE + k], |start, rows| {
                for ((row, line), sound) in rows.iter_mut().zip(&line[start..]).zip(&sound[start..]) {
                    *row = audible(line + sound);
                }
            });
        }
    }
    let balance = call.ins[MIX];
    for side in 0..SIDES {
        let mut spare = [[[0.0; W]; BLOCK]; 2];
        let [dry, balance_rows] = &mut spare;
        let (dry, balance) =
            (call.ins[side].rows(dry).as_flattened(), balance.rows(balance_rows).as_flattened());
        let wet = paths[1 + side].as_flattened();
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            *out = dry[n] * (1.0 - balance[n]) + wet[n] * balance[n];
        }
    }
}

/// Reads every line, and the input.
#[inline(always)]
fn recall<const W: usize>(call: &mut Call<'_, W>, paths: &mut [Rows<W>; PATHS]) {
    for side in 0..SIDES {
        let mut spare = [[0.0; W]; BLOCK];
        paths[LINES + side] = *call.ins[side].rows(&mut spare);
    }
    for (k, out) in paths[..LINES].iter_mut().enumerate() {
        let ring = &call.rings[FIRST_LINE + k];
        let Some(rate) = WANDER.get(k) else {
            line::oldest(ring, out);
            continue;
        };
        // The same in every lane.
        let phase = call.words[k][0];
        let next = phase.wrapping_add(whole(rate * call.clock.period * (TURN * BLOCK as f32)));
        call.words[k] = [next; W];
        let reach = REACH * call.clock.rate;
        let middle = line_frames(ring, k, call.clock.rate);
        wander(ring, middle + reach * sine(phase), middle + reach * sine(next), out);
    }
}

/// Sends `N` paths, from path `first` on, through their low-passes of one pole.
#[inline(always)]
fn lose<const W: usize, const N: usize, const MOVES: bool>(
    rows: &mut [Row<W>],
    tuning: &Tuning<W>,
    first: usize,
    paths: &mut [Rows<W>; PATHS],
) {
    let (mut held, mut keep, mut take) = ([[0.0; W]; N], [[0.0; W]; N], [[0.0; W]; N]);
    held.copy_from_slice(&rows[HELD + first..HELD + first + N]);
    keep.copy_from_slice(&tuning.rows[KEEP + first..KEEP + first + N]);
    take.copy_from_slice(&tuning.rows[TAKE + first..TAKE + first + N]);
    for i in 0..BLOCK {
        for n in 0..N {
            for l in 0..W {
                if MOVES {
                    keep[n][l] += tuning.steps[KEEP + first + n][l];
                    take[n][l] += tuning.steps[TAKE + first + n][l];
                }
                held[n][l] = paths[first + n][i][l] * take[n][l] + held[n][l] * keep[n][l];
                paths[first + n][i][l] = held[n][l];
            }
        }
    }
    rows[HELD + first..HELD + first + N].copy_from_slice(&held);
}

/// Mixes every line into every other by a Hadamard matrix, whose scale is in the losses.
#[inline(always)]
fn mix<const W: usize>(paths: &mut [Rows<W>; PATHS]) {
    let [a, b, c, d, e, f, g, h, ..] = paths.each_mut().map(|path| path.as_flattened_mut());
    for n in 0..BLOCK * W {
        let (ab, cd, ef, gh) = (a[n] + b[n], c[n] + d[n], e[n] + f[n], g[n] + h[n]);
        let (a_b, c_d, e_f, g_h) = (a[n] - b[n], c[n] - d[n], e[n] - f[n], g[n] - h[n]);
        let (p, q, r, s) = (ab + cd, ef + gh, ab - cd, ef - gh);
        let (t, u, v, w) = (a_b + c_d, e_f + g_h, a_b - c_d, e_f - g_h);
        (a[n], b[n], c[n], d[n]) = (p + q, t + u, r + s, v + w);
        (e[n], f[n], g[n], h[n]) = (p - q, t - u, r - s, v - w);
    }
}

/// Reads a line whose delay moves evenly from `from` to `to` frames over the block, by less than one.
#[inline(always)]
fn wander<const W: usize>(ring: &Ring, from: f32, to: f32, out: &mut Rows<W>) {
    let (whole, speed) = (from as usize, (to - from) * (1.0 / BLOCK as f32));
    // The weights of a Catmull-Rom spline, the same in every lane.
    let mut weights = [[0.0_f32; BLOCK]; 4];
    let mut same = 0;
    for i in 0..BLOCK {
        let x = (from - whole as f32) + speed * i as f32;
        same += u32::from((0.0..1.0).contains(&x));
        let x = if x < 0.0 { x + 1.0 } else { x };
        let x = if x < 1.0 { x } else { x - 1.0 };
        let (x2, x3) = (x * x, x * x * x);
        weights[0][i] = x2 - 0.5 * (x + x3);
        weights[1][i] = 1.0 + (1.5 * x3 - 2.5 * x2);
        weights[2][i] = 0.5 * x + (2.0 * x2 - 1.5 * x3);
        weights[3][i] = 0.5 * (x3 - x2);
    }
    // From here on the delay is a whole frame longer or shorter.
    let turn = same as usize;
    let mut spare = [[0.0; W]; BLOCK + 5];
    let window = line::stretch(ring, (ring.at + ring.frames - whole - 3) % ring.frames, &mut spare);
    let after_turn = if to > from { 0 } else { 2 };
    blend(&window[1..], &weights, out, 0..turn);
    blend(&window[after_turn..], &weights, out, turn..BLOCK);
}

/// Weighs four neighbours of `window` for each of `frames`.
#[inline(always)]
fn blend<const W: usize>(
    window: &[Row<W>],
    weights: &[[f32; BLOCK]; 4],
    out: &mut Rows<W>,
    frames: Range<usize>,
) {
    for i in frames {
        // Lanes run side by side. Without this the compiler would have frames do so and shuffle the lanes.
        let i = if W > 1 { std::hint::black_box(i) } else { i };
        for l in 0..W {
            let [beyond, after, at, before] =
                [window[i][l], window[i + 1][l], window[i + 2][l], window[i + 3][l]];
            out[i][l] = (before * weights[0][i] + at * weights[1][i])
                + (after * weights[2][i] + beyond * weights[3][i]);
        }
    }
}

/// What the low-passes keep and take in, and the level of the input, at the start of a block, and by how much it all
/// moves a frame.
struct Tuning<const W: usize> {
    rows: [Row<W>; TUNED],
    steps: [Row<W>; TUNED],
    moves: bool,
}

/// Tunes the low-passes, over the block where time or damping have moved.
#[inline(always)]
fn tune<const W: usize>(call: &mut Call<'_, W>) -> Tuning<W> {
    let mut tuning = Tuning { rows: [[0.0; W]; TUNED], steps: [[0.0; W]; TUNED], moves: false };
    tuning.rows.copy_from_slice(&call.rows[..TUNED]);
    let (time, damp) = (*call.ins[TIME].at(0), *call.ins[DAMP].at(0));
    let made_for = [call.rows[MADE_FOR], call.rows[MADE_FOR + 1]];
    if made_for == [time, damp] {
        return tuning;
    }
    let rate = call.clock.rate;
    let mut power = [0.0; W];
    for k in 0..LINES {
        let frames = line_frames(&call.rings[FIRST_LINE + k], k, rate);
        for l in 0..W {
            // A fall by 60 dB is one by 2^-9.97. At half the rate the loss is this many times as much again.
            let fall = -9.965_784_3 * frames / (time[l] * rate);
            let (low, high) = (exp2(fall), exp2(fall * (10.0 * damp[l])));
            let keep = (1.0 - high) / (1.0 + high);
            call.rows[KEEP + k][l] = keep;
            call.rows[TAKE + k][l] = low * (1.0 - keep) * UNIT;
            power[l] += low * low * (1.0 / LINES as f32);
        }
    }
    let share = TAU * 10.0 * call.clock.period;
    for side in LINES..PATHS {
        (call.rows[KEEP + side], call.rows[TAKE + side]) = ([1.0 - share; W], [share; W]);
    }
    for l in 0..W {
        // What goes round grows by 1 / (1 - power); what comes out has been through the loss once more.
        let out = if power[l] > 0.05 { power[l] } else { 0.05 };
        call.rows[LEVEL][l] = ((1.0 - power[l]) / out).sqrt();
        for n in 0..TUNED {
            // A room that has just been set up doesn't come from anywhere.
            if made_for[0][l] == 0.0 {
                tuning.rows[n][l] = call.rows[n][l];
            }
            tuning.steps[n][l] = (call.rows[n][l] - tuning.rows[n][l]) * (1.0 / BLOCK as f32);
        }
    }
    (call.rows[MADE_FOR], call.rows[MADE_FOR + 1]) = (time, damp);
    tuning.moves = true;
    tuning
}

/// The frames that line `k` takes, on the mean.
#[inline(always)]
fn line_frames(ring: &Ring, k: usize, rate: f32) -> f32 {
    let wandering = if k < WANDER.len() { REACH * rate + 4.0 } else { 0.0 };
    ring.frames as f32 - wandering
}

/// The input at the level that the room needs, without its lowest part: DC would pile up in the lines.
#[inline(always)]
fn blocked<const W: usize>(
    call: &Call<'_, W>,
    tuning: &Tuning<W>,
    paths: &[Rows<W>; PATHS],
) -> [Rows<W>; SIDES] {
    let mut level = [[0.0; W]; BLOCK];
    let mut now = tuning.rows[LEVEL];
    for level in &mut level {
        for l in 0..W {
            now[l] += tuning.steps[LEVEL][l];
        }
        *level = now;
    }
    let level = level.as_flattened();
    let mut out: [Rows<W>; SIDES] = [[[0.0; W]; BLOCK]; SIDES];
    for (side, out) in out.iter_mut().enumerate() {
        let mut spare = [[0.0; W]; BLOCK];
        let input = call.ins[side].rows(&mut spare).as_flattened();
        let low = paths[LINES + side].as_flattened();
        for (n, out) in out.as_flattened_mut().iter_mut().enumerate() {
            *out = (input[n] - low[n]) * level[n];
        }
    }
    out
}

/// Delays a block by the whole frames nearest to `frames`.
#[inline(always)]
fn delay_before<const W: usize>(ring: &mut Ring, frames: f32, sound: &mut Rows<W>) {
    let start = (ring.at + ring.frames - (frames + 0.5) as usize) % ring.frames;
    if start == ring.at {
        return;
    }
    line::write(ring, sound);
    let mut spare = [[0.0; W]; BLOCK];
    *sound = *line::stretch(ring, start, &mut spare);
}

/// One stage of a diffuser: an all-pass filter as long as its ring (Manfred Schroeder, 1962).
#[inline(always)]
fn diffuse<const W: usize>(ring: &mut Ring, sound: &mut Rows<W>) {
    let sound = sound.as_flattened_mut();
    line::replace::<W>(ring, |start, rows| {
        for (row, sound) in rows.iter_mut().zip(&mut sound[start..]) {
            let delayed = *row;
            *row = audible(*sound + DIFFUSION * delayed);
            *sound = delayed - DIFFUSION * *row;
        }
    });
}

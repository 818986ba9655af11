//! The reverb: eight lines that feed each other, after a diffuser on each side.
//!
//! A feedback delay network (Jot and Chaigne, "Digital delay networks for designing artificial reverberators", 1991)
//! mixed by a Hadamard matrix. All lines are longer than a block, so whole blocks move at a time.

use crate::dsp::math::sine;
use crate::dsp::phase::{TURN, whole};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::{Call, DelayRing};
use crate::modules::damping::{DampingTuning, LEVEL, LINES, ROWS, SIDES, lose, tune};
use crate::modules::kernel::kernel;
use crate::modules::line::{self, MARGIN, audible, room};
use crate::modules::rates::{REFERENCE, fold};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Options, Param, Port, Setting};
use crate::modules::state::{Setup, State};
use crate::modules::wander::Wander;
use crate::units::unit::Unit;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "reverb",
    family: Family::Effect,
    about: "Stereo reverb: the sound of a room, from a chamber to a cathedral.",
    notes: "`time` is the time in which the lows decay by 60 dB; `damp` sets how much faster the highs decay. \
            `size` is the distance between the walls: small rooms are dense and coloured, large ones open. A long \
            `time` is no louder than a short one. By default the output is only the wet sound, so use a send, or \
            set `mix`.",
    inputs: &[Port::audio("in", "Signal to place in the room.")],
    outputs: &[Port::audio("out", "The reverb.")],
    params: &[
        Param::seconds("time", 0.1, 30.0, 2.0, "Time in which the lows decay by 60 dB."),
        Param::share("damp", 0.3, "How much faster the highs decay."),
        Param::share("mix", 1.0, "Dry/wet mix: 0 is only the sound itself, 1 only the reverb."),
    ],
    settings: &[
        Setting {
            name: "size",
            about: "Size of the room.",
            options: Options::Amount { unit: Unit::Share, min: 0.0, max: 1.0, default: 0.5 },
        },
        Setting {
            name: "predelay",
            about: "Time before the reverb starts.",
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
        rows: ROWS,
        words: WANDER.len(),
        rings,
        loops: FIRST_PREDELAY,
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

fn rings(setup: &Setup<'_>) -> Vec<usize> {
    let scale = libm::exp2f((setup.settings[SIZE] - 0.5) * 3.0);
    // No shorter than at the reference.
    let least = (SHORTEST as f32 * (setup.rate / REFERENCE)) as usize;
    let frames = |seconds: f32| prime(((seconds * setup.rate) as usize).max(least));
    let mut rings = Vec::new();
    for side in STAGE_TIMES {
        rings.extend(side.map(|seconds| frames(seconds * libm::sqrtf(scale)) + MARGIN));
    }
    let spare = 4 * fold(setup.rate) + (REACH * setup.rate) as usize + MARGIN;
    rings.extend(LINE_TIMES.map(|seconds| frames(seconds * scale) + spare));
    rings.extend([room(setup.settings[PREDELAY] * setup.rate); SIDES]);
    rings
}

/// A block, and what is read beside it.
const SHORTEST: usize = BLOCK + 3;

/// The least prime from `least` and from a block's length on: lengths without common factors share no resonances.
fn prime(least: usize) -> usize {
    let mut n = least.max(SHORTEST) | 1;
    while (3..).step_by(2).take_while(|d| d * d <= n).any(|d| n.is_multiple_of(d)) {
        n += 2;
    }
    n
}

#[inline(always)]
fn reverb<const W: usize>(call: &mut Call<'_, W>) {
    // Few enough frames at a time that what is on its way stays near the processor.
    if W == 1 { room_of::<W, BLOCK>(call) } else { room_of::<W, 16>(call) }
}

/// Runs a block, `S` frames at a time.
#[inline(always)]
fn room_of<const W: usize, const S: usize>(call: &mut Call<'_, W>) {
    let mut frames = [0.0; LINES];
    for (k, frames) in frames.iter_mut().enumerate() {
        *frames = line_frames(&call.rings[FIRST_LINE + k], k, call.clock.rate);
    }
    let tuning = tune(call.rows, call.clock, frames, [*call.ins[TIME].at(0), *call.ins[DAMP].at(0)]);
    let wanders = wanders(call);
    let mut paths = [[[0.0; W]; S]; LINES];
    let [left, right, ..] = &mut *call.outs else { return };
    let sounds = [left.rows::<W>(), right.rows::<W>()];
    for side in 0..SIDES {
        for (n, sound) in sounds[side].as_flattened_mut().as_chunks_mut::<32>().0.iter_mut().enumerate() {
            *sound = call.ins[side].run(n);
        }
    }
    let [left, right] = sounds;
    // A loss is a chain from frame to frame: as many run side by side as it takes to keep the processor busy.
    if S == BLOCK {
        recall(call.rings, &wanders, 0, &mut paths);
        let [a, b, c, d, e, f, g, h] = &mut paths;
        let (Some(left), Some(right)) = (left.first_chunk_mut(), right.first_chunk_mut()) else { return };
        lose(call.rows, &tuning, 0, 0, [a, b, c, d, e, f, g, h, left, right]);
    } else {
        lose(call.rows, &tuning, 0, LINES, [left, right]);
    }
    enter(call, &tuning);
    if S == BLOCK {
        spread(call, 0, &paths);
    } else {
        for start in (0..BLOCK).step_by(S) {
            recall(call.rings, &wanders, start, &mut paths);
            let [a, b, c, d, e, f, g, h] = &mut paths;
            lose(call.rows, &tuning, start, 0, [a, b, c, d]);
            lose(call.rows, &tuning, start, 4, [e, f, g, h]);
            spread(call, start, &paths);
        }
    }
    for ring in &mut call.rings[..FIRST_PREDELAY] {
        line::turn::<W>(ring);
    }
}

/// Reads `S` frames of every line, from frame `start` of the block on.
#[inline(always)]
fn recall<const W: usize, const S: usize>(
    rings: &[DelayRing],
    wanders: &[Wander; WANDER.len()],
    start: usize,
    paths: &mut [[Row<W>; S]; LINES],
) {
    for (k, out) in paths.iter_mut().enumerate() {
        let ring = &rings[FIRST_LINE + k];
        match wanders.get(k) {
            Some(wander) => wander.read(ring, start, out),
            None => copy(&line::ago::<W>(ring, 0)[start..start + S], out),
        }
    }
}

/// Makes of the lowest part of the input, which stands in the outputs, the rest, at the level that the room needs: DC
/// would pile up in the lines.
#[inline(always)]
fn enter<const W: usize>(call: &mut Call<'_, W>, tuning: &DampingTuning<W>) {
    for (side, out) in call.outs.iter_mut().enumerate().take(SIDES) {
        let sound = out.rows::<W>();
        let input = call.ins[side];
        let mut level = tuning.rows[LEVEL];
        for (n, sound) in sound.as_flattened_mut().as_chunks_mut::<32>().0.iter_mut().enumerate() {
            let input: [f32; 32] = input.run(n);
            let mut levels = [0.0; 32];
            for levels in levels.as_chunks_mut().0 {
                if tuning.moves {
                    for l in 0..W {
                        level[l] += tuning.steps[LEVEL][l];
                    }
                }
                *levels = level;
            }
            for k in 0..32 {
                sound[k] = (input[k] - sound[k]) * levels[k];
            }
        }
        let predelay = call.settings[PREDELAY] * call.clock.rate;
        delay_before(&mut call.rings[FIRST_PREDELAY + side], predelay, sound);
    }
}

/// Copies few rows, for which a call would take longer.
#[inline(always)]
fn copy<const W: usize, const S: usize>(from: &[Row<W>], to: &mut [Row<W>; S]) {
    for (from, to) in
        from.as_flattened().as_chunks::<8>().0.iter().zip(to.as_flattened_mut().as_chunks_mut().0)
    {
        line::by_rows();
        *to = *from;
    }
}

/// Mixes every line into every other by a Hadamard matrix, whose scale is in the losses, diffuses the input into them,
/// and outputs two of them: `S` frames from frame `start` on.
#[inline(always)]
fn spread<const W: usize, const S: usize>(
    call: &mut Call<'_, W>,
    start: usize,
    paths: &[[Row<W>; S]; LINES],
) {
    let balance = call.ins[MIX];
    let wet_only = balance.is_constant() && balance.at(0) == &[1.0; W];
    let ins = [call.ins[0], call.ins[1]];
    let Some((rings, _)) = call.rings.split_first_chunk_mut::<FIRST_PREDELAY>() else { return };
    let Some((diffusers, rings)) = rings.split_first_chunk_mut() else { return };
    let Some(rings) = rings.first_chunk_mut() else { return };
    let (mut stages, lines) = (oldest::<W>(diffusers, start, S), oldest::<W>(rings, start, S));
    let [left, right, ..] = &mut *call.outs else { return };
    let outs =
        [eights(&mut left.rows::<W>()[start..start + S]), eights(&mut right.rows::<W>()[start..start + S])];
    for n in 0..S * W / 8 {
        line::by_rows();
        let mut mixed = [[0.0; 8]; LINES];
        for k in 0..LINES {
            mixed[k] = paths[k].as_flattened().as_chunks::<8>().0[n];
        }
        for (span, pairs) in [(1, [0, 2, 4, 6]), (2, [0, 1, 4, 5]), (4, [0, 1, 2, 3])] {
            for k in pairs {
                let (p, q) = (mixed[k], mixed[k + span]);
                let (mut sum, mut difference) = ([0.0; 8], [0.0; 8]);
                for x in 0..8 {
                    sum[x] = p[x] + q[x];
                }
                for x in 0..8 {
                    difference[x] = p[x] - q[x];
                }
                (mixed[k], mixed[k + span]) = (sum, difference);
            }
        }
        for side in 0..SIDES {
            let mut sound = outs[side][n];
            for stage in &mut stages[side * STAGES..(side + 1) * STAGES] {
                // An all-pass filter as long as its ring (Manfred Schroeder, 1962). What leaves it is found beside what
                // is kept and not out of that, so that one stage waits less for another.
                let delayed = stage[n];
                let mut held = [0.0; 8];
                for x in 0..8 {
                    held[x] = audible(sound[x] + DIFFUSION * delayed[x]);
                }
                for x in 0..8 {
                    sound[x] = (1.0 - DIFFUSION * DIFFUSION) * delayed[x] - DIFFUSION * sound[x];
                }
                stage[n] = held;
            }
            for k in (side..LINES).step_by(SIDES) {
                let mut next = [0.0; 8];
                for x in 0..8 {
                    next[x] = audible(mixed[k][x] + sound[x]);
                }
                lines[k][n] = next;
            }
            let wet = mixed[1 + side];
            outs[side][n] = wet;
            if !wet_only {
                let at = start * W / 8 + n;
                let (dry, balance): ([f32; 8], [f32; 8]) = (ins[side].run(at), balance.run(at));
                for x in 0..8 {
                    outs[side][n][x] = dry[x] * (1.0 - balance[x]) + wet[x] * balance[x];
                }
            }
        }
    }
}

/// Frames of each ring's oldest block.
#[inline(always)]
fn oldest<const W: usize>(rings: &mut [DelayRing; 8], start: usize, frames: usize) -> [&mut [[f32; 8]]; 8] {
    let [a, b, c, d, e, f, g, h] = rings;
    [
        part::<W>(a, start, frames),
        part::<W>(b, start, frames),
        part::<W>(c, start, frames),
        part::<W>(d, start, frames),
        part::<W>(e, start, frames),
        part::<W>(f, start, frames),
        part::<W>(g, start, frames),
        part::<W>(h, start, frames),
    ]
}

#[inline(always)]
fn part<const W: usize>(ring: &mut DelayRing, start: usize, frames: usize) -> &mut [[f32; 8]] {
    let at = ring.at + start;
    eights(&mut ring.rows::<W>()[at..at + frames])
}

/// Rows as groups of eight samples, lanes side by side.
#[inline(always)]
fn eights<const W: usize>(rows: &mut [Row<W>]) -> &mut [[f32; 8]] {
    rows.as_flattened_mut().as_chunks_mut().0
}

/// Moves the wandering lines on.
#[inline(always)]
fn wanders<const W: usize>(call: &mut Call<'_, W>) -> [Wander; WANDER.len()] {
    let mut wanders = [Wander::leading(1, 0.0, 0.0); WANDER.len()];
    let (every, rate) = (fold(call.clock.rate), call.clock.rate);
    let folded = 1.0 / every as f32;
    for (k, wander) in wanders.iter_mut().enumerate() {
        // The same in every lane.
        let phase = call.words[k][0];
        let next = phase.wrapping_add(whole(WANDER[k] * call.clock.period * (TURN * BLOCK as f32)));
        call.words[k] = [next; W];
        let reach = REACH * rate;
        let middle = line_frames(&call.rings[FIRST_LINE + k], k, rate);
        let delay = |phase| (middle + reach * sine(phase)) * folded;
        *wander = Wander::leading(every, delay(phase), delay(next));
    }
    wanders
}

/// The frames that line `k` takes, on the mean.
#[inline(always)]
fn line_frames(ring: &DelayRing, k: usize, rate: f32) -> f32 {
    let wandering = if k < WANDER.len() { REACH * rate + (4 * fold(rate)) as f32 } else { 0.0 };
    line::length(ring) as f32 - wandering
}

/// Delays a block by the whole frames nearest to `frames`.
#[inline(always)]
fn delay_before<const W: usize>(ring: &mut DelayRing, frames: f32, sound: &mut Rows<W>) {
    let start = (ring.at + ring.frames - (frames + 0.5) as usize) % ring.frames;
    if start == ring.at {
        return;
    }
    line::write(ring, sound);
    let mut spare = [[0.0; W]; BLOCK];
    *sound = *line::stretch(ring, start, &mut spare);
}

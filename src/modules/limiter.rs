//! The limiter.

use std::f32::consts::LOG2_E;

use crate::dsp::intersample::{Interpolator, MOST_TAPS, weigh};
use crate::dsp::math::{clamp, exp2};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::{Call, DelayRing};
use crate::modules::kernel::kernel;
use crate::modules::line;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "limiter",
    family: Family::Effect,
    about: "True-peak limiter: no sample and no peak between samples exceeds the ceiling. Quieter signals pass \
            unchanged.",
    notes: "`ceiling=\"-1dB\"` keeps the true peak at or below -1 dBTP (ITU-R BS.1770-4, four times oversampled). A \
            lookahead of 3 ms lowers the gain before a peak arrives; its delay is compensated in the whole song. \
            Left and right are attenuated together, which keeps the stereo image. Put the limiter last, and set its \
            drive with the gain of the routes into it. If the ceiling itself falls by several dB within those 3 ms, \
            samples stay below it, but peaks between samples may exceed it.",
    inputs: &[Port::audio("in", "Signal to limit.")],
    outputs: &[Port::audio("out", "The limited signal.")],
    params: &[
        Param::gain("ceiling", 0.01, 1.0, 0.891_250_938_133_745_5, "Maximum true peak."),
        Param::seconds("release", 0.005, 5.0, 0.1, "Time in which the gain recovers."),
    ],
    settings: &[],
    channels: Channels::Linked,
    example: r#"song "limiter" tempo=125 bars=1
instrument kick {
    sine  osc freq="50Hz"
    decay drop time="100ms"
    decay env  time="400ms"
    route drop -> osc.freq by="200Hz"
    route osc -> out vca=env
}
limiter master ceiling="-1dB" release="150ms"
route kick -> master gain="12dB"
route master -> out
track kick "X... X... X... X.x."
"#,
    state: State {
        rows: 1,
        words: 1,
        rings: |setup| {
            let Frames { ahead, delay, .. } = Frames::at(setup.rate);
            let sound = (delay + BLOCK).max(WINDOW).next_multiple_of(BLOCK);
            vec![sound, sound, delay, ahead / 2 - 1, ahead / 2 - 1]
        },
        latency: |setup| Frames::at(setup.rate).delay as u32,
        ..State::NONE
    },
    kernel: kernel!(limiter),
};

const CEILING: usize = SPEC.port("ceiling");
const RELEASE: usize = SPEC.port("release");

/// The row of the loss before it is smoothed, and the word that counts the blocks for which there has been none.
const LOSS: usize = 0;
const CALM: usize = 0;

/// The most frames in which it turns down, at whatever rate.
const MOST: usize = 256;
/// The frames in which peaks between samples are looked for: a block, and as many before it as take part.
const WINDOW: usize = BLOCK + MOST_TAPS - 1;
/// By how much more it turns down, over the frames in which it does: the gain moves while the samples pass that take part in a peak,
/// the less the slower. That is 0.0007 dB where it turns down by 6 dB at 48 kHz.
const MORE: f32 = 0.01;
/// Frames of which peaks between samples are looked for together, or not at all.
const RUN: usize = 16;

/// Times of the limiter in frames at some rate.
struct Frames {
    /// In which it turns down: the power of two that 3 ms reach.
    ahead: usize,
    /// The samples that take part in a peak between two of them.
    taps: usize,
    /// From input to output.
    delay: usize,
}

impl Frames {
    #[inline(always)]
    fn at(rate: f32) -> Self {
        let frames = (rate * 0.003) as usize;
        let ahead = if frames < 8 { 8 } else { (1 << frames.ilog2()).min(MOST) };
        let taps = Interpolator::at(rate as u32).taps();
        // A peak is known once its newest sample is there; all of its samples must be turned down alike, or others would
        // stand out between them.
        Self { ahead, taps, delay: ahead + taps - 2 }
    }
}

#[inline(always)]
fn limiter<const W: usize>(call: &mut Call<'_, W>) {
    let frames = Frames::at(call.clock.rate);
    let mut spare: [Rows<W>; 3] = [[[0.0; W]; BLOCK]; 3];
    let [left, right, ceiling] = &mut spare;
    let inputs = [call.ins[0].rows(left), call.ins[1].rows(right)];
    let ceiling = call.ins[CEILING].rows(ceiling).as_flattened();
    let starts = [0, 1].map(|side| {
        let ring = &mut call.rings[side];
        let start = (ring.at + ring.frames - frames.delay) % ring.frames;
        line::write(ring, inputs[side]);
        start
    });
    // How much of the signal has to go for it to stay under the ceiling.
    let mut loss: Rows<W> = [[0.0; W]; BLOCK];
    peaks(call, &frames, ceiling, &mut loss);
    let more = 1.0 + MORE / frames.ahead as f32;
    for (loss, ceiling) in loss.as_flattened_mut().iter_mut().zip(ceiling) {
        let peak = if *loss > *ceiling { *loss } else { *ceiling };
        *loss = (peak - ceiling) / peak * more;
    }
    let loud = loss.as_flattened().iter().any(|loss| *loss != 0.0) || call.rows[LOSS] != [0.0; W];
    let calm = call.words[CALM][0];
    call.words[CALM] = [if loud { 0 } else { calm.saturating_add(1) }; W];
    // Everything kept is 0 by then.
    let still = !loud && calm as usize * BLOCK >= frames.delay + frames.ahead;
    if !still {
        release(call, &mut loss);
        let [_, _, peaks, first, second] = &mut *call.rings else { return };
        let mut work = [[[0.0; W]; MOST + WINDOW]; 2];
        gather(peaks, &mut loss, &mut work, |a, b| if a > b { a } else { b });
        gather(first, &mut loss, &mut work, |a, b| a + b);
        gather(second, &mut loss, &mut work, |a, b| a + b);
    }
    let share = 4.0 / (frames.ahead * frames.ahead) as f32;
    for (side, start) in starts.into_iter().enumerate() {
        let mut spare = [[0.0; W]; BLOCK];
        let sound = line::stretch(&call.rings[side], start, &mut spare).as_flattened();
        let loss = loss.as_flattened();
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            // Rounding, or a ceiling that came down in the meantime, must not let anything through.
            *out = clamp(sound[n] * (1.0 - loss[n] * share), -ceiling[n], ceiling[n]);
        }
    }
}

/// The level that each frame makes known: of the sample in the middle of those that take part in a peak between samples, and of the
/// peaks between that one and the next, where they could be over the ceiling.
#[inline(always)]
fn peaks<const W: usize>(call: &Call<'_, W>, frames: &Frames, ceiling: &[f32], out: &mut Rows<W>) {
    let filters = Interpolator::at(call.clock.rate as u32);
    let mut spare = [[[0.0; W]; WINDOW]; 2];
    let [left, right] = &mut spare;
    let [left, right] = [(&call.rings[0], left), (&call.rings[1], right)].map(|(ring, spare)| {
        let start = (ring.at + ring.frames - WINDOW) % ring.frames;
        let window: &[Row<W>] = line::stretch(ring, start, spare);
        window[MOST_TAPS - frames.taps..].as_flattened()
    });
    let mut levels = [[0.0; W]; WINDOW];
    let levels = &mut levels.as_flattened_mut()[..left.len()];
    for (level, (left, right)) in levels.iter_mut().zip(left.iter().zip(right)) {
        let (left, right) = (left.abs(), right.abs());
        *level = if left > right { left } else { right };
    }
    let middle = (frames.taps - 1) / 2 * W;
    let out = out.as_flattened_mut();
    out.copy_from_slice(&levels[middle..middle + BLOCK * W]);
    for start in (0..BLOCK * W).step_by(RUN * W) {
        let highest = highest(&levels[start..start + (RUN + frames.taps - 1) * W]);
        if highest * filters.most <= lowest(&ceiling[start..start + RUN * W]) {
            continue;
        }
        for at in (start..start + RUN * W).step_by(RUN) {
            for taps in filters.phases {
                for side in [left, right] {
                    let values = weigh::<RUN>(&side[at..], W, taps);
                    for (out, value) in out[at..at + RUN].iter_mut().zip(values) {
                        let value = value.abs();
                        *out = if value > *out { value } else { *out };
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn highest(levels: &[f32]) -> f32 {
    levels.iter().fold(0.0, |highest, level| if *level > highest { *level } else { highest })
}

#[inline(always)]
fn lowest(levels: &[f32]) -> f32 {
    levels.iter().fold(f32::MAX, |lowest, level| if *level < lowest { *level } else { lowest })
}

/// Lets a loss fall no faster than the release allows.
#[inline(always)]
fn release<const W: usize>(call: &mut Call<'_, W>, loss: &mut Rows<W>) {
    let time = call.ins[RELEASE];
    // Down to a twentieth in the time of the release; the last of it goes evenly.
    let keep = |seconds: f32| exp2(-3.0 * LOG2_E / (seconds * call.clock.rate));
    let mut kept: Rows<W> = [[0.0; W]; BLOCK];
    if time.is_constant() {
        let mut row = [0.0; W];
        for l in 0..W {
            row[l] = keep(time.at(0)[l]);
        }
        kept.fill(row);
    } else {
        let mut spare = [[0.0; W]; BLOCK];
        let time = time.rows(&mut spare).as_flattened();
        for (kept, time) in kept.as_flattened_mut().iter_mut().zip(time) {
            *kept = keep(*time);
        }
    }
    let mut held = call.rows[LOSS];
    for i in 0..BLOCK {
        for l in 0..W {
            let falling = held[l] * kept[i][l] - 1e-6;
            held[l] = if falling > loss[i][l] { falling } else { loss[i][l] };
        }
        loss[i] = held;
    }
    call.rows[LOSS] = held;
}

/// Puts together each frame and as many before it as the ring keeps. Unless that makes a power of two, some count twice, as they
/// may in a maximum.
///
/// Every pass joins twice as many; in this order the sum of equal numbers is exact.
#[inline(always)]
fn gather<const W: usize>(
    past: &mut DelayRing,
    frames: &mut Rows<W>,
    work: &mut [[Row<W>; MOST + WINDOW]; 2],
    join: impl Fn(f32, f32) -> f32,
) {
    let kept = past.frames;
    let [from, to] = work.each_mut().map(|work| &mut work[..kept + BLOCK]);
    from[..kept].copy_from_slice(past.rows::<W>());
    from[kept..].copy_from_slice(frames);
    past.rows::<W>().copy_from_slice(&from[BLOCK..]);
    let (mut from, mut to) = (from.as_flattened_mut(), to.as_flattened_mut());
    let mut joined = 1;
    while joined <= kept {
        let further = joined.min(kept + 1 - joined);
        for ((to, one), other) in to.iter_mut().zip(&*from).zip(&from[further * W..]) {
            *to = join(*one, *other);
        }
        (from, to) = (to, from);
        joined += further;
    }
    frames.as_flattened_mut().copy_from_slice(&from[..BLOCK * W]);
}

//! The limiter.

use std::f32::consts::LOG2_E;

use crate::dsp::math::{clamp, exp2};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::{Call, Ring};
use crate::modules::kernel::kernel;
use crate::modules::line::{self, room};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "limiter",
    family: Family::Effect,
    about: "Limiter: no sample leaves it above the ceiling, and what lies below passes unchanged.",
    notes: "It looks ahead by nearly 3 ms, so that it turns down before a peak and not on it; the song evens out the delay. \
            Left and right are turned down together, so that the stereo image stands still. Put it last, and drive it \
            with the gain of the routes into it.",
    inputs: &[Port::audio("in", "Signal to limit.")],
    outputs: &[Port::audio("out", "The limited signal.")],
    params: &[
        Param::gain("ceiling", 0.01, 1.0, 0.891_250_938_133_745_5, "The level that no sample exceeds."),
        Param::seconds("release", 0.005, 5.0, 0.1, "Time in which it has turned up again."),
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
            let ahead = ahead(setup.rate);
            vec![room(ahead as f32), room(ahead as f32), ahead - 1, ahead / 2 - 1, ahead / 2 - 1]
        },
        latency: |setup| ahead(setup.rate) as u32 - 1,
        ..State::NONE
    },
    kernel: kernel!(limiter),
};

const CEILING: usize = SPEC.port("ceiling");
const RELEASE: usize = SPEC.port("release");

/// The row of the loss before it is smoothed, and the word that counts the blocks for which there has been none.
const LOSS: usize = 0;
const CALM: usize = 0;

/// The most frames it looks ahead, at whatever rate.
const MOST: usize = 256;

/// How many frames a peak is known before it comes out: the power of two that 3 ms reach.
fn ahead(rate: f32) -> usize {
    let frames = (rate * 0.003) as usize;
    if frames < 8 { 8 } else { (1 << frames.ilog2()).min(MOST) }
}

#[inline(always)]
fn limiter<const W: usize>(call: &mut Call<'_, W>) {
    let mut spare: [Rows<W>; 3] = [[[0.0; W]; BLOCK]; 3];
    let [left, right, ceiling] = &mut spare;
    let (left, right) = (call.ins[0].rows(left), call.ins[1].rows(right));
    let ceiling = call.ins[CEILING].rows(ceiling).as_flattened();
    // How much of the signal has to go for it to stay under the ceiling.
    let mut loss: Rows<W> = [[0.0; W]; BLOCK];
    {
        let (left, right) = (left.as_flattened(), right.as_flattened());
        for (n, loss) in loss.as_flattened_mut().iter_mut().enumerate() {
            let (left, right) = (left[n].abs(), right[n].abs());
            let peak = if left > right { left } else { right };
            let peak = if peak > ceiling[n] { peak } else { ceiling[n] };
            *loss = (peak - ceiling[n]) / peak;
        }
    }
    let ahead = ahead(call.clock.rate);
    let loud = loss.as_flattened().iter().any(|loss| *loss != 0.0) || call.rows[LOSS] != [0.0; W];
    let calm = call.words[CALM][0];
    call.words[CALM] = [if loud { 0 } else { calm.saturating_add(1) }; W];
    // Everything kept is 0 by then.
    let still = !loud && calm as usize * BLOCK >= 2 * ahead;
    if !still {
        release(call, &mut loss);
        let [_, _, peaks, first, second] = &mut *call.rings else { return };
        let mut work = [[[0.0; W]; MOST + BLOCK]; 2];
        gather(peaks, &mut loss, &mut work, |a, b| if a > b { a } else { b });
        gather(first, &mut loss, &mut work, |a, b| a + b);
        gather(second, &mut loss, &mut work, |a, b| a + b);
    }
    let share = 4.0 / (ahead * ahead) as f32;
    for (side, input) in [left, right].into_iter().enumerate() {
        let ring = &mut call.rings[side];
        let start = (ring.at + ring.frames + 1 - ahead) % ring.frames;
        line::write(ring, input);
        let mut spare = [[0.0; W]; BLOCK];
        let sound = line::stretch(ring, start, &mut spare).as_flattened();
        let loss = loss.as_flattened();
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            // Rounding, or a ceiling that came down in the meantime, must not let anything through.
            *out = clamp(sound[n] * (1.0 - loss[n] * share), -ceiling[n], ceiling[n]);
        }
    }
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

/// Puts together each frame and as many before it as the ring keeps, one fewer than a power of two.
///
/// Every pass joins twice as many; in this order the sum of equal numbers is exact.
#[inline(always)]
fn gather<const W: usize>(
    past: &mut Ring,
    frames: &mut Rows<W>,
    work: &mut [[Row<W>; MOST + BLOCK]; 2],
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
        for ((to, one), other) in to.iter_mut().zip(&*from).zip(&from[joined * W..]) {
            *to = join(*one, *other);
        }
        (from, to) = (to, from);
        joined *= 2;
    }
    frames.as_flattened_mut().copy_from_slice(&from[..BLOCK * W]);
}

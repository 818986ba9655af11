//! Echoes: the delay line and its ping-pong form.

use crate::dsp::math::clamp;
use crate::modules::buffer::{In, Row, Rows};
use crate::modules::call::{Call, DelayRing};
use crate::modules::heads::{self, Heads};
use crate::modules::kernel::kernel;
use crate::modules::line::{self, DelayLine, audible, room};
use crate::modules::rates::{REFERENCE, same_lowpass};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::{Passes, State};

const PARAMS: &[Param] = &[
    Param::seconds("time", 0.000_1, 30.0, 0.25, "Time from the sound to its first echo."),
    Param::share_between("feedback", 0.0, 0.99, 0.4, "Gain from each echo to the next."),
    Param::share_between("damp", 0.0, 0.95, 0.0, "How much duller each echo is than the previous one."),
    Param::share("mix", 1.0, "Dry/wet mix: 0 is only the sound itself, 1 only the echoes."),
];

/// The last setting of a kind that can stand in a loop: its main input comes a block late.
const LATE: Setting =
    Setting::flag("late", "Set by the plan where the module closes a loop: its input comes a block late.");

/// The state of a delay of `CHANNELS` channels: for each, what the damping holds, the line, and a block of feedback; then the heads.
const fn state<const CHANNELS: usize>() -> State {
    State {
        rows: CHANNELS + heads::ROWS,
        words: heads::WORDS,
        rings: |setup| {
            let line = room(setup.highest[TIME] * setup.rate);
            [[line, BLOCK]; CHANNELS].concat()
        },
        // Between two echoes nothing is heard.
        tail: |setup| setup.highest[TIME],
        passes: |params| {
            let (feedback, mix) = (params[FEEDBACK]?, params[MIXING]?);
            // Of two lines each has half of the sound, and all of the other's echoes.
            let echoes = 1.0 / (1.0 - feedback) / CHANNELS as f64;
            let flat = CHANNELS == 1 && feedback == 0.0 && mix == 1.0;
            Some(Passes { gain: 1.0 - mix + mix * echoes, flat })
        },
        ..State::NONE
    }
}

/// See [`crate::modules`].
pub(super) const DELAY: ModuleSpec = ModuleSpec {
    kind: "delay",
    family: Family::Effect,
    about: "Delay with feedback: echoes, or a comb filter if it is short.",
    notes: "A note length as `time` follows the tempo. The delay is exact to the frame. A moving `time` bends the \
            pitch, as a tape delay does. If the time jumps, or moves by more than a second per second, as at a step \
            of the tempo, the delay crossfades to the new time in 20 ms once it has stopped moving. In a feedback \
            loop of routes the time is at least 64 frames.",
    inputs: &[Port::audio("in", "Signal to delay.")],
    outputs: &[Port::audio("out", "The echoes.")],
    params: PARAMS,
    settings: &[LATE],
    channels: Channels::Each,
    example: r#"song "delay" tempo=120 bars=2
instrument stab voices=3 {
    saw     osc
    lowpass tone cutoff="1.5kHz"
    decay   env time="150ms"
    route osc -> tone -> out vca=env
}
delay echo time="1/8." feedback=0.55 damp=0.3
route stab -> out gain="-12dB"
route stab -> echo -> out gain="-18dB"
track stab notes="a3/c4/e4 g3/b3/d4" "X... .... ..x. ...." "X... .... ..x. ...."
"#,
    state: state::<1>(),
    kernel: kernel!(delay),
};

/// See [`crate::modules`].
pub(super) const PINGPONG: ModuleSpec = ModuleSpec {
    kind: "pingpong",
    family: Family::Effect,
    about: "Stereo delay whose echoes alternate between left and right.",
    notes: "The first echo is on the left, as loud as the sound; the second on the right, attenuated by `feedback`; \
            and so on. A moving `time` behaves as in `delay`.",
    inputs: &[Port::audio("in", "Signal to delay.")],
    outputs: &[Port::audio("out", "The echoes.")],
    params: PARAMS,
    settings: &[LATE],
    channels: Channels::Stereo,
    example: r#"song "pingpong" tempo=120 bars=2
instrument bell {
    sine  osc
    decay env time="200ms"
    route osc -> out vca=env
}
pingpong echo time="1/8" feedback=0.7 damp=0.2
route bell -> out gain="-9dB"
route bell -> echo -> out gain="-9dB"
track bell notes="e5 a5" "X... .... ..x. ...." ".... .... .... ...."
"#,
    state: state::<2>(),
    kernel: kernel!(pingpong),
};

const TIME: usize = 0;
const FEEDBACK: usize = 1;
const DAMPING: usize = 2;
const MIXING: usize = 3;

#[inline(always)]
fn delay<const W: usize>(call: &mut Call<'_, W>) {
    echoes::<W, 1>(call);
}

#[inline(always)]
fn pingpong<const W: usize>(call: &mut Call<'_, W>) {
    echoes::<W, 2>(call);
}

/// What each parameter is in each frame, for one of the heads.
#[derive(Clone, Copy)]
struct HeadParams<'a, const W: usize> {
    time: In<'a, W>,
    feedback: In<'a, W>,
    damp: In<'a, W>,
    rate: f32,
    /// The most frames that the line holds.
    longest: f32,
    late: bool,
}

impl<const W: usize> HeadParams<'_, W> {
    /// The delay of lane `l` in frame `i`: in a loop at least a block, which is what it takes to get round.
    #[inline(always)]
    fn delay(&self, i: usize, l: usize) -> DelayLine {
        let frames = self.time.at(i)[l] * self.rate;
        if self.late && frames < (BLOCK + 1) as f32 {
            return DelayLine {
                whole: if frames < BLOCK as f32 + 0.5 { BLOCK } else { BLOCK + 1 },
                share: 0.0,
            };
        }
        DelayLine::of(clamp(frames, 1.0, self.longest))
    }

    /// Whether a whole block can be read before any of it is written.
    #[inline(always)]
    fn spans_a_block(&self) -> bool {
        match self.time {
            In::Constant(_) => (0..W).all(|l| self.delay(0, l).spans_a_block()),
            In::Varying(time) => {
                let shortest = (BLOCK + 2) as f32;
                !time.as_flattened().iter().any(|time| time * self.rate < shortest) || self.late
            }
        }
    }
}

#[inline(always)]
fn echoes<const W: usize, const C: usize>(call: &mut Call<'_, W>) {
    let params = call.ins.len() - PARAMS.len();
    let (mut once, mut damping) = ([0.0; W], [[0.0; W]; BLOCK]);
    let damp = damping_of(call.ins[params + DAMPING], call.clock.rate, &mut once, &mut damping);
    let mut held = HeadParams {
        time: call.ins[params + TIME],
        feedback: call.ins[params + FEEDBACK],
        damp,
        rate: call.clock.rate,
        longest: (call.rings[0].frames - 2 * BLOCK) as f32,
        late: call.settings[0] != 0.0,
    };
    let heads = Heads::of(&mut call.rows[C..], &mut call.words[0], held.time, call.clock);
    if let Some(heads) = &heads {
        held.time = In::Varying(&heads.times[0]);
    }
    let second =
        heads.as_ref().map(|heads| (heads, HeadParams { time: In::Varying(&heads.times[1]), ..held }));
    let mut spare = [[[0.0; W]; BLOCK]; C];
    let mut fresh: [Rows<W>; C] = [[[0.0; W]; BLOCK]; C];
    for (c, spare) in spare.iter_mut().enumerate() {
        fresh[c] = *call.ins[c].rows(spare);
    }
    if C == 2 {
        // All of it starts on the left.
        let (left, right) = fresh.split_at_mut(1);
        for (left, right) in left[0].as_flattened_mut().iter_mut().zip(right[0].as_flattened_mut()) {
            *left = 0.5 * (*left + *right);
            *right = 0.0;
        }
    }
    let mut damped = [[0.0; W]; C];
    damped.copy_from_slice(&call.rows[..C]);
    let mut echo: [Rows<W>; C] = [[[0.0; W]; BLOCK]; C];
    if held.late {
        // The input is that of the block before: it joins the feedback that was kept then.
        for c in 0..C {
            let mut back = [[0.0; W]; BLOCK];
            back.copy_from_slice(call.rings[2 * c + 1].rows::<W>());
            record(&mut call.rings[2 * c], &fresh[c], &back);
            hear(&mut call.rings[2 * c], &held, second, &mut echo[c]);
        }
        for c in 0..C {
            let back = feed_back(&held, &echo[c], &mut damped[c]);
            call.rings[2 * ((c + 1) % C) + 1].rows::<W>().copy_from_slice(&back);
        }
    } else if held.spans_a_block() && second.is_none_or(|(_, held)| held.spans_a_block()) {
        for c in 0..C {
            hear(&mut call.rings[2 * c], &held, second, &mut echo[c]);
        }
        for c in 0..C {
            let back = feed_back(&held, &echo[c], &mut damped[c]);
            let to = (c + 1) % C;
            record(&mut call.rings[2 * to], &fresh[to], &back);
        }
    } else {
        frame_by_frame(call.rings, &held, second, &fresh, &mut damped, &mut echo);
    }
    call.rows[..C].copy_from_slice(&damped);
    let mix = call.ins[params + MIXING];
    for c in 0..C {
        let mut spare = [[[0.0; W]; BLOCK]; 2];
        let [input, rows] = &mut spare;
        let (input, mix) = (call.ins[c].rows(input).as_flattened(), mix.rows(rows).as_flattened());
        let echo = echo[c].as_flattened();
        for (k, out) in call.outs[c].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            *out = input[k] * (1.0 - mix[k]) + echo[k] * mix[k];
        }
    }
}

/// What the low-passes keep so that echoes lose at any rate what they lose at the reference.
#[inline(always)]
fn damping_of<'a, const W: usize>(
    damp: In<'a, W>,
    rate: f32,
    once: &'a mut Row<W>,
    rows: &'a mut Rows<W>,
) -> In<'a, W> {
    if rate == REFERENCE {
        return damp;
    }
    match damp {
        In::Constant(row) => {
            *once = row.map(|keep| same_lowpass(keep, rate));
            In::Constant(once)
        }
        In::Varying(damp) => {
            for (keep, damp) in rows.as_flattened_mut().iter_mut().zip(damp.as_flattened()) {
                *keep = same_lowpass(*damp, rate);
            }
            In::Varying(rows)
        }
    }
}

/// Echoes that come round within the block.
#[inline(always)]
fn frame_by_frame<const W: usize, const C: usize>(
    rings: &mut [DelayRing],
    held: &HeadParams<'_, W>,
    second: Option<(&Heads<W>, HeadParams<'_, W>)>,
    fresh: &[Rows<W>; C],
    damped: &mut [Row<W>; C],
    echo: &mut [Rows<W>; C],
) {
    for i in 0..BLOCK {
        for c in 0..C {
            let now = rings[2 * c].at + i;
            for l in 0..W {
                let rows = rings[2 * c].rows::<W>();
                let mut heard = held.delay(i, l).read(rows, now, l);
                if let Some((heads, held)) = &second {
                    heard = heads.mixed(i, l, heard, held.delay(i, l).read(rows, now, l));
                }
                echo[c][i][l] = heard;
            }
        }
        for c in 0..C {
            let to = (c + 1) % C;
            let now = rings[2 * to].at + i;
            for l in 0..W {
                let damp = held.damp.at(i)[l];
                damped[c][l] = taken(echo[c][i][l], damp) + damped[c][l] * damp;
                let back = damped[c][l] * held.feedback.at(i)[l];
                rings[2 * to].rows::<W>()[now][l] = audible(fresh[to][i][l] + back);
            }
        }
    }
    for c in 0..C {
        let line = &mut rings[2 * c];
        line.at = (line.at + BLOCK) % line.frames;
    }
}

/// What the damping takes in of an echo. It is never -0, so that without damping nothing held can be told in it.
#[inline(always)]
fn taken(echo: f32, damp: f32) -> f32 {
    (echo + 0.0) * (1.0 - damp)
}

/// Writes a block of `fresh` sound and what comes `back`.
#[inline(always)]
fn record<const W: usize>(ring: &mut DelayRing, fresh: &Rows<W>, back: &Rows<W>) {
    let mut block = [[0.0; W]; BLOCK];
    let (fresh, back) = (fresh.as_flattened(), back.as_flattened());
    for (k, block) in block.as_flattened_mut().iter_mut().enumerate() {
        *block = audible(fresh[k] + back[k]);
    }
    line::write(ring, &block);
}

/// Reads the next block of echoes by one head or both.
#[inline(always)]
fn hear<const W: usize>(
    ring: &mut DelayRing,
    held: &HeadParams<'_, W>,
    second: Option<(&Heads<W>, HeadParams<'_, W>)>,
    echo: &mut Rows<W>,
) {
    play(ring, held, echo);
    if let Some((heads, held)) = &second {
        let mut other = [[0.0; W]; BLOCK];
        play(ring, held, &mut other);
        for i in 0..BLOCK {
            for l in 0..W {
                echo[i][l] = heads.mixed(i, l, echo[i][l], other[i][l]);
            }
        }
    }
}

/// Reads the next block of echoes, none of which is still to be written.
#[inline(always)]
fn play<const W: usize>(ring: &mut DelayRing, held: &HeadParams<'_, W>, echo: &mut Rows<W>) {
    let (at, frames) = (ring.at, ring.frames);
    let rows = ring.rows::<W>();
    for l in 0..W {
        if !held.time.is_constant() {
            for i in 0..BLOCK {
                echo[i][l] = held.delay(i, l).read(rows, at + i, l);
            }
            continue;
        }
        // The block, one frame after it and two before.
        let delay = held.delay(0, l);
        let mut window = [0.0; BLOCK + 3];
        let start = (at + frames - delay.whole - 2) % frames;
        let first = window.len().min(frames - start);
        for (x, row) in window[..first].iter_mut().zip(&rows[start..]) {
            *x = row[l];
        }
        for (x, row) in window[first..].iter_mut().zip(&rows[..]) {
            *x = row[l];
        }
        if delay.share == 0.0 {
            for i in 0..BLOCK {
                echo[i][l] = window[i + 2];
            }
        } else {
            for i in 0..BLOCK {
                echo[i][l] = line::cubic(window[i + 3], window[i + 2], window[i + 1], window[i], delay.share);
            }
        }
    }
}

/// What of a block of echoes loops again.
#[inline(always)]
fn feed_back<const W: usize>(held: &HeadParams<'_, W>, echo: &Rows<W>, damped: &mut Row<W>) -> Rows<W> {
    let mut spare = [[[0.0; W]; BLOCK]; 2];
    let [feedback, damping] = &mut spare;
    let feedback = held.feedback.rows(feedback);
    let mut back = *echo;
    if held.damp.is_constant() && held.damp.at(0) == &[0.0; W] {
        for back in back.as_flattened_mut() {
            *back = taken(*back, 0.0);
        }
        *damped = back[BLOCK - 1];
    } else {
        let damping = held.damp.rows(damping);
        for (back, damping) in back.as_flattened_mut().iter_mut().zip(damping.as_flattened()) {
            *back = taken(*back, *damping);
        }
        for i in 0..BLOCK {
            for l in 0..W {
                damped[l] = back[i][l] + damped[l] * damping[i][l];
                back[i][l] = damped[l];
            }
        }
    }
    for (back, feedback) in back.as_flattened_mut().iter_mut().zip(feedback.as_flattened()) {
        *back *= feedback;
    }
    back
}

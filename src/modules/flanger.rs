//! The flanger.

use crate::dsp::math::{clamp, sine};
use crate::dsp::phase::{TURN, whole};
use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::line::{audible, cubic, room};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "flanger",
    family: Family::Effect,
    about: "Stereo flanger: a sound and a copy a few milliseconds later, with the sweep of a jet plane.",
    notes: "The copy cancels evenly spaced partials, which move with the delay. Negative `feedback` sounds hollow, \
            positive metallic. `spread` is the phase difference between left and right.",
    inputs: &[Port::audio("in", "Signal to flange.")],
    outputs: &[Port::audio("out", "The flanged signal.")],
    params: &[
        Param::hertz("rate", 0.01, 20.0, 0.2, "Modulation rate, in cycles per second."),
        Param::share("depth", 0.8, "Modulation depth, as a share of the delay."),
        Param::seconds("delay", 0.000_1, 0.02, 0.002, "Delay at the centre of the modulation."),
        Param::share_between("feedback", -0.95, 0.95, 0.5, "Gain from the copy back to the input."),
        Param::share_between(
            "spread",
            0.0,
            0.5,
            0.25,
            "Phase by which the right side is later than the left, in cycles.",
        ),
        Param::share("mix", 0.5, "Dry/wet mix: 0 is only the sound itself, 1 only the copy."),
    ],
    settings: &[],
    channels: Channels::Stereo,
    example: r#"song "flanger" tempo=120 bars=2
instrument hat {
    noise    hiss
    highpass tone cutoff="3kHz"
    decay    env time="140ms"
    route hiss -> tone -> out vca=env
}
instrument chords voices=3 {
    saw  osc
    adsr env attack="5ms" decay="300ms" sustain=0.3 release="200ms"
    route osc -> out vca=env gain="-9dB"
}
flanger jet rate="0.25Hz" feedback=0.6
route hat chords -> jet
route jet -> out gain="-9dB"
track hat "x.x. X.x. x.x. X.xx"
track chords notes="a2/e3/c4 f2/c3/a3" "X... x... X... x..."
"#,
    state: State {
        rows: 2,
        words: 1,
        rings: |setup| vec![room(2.0 * LONGEST * setup.rate + 4.0); 2],
        tail: |_| 2.0 * LONGEST,
        raises: |highest| 1.0 / (1.0 - highest[3].abs()),
        ..State::NONE
    },
    kernel: kernel!(flanger),
};

/// The longest delay in the middle of a sweep, in seconds.
const LONGEST: f32 = 0.02;

const RATE: usize = SPEC.port("rate");
const DEPTH: usize = SPEC.port("depth");
const DELAY: usize = SPEC.port("delay");
const FEEDBACK: usize = SPEC.port("feedback");
const SPREAD: usize = SPEC.port("spread");
const MIX: usize = SPEC.port("mix");
const PHASE: usize = 0;
// The rows keep the last copy of each side: what loops in the rings is seen by no scan for NaN.

#[inline(always)]
fn flanger<const W: usize>(call: &mut Call<'_, W>) {
    let rate = call.clock.rate;
    let mut spare: [Rows<W>; 6] = [[[0.0; W]; BLOCK]; 6];
    let [speed, depth, middle, feedback, spread, mix] = &mut spare;
    let speed = call.ins[RATE].rows(speed);
    let depth = call.ins[DEPTH].rows(depth).as_flattened();
    let middle = call.ins[DELAY].rows(middle).as_flattened();
    let feedback = call.ins[FEEDBACK].rows(feedback);
    let spread = call.ins[SPREAD].rows(spread).as_flattened();
    let mix = call.ins[MIX].rows(mix).as_flattened();
    let turns_per_hertz = TURN * call.clock.period;
    let mut phase = [[0; W]; BLOCK];
    for i in 0..BLOCK {
        phase[i] = call.words[PHASE];
        for l in 0..W {
            call.words[PHASE][l] = call.words[PHASE][l].wrapping_add(whole(speed[i][l] * turns_per_hertz));
        }
    }
    let phase = phase.as_flattened();
    for side in 0..2 {
        let mut delays: Rows<W> = [[0.0; W]; BLOCK];
        for (n, delay) in delays.as_flattened_mut().iter_mut().enumerate() {
            let behind = if side == 1 { whole(spread[n] * (TURN * 0.5)) << 1 } else { 0 };
            let drift = sine(phase[n].wrapping_sub(behind));
            *delay = clamp(rate * middle[n] * (1.0 + depth[n] * drift), 2.0, 2.0 * LONGEST * rate);
        }
        let mut spare = [[0.0; W]; BLOCK];
        let dry = call.ins[side].rows(&mut spare);
        let ring = &mut call.rings[side];
        let (at, mask) = (ring.at, ring.frames - 1);
        let rows = ring.rows::<W>();
        let mut wet: Rows<W> = [[0.0; W]; BLOCK];
        for i in 0..BLOCK {
            for l in 0..W {
                let whole = delays[i][l] as usize;
                let now = (at + i).wrapping_sub(whole);
                let tap = |offset: usize| rows[now.wrapping_add(1).wrapping_sub(offset) & mask][l];
                let share = delays[i][l] - whole as f32;
                let copy = cubic(tap(0), tap(1), tap(2), tap(3), share);
                wet[i][l] = copy;
                rows[(at + i) & mask][l] = audible(dry[i][l] + feedback[i][l] * copy);
            }
        }
        ring.at = (at + BLOCK) & mask;
        call.rows[side] = wet[BLOCK - 1];
        let (dry, wet) = (dry.as_flattened(), wet.as_flattened());
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            *out = dry[n] * (1.0 - mix[n]) + wet[n] * mix[n];
        }
    }
}

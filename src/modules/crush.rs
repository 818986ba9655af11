//! Fewer bits, fewer samples.

use crate::dsp::math::{clamp, exp2};
use crate::dsp::phase::{TURN, whole};
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Passes, State};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "crush",
    family: Family::Effect,
    about: "Bit crusher: reduces the bit depth and the sample rate, like an early sampler.",
    notes: "Nothing is filtered: the aliases are the point. `bits` may be fractional. With a `rate` of the song's \
            sample rate or more, the rate is not reduced.",
    inputs: &[Port::audio("in", "Signal to crush.")],
    outputs: &[Port::audio("out", "The crushed signal.")],
    params: &[
        Param::number("bits", 1.0, 24.0, 8.0, "Bit depth: each bit less halves the number of levels."),
        Param::hertz("rate", 50.0, 192_000.0, 12_000.0, "The reduced sample rate."),
        Param::share("mix", 1.0, "Dry/wet mix: 0 is only the sound itself, 1 only the crushed signal."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "crush" tempo=120 bars=1
instrument drum {
    noise hiss
    decay env time="150ms"
    crush dirt bits=4 rate="6kHz"
    route hiss -> dirt -> out vca=env gain="-12dB"
}
track drum "X.x. X.xx X.x. X.xx"
"#,
    // But for half a step of its resolution.
    state: State {
        rows: 1,
        words: 1,
        init: |lane, _| *lane.word(0) = HALF,
        passes: |_| Passes::still(1.0),
        ..State::NONE
    },
    kernel: kernel!(crush),
};

const BITS: usize = SPEC.port("bits");
const RATE: usize = SPEC.port("rate");
const MIX: usize = SPEC.port("mix");

/// The greatest phase of a turn; with it in store the next frame is taken at once.
const HALF: u32 = u32::MAX >> 1;

#[inline(always)]
fn crush<const W: usize>(call: &mut Call<'_, W>) {
    let mut spare = [[[0.0; W]; BLOCK]; 4];
    let [input, bits, rate, mix] = &mut spare;
    let (input, bits) = (call.ins[0].rows(input), call.ins[BITS].rows(bits).as_flattened());
    let (rate, mix) = (call.ins[RATE].rows(rate).as_flattened(), call.ins[MIX].rows(mix).as_flattened());
    let half_turns_per_hertz = 0.5 * TURN * call.clock.period;
    let mut step = [[0; W]; BLOCK];
    for (step, rate) in step.as_flattened_mut().iter_mut().zip(rate) {
        let turns = rate * half_turns_per_hertz;
        // From a turn a frame on, every frame.
        let whole_turn = turns >= 2_147_483_648.0;
        let step_below = whole(if whole_turn { 0.0 } else { turns });
        *step = if whole_turn { 1 << 31 } else { step_below };
    }
    let (mut held, mut phase) = (call.rows[0], call.words[0]);
    let mut taken = [[0.0; W]; BLOCK];
    for i in 0..BLOCK {
        for l in 0..W {
            // Counted in half turns, so that the top bit tells that a whole one has passed.
            phase[l] = (phase[l] & HALF).wrapping_add(step[i][l]);
            held[l] = if phase[l] > HALF { input[i][l] } else { held[l] };
            taken[i][l] = held[l];
        }
    }
    (call.rows[0], call.words[0]) = (held, phase);
    let (input, taken) = (input.as_flattened(), taken.as_flattened());
    for (n, out) in call.out(0).as_flattened_mut().iter_mut().enumerate() {
        let levels = exp2(bits[n] - 1.0);
        *out = input[n] * (1.0 - mix[n]) + rounded(taken[n] * levels) / levels * mix[n];
    }
}

/// The whole number nearest to `x`; large ones as they are.
#[inline(always)]
fn rounded(x: f32) -> f32 {
    const WHOLE: f32 = 12_582_912.0;
    let small = clamp(x, -4_194_304.0, 4_194_304.0);
    let nearest = (small + WHOLE) - WHOLE;
    if small == x { nearest } else { x }
}

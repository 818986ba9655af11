//! The slew limiter.

use crate::dsp::math::exp2;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "slew",
    family: Family::Modulator,
    about: "Slew limiter: follows its input at a limited speed.",
    notes: "It turns steps into ramps: a glide for a stepped control, an envelope for a gate. It starts at the \
            first value of its input. With `curve=lag` it is a one-pole low-pass: in the time `rise` or `fall`, \
            read every 64 frames, it covers 63 % of the remaining distance.",
    inputs: &[Port::audio("in", "Control to follow.")],
    outputs: &[Port::bipolar("out", "The input, slowed down.")],
    params: &[
        Param::seconds(
            "rise",
            0.0,
            60.0,
            0.1,
            "Time to rise by 1, or by 63 % with `curve=lag`; 0 follows at once.",
        ),
        Param::seconds(
            "fall",
            0.0,
            60.0,
            0.1,
            "Time to fall by 1, or by 63 % with `curve=lag`; 0 follows at once.",
        ),
    ],
    settings: &[Setting::choice(
        "curve",
        "The shape of the ramp.",
        &[("linear", "Constant speed."), ("lag", "Exponential, as a capacitor charges.")],
    )],
    channels: Channels::Each,
    example: r#"song "slew" tempo=120 bars=2
instrument siren {
    triangle osc
    lfo  steps rate="1/8" shape="square"
    slew ramp rise="100ms" fall="300ms"
    route steps -> ramp
    route ramp -> osc.freq by="5st"
    route osc -> out gain="-9dB"
}
track siren notes="a4" length=1 "X___ ____ ____ ____" "X___ ____ ____ ____"
"#,
    state: State { rows: 2, words: 1, ..State::NONE },
    kernel: kernel!(slew),
};

const RISE: usize = SPEC.port("rise");
const FALL: usize = SPEC.port("fall");
const CURVE: usize = SPEC.setting("curve");

/// The binary logarithm of e.
const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// What is nearer to the goal than this share of it is there.
const NEAR: f32 = 1e-6;

#[inline(always)]
fn slew<const W: usize>(call: &mut Call<'_, W>) {
    let (input, rise, fall) = (call.ins[0], call.ins[RISE], call.ins[FALL]);
    let period = call.clock.period;
    let (mut level, started) = (call.rows[0], call.words[0]);
    for l in 0..W {
        level[l] = if started[l] == 0 { input.at(0)[l] } else { level[l] };
    }
    call.words[0] = [1; W];
    if let (true, true) = (input.is_constant(), input.at(0) == &level) {
        call.rows[0] = level;
        call.hold(0, level);
        return;
    }
    if call.settings[CURVE] != 0.0 {
        let [up, down] = [rise, fall].map(|time| {
            // A time of 0 gives a share of 1.
            time.at(0).map(|time| 1.0 - exp2(-LOG2_E * period / time))
        });
        let mut rest = call.rows[1];
        let mut spare = [[0.0; W]; BLOCK];
        let input = input.rows(&mut spare);
        let out = call.outs[0].rows::<W>();
        for i in 0..BLOCK {
            for l in 0..W {
                let way = input[i][l] - level[l];
                // What is too small to be added yet is kept: a long lag never stands still on its way.
                let step = way * if way > 0.0 { up[l] } else { down[l] } + rest[l];
                let next = level[l] + step;
                rest[l] = step - (next - level[l]);
                let there = (input[i][l] - next).abs() <= NEAR * input[i][l].abs();
                [level[l], rest[l]] = if there { [input[i][l], 0.0] } else { [next, rest[l]] };
                out[i][l] = level[l];
            }
        }
        [call.rows[0], call.rows[1]] = [level, rest];
        return;
    }
    let mut spare = [[[0.0; W]; BLOCK]; 3];
    let [input_rows, rise_rows, fall_rows] = &mut spare;
    let (input, rise, fall) = (input.rows(input_rows), rise.rows(rise_rows), fall.rows(fall_rows));
    let out = call.outs[0].rows::<W>();
    for i in 0..BLOCK {
        for l in 0..W {
            // A time of 0 makes the bound infinite.
            let (up, down) = (level[l] + period / rise[i][l], level[l] - period / fall[i][l]);
            let to = input[i][l];
            let to = if to > up { up } else { to };
            level[l] = if to < down { down } else { to };
            out[i][l] = level[l];
        }
    }
    call.rows[0] = level;
}

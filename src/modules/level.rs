//! The modules that only weigh: voltage-controlled amplifier, sum and pan.

use std::f32::consts::SQRT_2;

use crate::dsp::math::sine;
use crate::dsp::phase::whole;
use crate::modules::buffer::In;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Passes, State};
use crate::units::unit::Unit;

/// See [`crate::modules`].
pub(super) const VCA: ModuleSpec = ModuleSpec {
    kind: "vca",
    family: Family::Utility,
    about: "Amplifier whose gain is a parameter.",
    notes: "Most songs don't need it, because every route has `gain` and `vca`. Use it for tremolo, for ring \
            modulation (route a sound into its `gain`), or where several sources modulate one level.",
    inputs: &[Port::audio("in", "Signal to amplify.")],
    outputs: &[Port::audio("out", "The signal times the gain.")],
    params: &[Param::gain("gain", -16.0, 16.0, 1.0, "Linear gain; a negative gain inverts polarity.")],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "vca" tempo=120 bars=1
instrument tremolo {
    triangle osc
    vca  amp gain=0.5
    lfo  shake rate="6Hz"
    route shake -> amp.gain by=0.4
    route osc -> amp -> out gain="-6dB"
}
track tremolo notes="a3 e4" length=1 "X___ ____ X___ ____"
"#,
    state: State {
        passes: |params| Passes::flat(params[0]?),
        raises: |highest| highest[0].abs(),
        ..State::NONE
    },
    kernel: kernel!(vca),
};

/// See [`crate::modules`].
pub(super) const SUM: ModuleSpec = ModuleSpec {
    kind: "sum",
    family: Family::Utility,
    about: "Sum of everything that is routed into it: a bus.",
    notes: "",
    inputs: &[Port::audio("in", "Signals to add up.")],
    outputs: &[Port::audio("out", "Their sum.")],
    params: &[],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "sum" tempo=120 bars=1
instrument low {
    sine  osc
    decay env
    route osc -> out vca=env
}
instrument high {
    triangle osc
    decay    env time="150ms"
    route osc -> out vca=env
}
sum mix
route low -> mix gain="-6dB"
route high -> mix gain="-12dB" pan=0.5
route mix -> out
track low  "X... X..." notes="a2"
track high "..X. ..X." notes="a4"
"#,
    state: State { passes: |_| Passes::flat(1.0), ..State::NONE },
    kernel: kernel!(sum),
};

/// See [`crate::modules`].
pub(super) const PAN: ModuleSpec = ModuleSpec {
    kind: "pan",
    family: Family::Utility,
    about: "Places a sound between left and right.",
    notes: "Equal power: in the middle both sides keep their level; fully to one side, that side is 3 dB louder and \
            the other silent. A stereo sound is balanced by the same law.",
    inputs: &[Port::audio("in", "Signal to place.")],
    outputs: &[Port::audio("out", "The signal, in stereo.")],
    params: &[Param::of(Unit::Share, "pan", -1.0, 1.0, 0.0, "-1 is left, 0 the middle, 1 right.")],
    settings: &[],
    channels: Channels::Stereo,
    example: r#"song "pan" tempo=120 bars=2
instrument fly {
    saw     osc
    lowpass tone cutoff="1.2kHz"
    pan     place
    lfo     circle rate="1/2"
    route circle -> place.pan by=1
    route osc -> tone -> place -> out gain="-12dB"
}
track fly notes="a2" length=1 "X___ ____ ____ ____" "X___ ____ ____ ____"
"#,
    state: State::NONE,
    kernel: kernel!(pan),
};

const GAIN: usize = VCA.port("gain");
const PLACE: usize = PAN.port("pan");

#[inline(always)]
fn vca<const W: usize>(call: &mut Call<'_, W>) {
    let (input, gain) = (call.ins[0], call.ins[GAIN]);
    if let (In::Constant(input), In::Constant(gain)) = (input, gain) {
        let mut row = [0.0; W];
        for l in 0..W {
            row[l] = input[l] * gain[l];
        }
        call.hold(0, row);
        return;
    }
    let mut spare = [[[0.0; W]; BLOCK]; 2];
    let [input_rows, gain_rows] = &mut spare;
    let (input, gain) = (input.rows(input_rows), gain.rows(gain_rows));
    let out = call.out(0).as_flattened_mut();
    for ((out, input), gain) in out.iter_mut().zip(input.as_flattened()).zip(gain.as_flattened()) {
        *out = input * gain;
    }
}

#[inline(always)]
fn sum<const W: usize>(call: &mut Call<'_, W>) {
    match call.ins[0] {
        In::Constant(row) => call.hold(0, *row),
        In::Varying(rows) => *call.out(0) = *rows,
    }
}

#[inline(always)]
fn pan<const W: usize>(call: &mut Call<'_, W>) {
    let place = call.ins[PLACE];
    for side in 0..2 {
        let mut spare = [[[0.0; W]; BLOCK]; 2];
        let [input_rows, gain_rows] = &mut spare;
        let input = call.ins[side].rows(input_rows);
        let held;
        let gain = match place {
            In::Constant(place) => {
                held = place.map(|place| side_gain(place, side));
                In::Constant(&held).rows(gain_rows)
            }
            In::Varying(place) => {
                for (gain, place) in gain_rows.as_flattened_mut().iter_mut().zip(place.as_flattened()) {
                    *gain = side_gain(*place, side);
                }
                &*gain_rows
            }
        };
        let out = call.outs[side].rows::<W>().as_flattened_mut();
        for ((out, input), gain) in out.iter_mut().zip(input.as_flattened()).zip(gain.as_flattened()) {
            *out = input * gain;
        }
    }
}

/// The gain of the left (0) or right (1) side: equal power, 1 in the middle.
#[inline(always)]
fn side_gain(place: f32, side: usize) -> f32 {
    const EIGHTH: f32 = 536_870_912.0;
    let towards = if side == 0 { 1.0 - place } else { 1.0 + place };
    SQRT_2 * sine(whole(towards * EIGHTH))
}

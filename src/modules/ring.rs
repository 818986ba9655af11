//! Products of signals and sides of stereo: the ring modulator and the stereo width.

use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Passes, State};

/// See [`crate::modules`].
pub(super) const RING: ModuleSpec = ModuleSpec {
    kind: "ring",
    family: Family::Effect,
    about: "Ring modulator: the product of two signals.",
    notes: "The output has the sum and the difference of each partial of one with each of the other, and neither of \
            the inputs: bells, robots, radio. A low carrier gives a tremolo. Sums above half the sample rate alias, \
            so don't combine two bright sounds.",
    inputs: &[Port::audio("in", "One signal."), Port::audio("carrier", "The other, often a sine.")],
    outputs: &[Port::audio("out", "Their product.")],
    params: &[Param::share("mix", 1.0, "Dry/wet mix: 0 is only the signal itself, 1 only the product.")],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "ring" tempo=100 bars=2
instrument bell voices=4 {
    sine  osc
    sine  other tune="17.3st"
    ring  metal
    decay env time="1.4s"
    route osc -> metal
    route other -> metal.carrier
    route metal -> out vca=env gain="-9dB"
}
track bell notes="a4 e5 c5 g4 b4" "X..x ..x. x..x ...." "X..x ..x. x... ...."
"#,
    state: State::NONE,
    kernel: kernel!(ring),
};

/// See [`crate::modules`].
pub(super) const WIDTH: ModuleSpec = ModuleSpec {
    kind: "width",
    family: Family::Utility,
    about: "Stereo width: narrows or widens a stereo signal.",
    notes: "At 0 it is mono, at 1 unchanged, at 2 the side signal (the difference of left and right) is twice as \
            loud. A mono signal has no side signal and stays as it is: widen it with `chorus` or `reverb` first.",
    inputs: &[Port::audio("in", "Stereo signal.")],
    outputs: &[Port::audio("out", "The signal, narrower or wider.")],
    params: &[Param::number("width", 0.0, 2.0, 1.0, "The width.")],
    settings: &[],
    channels: Channels::Linked,
    example: r#"song "width" tempo=100 bars=2
instrument pad voices=3 {
    supersaw osc
    lowpass  tone cutoff="2kHz"
    adsr     env attack="200ms" release="500ms"
    route osc -> tone -> out vca=env
}
chorus wide
width  open width=0.2
lfo    slow rate="1/1"
route slow -> open.width by=0.8
route pad -> wide -> open -> out gain="-9dB"
track pad notes="a3/c4/e4 g3/b3/d4" "X___ ____ ____ __.." "X___ ____ ____ __.."
"#,
    // Of what both sides have in common nothing is changed.
    state: State { passes: |_| Passes::still(1.0), raises: |highest| highest[0].max(1.0), ..State::NONE },
    kernel: kernel!(width),
};

const CARRIER: usize = RING.port("carrier");
const MIX: usize = RING.port("mix");
const APART: usize = WIDTH.port("width");

#[inline(always)]
fn ring<const W: usize>(call: &mut Call<'_, W>) {
    let mut spare: [Rows<W>; 3] = [[[0.0; W]; BLOCK]; 3];
    let [input, carrier, mix] = &mut spare;
    let input = call.ins[0].rows(input).as_flattened();
    let carrier = call.ins[CARRIER].rows(carrier).as_flattened();
    let mix = call.ins[MIX].rows(mix).as_flattened();
    for (n, out) in call.out(0).as_flattened_mut().iter_mut().enumerate() {
        *out = input[n] * ((1.0 - mix[n]) + mix[n] * carrier[n]);
    }
}

#[inline(always)]
fn width<const W: usize>(call: &mut Call<'_, W>) {
    let mut spare: [Rows<W>; 3] = [[[0.0; W]; BLOCK]; 3];
    let [left, right, apart] = &mut spare;
    let left = call.ins[0].rows(left).as_flattened();
    let right = call.ins[1].rows(right).as_flattened();
    let apart = call.ins[APART].rows(apart).as_flattened();
    for side in 0..2 {
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            // Each side gets its own and gives up some of it for the other's; at 1 exactly its own.
            let (own, other) = if side == 0 { (left[n], right[n]) } else { (right[n], left[n]) };
            *out = own + 0.5 * (apart[n] - 1.0) * (own - other);
        }
    }
}

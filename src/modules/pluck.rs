//! The plucked string.
//!
//! Karplus and Strong, "Digital synthesis of plucked-string and drum timbres" (1983), extended as by Jaffe and Smith in the
//! same year. fundsp's can't be retuned without allocating, nor while it sounds.

use std::f32::consts::TAU;

use crate::dsp::hash::{bipolar, draw};
use crate::dsp::math::{clamp, exp2};
use crate::dsp::phase::TURN;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::line::{Delay, audible, room};
use crate::modules::oscillator::{self, Pitch, steps};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "pluck",
    family: Family::Source,
    about: "Plucked string: each opening of the gate plucks it, and it rings by itself.",
    notes: "`decay` is how long the lows ring; `damp` is how much sooner the highs are gone, from steel to nylon. It rings on \
            when the gate closes; to stop it, use an envelope as `vca`. Each pluck differs a little from the last, the \
            same at every render. It follows glides and vibrato down to 20 Hz.",
    inputs: &[Port::gate("gate", "Plucks the string where it opens.")],
    outputs: &[Port::audio("out", "The string.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::seconds("decay", 0.05, 60.0, 3.0, "Time in which the lows fall by 60 dB."),
        Param::share("damp", 0.4, "How much sooner the highs are gone."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "pluck" tempo=100 bars=2
instrument guitar voices=4 {
    pluck string decay="2s" damp=0.3
    adsr  hand attack=0 sustain=1 release="800ms"
    route string -> out vca=hand gain="-6dB"
}
track guitar notes="e3 b3 e4 g4 b4 e5" "X.x. x.x. x.x. ...." "X.x. x.x. x.x. ...."
"#,
    state: State {
        rows: 4,
        words: 3,
        rings: |setup| vec![room(setup.rate / LOWEST)],
        init: |lane, setup| *lane.word(SEED) = setup.seed,
        ends: |_| true,
        ..State::NONE
    },
    kernel: kernel!(pluck),
};

const PITCH: Pitch = Pitch::of(&SPEC);
const GATE: usize = SPEC.port("gate");
const DECAY: usize = SPEC.port("decay");
const DAMP: usize = SPEC.port("damp");

/// The lowest pitch in Hz, which sets the length of the ring, and the shortest period in frames.
const LOWEST: f32 = 20.0;
const SHORTEST: f32 = 4.0;
/// The corner in Hz under which the output is cut, so that a pluck leaves no DC.
const FLOOR: f32 = 15.0;

/// The gate in the frame before; the last two frames that came back; the lowest part of the sound.
const LAST: usize = 0;
const BACK: usize = 1;
const LOW: usize = 3;
/// How many plucks there were, how many frames of the last are still to come, and the seed.
const COUNT: usize = 0;
const LEFT: usize = 1;
const SEED: usize = 2;

#[inline(always)]
fn pluck<const W: usize>(call: &mut Call<'_, W>) {
    let steps = steps(call, &PITCH);
    let (gate, decay, damp) = (call.ins[GATE], call.ins[DECAY], call.ins[DAMP]);
    let rate = call.clock.rate;
    let floor = TAU * FLOOR * call.clock.period;
    let ring = &mut call.rings[0];
    let (at, frames) = (ring.at, ring.frames);
    let rows = ring.rows::<W>();
    let out = call.outs[0].rows::<W>();
    for l in 0..W {
        let mut last = call.rows[LAST][l];
        let (mut one, mut two) = (call.rows[BACK][l], call.rows[BACK + 1][l]);
        let mut low = call.rows[LOW][l];
        let (mut count, mut left) = (call.words[COUNT][l], call.words[LEFT][l]);
        for i in 0..BLOCK {
            let period = TURN / steps.rows[i][l].cast_signed() as f32;
            let period = clamp(period, SHORTEST, rate * (1.0 / LOWEST));
            let now = gate.at(i)[l];
            if now > 0.0 && last <= 0.0 {
                count = count.wrapping_add(1);
                left = period as u32;
            }
            last = now;
            let mut string = 0.0;
            if left > 0 {
                left -= 1;
                string = bipolar(draw(call.words[SEED][l].wrapping_add(count), left));
            }
            // The damping takes one frame more, and looks one frame to either side, so that it doesn't detune.
            let three = Delay::of(period - 1.0).read(rows, at + i, l);
            let dull = 0.25 * damp.at(i)[l];
            let keep = exp2(-9.965_784_3 * period / (decay.at(i)[l] * rate));
            string += keep * ((1.0 - dull - dull) * two + dull * (one + three));
            (one, two) = (two, three);
            rows[(at + i) & (frames - 1)][l] = audible(string);
            low += floor * (string - low);
            out[i][l] = string - low;
        }
        (call.rows[LAST][l], call.rows[LOW][l]) = (last, low);
        (call.rows[BACK][l], call.rows[BACK + 1][l]) = (one, two);
        (call.words[COUNT][l], call.words[LEFT][l]) = (count, left);
    }
    ring.at = (at + BLOCK) & (frames - 1);
}

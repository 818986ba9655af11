//! The frequency shifter.
//!
//! Two chains of all-pass filters whose outputs are a quarter of a turn apart (Olli Niemitalo, "Hilbert transform", 2001; within
//! 0.7 degrees from 48 Hz to 24 kHz at 48 kHz), each multiplied by its side of a turning carrier.

use crate::dsp::math::sine;
use crate::dsp::phase::{TURN, whole};
use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "shift",
    family: Family::Effect,
    about: "Frequency shifter: moves all partials by the same number of Hz, so that they are no longer harmonic.",
    notes: "A few Hz, mixed with the sound itself, give an endless phaser; a few hundred turn a drum into metal. \
            With `feedback` the output is shifted again and again: spirals. The other sideband is at -40 dB or \
            less. It doesn't transpose: for that, play other notes.",
    inputs: &[Port::audio("in", "Signal to shift.")],
    outputs: &[Port::audio("out", "The shifted signal.")],
    params: &[
        Param::hertz("freq", -5_000.0, 5_000.0, 100.0, "Amount of the shift; negative is down."),
        Param::share_between("feedback", -0.9, 0.9, 0.0, "Gain from the output back to the input."),
        Param::share("mix", 1.0, "Dry/wet mix: 0 is only the sound itself, 1 only the shifted signal."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "shift" tempo=110 bars=2
instrument keys voices=3 {
    triangle osc
    decay    env time="500ms"
    route osc -> out vca=env
}
shift  spiral freq="3Hz" feedback=0.6 mix=0.5
lfo    slow rate="1/1"
route slow -> spiral.freq by="6Hz"
route keys -> spiral -> out gain="-15dB"
track keys notes="a3/c4/e4 g3/b3/d4 f3/a3/c4" "X..x ..X. .x.. x..." "X..x ..X. .x.. x..."
"#,
    state: State {
        rows: 2 * CHAIN + 2,
        words: 1,
        raises: |highest| 1.0 / (1.0 - highest[1].abs()),
        ..State::NONE
    },
    kernel: kernel!(shift, pays 2, baseline one),
};

const FREQ: usize = SPEC.port("freq");
const FEEDBACK: usize = SPEC.port("feedback");
const MIX: usize = SPEC.port("mix");

const STAGES: usize = 4;
/// The squares of Niemitalo's coefficients, of the chain after which a frame is waited and of the other.
const TURNS: [[f32; STAGES]; 2] = [
    [0.479_400_866, 0.876_218_493, 0.976_597_59, 0.997_499_256],
    [0.161_758_498, 0.733_028_932, 0.945_349_700, 0.990_599_157],
];
/// The rows of a chain: the last two frames before and after each stage.
const CHAIN: usize = 2 * (STAGES + 1);
/// The row of the frame that is waited for, and that of the last output.
const WAITS: usize = 2 * CHAIN;
const HEARD: usize = WAITS + 1;
const PHASE: usize = 0;
const QUARTER: u32 = 1 << 30;

#[inline(always)]
fn shift<const W: usize>(call: &mut Call<'_, W>) {
    let mut spare: [Rows<W>; 4] = [[[0.0; W]; BLOCK]; 4];
    let [input, freq, feedback, mix] = &mut spare;
    let input = call.ins[0].rows(input);
    let freq = call.ins[FREQ].rows(freq);
    let feedback = call.ins[FEEDBACK].rows(feedback);
    let mix = call.ins[MIX].rows(mix);
    let turns_per_hertz = TURN * call.clock.period;
    let mut phase = [[0; W]; BLOCK];
    let mut now = call.words[PHASE];
    for i in 0..BLOCK {
        phase[i] = now;
        for l in 0..W {
            let step = whole(freq[i][l].abs() * turns_per_hertz);
            let step = if freq[i][l] < 0.0 { step.wrapping_neg() } else { step };
            now[l] = now[l].wrapping_add(step);
        }
    }
    call.words[PHASE] = now;
    let mut carrier: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
    for i in 0..BLOCK {
        for l in 0..W {
            carrier[0][i][l] = sine(phase[i][l].wrapping_add(QUARTER));
            carrier[1][i][l] = sine(phase[i][l]);
        }
    }
    let mut past = [[[[0.0; W]; 2]; STAGES + 1]; 2];
    past.as_flattened_mut().as_flattened_mut().copy_from_slice(&call.rows[..2 * CHAIN]);
    let (mut waits, mut heard) = (call.rows[WAITS], call.rows[HEARD]);
    let out = call.outs[0].rows::<W>();
    for i in 0..BLOCK {
        for l in 0..W {
            let x = input[i][l] + feedback[i][l] * heard[l];
            let mut sides = [x; 2];
            for (side, sound) in sides.iter_mut().enumerate() {
                let chain = &mut past[side];
                for stage in 0..STAGES {
                    let before = chain[stage][1][l];
                    let next = TURNS[side][stage] * (*sound + chain[stage + 1][1][l]) - before;
                    (chain[stage][1][l], chain[stage][0][l]) = (chain[stage][0][l], *sound);
                    *sound = next;
                }
                (chain[STAGES][1][l], chain[STAGES][0][l]) = (chain[STAGES][0][l], *sound);
            }
            let real = waits[l];
            waits[l] = sides[0];
            heard[l] = real * carrier[0][i][l] + sides[1] * carrier[1][i][l];
            out[i][l] = input[i][l] * (1.0 - mix[i][l]) + heard[l] * mix[i][l];
        }
    }
    call.rows[..2 * CHAIN].copy_from_slice(past.as_flattened().as_flattened());
    (call.rows[WAITS], call.rows[HEARD]) = (waits, heard);
}

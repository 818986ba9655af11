//! The phaser: all-pass filters in a row, beside the sound itself.
//!
//! They are normalised lattices (Gray and Markel 1975): what loops in them never gains energy, however fast they
//! are moved.

use std::f32::consts::PI;

use crate::dsp::math::{exp2, sine, tangent};
use crate::dsp::phase::{TURN, whole};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::Call;
use crate::modules::glide::{CoefficientRamp, NODES, spans};
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Options, Param, Port, Setting};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "phaser",
    family: Family::Effect,
    about: "Stereo phaser: notches that move through the spectrum.",
    notes: "Every two stages make a notch; four stages are the classic pedal, eight and more are lush. `feedback` \
            adds resonance between the notches. `spread` is the phase difference between left and right.",
    inputs: &[Port::audio("in", "Signal to phase.")],
    outputs: &[Port::audio("out", "The phased signal.")],
    params: &[
        Param::hertz("rate", 0.01, 20.0, 0.4, "Modulation rate, in cycles per second."),
        Param::share("depth", 0.6, "Modulation depth; 1 is two octaves to either side."),
        Param::hertz("freq", 50.0, 8_000.0, 700.0, "Centre of the modulation."),
        Param::share_between("feedback", -0.95, 0.95, 0.4, "Gain from the output back to the input."),
        Param::share_between(
            "spread",
            0.0,
            0.5,
            0.25,
            "Phase by which the right side is later than the left, in cycles.",
        ),
        Param::share("mix", 0.5, "Dry/wet mix: 0 is only the sound itself, 1 only the phased signal."),
    ],
    settings: &[Setting {
        name: "stages",
        about: "Number of all-pass filters.",
        options: Options::Count { min: 2, max: STAGES as u32, default: 4 },
    }],
    channels: Channels::Stereo,
    example: r#"song "phaser" tempo=90 bars=2
instrument keys voices=3 {
    saw     osc
    lowpass tone cutoff="2.5kHz"
    adsr    env attack="10ms" decay="800ms" sustain=0.4 release="400ms"
    route osc -> tone -> out vca=env
}
phaser swirl rate="0.3Hz" stages=6 feedback=0.5
route keys -> swirl -> out gain="-12dB"
track keys notes="a3/c4/e4 d3/f4/a4" "X___ ____ ____ __.." "X___ ____ ____ __.."
"#,
    state: State {
        rows: 2 * STAGES + 2,
        words: 1,
        raises: |highest| 1.0 / (1.0 - highest[3].abs()),
        ..State::NONE
    },
    kernel: kernel!(phaser),
};

/// The most stages.
const STAGES: usize = 12;

const RATE: usize = SPEC.port("rate");
const DEPTH: usize = SPEC.port("depth");
const FREQ: usize = SPEC.port("freq");
const FEEDBACK: usize = SPEC.port("feedback");
const SPREAD: usize = SPEC.port("spread");
const MIX: usize = SPEC.port("mix");
const COUNT: usize = SPEC.setting("stages");

/// The rows: what the stages keep, left and right in turn; after them the last output of each side.
const LAST: usize = 2 * STAGES;
const PHASE: usize = 0;

/// How the all-pass filters of each side turn at frame `i`: what they reflect, and after it what they let through.
#[inline(always)]
fn node<const W: usize>(call: &Call<'_, W>, step: &[u32; W], i: usize) -> [Row<W>; 4] {
    let mut rows = [[0.0; W]; 4];
    let highest = 0.45 * call.clock.rate;
    for side in 0..2 {
        for l in 0..W {
            let phase = call.words[PHASE][l].wrapping_add(step[l].wrapping_mul(i as u32));
            // Shares of up to half a turn after.
            let behind = if side == 1 { whole(call.ins[SPREAD].at(i)[l] * TURN * 0.5) << 1 } else { 0 };
            let drift = sine(phase.wrapping_sub(behind));
            let freq = call.ins[FREQ].at(i)[l] * exp2(2.0 * call.ins[DEPTH].at(i)[l] * drift);
            let (n, d) = tangent((if freq < highest { freq } else { highest }) * (PI * call.clock.period));
            let reflected = (n - d) / (n + d);
            rows[side][l] = reflected;
            rows[2 + side][l] = (1.0 - reflected * reflected).sqrt();
        }
    }
    rows
}

#[inline(always)]
fn phaser<const W: usize>(call: &mut Call<'_, W>) {
    let mut step = [0; W];
    for l in 0..W {
        step[l] = whole(call.ins[RATE].at(0)[l] * (TURN * call.clock.period));
    }
    let nodes = NODES.map(|i| node(call, &step, i));
    let stages = call.settings[COUNT] as usize;
    let mut spare: [Rows<W>; 4] = [[[0.0; W]; BLOCK]; 4];
    let [left, right, feedback, mix] = &mut spare;
    let dry = [call.ins[0].rows(left), call.ins[1].rows(right)];
    let (feedback, mix) = (call.ins[FEEDBACK].rows(feedback), call.ins[MIX].rows(mix));
    let (states, last) = call.rows.split_at_mut(LAST);
    let states = &mut states.as_chunks_mut::<2>().0[..stages];
    let mut heard = [last[0], last[1]];
    let mut wet: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
    for (n, (start, end)) in spans().into_iter().enumerate() {
        let line = CoefficientRamp::between(&nodes[n], &nodes[n + 1]);
        let mut turns = nodes[n];
        for i in start..end {
            for side in 0..2 {
                for l in 0..W {
                    heard[side][l] = dry[side][i][l] + feedback[i][l] * heard[side][l];
                }
            }
            for state in &mut *states {
                for side in 0..2 {
                    for l in 0..W {
                        let (x, kept) = (heard[side][l], state[side][l]);
                        let (reflects, passes) = (turns[side][l], turns[2 + side][l]);
                        heard[side][l] = reflects * x + passes * kept;
                        state[side][l] = passes * x - reflects * kept;
                    }
                }
            }
            (wet[0][i], wet[1][i]) = (heard[0], heard[1]);
            line.advance(&mut turns);
        }
    }
    (last[0], last[1]) = (heard[0], heard[1]);
    for l in 0..W {
        call.words[PHASE][l] = call.words[PHASE][l].wrapping_add(step[l].wrapping_mul(BLOCK as u32));
    }
    let mix = mix.as_flattened();
    for side in 0..2 {
        let (dry, wet) = (dry[side].as_flattened(), wet[side].as_flattened());
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            *out = dry[n] * (1.0 - mix[n]) + wet[n] * mix[n];
        }
    }
}

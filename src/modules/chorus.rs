//! The chorus: a sound beside copies of itself that waver in time.

use crate::dsp::math::sine;
use crate::dsp::phase::{TURN, share, whole};
use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::line::{self, room};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "chorus",
    family: Family::Effect,
    about: "Stereo chorus: three copies on each side, drifting in and out of tune.",
    notes: "The copies have a delay that moves around 12 ms, each a sixth of a cycle from the next, alternating \
            left and right. With `mix=0.5` the sound itself is in the middle; wet only is an ensemble. Slow and \
            deep is lush, fast and shallow shimmers.",
    inputs: &[Port::audio("in", "Signal to multiply.")],
    outputs: &[Port::audio("out", "The copies.")],
    params: &[
        Param::hertz("rate", 0.01, 10.0, 0.6, "Modulation rate, in cycles per second."),
        Param::share("depth", 0.4, "Modulation depth; 1 is 8 ms to either side."),
        Param::share("mix", 1.0, "Dry/wet mix: 0 is only the sound itself, 1 only the copies."),
    ],
    settings: &[],
    channels: Channels::Stereo,
    example: r#"song "chorus" tempo=100 bars=2
instrument strings voices=3 {
    saw     osc
    lowpass tone cutoff="2kHz"
    adsr    env attack="150ms" sustain=0.8 release="400ms"
    route osc -> tone -> out vca=env
}
chorus wide rate="0.5Hz" mix=0.6
route strings -> wide -> out gain="-15dB"
track strings notes="a3/c4/e4 g3/b3/d4" "X___ ____ ____ __.." "X___ ____ ____ __.."
"#,
    state: State {
        words: 1,
        rings: |setup| vec![room((MIDDLE + REACH) * setup.rate + 4.0); 2],
        tail: |_| MIDDLE + REACH,
        ..State::NONE
    },
    kernel: kernel!(chorus),
};

const RATE: usize = SPEC.port("rate");
const DEPTH: usize = SPEC.port("depth");
const MIX: usize = SPEC.port("mix");

const PHASE: usize = 0;

/// The delay of the copies in the middle of their drift, and how far they drift at most, in seconds.
const MIDDLE: f32 = 0.012;
const REACH: f32 = 0.008;
const COPIES: usize = 3;
/// What makes three copies as loud as one sound: between that of equal and of unrelated ones.
const LEVEL: f32 = 0.5;

#[inline(always)]
fn chorus<const W: usize>(call: &mut Call<'_, W>) {
    let (rate, depth, mix) = (call.ins[RATE], call.ins[DEPTH], call.ins[MIX]);
    let frames_a_second = call.clock.rate;
    let turns_per_hertz = TURN * call.clock.period;
    let mut phase = [[0; W]; BLOCK];
    for i in 0..BLOCK {
        for l in 0..W {
            phase[i][l] = call.words[PHASE][l];
            call.words[PHASE][l] = call.words[PHASE][l].wrapping_add(whole(rate.at(i)[l] * turns_per_hertz));
        }
    }
    let mut depth_spare = [[0.0; W]; BLOCK];
    let depth = depth.rows(&mut depth_spare);
    for side in 0..2 {
        let mut spare: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
        let [dry, mix_rows] = &mut spare;
        let (dry, mix) = (call.ins[side].rows(dry), mix.rows(mix_rows));
        let ring = &mut call.rings[side];
        let at = ring.at;
        line::write(ring, dry);
        let rows = ring.rows::<W>();
        let mut wet: Rows<W> = [[0.0; W]; BLOCK];
        for l in 0..W {
            let mut sum = [0.0; BLOCK];
            for copy in 0..COPIES {
                // Sixths of a cycle, left and right in turn.
                let offset = share((2 * copy + side) as f32 / (2 * COPIES) as f32);
                let mut delays = [0.0; BLOCK];
                for i in 0..BLOCK {
                    let drift = sine(phase[i][l].wrapping_add(offset));
                    delays[i] = frames_a_second * (MIDDLE + REACH * (depth[i][l] * drift));
                }
                line::add_taps(rows, at, l, &delays, &mut sum);
            }
            for i in 0..BLOCK {
                wet[i][l] = sum[i];
            }
        }
        let (dry, mix, wet) = (dry.as_flattened(), mix.as_flattened(), wet.as_flattened());
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            *out = dry[n] * (1.0 - mix[n]) + (LEVEL * wet[n]) * mix[n];
        }
    }
}

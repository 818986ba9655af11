//! The wavefolder.

use std::f32::consts::TAU;

use crate::dsp::math::sine;
use crate::dsp::phase::wrapped;
use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::line::{self, room};
use crate::modules::oversample::{FOUR_TIMES, RINGS, Waveshaper, four_times};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "fold",
    family: Family::Effect,
    about: "Wavefolder: folds the peaks of a wave back, which gives moving partials.",
    notes: "A sine or triangle as input and an envelope or `lfo` on `folds` give the sound of west-coast \
            synthesizers. `bias` shifts the wave off centre and adds even partials; the resulting DC is removed. It \
            is oversampled four times against aliasing, and delays by 37 frames, which is compensated in the whole \
            song.",
    inputs: &[Port::audio("in", "Signal to fold.")],
    outputs: &[Port::audio("out", "The folded signal.")],
    params: &[
        Param::number("folds", 0.0, 16.0, 1.0, "Number of folds on each side of a full-scale wave."),
        Param::share_between("bias", -1.0, 1.0, 0.0, "Offset of the wave before folding."),
        Param::share("mix", 1.0, "Dry/wet mix: 0 is only the sound itself, 1 only the folded signal."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "fold" tempo=108 bars=2
instrument west {
    sine  osc
    fold  bend folds=0.2 bias=0.15
    decay env time="450ms"
    route env -> bend.folds by=3
    route osc -> bend -> out vca=env gain="-9dB"
}
track west notes="a2 e3 a3 g3 c3" "X.x. x.X. .x.x X..." "X.x. x.X. .x.x x.x."
"#,
    state: State {
        rows: 1,
        rings: |_| [&[room(FOUR_TIMES as f32)], &RINGS[..]].concat(),
        latency: |_| FOUR_TIMES as u32,
        // The slope of the sine that the wave is read from, at its middle.
        raises: |highest| core::f32::consts::FRAC_PI_2 * (1.0 + 2.0 * highest[0]),
        ..State::NONE
    },
    kernel: kernel!(fold),
};

const FOLDS: usize = SPEC.port("folds");
const BIAS: usize = SPEC.port("bias");
const MIX: usize = SPEC.port("mix");

/// The corner in Hz under which the output is cut.
const FLOOR: f32 = 8.0;

/// A sine of as many turns.
struct Turns;

impl Waveshaper for Turns {
    #[inline(always)]
    fn bend(&self, sound: &mut [f32]) {
        for x in sound {
            *x = sine(wrapped(*x));
        }
    }
}

#[inline(always)]
fn fold<const W: usize>(call: &mut Call<'_, W>) {
    let mut spare: [Rows<W>; 4] = [[[0.0; W]; BLOCK]; 4];
    let [input, folds, bias, mix] = &mut spare;
    let input = call.ins[0].rows(input);
    let folds = call.ins[FOLDS].rows(folds).as_flattened();
    let bias = call.ins[BIAS].rows(bias).as_flattened();
    let mix = call.ins[MIX].rows(mix).as_flattened();
    // In turns: a quarter is the first top. The square makes one side longer than the other, without a corner at 0.
    let mut wet: Rows<W> = [[0.0; W]; BLOCK];
    for (n, wet) in wet.as_flattened_mut().iter_mut().enumerate() {
        let x = input.as_flattened()[n];
        *wet = (0.25 + 0.5 * folds[n]) * (x + bias[n] * (x * x));
    }
    let [line, filters @ ..] = &mut *call.rings else { return };
    four_times(filters, &mut wet, &Turns);
    let floor = TAU * FLOOR * call.clock.period;
    let mut low = call.rows[0];
    for row in &mut wet {
        for l in 0..W {
            low[l] += floor * (row[l] - low[l]);
            row[l] -= low[l];
        }
    }
    call.rows[0] = low;
    let start = (line.at + line.frames - FOUR_TIMES) % line.frames;
    line::write(line, input);
    let mut spare = [[0.0; W]; BLOCK];
    let dry = line::stretch(line, start, &mut spare).as_flattened();
    let wet = wet.as_flattened();
    for (n, out) in call.outs[0].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
        *out = dry[n] * (1.0 - mix[n]) + wet[n] * mix[n];
    }
}

//! Distortion: four ways to bend a wave, oversampled so that what it adds does not fold back.

use crate::dsp::math::{clamp, sine, tanh};
use crate::dsp::phase::wrapped;
use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::line::{self, room};
use crate::modules::oversample::{FOUR_TIMES, RINGS, TWICE, Waveshaper, four_times, twice};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "distortion",
    family: Family::Effect,
    about: "Distortion: saturates, folds or clips the wave, for anything from warmth to noise.",
    notes: "`drive` is the gain into the curve, whose output is always between -1 and 1. Oversampling by \
            `oversample` removes most of the aliasing, and delays by 31 (`x2`) or 37 frames (`x4`), which is \
            compensated in the whole song.",
    inputs: &[Port::audio("in", "Signal to distort.")],
    outputs: &[Port::audio("out", "The distorted signal, -1 to 1.")],
    params: &[
        Param::gain("drive", 0.1, 1_000.0, 4.0, "Gain into the curve."),
        Param::share("mix", 1.0, "Dry/wet mix: 0 is only the sound itself, 1 only the distorted signal."),
    ],
    settings: &[
        Setting::choice(
            "shape",
            "The curve.",
            &[
                ("tanh", "Soft saturation, like tape and tubes."),
                ("fold", "Folds peaks back: bells and metal."),
                ("hard", "Hard clipping: buzz."),
                ("soft", "Saturates from the start and never quite reaches 1: rich at any drive."),
            ],
        ),
        Setting::choice(
            "oversample",
            "Oversampling.",
            &[
                ("x2", "Twice: clean enough for most sounds."),
                ("x4", "Four times: clean for high notes and strong drive."),
                ("x1", "None: no delay, with aliases."),
            ],
        ),
    ],
    channels: Channels::Each,
    example: r#"song "distortion" tempo=110 bars=2
instrument guitar {
    saw        osc
    distortion fuzz drive="24dB" oversample="x4"
    lowpass    cabinet cutoff="3kHz"
    adsr       env release="80ms"
    route osc -> fuzz -> cabinet -> out vca=env gain="-12dB"
}
track guitar notes="e2 e2 g2 a2" "X.xX ..X. x.X. X..." "X.xX ..X. x.X. X..."
"#,
    state: State {
        rings: |setup| {
            [&[room(FOUR_TIMES as f32)], &RINGS[..]]
                .concat()
                .into_iter()
                .take(rings(setup.settings))
                .collect()
        },
        latency: |setup| latency(setup.settings) as u32,
        // `fold` reads the wave from a sine, which is steeper at its middle than the other curves.
        raises: |highest| (highest[0] * core::f32::consts::FRAC_PI_2).max(1.0),
        ..State::NONE
    },
    kernel: kernel!(distortion),
};

const DRIVE: usize = SPEC.port("drive");
const MIX: usize = SPEC.port("mix");
const SHAPE: usize = 0;
const OVERSAMPLE: usize = 1;

/// The rings that the settings need: none, that of the dry sound and the inner filters, or all.
fn rings(settings: &[f32]) -> usize {
    match settings[OVERSAMPLE] as u32 {
        0 => 4,
        1 => 1 + RINGS.len(),
        _ => 0,
    }
}

#[inline(always)]
fn latency(settings: &[f32]) -> usize {
    match settings[OVERSAMPLE] as u32 {
        0 => TWICE,
        1 => FOUR_TIMES,
        _ => 0,
    }
}

/// The setting `shape`.
struct DistortionShape(u32);

impl Waveshaper for DistortionShape {
    #[inline(always)]
    fn bend(&self, sound: &mut [f32]) {
        match self.0 {
            0 => {
                for x in sound {
                    *x = tanh(*x);
                }
            }
            1 => {
                for x in sound {
                    *x = fold(*x);
                }
            }
            2 => {
                for x in sound {
                    *x = clamp(*x, -1.0, 1.0);
                }
            }
            _ => {
                for x in sound {
                    *x /= 1.0 + x.abs();
                }
            }
        }
    }
}

#[inline(always)]
fn distortion<const W: usize>(call: &mut Call<'_, W>) {
    let shape = DistortionShape(call.settings[SHAPE] as u32);
    let mut spare: [Rows<W>; 3] = [[[0.0; W]; BLOCK]; 3];
    let [input, drive, mix] = &mut spare;
    let (input, drive) = (call.ins[0].rows(input), call.ins[DRIVE].rows(drive).as_flattened());
    let mix = call.ins[MIX].rows(mix).as_flattened();
    let mut wet: Rows<W> = [[0.0; W]; BLOCK];
    for (n, wet) in wet.as_flattened_mut().iter_mut().enumerate() {
        *wet = input.as_flattened()[n] * drive[n];
    }
    let latency = latency(call.settings);
    let mut dry = *input;
    if let [line, filters @ ..] = &mut *call.rings {
        if latency == TWICE {
            twice(filters, &mut wet, &shape);
        } else {
            four_times(filters, &mut wet, &shape);
        }
        let start = (line.at + line.frames - latency) % line.frames;
        line::write(line, input);
        let mut spare = [[0.0; W]; BLOCK];
        dry = *line::stretch(line, start, &mut spare);
    } else {
        shape.bend(wet.as_flattened_mut());
    }
    let (dry, wet) = (dry.as_flattened(), wet.as_flattened());
    for (n, out) in call.outs[0].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
        *out = dry[n] * (1.0 - mix[n]) + wet[n] * mix[n];
    }
}

/// A sine of the signal: up to 1 much like it, from there on back and forth.
#[inline(always)]
fn fold(x: f32) -> f32 {
    sine(wrapped(0.25 * x))
}

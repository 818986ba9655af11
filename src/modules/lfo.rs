//! The low-frequency oscillator.

use crate::dsp::hash::{bipolar, draw};
use crate::dsp::math::sine;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::line::by_rows;
use crate::modules::slow::{self, SlowPhase};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::{Sleep, State};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "lfo",
    family: Family::Modulator,
    about: "Low-frequency oscillator, for periodic modulation.",
    notes: "A note length as `rate` means one cycle in that time: `rate=\"1/4\"` follows the tempo. Its timing is \
            exact to a billionth, however slow and long. It is not band-limited: for sound use the oscillators. \
            Routed into the `gain` of a `vca` it makes a tremolo, into the `pan` of a `pan` an autopan, into the \
            `tune` of an oscillator a vibrato.",
    inputs: &[Port::gate("gate", "Restarts the cycle if `retrigger=#true`.")],
    outputs: &[Port::bipolar("out", "The wave, -1 to 1.")],
    params: &[Param::hertz("rate", 0.0001, 1_000.0, 1.0, "Cycles per second.")],
    settings: &[
        Setting::choice(
            "shape",
            "The waveform.",
            &[
                ("sine", "Round; starts at 0 and rises."),
                ("triangle", "Straight; starts at 0 and rises."),
                ("saw", "Rises from -1 to 1 and jumps back."),
                ("ramp-down", "Falls from 1 to -1 and jumps back."),
                ("square", "1 for half of the cycle, then -1."),
                ("random-smooth", "Glides to a new random value each cycle, the same in every render."),
            ],
        ),
        Setting::phase(),
        Setting::retrigger(),
    ],
    channels: Channels::Each,
    example: r#"song "lfo" tempo=120 bars=2
instrument wobble {
    saw    osc
    ladder filter cutoff="400Hz" resonance=0.5
    lfo    wub rate="1/8" shape="triangle" retrigger=#true
    route wub -> filter.cutoff by="2oct"
    route osc -> filter -> out gain="-9dB"
}
track wobble notes="a1 c2" length=1 "X___ ____ ____ ____" "X___ ____ ____ ____"
"#,
    state: State {
        rows: 1,
        words: slow::WORDS + 1,
        init: |lane, setup| {
            slow::start(lane, setup.settings[PHASE]);
            *lane.word(SEED) = setup.seed;
        },
        sleep: Sleep::Advance(slow::advance),
        ..State::NONE
    },
    kernel: kernel!(lfo),
};

const GATE: usize = SPEC.port("gate");
const RATE: usize = SPEC.port("rate");
const SHAPE: usize = SPEC.setting("shape");
const PHASE: usize = SPEC.setting("phase");
const RETRIGGER: usize = SPEC.setting("retrigger");
const SEED: usize = slow::WORDS;

#[inline(always)]
fn lfo<const W: usize>(call: &mut Call<'_, W>) {
    // A macro, since closures would not be compiled for the instructions of the kernel.
    macro_rules! wave {
        ($bits:ident => $value:expr) => {{
            run(call, None);
            for out in call.out(0).as_flattened_mut() {
                let $bits = out.to_bits();
                *out = $value;
            }
        }};
    }
    match call.settings[SHAPE] as u32 {
        0 => wave!(phase => sine(phase)),
        1 => wave!(phase => triangle(phase)),
        2 => wave!(phase => bipolar(phase ^ 0x8000_0000)),
        3 => wave!(phase => -bipolar(phase ^ 0x8000_0000)),
        4 => wave!(phase => 1.0 - 2.0 * (phase >> 31).cast_signed() as f32),
        _ => {
            let mut cycles = [[0; W]; BLOCK];
            run(call, Some(&mut cycles));
            let seed = call.words[SEED];
            let out = call.out(0);
            for l in 0..W {
                for i in 0..BLOCK {
                    out[i][l] = glide(seed[l], cycles[i][l], out[i][l].to_bits());
                }
            }
        }
    }
}

/// Writes the phases of a block, as the bits of floats, into the output, and its cycles where they are asked for.
#[inline(always)]
fn run<const W: usize>(call: &mut Call<'_, W>, mut cycles: Option<&mut [[u32; W]; BLOCK]>) {
    let restart = call.settings[RETRIGGER] != 0.0;
    let (gate, rate) = (call.ins[GATE], call.ins[RATE]);
    let out = call.outs[0].rows::<W>();
    if rate.is_constant() && !restart && cycles.is_none() {
        let (mut now, mut step) = ([0_u64; W], [0_u64; W]);
        for l in 0..W {
            let mut phase = SlowPhase::of(call.words, l);
            (now[l], step[l]) = (phase.phase(), slow::step(rate.at(0)[l], call.clock.rate));
            phase.run(step[l]);
            phase.keep(step[l], call.words, l);
        }
        for out in out {
            if W > 1 {
                by_rows();
            }
            let mut upper = [0.0; W];
            for l in 0..W {
                upper[l] = f32::from_bits((now[l] >> 32) as u32);
                now[l] = now[l].wrapping_add(step[l]);
            }
            *out = upper;
        }
        return;
    }
    for l in 0..W {
        let mut phase = SlowPhase::of(call.words, l);
        let mut step = slow::step(rate.at(0)[l], call.clock.rate);
        let mut last = call.rows[0][l];
        for i in 0..BLOCK {
            if !rate.is_constant() {
                step = slow::step(rate.at(i)[l], call.clock.rate);
            }
            let now = gate.at(i)[l];
            if restart && now > 0.0 && last <= 0.0 {
                phase = SlowPhase::starting(call.settings[PHASE]);
            }
            last = now;
            out[i][l] = f32::from_bits(phase.upper());
            if let Some(cycles) = &mut cycles {
                cycles[i][l] = phase.cycle;
            }
            phase.step(step);
        }
        call.rows[0][l] = last;
        phase.keep(step, call.words, l);
    }
}

/// From 0 up to 1 at a quarter turn, down to -1 at three quarters and back.
#[inline(always)]
fn triangle(phase: u32) -> f32 {
    let from_top = bipolar(phase.wrapping_sub(0x4000_0000));
    1.0 - 2.0 * from_top.abs()
}

/// From the draw of a cycle to that of the next, without a corner.
#[inline(always)]
fn glide(seed: u32, cycle: u32, phase: u32) -> f32 {
    let (from, to) = (bipolar(draw(seed, cycle)), bipolar(draw(seed, cycle.wrapping_add(1))));
    let x = (phase >> 8).cast_signed() as f32 * (1.0 / 16_777_216.0);
    from + (to - from) * (x * x * (3.0 - 2.0 * x))
}

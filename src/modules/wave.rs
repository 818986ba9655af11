//! The oscillators that read band-limited cycles: saw, square, pulse and triangle.

use crate::dsp::bank::{self, Bank, Cycle, SAW as SAW_BANK, TRIANGLE as TRIANGLE_BANK};
use crate::dsp::phase::{TURN, whole};
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::oscillator::{self, Places, phases, steps};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// The state of an oscillator, and the level it last read (none before its first block).
pub(crate) const STATE: State = State { words: oscillator::STATE.words + 1, ..oscillator::STATE };
const LEVEL: usize = oscillator::STATE.words;

/// See [`crate::modules`].
pub(super) const SAW: ModuleSpec = ModuleSpec {
    kind: "saw",
    family: Family::Source,
    about: "Band-limited saw oscillator: all harmonics, bright and full.",
    notes: "It rises through 0 where its phase is 0 and jumps down half a cycle later. Every harmonic that fits under \
            half the sample rate is there, and nothing else: aliases stay more than 90 dB under the fundamental.",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The wave, -1 to 1.")],
    params: &[oscillator::FREQ, oscillator::OCTAVE, oscillator::TUNE],
    settings: oscillator::SETTINGS,
    channels: Channels::Each,
    example: r#"song "saw" tempo=120 bars=1
instrument lead {
    saw     osc
    lowpass tone cutoff="2.5kHz"
    decay   env time="400ms"
    route osc -> tone -> out vca=env gain="-9dB"
}
track lead "X.x. x.X. x.x. X..." notes="a2 e3 g3 a3 c4"
"#,
    state: STATE,
    kernel: kernel!(saw, pays 3),
};

/// See [`crate::modules`].
pub(super) const SQUARE: ModuleSpec = ModuleSpec {
    kind: "square",
    family: Family::Source,
    about: "Band-limited square oscillator: odd harmonics, hollow like a clarinet.",
    notes: "It is high for the first half of its cycle. For other shares of the cycle use `pulse`.",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The wave, -1 to 1.")],
    params: &[oscillator::FREQ, oscillator::OCTAVE, oscillator::TUNE],
    settings: oscillator::SETTINGS,
    channels: Channels::Each,
    example: r#"song "square" tempo=132 bars=1
instrument chip {
    square osc
    decay  env time="250ms"
    route osc -> out vca=env gain="-12dB"
}
track chip "X.x. X.x. X.x. X.xx" notes="c4 e4 g4 c5 g4 e4"
"#,
    state: STATE,
    kernel: kernel!(square, pays 3),
};

/// See [`crate::modules`].
pub(super) const PULSE: ModuleSpec = ModuleSpec {
    kind: "pulse",
    family: Family::Source,
    about: "Band-limited pulse oscillator with a width that can be modulated.",
    notes: "`width` is the share of the cycle in which the wave is high; 50% is a square. The wave carries no DC, so a \
            narrow pulse stands far above 0 for a short time and a little under it for the rest. A slow `lfo` on \
            `width` gives the classic moving, chorus-like sound.",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The wave, 2 from bottom to top.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::share_between("width", 0.01, 0.99, 0.5, "The share of the cycle in which the wave is high."),
    ],
    settings: oscillator::SETTINGS,
    channels: Channels::Each,
    example: r#"song "pulse" tempo=100 bars=2
instrument strings voices=3 {
    pulse   osc width="30%"
    lfo     sway rate="0.7Hz"
    lowpass tone cutoff="1.8kHz"
    adsr    env attack="200ms" sustain=0.8 release="600ms"
    route sway -> osc.width by="15%"
    route osc -> tone -> out vca=env gain="-12dB"
}
track strings notes="a3/c4/e4 g3/b3/d4" "X___ ____ ____ ____" "X___ ____ ____ ____"
"#,
    state: STATE,
    kernel: kernel!(pulse, pays 3),
};

/// See [`crate::modules`].
pub(super) const TRIANGLE: ModuleSpec = ModuleSpec {
    kind: "triangle",
    family: Family::Source,
    about: "Band-limited triangle oscillator: weak odd harmonics, soft like a flute.",
    notes: "",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The wave, -1 to 1.")],
    params: &[oscillator::FREQ, oscillator::OCTAVE, oscillator::TUNE],
    settings: oscillator::SETTINGS,
    channels: Channels::Each,
    example: r#"song "triangle" tempo=96 bars=1
instrument flute {
    triangle osc
    adsr     env attack="40ms" sustain=0.7 release="150ms"
    route osc -> out vca=env gain="-9dB"
}
track flute "X___ x_x_ X___ __.." notes="e5 d5 c5 a4"
"#,
    state: STATE,
    kernel: kernel!(triangle, pays 3),
};

const SAW_AT: Places = Places::of(&SAW);
const SQUARE_AT: Places = Places::of(&SQUARE);
const PULSE_AT: Places = Places::of(&PULSE);
const TRIANGLE_AT: Places = Places::of(&TRIANGLE);
const WIDTH: usize = PULSE.port("width");

const HALF_TURN: u32 = 1 << 31;

#[inline(always)]
fn saw<const W: usize>(call: &mut Call<'_, W>) {
    wave(call, &SAW_AT, &SAW_BANK, |cycle, phase, _, _| cycle.at(phase));
}

#[inline(always)]
fn square<const W: usize>(call: &mut Call<'_, W>) {
    wave(call, &SQUARE_AT, &SAW_BANK, |cycle, phase, _, _| {
        cycle.at(phase) - cycle.at(phase.wrapping_add(HALF_TURN))
    });
}

#[inline(always)]
fn pulse<const W: usize>(call: &mut Call<'_, W>) {
    let mut high = [[0; W]; BLOCK];
    let mut spare = [[0.0; W]; BLOCK];
    let width = call.ins[WIDTH].rows(&mut spare);
    for (high, width) in high.as_flattened_mut().iter_mut().zip(width.as_flattened()) {
        *high = whole(*width * (TURN / 2.0)) << 1;
    }
    wave(call, &PULSE_AT, &SAW_BANK, |cycle, phase, i, l| {
        let rise = phase.wrapping_add(HALF_TURN);
        cycle.at(rise.wrapping_sub(high[i][l])) - cycle.at(rise)
    });
}

#[inline(always)]
fn triangle<const W: usize>(call: &mut Call<'_, W>) {
    wave(call, &TRIANGLE_AT, &TRIANGLE_BANK, |cycle, phase, _, _| cycle.at(phase));
}

/// Runs one block of an oscillator, lane by lane: `read` makes frame `i` of lane `l` from a cycle and a phase.
#[inline(always)]
fn wave<const W: usize>(
    call: &mut Call<'_, W>,
    at: &Places,
    bank: &Bank,
    read: impl Fn(&Cycle, u32, usize, usize) -> f32,
) {
    let steps = steps(call, &at.pitch);
    let mut phase = [[0; W]; BLOCK];
    phases(call, at, &steps, &mut phase);
    let (fastest, last) = (steps.fastest(), call.words[LEVEL]);
    for l in 0..W {
        call.words[LEVEL][l] = bank::level(fastest[l]);
    }
    let level = call.words[LEVEL];
    let out = call.out(0);
    for l in 0..W {
        let cycle = bank.cycle(level[l]);
        for i in 0..BLOCK {
            out[i][l] = read(&cycle, phase[i][l], i, l);
        }
        // The old level fades out over the block, so that harmonics never switch; but not after a leap upwards, where
        // it would alias.
        if last[l] != level[l] && last[l] != 0 && last[l] + 1 >= level[l] {
            let cycle = bank.cycle(last[l]);
            for i in 0..BLOCK {
                let old = read(&cycle, phase[i][l], i, l);
                out[i][l] = old + (out[i][l] - old) * ((i + 1) as f32 * (1.0 / BLOCK as f32));
            }
        }
    }
}

//! The oscillators that read band-limited cycles: saw, square, pulse and triangle.

use crate::dsp::bank::{self, Bank, Cycle, RUN, SAW as SAW_BANK, TRIANGLE as TRIANGLE_BANK};
use crate::dsp::phase::{TURN, whole};
use crate::modules::buffer::{In, Rows};
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::oscillator::{self, PhaseParams, motion};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// The state of an oscillator, and the level it last read (none before its first block).
pub(crate) const STATE: State = State { words: oscillator::STATE.words + 1, ..oscillator::STATE };
pub(super) const LEVEL: usize = oscillator::STATE.words;

/// See [`crate::modules`].
pub(super) const SAW: ModuleSpec = ModuleSpec {
    kind: "saw",
    family: Family::Source,
    about: "Band-limited saw oscillator: all harmonics, bright and full.",
    notes: "At phase 0 it rises through 0; half a cycle later it jumps down. It has every harmonic below half the \
            sample rate; aliases are more than 90 dB below the fundamental.",
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
    notes: "It is high for the first half of its cycle. For other pulse widths use `pulse`.",
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
    notes: "`width` is the share of the cycle in which the wave is high; 50% is a square. The wave has no DC, so a \
            narrow pulse is far above 0 for a short time and slightly below it for the rest. A slow `lfo` on \
            `width` is classic pulse-width modulation, which sounds like a chorus.",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The wave, with a peak-to-peak level of 2.")],
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

const SAW_AT: PhaseParams = PhaseParams::of(&SAW);
const SQUARE_AT: PhaseParams = PhaseParams::of(&SQUARE);
const PULSE_AT: PhaseParams = PhaseParams::of(&PULSE);
const TRIANGLE_AT: PhaseParams = PhaseParams::of(&TRIANGLE);
const WIDTH: usize = PULSE.port("width");

pub(super) const HALF_TURN: u32 = 1 << 31;

#[inline(always)]
fn saw<const W: usize>(call: &mut Call<'_, W>) {
    wave(call, &SAW_AT, &SAW_BANK, &Whole);
}

#[inline(always)]
fn square<const W: usize>(call: &mut Call<'_, W>) {
    wave(call, &SQUARE_AT, &SAW_BANK, &Halves);
}

#[inline(always)]
fn pulse<const W: usize>(call: &mut Call<'_, W>) {
    let width = call.ins[WIDTH];
    wave(call, &PULSE_AT, &SAW_BANK, &PulseParts(width));
}

#[inline(always)]
fn triangle<const W: usize>(call: &mut Call<'_, W>) {
    wave(call, &TRIANGLE_AT, &TRIANGLE_BANK, &Whole);
}

/// How a wave is put together from cycles. A closure might be left out of a kernel, and then not be compiled for its
/// processor.
pub(super) trait Read<const N: usize> {
    /// The samples of a run, the `n`th of the block.
    fn read(&self, cycle: &Cycle<'_, N>, n: usize, phase: &[u32; RUN]) -> [f32; RUN];
}

/// The cycle itself.
pub(super) struct Whole;

impl<const N: usize> Read<N> for Whole {
    #[inline(always)]
    fn read(&self, cycle: &Cycle<'_, N>, _: usize, phase: &[u32; RUN]) -> [f32; RUN] {
        cycle.at(phase)
    }
}

/// The cycle less itself half a turn later.
pub(super) struct Halves;

impl<const N: usize> Read<N> for Halves {
    #[inline(always)]
    fn read(&self, cycle: &Cycle<'_, N>, _: usize, phase: &[u32; RUN]) -> [f32; RUN] {
        let mut later = *phase;
        for later in &mut later {
            *later = later.wrapping_add(HALF_TURN);
        }
        difference(cycle.at(phase), &cycle.at(&later))
    }
}

/// The cycle where a pulse falls less that where it rises, a width before.
struct PulseParts<'a, const W: usize>(In<'a, W>);

impl<const W: usize, const N: usize> Read<N> for PulseParts<'_, W> {
    #[inline(always)]
    fn read(&self, cycle: &Cycle<'_, N>, n: usize, phase: &[u32; RUN]) -> [f32; RUN] {
        let width: [f32; RUN] = self.0.run(n);
        let (mut rise, mut fall) = (*phase, *phase);
        for k in 0..RUN {
            rise[k] = phase[k].wrapping_add(HALF_TURN);
            fall[k] = rise[k].wrapping_sub(whole(width[k] * (TURN / 2.0)) << 1);
        }
        difference(cycle.at(&fall), &cycle.at(&rise))
    }
}

#[inline(always)]
fn difference(mut a: [f32; RUN], b: &[f32; RUN]) -> [f32; RUN] {
    for k in 0..RUN {
        a[k] -= b[k];
    }
    a
}

/// Runs one block of an oscillator.
#[inline(always)]
pub(super) fn wave<const W: usize, const N: usize>(
    call: &mut Call<'_, W>,
    at: &PhaseParams,
    bank: &Bank<N>,
    read: &impl Read<N>,
) {
    let fastest = motion(call, at);
    let levels = BankLevels::of(&fastest, &mut call.words[LEVEL]);
    levels.read(bank, read, call.out(0));
}

/// Which levels each lane reads in a block.
pub(super) struct BankLevels<const W: usize> {
    level: [u32; W],
    /// Those that fade out.
    from: [u32; W],
    fades: [bool; W],
}

impl<const W: usize> BankLevels<W> {
    /// Those for the greatest increments of the block. `last` are those of the block before, and becomes these.
    #[inline(always)]
    pub(super) fn of(fastest: &[u32; W], last: &mut [u32; W]) -> Self {
        let (mut level, mut from, mut fades) = (*last, *last, [false; W]);
        for l in 0..W {
            level[l] = bank::level(fastest[l]);
            // Not after a leap upwards, where the old level would alias.
            fades[l] = last[l] != level[l] && last[l] != 0 && last[l] + 1 >= level[l];
            from[l] = if fades[l] { last[l] } else { level[l] };
        }
        *last = level;
        Self { level, from, fades }
    }

    /// Puts the wave in the place of the phases in `rows`.
    #[inline(always)]
    pub(super) fn read<const N: usize>(&self, bank: &Bank<N>, read: &impl Read<N>, rows: &mut Rows<W>) {
        let (cycle, fade) = (bank.cycles(&self.level), self.fades != [false; W]);
        let from = if fade { bank.cycles(&self.from) } else { cycle };
        for (n, out) in rows.as_flattened_mut().as_chunks_mut().0.iter_mut().enumerate() {
            let mut phase = [0; RUN];
            for k in 0..RUN {
                phase[k] = f32::to_bits(out[k]);
            }
            *out = read.read(&cycle, n, &phase);
            if fade {
                // The old level fades out over the block, so that harmonics never switch.
                let old = read.read(&from, n, &phase);
                for k in 0..RUN {
                    let share = ((RUN * n + k) / W + 1) as f32 * (1.0 / BLOCK as f32);
                    if self.fades[k % W] {
                        out[k] = old[k] + (out[k] - old[k]) * share;
                    }
                }
            }
        }
    }
}

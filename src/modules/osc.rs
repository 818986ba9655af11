//! The oscillator whose wave is a parameter.

use crate::dsp::bank::SAW;
use crate::dsp::math::sine;
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::noise::{Filters, POLES, filtered, frames_a_draw, tune_brown, tune_pink, white};
use crate::modules::oscillator::{self, PhaseParams, motion};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Setup, Sleep, State, StateLane};
use crate::modules::wave::{self, BankLevels, Halves, LEVEL, Whole};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "osc",
    family: Family::Source,
    about: "Oscillator whose wave is a parameter, which can change from note to note and within a note.",
    notes: "`wave` is 0 for a sine, 1 for a saw, 2 for a square, 3 for white noise, 4 for pink and 5 for brown \
            noise; values between are rounded to the nearest. The waves are those of `sine`, `saw`, `square` and \
            `noise`, with the same level and quality. When `wave` changes, the old wave crossfades to the new in \
            128 frames (2.7 ms at 48 kHz), without a click. If the wave never changes, these kinds cost less.",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The wave.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::number(
            "wave",
            0.0,
            5.0,
            0.0,
            "Sine, saw, square, white, pink or brown noise, 0 to 5, rounded to the nearest.",
        ),
    ],
    settings: oscillator::SETTINGS,
    channels: Channels::Each,
    example: r#"song "osc" tempo=120 bars=2
instrument turn {
    osc     tone wave=1
    lowpass soft cutoff="3kHz"
    decay   env  time="250ms"
    route tone -> soft -> out vca=env gain="-9dB"
}
track turn notes="a2 e3 a3 c4" "X.x. x.X. x.x. X..." "X.x. x.X. x.xx X..." {
    lock tone.wave "0 . 1 . 2 . 3 . 4 . 5 . 1 . 2 ."
}
"#,
    state: State {
        rows: BROWN.take + 1,
        words: FOLD + 1,
        init,
        sleep: Sleep::Advance(|lane, frames| {
            oscillator::advance(lane, frames);
            let drawn = frames / u64::from((*lane.word(FOLD)).max(1));
            let count = lane.word(COUNT);
            *count = count.wrapping_add(drawn as u32);
            PINK.forget(lane, POLES);
            BROWN.forget(lane, 1);
            // Nothing is heard of the old wave any more: the next note begins with its own.
            *lane.word(NEW) = NONE;
        }),
        ..State::NONE
    },
    kernel: kernel!(osc),
};

const AT: PhaseParams = PhaseParams::of(&SPEC);
const WAVE: usize = SPEC.port("wave");
const PHASE: usize = SPEC.setting("phase");

/// The rows of the filters, after those of the phase.
const PINK: Filters = Filters { held: FIRST, keep: FIRST + POLES, take: FIRST + 2 * POLES };
const BROWN: Filters =
    Filters { held: PINK.take + POLES, keep: PINK.take + POLES + 1, take: PINK.take + POLES + 2 };
const FIRST: usize = oscillator::STATE.rows;

/// The words after those of phase and level: the draws of the noise, then the wave that fades out, the one that is heard or
/// fades in, and how many blocks of that are done.
const COUNT: usize = wave::STATE.words;
const SEED: usize = COUNT + 1;
const OLD: usize = COUNT + 2;
const NEW: usize = COUNT + 3;
const DONE: usize = COUNT + 4;
/// How many frames a draw of the noise lasts.
const FOLD: usize = COUNT + 5;

/// Before the first block there is no wave; they count from 1.
const NONE: u32 = 0;
const WAVES: usize = 6;
const SQUARE: usize = 2;
const WHITE: usize = 3;
/// How many blocks a crossing takes: over one alone, a low note would still click.
const CROSSING: u32 = 2;
/// The share of a crossing that a frame is.
const FRAME: f32 = 1.0 / (CROSSING * BLOCK as u32) as f32;

fn init(lane: &mut StateLane<'_>, setup: &Setup<'_>) {
    oscillator::start(lane, setup, PHASE);
    *lane.word(SEED) = setup.seed;
    *lane.word(FOLD) = frames_a_draw(setup.rate);
    tune_pink(lane, f64::from(setup.rate), PINK);
    tune_brown(lane, f64::from(setup.rate), BROWN);
}

/// How loud each wave is in a block: where its gain begins, and how it moves each frame.
struct Gains<const W: usize> {
    start: [Row<W>; WAVES],
    slope: [Row<W>; WAVES],
    /// Which waves are heard in each lane.
    heard: [[bool; W]; WAVES],
}

impl<const W: usize> Gains<W> {
    /// Moves on by a block.
    #[inline(always)]
    fn next(call: &mut Call<'_, W>) -> Self {
        // What the block comes to counts, so that a note is heard with the wave that is locked for it.
        let wanted = call.ins[WAVE].at(BLOCK - 1);
        let mut gains =
            Self { start: [[0.0; W]; WAVES], slope: [[0.0; W]; WAVES], heard: [[false; W]; WAVES] };
        for l in 0..W {
            let wanted = nearest(wanted[l]);
            let (mut old, mut new) = (call.words[OLD][l], call.words[NEW][l]);
            if new == NONE {
                (old, new, call.words[DONE][l]) = (wanted, wanted, 0);
            } else if old == new {
                new = wanted;
            }
            let done = call.words[DONE][l];
            let [from, to] = [old, new].map(|wave| (wave - 1) as usize);
            gains.heard[from][l] = true;
            gains.heard[to][l] = true;
            if old == new {
                gains.start[to][l] = 1.0;
            } else {
                let share = (done * BLOCK as u32) as f32 * FRAME;
                (gains.start[from][l], gains.slope[from][l]) = (1.0 - share, -FRAME);
                (gains.start[to][l], gains.slope[to][l]) = (share, FRAME);
                call.words[DONE][l] = if done + 1 < CROSSING { done + 1 } else { 0 };
                old = if done + 1 < CROSSING { old } else { new };
            }
            (call.words[OLD][l], call.words[NEW][l]) = (old, new);
        }
        gains
    }

    /// Whether any lane hears `wave`.
    #[inline(always)]
    fn hears(&self, wave: usize) -> bool {
        self.heard[wave] != [false; W]
    }

    /// Adds a wave at its gain. What no lane hears adds 0, so that a lane sounds the same whatever the others do.
    #[inline(always)]
    fn add(&self, wave: usize, rows: &Rows<W>, sum: &mut Rows<W>) {
        for (i, (sum, row)) in sum.iter_mut().zip(rows).enumerate() {
            let frame = (i + 1) as f32;
            for l in 0..W {
                sum[l] += row[l] * (self.start[wave][l] + self.slope[wave][l] * frame);
            }
        }
    }
}

/// The number of a wave, from 1.
#[inline(always)]
fn nearest(wave: f32) -> u32 {
    let wave = (wave + 0.5) as u32;
    if wave < WAVES as u32 { wave + 1 } else { WAVES as u32 }
}

#[inline(always)]
fn osc<const W: usize>(call: &mut Call<'_, W>) {
    let gains = Gains::next(call);
    let fastest = motion(call, &AT);
    let levels = BankLevels::of(&fastest, &mut call.words[LEVEL]);
    let phases: Rows<W> = *call.out(0);
    let mut sum: Rows<W> = [[0.0; W]; BLOCK];
    for wave in 0..WHITE {
        if !gains.hears(wave) {
            continue;
        }
        let mut rows = phases;
        match wave {
            0 => {
                for x in rows.as_flattened_mut() {
                    *x = sine(x.to_bits());
                }
            }
            SQUARE => levels.read(&SAW, &Halves, &mut rows),
            _ => levels.read(&SAW, &Whole, &mut rows),
        }
        gains.add(wave, &rows, &mut sum);
    }
    let seed = call.words[SEED];
    if (WHITE..WAVES).any(|wave| gains.hears(wave)) {
        let mut noise: Rows<W> = [[0.0; W]; BLOCK];
        white(&mut call.words[COUNT], &seed, call.clock.rate, &mut noise);
        if gains.hears(WHITE) {
            gains.add(WHITE, &noise, &mut sum);
        }
        colour::<W, POLES>(call, &gains, WHITE + 1, PINK, &noise, &mut sum);
        colour::<W, 1>(call, &gains, WHITE + 2, BROWN, &noise, &mut sum);
    } else {
        for count in &mut call.words[COUNT] {
            *count = count.wrapping_add(BLOCK as u32);
        }
    }
    *call.out(0) = sum;
}

/// Adds noise of a colour. Lanes that don't hear it keep what their filters hold.
#[inline(always)]
fn colour<const W: usize, const N: usize>(
    call: &mut Call<'_, W>,
    gains: &Gains<W>,
    wave: usize,
    at: Filters,
    white: &Rows<W>,
    sum: &mut Rows<W>,
) {
    if !gains.hears(wave) {
        return;
    }
    let mut kept = [[0.0; W]; N];
    kept.copy_from_slice(&call.rows[at.held..at.held + N]);
    let mut rows: Rows<W> = [[0.0; W]; BLOCK];
    filtered::<W, N>(call.rows, at, white, &mut rows);
    for (row, kept) in call.rows[at.held..at.held + N].iter_mut().zip(kept) {
        for l in 0..W {
            row[l] = if gains.heard[wave][l] { row[l] } else { kept[l] };
        }
    }
    gains.add(wave, &rows, sum);
}

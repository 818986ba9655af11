//! Seven detuned saws at once.

use std::f32::consts::SQRT_2;

use crate::dsp::bank::{self, RUN, SAW};
use crate::dsp::hash::draw;
use crate::dsp::math::{exp2, sine};
use crate::dsp::phase::{share, whole};
use crate::modules::buffer::In;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::oscillator::{self, PhaseParams, steps};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Setup, Sleep, State, StateLane};
use crate::units::unit::Unit;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "supersaw",
    family: Family::Source,
    about: "Seven detuned saws side by side in stereo: wide, for leads and pads.",
    notes: "One saw is in tune, three are below and three above it, the outermost by `detune`. Their start phases \
            are drawn from the song's seed: different for each voice, the same in every render. Together they are \
            as loud as one `saw`.",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The saws.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::of(Unit::Cents, "detune", 0.0, 200.0, 18.0, "Detuning of the outermost saws."),
        Param::share("spread", 0.8, "Width of the saws in the stereo field."),
    ],
    settings: oscillator::SETTINGS,
    channels: Channels::Stereo,
    example: r#"song "supersaw" tempo=128 bars=2
instrument anthem voices=3 {
    supersaw osc detune="25ct"
    lowpass  tone cutoff="4kHz"
    adsr     env attack="5ms" sustain=0.8 release="200ms"
    route osc -> tone -> out vca=env gain="-15dB"
}
track anthem notes="a3/c4/e4 f3/a3/c4 g3/b3/d4" "X.xX ..X. .X.. X_.." "X.xX ..X. .X.. X_.."
"#,
    state: State {
        rows: 1,
        words: SEED + 1,
        init,
        sleep: Sleep::Advance(|lane, frames| {
            for k in 0..SAWS {
                let step = *lane.word(STEP + k);
                let phase = lane.word(PHASE + k);
                *phase = phase.wrapping_add(step.wrapping_mul(frames as u32));
            }
        }),
        ..State::NONE
    },
    kernel: kernel!(supersaw),
};

const AT: PhaseParams = PhaseParams::of(&SPEC);
const GATE: usize = SPEC.port("gate");
const DETUNE: usize = SPEC.port("detune");
const SPREAD: usize = SPEC.port("spread");
const START: usize = SPEC.setting("phase");
const RETRIGGER: usize = SPEC.setting("retrigger");

const SAWS: usize = 7;
/// Where each saw lies between out of tune downwards and upwards; uneven, so that their beats don't meet (the
/// proportions of a JP-8000, Adam Szabo, "How to emulate the super saw", 2010).
const OFFSETS: [f32; SAWS] = [0.0, -1.0, 0.9767, -0.5716, 0.565, -0.1775, 0.181];
/// Where each saw stands from left to right.
const SEATS: [f32; SAWS] = [0.0, -1.0, 1.0, 0.7, -0.7, -0.4, 0.4];
/// What makes seven unrelated saws as loud as one.
const LEVEL: f32 = 0.377_964_47;

const PHASE: usize = 0;
const STEP: usize = SAWS;
const WAVE_LEVEL: usize = 2 * SAWS;
const SEED: usize = 2 * SAWS + 1;

fn init(lane: &mut StateLane<'_>, setup: &Setup<'_>) {
    *lane.word(SEED) = setup.seed;
    for k in 0..SAWS {
        *lane.word(PHASE + k) = start(setup.seed, setup.settings[START], k);
    }
}

/// Where saw `k` starts.
fn start(seed: u32, phase: f32, k: usize) -> u32 {
    share(phase).wrapping_add(draw(seed, k as u32))
}

#[inline(always)]
fn supersaw<const W: usize>(call: &mut Call<'_, W>) {
    let centre = steps(call, &AT.pitch);
    let (gate, detune, spread) = (call.ins[GATE], call.ins[DETUNE], call.ins[SPREAD]);
    let restart = call.settings[RETRIGGER] != 0.0;
    let last_gate = call.rows[0];
    call.rows[0] = *gate.at(BLOCK - 1);
    let mut detune_spare = [[0.0; W]; BLOCK];
    let mut spread_spare = [[0.0; W]; BLOCK];
    let still = centre.constant && detune.is_constant();
    let (detune, still_spread) = (detune.rows(&mut detune_spare), spread.is_constant());
    let spread = spread.rows(&mut spread_spare);
    let [left, right, ..] = &mut *call.outs else { return };
    let (left, right) = (left.rows::<W>(), right.rows::<W>());
    let mut step = [[0; BLOCK]; SAWS];
    for l in 0..W {
        let mut sum = [[0.0; BLOCK]; 2];
        let mut fastest = 0;
        if still {
            let steps = detuned(centre.rows[0][l], detune[0][l]);
            for k in 0..SAWS {
                step[k][0] = steps[k];
                fastest = fastest.max(steps[k]);
            }
        } else {
            for (k, step) in step.iter_mut().enumerate() {
                for i in 0..BLOCK {
                    step[i] = detuned_by(OFFSETS[k], centre.rows[i][l], detune[i][l]);
                    fastest = fastest.max(step[i]);
                }
            }
        }
        // All seven read the level that the fastest may read.
        let (level, last) = (bank::level(fastest), call.words[WAVE_LEVEL][l]);
        call.words[WAVE_LEVEL][l] = level;
        let fades = last != level && last != 0 && last + 1 >= level;
        let (cycle, old) = (SAW.cycle(level), SAW.cycle(last));
        let rises = restart && rises(&gate, last_gate[l], l);
        let standing = seats(spread[0][l]);
        for k in 0..SAWS {
            let mut phases = [0; BLOCK];
            let first = call.words[PHASE + k][l];
            // The way from phase to phase is only gone where nothing shorter leads there.
            let (next, at_end) = if rises || !still {
                let (mut phase, mut before, mut step_now) = (first, last_gate[l], step[k][0]);
                for i in 0..BLOCK {
                    if rises {
                        let now = gate.at(i)[l];
                        if now > 0.0 && before <= 0.0 {
                            phase = start(call.words[SEED][l], call.settings[START], k);
                        }
                        before = now;
                    }
                    if !still {
                        step_now = step[k][i];
                    }
                    phases[i] = phase;
                    phase = phase.wrapping_add(step_now);
                }
                (phase, step_now)
            } else {
                let step = step[k][0];
                for i in 0..BLOCK {
                    phases[i] = first.wrapping_add(step.wrapping_mul(i as u32));
                }
                (first.wrapping_add(step.wrapping_mul(BLOCK as u32)), step)
            };
            (call.words[PHASE + k][l], call.words[STEP + k][l]) = (next, at_end);
            let mut wave = [0.0; BLOCK];
            for (n, run) in phases.as_chunks().0.iter().enumerate() {
                let to = &mut wave[n * RUN..(n + 1) * RUN];
                to.copy_from_slice(&cycle.at(run));
                if fades {
                    let old = old.at(run);
                    for k in 0..RUN {
                        let share = (n * RUN + k + 1) as f32 * (1.0 / BLOCK as f32);
                        to[k] = old[k] + (to[k] - old[k]) * share;
                    }
                }
            }
            let mut gains = [standing[0][k], standing[1][k]];
            for i in 0..BLOCK {
                if !still_spread {
                    gains = seat(SEATS[k] * spread[i][l]);
                }
                sum[0][i] += wave[i] * gains[0];
                sum[1][i] += wave[i] * gains[1];
            }
        }
        for i in 0..BLOCK {
            (left[i][l], right[i][l]) = (sum[0][i], sum[1][i]);
        }
    }
}

/// Whether the gate of lane `l` opens in this block, where it was `last` before.
#[inline(always)]
fn rises<const W: usize>(gate: &In<'_, W>, last: f32, l: usize) -> bool {
    let In::Varying(rows) = gate else { return gate.at(0)[l] > 0.0 && last <= 0.0 };
    let (mut before, mut rises) = (last, false);
    for row in *rows {
        rises |= row[l] > 0.0 && before <= 0.0;
        before = row[l];
    }
    rises
}

/// The increments of all saws around that of the centre, and one that nobody reads: eight are computed side by side.
#[inline(always)]
fn detuned(centre: u32, cents: f32) -> [u32; 8] {
    let offsets = eight(OFFSETS);
    let mut steps = [0; 8];
    for k in 0..8 {
        steps[k] = detuned_by(offsets[k], centre, cents);
    }
    steps
}

#[inline(always)]
fn detuned_by(offset: f32, centre: u32, cents: f32) -> u32 {
    whole(capped(centre.cast_signed() as f32 * exp2(offset * cents * (1.0 / 1200.0))))
}

/// The gains of all saws, left and right.
#[inline(always)]
fn seats(spread: f32) -> [[f32; 8]; 2] {
    let places = eight(SEATS);
    let mut gains = [[0.0; 8]; 2];
    for k in 0..8 {
        [gains[0][k], gains[1][k]] = seat(places[k] * spread);
    }
    gains
}

const fn eight(of: [f32; SAWS]) -> [f32; 8] {
    let [a, b, c, d, e, f, g] = of;
    [a, b, c, d, e, f, g, 0.0]
}

/// An increment held below half a turn.
#[inline(always)]
fn capped(step: f32) -> f32 {
    if step < 2_147_483_520.0 { step } else { 2_147_483_520.0 }
}

/// The gains of a seat from -1 (left) to 1 (right), by equal power.
#[inline(always)]
fn seat(place: f32) -> [f32; 2] {
    const EIGHTH: f32 = 536_870_912.0;
    [1.0 - place, 1.0 + place].map(|towards| LEVEL * SQRT_2 * sine(whole(towards * EIGHTH)))
}

//! What all oscillators share: pitch parameters, phase, restart at a note.

use crate::dsp::math::exp2;
use crate::dsp::phase::{TURN, increment};
use crate::modules::call::Call;
use crate::modules::spec::{BLOCK, Lane, ModuleSpec, Param, Port, Setting, Setup, Sleep, State};
use crate::units::unit::Unit;

/// The gate that restarts an oscillator.
pub(crate) const GATE: Port = Port::gate("gate", "Restarts the wave where `retrigger=#true`.");
/// Frequency in Hz.
pub(crate) const FREQ: Param = Param::pitch("freq", "Frequency; in an instrument it follows the note.");
/// Octaves added to the pitch.
pub(crate) const OCTAVE: Param =
    Param::of(Unit::Octaves, "octave", -8.0, 8.0, 0.0, "Shifts the pitch by octaves.");
/// Semitones added to the pitch.
pub(crate) const TUNE: Param =
    Param::of(Unit::Semitones, "tune", -48.0, 48.0, 0.0, "Shifts the pitch by semitones.");
/// Where the wave starts, and whether each note restarts it.
pub(crate) const SETTINGS: &[Setting] = &[Setting::phase(), Setting::retrigger()];

/// The rows and words that [`phases`] keeps; a kind may keep more behind them.
pub(crate) const STATE: State = State {
    rows: 1,
    words: 2,
    init: |lane, setup| start(lane, setup, 0),
    sleep: Sleep::Advance(advance),
    ..State::NONE
};

const LAST_GATE: usize = 0;
const PHASE: usize = 0;
const STEP: usize = 1;

/// Sets the start phase from the setting at `place`.
pub(crate) fn start(lane: &mut Lane<'_>, setup: &Setup<'_>, place: usize) {
    *lane.word(PHASE) = turn(setup.settings[place]);
}

/// Brings the phase to where it would be after `frames` at the last frequency.
pub(crate) fn advance(lane: &mut Lane<'_>, frames: u64) {
    let step = *lane.word(STEP);
    let phase = lane.word(PHASE);
    *phase = phase.wrapping_add(step.wrapping_mul(frames as u32));
}

/// A share of a turn as a phase.
fn turn(share: f32) -> u32 {
    (f64::from(share) * f64::from(TURN)) as u64 as u32
}

/// Where a kind declares what [`phases`] reads.
pub(crate) struct Places {
    gate: usize,
    freq: usize,
    octave: usize,
    tune: usize,
    phase: usize,
    retrigger: usize,
}

impl Places {
    /// The places in `spec`.
    pub(crate) const fn of(spec: &ModuleSpec) -> Self {
        Self {
            gate: spec.port("gate"),
            freq: spec.port("freq"),
            octave: spec.port("octave"),
            tune: spec.port("tune"),
            phase: spec.setting("phase"),
            retrigger: spec.setting("retrigger"),
        }
    }
}

/// One block of phases and of their increments a frame, 2^32 to a turn.
pub(crate) struct Phases<const W: usize> {
    /// The phase in each frame.
    pub(crate) phase: [[u32; W]; BLOCK],
    /// By how much it moves to the next frame.
    pub(crate) step: [[u32; W]; BLOCK],
    /// Whether `step` is the same in every frame.
    pub(crate) steady: bool,
}

/// Runs the phase for a block: frequency, shifted by `octave` and `tune`, restarted by the gate if so set.
#[inline(always)]
pub(crate) fn phases<const W: usize>(call: &mut Call<'_, W>, at: &Places) -> Phases<W> {
    let turns_per_hertz = TURN * call.clock.period;
    let (freq, octave, tune) = (call.ins[at.freq], call.ins[at.octave], call.ins[at.tune]);
    let steady = freq.is_constant() && octave.is_constant() && tune.is_constant();
    let mut out = Phases { phase: [[0; W]; BLOCK], step: [[0; W]; BLOCK], steady };
    if steady {
        let ratio = ratios(octave.at(0), tune.at(0));
        let row = std::array::from_fn(|l| increment(freq.at(0)[l] * ratio[l], turns_per_hertz));
        out.step.fill(row);
    } else if octave.is_constant() && tune.is_constant() {
        let ratio = ratios(octave.at(0), tune.at(0));
        for i in 0..BLOCK {
            let freq = freq.at(i);
            for l in 0..W {
                out.step[i][l] = increment(freq[l] * ratio[l], turns_per_hertz);
            }
        }
    } else {
        for i in 0..BLOCK {
            let (freq, ratio) = (freq.at(i), ratios(octave.at(i), tune.at(i)));
            for l in 0..W {
                out.step[i][l] = increment(freq[l] * ratio[l], turns_per_hertz);
            }
        }
    }
    let mut phase = call.words[PHASE];
    let gate = call.ins[at.gate];
    let restarts = call.settings[at.retrigger] != 0.0
        && !(gate.is_constant() && gate.at(0)[..] == call.rows[LAST_GATE][..]);
    if restarts {
        let start = turn(call.settings[at.phase]);
        let mut last = call.rows[LAST_GATE];
        for i in 0..BLOCK {
            let gate = gate.at(i);
            for l in 0..W {
                if gate[l] > 0.0 && last[l] <= 0.0 {
                    phase[l] = start;
                }
                last[l] = gate[l];
                out.phase[i][l] = phase[l];
                phase[l] = phase[l].wrapping_add(out.step[i][l]);
            }
        }
        call.rows[LAST_GATE] = last;
    } else {
        for i in 0..BLOCK {
            for l in 0..W {
                out.phase[i][l] = phase[l];
                phase[l] = phase[l].wrapping_add(out.step[i][l]);
            }
        }
    }
    call.words[PHASE] = phase;
    call.words[STEP] = out.step[BLOCK - 1];
    out
}

#[inline(always)]
fn ratios<const W: usize>(octave: &[f32; W], tune: &[f32; W]) -> [f32; W] {
    std::array::from_fn(|l| exp2(octave[l] + tune[l] * (1.0 / 12.0)))
}

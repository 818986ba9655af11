//! What all oscillators share: pitch parameters, phase, restart at a note.

use crate::dsp::math::exp2;
use crate::dsp::phase::{TURN, increment, share};
use crate::modules::buffer::{In, Row};
use crate::modules::call::Call;
use crate::modules::spec::{BLOCK, ModuleSpec, Param, Port, Setting};
use crate::modules::state::{Setup, Sleep, State, StateLane};
use crate::units::unit::Unit;

/// The gate that restarts an oscillator.
pub(crate) const GATE: Port = Port::gate("gate", "Restarts the wave if `retrigger=#true`.");
/// Frequency in Hz.
pub(crate) const FREQ: Param =
    Param::pitch("freq", "Frequency. In an instrument the default is the pitch of the note.");
/// Octaves added to the pitch.
pub(crate) const OCTAVE: Param =
    Param::of(Unit::Octaves, "octave", -8.0, 8.0, 0.0, "Shifts the pitch by octaves.");
/// Semitones added to the pitch.
pub(crate) const TUNE: Param =
    Param::of(Unit::Semitones, "tune", -48.0, 48.0, 0.0, "Shifts the pitch by semitones.");
/// Where the wave starts, and whether each note restarts it.
pub(crate) const SETTINGS: &[Setting] = &[Setting::phase(), Setting::retrigger()];

/// The rows and words that `phases` keeps; a kind may keep more after them.
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
pub(crate) fn start(lane: &mut StateLane<'_>, setup: &Setup<'_>, place: usize) {
    *lane.word(PHASE) = share(setup.settings[place]);
}

/// Brings the phase to where it would be after `frames` at the last frequency.
pub(crate) fn advance(lane: &mut StateLane<'_>, frames: u64) {
    let step = *lane.word(STEP);
    let phase = lane.word(PHASE);
    *phase = phase.wrapping_add(step.wrapping_mul(frames as u32));
}

/// Where a kind declares what `steps` reads.
pub(crate) struct PitchParams {
    freq: usize,
    octave: usize,
    tune: usize,
}

impl PitchParams {
    /// The places in `spec`.
    pub(crate) const fn of(spec: &ModuleSpec) -> Self {
        Self { freq: spec.port("freq"), octave: spec.port("octave"), tune: spec.port("tune") }
    }
}

/// Where a kind declares what `phases` reads.
pub(crate) struct PhaseParams {
    pub(crate) pitch: PitchParams,
    gate: usize,
    phase: usize,
    retrigger: usize,
}

impl PhaseParams {
    /// The places in `spec`.
    pub(crate) const fn of(spec: &ModuleSpec) -> Self {
        Self {
            pitch: PitchParams::of(spec),
            gate: spec.port("gate"),
            phase: spec.setting("phase"),
            retrigger: spec.setting("retrigger"),
        }
    }
}

/// The increments of one block, 2^32 to a turn.
#[inline(always)]
pub(crate) fn steps<const W: usize>(call: &Call<'_, W>, at: &PitchParams) -> PhaseSteps<W> {
    let turns_per_hertz = TURN * call.clock.period;
    let (freq, octave, tune) = (call.ins[at.freq], call.ins[at.octave], call.ins[at.tune]);
    let mut out = [[0; W]; BLOCK];
    let constant = if octave.is_constant() && tune.is_constant() {
        let mut ratio = [0.0; W];
        for l in 0..W {
            ratio[l] = ratio_of(octave.at(0)[l], tune.at(0)[l]);
        }
        match freq {
            In::Constant(freq) => {
                let mut step = [0; W];
                for l in 0..W {
                    step[l] = increment(freq[l] * ratio[l], turns_per_hertz);
                }
                out.fill(step);
                true
            }
            In::Varying(freq) => {
                let mut spare = [[0.0; W]; BLOCK];
                let ratio = In::Constant(&ratio).rows(&mut spare);
                for ((step, freq), ratio) in
                    out.as_flattened_mut().iter_mut().zip(freq.as_flattened()).zip(ratio.as_flattened())
                {
                    *step = increment(freq * ratio, turns_per_hertz);
                }
                false
            }
        }
    } else {
        let mut spare = [[[0.0; W]; BLOCK]; 3];
        let [freq_rows, octave_rows, tune_rows] = &mut spare;
        let (freq, octave, tune) = (freq.rows(freq_rows), octave.rows(octave_rows), tune.rows(tune_rows));
        for (((step, freq), octave), tune) in out
            .as_flattened_mut()
            .iter_mut()
            .zip(freq.as_flattened())
            .zip(octave.as_flattened())
            .zip(tune.as_flattened())
        {
            *step = increment(freq * ratio_of(*octave, *tune), turns_per_hertz);
        }
        false
    };
    PhaseSteps { rows: out, constant }
}

#[inline(always)]
pub(crate) fn ratio_of(octave: f32, tune: f32) -> f32 {
    exp2(octave + tune * (1.0 / 12.0))
}

/// The increments of one block.
pub(crate) struct PhaseSteps<const W: usize> {
    /// A row a frame.
    pub(crate) rows: [[u32; W]; BLOCK],
    /// Whether they are all the same.
    pub(crate) constant: bool,
}

/// Writes the phase of each frame, as the bits of a float, into output 0 and moves on by a block, restarted by the gate
/// if so set. Gives the greatest increment of each lane.
#[inline(always)]
pub(crate) fn motion<const W: usize>(call: &mut Call<'_, W>, at: &PhaseParams) -> [u32; W] {
    let gate = call.ins[at.gate];
    let restarts = call.settings[at.retrigger] != 0.0
        && !(gate.is_constant() && gate.at(0)[..] == call.rows[LAST_GATE][..]);
    let steps = increments(call, &at.pitch);
    let mut phase = call.words[PHASE];
    let out = call.outs[0].rows::<W>();
    if let (Some(step), false) = (steps, restarts) {
        for (i, out) in out.iter_mut().enumerate() {
            for l in 0..W {
                // One lane alone runs frames side by side.
                let frame = if W == 1 { step[l].wrapping_mul(i as u32) } else { 0 };
                out[l] = f32::from_bits(phase[l].wrapping_add(frame));
                phase[l] = if W == 1 { phase[l] } else { phase[l].wrapping_add(step[l]) };
            }
        }
        if W == 1 {
            phase[0] = phase[0].wrapping_add(step[0].wrapping_mul(BLOCK as u32));
        }
        (call.words[PHASE], call.words[STEP]) = (phase, step);
        return step;
    }
    if let Some(step) = steps {
        out.fill(step.map(f32::from_bits));
    }
    let mut fastest = [0; W];
    call.words[STEP] = out[BLOCK - 1].map(f32::to_bits);
    if restarts {
        let start = share(call.settings[at.phase]);
        let mut last = call.rows[LAST_GATE];
        for (i, out) in out.iter_mut().enumerate() {
            let gate = gate.at(i);
            for l in 0..W {
                phase[l] = if gate[l] > 0.0 && last[l] <= 0.0 { start } else { phase[l] };
                last[l] = gate[l];
            }
            turn(out, &mut phase, &mut fastest);
        }
        call.rows[LAST_GATE] = last;
    } else {
        for out in out {
            turn(out, &mut phase, &mut fastest);
        }
    }
    call.words[PHASE] = phase;
    fastest.map(i32::cast_unsigned)
}

/// Puts the phases in the place of a frame's increments and moves on by these.
#[inline(always)]
fn turn<const W: usize>(row: &mut Row<W>, phase: &mut [u32; W], fastest: &mut [i32; W]) {
    for l in 0..W {
        let step = row[l].to_bits();
        let signed = step.cast_signed();
        fastest[l] = if signed > fastest[l] { signed } else { fastest[l] };
        row[l] = f32::from_bits(phase[l]);
        phase[l] = phase[l].wrapping_add(step);
    }
}

/// The increments of one block, 2^32 to a turn: the same in all of it, or as bits in output 0.
#[inline(always)]
fn increments<const W: usize>(call: &mut Call<'_, W>, at: &PitchParams) -> Option<[u32; W]> {
    let turns_per_hertz = TURN * call.clock.period;
    let (freq, octave, tune) = (call.ins[at.freq], call.ins[at.octave], call.ins[at.tune]);
    let bent = !(octave.is_constant() && tune.is_constant());
    let mut ratio = [0.0; W];
    for l in 0..W {
        ratio[l] = ratio_of(octave.at(0)[l], tune.at(0)[l]);
    }
    if let (In::Constant(freq), false) = (freq, bent) {
        let mut step = [0; W];
        for l in 0..W {
            step[l] = increment(freq[l] * ratio[l], turns_per_hertz);
        }
        return Some(step);
    }
    let out = call.outs[0].rows::<W>();
    if bent {
        let mut spare = [[[0.0; W]; BLOCK]; 3];
        let [freq_rows, octave_rows, tune_rows] = &mut spare;
        let (freq, octave, tune) = (freq.rows(freq_rows), octave.rows(octave_rows), tune.rows(tune_rows));
        let (freq, octave, tune) = (freq.as_flattened(), octave.as_flattened(), tune.as_flattened());
        for (n, out) in out.as_flattened_mut().iter_mut().enumerate() {
            *out = f32::from_bits(increment(freq[n] * ratio_of(octave[n], tune[n]), turns_per_hertz));
        }
    } else if let In::Varying(freq) = freq {
        for (out, freq) in out.iter_mut().zip(freq) {
            for l in 0..W {
                out[l] = freq[l] * ratio[l];
            }
        }
        for out in out.as_flattened_mut() {
            *out = f32::from_bits(increment(*out, turns_per_hertz));
        }
    }
    None
}
/// Writes the phase of each frame and moves on by `steps`, restarted by the gate if so set.
#[inline(always)]
pub(crate) fn phases<const W: usize>(
    call: &mut Call<'_, W>,
    at: &PhaseParams,
    steps: &PhaseSteps<W>,
    out: &mut [[u32; W]; BLOCK],
) {
    let mut phase = call.words[PHASE];
    let gate = call.ins[at.gate];
    let restarts = call.settings[at.retrigger] != 0.0
        && !(gate.is_constant() && gate.at(0)[..] == call.rows[LAST_GATE][..]);
    if restarts {
        let start = share(call.settings[at.phase]);
        let mut last = call.rows[LAST_GATE];
        for i in 0..BLOCK {
            let gate = gate.at(i);
            for l in 0..W {
                if gate[l] > 0.0 && last[l] <= 0.0 {
                    phase[l] = start;
                }
                last[l] = gate[l];
                out[i][l] = phase[l];
                phase[l] = phase[l].wrapping_add(steps.rows[i][l]);
            }
        }
        call.rows[LAST_GATE] = last;
    } else if W == 1 && steps.constant {
        let step = steps.rows[0][0];
        for i in 0..BLOCK {
            out[i][0] = phase[0].wrapping_add(step.wrapping_mul(i as u32));
        }
        phase[0] = phase[0].wrapping_add(step.wrapping_mul(BLOCK as u32));
    } else {
        for i in 0..BLOCK {
            for l in 0..W {
                out[i][l] = phase[l];
                phase[l] = phase[l].wrapping_add(steps.rows[i][l]);
            }
        }
    }
    call.words[PHASE] = phase;
    call.words[STEP] = steps.rows[BLOCK - 1];
}

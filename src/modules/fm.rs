//! Frequency modulation with two operators.

use crate::dsp::math::sine;
use crate::dsp::phase::{TURN, share, whole, wrapped};
use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::oscillator::{self, PhaseParams, phases, steps};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Sleep, State};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "fm",
    family: Family::Source,
    about: "Two sines, one of which bends the phase of the other: bells, electric pianos, basses.",
    notes: "The modulator runs at `ratio` times the pitch: whole ratios sound harmonic, others like metal. `index` is how far it \
            bends the phase, in radians: the more, the brighter; route an envelope into it. `feedback` bends the \
            modulator by itself, from a sine towards a saw. High notes are bent less, so that they don't alias.",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The bent sine, -1 to 1.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::number("ratio", 0.0, 32.0, 2.0, "The modulator's pitch over that of the sound."),
        Param::number("index", 0.0, 20.0, 1.5, "How far the modulator bends the phase, in radians."),
        Param::share("feedback", 0.0, "How far the modulator bends itself."),
    ],
    settings: oscillator::SETTINGS,
    channels: Channels::Each,
    example: r#"song "fm" tempo=90 bars=2
instrument piano voices=4 {
    fm    osc ratio=14 index=0.4
    fm    body ratio=1 index=1.2
    decay env time="1.5s" curve=4
    decay hit time="300ms"
    route hit -> osc.index by=0.6
    route osc body -> out vca=env gain="-15dB"
}
track piano notes="c4/e4/g4/b4 a3/c4/e4/g4" "X... ..X. .... ...." "X... ..X. .... ...."
"#,
    state: State {
        rows: oscillator::STATE.rows + 2,
        words: oscillator::STATE.words + 2,
        init: |lane, setup| {
            oscillator::start(lane, setup, START);
            *lane.word(MODULATOR) = share(setup.settings[START]);
        },
        sleep: Sleep::Advance(|lane, frames| {
            oscillator::advance(lane, frames);
            let step = *lane.word(MODULATOR + 1);
            let phase = lane.word(MODULATOR);
            *phase = phase.wrapping_add(step.wrapping_mul(frames as u32));
            // What a modulator hears of itself is long past.
            (*lane.row(HEARD), *lane.row(HEARD + 1)) = (0.0, 0.0);
        }),
        ..State::NONE
    },
    kernel: kernel!(fm),
};

const AT: PhaseParams = PhaseParams::of(&SPEC);
const GATE: usize = SPEC.port("gate");
const RATIO: usize = SPEC.port("ratio");
const INDEX: usize = SPEC.port("index");
const FEEDBACK: usize = SPEC.port("feedback");
const START: usize = 0;
const RETRIGGER: usize = SPEC.setting("retrigger");

/// The modulator's phase, and after it its increment.
const MODULATOR: usize = oscillator::STATE.words;
/// The last two values of a modulator that bends itself.
const HEARD: usize = oscillator::STATE.rows;
/// Radians as a share of a turn.
const RADIAN: f32 = std::f32::consts::FRAC_1_PI * 0.5;
/// How far full feedback bends, as a share of a turn.
const BEND: f32 = 0.2;

#[inline(always)]
fn fm<const W: usize>(call: &mut Call<'_, W>) {
    let last_gate = call.rows[0];
    let steps = steps(call, &AT.pitch);
    let mut carrier = [[0; W]; BLOCK];
    phases(call, &AT, &steps, &mut carrier);
    let mut spare: [Rows<W>; 3] = [[[0.0; W]; BLOCK]; 3];
    let [ratio, index, feedback] = &mut spare;
    let quiet = call.ins[FEEDBACK].is_silent();
    let ratio = call.ins[RATIO].rows(ratio).as_flattened();
    let index = call.ins[INDEX].rows(index).as_flattened();
    let feedback = call.ins[FEEDBACK].rows(feedback).as_flattened();
    // How fast the modulator moves, how far it bends the carrier, and how far itself, all in turns.
    let mut step = [[0; W]; BLOCK];
    let mut depth: Rows<W> = [[0.0; W]; BLOCK];
    let mut back: Rows<W> = [[0.0; W]; BLOCK];
    {
        let (step, depth, back) =
            (step.as_flattened_mut(), depth.as_flattened_mut(), back.as_flattened_mut());
        for (n, own) in steps.rows.as_flattened().iter().enumerate() {
            let own = own.cast_signed() as f32;
            let moves = own * ratio[n];
            step[n] = whole(if moves < 2_147_483_520.0 { moves } else { 2_147_483_520.0 });
            let (own, moves) = (own * (1.0 / TURN), moves * (1.0 / TURN));
            // Carson's rule: partials reach index + 1 times the modulator's frequency to either side. Another one up
            // stays free for what lies beyond.
            let most = (0.5 - own) / (moves + 1e-9) - 2.0;
            let most = if most > 0.0 { most } else { 0.0 };
            depth[n] = RADIAN * if index[n] < most { index[n] } else { most };
            let room = 1.0 - 8.0 * moves;
            back[n] = BEND * feedback[n] * if room > 0.0 { room } else { 0.0 };
        }
    }
    let modulator = modulator(call, &step, &last_gate);
    let mut bent: Rows<W> = [[0.0; W]; BLOCK];
    if quiet {
        for (bent, phase) in bent.as_flattened_mut().iter_mut().zip(modulator.as_flattened()) {
            *bent = sine(*phase);
        }
        (call.rows[HEARD], call.rows[HEARD + 1]) = (bent[BLOCK - 1], bent[BLOCK - 2]);
    } else {
        let (mut one, mut two) = (call.rows[HEARD], call.rows[HEARD + 1]);
        for i in 0..BLOCK {
            for l in 0..W {
                // The mean of the last two keeps a strong feedback from hunting.
                let turn = wrapped(back[i][l] * (one[l] + two[l]));
                two[l] = one[l];
                one[l] = sine(modulator[i][l].wrapping_add(turn));
                bent[i][l] = one[l];
            }
        }
        (call.rows[HEARD], call.rows[HEARD + 1]) = (one, two);
    }
    let (carrier, depth, bent) = (carrier.as_flattened(), depth.as_flattened(), bent.as_flattened());
    for (n, out) in call.out(0).as_flattened_mut().iter_mut().enumerate() {
        *out = sine(carrier[n].wrapping_add(wrapped(depth[n] * bent[n])));
    }
}

/// The phases of the modulator, which restarts with the carrier.
#[inline(always)]
fn modulator<const W: usize>(
    call: &mut Call<'_, W>,
    step: &[[u32; W]; BLOCK],
    last_gate: &[f32; W],
) -> [[u32; W]; BLOCK] {
    let mut phase = call.words[MODULATOR];
    let gate = call.ins[GATE];
    let restart = call.settings[RETRIGGER] != 0.0;
    let start = share(call.settings[START]);
    let mut last = *last_gate;
    let mut out = [[0; W]; BLOCK];
    for i in 0..BLOCK {
        for l in 0..W {
            if restart {
                let now = gate.at(i)[l];
                phase[l] = if now > 0.0 && last[l] <= 0.0 { start } else { phase[l] };
                last[l] = now;
            }
            out[i][l] = phase[l];
            phase[l] = phase[l].wrapping_add(step[i][l]);
        }
    }
    (call.words[MODULATOR], call.words[MODULATOR + 1]) = (phase, step[BLOCK - 1]);
    out
}

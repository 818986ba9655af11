//! Bars, bells and skins: a bank of tuned resonators.
//!
//! Ratios of the partials: Fletcher and Rossing, "The physics of musical instruments" (1998): the free bar, the marimba's tuned bar,
//! the church bell, the ideal membrane and the wine glass.

use crate::dsp::math::{exp2, power, sine};
use crate::dsp::phase::{TURN, increment};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::Call;
use crate::modules::control::fall;
use crate::modules::kernel::kernel;
use crate::modules::line::by_rows;
use crate::modules::oscillator;
use crate::modules::rates::REFERENCE;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "modal",
    family: Family::Source,
    about: "Struck bar, bell, glass or skin: eight tuned resonators, struck each time the gate opens.",
    notes: "It rings on after the gate closes; to stop it, use an envelope as `vca`. `hardness` is that of the \
            mallet. `damp` sets how much faster the upper partials decay: wood is damped, metal is not. A signal \
            routed into `exciter` also makes it ring: noise acts as a bow or a brush. With `strike=0` only the \
            exciter does.",
    inputs: &[
        Port::gate("gate", "Strikes when it opens."),
        Port::audio("exciter", "Signal that also makes it ring."),
    ],
    outputs: &[Port::audio("out", "The sound.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::seconds("decay", 0.01, 20.0, 2.0, "Time in which the lowest partial decays by 60 dB."),
        Param::share("damp", 0.3, "How much faster the upper partials decay."),
        Param::share("hardness", 0.6, "Hardness of the mallet: how loud the upper partials are."),
        Param::gain("strike", 0.0, 4.0, 1.0, "How hard the gate strikes."),
    ],
    settings: &[Setting::choice(
        "model",
        "The object that is struck.",
        &[
            ("marimba", "A bar of wood, hollowed so that its partials are in tune."),
            ("bar", "A plain bar: glockenspiel and chimes."),
            ("bell", "A church bell, with its hum and minor third."),
            ("skin", "A drum without a shell."),
            ("glass", "A wine glass."),
        ],
    )],
    channels: Channels::Each,
    example: r#"song "modal" tempo=116 bars=2
instrument mallet voices=4 {
    modal wood decay="900ms" damp=0.5 hardness=0.5
    adsr  hand attack=0 sustain=1 release="900ms"
    route wood -> out vca=hand gain="-4dB"
}
instrument chime voices=3 {
    modal metal model="bell" octave=1 decay="3s" damp=0.1
    adsr  hand attack=0 sustain=1 release="2s"
    route metal -> out vca=hand gain="-12dB"
}
track mallet notes="a3 c4 e4 a4 g4 e4" "x.gx x.g. x.gx X.g." "x.gx x.g. x.gx X..."
track chime notes="a4 e4" "X... .... .... ...." "X... .... .... ...."
"#,
    state: State { rows: 2 * MODES + 1, ends: |_| true, ..State::NONE },
    kernel: kernel!(modal, pays 2),
};

const GATE: usize = SPEC.port("gate");
const EXCITER: usize = SPEC.port("exciter");
const FREQ: usize = SPEC.port("freq");
const OCTAVE: usize = SPEC.port("octave");
const TUNE: usize = SPEC.port("tune");
const DECAY: usize = SPEC.port("decay");
const DAMP: usize = SPEC.port("damp");
const HARDNESS: usize = SPEC.port("hardness");
const STRIKE: usize = SPEC.port("strike");
const MODEL: usize = SPEC.setting("model");

const MODES: usize = 8;
/// The row of the gate in the frame before; the resonators come first.
const LAST: usize = 2 * MODES;
/// No partial lies higher, as a share of the rate, and of the reference at higher rates.
const HIGHEST: f32 = 0.45;

/// Of each model the partials against the pitch, and their levels under a mallet that is as hard as can be.
const MODELS: [[[f32; 2]; MODES]; 5] = [
    [
        [1.0, 1.0],
        [4.0, 0.5],
        [10.0, 0.25],
        [17.6, 0.12],
        [26.0, 0.08],
        [36.5, 0.05],
        [48.6, 0.03],
        [62.5, 0.02],
    ],
    [
        [1.0, 1.0],
        [2.756, 0.7],
        [5.404, 0.5],
        [8.933, 0.35],
        [13.34, 0.25],
        [18.64, 0.18],
        [24.81, 0.12],
        [31.87, 0.08],
    ],
    [[0.5, 0.6], [1.0, 1.0], [1.2, 0.8], [1.5, 0.4], [2.0, 0.9], [2.67, 0.4], [3.0, 0.5], [4.17, 0.4]],
    [
        [1.0, 1.0],
        [1.594, 0.8],
        [2.136, 0.6],
        [2.296, 0.5],
        [2.653, 0.4],
        [2.918, 0.35],
        [3.156, 0.3],
        [3.501, 0.25],
    ],
    [
        [1.0, 1.0],
        [2.32, 0.6],
        [4.25, 0.45],
        [6.63, 0.3],
        [9.38, 0.2],
        [12.46, 0.14],
        [15.9, 0.1],
        [19.8, 0.07],
    ],
];

/// What the resonators do in one block: how they turn and fade, how loud they are struck and driven.
struct ResonatorTuning<const W: usize> {
    along: [Row<W>; MODES],
    across: [Row<W>; MODES],
    struck: [Row<W>; MODES],
    driven: [Row<W>; MODES],
}

#[inline(always)]
fn tune<const W: usize>(call: &Call<'_, W>) -> ResonatorTuning<W> {
    let none = [[0.0; W]; MODES];
    let mut tuning = ResonatorTuning { along: none, across: none, struck: none, driven: none };
    let model = &MODELS[call.settings[MODEL] as usize];
    let (rate, turns_per_hertz) = (call.clock.rate, TURN * call.clock.period);
    let within = if rate < REFERENCE { rate } else { REFERENCE };
    // Where a note begins in this block the controls are its own at the end.
    let end = |place: usize, l: usize| call.ins[place].at(BLOCK - 1)[l];
    for l in 0..W {
        let pitch = end(FREQ, l) * exp2(end(OCTAVE, l) + end(TUNE, l) * (1.0 / 12.0));
        let (decay, damp) = (end(DECAY, l), end(DAMP, l));
        let soft = -3.0 * (1.0 - end(HARDNESS, l));
        let mut all = 0.0;
        for k in 0..MODES {
            let [ratio, level] = model[k];
            let hertz = pitch * ratio;
            let heard = hertz < HIGHEST * within;
            let above = if ratio > 1.0 { ratio } else { 1.0 };
            let fade = fall(decay / (1.0 + damp * (above - 1.0)), rate);
            let step = increment(if heard { hertz } else { 0.0 }, turns_per_hertz);
            tuning.along[k][l] = fade * sine(step.wrapping_add(1 << 30));
            tuning.across[k][l] = fade * sine(step);
            let level = if hertz < HIGHEST * REFERENCE { level * power(above, soft) } else { 0.0 };
            all += level;
            tuning.struck[k][l] = if heard { level } else { 0.0 };
            // More frames push as often as they are more.
            tuning.driven[k][l] = ((1.0 - fade * fade) * (REFERENCE / rate)).sqrt();
        }
        for k in 0..MODES {
            tuning.struck[k][l] *= if all > 0.0 { 1.0 / all } else { 0.0 };
            tuning.driven[k][l] *= tuning.struck[k][l];
        }
    }
    tuning
}

#[inline(always)]
fn modal<const W: usize>(call: &mut Call<'_, W>) {
    let tuning = tune(call);
    let (gate, strike) = (call.ins[GATE], call.ins[STRIKE]);
    let mut spare: Rows<W> = [[0.0; W]; BLOCK];
    let exciter = call.ins[EXCITER].rows(&mut spare);
    let mut last = call.rows[LAST];
    let (mut along, mut across) = ([[0.0; W]; MODES], [[0.0; W]; MODES]);
    along.copy_from_slice(&call.rows[..MODES]);
    across.copy_from_slice(&call.rows[MODES..LAST]);
    let out = call.outs[0].rows::<W>();
    for i in 0..BLOCK {
        if W > 1 {
            by_rows();
        }
        let mut blow = [0.0; W];
        for l in 0..W {
            let now = gate.at(i)[l];
            blow[l] = if now > 0.0 && last[l] <= 0.0 { strike.at(i)[l] } else { 0.0 };
            last[l] = now;
        }
        let mut sum = [0.0; W];
        for k in 0..MODES {
            for l in 0..W {
                let push = tuning.struck[k][l] * blow[l] + tuning.driven[k][l] * exciter[i][l];
                let (x, y) = (along[k][l], across[k][l]);
                along[k][l] = (tuning.along[k][l] * x - tuning.across[k][l] * y) + push;
                across[k][l] = tuning.across[k][l] * x + tuning.along[k][l] * y;
                sum[l] += across[k][l];
            }
        }
        out[i] = sum;
    }
    call.rows[..MODES].copy_from_slice(&along);
    call.rows[MODES..LAST].copy_from_slice(&across);
    call.rows[LAST] = last;
}

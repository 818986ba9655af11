//! The compressor.
//!
//! The detector, the knee and the smoothing in decibels are those that Giannoulis, Massberg and Reiss found best ("Digital dynamic
//! range compressor design", 2012): peaks in the log domain, with the release first and the attack after it.

use crate::dsp::math::{clamp, exp2, log2};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::Call;
use crate::modules::control::{keep, louder, mapped};
use crate::modules::kernel::kernel;
use crate::modules::line::{self, room};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Options, Param, Port, Setting};
use crate::modules::state::{Setup, State};
use crate::units::unit::Unit;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "compressor",
    family: Family::Effect,
    about: "Compressor: attenuates what is louder than a threshold, which reduces the dynamic range.",
    notes: "At `ratio=4` a sound 8 dB above the threshold leaves 2 dB above it. `makeup` restores the level. Left \
            and right are attenuated together. A signal routed into `sidechain` controls it in place of the input: \
            `route kick -> comp.sidechain` makes a pad duck under the kick. `mix=0.5` is parallel compression.",
    inputs: &[
        Port::audio("in", "Signal to compress."),
        Port::sidechain("sidechain", "Signal whose level controls the effect."),
    ],
    outputs: &[Port::audio("out", "The compressed signal.")],
    params: &[
        Param::gain("threshold", 0.001, 1.0, 0.125_892_541_179_416_73, "Level above which it compresses."),
        Param::number("ratio", 1.0, 100.0, 4.0, "Input decibels above the threshold for one output decibel."),
        Param::seconds("attack", 0.000_1, 1.0, 0.01, "Time for 63 % of the gain reduction."),
        Param::seconds("release", 0.005, 5.0, 0.1, "Time for 63 % of the recovery."),
        Param::gain(
            "knee",
            1.0,
            15.848_931_924_611_133,
            1.995_262_314_968_879_5,
            "Width of the soft knee around the threshold.",
        ),
        Param::gain("makeup", 0.0, 16.0, 1.0, "Output gain."),
        Param::share("mix", 1.0, "Dry/wet mix: 0 is only the sound itself, 1 only the compressed signal."),
    ],
    settings: &[Setting {
        name: "lookahead",
        about: "Lookahead; its delay is compensated in the whole song.",
        options: Options::Amount { unit: Unit::Seconds, min: 0.0, max: 0.02, default: 0.0 },
    }],
    channels: Channels::Linked,
    example: r#"song "compressor" tempo=124 bars=2
instrument kick {
    sine  osc freq="50Hz"
    decay drop time="60ms"
    decay env  time="300ms"
    route drop -> osc.freq by="250Hz"
    route osc -> out vca=env
}
instrument pad voices=3 {
    supersaw osc
    lowpass  tone cutoff="1.4kHz"
    adsr     env attack="100ms" release="300ms"
    route osc -> tone -> out vca=env
}
compressor duck threshold="-30dB" ratio=8 attack="2ms" release="120ms"
route pad -> duck -> out gain="-8dB"
route kick -> duck.sidechain
route kick -> out gain="-6dB"
track kick "X... X... X... X..."
track pad notes="a3/c4/e4 f3/a3/c4" length=1 "X___ ____ ____ ____" "X___ ____ ____ ____"
"#,
    state: State {
        rows: 2,
        rings: |setup| match ahead(setup) {
            0 => Vec::new(),
            frames => vec![room(frames as f32); 2],
        },
        latency: |setup| ahead(setup) as u32,
        raises: |highest| highest[5].max(1.0),
        ..State::NONE
    },
    kernel: kernel!(compressor),
};

const KEY: usize = SPEC.port("sidechain");
const THRESHOLD: usize = SPEC.port("threshold");
const RATIO: usize = SPEC.port("ratio");
const ATTACK: usize = SPEC.port("attack");
const RELEASE: usize = SPEC.port("release");
const KNEE: usize = SPEC.port("knee");
const MAKEUP: usize = SPEC.port("makeup");
const MIX: usize = SPEC.port("mix");
const LOOKAHEAD: usize = SPEC.setting("lookahead");

/// The rows of the reduction, in octaves of gain: falling with the release, and that smoothed by the attack.
const HELD: usize = 0;
const SMOOTH: usize = 1;

/// What counts as silence, so that there is a logarithm of it.
const FLOOR: f32 = 1e-9;
/// A reduction that nobody hears, in octaves of gain.
const NONE: f32 = 1e-6;

fn ahead(setup: &Setup<'_>) -> usize {
    frames(setup.settings[LOOKAHEAD], setup.rate)
}

#[inline(always)]
fn frames(seconds: f32, rate: f32) -> usize {
    (seconds * rate + 0.5) as usize
}

#[inline(always)]
fn compressor<const W: usize>(call: &mut Call<'_, W>) {
    let mut reduction: Rows<W> = [[0.0; W]; BLOCK];
    wanted(call, &mut reduction);
    let calm = call.rows[HELD] == [0.0; W]
        && call.rows[SMOOTH] == [0.0; W]
        && reduction.as_flattened().iter().all(|x| *x == 0.0);
    if !calm {
        follow(call, &mut reduction);
    }
    let mut spare: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
    let [makeup, mix] = &mut spare;
    let makeup = call.ins[MAKEUP].rows(makeup).as_flattened();
    let mix = call.ins[MIX].rows(mix).as_flattened();
    for (n, gain) in reduction.as_flattened_mut().iter_mut().enumerate() {
        *gain = (1.0 - mix[n]) + mix[n] * (makeup[n] * exp2(-*gain));
    }
    let gain = reduction.as_flattened();
    let ahead = frames(call.settings[LOOKAHEAD], call.clock.rate);
    for side in 0..2 {
        let mut spare: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
        let [input, delayed] = &mut spare;
        let mut sound = call.ins[side].rows(input);
        if let Some(ring) = call.rings.get_mut(side) {
            let start = (ring.at + ring.frames - ahead) % ring.frames;
            line::write(ring, sound);
            sound = line::stretch(ring, start, delayed);
        }
        let sound = sound.as_flattened();
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            *out = sound[n] * gain[n];
        }
    }
}

/// The reduction that the level asks for in each frame, in octaves of gain.
#[inline(always)]
fn wanted<const W: usize>(call: &Call<'_, W>, out: &mut Rows<W>) {
    let mut spare: [Rows<W>; 5] = [[[0.0; W]; BLOCK]; 5];
    let [left, right, threshold, slope, knee] = &mut spare;
    let (left, right) = (call.ins[KEY].rows(left), call.ins[KEY + 1].rows(right));
    mapped(&call.ins[THRESHOLD], threshold, log2);
    mapped(&call.ins[RATIO], slope, |ratio| 1.0 - 1.0 / ratio);
    mapped(&call.ins[KNEE], knee, |knee| log2(knee) + 1e-3);
    let (left, right) = (left.as_flattened(), right.as_flattened());
    let (threshold, slope, knee) = (threshold.as_flattened(), slope.as_flattened(), knee.as_flattened());
    for (n, out) in out.as_flattened_mut().iter_mut().enumerate() {
        let over = log2(louder(left[n], right[n], FLOOR)) - threshold[n];
        let bend = clamp(over + 0.5 * knee[n], 0.0, knee[n]);
        let past = over - 0.5 * knee[n];
        let past = if past > 0.0 { past } else { 0.0 };
        *out = slope[n] * (bend * bend / (knee[n] + knee[n]) + past);
    }
}

/// Lets the reduction go up with the attack and down with the release.
#[inline(always)]
fn follow<const W: usize>(call: &mut Call<'_, W>, reduction: &mut Rows<W>) {
    let rate = call.clock.rate;
    let mut spare: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
    let [attack, release] = &mut spare;
    mapped(&call.ins[ATTACK], attack, |seconds| keep(seconds, rate));
    mapped(&call.ins[RELEASE], release, |seconds| keep(seconds, rate));
    let (mut held, mut smooth): (Row<W>, Row<W>) = (call.rows[HELD], call.rows[SMOOTH]);
    for i in 0..BLOCK {
        let mut row = reduction[i];
        for l in 0..W {
            let fallen = row[l] + (held[l] - row[l]) * release[i][l];
            held[l] = if row[l] > fallen { row[l] } else { fallen };
            smooth[l] = held[l] + (smooth[l] - held[l]) * attack[i][l];
            row[l] = smooth[l];
        }
        reduction[i] = row;
    }
    for l in 0..W {
        held[l] = if held[l] > NONE { held[l] } else { 0.0 };
        smooth[l] = if smooth[l] > NONE { smooth[l] } else { 0.0 };
    }
    (call.rows[HELD], call.rows[SMOOTH]) = (held, smooth);
}

//! The noise gate.

use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::control::{fall, louder, mapped};
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "noisegate",
    family: Family::Effect,
    about: "Noise gate: passes what is louder than a threshold and mutes the rest.",
    notes: "It opens when the level exceeds the threshold. It closes once the level has been more than `hysteresis` \
            below the threshold for `hold-time`, so it doesn't flutter. After a reverb it gives the gated reverb of \
            the eighties. A signal routed into `sidechain` controls it in place of the input: a pad chopped by a \
            drum.",
    inputs: &[
        Port::audio("in", "Signal to gate."),
        Port::sidechain("sidechain", "Signal whose level controls the effect."),
    ],
    outputs: &[Port::audio("out", "The gated signal.")],
    params: &[
        Param::gain("threshold", 0.000_1, 1.0, 0.01, "Level above which it opens."),
        Param::gain(
            "hysteresis",
            1.0,
            16.0,
            1.995_262_314_968_879_5,
            "How far below the threshold it closes.",
        ),
        Param::seconds("attack", 0.0, 1.0, 0.001, "Time in which it opens."),
        Param::seconds("hold-time", 0.0, 5.0, 0.02, "Minimum time for which it stays open."),
        Param::seconds("release", 0.001, 5.0, 0.08, "Time in which it closes, by 60 dB."),
        Param::gain("floor", 0.0, 1.0, 0.0, "Gain while it is closed."),
    ],
    settings: &[],
    channels: Channels::Linked,
    example: r#"song "noisegate" tempo=100 bars=2
instrument snare {
    noise    rattle
    bandpass body freq="1.6kHz" q=0.8
    decay    env time="120ms"
    route rattle -> body -> out vca=env
}
reverb    plate time="3s"
noisegate cut threshold="-20dB" hold-time="160ms" release="60ms"
route snare -> plate -> cut gain="12dB"
route cut -> out
route snare -> cut.sidechain
route snare -> out gain="-6dB"
track snare ".... X... .... X..." ".... X... .... X.x."
"#,
    state: State { rows: 2, ..State::NONE },
    kernel: kernel!(noisegate),
};

const KEY: usize = SPEC.port("sidechain");
const THRESHOLD: usize = SPEC.port("threshold");
const HYSTERESIS: usize = SPEC.port("hysteresis");
const ATTACK: usize = SPEC.port("attack");
const HOLD: usize = SPEC.port("hold-time");
const RELEASE: usize = SPEC.port("release");
const SHUT: usize = SPEC.port("floor");

/// The rows of how far it is open, and of the frames for which it stays so at least.
const OPEN: usize = 0;
const LEFT: usize = 1;
/// As good as shut.
const NEARLY: f32 = 1e-5;

#[inline(always)]
fn noisegate<const W: usize>(call: &mut Call<'_, W>) {
    let rate = call.clock.rate;
    let mut spare: [Rows<W>; 5] = [[[0.0; W]; BLOCK]; 5];
    let [opens, shuts, up, hold, down] = &mut spare;
    mapped(&call.ins[THRESHOLD], opens, |level| level);
    mapped(&call.ins[HYSTERESIS], shuts, |gain| 1.0 / gain);
    for (shuts, opens) in shuts.as_flattened_mut().iter_mut().zip(opens.as_flattened()) {
        *shuts *= opens;
    }
    mapped(&call.ins[ATTACK], up, |seconds| {
        let frames = seconds * rate;
        1.0 / if frames > 1.0 { frames } else { 1.0 }
    });
    mapped(&call.ins[HOLD], hold, |seconds| 1.0 + seconds * rate);
    mapped(&call.ins[RELEASE], down, |seconds| fall(seconds, rate));
    let mut level: Rows<W> = [[0.0; W]; BLOCK];
    {
        let mut spare: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
        let [left, right] = &mut spare;
        let left = call.ins[KEY].rows(left).as_flattened();
        let right = call.ins[KEY + 1].rows(right).as_flattened();
        for (n, level) in level.as_flattened_mut().iter_mut().enumerate() {
            *level = louder(left[n], right[n], 0.0);
        }
    }
    let (mut open, mut left) = (call.rows[OPEN], call.rows[LEFT]);
    for i in 0..BLOCK {
        let mut row = level[i];
        for l in 0..W {
            let least = if left[l] > 0.0 { shuts[i][l] } else { opens[i][l] };
            let over = left[l] - 1.0;
            left[l] = if row[l] > least {
                hold[i][l]
            } else if over > 0.0 {
                over
            } else {
                0.0
            };
            let rise = open[l] + up[i][l];
            let rise = if rise < 1.0 { rise } else { 1.0 };
            open[l] = if left[l] > 0.0 { rise } else { open[l] * down[i][l] };
            row[l] = open[l];
        }
        level[i] = row;
    }
    for l in 0..W {
        open[l] = if open[l] > NEARLY { open[l] } else { 0.0 };
    }
    (call.rows[OPEN], call.rows[LEFT]) = (open, left);
    let mut spare = [[0.0; W]; BLOCK];
    let shut = call.ins[SHUT].rows(&mut spare).as_flattened();
    for (n, level) in level.as_flattened_mut().iter_mut().enumerate() {
        *level = shut[n] + (1.0 - shut[n]) * *level;
    }
    let gain = level.as_flattened();
    for side in 0..2 {
        let mut spare = [[0.0; W]; BLOCK];
        let sound = call.ins[side].rows(&mut spare).as_flattened();
        for (n, out) in call.outs[side].rows::<W>().as_flattened_mut().iter_mut().enumerate() {
            *out = sound[n] * gain[n];
        }
    }
}

//! The envelope follower.

use crate::dsp::math::{clamp, log2};
use crate::modules::buffer::Rows;
use crate::modules::call::Call;
use crate::modules::control::{keep, louder, mapped};
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "follower",
    family: Family::Modulator,
    about: "Envelope follower: a control signal that follows the level of a sound.",
    notes: "Routed into the cutoff of a filter it makes an auto-wah; into a gain, with a negative `by`, it ducks \
            one sound under another. It follows the peaks of the louder channel.",
    inputs: &[Port::audio("in", "Signal to follow.")],
    outputs: &[Port::unipolar("out", "The level.")],
    params: &[
        Param::seconds("attack", 0.000_1, 5.0, 0.005, "Time in which it rises by 63 %."),
        Param::seconds("release", 0.001, 10.0, 0.1, "Time in which it falls by 63 %."),
        Param::gain("gain", 0.0, 1_000.0, 1.0, "Input gain."),
    ],
    settings: &[Setting::choice(
        "scale",
        "Scale of the output.",
        &[
            ("linear", "Linear level: 1 is full scale, 0.5 is 6 dB less."),
            ("decibels", "Decibels: 1 is full scale, 0.5 is -30 dB, 0 is -60 dB."),
        ],
    )],
    channels: Channels::Linked,
    example: r#"song "follower" tempo=104 bars=2
instrument clav {
    square osc
    decay  env time="250ms"
    route osc -> out vca=env
}
follower ear attack="4ms" release="120ms"
ladder   wah cutoff="250Hz" resonance=0.7
route clav -> ear
route ear -> wah.cutoff by="4oct"
route clav -> wah -> out gain="-9dB"
track clav notes="a2 a2 c3 d3 e3 g2" "X.gx .gX. x.gX g.x." "X.gx .gX. x.gX g.x."
"#,
    state: State { rows: 2, raises: |highest| highest[2].max(1.0), ..State::NONE },
    kernel: kernel!(follower),
};

const ATTACK: usize = SPEC.port("attack");
const RELEASE: usize = SPEC.port("release");
const GAIN: usize = SPEC.port("gain");
const SCALE: usize = SPEC.setting("scale");

/// The rows of the peak, falling with the release, and of that smoothed by the attack.
const HELD: usize = 0;
const SMOOTH: usize = 1;
/// What is as good as silence.
const NONE: f32 = 1e-9;
/// Octaves of gain to 60 dB.
const RANGE: f32 = 9.965_784_3;

#[inline(always)]
fn follower<const W: usize>(call: &mut Call<'_, W>) {
    let rate = call.clock.rate;
    let mut level: Rows<W> = [[0.0; W]; BLOCK];
    {
        let mut spare: [Rows<W>; 3] = [[[0.0; W]; BLOCK]; 3];
        let [left, right, gain] = &mut spare;
        let left = call.ins[0].rows(left).as_flattened();
        let right = call.ins[1].rows(right).as_flattened();
        let gain = call.ins[GAIN].rows(gain).as_flattened();
        for (n, level) in level.as_flattened_mut().iter_mut().enumerate() {
            *level = gain[n] * louder(left[n], right[n], 0.0);
        }
    }
    let mut spare: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
    let [attack, release] = &mut spare;
    mapped(&call.ins[ATTACK], attack, |seconds| keep(seconds, rate));
    mapped(&call.ins[RELEASE], release, |seconds| keep(seconds, rate));
    let (mut held, mut smooth) = (call.rows[HELD], call.rows[SMOOTH]);
    for i in 0..BLOCK {
        let mut row = level[i];
        for l in 0..W {
            let fallen = row[l] + (held[l] - row[l]) * release[i][l];
            held[l] = if row[l] > fallen { row[l] } else { fallen };
            smooth[l] = held[l] + (smooth[l] - held[l]) * attack[i][l];
            row[l] = smooth[l];
        }
        level[i] = row;
    }
    for l in 0..W {
        held[l] = if held[l] > NONE { held[l] } else { 0.0 };
        smooth[l] = if smooth[l] > NONE { smooth[l] } else { 0.0 };
    }
    (call.rows[HELD], call.rows[SMOOTH]) = (held, smooth);
    if call.settings[SCALE] == 0.0 {
        for level in level.as_flattened_mut() {
            *level = clamp(*level, 0.0, 1.0);
        }
    } else {
        for level in level.as_flattened_mut() {
            let octaves = log2(if *level > NONE { *level } else { NONE });
            *level = clamp(1.0 + octaves * (1.0 / RANGE), 0.0, 1.0);
        }
    }
    for side in 0..2 {
        *call.out(side) = level;
    }
}

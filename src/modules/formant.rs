//! The formant filter: what makes vowels.
//!
//! Frequencies, levels and widths are those of the table of formants in the Csound manual.

use std::f32::consts::PI;

use crate::dsp::math::{exp2, log2, tangent};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::{Call, KernelClock};
use crate::modules::glide::{CoefficientRamp, NODES, spans};
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::State;
use crate::units::unit::Unit;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "formant",
    family: Family::Filter,
    about: "Formant filter: gives a bright sound the vowels of a voice.",
    notes: "`vowel` is 0 for a, 1 for e, 2 for i, 3 for o and 4 for u; values between blend two vowels, so an `lfo` \
            or an envelope makes it speak. Its input should have many partials: `saw` or `noise`. `shift` makes the \
            throat smaller or larger without changing the pitch.",
    inputs: &[Port::audio("in", "Signal to filter.")],
    outputs: &[Port::audio("out", "The voice.")],
    params: &[
        Param::number("vowel", 0.0, 4.0, 0.0, "The vowel: a, e, i, o, u from 0 to 4."),
        Param::of(Unit::Semitones, "shift", -24.0, 24.0, 0.0, "Shifts all formants."),
        Param::number("q", 0.25, 4.0, 1.0, "Narrowness of the formants, relative to those of a voice."),
    ],
    settings: &[Setting::choice(
        "voice",
        "The singer.",
        &[("tenor", "A man's, high."), ("bass", "A man's, low."), ("soprano", "A woman's, high.")],
    )],
    channels: Channels::Each,
    example: r#"song "formant" tempo=96 bars=2
instrument choir voices=3 {
    saw     osc
    formant mouth
    lfo     speech rate="1/2" shape="triangle"
    lfo     vibrato rate="5Hz"
    adsr    env attack="80ms" sustain=0.9 release="250ms"
    route speech -> mouth.vowel by=3
    route vibrato -> osc.tune by="20ct"
    route osc -> mouth -> out vca=env
}
track choir notes="a2/e3/a3 f2/c3/a3" "X___ ____ ____ __.." "X___ ____ ____ __.."
"#,
    state: State { rows: 2 * FORMANTS, ..State::NONE },
    kernel: kernel!(formant, pays 2, baseline one),
};

const VOWEL: usize = SPEC.port("vowel");
const SHIFT: usize = SPEC.port("shift");
const NARROW: usize = SPEC.port("q");
const VOICE: usize = SPEC.setting("voice");

const FORMANTS: usize = 5;
const VOWELS: usize = 5;

/// Of each formant its frequency in Hz, its level in decibels and its width in Hz.
type Vowel = [[f32; 3]; FORMANTS];

const TENOR: [Vowel; VOWELS] = [
    [
        [650.0, 0.0, 80.0],
        [1080.0, -6.0, 90.0],
        [2650.0, -7.0, 120.0],
        [2900.0, -8.0, 130.0],
        [3250.0, -22.0, 140.0],
    ],
    [
        [400.0, 0.0, 70.0],
        [1700.0, -14.0, 80.0],
        [2600.0, -12.0, 100.0],
        [3200.0, -14.0, 120.0],
        [3580.0, -20.0, 120.0],
    ],
    [
        [290.0, 0.0, 40.0],
        [1870.0, -15.0, 90.0],
        [2800.0, -18.0, 100.0],
        [3250.0, -20.0, 120.0],
        [3540.0, -30.0, 120.0],
    ],
    [
        [400.0, 0.0, 40.0],
        [800.0, -10.0, 80.0],
        [2600.0, -12.0, 100.0],
        [2800.0, -12.0, 120.0],
        [3000.0, -26.0, 120.0],
    ],
    [
        [350.0, 0.0, 40.0],
        [600.0, -20.0, 60.0],
        [2700.0, -17.0, 100.0],
        [2900.0, -14.0, 120.0],
        [3300.0, -26.0, 120.0],
    ],
];
const BASS: [Vowel; VOWELS] = [
    [
        [600.0, 0.0, 60.0],
        [1040.0, -7.0, 70.0],
        [2250.0, -9.0, 110.0],
        [2450.0, -9.0, 120.0],
        [2750.0, -20.0, 130.0],
    ],
    [
        [400.0, 0.0, 40.0],
        [1620.0, -12.0, 80.0],
        [2400.0, -9.0, 100.0],
        [2800.0, -12.0, 120.0],
        [3100.0, -18.0, 120.0],
    ],
    [
        [250.0, 0.0, 60.0],
        [1750.0, -30.0, 90.0],
        [2600.0, -16.0, 100.0],
        [3050.0, -22.0, 120.0],
        [3340.0, -28.0, 120.0],
    ],
    [
        [400.0, 0.0, 40.0],
        [750.0, -11.0, 80.0],
        [2400.0, -21.0, 100.0],
        [2600.0, -20.0, 120.0],
        [2900.0, -40.0, 120.0],
    ],
    [
        [350.0, 0.0, 40.0],
        [600.0, -20.0, 80.0],
        [2400.0, -32.0, 100.0],
        [2675.0, -28.0, 120.0],
        [2950.0, -36.0, 120.0],
    ],
];
const SOPRANO: [Vowel; VOWELS] = [
    [
        [800.0, 0.0, 80.0],
        [1150.0, -6.0, 90.0],
        [2900.0, -32.0, 120.0],
        [3900.0, -20.0, 130.0],
        [4950.0, -50.0, 140.0],
    ],
    [
        [350.0, 0.0, 60.0],
        [2000.0, -20.0, 100.0],
        [2800.0, -15.0, 120.0],
        [3600.0, -40.0, 150.0],
        [4950.0, -56.0, 200.0],
    ],
    [
        [270.0, 0.0, 60.0],
        [2140.0, -12.0, 90.0],
        [2950.0, -26.0, 100.0],
        [3900.0, -26.0, 120.0],
        [4950.0, -44.0, 120.0],
    ],
    [
        [450.0, 0.0, 40.0],
        [800.0, -11.0, 80.0],
        [2830.0, -22.0, 100.0],
        [3800.0, -22.0, 120.0],
        [4950.0, -50.0, 120.0],
    ],
    [
        [325.0, 0.0, 50.0],
        [700.0, -16.0, 60.0],
        [2700.0, -35.0, 170.0],
        [3800.0, -40.0, 180.0],
        [4950.0, -60.0, 200.0],
    ],
];

/// What a formant keeps of band and low, what goes across, what it lets in, and how loud its band is.
#[inline(always)]
fn coefficients(
    clock: &KernelClock,
    table: &[Vowel; VOWELS],
    k: usize,
    [vowel, shift, narrow]: [f32; 3],
) -> [f32; 4] {
    let first = if vowel < (VOWELS - 1) as f32 { vowel as usize } else { VOWELS - 2 };
    let share = vowel - first as f32;
    let (from, to) = (table[first][k], table[first + 1][k]);
    let between = |n: usize| from[n] + (to[n] - from[n]) * share;
    // Frequencies glide in octaves.
    let octaves = log2(from[0]) + (log2(to[0]) - log2(from[0])) * share;
    let (hertz, widens) = (exp2(octaves), exp2(shift * (1.0 / 12.0)));
    let highest = 0.45 * clock.rate;
    let freq = hertz * widens;
    let freq = if freq < highest { freq } else { highest };
    let damping = between(2) / (hertz * narrow);
    let (n, d) = tangent(freq * (PI * clock.period));
    let (nn, nd, dd) = (n * n, n * d, d * d);
    let scale = 2.0 / ((dd + nn) + damping * nd);
    // 6.02 dB are an octave of gain. The states are twice what the integrators hold.
    let level = 0.5 * damping * exp2(between(1) * 0.166_096_4);
    [dd * scale - 1.0, nd * scale, nn * scale, level]
}

#[inline(always)]
fn formant<const W: usize>(call: &mut Call<'_, W>) {
    let table = match call.settings[VOICE] as u32 {
        0 => &TENOR,
        1 => &BASS,
        _ => &SOPRANO,
    };
    let (vowel, shift, narrow) = (call.ins[VOWEL], call.ins[SHIFT], call.ins[NARROW]);
    let clock = call.clock;
    let at = |i: usize| {
        let mut rows = [[[0.0; W]; 4]; FORMANTS];
        for k in 0..FORMANTS {
            for l in 0..W {
                let c = coefficients(clock, table, k, [vowel.at(i)[l], shift.at(i)[l], narrow.at(i)[l]]);
                (rows[k][0][l], rows[k][1][l], rows[k][2][l], rows[k][3][l]) = (c[0], c[1], c[2], c[3]);
            }
        }
        rows
    };
    let mut spare: Rows<W> = [[0.0; W]; BLOCK];
    let input = call.ins[0].rows(&mut spare);
    let mut state = [[[0.0; W]; 2]; FORMANTS];
    state.as_flattened_mut().copy_from_slice(&call.rows[..2 * FORMANTS]);
    let out = call.outs[0].rows::<W>();
    if vowel.is_constant() && shift.is_constant() && narrow.is_constant() {
        let rows = at(0);
        for i in 0..BLOCK {
            out[i] = step(&mut state, &rows, &input[i]);
        }
    } else {
        let nodes = NODES.map(at);
        for (n, (start, end)) in spans().into_iter().enumerate() {
            let mut rows = nodes[n];
            let lines: [CoefficientRamp<W, 4>; FORMANTS] =
                std::array::from_fn(|k| CoefficientRamp::between(&nodes[n][k], &nodes[n + 1][k]));
            for i in start..end {
                out[i] = step(&mut state, &rows, &input[i]);
                for k in 0..FORMANTS {
                    lines[k].advance(&mut rows[k]);
                }
            }
        }
    }
    call.rows[..2 * FORMANTS].copy_from_slice(state.as_flattened());
}

/// One frame of all formants, side by side.
#[inline(always)]
fn step<const W: usize>(
    state: &mut [[Row<W>; 2]; FORMANTS],
    rows: &[[Row<W>; 4]; FORMANTS],
    input: &Row<W>,
) -> Row<W> {
    let mut sum = [0.0; W];
    for k in 0..FORMANTS {
        let [hold, cross, open, level] = &rows[k];
        let [bands, lows] = state[k];
        for l in 0..W {
            let (band, low, x) = (bands[l], lows[l], input[l]);
            let next_band = (hold[l] * band + cross[l] * x) - cross[l] * low;
            let next_low = (low + open[l] * x) + (cross[l] * band - open[l] * low);
            sum[l] += level[l] * (band + next_band);
            (state[k][0][l], state[k][1][l]) = (next_band, next_low);
        }
    }
    sum
}

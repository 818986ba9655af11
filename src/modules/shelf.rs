//! The bands of equalisers: shelves and bells, alone and three in a row.
//!
//! State-variable filters after Andrew Simper (Cytomic 2013), whose responses are those of Robert Bristow-Johnson's "Cookbook
//! formulae for audio EQ biquad filter coefficients".

use std::f32::consts::{FRAC_1_SQRT_2, PI};

use crate::dsp::math::tangent;
use crate::modules::buffer::{In, Row};
use crate::modules::call::{Call, KernelClock};
use crate::modules::glide::{CoefficientRamp, NODES, spans};
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Passes, State};

const IN: &[Port] = &[Port::audio("in", "Signal to equalise.")];
const OUT: &[Port] = &[Port::audio("out", "Equalised signal.")];
const Q: Param = Param::number(
    "q",
    0.1,
    4.0,
    std::f64::consts::FRAC_1_SQRT_2,
    "Steepness; above 0.71 the shelf overshoots at its edge.",
);

/// A gain of an equaliser: 24 dB up or down.
const fn band_gain(name: &'static str, about: &'static str) -> Param {
    Param::gain(name, 0.063_095_734_448_019_33, 15.848_931_924_611_133, 1.0, about)
}

/// See [`crate::modules`].
pub(super) const LOWSHELF: ModuleSpec = ModuleSpec {
    kind: "lowshelf",
    family: Family::Filter,
    about: "Low shelf: boosts or cuts everything below a frequency.",
    notes: "At `freq` the gain is half of `gain`, in decibels. `gain=\"-6dB\"` reverses `gain=\"6dB\"`.",
    inputs: IN,
    outputs: OUT,
    params: &[
        Param::hertz("freq", 20.0, 20_000.0, 150.0, "Middle of the slope."),
        Q,
        band_gain("gain", "Gain of the lows."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "lowshelf" tempo=120 bars=1
instrument tom {
    sine     osc freq="90Hz"
    lowshelf body freq="120Hz" gain="6dB"
    decay    env time="350ms"
    route env -> osc.freq by="60Hz"
    route osc -> body -> out vca=env gain="-9dB"
}
track tom "X..x ..X. x..X ..x."
"#,
    state: State {
        rows: 2,
        passes: |params| Passes::still(params[2]?),
        raises: |highest| steep(highest[1]) * highest[2].max(1.0),
        ..State::NONE
    },
    kernel: kernel!(lowshelf, pays 2, baseline four),
};

/// See [`crate::modules`].
pub(super) const HIGHSHELF: ModuleSpec = ModuleSpec {
    kind: "highshelf",
    family: Family::Filter,
    about: "High shelf: boosts or cuts everything above a frequency.",
    notes: "At `freq` the gain is half of `gain`, in decibels. A few decibels more at 8 kHz add air; a few less \
            soften the sound.",
    inputs: IN,
    outputs: OUT,
    params: &[
        Param::hertz("freq", 20.0, 20_000.0, 6_000.0, "Middle of the slope."),
        Q,
        band_gain("gain", "Gain of the highs."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "highshelf" tempo=120 bars=1
instrument shaker {
    noise     grain color="pink"
    highshelf air freq="5kHz" gain="12dB"
    adsr      env attack="20ms" decay="50ms" sustain=0 release="20ms"
    route grain -> air -> out vca=env gain="-12dB"
}
track shaker "x.g. X.g. x.g. X.gx"
"#,
    state: State {
        rows: 2,
        passes: |_| Passes::still(1.0),
        raises: |highest| steep(highest[1]) * highest[2].max(1.0),
        ..State::NONE
    },
    kernel: kernel!(highshelf, pays 2, baseline four),
};

/// See [`crate::modules`].
pub(super) const EQ3: ModuleSpec = ModuleSpec {
    kind: "eq3",
    family: Family::Filter,
    about: "Three-band equaliser: a low shelf, a bell and a high shelf.",
    notes: "At 0 dB a band changes nothing. Single bands are `lowshelf`, `peak` (a bell), `highshelf` and `notch`.",
    inputs: IN,
    outputs: OUT,
    params: &[
        band_gain("low", "Gain of the lows."),
        Param::hertz("low-freq", 20.0, 20_000.0, 150.0, "Middle of the low slope."),
        band_gain("mid", "Gain at the centre of the bell."),
        Param::hertz("mid-freq", 20.0, 20_000.0, 1_000.0, "Centre of the bell."),
        Param::number(
            "mid-q",
            0.1,
            50.0,
            0.8,
            "Centre divided by bandwidth of the bell: higher is narrower.",
        ),
        band_gain("high", "Gain of the highs."),
        Param::hertz("high-freq", 20.0, 20_000.0, 6_000.0, "Middle of the high slope."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "eq3" tempo=96 bars=2
instrument keys voices=4 {
    fm    tine ratio=2 index=1.5
    decay env time="1.2s"
    route env -> tine.index by=2
    route tine -> out vca=env
}
eq3 tone low="4dB" low-freq="200Hz" mid="-5dB" mid-freq="700Hz" high="6dB" high-freq="4kHz"
route keys -> tone -> out gain="-15dB"
track keys notes="e3/g3/b3/d4 a2/c4/e4/g4" "X... ..x. ..x. ...." "X... ..x. ..x. ...."
"#,
    state: State {
        rows: 6,
        passes: |params| Passes::still(params[0]?),
        raises: |highest| [0, 2, 5].into_iter().map(|gain: usize| highest[gain].max(1.0)).product(),
        ..State::NONE
    },
    kernel: kernel!(eq3, pays 2),
};

/// By how much a shelf of that steepness swings beyond itself.
fn steep(q: f32) -> f32 {
    (q * core::f32::consts::SQRT_2).max(1.0)
}

/// The form of a band.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Low,
    Bell,
    High,
}

/// A band and the places of what it is tuned by; a shelf without a place for q is as steep as it can be without overshoot.
#[derive(Clone, Copy)]
struct EqBand {
    form: Form,
    freq: usize,
    q: Option<usize>,
    gain: usize,
}

const fn shelf(spec: &ModuleSpec, form: Form) -> [EqBand; 1] {
    [EqBand { form, freq: spec.port("freq"), q: Some(spec.port("q")), gain: spec.port("gain") }]
}

const LOW: [EqBand; 1] = shelf(&LOWSHELF, Form::Low);
const HIGH: [EqBand; 1] = shelf(&HIGHSHELF, Form::High);
const THREE: [EqBand; 3] = [
    EqBand { form: Form::Low, freq: EQ3.port("low-freq"), q: None, gain: EQ3.port("low") },
    EqBand {
        form: Form::Bell,
        freq: EQ3.port("mid-freq"),
        q: Some(EQ3.port("mid-q")),
        gain: EQ3.port("mid"),
    },
    EqBand { form: Form::High, freq: EQ3.port("high-freq"), q: None, gain: EQ3.port("high") },
];

#[inline(always)]
fn lowshelf<const W: usize>(call: &mut Call<'_, W>) {
    equalise(call, &LOW);
}

#[inline(always)]
fn highshelf<const W: usize>(call: &mut Call<'_, W>) {
    equalise(call, &HIGH);
}

#[inline(always)]
fn eq3<const W: usize>(call: &mut Call<'_, W>) {
    equalise(call, &THREE);
}

/// What is kept of band and low, what goes across, what is let in; the weights of input, band and low in what comes out.
#[inline(always)]
fn coefficients(form: Form, clock: &KernelClock, freq: f32, q: f32, gain: f32) -> [f32; 6] {
    let highest = 0.45 * clock.rate;
    let freq = if freq < highest { freq } else { highest };
    let (n, d) = tangent(freq * (PI * clock.period));
    let root = gain.sqrt();
    let tilt = root.sqrt();
    let (n, d, damping) = match form {
        Form::Low => (n, d * tilt, 1.0 / q),
        Form::Bell => (n, d, 1.0 / (q * root)),
        Form::High => (n * tilt, d, 1.0 / q),
    };
    let (nn, nd, dd) = (n * n, n * d, d * d);
    let scale = 2.0 / ((dd + nn) + damping * nd);
    let (direct, band, low) = match form {
        Form::Low => (1.0, damping * (root - 1.0), gain - 1.0),
        Form::Bell => (1.0, damping * (gain - 1.0), 0.0),
        Form::High => (gain, damping * (1.0 - root) * root, 1.0 - gain),
    };
    // The states are twice what the integrators hold.
    [dd * scale - 1.0, nd * scale, nn * scale, direct, 0.5 * band, 0.5 * low]
}

#[inline(always)]
fn equalise<const W: usize, const N: usize>(call: &mut Call<'_, W>, bands: &[EqBand; N]) {
    let clock = call.clock;
    let plain = [FRAC_1_SQRT_2; W];
    let controls = bands.map(|band| {
        let q = band.q.map_or(In::Constant(&plain), |q| call.ins[q]);
        [call.ins[band.freq], q, call.ins[band.gain]]
    });
    let mut spare = [[0.0; W]; BLOCK];
    let input = call.ins[0].rows(&mut spare);
    let mut state = [[[0.0; W]; 2]; N];
    state.as_flattened_mut().copy_from_slice(&call.rows[..2 * N]);
    let out = call.outs[0].rows::<W>();
    let at = |i: usize| {
        let mut rows = [[[0.0; W]; 6]; N];
        for b in 0..N {
            let [freq, q, gain] = controls[b];
            for l in 0..W {
                let c = coefficients(bands[b].form, clock, freq.at(i)[l], q.at(i)[l], gain.at(i)[l]);
                for k in 0..6 {
                    rows[b][k][l] = c[k];
                }
            }
        }
        rows
    };
    if controls.iter().flatten().all(In::is_constant) {
        let rows = at(0);
        for i in 0..BLOCK {
            out[i] = input[i];
            for b in 0..N {
                step(&mut state[b], &rows[b], &mut out[i]);
            }
        }
    } else {
        let nodes = NODES.map(at);
        for (n, (start, end)) in spans().into_iter().enumerate() {
            let mut rows = nodes[n];
            let lines: [CoefficientRamp<W, 6>; N] =
                std::array::from_fn(|b| CoefficientRamp::between(&nodes[n][b], &nodes[n + 1][b]));
            for i in start..end {
                out[i] = input[i];
                for b in 0..N {
                    step(&mut state[b], &rows[b], &mut out[i]);
                    lines[b].advance(&mut rows[b]);
                }
            }
        }
    }
    call.rows[..2 * N].copy_from_slice(state.as_flattened());
}

/// One frame of one band, in place.
#[inline(always)]
fn step<const W: usize>(
    state: &mut [Row<W>; 2],
    [hold, cross, open, direct, band_share, low_share]: &[Row<W>; 6],
    sound: &mut Row<W>,
) {
    let [bands, lows] = *state;
    for l in 0..W {
        let (band, low, x) = (bands[l], lows[l], sound[l]);
        let next_band = (hold[l] * band + cross[l] * x) - cross[l] * low;
        let next_low = (low + open[l] * x) + (cross[l] * band - open[l] * low);
        sound[l] = direct[l] * x + (band_share[l] * (band + next_band) + low_share[l] * (low + next_low));
        (state[0][l], state[1][l]) = (next_band, next_low);
    }
}

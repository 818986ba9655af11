//! The two-pole filters: low-pass, high-pass, band-pass, notch and bell, all of one state-variable filter.
//!
//! Andrew Simper's form ("Solving the continuous SVF equations using trapezoidal integration", Cytomic 2013), which
//! stays stable and in tune under modulation of any speed.

use std::f32::consts::PI;

use crate::dsp::math::tangent;
use crate::modules::buffer::{In, Row, Rows};
use crate::modules::call::{Call, KernelClock};
use crate::modules::glide::{CoefficientRamp, NODES, spans, straight};
use crate::modules::kernel::kernel;
use crate::modules::line::by_rows;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Passes, State};

const IN: &[Port] = &[Port::audio("in", "Signal to filter.")];
const OUT: &[Port] = &[Port::audio("out", "Filtered signal.")];
const CUTOFF: Param = Param::hertz("cutoff", 20.0, 20_000.0, 1_000.0, "Cutoff frequency.");
const FREQ: Param = Param::hertz("freq", 20.0, 20_000.0, 1_000.0, "Centre frequency.");
const EMPHASIS: Param = Param::number(
    "q",
    0.1,
    50.0,
    std::f64::consts::FRAC_1_SQRT_2,
    "Resonance: gain at the cutoff. Above 0.71 there is a peak.",
);
const NARROWNESS: Param =
    Param::number("q", 0.1, 50.0, 1.0, "Centre frequency divided by bandwidth: higher is narrower.");
/// The state of a filter that passes a signal that stands still with one of these gains: 0 or 1.
const fn state<const STILL: u8>(raises: fn(&[f32]) -> f32) -> State {
    State { rows: 2, passes: |_| Passes::still(STILL as f64), raises, ..State::NONE }
}

/// See [`crate::modules`].
pub(super) const LOWPASS: ModuleSpec = ModuleSpec {
    kind: "lowpass",
    family: Family::Filter,
    about: "Two-pole low-pass filter: attenuates what is above the cutoff by 12 dB per octave.",
    notes: "At `q=0.71` the passband is maximally flat, and the level at the cutoff is -3 dB. For the sound of an \
            analogue four-pole filter use `ladder`.",
    inputs: IN,
    outputs: OUT,
    params: &[CUTOFF, EMPHASIS],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "lowpass" tempo=110 bars=2
instrument pad voices=3 {
    saw     osc
    lowpass tone cutoff="600Hz" q=2
    lfo     sway rate="0.5Hz"
    adsr    env attack="80ms" sustain=0.7 release="400ms"
    route sway -> tone.cutoff by="1oct"
    route osc -> tone -> out vca=env gain="-12dB"
}
track pad notes="a3/c4/e4 g3/b3/d4" "X___ ____ ____ __.." "X___ ____ ____ __.."
"#,
    state: state::<1>(|highest| highest[1].max(1.0)),
    kernel: kernel!(lowpass, pays 2, baseline four),
};

/// See [`crate::modules`].
pub(super) const HIGHPASS: ModuleSpec = ModuleSpec {
    kind: "highpass",
    family: Family::Filter,
    about: "Two-pole high-pass filter: attenuates what is below the cutoff by 12 dB per octave.",
    notes: "",
    inputs: IN,
    outputs: OUT,
    params: &[CUTOFF, EMPHASIS],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "highpass" tempo=120 bars=1
instrument hat {
    noise    hiss
    highpass tone cutoff="7kHz"
    decay    env time="60ms"
    route hiss -> tone -> out vca=env gain="-9dB"
}
track hat "x.x. X.x. x.x. X.xx"
"#,
    state: state::<0>(|highest| highest[1].max(1.0)),
    kernel: kernel!(highpass, pays 2, baseline four),
};

/// See [`crate::modules`].
pub(super) const BANDPASS: ModuleSpec = ModuleSpec {
    kind: "bandpass",
    family: Family::Filter,
    about: "Two-pole band-pass filter: keeps what is around the centre, and attenuates by 6 dB per octave to either \
            side.",
    notes: "The level at the centre is unchanged for any `q`.",
    inputs: IN,
    outputs: OUT,
    params: &[FREQ, NARROWNESS],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "bandpass" tempo=120 bars=1
instrument snare {
    noise    rattle
    bandpass body freq="1.8kHz" q=1
    decay    env time="200ms"
    route rattle -> body -> out vca=env
}
track snare ".... X... .... X..x"
"#,
    state: state::<0>(|_| 1.0),
    kernel: kernel!(bandpass, pays 2, baseline four),
};

/// See [`crate::modules`].
pub(super) const NOTCH: ModuleSpec = ModuleSpec {
    kind: "notch",
    family: Family::Filter,
    about: "Notch filter: removes what is at the centre and keeps the rest.",
    notes: "",
    inputs: IN,
    outputs: OUT,
    params: &[FREQ, NARROWNESS],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "notch" tempo=120 bars=1
instrument drone {
    saw   osc
    notch hole freq="800Hz" q=0.7
    lfo   sweep rate="1Hz"
    route sweep -> hole.freq by="2oct"
    route osc -> hole -> out gain="-12dB"
}
track drone notes="a2" "X___ ____ ____ ____"
"#,
    state: state::<1>(|_| 1.0),
    kernel: kernel!(notch, pays 2, baseline four),
};

/// See [`crate::modules`].
pub(super) const PEAK: ModuleSpec = ModuleSpec {
    kind: "peak",
    family: Family::Filter,
    about: "Bell filter: boosts or cuts what is around the centre, as one band of an equaliser.",
    notes: "`gain=\"-6dB\"` exactly reverses `gain=\"6dB\"`.",
    inputs: IN,
    outputs: OUT,
    params: &[
        FREQ,
        NARROWNESS,
        Param::gain("gain", 0.063_095_734_448_019_33, 15.848_931_924_611_133, 1.0, "Gain at the centre."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "peak" tempo=120 bars=1
instrument vowel {
    square osc
    peak   mouth freq="900Hz" q=4 gain="18dB"
    decay  env time="600ms"
    route osc -> mouth -> out vca=env gain="-24dB"
}
track vowel "X... x... X... x..." notes="a2 c3 e3 g3"
"#,
    state: state::<1>(|highest| highest[2].max(1.0)),
    kernel: kernel!(peak, pays 2, baseline four),
};

const CORNER: usize = 1;
const Q: usize = 2;
const GAIN: usize = 3;

#[inline(always)]
fn lowpass<const W: usize>(call: &mut Call<'_, W>) {
    filter::<W, Low>(call);
}

#[inline(always)]
fn highpass<const W: usize>(call: &mut Call<'_, W>) {
    filter::<W, High>(call);
}

#[inline(always)]
fn bandpass<const W: usize>(call: &mut Call<'_, W>) {
    filter::<W, BandPass>(call);
}

#[inline(always)]
fn notch<const W: usize>(call: &mut Call<'_, W>) {
    filter::<W, Notch>(call);
}

#[inline(always)]
fn peak<const W: usize>(call: &mut Call<'_, W>) {
    filter::<W, Bell>(call);
}

/// What distinguishes the kinds.
trait Response {
    /// Whether `q` and the weight depend on a gain, in the place after `q`.
    const GAIN: bool = false;

    /// How much of the band weighs in the output, by q (of a bell q times the root of its gain) and gain.
    fn weight(_q: f32, _gain: f32) -> f32 {
        0.0
    }

    /// The output of input, band, low and the band's weight.
    fn out(input: f32, band: f32, low: f32, weight: f32) -> f32;
}

struct Low;
impl Response for Low {
    #[inline(always)]
    fn out(_input: f32, _band: f32, low: f32, _weight: f32) -> f32 {
        low
    }
}

struct High;
impl Response for High {
    #[inline(always)]
    fn weight(q: f32, _gain: f32) -> f32 {
        1.0 / q
    }

    #[inline(always)]
    fn out(input: f32, band: f32, low: f32, weight: f32) -> f32 {
        input - low - weight * band
    }
}

struct BandPass;
impl Response for BandPass {
    #[inline(always)]
    fn weight(q: f32, _gain: f32) -> f32 {
        1.0 / q
    }

    #[inline(always)]
    fn out(_input: f32, band: f32, _low: f32, weight: f32) -> f32 {
        weight * band
    }
}

struct Notch;
impl Response for Notch {
    #[inline(always)]
    fn weight(q: f32, _gain: f32) -> f32 {
        1.0 / q
    }

    #[inline(always)]
    fn out(input: f32, band: f32, _low: f32, weight: f32) -> f32 {
        input - weight * band
    }
}

struct Bell;
impl Response for Bell {
    const GAIN: bool = true;

    #[inline(always)]
    fn weight(q: f32, gain: f32) -> f32 {
        (gain - 1.0) / q
    }

    #[inline(always)]
    fn out(input: f32, band: f32, _low: f32, weight: f32) -> f32 {
        input + weight * band
    }
}

/// The coefficients of one sample: twice Simper's a1 less one, twice a2, twice a3, and the band's weight.
struct SvfCoefficients {
    hold: f32,
    cross: f32,
    open: f32,
    weight: f32,
}

impl SvfCoefficients {
    #[inline(always)]
    fn of<R: Response>(clock: &KernelClock, corner: f32, q: f32, gain: f32) -> Self {
        let highest = 0.45 * clock.rate;
        let corner = if corner < highest { corner } else { highest };
        let q = if R::GAIN { q * gain.sqrt() } else { q };
        let (n, d) = tangent(corner * (PI * clock.period));
        let (nn, nd, dd) = (n * n, n * d, d * d);
        let scale = 2.0 * q / (q * (dd + nn) + nd);
        Self { hold: dd * scale - 1.0, cross: nd * scale, open: nn * scale, weight: R::weight(q, gain) }
    }
}

/// The rows of the coefficients in frame `i`.
#[inline(always)]
fn coefficients<const W: usize, R: Response>(
    clock: &KernelClock,
    [corner, q, gain]: &[In<'_, W>; 3],
    i: usize,
) -> [Row<W>; 4] {
    let mut rows = [[0.0; W]; 4];
    for l in 0..W {
        let c = SvfCoefficients::of::<R>(clock, corner.at(i)[l], q.at(i)[l], gain.at(i)[l]);
        (rows[0][l], rows[1][l], rows[2][l], rows[3][l]) = (c.hold, c.cross, c.open, c.weight);
    }
    rows
}

#[inline(always)]
fn filter<const W: usize, R: Response>(call: &mut Call<'_, W>) {
    let (corner, q) = (call.ins[CORNER], call.ins[Q]);
    let gain = if R::GAIN { call.ins[GAIN] } else { In::Constant(&[1.0; W]) };
    let mut spare = [[0.0; W]; BLOCK];
    let input = call.ins[0].rows(&mut spare);
    let mut state = [call.rows[0], call.rows[1]];
    let out = call.outs[0].rows::<W>();
    let clock = call.clock;
    let controls = [corner, q, gain];
    if corner.is_constant() && q.is_constant() && gain.is_constant() {
        let rows = coefficients::<W, R>(clock, &controls, 0);
        for i in 0..BLOCK {
            step::<W, R>(&mut state, &rows, &input[i], &mut out[i]);
        }
    } else {
        let mut nodes = [[[0.0; W]; 4]; NODES.len()];
        for (rows, i) in nodes.iter_mut().zip(NODES) {
            *rows = coefficients::<W, R>(clock, &controls, i);
        }
        let (corners, qs, gains) = (straight(&corner), straight(&q), straight(&gain));
        let smooth = |l: &usize| corners[*l] && qs[*l] && gains[*l];
        if (0..W).all(|l| smooth(&l)) {
            for (n, (start, end)) in spans().into_iter().enumerate() {
                let line = CoefficientRamp::between(&nodes[n], &nodes[n + 1]);
                let mut rows = nodes[n];
                for i in start..end {
                    step::<W, R>(&mut state, &rows, &input[i], &mut out[i]);
                    line.advance(&mut rows);
                }
            }
        } else {
            let mut rows: [Rows<W>; 4] = [[[0.0; W]; BLOCK]; 4];
            let mut spare = [[[0.0; W]; BLOCK]; 3];
            let [corner_rows, q_rows, gain_rows] = &mut spare;
            let (corner, q) = (corner.rows(corner_rows).as_flattened(), q.rows(q_rows).as_flattened());
            let gain = gain.rows(gain_rows).as_flattened();
            let [hold, cross, open, weight] = rows.each_mut().map(|rows| rows.as_flattened_mut());
            for k in 0..BLOCK * W {
                let c = SvfCoefficients::of::<R>(clock, corner[k], q[k], gain[k]);
                (hold[k], cross[k], open[k], weight[k]) = (c.hold, c.cross, c.open, c.weight);
            }
            for l in (0..W).filter(smooth) {
                for (n, (start, end)) in spans().into_iter().enumerate() {
                    CoefficientRamp::between(&nodes[n], &nodes[n + 1]).write(l, rows.each_mut(), start..end);
                }
            }
            for i in 0..BLOCK {
                let rows = [rows[0][i], rows[1][i], rows[2][i], rows[3][i]];
                step::<W, R>(&mut state, &rows, &input[i], &mut out[i]);
            }
        }
    }
    [call.rows[0], call.rows[1]] = state;
}

/// One frame. The states are twice what the integrators hold on average, so that each output is half of old plus new.
#[inline(always)]
fn step<const W: usize, R: Response>(
    state: &mut [Row<W>; 2],
    [hold, cross, open, weight]: &[Row<W>; 4],
    input: &Row<W>,
    out: &mut Row<W>,
) {
    if W > 1 {
        by_rows();
    }
    let [bands, lows] = *state;
    let mut heard = [0.0; W];
    for l in 0..W {
        let (band, low, x) = (bands[l], lows[l], input[l]);
        let next_band = (hold[l] * band + cross[l] * x) - cross[l] * low;
        let next_low = (low + open[l] * x) + (cross[l] * band - open[l] * low);
        heard[l] = R::out(x, 0.5 * (band + next_band), 0.5 * (low + next_low), weight[l]);
        (state[0][l], state[1][l]) = (next_band, next_low);
    }
    *out = heard;
}

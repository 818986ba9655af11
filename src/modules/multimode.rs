//! The state-variable filter with all its outputs at once.
//!
//! The same form as the single filters (Andrew Simper, "Solving the continuous SVF equations using trapezoidal integration",
//! Cytomic 2013), its coefficients computed in every frame in which they move.

use std::f32::consts::PI;

use crate::dsp::math::tangent;
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::line::by_rows;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "svf",
    family: Family::Filter,
    about: "Two-pole state-variable filter with all its outputs at once, made for fast modulation.",
    notes: "Cutoff and resonance can be modulated at audio rate. `route filter -> out` takes the low-pass; the \
            others are `filter.band`, `filter.high`, `filter.notch` and `filter.peak`. Crossfade between two of \
            them with the gains of two routes. At a resonance of 0.3 low-pass and high-pass are maximally flat.",
    inputs: &[Port::audio("in", "Signal to filter.")],
    outputs: &[
        Port::audio("low", "Low-pass."),
        Port::audio("band", "Band-pass, with an unchanged level at the cutoff."),
        Port::audio("high", "High-pass."),
        Port::audio("notch", "Notch: everything except what is around the cutoff."),
        Port::audio("peak", "Low-pass minus high-pass: everything, with a peak at the cutoff."),
    ],
    params: &[
        Param::hertz("cutoff", 20.0, 20_000.0, 1_000.0, "Cutoff frequency."),
        Param::share("resonance", 0.3, "Resonance at the cutoff, up to 34 dB."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "svf" tempo=112 bars=2
instrument bass {
    saw  osc octave=-1
    sine growl freq="90Hz"
    svf  filter cutoff="500Hz" resonance=0.6
    adsr env decay="250ms" sustain=0.3 release="100ms"
    route growl -> filter.cutoff by="1oct"
    route env -> filter.cutoff by="2oct"
    route filter -> out vca=env gain="-9dB"
    route filter.band -> out vca=env gain="-12dB"
    route osc -> filter
}
track bass notes="a2 a2 c3 e3" "X..x ..x. X.x. x..." "X..x ..x. X.x. x.x."
"#,
    state: State { rows: 2, raises: |highest| (1.0 / damping(highest[1])).max(1.0), ..State::NONE },
    kernel: kernel!(svf, pays 2, baseline four),
};

const CUTOFF: usize = SPEC.port("cutoff");
const RESONANCE: usize = SPEC.port("resonance");

/// What a resonance leaves of the emphasis at the corner: its inverse.
fn damping(resonance: f32) -> f32 {
    2.0 - 1.98 * resonance
}

/// What a frame of one lane does: what is kept of band and low, what goes across, what is let in, and the damping.
#[inline(always)]
fn coefficients(cutoff: f32, resonance: f32, highest: f32, period: f32) -> [f32; 4] {
    let cutoff = if cutoff < highest { cutoff } else { highest };
    let damping = damping(resonance);
    let (n, d) = tangent(cutoff * (PI * period));
    let (nn, nd, dd) = (n * n, n * d, d * d);
    let scale = 2.0 / ((dd + nn) + damping * nd);
    [dd * scale - 1.0, nd * scale, nn * scale, damping]
}

#[inline(always)]
fn svf<const W: usize>(call: &mut Call<'_, W>) {
    let (cutoff, resonance) = (call.ins[CUTOFF], call.ins[RESONANCE]);
    let (highest, period) = (0.45 * call.clock.rate, call.clock.period);
    let mut spare = [[0.0; W]; BLOCK];
    let input = call.ins[0].rows(&mut spare);
    let mut state = [call.rows[0], call.rows[1]];
    let [low, band, high, notch, peak] = &mut *call.outs else { return };
    let (low, band) = (low.rows::<W>(), band.rows::<W>());
    if cutoff.is_constant() && resonance.is_constant() {
        let mut row = [[0.0; W]; 4];
        for l in 0..W {
            let c = coefficients(cutoff.at(0)[l], resonance.at(0)[l], highest, period);
            (row[0][l], row[1][l], row[2][l], row[3][l]) = (c[0], c[1], c[2], c[3]);
        }
        for i in 0..BLOCK {
            step(&mut state, &row, &input[i], &mut low[i], &mut band[i]);
        }
    } else {
        let mut rows: [Rows<W>; 4] = [[[0.0; W]; BLOCK]; 4];
        let mut spare: [Rows<W>; 2] = [[[0.0; W]; BLOCK]; 2];
        let [cutoff_rows, resonance_rows] = &mut spare;
        let cutoff = cutoff.rows(cutoff_rows).as_flattened();
        let resonance = resonance.rows(resonance_rows).as_flattened();
        let [hold, cross, open, damping] = rows.each_mut().map(|rows| rows.as_flattened_mut());
        for k in 0..BLOCK * W {
            let c = coefficients(cutoff[k], resonance[k], highest, period);
            (hold[k], cross[k], open[k], damping[k]) = (c[0], c[1], c[2], c[3]);
        }
        for i in 0..BLOCK {
            let row = [rows[0][i], rows[1][i], rows[2][i], rows[3][i]];
            step(&mut state, &row, &input[i], &mut low[i], &mut band[i]);
        }
    }
    [call.rows[0], call.rows[1]] = state;
    let (input, low, band) = (input.as_flattened(), low.as_flattened(), band.as_flattened());
    let high = high.rows::<W>().as_flattened_mut();
    let notch = notch.rows::<W>().as_flattened_mut();
    let peak = peak.rows::<W>().as_flattened_mut();
    for k in 0..BLOCK * W {
        notch[k] = input[k] - band[k];
        high[k] = notch[k] - low[k];
        peak[k] = low[k] - high[k];
    }
}

/// One frame. The states are twice what the integrators hold on average, so that each output is half of old plus new.
#[inline(always)]
fn step<const W: usize>(
    state: &mut [Row<W>; 2],
    [hold, cross, open, damping]: &[Row<W>; 4],
    input: &Row<W>,
    low_out: &mut Row<W>,
    band_out: &mut Row<W>,
) {
    if W > 1 {
        by_rows();
    }
    let [bands, lows] = *state;
    for l in 0..W {
        let (band, low, x) = (bands[l], lows[l], input[l]);
        let next_band = (hold[l] * band + cross[l] * x) - cross[l] * low;
        let next_low = (low + open[l] * x) + (cross[l] * band - open[l] * low);
        band_out[l] = 0.5 * damping[l] * (band + next_band);
        low_out[l] = 0.5 * (low + next_low);
        (state[0][l], state[1][l]) = (next_band, next_low);
    }
}

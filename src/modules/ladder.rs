//! The four-pole ladder filter.
//!
//! Four trapezoidal one-pole stages in a loop without delay (Vadim Zavalishin, "The Art of VA Filter Design", chapter
//! 5), which keeps it in tune. The loop is solved as if it were linear; its solution passes the saturator.

use std::f32::consts::PI;

use crate::dsp::math::{clamp, tangent};
use crate::modules::buffer::{Row, Rows, wide};
use crate::modules::call::{Call, KernelClock};
use crate::modules::glide::{CoefficientRamp, NODES, spans, straight};
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "ladder",
    family: Family::Filter,
    about: "Four-pole Moog ladder low-pass: attenuates what is above the cutoff by 24 dB per octave.",
    notes: "The resonant peak is exactly at `cutoff`, where the level without resonance is -12 dB. From \
            `resonance=0.95` the filter self-oscillates, in tune, once a signal has excited it. As in the original, \
            resonance lowers the bass, but only half as much. `drive` pushes the signal into saturation, which also \
            limits a self-oscillating filter.",
    inputs: &[Port::audio("in", "Signal to filter.")],
    outputs: &[Port::audio("out", "Filtered signal.")],
    params: &[
        Param::hertz("cutoff", 20.0, 20_000.0, 1_000.0, "Cutoff frequency."),
        Param::share("resonance", 0.2, "Resonance at the cutoff; self-oscillates above 95%."),
        Param::gain("drive", 0.1, 31.622_776_601_683_793, 1.0, "Gain into the filter's saturation."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "ladder" tempo=128 bars=2
instrument acid {
    saw    osc
    ladder filter cutoff="300Hz" resonance=0.75 drive="6dB"
    decay  env time="300ms"
    adsr   amp attack="2ms" sustain=0.8 release="40ms"
    route env -> filter.cutoff by="3oct"
    route osc -> filter -> out vca=amp gain="-9dB"
}
track acid "X.xx x.Xx .xx. X.x." notes="a1 a1 a2 c2 a1 g1 a1 e2"
"#,
    state: State {
        rows: 4,
        // The input is raised with the resonance, which leaves the corner a quarter of it, again and again.
        raises: |highest| {
            let gain = (LOOP_GAIN * highest[1]).min(3.99);
            highest[2].max(1.0) * ((1.0 + 0.5 * gain) / (4.0 - gain)).max(1.0)
        },
        ..State::NONE
    },
    kernel: kernel!(ladder, pays 2),
};

const CUTOFF: usize = SPEC.port("cutoff");
const RESONANCE: usize = SPEC.port("resonance");
const DRIVE: usize = SPEC.port("drive");

/// The rows of the coefficients.
const THROUGH: usize = 0;
const SCALE: usize = 1;
const BACK: usize = 2;
/// What of the saturator's last word comes back at once.
const AHEAD: usize = 3;

/// The loop gain at full resonance: four stages oscillate from 4 on, which is 95 %.
const LOOP_GAIN: f32 = 4.0 / 0.95;

/// What holds for one sample.
struct LadderCoefficients {
    /// The share of its input that a stage lets through at once.
    through: f32,
    /// What the input is scaled by on its way to the saturator.
    input: f32,
    /// What the stages' contribution is scaled by on its way to the saturator.
    back: f32,
}

impl LadderCoefficients {
    #[inline(always)]
    fn of(clock: &KernelClock, cutoff: f32, resonance: f32, drive: f32) -> Self {
        let highest = 0.45 * clock.rate;
        let cutoff = if cutoff < highest { cutoff } else { highest };
        let (n, d) = tangent(cutoff * (PI * clock.period));
        let through = n / (n + d);
        let gain = resonance * LOOP_GAIN;
        let two = through * through;
        let solve = 1.0 / (1.0 + gain * (two * two));
        Self { through, input: solve * (drive * (1.0 + 0.5 * gain)), back: solve * gain * (1.0 - through) }
    }
}

/// How much of what the saturator gave in the sample before arrives at the loop's end by itself, where the stages let
/// through `before` then and `now` now.
#[inline(always)]
fn arrival(before: f32, now: f32) -> f32 {
    let one = 2.0 * before;
    let two = one * before;
    let three = two * before;
    given(now, one, two, three, three * before)
}

#[inline(always)]
fn ladder<const W: usize>(call: &mut Call<'_, W>) {
    // One lane runs as four equal ones: alone it would be packed and unpacked on its way from sample to sample.
    if W == 1 { filter::<W, 4>(call) } else { filter::<W, W>(call) }
}

/// Filters `W` lanes as `P`, which repeat them.
#[inline(always)]
fn filter<const W: usize, const P: usize>(call: &mut Call<'_, W>) {
    let (cutoff, resonance, drive) = (call.ins[CUTOFF], call.ins[RESONANCE], call.ins[DRIVE]);
    let mut spare = [[0.0; W]; BLOCK];
    let input = call.ins[0].rows(&mut spare);
    let held = [0, 1, 2, 3].map(|row| wide(&call.rows[row]));
    let out = call.outs[0].rows::<W>();
    let clock = call.clock;
    let at = |i: usize| {
        let mut rows = [[0.0; P]; 4];
        let [cutoff, resonance, drive] =
            [&cutoff, &resonance, &drive].map(|control| wide::<W, P>(control.at(i)));
        for l in 0..P {
            let c = LadderCoefficients::of(clock, cutoff[l], resonance[l], drive[l]);
            (rows[THROUGH][l], rows[SCALE][l], rows[BACK][l]) = (c.through, c.input, c.back);
            rows[AHEAD][l] = c.back * arrival(c.through, c.through);
        }
        rows
    };
    let mut stages = Stages::<P>::new(held);
    if cutoff.is_constant() && resonance.is_constant() && drive.is_constant() {
        let rows = at(0);
        stages.start(&rows);
        for i in 0..BLOCK {
            stages.step(&rows, &rows, &wide(&input[i]), &mut out[i]);
        }
    } else {
        let nodes = NODES.map(at);
        let (cutoffs, resonances, drives) = (straight(&cutoff), straight(&resonance), straight(&drive));
        let smooth = |l: &usize| cutoffs[*l] && resonances[*l] && drives[*l];
        if (0..W).all(|l| smooth(&l)) {
            stages.start(&nodes[0]);
            for (n, (start, end)) in spans().into_iter().enumerate() {
                let line = CoefficientRamp::between(&nodes[n], &nodes[n + 1]);
                let mut now = nodes[n];
                for i in start..end - 1 {
                    let mut next = now;
                    line.advance(&mut next);
                    stages.step(&now, &next, &wide(&input[i]), &mut out[i]);
                    now = next;
                }
                stages.step(&now, &nodes[n + 1], &wide(&input[end - 1]), &mut out[end - 1]);
            }
        } else {
            let mut rows: [Rows<W>; 4] = [[[0.0; W]; BLOCK]; 4];
            let mut spare = [[[0.0; W]; BLOCK]; 3];
            let [cutoff_rows, resonance_rows, drive_rows] = &mut spare;
            let cutoff = cutoff.rows(cutoff_rows).as_flattened();
            let resonance = resonance.rows(resonance_rows).as_flattened();
            let drive = drive.rows(drive_rows).as_flattened();
            let [through, scale, back, ahead] = rows.each_mut().map(|rows| rows.as_flattened_mut());
            for k in 0..BLOCK * W {
                let c = LadderCoefficients::of(clock, cutoff[k], resonance[k], drive[k]);
                (through[k], scale[k], back[k]) = (c.through, c.input, c.back);
            }
            for k in W..BLOCK * W {
                ahead[k] = back[k] * arrival(through[k - W], through[k]);
            }
            for l in (0..W).filter(smooth) {
                for (n, (start, end)) in spans().into_iter().enumerate() {
                    CoefficientRamp::between(&nodes[n], &nodes[n + 1]).write(l, rows.each_mut(), start..end);
                }
            }
            let [through, scale, back, ahead] = &rows;
            let at = |i: usize| [wide(&through[i]), wide(&scale[i]), wide(&back[i]), wide(&ahead[i])];
            let mut now = at(0);
            stages.start(&now);
            for i in 0..BLOCK {
                // What the last frame of the block looks ahead to is found anew by the next block.
                let next = at(if i + 1 < BLOCK { i + 1 } else { i });
                stages.step(&now, &next, &wide(&input[i]), &mut out[i]);
                now = next;
            }
        }
    }
    for (row, held) in call.rows.iter_mut().zip(stages.held) {
        row.copy_from_slice(&held[..W]);
    }
}

/// The four stages on their way through a block.
///
/// A sample's way from the saturator to the next sample's saturator is kept short: what the stages will give is
/// known but for the saturator's last word, which `arrival` weighs; all else runs beside it.
struct Stages<const W: usize> {
    /// What the integrators hold.
    held: [Row<W>; 4],
    /// The two parts of what comes back to the saturator in this sample, but for what it gave in the last.
    back: [Row<W>; 2],
    /// The two parts of what it gave in the last, weighed.
    arrived: [Row<W>; 2],
}

impl<const W: usize> Stages<W> {
    #[inline(always)]
    fn new(held: [Row<W>; 4]) -> Self {
        Self { held, back: [[0.0; W]; 2], arrived: [[0.0; W]; 2] }
    }

    /// Finds what comes back in the first frame.
    #[inline(always)]
    fn start(&mut self, rows: &[Row<W>; 4]) {
        for l in 0..W {
            let [a, b, c, d] = [self.held[0][l], self.held[1][l], self.held[2][l], self.held[3][l]];
            self.back[0][l] = rows[BACK][l] * given(rows[THROUGH][l], a, b, c, d);
        }
    }

    /// One frame; `next` are the coefficients of the next.
    #[inline(always)]
    fn step<const V: usize>(
        &mut self,
        now: &[Row<W>; 4],
        next: &[Row<W>; 4],
        input: &Row<W>,
        out: &mut Row<V>,
    ) {
        let mut heard = [0.0; W];
        for l in 0..W {
            // In the order in which they are known.
            let x = (input[l] * now[SCALE][l] - self.arrived[0][l]) - self.back[0][l];
            let (line, bend) = saturate((x - self.back[1][l]) - self.arrived[1][l]);
            let u = line + bend;
            let ahead = next[AHEAD][l];
            (self.arrived[0][l], self.arrived[1][l]) = (ahead * line, ahead * bend);
            // What each stage takes of the saturator's word, and of what itself and those before it hold.
            let g = now[THROUGH][l];
            let (u1, h0) = (g + g, 1.0 - (g + g));
            let u2 = u1 * g;
            let (u3, h1) = (u2 * g, u1 - u2);
            let (u4, h2) = (u3 * g, h1 * g);
            let h3 = h2 * g;
            let [s1, s2, s3, s4] = [self.held[0][l], self.held[1][l], self.held[2][l], self.held[3][l]];
            // What the integrators go on with, but for the saturator's part.
            let r1 = s1 * h0;
            let r2 = s1 * h1 + s2 * h0;
            let r3 = (s1 * h2 + s2 * h1) + s3 * h0;
            let r4 = (s1 * h3 + s2 * h2) + (s3 * h1 + s4 * h0);
            self.held[0][l] = u1 * u + r1;
            self.held[1][l] = u2 * u + r2;
            self.held[2][l] = u3 * u + r3;
            self.held[3][l] = u4 * u + r4;
            heard[l] = 0.5 * (s4 + self.held[3][l]);
            let (b4, g) = (next[BACK][l], next[THROUGH][l]);
            let b3 = b4 * g;
            let b2 = b3 * g;
            let b1 = b2 * g;
            (self.back[0][l], self.back[1][l]) = (b1 * r1 + b2 * r2, b3 * r3 + b4 * r4);
        }
        out.copy_from_slice(&heard[..V]);
    }
}

/// What the fourth stage gives with no input, where the integrators hold `a` to `d`.
#[inline(always)]
fn given(through: f32, a: f32, b: f32, c: f32, d: f32) -> f32 {
    ((a * through + b) * through + c) * through + d
}

/// The two parts of a bounded curve much like 2 tanh(x/2): slope 1 at 0, flat where it reaches 2 at 6 and beyond.
///
/// The Padé approximant x (27 + x^2) / (27 + 9 x^2), scaled: a straight line and a division that starts early.
#[inline(always)]
fn saturate(x: f32) -> (f32, f32) {
    let square = x * x;
    let square = if square < 36.0 { square } else { 36.0 };
    let x = clamp(x, -6.0, 6.0);
    (x * (1.0 / 9.0), x * (32.0 / 3.0) / (12.0 + square))
}

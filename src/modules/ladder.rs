//! The four-pole ladder filter.
//!
//! Four trapezoidal one-pole stages in a loop without delay (Vadim Zavalishin, "The Art of VA Filter Design", chapter
//! 5), which keeps it in tune. The loop is solved as if it were linear; its solution passes the saturator.

use std::f32::consts::PI;

use crate::dsp::math::{clamp, tangent};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::{Call, Clock};
use crate::modules::glide::{Line, NODES, spans, straight};
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "ladder",
    family: Family::Filter,
    about: "Four-pole Moog ladder low-pass: takes away what lies above the cutoff, 24 dB an octave.",
    notes: "The emphasis lies exactly at the `cutoff`, where an unemphasised signal is 12 dB down. From `resonance=0.95` on \
            the filter sings by itself, in tune, once something has set it off. As in the original the bass gives way \
            to the emphasis, but only by half as much. `drive` pushes the signal into the saturation, which also keeps \
            a singing filter in bounds.",
    inputs: &[Port::audio("in", "Signal to filter.")],
    outputs: &[Port::audio("out", "Filtered signal.")],
    params: &[
        Param::hertz("cutoff", 20.0, 20_000.0, 1_000.0, "Corner frequency."),
        Param::share("resonance", 0.2, "Emphasis at the corner; sings above 95%."),
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
    state: State { rows: 4, ..State::NONE },
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
struct Coefficients {
    /// The share of its input that a stage lets through at once.
    through: f32,
    /// What the input is scaled by on its way to the saturator.
    input: f32,
    /// What the stages' contribution is scaled by on its way to the saturator.
    back: f32,
}

impl Coefficients {
    #[inline(always)]
    fn of(clock: &Clock, cutoff: f32, resonance: f32, drive: f32) -> Self {
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
    let (cutoff, resonance, drive) = (call.ins[CUTOFF], call.ins[RESONANCE], call.ins[DRIVE]);
    let mut spare = [[0.0; W]; BLOCK];
    let input = call.ins[0].rows(&mut spare);
    let held = [call.rows[0], call.rows[1], call.rows[2], call.rows[3]];
    let out = call.outs[0].rows::<W>();
    let clock = call.clock;
    let at = |i: usize| {
        let mut rows = [[0.0; W]; 4];
        for l in 0..W {
            let c = Coefficients::of(clock, cutoff.at(i)[l], resonance.at(i)[l], drive.at(i)[l]);
            (rows[THROUGH][l], rows[SCALE][l], rows[BACK][l]) = (c.through, c.input, c.back);
            rows[AHEAD][l] = c.back * arrival(c.through, c.through);
        }
        rows
    };
    let mut stages = Stages::new(held);
    if cutoff.is_constant() && resonance.is_constant() && drive.is_constant() {
        let rows = at(0);
        stages.start(&rows);
        for i in 0..BLOCK {
            stages.step(&rows, &rows, &input[i], &mut out[i]);
        }
    } else {
        let nodes = NODES.map(at);
        let (cutoffs, resonances, drives) = (straight(&cutoff), straight(&resonance), straight(&drive));
        let smooth = |l: &usize| cutoffs[*l] && resonances[*l] && drives[*l];
        let all_smooth = (0..W).all(|l| smooth(&l));
        // One lane alone goes by rows, which are written frames side by side.
        if all_smooth && W > 1 {
            stages.start(&nodes[0]);
            for (n, (start, end)) in spans().into_iter().enumerate() {
                let line = Line::between(&nodes[n], &nodes[n + 1]);
                let (mut now, mut frames) = (nodes[n], 0.0);
                for i in start..end {
                    frames += 1.0;
                    let next = if i + 1 == end { nodes[n + 1] } else { line.at(frames) };
                    stages.step(&now, &next, &input[i], &mut out[i]);
                    now = next;
                }
            }
        } else {
            let mut rows: [Rows<W>; 4] = [[[0.0; W]; BLOCK]; 4];
            if !all_smooth {
                let mut spare = [[[0.0; W]; BLOCK]; 3];
                let [cutoff_rows, resonance_rows, drive_rows] = &mut spare;
                let cutoff = cutoff.rows(cutoff_rows).as_flattened();
                let resonance = resonance.rows(resonance_rows).as_flattened();
                let drive = drive.rows(drive_rows).as_flattened();
                let [through, scale, back, ahead] = rows.each_mut().map(|rows| rows.as_flattened_mut());
                for k in 0..BLOCK * W {
                    let c = Coefficients::of(clock, cutoff[k], resonance[k], drive[k]);
                    (through[k], scale[k], back[k]) = (c.through, c.input, c.back);
                }
                for k in W..BLOCK * W {
                    ahead[k] = back[k] * arrival(through[k - W], through[k]);
                }
            }
            for l in (0..W).filter(smooth) {
                for (n, (start, end)) in spans().into_iter().enumerate() {
                    Line::between(&nodes[n], &nodes[n + 1]).write(l, rows.each_mut(), start..end);
                }
            }
            let at = |i: usize| [rows[0][i], rows[1][i], rows[2][i], rows[3][i]];
            stages.start(&at(0));
            for i in 0..BLOCK {
                // What the last frame of the block looks ahead to is found anew by the next block.
                let next = at(if i + 1 < BLOCK { i + 1 } else { i });
                stages.step(&at(i), &next, &input[i], &mut out[i]);
            }
        }
    }
    [call.rows[0], call.rows[1], call.rows[2], call.rows[3]] = stages.held;
}

/// The four stages on their way through a block.
///
/// A sample's way from the saturator to the next sample's saturator is kept short: what the stages will give is
/// known but for the saturator's last word, which `arrival` weighs; all else runs beside it.
struct Stages<const W: usize> {
    /// What the integrators hold.
    held: [Row<W>; 4],
    /// What comes back to the saturator in this sample, but for what it gave in the last.
    back: Row<W>,
    /// What it gave in the last, weighed.
    arrived: Row<W>,
}

impl<const W: usize> Stages<W> {
    #[inline(always)]
    fn new(held: [Row<W>; 4]) -> Self {
        Self { held, back: [0.0; W], arrived: [0.0; W] }
    }

    /// Finds what comes back in the first frame.
    #[inline(always)]
    fn start(&mut self, rows: &[Row<W>; 4]) {
        for l in 0..W {
            let [a, b, c, d] = [self.held[0][l], self.held[1][l], self.held[2][l], self.held[3][l]];
            self.back[l] = rows[BACK][l] * given(rows[THROUGH][l], a, b, c, d);
        }
    }

    /// One frame; `next` are the coefficients of the next.
    #[inline(always)]
    fn step(&mut self, now: &[Row<W>; 4], next: &[Row<W>; 4], input: &Row<W>, out: &mut Row<W>) {
        for l in 0..W {
            let u = saturate((input[l] * now[SCALE][l] - self.back[l]) - self.arrived[l]);
            let g = now[THROUGH][l];
            let [s1, s2, s3, s4] = [self.held[0][l], self.held[1][l], self.held[2][l], self.held[3][l]];
            let (g2, hh) = (g * g, 2.0 - (g + g));
            let (g3, g4) = (g2 * g, g2 * g2);
            // What the integrators go on with, but for the saturator's part.
            let q2 = s1 * g + s2;
            let q3 = q2 * g + s3;
            let q4 = q2 * g2 + (s3 * g + s4);
            let (r1, r2, r3, r4) = (hh * s1 - s1, hh * q2 - s2, hh * q3 - s3, hh * q4 - s4);
            let twice = u + u;
            self.held[0][l] = g * twice + r1;
            self.held[1][l] = g2 * twice + r2;
            self.held[2][l] = g3 * twice + r3;
            self.held[3][l] = g4 * twice + r4;
            out[l] = 0.5 * (s4 + self.held[3][l]);
            self.back[l] = next[BACK][l] * given(next[THROUGH][l], r1, r2, r3, r4);
            self.arrived[l] = next[AHEAD][l] * u;
        }
    }
}

/// What the fourth stage gives with no input, where the integrators hold `a` to `d`.
#[inline(always)]
fn given(through: f32, a: f32, b: f32, c: f32, d: f32) -> f32 {
    ((a * through + b) * through + c) * through + d
}

/// A bounded curve much like 2 tanh(x/2): slope 1 at 0, flat where it reaches 2 at 6 and beyond.
///
/// The Padé approximant x (27 + x^2) / (27 + 9 x^2), scaled, its division split off so that it starts early.
#[inline(always)]
fn saturate(x: f32) -> f32 {
    let x = clamp(x, -6.0, 6.0);
    x * (1.0 / 9.0) + x * (32.0 / 3.0) / (12.0 + x * x)
}

//! The oscillator that another one restarts: hard sync.
//!
//! Where pitch and ratio stand still, a synced saw is a sum of plain saws at the pitch of the note: one for each edge of the inner
//! wave, and one as high as the leap at the restart. So it is as free of aliases as the saw. Where the ratio moves, edges move with
//! it; at whole ratios the edge of the restart becomes one of the others without a seam.

use crate::dsp::bank::{Cycle, RUN, SAW as SAW_BANK};
use crate::dsp::phase::{TURN, whole};
use crate::modules::buffer::In;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::oscillator::{self, PhaseParams};
use crate::modules::spec::{Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::wave::{HALF_TURN, Read, STATE, wave};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "sync",
    family: Family::Source,
    about: "Hard-sync oscillator: a wave of any pitch that restarts at each cycle of the note.",
    notes: "The pitch you hear is the note's. `ratio` is the frequency of the inner wave divided by that of the \
            note. An envelope or `lfo` on `ratio` gives the tearing sweep of a synced lead. Band-limited: for notes \
            up to 5 kHz, aliases are more than 70 dB below full scale.",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The wave, with a peak-to-peak level of 2.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::number("ratio", 1.0, 16.0, 1.5, "Frequency of the inner wave divided by that of the note."),
    ],
    settings: &[
        Setting::phase(),
        Setting::retrigger(),
        Setting::choice(
            "shape",
            "The inner wave.",
            &[("saw", "All harmonics, bright."), ("square", "Hollow at whole ratios, nasal between.")],
        ),
    ],
    channels: Channels::Each,
    example: r#"song "sync" tempo=128 bars=2
instrument lead {
    sync   osc ratio=1.2
    ladder filter cutoff="4kHz" resonance=0.1
    decay  sweep time="350ms"
    adsr   env decay="400ms" sustain=0.4 release="80ms"
    route sweep -> osc.ratio by=4
    route osc -> filter -> out vca=env gain="-12dB"
}
track lead notes="a2 a2 c3 d3 e3 g3" "X.x. X.xx .x.x X..." "X.x. X.xx .x.x X.x."
"#,
    state: STATE,
    kernel: kernel!(sync, pays 3),
};

const AT: PhaseParams = PhaseParams::of(&SPEC);
const RATIO: usize = SPEC.port("ratio");
const SHAPE: usize = SPEC.setting("shape");

#[inline(always)]
fn sync<const W: usize>(call: &mut Call<'_, W>) {
    let saws = if call.settings[SHAPE] == 0.0 { &SAW[..] } else { &SQUARE[..] };
    let ratio = call.ins[RATIO];
    wave(call, &AT, &SAW_BANK, &Saws { ratio, saws });
}

/// Where in its rise a saw starts, and how often it is added.
const SAW: [(f32, f32); 1] = [(0.0, 1.0)];
/// A saw that starts half-way, less one that starts at its bottom.
const SQUARE: [(f32, f32); 2] = [(0.5, 1.0), (0.0, -1.0)];

struct Saws<'a, const W: usize> {
    ratio: In<'a, W>,
    saws: &'static [(f32, f32)],
}

impl<const W: usize, const N: usize> Read<N> for Saws<'_, W> {
    #[inline(always)]
    fn read(&self, cycle: &Cycle<'_, N>, n: usize, phase: &[u32; RUN]) -> [f32; RUN] {
        let ratio = self.ratio.run(n);
        let mut sum = [0.0; RUN];
        for &(start, level) in self.saws {
            add_saws(cycle, phase, &ratio, start, level, &mut sum);
        }
        sum
    }
}

/// Adds a saw that starts at share `start` of its rise in each cycle, `level` times.
#[inline(always)]
fn add_saws<const N: usize>(
    cycle: &Cycle<'_, N>,
    phase: &[u32; RUN],
    ratio: &[f32; RUN],
    start: f32,
    level: f32,
    sum: &mut [f32; RUN],
) {
    const ROUND: f32 = 12_582_912.0;
    // How many edges there are in a cycle, and how far the wave has come at its end beyond where it starts.
    let (mut edges, mut period, mut restart) = ([0.0; RUN], [0.0; RUN], [0; RUN]);
    let mut most = 0.0;
    for k in 0..RUN {
        let turns = ratio[k] + start;
        let near = (turns + ROUND) - ROUND;
        edges[k] = if near > turns { near - 1.0 } else { near };
        most = if edges[k] > most { edges[k] } else { most };
        period[k] = 1.0 / ratio[k];
        restart[k] = phase[k].wrapping_add(HALF_TURN);
    }
    let wave = cycle.at(&restart);
    for k in 0..RUN {
        sum[k] += level * ((ratio[k] - edges[k]) * wave[k]);
    }
    for edge in 1..=most as u32 {
        let edge = edge as f32;
        let mut places = restart;
        for k in 0..RUN {
            places[k] = restart[k].wrapping_sub(whole((edge - start) * period[k] * (TURN / 2.0)) << 1);
        }
        let wave = cycle.at(&places);
        for k in 0..RUN {
            sum[k] += if edge <= edges[k] { level * wave[k] } else { 0.0 };
        }
    }
}

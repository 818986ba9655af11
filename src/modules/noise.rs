//! Noise: white, pink and brown.

use std::f64::consts::TAU;

use crate::dsp::hash::{bipolar, draw};
use crate::dsp::intersample::{taps, weigh};
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::rates::{REFERENCE, fold, folded};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Port, Setting};
use crate::modules::state::{Sleep, State, StateLane};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "noise",
    family: Family::Source,
    about: "White, pink or brown noise, the same in every render of the song.",
    notes: "All three have the same power, -4.8 dB: that of white noise between -1 and 1. Pink and brown noise \
            therefore have higher peaks. At sample rates above 48 kHz there is no noise above 24 kHz.",
    inputs: &[],
    outputs: &[Port::audio("out", "The noise.")],
    params: &[],
    settings: &[Setting::choice(
        "color",
        "Spectral balance of the noise.",
        &[
            ("white", "Equal power at every frequency; bright."),
            ("pink", "Falls by 3 dB an octave; balanced to the ear."),
            ("brown", "Falls by 6 dB an octave; dark, like a waterfall far away."),
        ],
    )],
    channels: Channels::Each,
    example: r#"song "noise" tempo=120 bars=1
instrument surf {
    noise wash color="pink"
    adsr  env attack="800ms" release="800ms"
    route wash -> out vca=env gain="-12dB"
}
track surf "X___ ____ ____ ...."
"#,
    state: State {
        rows: 3 * POLES,
        words: 3,
        init: |lane, setup| {
            *lane.word(SEED) = setup.seed;
            *lane.word(FOLD) = frames_a_draw(setup.rate);
            let tune = if setup.settings[COLOR] == 2.0 { tune_brown } else { tune_pink };
            tune(lane, f64::from(setup.rate), FILTERS);
        },
        sleep: Sleep::Advance(|lane, frames| {
            let drawn = frames / u64::from((*lane.word(FOLD)).max(1));
            let count = lane.word(COUNT);
            *count = count.wrapping_add(drawn as u32);
            // What the filters held is long past: they start as at the first note.
            FILTERS.forget(lane, POLES);
        }),
        ..State::NONE
    },
    kernel: kernel!(noise),
};

const COLOR: usize = SPEC.setting("color");
/// How many draws there were, the seed, and how many frames one lasts.
const COUNT: usize = 0;
const SEED: usize = 1;
const FOLD: usize = 2;

/// The one-pole filters whose sum falls by 3 dB an octave: two octaves apart, from [`LOWEST`] Hz up.
pub(super) const POLES: usize = 6;
const LOWEST: f64 = 12.0;
/// Where a leaky integrator starts to fall by 6 dB an octave.
const BROWN: f64 = 10.0;
const FILTERS: Filters = Filters { held: 0, keep: POLES, take: 2 * POLES };

/// The first rows of the filters of a colour: of what they hold, of what they keep of it each frame, and of what they take
/// in.
#[derive(Clone, Copy)]
pub(super) struct Filters {
    pub(super) held: usize,
    pub(super) keep: usize,
    pub(super) take: usize,
}

impl Filters {
    /// Empties the first `count` of them.
    pub(super) fn forget(self, lane: &mut StateLane<'_>, count: usize) {
        (self.held..self.held + count).for_each(|k| *lane.row(k) = 0.0);
    }
}

fn pole(hertz: f64, rate: f64) -> f64 {
    libm::exp(-TAU * hertz / rate)
}

/// Tunes the one filter of brown noise to the rate, and levels it to the power of white noise.
pub(super) fn tune_brown(lane: &mut StateLane<'_>, rate: f64, at: Filters) {
    let [keep, reference] = [rate, f64::from(REFERENCE)].map(|rate| pole(BROWN, rate));
    *lane.row(at.keep) = keep as f32;
    // What stands still passes as at the reference.
    let take = libm::sqrt(1.0 - reference * reference) * ((1.0 - keep) / (1.0 - reference));
    *lane.row(at.take) = take as f32;
}

/// Tunes the [`POLES`] filters of pink noise to the rate, and levels them to the power of white noise.
pub(super) fn tune_pink(lane: &mut StateLane<'_>, rate: f64, at: Filters) {
    let poles = |rate: f64| -> [f64; POLES] {
        std::array::from_fn(|k| pole(LOWEST * libm::exp2(2.0 * k as f64), rate))
    };
    // Each is two octaves above the last and half as loud.
    let takes = |keep: &[f64; POLES]| -> [f64; POLES] {
        std::array::from_fn(|k| (1.0 - keep[k]) * libm::exp2(-(k as f64)))
    };
    let keep = poles(f64::from(REFERENCE));
    let take = takes(&keep);
    let mut power = 0.0;
    for j in 0..POLES {
        for k in 0..POLES {
            // The product of two decays a^n b^n, summed over n, is 1 / (1 - a b).
            power += take[j] * take[k] / (1.0 - keep[j] * keep[k]);
        }
    }
    let keep = poles(rate);
    let take = takes(&keep);
    for k in 0..POLES {
        *lane.row(at.keep + k) = keep[k] as f32;
        *lane.row(at.take + k) = (take[k] / libm::sqrt(power)) as f32;
    }
}

#[inline(always)]
fn noise<const W: usize>(call: &mut Call<'_, W>) {
    let seed = call.words[SEED];
    let mut noise: Rows<W> = [[0.0; W]; BLOCK];
    white(&mut call.words[COUNT], &seed, call.clock.rate, &mut noise);
    match call.settings[COLOR] as u32 {
        0 => *call.out(0) = noise,
        1 => filtered::<W, POLES>(call.rows, FILTERS, &noise, call.outs[0].rows::<W>()),
        _ => filtered::<W, 1>(call.rows, FILTERS, &noise, call.outs[0].rows::<W>()),
    }
}

/// How many draws take part in what lies between two of them, and their weights where a draw lasts two and four frames.
const TAPS: usize = 32;
const HALVES: [[f32; TAPS]; 1] = [taps(1, 2)];
const QUARTERS: [[f32; TAPS]; 3] = [taps(1, 4), taps(2, 4), taps(3, 4)];

/// The reference is 160 / 147 of 44.1 kHz; these are the weights of what lies between two draws by so many parts.
const PARTS: usize = 147;
static BY_PARTS: [[f32; TAPS]; PARTS] = {
    let mut all = [[0.0; TAPS]; PARTS];
    let mut part = 0;
    while part < PARTS {
        all[part] = taps(part, PARTS);
        part += 1;
    }
    all
};

/// By how many parts of a draw each frame moves on, where `rate` is 44.1 kHz or twice or four times that.
#[inline(always)]
fn parts(rate: f32) -> Option<u32> {
    [(44_100.0, 160), (88_200.0, 80), (176_400.0, 40)]
        .iter()
        .find(|(of, _)| *of == rate)
        .map(|(_, parts)| *parts)
}

/// How many frames a draw lasts by which the draws are counted; where that isn't whole, the frames are.
pub(super) fn frames_a_draw(rate: f32) -> u32 {
    if parts(rate).is_some() { 1 } else { fold(rate) as u32 }
}

/// A block of white noise: the draws of `seed` from `count` on, which moves on. Where a draw isn't a frame, a sinc of the draws around lies
/// between them: the same noise at any usual rate, as far as it can be heard, and nothing above it.
#[inline(always)]
pub(super) fn white<const W: usize>(count: &mut [u32; W], seed: &[u32; W], rate: f32, out: &mut Rows<W>) {
    if let Some(parts) = parts(rate) {
        by_parts(count, seed, parts, out);
    } else {
        match fold(rate) {
            1 => {
                let level = level(rate);
                for i in 0..BLOCK {
                    for l in 0..W {
                        out[i][l] = bipolar(draw(seed[l], count[l].wrapping_add(i as u32))) * level;
                    }
                }
            }
            2 => between(count, seed, level(folded(rate)), &HALVES, out),
            _ => between(count, seed, level(folded(rate)), &QUARTERS, out),
        }
    }
    for count in count {
        *count = count.wrapping_add(BLOCK as u32 / frames_a_draw(rate));
    }
}

#[inline(always)]
fn by_parts<const W: usize>(count: &[u32; W], seed: &[u32; W], parts: u32, out: &mut Rows<W>) {
    for l in 0..W {
        let place = |i: usize| (u64::from(count[l]) + i as u64) * u64::from(parts);
        let first = (place(0) / PARTS as u64) as u32;
        let mut draws = [0.0; 2 * BLOCK + TAPS];
        for (k, draws) in draws.iter_mut().enumerate() {
            let number = first.wrapping_add(k as u32).wrapping_sub(TAPS as u32 / 2 - 1);
            *draws = bipolar(draw(seed[l], number));
        }
        for i in 0..BLOCK {
            let from = ((place(i) / PARTS as u64) as u32).wrapping_sub(first) as usize;
            let taps = &BY_PARTS[(place(i) % PARTS as u64) as usize];
            let mut sum = 0.0;
            for (tap, draw) in taps.iter().zip(&draws[from..]) {
                sum += tap * draw;
            }
            out[i][l] = sum;
        }
    }
}

/// What makes noise of `rate` frames a second as loud in each Hz as at the reference.
#[inline(always)]
fn level(rate: f32) -> f32 {
    if rate < REFERENCE { (rate / REFERENCE).sqrt() } else { 1.0 }
}

#[inline(always)]
fn between<const W: usize, const PHASES: usize>(
    count: &[u32; W],
    seed: &[u32; W],
    level: f32,
    phases: &[[f32; TAPS]; PHASES],
    out: &mut Rows<W>,
) {
    let every = PHASES + 1;
    let drawn = BLOCK / every;
    for l in 0..W {
        let mut draws = [0.0; BLOCK / 2 + TAPS];
        for (k, draws) in draws.iter_mut().enumerate().take(drawn + TAPS) {
            let number = count[l].wrapping_add(k as u32).wrapping_sub(TAPS as u32 / 2 - 1);
            *draws = bipolar(draw(seed[l], number)) * level;
        }
        for n in 0..drawn {
            out[n * every][l] = draws[n + TAPS / 2 - 1];
        }
        for (phase, taps) in phases.iter().enumerate() {
            let values = weigh::<{ BLOCK / 2 }>(&draws, 1, taps);
            for n in 0..drawn {
                out[n * every + phase + 1][l] = values[n];
            }
        }
    }
}

/// The sum of `N` one-pole low-passes of white noise, whose state is in `rows`.
#[inline(always)]
pub(super) fn filtered<const W: usize, const N: usize>(
    rows: &mut [Row<W>],
    at: Filters,
    white: &Rows<W>,
    out: &mut Rows<W>,
) {
    let (mut held, mut keep, mut take) = ([[0.0; W]; N], [[0.0; W]; N], [[0.0; W]; N]);
    held.copy_from_slice(&rows[at.held..at.held + N]);
    keep.copy_from_slice(&rows[at.keep..at.keep + N]);
    take.copy_from_slice(&rows[at.take..at.take + N]);
    for i in 0..BLOCK {
        for l in 0..W {
            let mut sum = 0.0;
            for k in 0..N {
                held[k][l] = held[k][l] * keep[k][l] + white[i][l] * take[k][l];
                sum += held[k][l];
            }
            out[i][l] = sum;
        }
    }
    rows[at.held..at.held + N].copy_from_slice(&held);
}

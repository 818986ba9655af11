//! The plucked string.
//!
//! Karplus and Strong, "Digital synthesis of plucked-string and drum timbres" (1983), extended as by Jaffe and Smith in the
//! same year. fundsp's can't be retuned without allocating, nor while it sounds.

use std::f32::consts::TAU;

use crate::dsp::hash::{bipolar, draw};
use crate::dsp::math::{clamp, exp2, sine};
use crate::dsp::phase::TURN;
use crate::modules::call::Call;
use crate::modules::comb::damping;
use crate::modules::kernel::kernel;
use crate::modules::line::{DelayLine, audible, room};
use crate::modules::oscillator::{self, PitchParams, steps};
use crate::modules::rates::{REFERENCE, fold, folded};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "pluck",
    family: Family::Source,
    about: "Plucked string. Each time the gate opens, the string is plucked and rings by itself.",
    notes: "`decay` sets how long the lows ring, `damp` how much faster the highs decay, from steel to nylon. The \
            string rings on after the gate closes; to stop it, use an envelope as `vca`. Each pluck differs \
            slightly from the previous one, the same in every render. It follows glides and vibrato down to 20 Hz.",
    inputs: &[Port::gate("gate", "Plucks the string when it opens.")],
    outputs: &[Port::audio("out", "The string.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::seconds("decay", 0.05, 60.0, 3.0, "Time in which the lows decay by 60 dB."),
        Param::share("damp", 0.4, "How much faster the highs decay."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "pluck" tempo=100 bars=2
instrument guitar voices=4 {
    pluck string decay="2s" damp=0.3
    adsr  hand attack=0 sustain=1 release="800ms"
    route string -> out vca=hand gain="-6dB"
}
track guitar notes="e3 b3 e4 g4 b4 e5" "X.x. x.x. x.x. ...." "X.x. x.x. x.x. ...."
"#,
    state: State {
        rows: 4,
        words: 4,
        rings: |setup| vec![room(setup.rate / LOWEST)],
        init: |lane, setup| *lane.word(SEED) = setup.seed,
        ends: |_| true,
        ..State::NONE
    },
    kernel: kernel!(pluck),
};

const PITCH: PitchParams = PitchParams::of(&SPEC);
const GATE: usize = SPEC.port("gate");
const DECAY: usize = SPEC.port("decay");
const DAMP: usize = SPEC.port("damp");

/// The lowest pitch in Hz, which sets the length of the ring, and the shortest period in frames.
const LOWEST: f32 = 20.0;
const SHORTEST: f32 = 4.0;
/// The corner in Hz under which the output is cut, so that a pluck leaves no DC.
const FLOOR: f32 = 15.0;

/// The gate in the frame before; the last two frames that came back; the lowest part of the sound.
const LAST: usize = 0;
const BACK: usize = 1;
const LOW: usize = 3;
/// How many plucks there were, how many frames of the last are still to come, the seed, and how many draws a pluck is.
const COUNT: usize = 0;
const LEFT: usize = 1;
const SEED: usize = 2;
const DRAWS: usize = 3;

/// How many draws to each side take part in what a pluck is between them.
const SIDE: u32 = 8;

#[inline(always)]
fn pluck<const W: usize>(call: &mut Call<'_, W>) {
    let steps = steps(call, &PITCH);
    let (gate, decay, damp) = (call.ins[GATE], call.ins[DECAY], call.ins[DAMP]);
    // At higher rates every so many frames are a string by themselves, all plucked alike.
    let (every, rate) = (fold(call.clock.rate), folded(call.clock.rate));
    let (damping, stretch) = (damping(rate), REFERENCE / call.clock.rate);
    let floor = TAU * FLOOR * call.clock.period;
    let ring = &mut call.rings[0];
    let (at, frames) = (ring.at, ring.frames);
    let rows = ring.rows::<W>();
    let out = call.outs[0].rows::<W>();
    for l in 0..W {
        let mut last = call.rows[LAST][l];
        let (mut one, mut two) = (call.rows[BACK][l], call.rows[BACK + 1][l]);
        let mut low = call.rows[LOW][l];
        let (mut count, mut left, mut draws) =
            (call.words[COUNT][l], call.words[LEFT][l], call.words[DRAWS][l]);
        let seed = call.words[SEED][l];
        for i in 0..BLOCK {
            let period = TURN / steps.rows[i][l].cast_signed() as f32 / every as f32;
            let period = clamp(period, SHORTEST, rate * (1.0 / LOWEST));
            let now = gate.at(i)[l];
            if now > 0.0 && last <= 0.0 {
                count = count.wrapping_add(1);
                draws = (period * (REFERENCE / rate)) as u32;
                left = frames_of(draws, stretch);
            }
            last = now;
            let mut string = 0.0;
            if left > 0 {
                left -= 1;
                let at = (frames_of(draws, stretch) - 1 - left) as f32 * stretch;
                string = plucked(seed.wrapping_add(count), draws, at);
            }
            // The damping takes one frame more, and looks one frame to either side, so that it doesn't detune.
            let delay = DelayLine::of(period - 1.0);
            let three = delay.read_every(every, rows, at + i, l);
            if every > 1 {
                let ago = |frames: usize| delay.read_every(every, rows, (at + i).wrapping_sub(frames), l);
                (one, two) = (ago(2 * every), ago(every));
            }
            let dull = damping * damp.at(i)[l];
            let keep = exp2(-9.965_784_3 * period / (decay.at(i)[l] * rate));
            string += keep * ((1.0 - dull - dull) * two + dull * (one + three));
            (one, two) = (two, three);
            rows[(at + i) & (frames - 1)][l] = audible(string);
            low += floor * (string - low);
            out[i][l] = string - low;
        }
        (call.rows[LAST][l], call.rows[LOW][l]) = (last, low);
        (call.rows[BACK][l], call.rows[BACK + 1][l]) = (one, two);
        (call.words[COUNT][l], call.words[LEFT][l], call.words[DRAWS][l]) = (count, left, draws);
    }
    ring.at = (at + BLOCK) & (frames - 1);
}

/// The frames that a pluck of so many `draws` takes, each frame `stretch` draws long.
#[inline(always)]
fn frames_of(draws: u32, stretch: f32) -> u32 {
    if stretch == 1.0 { draws } else { ((draws + SIDE - 1) as f32 / stretch) as u32 + 1 }
}

/// What a pluck is `at` so many draws after its first: the last draw first, and between two draws a sinc in a window over those beside it,
/// so that it is the same sound at any frame rate.
#[inline(always)]
fn plucked(seed: u32, draws: u32, at: f32) -> f32 {
    let whole = at as u32;
    let share = at - whole as f32;
    let drawn = |n: u32| if n < draws { bipolar(draw(seed, draws - 1 - n)) } else { 0.0 };
    if share < 1e-4 {
        return drawn(whole);
    }
    // The sine of half a turn times the distance is that of the share, with alternating signs.
    let wave = sine((share * (0.5 * TURN)) as u32) * std::f32::consts::FRAC_1_PI;
    let mut sum = 0.0;
    for k in 0..2 * SIDE {
        // From draw `whole + 1 - SIDE` on.
        let away = share + (SIDE - 1) as f32 - k as f32;
        let window = 1.0 - away * away * (1.0 / (SIDE * SIDE) as f32);
        let n = (whole + 1 + k).wrapping_sub(SIDE);
        let sign = if (k + SIDE) % 2 == 1 { wave } else { -wave };
        sum += sign / away * (window * window) * drawn(n);
    }
    sum
}

//! The tuned comb filter.

use std::f32::consts::TAU;

use crate::dsp::math::{clamp, exp2};
use crate::dsp::phase::TURN;
use crate::modules::call::Call;
use crate::modules::control::fall;
use crate::modules::kernel::kernel;
use crate::modules::line::{DelayLine, audible, room};
use crate::modules::oscillator::{self, PitchParams, steps};
use crate::modules::rates::{REFERENCE, fold, folded};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "comb",
    family: Family::Filter,
    about: "Tuned comb filter: its input rings at the pitch of the note.",
    notes: "Noise becomes a bowed string or a blown pipe, a drum becomes a tuned drum. `decay` sets how long the \
            lows ring, `damp` how much faster the highs decay. With `odd=#true` only odd partials ring, as in a \
            pipe closed at one end. The level of noise is about the same at the output; short sounds get quieter \
            the longer they ring. It follows the note down to 20 Hz.",
    inputs: &[Port::audio("in", "Signal that makes it ring.")],
    outputs: &[Port::audio("out", "The ringing signal.")],
    params: &[
        oscillator::FREQ,
        oscillator::OCTAVE,
        oscillator::TUNE,
        Param::seconds("decay", 0.01, 30.0, 1.0, "Time in which the lows decay by 60 dB."),
        Param::share("damp", 0.3, "How much faster the highs decay."),
    ],
    settings: &[Setting::flag("odd", "Only odd partials ring.")],
    channels: Channels::Each,
    example: r#"song "comb" tempo=84 bars=2
instrument pipe voices=3 {
    noise breath color="pink"
    comb  tube decay="900ms" damp=0.5
    adsr  blow attack="60ms" decay="200ms" sustain=0.4 release="80ms"
    adsr  env attack="5ms" release="900ms"
    route breath -> tube vca=blow
    route tube -> out vca=env gain="-6dB"
}
track pipe notes="a3/e4 c4/g4 d4/a4" "X___ __.. X___ ...." "X___ ____ ____ ...."
"#,
    state: State {
        rows: 3,
        rings: |setup| vec![room(setup.rate / LOWEST)],
        tail: |_| 1.0 / LOWEST,
        // The higher the tone, the less is lost each time round.
        raises: |highest| 1.0 / (1.0 - fall(highest[3], highest[0] * exp2(highest[1] + highest[2] / 12.0))),
        ..State::NONE
    },
    kernel: kernel!(comb),
};

const PITCH: PitchParams = PitchParams::of(&SPEC);
const DECAY: usize = SPEC.port("decay");
const DAMP: usize = SPEC.port("damp");
const ODD: usize = SPEC.setting("odd");

/// The lowest pitch in Hz, which sets the length of the ring, and the shortest period in frames.
const LOWEST: f32 = 20.0;
const SHORTEST: f32 = 4.0;
/// The corner in Hz under which the output is cut, so that no DC piles up.
const FLOOR: f32 = 15.0;

/// The rows of the last two frames that came back, and of the lowest part of the sound.
const BACK: usize = 0;
const LOW: usize = 2;

/// What each of the two neighbours of a frame takes of it where all is damped, at `rate`: as much of what is heard as a quarter does at the
/// reference.
#[inline(always)]
pub(super) fn damping(rate: f32) -> f32 {
    let ratio = rate / REFERENCE;
    0.25 * if ratio < 1.0 { ratio * ratio } else { 1.0 }
}

#[inline(always)]
fn comb<const W: usize>(call: &mut Call<'_, W>) {
    let steps = steps(call, &PITCH);
    let (input, decay, damp) = (call.ins[0], call.ins[DECAY], call.ins[DAMP]);
    let odd = call.settings[ODD] != 0.0;
    // At higher rates every so many frames are a comb by themselves.
    let (every, rate) = (fold(call.clock.rate), folded(call.clock.rate));
    let damping = damping(rate);
    let floor = TAU * FLOOR * call.clock.period;
    let still = steps.constant && decay.is_constant();
    let ring = &mut call.rings[0];
    let (at, frames) = (ring.at, ring.frames);
    let rows = ring.rows::<W>();
    let out = call.outs[0].rows::<W>();
    for l in 0..W {
        let (mut one, mut two) = (call.rows[BACK][l], call.rows[BACK + 1][l]);
        let mut low = call.rows[LOW][l];
        let (mut delay, mut keep, mut level) = (DelayLine { whole: 0, share: 0.0 }, 0.0, 0.0);
        for i in 0..BLOCK {
            if i == 0 || !still {
                let turn = steps.rows[i][l].cast_signed() as f32;
                let period = clamp(TURN / turn / every as f32, SHORTEST, rate * (1.0 / LOWEST));
                // Half the period, turned over, is a period of odd partials only.
                let period = if odd { clamp(0.5 * period, SHORTEST, period) } else { period };
                keep = fall(decay.at(i)[l], rate / period);
                level = (1.0 - keep * keep).sqrt();
                keep = if odd { -keep } else { keep };
                delay = DelayLine::of(period - 1.0);
            }
            // The damping takes one frame more, and looks one frame to either side, so that it doesn't detune.
            let three = delay.read_every(every, rows, at + i, l);
            if every > 1 {
                let ago = |frames: usize| delay.read_every(every, rows, (at + i).wrapping_sub(frames), l);
                (one, two) = (ago(2 * every), ago(every));
            }
            let dull = damping * damp.at(i)[l];
            let sound = level * input.at(i)[l] + keep * ((1.0 - dull - dull) * two + dull * (one + three));
            (one, two) = (two, three);
            rows[(at + i) & (frames - 1)][l] = audible(sound);
            low += floor * (sound - low);
            out[i][l] = sound - low;
        }
        (call.rows[BACK][l], call.rows[BACK + 1][l], call.rows[LOW][l]) = (one, two, low);
    }
    ring.at = (at + BLOCK) & (frames - 1);
}

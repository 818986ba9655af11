//! Random steps: a new value at a rate or at a trigger.

use crate::dsp::hash::{bipolar, draw};
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::slow::{self, SlowPhase};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::{Sleep, State};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "random",
    family: Family::Modulator,
    about: "Random steps, uniform from -1 to 1, the same in every render.",
    notes: "With `smooth` it glides to each new value over that share of a step. With `clock=trigger` each rise of \
            the `trigger` input, in an instrument each note, starts a step (sample and hold); `rate` then only sets \
            the time of the glide.",
    inputs: &[Port::gate("trigger", "Each rise draws a new value if `clock=trigger`.")],
    outputs: &[Port::bipolar("out", "The value, -1 to 1.")],
    params: &[
        Param::hertz("rate", 0.0001, 1_000.0, 4.0, "Steps per second."),
        Param::share("smooth", 0.0, "The share of a step during which it glides to the new value."),
    ],
    settings: &[Setting::choice(
        "clock",
        "What starts a step.",
        &[("rate", "The parameter `rate`."), ("trigger", "A rise of the `trigger` input.")],
    )],
    channels: Channels::Each,
    example: r#"song "random" tempo=120 bars=2
instrument robot {
    square  osc
    lowpass tone cutoff="700Hz" q=4
    random  dice rate="1/16"
    route dice -> tone.cutoff by="2oct"
    route osc -> tone -> out gain="-12dB"
}
track robot notes="a1 e2" length=1 "X___ ____ ____ ____" "X___ ____ ____ ____"
"#,
    state: State {
        rows: 2,
        words: slow::WORDS + 2,
        init: |lane, setup| {
            *lane.word(SEED) = setup.seed;
            *lane.row(FROM) = bipolar(draw(setup.seed, 0));
            *lane.word(BY_TRIGGER) = setup.settings[CLOCK] as u32;
        },
        sleep: Sleep::Advance(|lane, frames| {
            if *lane.word(BY_TRIGGER) == 0 {
                slow::advance(lane, frames);
                let (seed, cycle) = (*lane.word(SEED), *lane.word(slow::CYCLE));
                // A glide starts at the value before; of the first step, at its own.
                *lane.row(FROM) = bipolar(draw(seed, cycle.saturating_sub(1)));
            }
        }),
        ..State::NONE
    },
    kernel: kernel!(random),
};

const TRIGGER: usize = SPEC.port("trigger");
const RATE: usize = SPEC.port("rate");
const SMOOTH: usize = SPEC.port("smooth");
const CLOCK: usize = SPEC.setting("clock");

const SEED: usize = slow::WORDS;
const BY_TRIGGER: usize = slow::WORDS + 1;
const LAST: usize = 0;
/// The value that the glide of this step starts from.
const FROM: usize = 1;

#[inline(always)]
fn random<const W: usize>(call: &mut Call<'_, W>) {
    let by_trigger = call.settings[CLOCK] != 0.0;
    let (trigger, rate, smooth) = (call.ins[TRIGGER], call.ins[RATE], call.ins[SMOOTH]);
    let out = call.outs[0].rows::<W>();
    for l in 0..W {
        let seed = call.words[SEED][l];
        let mut phase = SlowPhase::of(call.words, l);
        let (mut last, mut from) = (call.rows[LAST][l], call.rows[FROM][l]);
        let mut to = bipolar(draw(seed, phase.cycle));
        let mut step = slow::step(rate.at(0)[l], call.clock.rate);
        for i in 0..BLOCK {
            if !rate.is_constant() {
                step = slow::step(rate.at(i)[l], call.clock.rate);
            }
            let smooth = smooth.at(i)[l];
            if by_trigger {
                let now = trigger.at(i)[l];
                if now > 0.0 && last <= 0.0 {
                    from = glide(phase, smooth, from, to);
                    phase.restart();
                    to = bipolar(draw(seed, phase.cycle));
                }
                last = now;
            }
            out[i][l] = glide(phase, smooth, from, to);
            if by_trigger {
                phase.step_to_end(step);
            } else if phase.step(step) {
                from = to;
                to = bipolar(draw(seed, phase.cycle));
            }
        }
        (call.rows[LAST][l], call.rows[FROM][l]) = (last, from);
        phase.keep(step, call.words, l);
    }
}

/// The value at `phase` of a step that glides over a share of it, without corners.
#[inline(always)]
fn glide(phase: SlowPhase, smooth: f32, from: f32, to: f32) -> f32 {
    let x = (phase.upper() >> 8).cast_signed() as f32 * (1.0 / 16_777_216.0);
    if x < smooth {
        let x = x / smooth;
        from + (to - from) * (x * x * (3.0 - 2.0 * x))
    } else {
        to
    }
}

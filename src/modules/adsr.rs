//! The envelope of attack, decay, sustain and release.

use crate::dsp::math::exp2;
use crate::modules::buffer::{In, Row, Rows};
use crate::modules::call::Call;
use crate::modules::envelope::{self, ENDLESS, Edge, edges, frames, run};
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port, Setting};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "adsr",
    family: Family::Envelope,
    about: "Envelope of attack, decay, sustain and release that follows the gate.",
    notes: "It rises to 1 in `attack`, falls to `sustain` in `decay`, stays there while the gate is open, and falls \
            to 0 in `release`. Each segment starts from the current level, so a note that starts during the release \
            of another doesn't click. Onsets and lengths are exact to the frame. `curve=natural` charges and \
            discharges like the capacitor of an analogue envelope; with `curve=linear` every segment is a straight \
            line. With `curve=convex` the level follows the remaining time to the power of 3/4: after half of the \
            release it is at -4.5 dB.",
    inputs: &[envelope::GATE],
    outputs: &[Port::unipolar("out", "The level, 0 to 1.")],
    params: &[
        Param::seconds("attack", 0.0, 60.0, 0.005, "Time to rise from 0 to 1, read when the gate opens."),
        Param::seconds(
            "decay",
            0.0,
            60.0,
            0.1,
            "Time to fall from 1 to the sustain, read when the fall starts.",
        ),
        Param::share("sustain", 0.7, "Level while the gate stays open."),
        Param::seconds("release", 0.0, 60.0, 0.2, "Time to fall to 0, read when the gate closes."),
    ],
    settings: &[Setting::choice(
        "curve",
        "The shape of the segments.",
        &[
            ("natural", "Each segment starts fast and slows down, as in an analogue envelope."),
            ("linear", "Each segment is a straight line."),
            ("convex", "Each segment is convex: a rise starts fast, a fall slowly."),
        ],
    )],
    channels: Channels::Each,
    example: r#"song "adsr" tempo=100 bars=2
instrument organ voices=3 {
    triangle osc
    adsr     env attack="30ms" decay="200ms" sustain=0.6 release="500ms"
    route osc -> out vca=env gain="-9dB"
}
track organ notes="c4/e4/g4 a3/c4/e4" "X___ __.. X_.. x_.." "X___ __.. X_.. x_.."
"#,
    state: State { rows: 5, words: 3, ..State::NONE },
    kernel: kernel!(adsr, pays 3),
};

const GATE: usize = SPEC.port("gate");
const ATTACK: usize = SPEC.port("attack");
const DECAY: usize = SPEC.port("decay");
const SUSTAIN: usize = SPEC.port("sustain");
const RELEASE: usize = SPEC.port("release");
const CURVE: usize = SPEC.setting("curve");

/// What a lane does; the numbers are its state.
const IDLE: u32 = 0;
const ATTACKS: u32 = 1;
const DECAYS: u32 = 2;
const SUSTAINS: u32 = 3;
const RELEASES: u32 = 4;

/// The curves, in the order of the setting.
const NATURAL: u8 = 0;
const LINEAR: u8 = 1;
const CONVEX: u8 = 2;

/// Half of what a natural attack overshoots its goal by, and 1/128 of a fall: binary fractions, so that segments start
/// exactly where they should. A fall is (1 + rest) (rest / (1 + rest))^t - rest.
const ATTACK_REST: f32 = 0.5;
const FALL_REST: f32 = 1.0 / 128.0;
/// The binary logarithms of rest / (1 + rest) = 1/3 and 1/129.
const ATTACK_RATE: f32 = -1.584_962_5;
const FALL_RATE: f32 = -7.011_227_3;

/// The segment that each lane is in.
struct AdsrSegments<const W: usize> {
    stage: [u32; W],
    /// Frames since it started.
    elapsed: [u32; W],
    /// Frames it lasts.
    length: [u32; W],
    /// The level it started from.
    from: Row<W>,
    /// The gate in the frame before.
    last: Row<W>,
    /// The level it goes to, the share of it that a frame is, and its curve.
    goal: Row<W>,
    speed: Row<W>,
    rest: Row<W>,
    rate: Row<W>,
}

#[inline(always)]
fn adsr<const W: usize>(call: &mut Call<'_, W>) {
    match call.settings[CURVE] {
        0.0 => envelope::<W, NATURAL>(call),
        1.0 => envelope::<W, LINEAR>(call),
        _ => envelope::<W, CONVEX>(call),
    }
}

#[inline(always)]
fn envelope<const W: usize, const CURVED: u8>(call: &mut Call<'_, W>) {
    let gate = call.ins[GATE];
    let sustain = call.ins[SUSTAIN];
    let mut lanes = AdsrSegments {
        stage: call.words[0],
        elapsed: call.words[1],
        length: call.words[2],
        from: call.rows[0],
        last: call.rows[1],
        goal: [0.0; W],
        speed: call.rows[2],
        rest: call.rows[3],
        rate: call.rows[4],
    };
    let edges = edges(&gate, &lanes.last);
    let mut still = edges == 0 && sustain.is_constant();
    for l in 0..W {
        still &= lanes.stage[l] == IDLE || lanes.stage[l] == SUSTAINS;
    }
    if still {
        let mut level = [0.0; W];
        for l in 0..W {
            level[l] = if lanes.stage[l] == SUSTAINS { sustain.at(0)[l] } else { 0.0 };
        }
        call.hold(0, level);
        call.rows[1] = *gate.at(BLOCK - 1);
        return;
    }
    let times = [call.ins[ATTACK], call.ins[DECAY], call.ins[RELEASE]];
    let out = call.outs[0].rows::<W>();
    let mut i = 0;
    while i < BLOCK {
        let mut left = [0; W];
        for l in 0..W {
            lanes.event::<CURVED>(
                l,
                gate.at(i)[l],
                times.map(|time| time.at(i)[l]),
                sustain.at(i)[l],
                call.clock.rate,
            );
            left[l] = if lanes.length[l] == ENDLESS { ENDLESS } else { lanes.length[l] - lanes.elapsed[l] };
        }
        let end = i + run(i, edges, &left);
        lanes.write::<CURVED>(out, i, end);
        if let In::Varying(sustain) = sustain {
            for l in 0..W {
                if lanes.stage[l] == DECAYS || lanes.stage[l] == SUSTAINS {
                    lanes.follow::<CURVED>(l, sustain, out, i, end);
                }
            }
        }
        for l in 0..W {
            lanes.elapsed[l] =
                if lanes.length[l] == ENDLESS { 0 } else { lanes.elapsed[l] + (end - i) as u32 };
            lanes.last[l] = gate.at(end - 1)[l];
        }
        i = end;
    }
    [call.words[0], call.words[1], call.words[2]] = [lanes.stage, lanes.elapsed, lanes.length];
    [call.rows[0], call.rows[1]] = [lanes.from, lanes.last];
    [call.rows[2], call.rows[3], call.rows[4]] = [lanes.speed, lanes.rest, lanes.rate];
}

impl<const W: usize> AdsrSegments<W> {
    /// Starts what starts in this frame, and sets the goal, which moves with the sustain.
    #[inline(always)]
    fn event<const CURVED: u8>(&mut self, l: usize, gate: f32, times: [f32; 3], sustain: f32, rate: f32) {
        let [attack, decay, release] = times;
        match Edge::of(self.last[l], gate) {
            Edge::Reset => self.start(l, IDLE, 0.0, ENDLESS),
            Edge::Rise => {
                let level = self.level::<CURVED>(l, sustain);
                self.start(l, ATTACKS, level, frames(attack, rate));
            }
            Edge::Fall => {
                let level = self.level::<CURVED>(l, sustain);
                self.start(l, RELEASES, level, frames(release, rate));
            }
            Edge::None if self.stage[l] == IDLE => self.start(l, IDLE, 0.0, ENDLESS),
            Edge::None => {}
        }
        if self.stage[l] == ATTACKS && self.elapsed[l] >= self.length[l] {
            self.start(l, DECAYS, 1.0, frames(decay, rate));
        }
        if self.stage[l] == DECAYS && self.elapsed[l] >= self.length[l] {
            self.start(l, SUSTAINS, sustain, ENDLESS);
        }
        if self.stage[l] == RELEASES && self.elapsed[l] >= self.length[l] {
            self.start(l, IDLE, 0.0, ENDLESS);
        }
        self.goal[l] = self.goal(l, sustain);
        if self.stage[l] == SUSTAINS {
            self.from[l] = sustain;
        }
    }

    #[inline(always)]
    fn start(&mut self, l: usize, stage: u32, from: f32, length: u32) {
        self.stage[l] = stage;
        self.elapsed[l] = 0;
        self.length[l] = length;
        self.from[l] = from;
        self.speed[l] = if length == ENDLESS || length == 0 { 0.0 } else { 1.0 / length as f32 };
        (self.rest[l], self.rate[l]) =
            if stage == ATTACKS { (ATTACK_REST, ATTACK_RATE) } else { (FALL_REST, FALL_RATE) };
    }

    #[inline(always)]
    fn goal(&self, l: usize, sustain: f32) -> f32 {
        match self.stage[l] {
            ATTACKS => 1.0,
            DECAYS | SUSTAINS => sustain,
            _ => 0.0,
        }
    }

    /// The level in this frame, had nothing happened in it.
    #[inline(always)]
    fn level<const CURVED: u8>(&self, l: usize, sustain: f32) -> f32 {
        let goal = self.goal(l, sustain);
        if self.elapsed[l] >= self.length[l] || self.stage[l] == SUSTAINS {
            return goal;
        }
        level::<CURVED>(
            self.elapsed[l] as f32 * self.speed[l],
            self.from[l],
            goal,
            self.rest[l],
            self.rate[l],
        )
    }

    /// Writes the frames from `start` to `end`, in which nothing happens.
    #[inline(always)]
    fn write<const CURVED: u8>(&self, out: &mut Rows<W>, start: usize, end: usize) {
        let mut elapsed = [0.0; W];
        for l in 0..W {
            elapsed[l] = self.elapsed[l] as f32;
        }
        for (i, out) in out[start..end].iter_mut().enumerate() {
            for l in 0..W {
                // A count kept as float runs lanes side by side; one lane alone runs frames side by side.
                let frame =
                    if W == 1 { (self.elapsed[l] + i as u32).cast_signed() as f32 } else { elapsed[l] };
                out[l] = level::<CURVED>(
                    frame * self.speed[l],
                    self.from[l],
                    self.goal[l],
                    self.rest[l],
                    self.rate[l],
                );
                elapsed[l] += 1.0;
            }
        }
    }

    /// Writes lane `l` anew, where its goal moves.
    #[inline(always)]
    fn follow<const CURVED: u8>(
        &self,
        l: usize,
        sustain: &Rows<W>,
        out: &mut Rows<W>,
        start: usize,
        end: usize,
    ) {
        for i in start..end {
            let goal = sustain[i][l];
            let from = if self.stage[l] == SUSTAINS { goal } else { self.from[l] };
            let share = (self.elapsed[l] + (i - start) as u32) as f32 * self.speed[l];
            out[i][l] = level::<CURVED>(share, from, goal, self.rest[l], self.rate[l]);
        }
    }
}

/// The level at `share` (0 to 1) of a segment.
#[inline(always)]
fn level<const CURVED: u8>(share: f32, from: f32, goal: f32, rest: f32, rate: f32) -> f32 {
    match CURVED {
        NATURAL => goal + (from - goal) * ((1.0 + rest) * exp2(rate * share) - rest),
        CONVEX => {
            // Only attacks have that rest.
            let rises = rest == ATTACK_REST;
            let gone = if rises { share } else { 1.0 - share };
            let gone = (gone * gone.sqrt()).sqrt();
            let [start, end] = if rises { [from, goal] } else { [goal, from] };
            start + (end - start) * gone
        }
        _ => from + (goal - from) * share,
    }
}

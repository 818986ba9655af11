//! The percussive envelope: up at once and down along a power.

use crate::dsp::math::power;
use crate::modules::buffer::{Row, Rows};
use crate::modules::call::Call;
use crate::modules::envelope::{self, ENDLESS, Edge, edges, frames, run};
use crate::modules::kernel::kernel;
use crate::modules::line::by_rows;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::State;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "decay",
    family: Family::Envelope,
    about: "Percussive envelope: jumps up when the gate opens and decays, however short the gate.",
    notes: "After `t` seconds the level is `(1 - t/time)^curve`: 1 is a straight line, 3 sounds natural, 8 is a \
            sharp click. Each time the gate opens, it starts again; an `attack` starts from the current level.",
    inputs: &[envelope::GATE],
    outputs: &[Port::unipolar("out", "The level, 0 to 1.")],
    params: &[
        Param::seconds("time", 0.0, 60.0, 0.3, "Time to fall from 1 to 0, read when the fall starts."),
        Param::seconds("attack", 0.0, 60.0, 0.0, "Time to rise to 1, read when the gate opens."),
        Param::number("curve", 1.0, 8.0, 3.0, "Steepness at the start of the fall, read when it starts."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "decay" tempo=124 bars=1
instrument kick {
    sine  osc freq="50Hz"
    decay drop time="120ms"
    decay env  time="300ms"
    route drop -> osc.freq by="150Hz"
    route osc -> out vca=env gain="-2dB"
}
track kick "X... X... X... X.x."
"#,
    state: State { rows: 4, words: 3, ..State::NONE },
    kernel: kernel!(decay, pays 3),
};

const GATE: usize = SPEC.port("gate");
const TIME: usize = SPEC.port("time");
const ATTACK: usize = SPEC.port("attack");
const CURVE: usize = SPEC.port("curve");

/// What a lane does; the numbers are its state.
const IDLE: u32 = 0;
const RISES: u32 = 1;
const FALLS: u32 = 2;

/// The segment that each lane is in.
struct DecaySegments<const W: usize> {
    stage: [u32; W],
    /// Frames since it started.
    elapsed: [u32; W],
    /// Frames it lasts.
    length: [u32; W],
    /// The level a rise started from.
    from: Row<W>,
    /// The gate in the frame before.
    last: Row<W>,
    /// The share of the segment that a frame is.
    speed: Row<W>,
    /// The power of a fall.
    curve: Row<W>,
}

#[inline(always)]
fn decay<const W: usize>(call: &mut Call<'_, W>) {
    let gate = call.ins[GATE];
    let mut lanes = DecaySegments {
        stage: call.words[0],
        elapsed: call.words[1],
        length: call.words[2],
        from: call.rows[0],
        last: call.rows[1],
        speed: call.rows[2],
        curve: call.rows[3],
    };
    let edges = edges(&gate, &lanes.last);
    if edges == 0 && lanes.stage.iter().all(|stage| *stage == IDLE) {
        call.hold(0, [0.0; W]);
        call.rows[1] = *gate.at(BLOCK - 1);
        return;
    }
    let params = [call.ins[TIME], call.ins[ATTACK], call.ins[CURVE]];
    let out = call.outs[0].rows::<W>();
    let mut i = 0;
    while i < BLOCK {
        let mut left = [0; W];
        for l in 0..W {
            lanes.event(l, gate.at(i)[l], params.map(|param| param.at(i)[l]), call.clock.rate);
            left[l] = if lanes.length[l] == ENDLESS { ENDLESS } else { lanes.length[l] - lanes.elapsed[l] };
        }
        let end = i + run(i, edges, &left);
        lanes.write(out, i, end);
        for l in 0..W {
            lanes.elapsed[l] =
                if lanes.length[l] == ENDLESS { 0 } else { lanes.elapsed[l] + (end - i) as u32 };
            lanes.last[l] = gate.at(end - 1)[l];
        }
        i = end;
    }
    [call.words[0], call.words[1], call.words[2]] = [lanes.stage, lanes.elapsed, lanes.length];
    [call.rows[0], call.rows[1], call.rows[2], call.rows[3]] =
        [lanes.from, lanes.last, lanes.speed, lanes.curve];
}

impl<const W: usize> DecaySegments<W> {
    /// Starts what starts in this frame.
    #[inline(always)]
    fn event(&mut self, l: usize, gate: f32, [time, attack, curve]: [f32; 3], rate: f32) {
        match Edge::of(self.last[l], gate) {
            Edge::Reset => self.start(l, IDLE, ENDLESS),
            Edge::Rise => {
                self.from[l] = self.level(l);
                self.start(l, RISES, frames(attack, rate));
            }
            Edge::Fall | Edge::None if self.stage[l] == IDLE => self.start(l, IDLE, ENDLESS),
            Edge::Fall | Edge::None => {}
        }
        if self.stage[l] == RISES && self.elapsed[l] >= self.length[l] {
            self.start(l, FALLS, frames(time, rate));
            self.curve[l] = curve;
        }
        if self.stage[l] == FALLS && self.elapsed[l] >= self.length[l] {
            self.start(l, IDLE, ENDLESS);
        }
    }

    #[inline(always)]
    fn start(&mut self, l: usize, stage: u32, length: u32) {
        self.stage[l] = stage;
        self.elapsed[l] = 0;
        self.length[l] = length;
        self.speed[l] = if length == ENDLESS || length == 0 { 0.0 } else { 1.0 / length as f32 };
    }

    /// Writes the frames from `start` to `end`, in which nothing happens.
    #[inline(always)]
    fn write(&self, out: &mut Rows<W>, start: usize, end: usize) {
        for (i, out) in out[start..end].iter_mut().enumerate() {
            if W > 1 {
                by_rows();
            }
            let mut level = [0.0; W];
            for l in 0..W {
                let share = self.share(l, i);
                let (fall, rise) = (cube(1.0 - share), rise(share, self.from[l]));
                let moving = if self.stage[l] == FALLS { fall } else { rise };
                level[l] = if self.stage[l] == IDLE { 0.0 } else { moving };
            }
            *out = level;
        }
        for l in 0..W {
            // Other curves take too long to be computed in every lane.
            if self.stage[l] == FALLS && self.curve[l] != 3.0 {
                let mut level = [0.0; BLOCK];
                for (i, level) in level[..end - start].iter_mut().enumerate() {
                    *level = power(1.0 - self.share(l, i), self.curve[l]);
                }
                for (out, level) in out[start..end].iter_mut().zip(level) {
                    out[l] = level;
                }
            }
        }
    }

    /// The share of the segment that has passed `i` frames from now.
    #[inline(always)]
    fn share(&self, l: usize, i: usize) -> f32 {
        (self.elapsed[l].wrapping_add(i as u32)).cast_signed() as f32 * self.speed[l]
    }

    /// The level in this frame, had nothing happened in it.
    #[inline(always)]
    fn level(&self, l: usize) -> f32 {
        let share = self.elapsed[l] as f32 * self.speed[l];
        match (self.stage[l], self.curve[l]) {
            (FALLS, _) if self.elapsed[l] >= self.length[l] => 0.0,
            (FALLS, 3.0) => cube(1.0 - share),
            (FALLS, curve) => power(1.0 - share, curve),
            (RISES, _) => rise(share, self.from[l]),
            _ => 0.0,
        }
    }
}

/// The level at `share` (0 to 1) of the way from a level to 1.
#[inline(always)]
fn rise(share: f32, from: f32) -> f32 {
    from + (1.0 - from) * share
}

#[inline(always)]
fn cube(x: f32) -> f32 {
    x * x * x
}

//! Curves: where a control stands at each frame, by what the song says of it.

use crate::dsp::seed::Seed;
use crate::model::automation::{Bend, Oscillation};
use crate::model::pace::PaceLaw;
use crate::model::patch::ControlId;

/// Seconds in which a control goes over to a value that somebody puts it to while the song plays.
pub const SMOOTHING: f64 = 0.02;

/// Seconds before a jump in which a control goes over to its new value: what the song says is known ahead, so its first frame is
/// exact already.
pub const APPROACH: f64 = 0.005;

/// A value for each frame of the song.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The value before the first segment.
    pub start: f32,
    /// Where it moves, in order and apart from each other; between them it stands.
    pub segments: Vec<Segment>,
    /// The least and the greatest value.
    pub range: (f64, f64),
}

/// Some frames over which a value moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Its first frame.
    pub start: u64,
    /// The frame after its last one.
    pub end: u64,
    /// The value that it has from `end` on.
    pub after: f32,
    /// In how many frames before its end it goes over to `after`; 0 if it comes there by itself.
    pub approach: u64,
    /// Where it goes.
    pub way: CurveMove,
}

/// A way from one value to another.
#[derive(Clone, Debug, PartialEq)]
pub struct CurveMove {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// How it gets there.
    pub bend: Bend,
    /// What oscillates between both ends.
    pub cycles: Option<Cycles>,
    /// The part of the way that is gone here: it is cut in pieces where the tempo changes.
    pub part: (f64, f64),
    /// How the tempo moves meanwhile, and from where to where: ways go by quarter notes.
    pub pace: (PaceLaw, f64, f64),
}

/// What oscillates between two ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycles {
    /// Its form.
    pub wave: Oscillation,
    /// How many of them the whole way has.
    pub count: f64,
    /// The share of the whole way in which it goes over to where it jumps, before it is there.
    pub edge: f64,
    /// What random places are drawn from.
    pub seed: Seed,
}

/// What a curve moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrivenControl {
    /// The control.
    pub control: ControlId,
    /// How it goes with the tempo where nothing else moves it.
    pub pace: Option<TempoScaling>,
}

/// How a control that is declared as a note length goes with the tempo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TempoScaling {
    /// A time: twice as fast, half as long.
    Time,
    /// A frequency: twice as fast, twice as high.
    Frequency,
}

impl Curve {
    /// The value at `frame`.
    pub fn value(&self, frame: u64) -> f32 {
        let begun = self.segments.partition_point(|segment| segment.start <= frame);
        match self.segments[..begun].last() {
            None => self.start,
            Some(segment) if frame < segment.end => segment.value(frame, self.range),
            Some(segment) => segment.after,
        }
    }

    /// The value from `frame` to before `end`, if it stands.
    pub fn standing(&self, frame: u64, end: u64) -> Option<f32> {
        let begun = self.segments.partition_point(|segment| segment.start < end);
        match self.segments[..begun].last() {
            None => Some(self.start),
            Some(segment) => (segment.end <= frame).then_some(segment.after),
        }
    }
}

impl Segment {
    /// The value at `frame`, from its start to its end.
    pub(super) fn value(&self, frame: u64, (least, most): (f64, f64)) -> f32 {
        let gone = (frame - self.start) as f64;
        let value = self.way.value(gone / (self.end - self.start) as f64).clamp(least, most) as f32;
        let left = self.end - frame;
        if left >= self.approach {
            return value;
        }
        let share = eased(1.0 - left as f64 / self.approach as f64);
        (f64::from(value) + (f64::from(self.after) - f64::from(value)) * share) as f32
    }
}

/// A share of a way that sets out and arrives level, so that no edge of it is heard.
pub fn eased(share: f64) -> f64 {
    share * share * share * (share * (share * 6.0 - 15.0) + 10.0)
}

impl CurveMove {
    /// A value that stands.
    pub fn still(value: f64) -> Self {
        Self::straight(value, value, Bend::Linear)
    }

    /// A whole way while the tempo stands.
    pub fn straight(from: f64, to: f64, bend: Bend) -> Self {
        Self { from, to, bend, cycles: None, part: (0.0, 1.0), pace: (PaceLaw::Still, 1.0, 1.0) }
    }

    /// The value after a share of its time.
    pub fn value(&self, time: f64) -> f64 {
        let (law, from, to) = self.pace;
        let quarters = law.quarters_by_time(time, from, to);
        let (first, last) = self.part;
        let gone = first + (last - first) * quarters;
        self.bent(self.cycles.as_ref().map_or(gone, |cycles| cycles.place(gone)))
    }

    /// The value at a place between both ends, 0 to 1.
    fn bent(&self, place: f64) -> f64 {
        if place <= 0.0 {
            return self.from;
        }
        if place >= 1.0 {
            return self.to;
        }
        let place = match self.bend {
            Bend::Exponential => return self.from * libm::exp(place * libm::log(self.to / self.from)),
            Bend::Step => return self.from,
            Bend::Linear => place,
            Bend::Smooth => place * place * (3.0 - 2.0 * place),
        };
        self.from + (self.to - self.from) * place
    }
}

impl Cycles {
    /// The place between both ends, 0 to 1, after a share of the whole way.
    fn place(&self, gone: f64) -> f64 {
        let cycles = gone * self.count;
        // The end belongs to the last cycle.
        let cycle = libm::floor(cycles).min(libm::ceil(self.count) - 1.0);
        let place = cycles - cycle;
        // Goes over to what comes after an edge, `left` cycles before it; edges stand `apart` cycles at least.
        let over = |now: f64, next: f64, left: f64, apart: f64| {
            let edge = (self.edge * self.count).min(apart * 0.5);
            if left < edge { now + (next - now) * eased(1.0 - left / edge) } else { now }
        };
        let last = cycle + 1.0 >= self.count;
        let first_half = place < 0.5 || gone >= 1.0 && place <= 0.5;
        match self.wave {
            Oscillation::Sine => 0.5 - 0.5 * libm::cos(core::f64::consts::TAU * place),
            Oscillation::Triangle => 1.0 - (2.0 * place - 1.0).abs(),
            Oscillation::Saw if last => place,
            Oscillation::Saw => over(place, 0.0, 1.0 - place, 1.0),
            Oscillation::Square if first_half && cycle + 0.5 < self.count => over(0.0, 1.0, 0.5 - place, 0.5),
            Oscillation::Square if first_half => 0.0,
            Oscillation::Square if last => 1.0,
            Oscillation::Square => over(1.0, 0.0, 1.0 - place, 0.5),
            Oscillation::Random => {
                let draw = |cycle: f64| self.seed.number(cycle as u64).share();
                let now = draw(cycle);
                if last { now } else { over(now, draw(cycle + 1.0), 1.0 - place, 1.0) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CurveMove, Cycles};
    use crate::dsp::seed::Seed;
    use crate::model::automation::{Bend, Oscillation};

    #[test]
    fn ways_go_from_end_to_end() {
        for (bend, middle) in
            [(Bend::Linear, 250.0), (Bend::Exponential, 200.0), (Bend::Smooth, 250.0), (Bend::Step, 100.0)]
        {
            let way = CurveMove::straight(100.0, 400.0, bend);
            assert_eq!((way.value(0.0), way.value(1.0)), (100.0, 400.0));
            assert!((way.value(0.5) - middle).abs() < 1e-9, "{bend:?}: {}", way.value(0.5));
        }
    }

    #[test]
    fn waves_stay_between_their_ends_and_never_jump() {
        for wave in [
            Oscillation::Sine,
            Oscillation::Triangle,
            Oscillation::Saw,
            Oscillation::Square,
            Oscillation::Random,
        ] {
            let cycles = Cycles { wave, count: 4.5, edge: 0.01, seed: Seed::new(1) };
            let way = CurveMove { cycles: Some(cycles), ..CurveMove::straight(-1.0, 3.0, Bend::Linear) };
            let values: Vec<f64> = (0..=100_000).map(|i| way.value(f64::from(i) / 1e5)).collect();
            assert!(values.iter().all(|value| (-1.0..=3.0).contains(value)), "{wave:?}");
            let step = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
            // A jump of 4 in a thousand steps, eased: 15/8 as steep in its middle as a straight line.
            assert!(step < 4.0 / 1_000.0 * 15.0 / 8.0 + 1e-5, "{wave:?}: {step}");
        }
    }
}

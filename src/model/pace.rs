//! The pace of a section: when each of its quarter notes falls, where the tempo stands or moves.

use crate::model::automation::{Bend, TempoMove};

/// The tempo of a section, piece by piece.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    pieces: Vec<PacePiece>,
    /// How long the section lasts, in seconds.
    pub seconds: f64,
}

/// Some quarter notes over which the tempo stands or moves in one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PacePiece {
    /// Where it begins, in quarter notes from the start of the section.
    pub quarters: f64,
    /// Its length in quarter notes.
    pub length: f64,
    /// Where it begins, in seconds from the start of the section.
    pub start: f64,
    /// Its length in seconds.
    pub seconds: f64,
    /// Quarter notes a minute where it begins.
    pub from: f64,
    /// Quarter notes a minute where it ends.
    pub to: f64,
    /// How the tempo moves over its quarter notes.
    pub law: PaceLaw,
}

/// How a tempo moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PaceLaw {
    /// It stands.
    Still,
    /// By equal steps a quarter note.
    Linear,
    /// By equal ratios a quarter note.
    Exponential,
}

impl PaceLaw {
    /// Which share of the quarter notes of a piece from tempo `from` to tempo `to` has passed after a share of its time.
    pub fn quarters_by_time(self, share: f64, from: f64, to: f64) -> f64 {
        let log = || libm::log(to / from);
        match self {
            Self::Still => share,
            Self::Linear => libm::expm1(share * log()) / libm::expm1(log()),
            Self::Exponential => -libm::log1p(share * libm::expm1(-log())) / log(),
        }
    }

    /// Which share of the time of a piece has passed after a share of its quarter notes: the other way round.
    pub fn time_by_quarters(self, share: f64, from: f64, to: f64) -> f64 {
        let log = || libm::log(to / from);
        match self {
            Self::Still => share,
            Self::Linear => libm::log1p(share * libm::expm1(log())) / log(),
            Self::Exponential => libm::expm1(-share * log()) / libm::expm1(-log()),
        }
    }
}

impl PacePiece {
    fn new(quarters: f64, length: f64, start: f64, [from, to]: [f64; 2], bend: Bend) -> Self {
        // The integral of 60 / tempo over the quarter notes.
        let log = libm::log(to / from);
        let still = length * 60.0 / from;
        let (law, seconds) = match bend {
            Bend::Linear if log.abs() > 1e-9 => (PaceLaw::Linear, length * 60.0 / (to - from) * log),
            Bend::Exponential if log.abs() > 1e-9 => (PaceLaw::Exponential, still * -libm::expm1(-log) / log),
            _ => (PaceLaw::Still, still),
        };
        let to = if law == PaceLaw::Still { from } else { to };
        Self { quarters, length, start, seconds, from, to, law }
    }

    /// Seconds from the start of the section to a place in this piece.
    fn seconds_at(&self, quarters: f64) -> f64 {
        let place = quarters - self.quarters;
        match self.law {
            PaceLaw::Still => self.start + place * 60.0 / self.from,
            law => {
                let share = law.time_by_quarters(place / self.length, self.from, self.to);
                self.start + self.seconds * share
            }
        }
    }

    /// The tempo at a place of the section in this piece, in quarter notes a minute.
    pub fn tempo_at(&self, quarters: f64) -> f64 {
        let share = (quarters - self.quarters) / self.length;
        match self.law {
            PaceLaw::Still => self.from,
            PaceLaw::Linear => self.from + (self.to - self.from) * share,
            PaceLaw::Exponential => self.from * libm::exp(share * libm::log(self.to / self.from)),
        }
    }

    fn quarters_at(&self, seconds: f64) -> f64 {
        let place = seconds - self.start;
        match self.law {
            PaceLaw::Still => self.quarters + place * self.from / 60.0,
            law => {
                let share = law.quarters_by_time(place / self.seconds, self.from, self.to);
                self.quarters + self.length * share
            }
        }
    }
}

impl Pace {
    /// The pace of `bars` bars of `bar` quarter notes each, at `tempo` quarter notes a minute, unless one of `moves`
    /// moves it: they are in the order of their bars and don't overlap.
    pub fn new(bars: u32, bar: f64, tempo: f64, moves: &[TempoMove]) -> Self {
        let end = f64::from(bars) * bar;
        let mut pace = Self { pieces: Vec::with_capacity(2 * moves.len() + 1), seconds: 0.0 };
        let (mut at, mut tempo) = (0.0, tempo);
        for step in moves {
            let [first, last] = [step.bars.start, step.bars.end].map(|bars| f64::from(bars) * bar);
            pace.add(at, first, [tempo, tempo], Bend::Step);
            pace.add(first, last, [step.from, step.to], step.bend);
            (at, tempo) = (last, step.to);
        }
        pace.add(at, end, [tempo, tempo], Bend::Step);
        pace
    }

    fn add(&mut self, from: f64, to: f64, tempo: [f64; 2], bend: Bend) {
        if to > from {
            let piece = PacePiece::new(from, to - from, self.seconds, tempo, bend);
            self.seconds += piece.seconds;
            self.pieces.push(piece);
        }
    }

    /// All pieces, in order; at least one.
    pub fn pieces(&self) -> &[PacePiece] {
        &self.pieces
    }

    /// Whether the tempo stands throughout.
    pub fn is_still(&self) -> bool {
        self.pieces.len() < 2 && self.pieces.iter().all(|piece| piece.law == PaceLaw::Still)
    }

    /// Seconds from the start of the section to a place `quarters` quarter notes after it.
    pub fn seconds_at(&self, quarters: f64) -> f64 {
        let after = self.pieces.partition_point(|piece| piece.quarters <= quarters);
        self.pieces.get(after.saturating_sub(1)).map_or(0.0, |piece| piece.seconds_at(quarters))
    }

    /// The tempo `quarters` quarter notes from the start of the section, in quarter notes a minute.
    pub fn tempo_at(&self, quarters: f64) -> f64 {
        let after = self.pieces.partition_point(|piece| piece.quarters <= quarters);
        self.pieces.get(after.saturating_sub(1)).map_or(120.0, |piece| piece.tempo_at(quarters))
    }

    /// Quarter notes from the start of the section to a place `seconds` after it.
    pub fn quarters_at(&self, seconds: f64) -> f64 {
        let after = self.pieces.partition_point(|piece| piece.start <= seconds);
        self.pieces.get(after.saturating_sub(1)).map_or(0.0, |piece| piece.quarters_at(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::model::automation::{Bend, TempoMove};

    fn pace(bend: Bend) -> Pace {
        Pace::new(6, 4.0, 100.0, &[TempoMove { bars: 1..5, from: 90.0, to: 180.0, bend }])
    }

    /// The sum over many short notes, each at the tempo of its middle.
    fn summed(tempo: impl Fn(f64) -> f64) -> f64 {
        let parts = 1_000_000;
        (0..parts).map(|i| 16.0 / 1e6 * 60.0 / tempo((f64::from(i) + 0.5) / 1e6)).sum()
    }

    #[test]
    fn ramps_are_integrated_exactly() {
        for bend in [Bend::Linear, Bend::Exponential, Bend::Step] {
            let tempo = |share: f64| match bend {
                Bend::Linear => 90.0 + 90.0 * share,
                Bend::Exponential => 90.0 * libm::exp2(share),
                Bend::Smooth | Bend::Step => 90.0,
            };
            let pace = pace(bend);
            let ramp = pace.seconds_at(20.0) - pace.seconds_at(4.0);
            assert!((ramp - summed(tempo)).abs() < 1e-9, "{bend:?}: {ramp}");
            assert!((pace.seconds_at(4.0) - 2.4).abs() < 1e-12);
            let rest = pace.seconds - pace.seconds_at(20.0);
            assert!((rest - 4.0 * 60.0 / 180.0).abs() < 1e-12, "{bend:?}: {rest}");
        }
    }

    #[test]
    fn places_are_found_again() {
        for bend in [Bend::Linear, Bend::Exponential, Bend::Step] {
            let pace = pace(bend);
            for place in 0..=240 {
                let quarters = f64::from(place) / 10.0;
                let again = pace.quarters_at(pace.seconds_at(quarters));
                assert!((again - quarters).abs() < 1e-9, "{bend:?}: {quarters} {again}");
            }
        }
    }
}

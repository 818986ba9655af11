//! The units in which parameters are declared.

/// What a parameter's bare number means, and which written quantities it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Frequency in Hz; also written as a note name or as a note length (one cycle in it).
    Hertz,
    /// Time in seconds; also written as a note length, which follows the tempo.
    Seconds,
    /// Linear gain, 1 is unchanged; also written in dB.
    Gain,
    /// A part of a whole, 0 to 1 (or -1 to 1 where declared so); also written in percent.
    Share,
    /// An interval whose bare number counts octaves.
    Octaves,
    /// An interval whose bare number counts semitones.
    Semitones,
    /// An interval whose bare number counts cents.
    Cents,
    /// A plain number without a unit.
    Number,
}

impl Unit {
    /// The unit's sign as it is written behind a number, or nothing for plain numbers.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Hertz => "Hz",
            Self::Seconds => "s",
            Self::Gain => "x",
            Self::Octaves => "oct",
            Self::Semitones => "st",
            Self::Cents => "ct",
            Self::Share | Self::Number => "",
        }
    }

    /// How many of this unit make an octave; `None` for a unit that isn't an interval.
    pub const fn per_octave(self) -> Option<f64> {
        match self {
            Self::Octaves => Some(1.0),
            Self::Semitones => Some(12.0),
            Self::Cents => Some(1200.0),
            Self::Hertz | Self::Seconds | Self::Gain | Self::Share | Self::Number => None,
        }
    }
}

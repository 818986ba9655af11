//! The units in which parameters are declared.

use crate::units::number::short_number;

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
    /// The unit's sign as it is written after a number, or nothing for plain numbers.
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

    /// What such a quantity is called, with its article.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Hertz => "a frequency",
            Self::Seconds => "a time",
            Self::Gain => "a gain",
            Self::Share => "a share",
            Self::Octaves | Self::Semitones | Self::Cents => "an interval",
            Self::Number => "a plain number",
        }
    }

    /// The ways to write such a quantity, as examples.
    pub const fn examples(self) -> &'static str {
        match self {
            Self::Hertz => r#"`440`, `"440Hz"`, `"2.5kHz"` or `a4`"#,
            Self::Seconds => r#"`0.25`, `"250ms"`, `"2s"` or a note length such as `"1/8"`"#,
            Self::Gain => r#"`0.5` or `"-6dB"`"#,
            Self::Share => r#"`0.3` or `"30%"`"#,
            Self::Octaves => r#"`1`, `"1oct"`, `"7st"` or `"50ct"`"#,
            Self::Semitones => r#"`7`, `"7st"`, `"50ct"` or `"2oct"`"#,
            Self::Cents => r#"`50`, `"50ct"`, `"7st"` or `"2oct"`"#,
            Self::Number => "`3` or `0.25`",
        }
    }

    /// A value such as songs often have.
    pub const fn example(self) -> f64 {
        match self {
            Self::Hertz => 440.0,
            Self::Seconds => 0.25,
            Self::Gain => 0.5,
            Self::Share => 0.3,
            Self::Octaves | Self::Number => 1.0,
            Self::Semitones => 7.0,
            Self::Cents => 50.0,
        }
    }

    /// `value` as a song would write it, quotes included where they are needed: `"2.5kHz"`, `"5ms"`, `0.5`.
    pub fn written(self, value: f64) -> String {
        match self {
            Self::Hertz if value.abs() >= 1000.0 => format!("\"{}kHz\"", short_number(value / 1000.0)),
            Self::Seconds if value != 0.0 && value.abs() < 1.0 => {
                format!("\"{}ms\"", short_number(value * 1000.0))
            }
            Self::Hertz | Self::Seconds | Self::Octaves | Self::Semitones | Self::Cents => {
                format!("\"{}{}\"", short_number(value), self.sign())
            }
            Self::Gain | Self::Share | Self::Number => short_number(value),
        }
    }

    /// `value` as a sentence would say it: 2.5 kHz, 5 ms, 0.5.
    pub fn spoken(self, value: f64) -> String {
        match self {
            Self::Hertz if value.abs() >= 1000.0 => format!("{} kHz", short_number(value / 1000.0)),
            Self::Seconds if value != 0.0 && value.abs() < 1.0 => {
                format!("{} ms", short_number(value * 1000.0))
            }
            Self::Hertz | Self::Seconds | Self::Octaves | Self::Semitones | Self::Cents => {
                format!("{} {}", short_number(value), self.sign())
            }
            Self::Gain | Self::Share | Self::Number => short_number(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn values_are_written_as_songs_write_them() {
        assert_eq!(Unit::Hertz.written(2500.0), "\"2.5kHz\"");
        assert_eq!(Unit::Seconds.written(0.005), "\"5ms\"");
        assert_eq!(Unit::Seconds.written(0.0), "\"0s\"");
        assert_eq!(Unit::Semitones.spoken(7.0), "7 st");
        assert_eq!(Unit::Share.written(0.25), "0.25");
    }
}

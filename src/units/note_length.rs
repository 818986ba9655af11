//! Note lengths: exact fractions of a whole note, which become seconds when a tempo is known.

/// A length in whole notes, kept as a reduced fraction: a quarter is 1/4, a dotted eighth 3/16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoteLength {
    numerator: u32,
    denominator: u32,
}

impl NoteLength {
    /// A sixteenth, the default grid.
    pub const SIXTEENTH: Self = Self { numerator: 1, denominator: 16 };

    /// The fraction `numerator/denominator` of a whole note, reduced; `None` if either is 0.
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            return None;
        }
        let (mut a, mut b) = (numerator, denominator);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Some(Self { numerator: numerator / a, denominator: denominator / a })
    }

    /// The reduced fraction's upper number.
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// The reduced fraction's lower number.
    pub const fn denominator(self) -> u32 {
        self.denominator
    }

    /// The length in quarter notes, which is what tempo counts.
    pub fn quarters(self) -> f64 {
        4.0 * f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// The length in seconds at `tempo` quarter notes a minute.
    pub fn seconds(self, tempo: f64) -> f64 {
        self.quarters() * 60.0 / tempo
    }
}

#[cfg(test)]
mod tests {
    use super::NoteLength;

    #[test]
    fn fractions_are_reduced() {
        assert_eq!(NoteLength::new(6, 32), NoteLength::new(3, 16));
        assert_eq!(NoteLength::new(0, 4), None);
        assert_eq!(NoteLength::new(1, 0), None);
    }

    #[test]
    fn a_quarter_is_a_beat() {
        let quarter = NoteLength::new(1, 4).unwrap();
        assert_eq!(quarter.quarters(), 1.0);
        assert_eq!(quarter.seconds(120.0), 0.5);
    }
}

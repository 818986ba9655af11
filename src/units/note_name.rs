//! Note names: a letter, an accidental, an octave. Pitch is counted in semitones above c4.

/// A note as it is spelled: so many fifths up from c4, and so many octaves. That c# and db are two notes is heard where
/// the octave hasn't twelve equal steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteName {
    /// Fifths above c: -1 for f, 7 for c#.
    pub fifths: i32,
    /// Octaves above that.
    pub octaves: i32,
}

impl NoteName {
    /// The note that other notes are tuned by.
    pub const A4: Self = Self { fifths: 3, octaves: -1 };

    /// Reads a note name with its octave, -1 to 10: `a4`, `c#3`. `None` if `text` is none.
    pub fn read(text: &str) -> Option<Self> {
        let octave = text.find(|c: char| c.is_ascii_digit() || c == '-')?;
        let (name, octave) = text.split_at(octave);
        let class = Self::class(name)?;
        let octave = match octave {
            "-1" => -1,
            "10" => 10,
            digit if digit.len() == 1 => digit.parse().ok()?,
            _ => return None,
        };
        Some(Self { octaves: class.octaves + octave - 4, ..class })
    }

    /// Reads a letter and accidental such as `c`, `f#` or `db`: the note of that name beside c4. `None` if `text` is none.
    pub fn class(text: &str) -> Option<Self> {
        let (letter, accidental) = text.split_at_checked(1)?;
        let (fifths, octaves) = match letter {
            "f" => (-1, 1),
            "c" => (0, 0),
            "g" => (1, 0),
            "d" => (2, -1),
            "a" => (3, -1),
            "e" => (4, -2),
            "b" => (5, -2),
            _ => return None,
        };
        match accidental {
            "" => Some(Self { fifths, octaves }),
            "#" => Some(Self { fifths: fifths + 7, octaves: octaves - 4 }),
            "b" => Some(Self { fifths: fifths - 7, octaves: octaves + 4 }),
            _ => None,
        }
    }

    /// The note so many semitones above c4, with a sharp where it needs one.
    pub fn of_semitones(semitones: i32) -> Self {
        let fifths = match semitones.rem_euclid(12) {
            5 => -1,
            within => (within * 7).rem_euclid(12),
        };
        Self { fifths, octaves: (semitones - 7 * fifths).div_euclid(12) }
    }

    /// As a song writes it: `c#4`. `None` where it has two accidentals or lies outside of the octaves -1 to 10.
    pub fn name(self) -> Option<String> {
        let sharps = (self.fifths + 1).div_euclid(7);
        let letter = ["f", "c", "g", "d", "a", "e", "b"][(self.fifths + 1).rem_euclid(7) as usize];
        let accidental = match sharps {
            0 => "",
            1 => "#",
            -1 => "b",
            _ => return None,
        };
        let class = Self::class(&format!("{letter}{accidental}"))?;
        let octave = self.octaves - class.octaves + 4;
        (-1..=10).contains(&octave).then(|| format!("{letter}{accidental}{octave}"))
    }

    /// Semitones above c4: `a4` is 9, `c3` is -12.
    pub const fn semitones(self) -> i32 {
        7 * self.fifths + 12 * self.octaves
    }
}

/// The semitones above c of a letter and accidental such as `c`, `f#` or `db`: -1 (`cb`) to 12 (`b#`). `None` if
/// `text` is none.
pub fn class(text: &str) -> Option<i32> {
    NoteName::class(text).map(NoteName::semitones)
}

/// The semitones above c4 of a note name with its octave, -1 to 10: `a4` is 9, `c3` is -12. `None` if `text` is none.
pub fn semitones(text: &str) -> Option<i32> {
    NoteName::read(text).map(NoteName::semitones)
}

#[cfg(test)]
mod tests {
    use super::{NoteName, class, semitones};

    #[test]
    fn names_count_from_c4() {
        assert_eq!(semitones("c4"), Some(0));
        assert_eq!(semitones("a4"), Some(9));
        assert_eq!(semitones("c#4"), Some(1));
        assert_eq!(semitones("db3"), Some(-11));
        assert_eq!(semitones("b3"), Some(-1));
        assert_eq!(semitones("bb3"), Some(-2));
        assert_eq!(semitones("c-1"), Some(-60));
        assert_eq!(semitones("c10"), Some(72));
    }

    #[test]
    fn notes_are_written_as_they_are_read() {
        for name in ["c4", "c#4", "db3", "b3", "bb3", "c-1", "a10", "f#2", "cb4", "b#4", "e#4", "fb4", "g7"] {
            assert_eq!(NoteName::read(name).unwrap().name().as_deref(), Some(name));
        }
        for semitones in -60..72 {
            let name = NoteName::of_semitones(semitones);
            assert_eq!(name.semitones(), semitones);
            assert!(name.name().is_some_and(|name| NoteName::read(&name).is_some()), "{semitones}");
        }
        assert_eq!(NoteName { fifths: 14, octaves: -8 }.name(), None);
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in ["", "h4", "c", "c11", "c--1", "A4", "4", "é4", "c##4"] {
            assert_eq!(semitones(text), None, "{text}");
        }
        assert_eq!(class("f#"), Some(6));
        assert_eq!(class("é"), None);
    }
}

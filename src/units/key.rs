//! Keys: a tonic and a scale, which give the degrees their pitches.

use crate::units::note_name::NoteName;

/// A scale.
#[derive(Debug, PartialEq, Eq)]
pub struct Scale {
    /// Its name in `key="a minor"`.
    pub name: &'static str,
    /// The semitones of its degrees above the tonic.
    pub steps: &'static [i32],
}

/// Every scale there is.
pub static SCALES: &[Scale] = &[
    Scale { name: "major", steps: &[0, 2, 4, 5, 7, 9, 11] },
    Scale { name: "minor", steps: &[0, 2, 3, 5, 7, 8, 10] },
    Scale { name: "ionian", steps: &[0, 2, 4, 5, 7, 9, 11] },
    Scale { name: "dorian", steps: &[0, 2, 3, 5, 7, 9, 10] },
    Scale { name: "phrygian", steps: &[0, 1, 3, 5, 7, 8, 10] },
    Scale { name: "lydian", steps: &[0, 2, 4, 6, 7, 9, 11] },
    Scale { name: "mixolydian", steps: &[0, 2, 4, 5, 7, 9, 10] },
    Scale { name: "aeolian", steps: &[0, 2, 3, 5, 7, 8, 10] },
    Scale { name: "locrian", steps: &[0, 1, 3, 5, 6, 8, 10] },
    Scale { name: "harmonic-minor", steps: &[0, 2, 3, 5, 7, 8, 11] },
    Scale { name: "melodic-minor", steps: &[0, 2, 3, 5, 7, 9, 11] },
    Scale { name: "pentatonic", steps: &[0, 2, 4, 7, 9] },
    Scale { name: "minor-pentatonic", steps: &[0, 3, 5, 7, 10] },
    Scale { name: "blues", steps: &[0, 3, 5, 6, 7, 10] },
    Scale { name: "chromatic", steps: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
];

/// A tonic and a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MusicalKey {
    /// The tonic in semitones above c4, 0 to 11.
    pub tonic: i32,
    /// The tonic as it is spelled.
    pub name: NoteName,
    /// The scale.
    pub scale: &'static Scale,
}

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// It isn't two words.
    Shape,
    /// The first word is no note name.
    Tonic,
    /// The second word is no scale.
    Scale,
}

impl MusicalKey {
    /// Reads `a minor` or `f# dorian`.
    ///
    /// # Errors
    /// Which part of it is wrong.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let mut words = text.split_whitespace();
        let (Some(tonic), Some(scale), None) = (words.next(), words.next(), words.next()) else {
            return Err(KeyFault::Shape);
        };
        let name = NoteName::class(tonic).ok_or(KeyFault::Tonic)?;
        let scale = SCALES.iter().find(|row| row.name == scale).ok_or(KeyFault::Scale)?;
        Ok(Self { tonic: name.semitones().rem_euclid(12), name, scale })
    }

    /// The pitch of degree `number` (from 1), shifted by `octaves`, in semitones above c4. `None` if the scale has no
    /// such degree.
    pub fn degree(self, number: u32, octaves: i32) -> Option<i32> {
        let step = self.scale.steps.get((number as usize).checked_sub(1)?)?;
        Some(self.tonic + step + 12 * octaves)
    }
}

/// The key that is meant by `text`, which is none: `Am`, `F# Min`, `es moll`, `a minor pentatonic`. `None` where it names no tonic.
pub fn meant(text: &str) -> Option<String> {
    let text = text.trim().replace('♯', "#").replace('♭', "b");
    let (letter, rest) = text.split_at_checked(1)?;
    let low = letter.to_ascii_lowercase();
    let low = if low == "h" { "b" } else { &low };
    let german = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let (accidental, rest) = match german.as_str() {
        "es" | "as" => ("b", &rest[1..]),
        name if name.len() == 3 && name.ends_with("is") => ("#", &rest[2..]),
        name if name.len() == 3 && name.ends_with("es") => ("b", &rest[2..]),
        _ => match rest.chars().next() {
            Some('#') => ("#", &rest[1..]),
            Some('b') => ("b", &rest[1..]),
            _ => ("", rest),
        },
    };
    let (accidental, rest) = [(" sharp", "#"), (" flat", "b"), ("-sharp", "#"), ("-flat", "b")]
        .iter()
        .find_map(|(word, sign)| Some((*sign, rest.strip_prefix(word)?)))
        .unwrap_or((accidental, rest));
    let tonic = NoteName::class(&format!("{low}{accidental}")).map(|_| format!("{low}{accidental}"))?;
    let rest = rest.trim();
    let plain: String = rest.to_ascii_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    let scale = match plain.as_str() {
        "m" if rest.starts_with('M') => "major",
        "" | "maj" | "dur" | "ma" | "natural" => "major",
        "m" | "min" | "mi" | "moll" | "naturalminor" => "minor",
        "pentatonicminor" => "minor-pentatonic",
        "majorpentatonic" | "pentatonicmajor" => "pentatonic",
        "harmonic" | "minorharmonic" => "harmonic-minor",
        "melodic" | "minormelodic" => "melodic-minor",
        // More words may follow: of several scales the longest is meant.
        _ => {
            let named = |scale: &&Scale| plain.starts_with(&scale.name.replace('-', ""));
            SCALES.iter().filter(named).max_by_key(|scale| scale.name.len())?.name
        }
    };
    Some(format!("{tonic} {scale}"))
}

#[cfg(test)]
mod tests {
    use super::{KeyFault, MusicalKey, meant};

    #[test]
    fn keys_of_elsewhere_are_read() {
        for (text, key) in [
            ("Am", "a minor"),
            ("C", "c major"),
            ("f#m", "f# minor"),
            ("Bbm", "bb minor"),
            ("Cmaj7", "c major"),
            ("F# Min", "f# minor"),
            ("CM", "c major"),
            ("a-minor", "a minor"),
            ("Aminor", "a minor"),
            ("c sharp minor", "c# minor"),
            ("h moll", "b minor"),
            ("es dur", "eb major"),
            ("cis moll", "c# minor"),
            ("A Dorian", "a dorian"),
            ("d dorian mode", "d dorian"),
            ("a minor pentatonic", "a minor-pentatonic"),
            ("C pentatonic minor", "c minor-pentatonic"),
            ("E♭ major", "eb major"),
        ] {
            assert_eq!(meant(text).as_deref(), Some(key), "{text}");
            assert!(MusicalKey::parse(key).is_ok(), "{key}");
        }
        for text in ["", "minor", "x major", "a strange one", "é", "1"] {
            assert_eq!(meant(text), None, "{text}");
        }
    }

    #[test]
    fn degrees_count_from_the_tonic_at_or_above_c4() {
        let key = MusicalKey::parse("a minor").unwrap();
        assert_eq!(key.degree(1, 0), Some(9));
        assert_eq!(key.degree(3, 0), Some(12));
        assert_eq!(key.degree(5, -1), Some(4));
        assert_eq!(key.degree(8, 0), None);
        assert_eq!(key.degree(0, 0), None);
        assert_eq!(MusicalKey::parse("cb major").unwrap().tonic, 11);
    }

    #[test]
    fn faults_say_which_part() {
        assert_eq!(MusicalKey::parse("minor").unwrap_err(), KeyFault::Shape);
        assert_eq!(MusicalKey::parse("h minor").unwrap_err(), KeyFault::Tonic);
        assert_eq!(MusicalKey::parse("a moll").unwrap_err(), KeyFault::Scale);
    }
}

//! Note names: a letter, an accidental, an octave. Pitch is counted in semitones above c4.

/// The semitones above c of a letter and accidental such as `c`, `f#` or `db`: -1 (`cb`) to 12 (`b#`). `None` if
/// `text` is none.
pub fn class(text: &str) -> Option<i32> {
    let (letter, accidental) = text.split_at_checked(1)?;
    let semitones = match letter {
        "c" => 0,
        "d" => 2,
        "e" => 4,
        "f" => 5,
        "g" => 7,
        "a" => 9,
        "b" => 11,
        _ => return None,
    };
    match accidental {
        "" => Some(semitones),
        "#" => Some(semitones + 1),
        "b" => Some(semitones - 1),
        _ => None,
    }
}

/// The semitones above c4 of a note name with its octave, -1 to 10: `a4` is 9, `c3` is -12. `None` if `text` is none.
pub fn semitones(text: &str) -> Option<i32> {
    let octave = text.find(|c: char| c.is_ascii_digit() || c == '-')?;
    let (name, octave) = text.split_at(octave);
    let class = class(name)?;
    let octave = match octave {
        "-1" => -1,
        "10" => 10,
        digit if digit.len() == 1 => digit.parse().ok()?,
        _ => return None,
    };
    Some(class + 12 * (octave - 4))
}

#[cfg(test)]
mod tests {
    use super::{class, semitones};

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
    fn what_is_no_name_is_none() {
        for text in ["", "h4", "c", "c11", "c--1", "A4", "4", "é4", "c##4"] {
            assert_eq!(semitones(text), None, "{text}");
        }
        assert_eq!(class("f#"), Some(6));
        assert_eq!(class("é"), None);
    }
}

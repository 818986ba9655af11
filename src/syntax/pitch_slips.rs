//! Pitches as other programs and languages write them, and what they are here.

use crate::units::chord::{self, Shape};
use crate::units::note_name::NoteName;

/// What was meant by a pitch that is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slip {
    /// What to write, where that can be told.
    pub(super) write: Option<String>,
    /// More about it, after what to write.
    pub(super) why: &'static str,
    /// A few words at the place.
    pub(super) label: &'static str,
}

impl Slip {
    fn write(write: impl Into<String>, label: &'static str) -> Self {
        Self { write: Some(write.into()), why: "", label }
    }
}

/// What is meant by `word`, which is neither a note with its octave nor a degree.
pub(super) fn meant(word: &str) -> Slip {
    let lower = word.to_lowercase();
    if NoteName::read(&lower).is_some() {
        return Slip::write(lower, "note names are written in small letters");
    }
    if NoteName::class(&lower).is_some() {
        return Slip { why: ": `c4` is middle c", ..Slip::write(format!("{lower}4"), "which octave?") };
    }
    if matches!(word, "X" | "x" | "g") {
        return Slip {
            write: None,
            why: "write a note for a hit, such as `a4`, and `a4!` for an accent",
            label: "a sign, not a pitch",
        };
    }
    if matches!(lower.as_str(), "r" | "rest" | "none" | "nil" | "0r") {
        return Slip { why: " in a `melody`", ..Slip::write(".", "a rest, not a pitch") };
    }
    if lower == "0" {
        return Slip { why: ": degrees count from 1", ..Slip::write("1", "not a degree") };
    }
    if let Some(list) = commas(&lower) {
        return Slip::write(list, "spaces stand between notes");
    }
    if let Some(name) = spelled_elsewhere(&lower) {
        let label =
            if lower.starts_with('h') { "the note h is called b" } else { "not how this note is written" };
        return Slip::write(name, label);
    }
    if let Some(below) =
        lower.strip_prefix('-').filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    {
        return Slip {
            why: " for an octave down",
            ..Slip::write(format!("{below},"), "degrees have no sign")
        };
    }
    if let Some((note, shape)) = glued_chord(word) {
        return Slip::write(format!("{note}:{}", shape.name), "a chord has a `:` before its name");
    }
    Slip {
        write: None,
        why: "write a note such as `c#4`, or a degree of the key such as `5`",
        label: "not a pitch",
    }
}

/// Notes with commas between or after them.
fn commas(word: &str) -> Option<String> {
    let notes: Vec<&str> = word.split([',', ';']).filter(|note| !note.is_empty()).collect();
    let all = !notes.is_empty() && notes.iter().all(|note| NoteName::read(note).is_some());
    (all && word.contains([',', ';'])).then(|| notes.join(" "))
}

/// A note by its German name, as trackers write it, with a sign of its own for sharp or flat, or with two of them.
fn spelled_elsewhere(word: &str) -> Option<String> {
    let octave = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
    let (name, octave) = word.split_at(octave);
    // `c-4` in trackers is c4; `c-1` is a note of its own.
    let name = name.strip_suffix('-').unwrap_or(name);
    let octave = if octave.is_empty() { "4" } else { octave };
    let mut chars = name.chars();
    let letter = chars.next()?;
    let letter = if letter == 'h' { 'b' } else { letter };
    let accidental = match chars.as_str() {
        "" => "",
        "s" if letter == 'e' => "b",
        "s" | "is" | "♯" | "+" | "sharp" => "#",
        "es" | "f" | "♭" | "flat" => "b",
        "##" | "x" | "bb" => {
            let up = if chars.as_str() == "bb" { -2 } else { 2 };
            let plain = NoteName::read(&format!("{letter}{octave}"))?;
            return NoteName::of_semitones(plain.semitones() + up).name();
        }
        _ => return None,
    };
    let name = format!("{letter}{accidental}{octave}");
    NoteName::read(&name).map(|_| name)
}

/// A chord as it stands in a lead sheet: `Am7`, `c4maj7`, `F#m`.
fn glued_chord(word: &str) -> Option<(String, &'static Shape)> {
    let (letter, rest) = word.split_at_checked(1)?;
    let accidental = rest.chars().next().filter(|c| matches!(c, '#' | 'b')).map_or(0, char::len_utf8);
    let (accidental, rest) = rest.split_at(accidental);
    let octave = rest.bytes().take_while(u8::is_ascii_digit).count();
    // A digit may belong to the chord: `c4m7` has an octave, `Cm7` and `c69` have none.
    let (octave, name) = match rest.split_at(octave) {
        (octave, name) if !name.is_empty() && octave.len() == 1 => (octave, name),
        _ => ("4", rest),
    };
    let note = format!("{}{accidental}{octave}", letter.to_lowercase());
    NoteName::read(&note)?;
    Some((note, chord::meant(name)?))
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn pitches_of_elsewhere_are_read() {
        for (word, write) in [
            ("C#4", "c#4"),
            ("c", "c4"),
            ("Bb", "bb4"),
            ("h3", "b3"),
            ("c4,", "c4"),
            ("c4,e4,g4", "c4 e4 g4"),
            ("c♯4", "c#4"),
            ("d♭3", "db3"),
            ("cis4", "c#4"),
            ("es3", "eb3"),
            ("fs4", "f#4"),
            ("C-4", "c4"),
            ("c##4", "d4"),
            ("Am7", "a4:min7"),
            ("Cmaj7", "c4:maj7"),
            ("c4m7", "c4:min7"),
            ("F#m", "f#4:min"),
            ("a3maj", "a3:maj"),
            ("r", "."),
            ("0", "1"),
            ("-3", "3,"),
        ] {
            assert_eq!(meant(word).write.as_deref(), Some(write), "{word}");
        }
        for word in ["", "q4", "c11", "loud", "c4/", "é", "日本"] {
            assert_eq!(meant(word).write, None, "{word}");
        }
    }
}

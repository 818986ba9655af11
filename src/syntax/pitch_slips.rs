//! Pitches as other programs and languages write them, and what they are here.

use crate::units::chord::{self, NamedChord};
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
    if is_rest(&lower) {
        return Slip { why: " in a `melody`", ..Slip::write(".", "a rest, not a pitch") };
    }
    if let Some(note) = solfege(&lower) {
        return Slip { why: ": `c4` is middle c", ..Slip::write(note, "notes have letters") };
    }
    if let Some(degrees) = roman(word) {
        return Slip {
            why: " for the chord on that degree of the key",
            ..Slip::write(degrees, "not a degree")
        };
    }
    if let Some(note) = lilypond(&lower) {
        return Slip {
            why: ": the number is the octave",
            ..Slip::write(note, "not how octaves are written")
        };
    }
    if let Some(note) = abc(&lower) {
        return Slip::write(note, "sharps and flats stand after the letter");
    }
    if let Some(chord) = joined(&lower) {
        return Slip::write(chord, "the notes of a chord have `/` between them");
    }
    if let Some((note, holds)) = elongated(&lower) {
        return Slip {
            why: " to hold it",
            ..Slip::write(format!("{note}{}", "_".repeat(holds)), "not a length")
        };
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

/// Whether `word` is a rest elsewhere: in `LilyPond` and ABC, in trackers, in lists of notes.
fn is_rest(word: &str) -> bool {
    let dashes = word.len() > 1 && word.bytes().all(|b| matches!(b, b'-' | b'=' | b'^'));
    let named = matches!(word, "r" | "rest" | "none" | "nil" | "0r" | "off" | "z" | "cut");
    let timed = word.strip_prefix(['r', 'z']).is_some_and(|length| {
        !length.is_empty() && length.len() < 3 && length.bytes().all(|b| b.is_ascii_digit())
    });
    dashes || named || timed
}

/// A note sung: do, re, mi.
fn solfege(word: &str) -> Option<&'static str> {
    const SUNG: [(&[&str], &str); 7] = [
        (&["do", "ut"], "c4"),
        (&["re", "ré"], "d4"),
        (&["mi"], "e4"),
        (&["fa"], "f4"),
        (&["sol", "so"], "g4"),
        (&["la"], "a4"),
        (&["si", "ti"], "b4"),
    ];
    SUNG.iter().find(|(names, _)| names.contains(&word)).map(|(_, note)| *note)
}

/// A triad by its Roman number, as degrees of the key: `V` is `5/7/2'`.
fn roman(word: &str) -> Option<String> {
    const NUMBERS: [&str; 7] = ["i", "ii", "iii", "iv", "v", "vi", "vii"];
    let upper = word.bytes().all(|b| b.is_ascii_uppercase());
    let lower = word.bytes().all(|b| b.is_ascii_lowercase());
    let root = NUMBERS.iter().position(|number| *number == word.to_ascii_lowercase())?;
    (upper || lower).then(|| {
        let degree = |above: usize| format!("{}{}", (root + above) % 7 + 1, "'".repeat((root + above) / 7));
        [0, 2, 4].map(degree).join("/")
    })
}

/// A note as `LilyPond` writes it: `c'4` is the middle c, a quarter long.
fn lilypond(word: &str) -> Option<String> {
    let marks = word.find(['\'', ','])?;
    let (name, rest) = word.split_at(marks);
    let length = rest.trim_start_matches(['\'', ',']);
    let ups = rest.len() - length.len();
    let octaves = rest[..ups].chars().map(|c| if c == ',' { -1 } else { 1 }).sum::<i32>();
    let plain = name.len() < 4 && length.len() < 4 && length.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    spelled_elsewhere(&format!("{name}{}", 3 + octaves)).filter(|_| plain)
}

/// A note as ABC writes it, with `^` for a sharp before the letter.
fn abc(word: &str) -> Option<String> {
    let name = word.strip_prefix('^')?;
    let (letter, octave) = name.split_at_checked(1)?;
    let octave = if octave.is_empty() { "4" } else { octave };
    let note = format!("{letter}#{octave}");
    NoteName::read(&note).map(|_| note)
}

/// Notes with `+` or `-` between them.
fn joined(word: &str) -> Option<String> {
    let notes: Vec<&str> = word.split(['+', '-', '&']).collect();
    let all = notes.len() > 1 && notes.iter().all(|note| NoteName::read(note).is_some());
    all.then(|| notes.join("/"))
}

/// A note, and how many steps it is held: `c3@3` in Tidal and Strudel.
fn elongated(word: &str) -> Option<(&str, usize)> {
    let (note, length) = word.split_once('@')?;
    let steps: usize = length.parse().ok().filter(|steps| (1..=64).contains(steps))?;
    NoteName::read(note).map(|_| (note, steps - 1))
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
fn glued_chord(word: &str) -> Option<(String, &'static NamedChord)> {
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
            ("r4", "."),
            ("z2", "."),
            ("---", "."),
            ("===", "."),
            ("OFF", "."),
            ("do", "c4"),
            ("sol", "g4"),
            ("I", "1/3/5"),
            ("V", "5/7/2'"),
            ("vi", "6/1'/3'"),
            ("c'4", "c4"),
            ("e''8", "e5"),
            ("fis'", "f#4"),
            ("bes,4", "bb2"),
            ("^f4", "f#4"),
            ("c4+e4+g4", "c4/e4/g4"),
            ("c4-e4", "c4/e4"),
            ("c3@3", "c3__"),
        ] {
            assert_eq!(meant(word).write.as_deref(), Some(write), "{word}");
        }
        for word in ["", "q4", "c11", "loud", "c4/", "é", "日本"] {
            assert_eq!(meant(word).write, None, "{word}");
        }
    }
}

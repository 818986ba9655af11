//! Pitches as written: `c#4`, degrees such as `5,`, chords `a3/c4/e4` and `a3:min7`.

use std::ops::Range;

use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::tracks;
use crate::diagnostic::quote::quoted;
use crate::syntax::lane::LaneCursor;
use crate::syntax::pitch_slips::meant;
use crate::syntax::tree::Value;
use crate::syntax::value_lanes::{WrittenLane, read_lane};
use crate::units::chord::{self, NamedChord};
use crate::units::note_name::NoteName;

/// One note of a chord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tone {
    /// Where it counts from.
    pub root: Root,
    /// Semitones above that.
    pub above: i32,
}

/// Where a pitch counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// A note name.
    Note(NoteName),
    /// A degree of the key, shifted by octaves.
    Degree(u32, i32),
}

/// More degrees than any tuning has.
const MOST_DEGREES: u32 = 9999;

/// Pitches that sound together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chord {
    /// One or more.
    pub tones: Vec<Tone>,
    /// Where it stands in the lane's text.
    pub at: Range<usize>,
}

/// Reads a `notes` lane.
pub fn read(value: &Value<'_>, bag: &mut Bag) -> Option<WrittenLane<Chord>> {
    let mut cursor = LaneCursor::new(value, bag)?;
    read_lane(&mut cursor, "notes", &weight, |cursor| {
        let colon = cursor.at;
        if cursor.text[colon..].strip_prefix(':').is_some_and(|name| name.starts_with(char::is_alphabetic)) {
            cursor.bump();
            cursor.run(in_pitch);
            let fault = cursor
                .fault(&tracks::BAD_PITCH, colon..cursor.at, "a note has no `:` before it".to_owned())
                .label("not how notes are written")
                .mend([cursor.edit(colon..colon + 1, "")], "take the `:` out");
            cursor.report(fault);
            return None;
        }
        let signs = cursor.run(|c| matches!(c, '.' | '_' | '|' | '~'));
        if !signs.is_empty() {
            let what = quoted(&cursor.text[signs.clone()]);
            let fault = cursor
                .fault(&tracks::BAD_PITCH, signs.clone(), format!("{what} has no meaning in `notes`"))
                .label("not a pitch")
                .mend(
                    [cursor.edit(signs, "")],
                    "take it out: `notes` are taken in turn by the hits; rests and holds belong to the steps, or use `melody`",
                );
            cursor.report(fault);
            return None;
        }
        let chord = read_chord(cursor);
        if cursor.peek().is_some_and(|c| matches!(c, '*' | '?' | '~' | '!' | ':' | '(')) {
            let at = cursor.run(|c| !c.is_whitespace() && !matches!(c, '>' | '}'));
            // After something that is no pitch, which has been reported, it is only skipped.
            if chord.is_some() {
                let fault = cursor
                    .fault(
                        &tracks::BAD_PITCH,
                        at.clone(),
                        format!("{} has no meaning in `notes`", quoted(&cursor.text[at.clone()])),
                    )
                    .label("belongs to the steps")
                    .mend(
                        [cursor.edit(at, "")],
                        "take it out, and write it after the hit in the steps, or use `melody`",
                    );
                cursor.report(fault);
            }
        }
        chord
    })
}

/// Whether `c` may be part of a pitch.
pub(super) fn in_pitch(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(
            c,
            '*' | '?' | ':' | '~' | '!' | '(' | ')' | '[' | ']' | '<' | '>' | '{' | '}' | '|' | '_' | '.'
        )
}

/// Reads one pitch or chord at the cursor; what is none is reported and skipped.
pub(super) fn read_chord(cursor: &mut LaneCursor<'_>) -> Option<Chord> {
    let start = cursor.at;
    let run = cursor.run(in_pitch);
    let mut tones = Vec::new();
    let mut at = run.start;
    for word in cursor.text[run.clone()].split('/') {
        tones.push(Tone { root: root(cursor, word, at)?, above: 0 });
        at += word.len() + 1;
    }
    if names_chord(&cursor.text[cursor.at..]) {
        let colon = cursor.at;
        cursor.bump();
        let name = cursor.run(in_chord_name);
        let shape = named(cursor, name)?;
        if cursor.peek() == Some('/') {
            bass(cursor, start, &tones, shape);
            return None;
        }
        let [root] = tones[..] else {
            several(cursor, run, colon, &tones, shape);
            return None;
        };
        tones = shape.semitones.iter().map(|above| Tone { root: root.root, above: *above }).collect();
    }
    Some(Chord { tones, at: start..cursor.at })
}

/// Whether the name of a chord follows, and not a condition such as `:2/4`.
fn names_chord(rest: &str) -> bool {
    let Some(name) = rest.strip_prefix(':') else {
        return false;
    };
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let behind = name[digits..].strip_prefix('/');
    digits == 0 || !behind.is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_digit()))
}

fn in_chord_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '+' | '#' | '°' | 'Δ' | '-')
}

/// The chord whose name stands at `at`; what is none is reported.
fn named(cursor: &mut LaneCursor<'_>, at: Range<usize>) -> Option<&'static NamedChord> {
    let word = &cursor.text[at.clone()];
    if let Some(shape) = chord::find(word) {
        return Some(shape);
    }
    let place = at.start..cursor.at.max(at.start);
    let fault = cursor
        .fault(&tracks::BAD_PITCH, place.clone(), format!("there is no chord called {}", quoted(word)))
        .label("no such chord");
    let fault = if let Some(shape) = chord::meant(word) {
        fault.write(cursor.edit(place, shape.name))
    } else {
        let names: Vec<&str> = chord::SHAPES.iter().map(|shape| shape.name).collect();
        fault.help(format!("the chords are {}", names.join(", ")))
    };
    cursor.report(fault);
    None
}

/// Notes as a chord is written.
fn written_out(notes: &[NoteName]) -> Option<String> {
    Some(notes.iter().map(|note| note.name()).collect::<Option<Vec<String>>>()?.join("/"))
}

/// Reports a bass after a named chord, `d3:min7/f3`; the cursor is at its `/`, the chord begins at `start`.
fn bass(cursor: &mut LaneCursor<'_>, start: usize, tones: &[Tone], shape: &NamedChord) {
    let slash = cursor.at;
    cursor.run(in_pitch);
    let word = &cursor.text[slash + 1..cursor.at];
    let notes = match (tones, NoteName::read(word)) {
        ([Tone { root: Root::Note(root), .. }], Some(bass)) => written_out(&shape.over(*root, bass)),
        _ => None,
    };
    let fault = cursor
        .fault(&tracks::BAD_PITCH, slash..cursor.at, "a named chord has no bass of its own".into())
        .label("another note for the bass");
    let fault = match notes {
        Some(notes) => fault.write(cursor.edit(start..cursor.at, &notes)),
        None => fault.help("write its notes with `/` between them, the bass first"),
    };
    cursor.report(fault);
}

/// Reports a named chord on several notes, which stand at `at`; its name begins at `colon`.
fn several(cursor: &mut LaneCursor<'_>, at: Range<usize>, colon: usize, tones: &[Tone], shape: &NamedChord) {
    let notes = match tones {
        [below @ .., Tone { root: Root::Note(root), .. }] => {
            let below = below.iter().map(|tone| match tone.root {
                Root::Note(note) => Some(note),
                Root::Degree(..) => None,
            });
            below.collect::<Option<Vec<_>>>().and_then(|mut notes| {
                let chord = shape.on(*root);
                notes.retain(|note| !chord.contains(note));
                notes.extend(chord);
                written_out(&notes)
            })
        }
        _ => None,
    };
    let whole = at.start..cursor.at.max(colon);
    let fault = cursor
        .fault(&tracks::BAD_PITCH, at, "a named chord stands on one note, not on several".into())
        .label("several notes");
    let fault = match notes {
        Some(notes) => fault.write(cursor.edit(whole, &notes)),
        None => fault.help("write the notes with `/`, or one note with the chord's name"),
    };
    cursor.report(fault);
}

/// Reads one note name or degree, which stands at byte `at`.
fn root(cursor: &mut LaneCursor<'_>, word: &str, at: usize) -> Option<Root> {
    if let Some(name) = NoteName::read(word) {
        return Some(Root::Note(name));
    }
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, marks) = word.split_at(digits);
    if let Ok(number) = number.parse::<u32>()
        && (1..=MOST_DEGREES).contains(&number)
        && marks.chars().all(|c| c == '\'' || c == ',')
        && marks.len() <= 10
    {
        let octaves = marks.chars().map(|c| if c == '\'' { 1 } else { -1 }).sum();
        return Some(Root::Degree(number, octaves));
    }
    let message = if word.is_empty() {
        "a pitch is missing".to_owned()
    } else {
        format!("{} isn't a pitch", quoted(word))
    };
    let slip = meant(word);
    let at = at..at + word.len();
    let fault = cursor.fault(&tracks::BAD_PITCH, at.clone(), message).label(slip.label);
    let fault = match slip.write {
        Some(write) => fault.suggest(cursor.edit(at, &write), |_| format!("write `{write}`{}", slip.why)),
        None => fault.help(slip.why),
    };
    cursor.report(fault);
    None
}

/// How much room a chord takes in a lane: its notes.
pub fn weight(chord: &Chord) -> u64 {
    chord.tones.len().max(1) as u64
}

#[cfg(test)]
mod tests {
    use super::{Root, read, weight};
    use crate::diagnostic::bag::Bag;
    use crate::diagnostic::span::{SourceId, Span};
    use crate::syntax::tree::{Data, Value};
    use crate::syntax::value_lanes::{WrittenItem, size};

    fn value(text: &str) -> Value<'_> {
        Value { data: Data::Text(text.into()), raw: text, span: Span::new(SourceId(0), 0, text.len()) }
    }

    #[test]
    fn chords_and_degrees_are_read() {
        let mut bag = Bag::default();
        let text = "c#4 a3/c4/e4 1' 5,, a3:min7 {2 c4} <d4 e4>";
        let lane = read(&value(text), &mut bag).unwrap();
        assert!(bag.is_empty());
        assert_eq!(lane.len(), 7);
        assert_eq!(size(&lane, &weight), 1 + 3 + 1 + 1 + 4 + 2 + 2);
        let WrittenItem::One(degree) = &lane[3] else { panic!("not one") };
        assert_eq!(degree.tones[0].root, Root::Degree(5, -2));
        let WrittenItem::One(seventh) = &lane[4] else { panic!("not one") };
        assert_eq!(seventh.tones.iter().map(|tone| tone.above).collect::<Vec<_>>(), [0, 3, 7, 10]);
        assert_eq!(seventh.at, 20..27);
    }

    #[test]
    fn what_is_no_pitch_is_placed() {
        let mut bag = Bag::default();
        read(&value("a4 c4/h3 A4 a3:moll x"), &mut bag);
        let places: Vec<(u32, u32)> =
            bag.into_sorted().iter().filter_map(|d| d.span.map(|s| (s.start, s.end))).collect();
        assert_eq!(places, [(6, 8), (9, 11), (15, 19), (20, 21)]);
    }
}

//! Pitches against the key, chords against the voices.

use crate::check::context::Context;
use crate::diagnostic::codes::tracks;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::steps::{LaneItem, Pitch, ValueLane};
use crate::syntax::pitches::{Chord, Root};
use crate::syntax::tree::Value;
use crate::syntax::value_lanes;
use crate::units::note_name::NoteName;

/// The instrument that a chord is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChordPlayer<'p> {
    pub(super) id: &'p str,
    pub(super) voices: usize,
    pub(super) span: Span,
    /// Where its text says how many voices it has, or could.
    pub(super) voices_at: Span,
}

impl Context {
    /// The pitches of a chord, in octaves above c4.
    pub(super) fn chord(
        &mut self,
        chord: &Chord,
        value: &Value<'_>,
        player: Option<ChordPlayer<'_>>,
    ) -> Option<Vec<Pitch>> {
        let mut pitches = Vec::with_capacity(chord.tones.len());
        let shape: Vec<i32> = chord.tones.iter().map(|tone| tone.above).collect();
        for tone in &chord.tones {
            let named = matches!(tone.root, Root::Note(_)) || shape.iter().any(|above| *above != 0);
            if named && self.nameless(value, chord.at.clone(), None) {
                return None;
            }
            let root = match tone.root {
                Root::Note(name) => self.tuning.step(name),
                Root::Degree(number, octaves) => self.degree(number, octaves, chord, value)?,
            };
            let step = root + self.tuning.interval(tone.above, &shape);
            pitches.push(Pitch(self.tuning.octaves(step)));
        }
        if let Some(player) = player.filter(|player| pitches.len() > player.voices) {
            if self.too_narrow.contains(&player.span) {
                return None;
            }
            self.too_narrow.push(player.span);
            let blank = if player.voices_at.is_empty() { " " } else { "" };
            let edit = Edit::replace(player.voices_at, format!("{blank}voices={}", pitches.len()));
            self.report(
                Diagnostic::new(
                    &tracks::CHORD_TOO_WIDE,
                    value.place(chord.at.clone()),
                    format!(
                        "this chord has {} notes, and {} has {} voice{}",
                        pitches.len(),
                        quoted(player.id),
                        player.voices,
                        if player.voices == 1 { "" } else { "s" }
                    ),
                )
                .label(format!("{} notes", pitches.len()))
                .suggest(edit, |write| format!("write {write} for the instrument {}", quoted(player.id)))
                .also(player.span, "played by this"),
            );
            return None;
        }
        Some(pitches)
    }

    fn degree(&mut self, number: u32, octaves: i32, chord: &Chord, value: &Value<'_>) -> Option<i32> {
        let span = value.place(chord.at.clone());
        if self.key.is_none() && !self.tuned {
            if std::mem::replace(&mut self.key_missed, true) {
                return None;
            }
            let fault = Diagnostic::new(&tracks::NO_KEY, span, format!("the degree `{number}` needs a key"))
                .label("counts from the tonic");
            self.report(match midi_note(number) {
                Some(note) => {
                    mended(fault, chord, value, |word| (word == number.to_string()).then(|| note.clone()))
                        .also_help(" for this MIDI note")
                }
                None => fault.mend(
                    self.of_song("key=\"a minor\""),
                    "write `key=\"a minor\"` behind `song`, or a note such as `a4`",
                ),
            });
            return None;
        }
        let found = self.tuning.degree(self.key, number, octaves);
        if found.is_none() {
            let most = self.tuning.degrees(self.key);
            let whole = self.key.map_or("the tuning".to_owned(), |key| quoted(key.scale.name));
            let message = format!("{whole} has {most} degrees, and there is no `{number}`");
            let fault = Diagnostic::new(&tracks::BAD_PITCH, span, message).label(format!("1 to {most}"));
            let note = midi_note(number).filter(|_| !self.tuned);
            self.report(match note {
                Some(note) => {
                    mended(fault, chord, value, |word| (word == number.to_string()).then(|| note.clone()))
                        .also_help(" for this MIDI note")
                }
                None => mended(fault, chord, value, |word| folded(word, most as u32)),
            });
        }
        found
    }

    /// A lane of chords as the model has it.
    pub(super) fn note_lane(
        &mut self,
        lane: &value_lanes::WrittenLane<Chord>,
        value: &Value<'_>,
        player: Option<ChordPlayer<'_>>,
    ) -> Option<ValueLane<Vec<Pitch>>> {
        // The widest first: a voice for each of its notes is enough for all.
        let mut widest: Option<&Chord> = None;
        value_lanes::each(lane, &mut |chord| {
            if widest.is_none_or(|widest| chord.tones.len() > widest.tones.len()) {
                widest = Some(chord);
            }
        });
        if let Some(widest) = widest {
            self.chord(widest, value, player)?;
        }
        let mut fine = true;
        let mut items = Vec::new();
        write_out(lane, &mut items, &mut |chord: &Chord| {
            let pitches = self.chord(chord, value, player);
            fine &= pitches.is_some();
            pitches.unwrap_or_default()
        });
        fine.then_some(ValueLane { items })
    }
}

/// The most degrees that octaves are counted in: what lies above is a MIDI note rather.
const HIGHEST_DEGREE: u32 = 29;

/// The name of MIDI note `number`, where that isn't a degree rather.
fn midi_note(number: u32) -> Option<String> {
    let midi = (HIGHEST_DEGREE + 1..=127).contains(&number);
    midi.then(|| NoteName::of_semitones(number as i32 - 60).name()).flatten()
}

/// A degree above the `most`th, as one of them with marks for its octaves: `15` is `1''`. `None` for any other.
fn folded(word: &str, most: u32) -> Option<String> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let number: u32 = word[..digits].parse().ok().filter(|number| *number > most)?;
    let marks = word[digits..].chars().map(|c| if c == '\'' { 1 } else { -1 }).sum::<i32>();
    let octaves = marks + ((number - 1) / most) as i32;
    let mark = if octaves < 0 { "," } else { "'" };
    (octaves.abs() <= 10)
        .then(|| format!("{}{}", (number - 1) % most + 1, mark.repeat(octaves.unsigned_abs() as usize)))
}

/// Proposes `chord` with each of its words for which `write` knows another.
fn mended(
    fault: Diagnostic,
    chord: &Chord,
    value: &Value<'_>,
    write: impl Fn(&str) -> Option<String>,
) -> Diagnostic {
    let text = value.text().and_then(|text| text.get(chord.at.clone())).unwrap_or_default();
    let (notes, name) = text.split_at(text.find(':').unwrap_or(text.len()));
    let words: Vec<String> =
        notes.split('/').map(|word| write(word).unwrap_or_else(|| word.to_owned())).collect();
    let written = format!("{}{name}", words.join("/"));
    if written == text {
        return fault.help("write a degree of the scale, with `'` for each octave up");
    }
    fault.write(value.edit(chord.at.clone(), &written))
}

/// A lane of numbers as the model has it.
pub(super) fn number_lane(lane: &[value_lanes::WrittenItem<f64>]) -> ValueLane<f64> {
    let mut items = Vec::new();
    write_out(lane, &mut items, &mut |value| *value);
    ValueLane { items }
}

/// Writes `lane` out after what `items` has; `read` gives each value as the model has it.
pub(super) fn write_out<T, U: Clone>(
    lane: &[value_lanes::WrittenItem<T>],
    items: &mut Vec<LaneItem<U>>,
    read: &mut impl FnMut(&T) -> U,
) {
    for item in lane {
        match item {
            value_lanes::WrittenItem::One(value) => items.push(LaneItem::One(read(value))),
            value_lanes::WrittenItem::Turns(all) => {
                items.push(LaneItem::Alternate(all.iter().map(&mut *read).collect()));
            }
            value_lanes::WrittenItem::Repeat(count, inner) => {
                let start = items.len();
                write_out(inner, items, read);
                let end = items.len();
                (1..*count).for_each(|_| items.extend_from_within(start..end));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{folded, midi_note};

    #[test]
    fn degrees_fold_into_their_octave() {
        for (word, most, written) in [
            ("8", 7, "1'"),
            ("15", 7, "1''"),
            ("9", 7, "2'"),
            ("8,", 7, "1"),
            ("8,,", 7, "1,"),
            ("13'", 12, "1''"),
            ("6", 5, "1'"),
        ] {
            assert_eq!(folded(word, most).as_deref(), Some(written), "{word}");
        }
        assert_eq!(folded("7", 7), None);
        assert_eq!(folded("9999", 7), None);
        assert_eq!(midi_note(60).as_deref(), Some("c4"));
        assert_eq!(midi_note(15), None);
    }
}

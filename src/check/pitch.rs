//! Pitches against the key, chords against the voices.

use std::cmp::Reverse;

use crate::check::context::Context;
use crate::diagnostic::codes::tracks;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::steps::{Lane, LaneItem, Pitch};
use crate::syntax::pitches::{self, Chord, Root};
use crate::syntax::tree::Value;
use crate::syntax::values;

/// The instrument that a chord is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Player<'p> {
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
        player: Option<Player<'_>>,
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
            let key = self.of_song("key=\"a minor\"");
            self.report(
                Diagnostic::new(&tracks::NO_KEY, span, format!("the degree `{number}` needs a key"))
                    .label("counts from the tonic")
                    .mend(key, "write `key=\"a minor\"` behind `song`, or a note such as `a4`"),
            );
            return None;
        }
        let found = self.tuning.degree(self.key, number, octaves);
        if found.is_none() {
            let most = self.tuning.degrees(self.key);
            // The same tone, counted from the octave that it is in.
            let least = (number - 1) % most.max(1) as u32 + 1;
            let marks = ((number - least) / most.max(1) as u32) as i32 + octaves;
            let mark = if marks < 0 { "," } else { "'" };
            let shown = format!("{least}{}", mark.repeat(marks.unsigned_abs() as usize));
            let text = value.text().and_then(|text| text.get(chord.at.clone())).unwrap_or_default();
            let written = format!("{number}");
            let edit = text.find(&written).filter(|_| marks.abs() <= 10).map(|at| {
                let start = chord.at.start + at;
                let rest = &text[at + written.len()..];
                let end =
                    start + written.len() + rest.chars().take_while(|c| matches!(c, '\'' | ',')).count();
                value.edit(start..end, &shown)
            });
            let whole = self.key.map_or("the tuning".to_owned(), |key| quoted(key.scale.name));
            self.report(
                Diagnostic::new(
                    &tracks::BAD_PITCH,
                    span,
                    format!("{whole} has {most} degrees, and there is no `{number}`"),
                )
                .label(format!("1 to {most}"))
                .mend(edit, format!("write `{shown}` for the one an octave higher")),
            );
        }
        found
    }

    /// A lane of chords as the model has it.
    pub(super) fn note_lane(
        &mut self,
        lane: &values::Lane<Chord>,
        value: &Value<'_>,
        player: Option<Player<'_>>,
    ) -> Option<Lane<Vec<Pitch>>> {
        // The widest first: a voice for each of its notes is enough for all.
        if let Some(widest) = pitches::chords(lane).min_by_key(|chord| Reverse(chord.tones.len())) {
            self.chord(widest, value, player)?;
        }
        let mut fine = true;
        let mut read = |chord: &Chord| {
            let pitches = self.chord(chord, value, player);
            fine &= pitches.is_some();
            pitches.unwrap_or_default()
        };
        let items = lane
            .iter()
            .map(|item| match item {
                values::Item::One(chord) => LaneItem::One(read(chord)),
                values::Item::Turns(chords) => LaneItem::Alternate(chords.iter().map(&mut read).collect()),
            })
            .collect();
        fine.then_some(Lane { items })
    }
}

/// A lane of numbers as the model has it.
pub(super) fn number_lane(lane: values::Lane<f64>) -> Lane<f64> {
    let items = lane.into_iter().map(|item| match item {
        values::Item::One(value) => LaneItem::One(value),
        values::Item::Turns(all) => LaneItem::Alternate(all),
    });
    Lane { items: items.collect() }
}

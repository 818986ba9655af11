//! Pitches against the key, chords against the voices.

use std::cmp::Reverse;

use crate::check::context::Context;
use crate::diagnostic::codes::tracks;
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
                .help(format!("write `instrument {} voices={}`", player.id, pitches.len()))
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
            self.report(
                Diagnostic::new(&tracks::NO_KEY, span, format!("the degree `{number}` needs a key"))
                    .label("counts from the tonic")
                    .help("write `key=\"a minor\"` behind `song`, or a note such as `a4`"),
            );
            return None;
        }
        let found = self.tuning.degree(self.key, number, octaves);
        if found.is_none() {
            let most = self.tuning.degrees(self.key);
            let whole = self.key.map_or("the tuning".to_owned(), |key| quoted(key.scale.name));
            self.report(
                Diagnostic::new(
                    &tracks::BAD_PITCH,
                    span,
                    format!("{whole} has {most} degrees, and there is no `{number}`"),
                )
                .label(format!("1 to {most}"))
                .help(format!("write `{}'` for the one an octave higher", (number - 1) % most as u32 + 1)),
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

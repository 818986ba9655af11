//! What of a session its saved text tells in comments, so that loading brings it back: added tracks as such, what is solo.

use std::fmt::Write as _;

use kdl::{KdlDocument, KdlEntry, KdlNode, KdlValue};

use crate::engine::commands::EngineCommand;
use crate::engine::deck::MOST_LOOPS;
use crate::live::session::Session;
use crate::live::take::quoted;
use crate::live::tracks::AddedTrack;

/// How such a comment begins.
const MARK: &str = "// session: ";
/// Between these two stand the added tracks as the song would have them: for a render, not for loading.
pub(super) const BEGIN: &str = "// session: begin";
pub(super) const END: &str = "// session: end";

/// What a saved text tells.
#[derive(Default)]
pub(super) struct SavedState {
    /// The text without added tracks; every line keeps its number.
    pub(super) text: String,
    added: Vec<AddedTrack>,
    solo: Vec<String>,
    /// The muted tracks, where the text mutes those as well that aren't solo.
    muted: Option<Vec<String>>,
    /// The swing of added tracks, as a share of a pair of steps.
    swing: Option<f64>,
}

impl SavedState {
    /// Reads a text; one that nobody has saved tells nothing.
    pub(super) fn read(text: &str) -> Self {
        let mut kept = Self::default();
        let mut inside = false;
        for line in text.split_inclusive('\n') {
            let known = line.trim();
            match known.strip_prefix(MARK) {
                Some("begin") => inside = true,
                Some("end") => inside = false,
                Some(rest) => kept.line(rest),
                None if !inside => {
                    kept.text.push_str(line);
                    continue;
                }
                None => {}
            }
            kept.text.push_str(if line.ends_with('\n') { "\n" } else { "" });
        }
        kept
    }

    fn line(&mut self, text: &str) {
        let Ok(document) = KdlDocument::parse_v2(text) else { return };
        let Some(node) = document.nodes().first() else { return };
        let words = node.entries().iter().filter(|one| one.name().is_none()).map(KdlEntry::value);
        let texts = || words.clone().filter_map(KdlValue::as_string).map(str::to_owned);
        match node.name().value() {
            "solo" => self.solo = texts().collect(),
            "muted" => self.muted = Some(texts().collect()),
            "swing" => self.swing = words.clone().next().and_then(number),
            "added" => {
                self.added.extend(added(node, texts().collect(), words.clone().filter_map(number).collect()));
            }
            _ => {}
        }
    }
}

fn number(value: &KdlValue) -> Option<f64> {
    value
        .as_float()
        .or_else(|| value.as_integer().map(|whole| whole as f64))
        .filter(|number| number.is_finite())
}

/// The added track of a line.
fn added(node: &KdlNode, texts: Vec<String>, notes: Vec<f64>) -> Option<AddedTrack> {
    let [id, instrument, pattern] = <[String; 3]>::try_from(texts).ok()?;
    let mut own = AddedTrack::new(&id, &instrument, &pattern);
    own.notes = notes.into_iter().filter(|hertz| *hertz > 0.0).collect();
    own.sets_voice = node.get("sets_voice").and_then(KdlValue::as_bool).unwrap_or(own.sets_voice);
    for entry in node.entries() {
        if let (Some(name), Some(value)) = (entry.name(), number(entry.value())) {
            own.set(name.value(), value);
        }
    }
    Some(own)
}

/// A number as KDL writes it: a float, however whole it is.
fn float(value: f64) -> String {
    format!("{value:?}")
}

impl Session {
    /// The comments that tell what of the session the song's text can't.
    pub(super) fn kept(&self) -> String {
        let mut lines = String::new();
        let names = |ids: &mut dyn Iterator<Item = &String>| {
            ids.map(|id| format!(" {}", quoted(id))).collect::<Vec<_>>().concat()
        };
        // A string takes all.
        if !self.solo.is_empty() {
            let _ = writeln!(lines, "{MARK}solo{}", names(&mut self.solo.iter()));
        }
        let any_added = self.listed.iter().flatten().next().is_some();
        if !self.solo.is_empty() || any_added {
            let muted = self.muted.iter().filter(|(_, on)| **on).map(|(id, _)| id);
            let _ = writeln!(lines, "{MARK}muted{}", names(&mut muted.into_iter()));
        }
        if any_added {
            let _ = writeln!(lines, "{MARK}swing {}", float(self.swing));
        }
        for one in self.listed.iter().flatten() {
            let words = [&one.id, &one.instrument, &one.pattern].map(|text| quoted(text)).join(" ");
            let notes: Vec<String> = one.notes.iter().map(|hertz| format!(" {}", float(*hertz))).collect();
            let notes = notes.concat();
            let base = one.base_freq.map(|hertz| format!(" base_freq={}", float(hertz))).unwrap_or_default();
            let _ = writeln!(
                lines,
                "{MARK}added {words}{notes}{base} base_amp={} filter_freq={} accent_boost={} gate_frac={} sets_voice=#{}",
                float(one.base_amp),
                float(one.filter_freq),
                float(one.accent_boost),
                float(one.gate_frac),
                one.sets_voice,
            );
        }
        lines
    }

    /// Brings back what a saved text tells, once its song is there: gives the commands that let added tracks begin.
    pub(super) fn bring_back(&mut self, kept: SavedState) -> Vec<EngineCommand> {
        let SavedState { added, solo, muted, swing, .. } = kept;
        if let Some(swing) = swing {
            self.swing = swing.clamp(0.5, 0.8);
        }
        let mut commands = Vec::new();
        for mut one in added.into_iter().take(MOST_LOOPS) {
            let Some(slot) = self.slot(&one.id).filter(|_| self.has_track_names()) else { break };
            let track = self.register.track(&one.id);
            // What the song has no instrument for any more rests.
            let Ok(track) = one.compile(track, &self.song, &self.plan, self.swing) else { continue };
            if one.read_cells(&self.song).is_err() {
                continue;
            }
            self.listed[slot] = Some(one.clone());
            self.added[slot] = Some(one);
            commands.push(EngineCommand::Track { slot, track: Some(Box::new(track)), deck: self.decks });
        }
        let known: Vec<String> = self.tracks().into_iter().map(|(id, ..)| id).collect();
        self.solo = solo.into_iter().filter(|id| known.contains(id)).collect();
        if let Some(muted) = muted {
            self.muted = known.iter().map(|id| (id.clone(), muted.contains(id))).collect();
        }
        commands
    }
}

//! The song's tuning: an equal one by its number of steps, or any scale from a file beside the song.

use std::ops::Range;

use crate::check::context::Context;
use crate::check::slot::ValueSlot;
use crate::check::song_files::SongFiles;
use crate::check::source_files::path;
use crate::diagnostic::codes::{song as codes, tuning};
use crate::diagnostic::quote::{self, as_text, counted, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::syntax::tree::{Node, Value};
use crate::units::scala;
use crate::units::tuning::{MOST_STEPS, Tuning};

/// What equal tunings begin with.
const EQUAL: &str = "edo:";

impl Context {
    /// Reads the song's tuning, before anything is checked that depends on it.
    pub(super) fn tune(&mut self, nodes: &[Node<'_>], files: &mut dyn SongFiles) {
        let song = nodes.iter().find(|node| node.name.text == "song");
        let Some(value) = song.and_then(|song| song.prop("tuning")).map(|prop| &prop.value) else {
            return;
        };
        let Some(text) = value.text() else {
            self.wrong_kind(
                value,
                ValueSlot::prop("tuning"),
                "a text",
                "\"edo:19\"",
                ", or the name of a Scala file, such as `tuning=\"scale.scl\"`",
            );
            self.key_missed = true;
            return;
        };
        let read = if let Some(steps) = text.strip_prefix(EQUAL) {
            self.equal(value, steps)
        } else if text.to_ascii_lowercase().ends_with(".scl") {
            self.scale(value, text, files)
        } else {
            self.no_tuning(value, text);
            None
        };
        if let Some(tuning) = read {
            self.c4 = tuning.c4(440.0, self.c4);
            self.tuning = tuning;
            self.tuned = true;
        } else {
            // Whether its degrees need a key nobody knows.
            self.key_missed = true;
        }
    }

    fn equal(&mut self, value: &Value<'_>, steps: &str) -> Option<Tuning> {
        let plain = !steps.is_empty() && steps.bytes().all(|b| b.is_ascii_digit());
        let read = steps.parse::<u32>().ok().filter(|steps| plain && (1..=MOST_STEPS).contains(steps));
        if read.is_none() {
            let what = if plain {
                format!("the octave can have 1 to {MOST_STEPS} equal steps, not {}", quoted(steps))
            } else {
                format!("{} isn't a number of steps", quoted(steps))
            };
            self.report(
                Diagnostic::new(&tuning::BAD_TUNING, value.span, what)
                    .label("how many?")
                    .suggest(ValueSlot::prop("tuning").write(value, "\"edo:19\""), |write| {
                        format!("write {write} for 19 equal steps to the octave")
                    }),
            );
        }
        read.map(Tuning::equal)
    }

    fn no_tuning(&mut self, value: &Value<'_>, text: &str) {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let word: String = text.chars().filter(char::is_ascii_alphabetic).collect();
        let equal = matches!(word.to_ascii_lowercase().as_str(), "edo" | "tet" | "et" | "ed");
        let (steps, help) = if equal && (1..=4).contains(&digits.len()) {
            (digits.as_str(), "")
        } else {
            ("19", " for equal steps, or the name of a Scala file, which ends in `.scl`")
        };
        let edit = ValueSlot::prop("tuning").write(value, &as_text(&format!("{EQUAL}{steps}")));
        self.report(
            Diagnostic::new(&tuning::BAD_TUNING, value.span, format!("{} isn't a tuning", quoted(text)))
                .label("not a tuning")
                .suggest(edit, |write| format!("write {write}{help}")),
        );
    }

    fn scale(&mut self, value: &Value<'_>, written: &str, files: &mut dyn SongFiles) -> Option<Tuning> {
        let path = path(self, &files.song(), files.outside(), value, written)?;
        let text = match files.text(&path) {
            Ok(text) => text,
            Err(refusal) => {
                let said = refusal.diagnostic(written);
                let help = said.help.unwrap_or_else(|| "names are relative to the folder of the song".into());
                self.report(
                    Diagnostic { span: Some(value.span), help: Some(help), ..said }.label("named here"),
                );
                return None;
            }
        };
        let notes = match scala::read(&text) {
            Ok(notes) => notes,
            Err(fault) => {
                let message = format!("line {} of {} {}", fault.line, quote::path(written), fault.what);
                self.report(
                    Diagnostic::new(&tuning::BAD_SCALE, value.span, message).label("not a scale").help(
                        "a Scala file is a line of description, a line with the number of notes, and a line for each note",
                    ),
                );
                return None;
            }
        };
        let below = (0..notes.len()).find(|i| notes[*i] <= if *i == 0 { 0.0 } else { notes[i - 1] });
        if let Some(below) = below {
            let message = format!(
                "the notes of {} don't rise: number {} is no higher than the one before",
                quote::path(written),
                below + 1
            );
            self.report(
                Diagnostic::new(&tuning::UNORDERED_SCALE, value.span, message)
                    .label("goes up and down")
                    .help("put its notes in order, lowest first, if this isn't meant"),
            );
        }
        Some(Tuning::scale(notes))
    }

    /// Says, once, that bytes `at` of a text mean nothing in a tuning that is neither of twelve notes nor of equal steps.
    /// False where they mean something. `help` takes the place of degrees where those mean nothing either.
    pub(super) fn nameless(&mut self, value: &Value<'_>, at: Range<usize>, help: Option<&str>) -> bool {
        if self.tuning.has_names() {
            return false;
        }
        if !std::mem::replace(&mut self.names_missed, true) {
            let notes = self.tuning.notes();
            let degrees = format!("write degrees, `1` to `{notes}`: `1` is the first note of the tuning");
            let what = quoted(value.text().and_then(|text| text.get(at.clone())).unwrap_or(value.raw));
            self.report(
                Diagnostic::new(
                    &tuning::NO_NOTE_NAMES,
                    value.place(at),
                    format!("{what} has no meaning in a tuning of {}", counted(notes, "note")),
                )
                .label("which note?")
                .help(help.map_or(degrees, str::to_owned)),
            );
        }
        true
    }

    /// Reports a key where the tuning has none.
    pub(super) fn keyless(&mut self, value: &Value<'_>, node: &Node<'_>) -> bool {
        if self.tuning.has_names() {
            return false;
        }
        let notes = counted(self.tuning.notes(), "note");
        self.report(
            Diagnostic::new(&codes::BAD_KEY, value.span, format!("a tuning of {notes} has no keys"))
                .label("no key of it")
                .mend(node.cut_prop("key"), "take `key` out: degrees then count the notes of the tuning"),
        );
        true
    }
}

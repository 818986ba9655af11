//! A song as it is now: the user's text with everything that was done written into it, comments and layout kept.

use std::fmt::Write as _;

use crate::check::song::check_with;
use crate::diagnostic::bag::Bag;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{SourceText, Sources};
use crate::diagnostic::span::SourceId;
use crate::io::folder::Folder;
use crate::live::saved_state::{BEGIN, END};
use crate::live::session::Session;
use crate::live::tracks::AddedTrack;
use crate::osc::message::shortest;
use crate::syntax::reader::read;
use crate::syntax::tree::{Node, Value};
use crate::units::number::short_number;

/// Changes to a text: what is replaced, by what. Nothing overlaps.
struct TextEdits(Vec<(usize, usize, String)>);

impl TextEdits {
    fn replace(&mut self, from: usize, to: usize, by: impl Into<String>) {
        self.0.push((from, to, by.into()));
    }

    fn insert(&mut self, at: usize, what: impl Into<String>) {
        self.replace(at, at, what);
    }

    fn done(mut self, text: &str) -> String {
        self.0.sort_by_key(|(from, ..)| *from);
        let (mut out, mut at) = (String::with_capacity(text.len() + 256), 0);
        for (from, to, by) in self.0 {
            out.push_str(&text[at..from.max(at)]);
            out.push_str(&by);
            at = to.max(at);
        }
        out.push_str(&text[at..]);
        out
    }
}

/// A text between quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}

/// Gives a node a property, in place of the one it has.
fn set_prop(edits: &mut TextEdits, node: &Node<'_>, name: &str, value: &str) {
    match node.prop(name) {
        Some(prop) => edits.replace(prop.value.span.start as usize, prop.value.span.end as usize, value),
        None => edits.insert(node.span.end as usize, format!(" {name}={value}")),
    }
}

impl Session {
    /// The text of the song as it is now: every control that was put somewhere, every added track, what is muted, the tempo.
    ///
    /// # Errors
    /// If that can't be written as a song.
    pub fn saved(&self, title: Option<&str>) -> Result<String, String> {
        let text = self.text();
        let mut bag = Bag::default();
        let nodes = read(SourceId::default(), text, &mut bag);
        let mut edits = TextEdits(Vec::new());
        let mut end = String::new();
        let mut header = String::new();
        if let Some(tempo) = self.tempo {
            header = format!(" tempo={}", short_number(tempo));
        }
        let is = |node: &&Node<'_>, name: &str| node.name.text == name;
        let song = nodes.iter().find(|node| is(node, "song"));
        match (song, title) {
            (Some(song), title) => {
                if let Some(tempo) = self.tempo {
                    set_prop(&mut edits, song, "tempo", &short_number(tempo));
                }
                match (title, song.args.first()) {
                    (Some(title), Some(old)) => {
                        edits.replace(old.span.start as usize, old.span.end as usize, quoted(title));
                    }
                    (Some(title), None) => {
                        edits.insert(song.name.span.end as usize, format!(" {}", quoted(title)));
                    }
                    (None, _) => {}
                }
            }
            (None, title) if title.is_some() || self.tempo.is_some() => {
                let title = title.map(|title| format!(" {}", quoted(title))).unwrap_or_default();
                edits.insert(0, format!("song{title}{header}\n"));
            }
            (None, _) => {}
        }
        let sections: Vec<&Node<'_>> = nodes.iter().filter(|node| is(node, "section")).collect();
        for section in &sections {
            if let (Some(tempo), Some(_)) = (self.tempo, section.prop("tempo")) {
                set_prop(&mut edits, section, "tempo", &short_number(tempo));
            }
        }
        let inside = sections.iter().flat_map(|section| section.children.iter().flatten());
        for track in nodes.iter().chain(inside).filter(|node| is(node, "track")) {
            let Some(id) = track.args.first().and_then(Value::text) else { continue };
            let rests = !self.is_heard(id);
            if rests || track.prop("mute").is_some() {
                set_prop(&mut edits, track, "mute", if rests { "#true" } else { "#false" });
            }
        }
        for node in nodes.iter().filter(|node| is(node, "set")) {
            let path = node.args.first().and_then(Value::text).unwrap_or_default();
            let control = self.controls.at(path).map(|named| named.control);
            if control
                .and_then(|control| self.path_of(control))
                .is_some_and(|path| self.put().contains_key(path))
            {
                let line_end = text[node.span.end as usize..]
                    .find(['\n', ';'])
                    .map_or(text.len(), |at| node.span.end as usize + at + 1);
                edits.replace(node.span.start as usize, line_end, "");
            }
        }
        if !self.put().is_empty() {
            end.push_str("\n// Where controls stood when this was saved.\n");
        }
        for (path, value) in self.put() {
            // A string takes all.
            // At the ends of its range the value itself: a shorter one could lie outside of it.
            let range = self.controls.at(path).map(|named| named.facts.range);
            let short = range.is_none_or(|(least, most)| (least..=most).contains(&shortest(*value as f32)));
            let value = if short { written(*value) } else { value.to_string() };
            let _ = writeln!(end, "set {path} {value}");
        }
        end.push_str(&self.kept());
        // A song without end has no place for tracks: they stand in its comments alone.
        let tracks = self.listed.iter().flatten().filter(|_| !self.song.endless);
        for added in tracks {
            let track = format!("{BEGIN}\n{}{END}\n", self.track(added));
            match sections.as_slice() {
                [] => {
                    let _ = write!(end, "\n{track}");
                }
                sections => {
                    for section in sections {
                        let open = section.span.end as usize;
                        let brace = text[open..]
                            .find('{')
                            .map(|at| open + at + 1)
                            .ok_or("a section has no braces")?;
                        let indented: Vec<String> =
                            track.lines().map(|line| format!("\n    {line}")).collect();
                        edits.insert(brace, indented.concat());
                    }
                }
            }
        }
        let mut saved = edits.done(text);
        if !saved.is_empty() && !saved.ends_with('\n') {
            saved.push('\n');
        }
        saved.push_str(&end);
        self.proved(saved)
    }

    /// An added track as a song writes it.
    fn track(&self, added: &AddedTrack) -> String {
        let AddedTrack { id, instrument, pattern, base_freq, notes, .. } = added;
        let id: String =
            id.chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                        c.to_ascii_lowercase()
                    } else {
                        '-'
                    }
                })
                .collect();
        let id = if id.starts_with(|c: char| c.is_ascii_lowercase()) { id } else { format!("t-{id}") };
        let semitones = |freq: f64| 12.0 * libm::log2(freq / self.song.c4);
        let notes = match (notes.as_slice(), base_freq) {
            ([], None) => String::new(),
            ([], Some(freq)) => format!(" transpose={}", written(semitones(*freq).clamp(-60.0, 60.0))),
            (notes, _) => {
                let names: Vec<String> = notes.iter().map(|freq| name(semitones(*freq))).collect();
                format!(" notes={}", quoted(&names.join(" ")))
            }
        };
        let swing = if self.swing > 0.5 {
            format!(" swing={}", short_number((self.swing * 100.0).min(75.0)))
        } else {
            String::new()
        };
        let mute = if self.is_heard(&added.id) { "" } else { " mute=#true" };
        let mut track = format!(
            "track {id} {} play={instrument}{notes} length={}{swing}{mute}",
            quoted(pattern),
            short_number(added.gate_steps())
        );
        let steps = if added.sets_voice { self.levels(added) } else { Vec::new() };
        if !steps.is_empty() {
            track.push_str(" {\n");
            for (name, values) in steps {
                let _ = writeln!(track, "    lock {name} {}", quoted(&values));
            }
            track.push('}');
        }
        track.push('\n');
        track
    }

    /// The text, if it is a song.
    fn proved(&self, text: String) -> Result<String, String> {
        let mut sources = Sources::default();
        let id = sources.add(SourceText::new("saved", text.as_str()));
        let config = self.config();
        let checked = check_with(&mut sources, id, &mut Folder::of(&config.path, config.outside));
        if checked.song.is_some() {
            return Ok(text);
        }
        let first = checked.diagnostics.into_iter().find(Diagnostic::is_error);
        Err(format!("it can't be written as a song: {}", first.map(|one| one.message).unwrap_or_default()))
    }
}

/// The name of the note nearest to so many semitones above c4.
fn name(semitones: f64) -> String {
    const NAMES: [&str; 12] = ["c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b"];
    let nearest = libm::floor(semitones + 0.5).clamp(-60.0, 83.0) as i32;
    format!("{}{}", NAMES[nearest.rem_euclid(12) as usize], nearest.div_euclid(12) + 4)
}

/// A number as songs write it: the shortest decimal that sounds the same.
fn written(value: f64) -> String {
    let text = shortest(value as f32).to_string();
    if text.contains('e') { format!("{value:.12}") } else { text }
}

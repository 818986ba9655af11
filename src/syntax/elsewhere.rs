//! What people write who come from KDL 1 or from other languages, read as it is meant.

use std::borrow::Cow;

use crate::diagnostic::codes::{text, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{as_text, quoted};
use crate::syntax::characters::{is_newline, is_space};
use crate::syntax::scanner::{LOOK, Reader};
use crate::syntax::tree::{Data, Node, Value, Word};
use crate::syntax::vocabulary::{NodeForm, STEPS, find};

impl<'t> Reader<'t> {
    /// `null`, `inf` or `nan` up to `end`: no value even with a `#` before it.
    pub(super) fn no_value_at_all(&mut self, end: usize, name: Option<&Word<'t>>) -> Value<'t> {
        let start = self.at;
        let token = &self.text[start..end];
        self.at = end;
        let fault = self
            .fault(&values::NOT_A_NUMBER, start, end, format!("{} is never a value", quoted(token)))
            .label("no number to count with");
        let fault = match name {
            // What is meant by `gain=-inf`.
            Some(name) if token == "-inf" && name.text == "gain" => {
                fault.write(Edit::replace(self.span(start, end), "0").showing("gain="))
            }
            Some(name) => {
                let from = self.text[..name.span.start as usize].trim_end_matches([' ', '\t']).len();
                let help = format!("take `{}={token}` out: then it stands at its default", name.text);
                fault.mend([Edit::remove(self.span(from, end))], help)
            }
            None => fault.help("write a plain number"),
        };
        self.report(fault);
        self.made(start, Data::Null)
    }

    /// A raw text of KDL 1, `r"…"` or `r#"…"#`; the cursor is at its `r`. `None` if there is none.
    pub(super) fn old_raw_text(&mut self, name: Option<&Word<'t>>) -> Option<Value<'t>> {
        let start = self.at;
        let hashes = self.rest()[1..].bytes().take_while(|b| *b == b'#').count();
        if !self.rest()[1 + hashes..].starts_with('"') {
            return None;
        }
        // Without hashes it ends at the first quote: it has no escapes.
        let body = start + 1 + hashes + 1;
        let close = format!("\"{}", "#".repeat(hashes));
        let inner = &self.text[body..body + self.text[body..].find(&close)?];
        if inner.contains(is_newline) {
            return None;
        }
        self.at = body + inner.len() + close.len();
        let plain = !inner.contains(['"', '\\']);
        let written = if plain { format!("\"{inner}\"") } else { format!("#\"{inner}\"#") };
        let shown = name.map_or_else(String::new, |name| format!("{}=", name.text));
        let fault = self
            .fault(
                &text::WRONG_QUOTES,
                start,
                self.at,
                format!("{} is a raw text of KDL 1", quoted(&self.text[start..self.at])),
            )
            .label("the `r` belongs to KDL 1")
            .write(Edit::replace(self.span(start, self.at), written).showing(shown));
        self.report(fault);
        Some(self.made(start, Data::Text(Cow::Borrowed(inner))))
    }

    /// A line such as `bass.gain = 0.5` or `tempo=120`, whose first word has just been read; false where it is none.
    pub(super) fn assignment(&mut self, word: &Word<'t>) -> bool {
        let behind = self.at;
        self.blanks();
        if self.peek() != Some('=') || self.sees("=>") || self.sees("==") {
            self.at = behind;
            return false;
        }
        self.at += 1;
        self.blanks();
        let value = match self.peek() {
            None | Some(';' | '{' | '}') => None,
            Some(c) if is_newline(c) => None,
            Some(_) => self.value(Some(word)),
        };
        let start = word.span.start as usize;
        let end = self.text[..self.at].trim_end().len().max(start);
        let said = quoted(&self.text[start..end]);
        let fault = self
            .fault(
                &text::SYNTAX,
                start,
                end,
                format!("{said} stands alone: a line begins with what it is about"),
            )
            .label("a property without its line");
        let name = word.text.as_ref();
        let of_song = find("song").and_then(|song| {
            song.props
                .iter()
                .find(|prop| prop.name == name || prop.also.contains(&name))
                .map(|prop| prop.name)
        });
        self.report(match (value, of_song) {
            (Some(value), _) if name.contains('.') => {
                fault.write(Edit::replace(self.span(start, end), format!("set {name} {}", value.raw)))
            }
            (Some(value), Some(prop)) => {
                fault.help(format!("write it behind `song`: `song {prop}={}`", value.raw))
            }
            _ => {
                fault.help("a song has no variables: write the value where it is wanted, or declare a `knob`")
            }
        });
        true
    }

    /// Reads unquoted steps with a repetition, `{4 x.}`, whose `{` the cursor is at and which KDL takes for a block; `None` where it
    /// is one. What stands before them on the line is `args`.
    pub(super) fn braced_steps(&mut self, node: &Node<'t>) -> Option<Value<'t>> {
        let has_steps = |form: &NodeForm| form.args.iter().any(|arg| arg.name == STEPS);
        let inner = self.rest()[1..].trim_start_matches(is_space);
        if !inner.starts_with(|c: char| c.is_ascii_digit()) || !find(&node.name.text).is_some_and(has_steps) {
            return None;
        }
        let near = &self.rest()[..self.rest().floor_char_boundary(LOOK)];
        let line = &near[..near.find(is_newline).unwrap_or(near.len())];
        let close = line.rfind('}')?;
        // Signs may follow at once: `{4 x.}xx`.
        let tail =
            line[close + 1..].find(|c: char| is_space(c) || c == ';').unwrap_or(line.len() - close - 1);
        let end = self.at + close + 1 + tail;
        let first = node.args.get(1).filter(|first| !first.raw.starts_with('"'));
        let start = first.map_or(self.at, |first| first.span.start as usize);
        self.at = end;
        let lane = &self.text[start..end];
        let whole = self.span(start, end);
        let fault = self
            .fault(&text::NEEDS_QUOTES, start, end, "these steps must stand in quotes".into())
            .label("quotes are missing around this")
            .write(Edit::replace(whole, as_text(lane)));
        self.report(fault);
        Some(self.made(start, Data::Text(Cow::Borrowed(lane))))
    }
}

//! The tree that a song's text becomes: nodes with their words, values and places.

use std::borrow::Cow;
use std::ops::Range;

use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::as_text;
use crate::diagnostic::span::Span;
use crate::syntax::characters::{is_forbidden, is_word};

/// A name and its place.
#[derive(Clone, Debug)]
pub struct Word<'t> {
    /// What it says, without quotes.
    pub text: Cow<'t, str>,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data<'t> {
    /// A word or a quoted text, without quotes and escapes.
    Text(Cow<'t, str>),
    /// A whole number.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// `#true` or `#false`.
    Bool(bool),
    /// `#null`, and what could not be read.
    Null,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Value<'t> {
    /// What it is.
    pub data: Data<'t>,
    /// As it is written.
    pub raw: &'t str,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// A property: `name=value`.
#[derive(Clone, Debug)]
pub struct Prop<'t> {
    /// Its name.
    pub name: Word<'t>,
    /// Its value.
    pub value: Value<'t>,
}

/// One node.
#[derive(Clone, Debug)]
pub struct Node<'t> {
    /// Its name; empty if it could not be read.
    pub name: Word<'t>,
    /// Its arguments, in order.
    pub args: Vec<Value<'t>>,
    /// Its properties, in order, those given twice as well.
    pub props: Vec<Prop<'t>>,
    /// What stands between its braces, if it has any.
    pub children: Option<Vec<Node<'t>>>,
    /// Where its block stands, braces included.
    pub braces: Option<Span>,
    /// From its name to its last entry.
    pub span: Span,
    /// Something in it could not be read and has been reported: what seems to be missing may be there.
    pub broken: bool,
}

impl Value<'_> {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self.data {
            Data::Integer(value) => Some(value as f64),
            Data::Float(value) => Some(value),
            _ => None,
        }
    }

    /// What kind of value it is, with its article.
    pub fn noun(&self) -> &'static str {
        match self.data {
            Data::Text(_) => "a text",
            Data::Integer(_) | Data::Float(_) => "a number",
            Data::Bool(_) => "a switch",
            Data::Null => "`#null`",
        }
    }

    /// Where bytes `range` of the text stand in the source. Escapes are followed; in a text of several lines it is
    /// the whole text.
    pub fn place(&self, range: Range<usize>) -> Span {
        if range == (0..self.raw.len()) && self.text() == Some(self.raw) {
            return self.span;
        }
        let at = |offset: usize| Some(self.span.start as usize + self.offset(offset)?);
        match (at(range.start), at(range.end)) {
            (Some(start), Some(end)) => Span::new(self.span.source, start, end.max(start)),
            _ => self.span,
        }
    }

    /// Puts `text` in the place of bytes `range` of the text, in quotes and with escapes as KDL needs them there.
    pub fn edit(&self, range: Range<usize>, text: &str) -> Edit {
        let plain = |text: &str| text.chars().all(|c| !matches!(c, '"' | '\\') && !c.is_control());
        let hashes = self.raw.starts_with('#');
        let inside = match (self.offset(range.start), self.offset(range.end)) {
            // What is escaped, or what a raw text can't hold, is written out as a whole.
            (Some(start), Some(end)) if start <= end => {
                let quoted = self.raw.starts_with('"') && plain(text);
                let bare = !quoted && !hashes && text.chars().all(is_word);
                let emptied = bare && self.raw.len() + text.len() == end - start;
                (quoted || hashes && plain(text) || bare && !emptied).then_some(self.place(range.clone()))
            }
            _ => None,
        };
        if let Some(span) = inside {
            return Edit::replace(span, text);
        }
        let whole = self.text().unwrap_or(self.raw);
        let (before, after) = (whole.get(..range.start), whole.get(range.end..));
        Edit::replace(
            self.span,
            as_text(&[before, Some(text), after].map(Option::unwrap_or_default).concat()),
        )
    }

    /// Where in `raw` byte `offset` of the text stands.
    fn offset(&self, offset: usize) -> Option<usize> {
        let hashes = self.raw.bytes().take_while(|b| *b == b'#').count();
        let quoted = self.raw[hashes..].starts_with('"');
        if !quoted {
            // A recovered value may say less than is written: then it is placed as a whole.
            return (self.text() == Some(self.raw)).then_some(offset);
        }
        if self.raw[hashes..].starts_with("\"\"\"") {
            return None;
        }
        let body = hashes + 1;
        let plain = |b: u8| (b' '..=b'~').contains(&b) && b != b'\\';
        let odd = |c: char| c == '\\' || is_forbidden(c);
        if hashes > 0 || self.raw.bytes().all(plain) || !self.raw.contains(odd) {
            return Some(body + offset);
        }
        let mut plain = 0;
        let mut chars = self.raw[body..].char_indices();
        while plain < offset {
            let (_, c) = chars.next()?;
            // A recovered text is without them.
            if is_forbidden(c) {
                continue;
            }
            if c != '\\' {
                plain += c.len_utf8();
                continue;
            }
            match chars.next()?.1 {
                'u' => {
                    let digits: String =
                        chars.by_ref().map(|(_, c)| c).skip(1).take_while(|c| *c != '}').collect();
                    plain += char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?.len_utf8();
                }
                c if c.is_whitespace() => {
                    let rest = chars.as_str();
                    let blank = rest.len() - rest.trim_start().len();
                    return self.after_blank(rest.len() - blank, offset - plain);
                }
                'n' | 'r' | 't' | 's' | 'b' | 'f' | '\\' | '"' => plain += 1,
                // No escape: both characters stay.
                c => plain += 1 + c.len_utf8(),
            }
        }
        Some(self.raw.len() - chars.as_str().len())
    }

    /// As [`Self::offset`], `rest` bytes before the end of `raw`, after an escaped line break.
    fn after_blank(&self, rest: usize, offset: usize) -> Option<usize> {
        let tail = &self.raw[self.raw.len() - rest..];
        (!tail.contains('\\')).then_some(self.raw.len() - rest + offset)
    }
}

impl Prop<'_> {
    /// From its name to the end of its value.
    pub fn span(&self) -> Span {
        self.name.span.to(self.value.span)
    }
}

impl<'t> Node<'t> {
    /// From its name to the end of its block.
    pub fn whole(&self) -> Span {
        self.span.to(self.braces.unwrap_or(self.span))
    }

    /// Takes an entry at `place` out, with the blank before it.
    pub fn cut(&self, place: Span) -> Edit {
        let args = self.args.iter().map(|arg| arg.span);
        let entries = args.chain(self.props.iter().map(Prop::span)).chain([self.name.span]);
        let before = entries.map(|entry| entry.end).filter(|end| *end <= place.start).max();
        // More than one blank may be a comment, or the end of a line.
        let start = before.filter(|end| end + 1 == place.start).unwrap_or(place.start);
        Edit::remove(Span { start, ..place })
    }

    /// Takes property `name` out.
    pub fn cut_prop(&self, name: &str) -> Option<Edit> {
        self.prop(name).map(|prop| self.cut(prop.span()))
    }

    /// Writes `name=value` after its other entries.
    pub fn add(&self, name: &str, value: &str) -> Edit {
        Edit::after(self.span, format!(" {name}={value}"))
    }

    /// Its arguments and properties as they are written.
    pub fn entries(&self) -> String {
        let args = self.args.iter().map(|arg| arg.raw.to_owned());
        let props = self.props.iter().map(|prop| format!("{}={}", prop.name.text, prop.value.raw));
        args.chain(props).collect::<Vec<_>>().join(" ")
    }

    /// The property called `name`, the first of several.
    pub fn prop(&self, name: &str) -> Option<&Prop<'t>> {
        self.props.iter().find(|prop| prop.name.text == name)
    }

    /// What stands between its braces.
    pub fn block(&self) -> &[Node<'t>] {
        self.children.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Data, Value};
    use crate::diagnostic::span::{SourceId, Span};

    fn value<'t>(raw: &'t str, text: &'t str) -> Value<'t> {
        Value { data: Data::Text(text.into()), raw, span: Span::new(SourceId(0), 10, 10 + raw.len()) }
    }

    #[test]
    fn places_follow_quotes_and_escapes() {
        assert_eq!(value("x..x", "x..x").place(3..4).start, 13);
        assert_eq!(value("\"x..x\"", "x..x").place(3..4).start, 14);
        assert_eq!(value("#\"x..x\"#", "x..x").place(3..4).start, 15);
        assert_eq!(value(r#""x\u{2e}.x""#, "x..x").place(3..4).start, 19);
        assert_eq!(value(r#""x\\.x""#, "x\\.x").place(3..4).start, 15);
        assert_eq!(value("\"x\\\n  .x\"", "x.x").place(2..3).start, 17);
        // What was left out of a text, and what is no escape.
        assert_eq!(value("\"x\u{feff}.x\"", "x.x").place(2..3), Span::new(SourceId(0), 16, 17));
        assert_eq!(value("\"x\u{feff}é.x\"", "xé.x").place(3..4).start, 17);
        assert_eq!(value(r#""x\é.x""#, "x\\é.x").place(4..5).start, 15);
    }

    #[test]
    fn edits_keep_a_text_a_text() {
        let edit = |raw, text, range, new| {
            let edit = value(raw, text).edit(range, new);
            (edit.span.start, edit.span.end, edit.text)
        };
        assert_eq!(edit("x..o", "x..o", 3..4, "x"), (13, 14, "x".into()));
        assert_eq!(edit("\"x..o\"", "x..o", 3..4, "[xx]"), (14, 15, "[xx]".into()));
        assert_eq!(edit("x..o", "x..o", 3..4, "[xx]"), (10, 14, "\"x..[xx]\"".into()));
        assert_eq!(edit("x", "x", 0..1, ""), (10, 11, "\"\"".into()));
        assert_eq!(edit("\"\"\"\n  x\n  \"\"\"", "x", 0..1, "y"), (10, 23, "\"y\"".into()));
        assert_eq!(edit("\"a\\tb\"", "a\tb", 2..3, "\""), (10, 16, "\"a\\t\\\"\"".into()));
    }
}

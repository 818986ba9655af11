//! Reads single values: words, texts, numbers and switches.

use std::borrow::Cow;

use kdl::{KdlDocument, KdlValue};

use crate::diagnostic::codes::text;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::syntax::characters::{ends_token, is_forbidden, is_newline, is_space, is_word};
use crate::syntax::recovery::WRONG_QUOTES;
use crate::syntax::scanner::Reader;
use crate::syntax::tree::{Data, Value, Word};

impl<'t> Reader<'t> {
    /// Reads a node's name. What can't be one is reported and skipped.
    pub(super) fn node_name(&mut self) -> Option<Word<'t>> {
        self.annotation();
        let start = self.at;
        if self.sees("#") && !self.sees("#\"") && !self.sees("##") && !self.sees("#true") {
            self.comment_of(1);
            return None;
        }
        let value = self.value(None)?;
        if let Data::Text(name) = value.data {
            return Some(Word { text: name, span: value.span });
        }
        let fault = self
            .fault(
                &text::SYNTAX,
                start,
                self.at,
                format!("a line begins with a word, not with {}", quoted(value.raw)),
            )
            .label("no name of a node")
            .mend(
                [Edit::remove(self.span(start, self.at))],
                "take it out, or write a word before it, such as the kind of a module",
            );
        self.report(fault);
        None
    }

    /// Reads a value; `name` is the property it belongs to. What can't be read is reported and skipped.
    pub(super) fn value(&mut self, name: Option<&Word<'t>>) -> Option<Value<'t>> {
        let start = self.at;
        let value = match self.peek()? {
            '"' => self.quoted_text(name),
            '#' => self.keyword(name),
            c if c.is_ascii_digit() => Some(self.number(name)),
            '-' | '+' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                Some(self.number(name))
            }
            'r' if self.sees("r\"") || self.sees("r#") => {
                self.old_raw_text(name).or_else(|| Some(self.word(name)))
            }
            c if is_word(c) => Some(self.word(name)),
            _ => self.unreadable(name),
        };
        debug_assert!(self.at >= start, "reading goes forward");
        value
    }

    pub(super) fn made(&self, start: usize, data: Data<'t>) -> Value<'t> {
        Value { data, raw: &self.text[start..self.at], span: self.span(start, self.at) }
    }

    /// Whether a value may end here.
    pub(super) fn at_end(&self) -> bool {
        self.peek().is_none_or(|c| ends_token(c) || c == '=' || c == '\\')
            || self.sees("//")
            || self.sees("/*")
            || self.sees("/-")
    }

    fn word(&mut self, name: Option<&Word<'t>>) -> Value<'t> {
        let start = self.at;
        if self.peek().is_some_and(|c| WRONG_QUOTES.contains(&c)) {
            return self.odd_word(name);
        }
        self.skip(is_word);
        let word = &self.text[start..self.at];
        let unsigned = word.trim_start_matches(['-', '+']);
        let pointed = word.len() - unsigned.len() <= 1
            && unsigned.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let plain = !pointed && !matches!(word, "true" | "false" | "null" | "inf" | "-inf" | "nan");
        if plain && (self.at_end() || self.peek() == Some('"')) {
            return self.made(start, Data::Text(Cow::Borrowed(word)));
        }
        self.at = start;
        self.odd_word(name)
    }

    fn number(&mut self, name: Option<&Word<'t>>) -> Value<'t> {
        let start = self.at;
        self.skip(is_word);
        let token = &self.text[start..self.at];
        if self.at_end() || self.peek() == Some('"') {
            let digits = token.trim_start_matches(['-', '+']);
            if digits.bytes().all(|b| b.is_ascii_digit())
                && let Ok(value) = token.parse()
            {
                return self.made(start, Data::Integer(value));
            }
            if is_decimal(digits) {
                if let Ok(value) = token.parse() {
                    return self.made(start, Data::Float(value));
                }
            } else if let Ok(data) = foreign(token) {
                return self.made(start, data);
            }
        }
        self.at = start;
        self.odd_word(name)
    }

    fn keyword(&mut self, name: Option<&Word<'t>>) -> Option<Value<'t>> {
        let start = self.at;
        if self.sees("#\"") || self.sees("##") {
            return self.foreign_text(start);
        }
        self.at += 1;
        self.skip(is_word);
        let data = match &self.text[start..self.at] {
            "#true" => Data::Bool(true),
            "#false" => Data::Bool(false),
            "#null" => Data::Null,
            "#inf" => Data::Float(f64::INFINITY),
            "#-inf" => Data::Float(f64::NEG_INFINITY),
            "#nan" => Data::Float(f64::NAN),
            _ => {
                self.at = start;
                return self.odd_hash(name);
            }
        };
        Some(self.made(start, data))
    }

    fn quoted_text(&mut self, name: Option<&Word<'t>>) -> Option<Value<'t>> {
        let start = self.at;
        if self.sees("\"\"\"") {
            return self.foreign_text(start);
        }
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        // The common case: no escapes, only ASCII.
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    self.at = at + 1;
                    let inner = &self.text[start + 1..at];
                    return Some(self.made(start, Data::Text(Cow::Borrowed(inner))));
                }
                b'\\' | 0..=31 | 127.. => break,
                _ => at += 1,
            }
        }
        self.escaped_text(start, name)
    }

    /// A text with escapes or characters beyond ASCII in it.
    fn escaped_text(&mut self, start: usize, name: Option<&Word<'t>>) -> Option<Value<'t>> {
        let mut out = String::new();
        self.at = start + 1;
        loop {
            let at = self.at;
            let Some(c) = self.peek() else {
                return Some(self.unclosed_text(start, name));
            };
            self.at += c.len_utf8();
            match c {
                '"' => return Some(self.made(start, Data::Text(Cow::Owned(out)))),
                '\\' => {
                    let next = self.peek();
                    let simple = match next {
                        Some('n') => '\n',
                        Some('r') => '\r',
                        Some('t') => '\t',
                        Some('s') => ' ',
                        Some('b') => '\u{8}',
                        Some('f') => '\u{c}',
                        Some('\\') => '\\',
                        Some('"') => '"',
                        Some(c) if c == 'u' || is_space(c) || is_newline(c) => {
                            self.at = start;
                            return self.foreign_text(start);
                        }
                        _ => {
                            let end = self.at + next.map_or(0, char::len_utf8);
                            let what = quoted(&self.text[at..end]);
                            let fault = self
                                .fault(&text::BAD_ESCAPE, at, end, format!("there is no escape {what}"))
                                .label("not an escape")
                                .suggest(Edit::replace(self.span(at, at + 1), "\\\\"), |write| {
                                    format!("write {write} for a backslash")
                                });
                            self.report(fault);
                            '\\'
                        }
                    };
                    if simple != '\\' || next == Some('\\') {
                        self.at += 1;
                    }
                    out.push(simple);
                }
                c if is_newline(c) => return Some(self.unclosed_text(start, name)),
                c if is_forbidden(c) => {
                    let fault = self
                        .fault(
                            &text::SYNTAX,
                            at,
                            self.at,
                            format!("the character {} can't stand in a song", quoted(&c.to_string())),
                        )
                        .label("can't be read")
                        .mend([Edit::remove(self.span(at, self.at))], "take it out");
                    self.report(fault);
                }
                c => out.push(c),
            }
        }
    }

    /// How many bytes the text that begins here takes, quotes included: to its end, or to the end of the line
    /// (of the document, for a text of several lines) where it has none.
    pub(super) fn string_extent(&self) -> usize {
        let rest = self.rest();
        let hashes = rest.bytes().take_while(|b| *b == b'#').count();
        let body = &rest[hashes..];
        let quotes = if body.starts_with("\"\"\"") { 3 } else { 1 };
        let bytes = body.as_bytes();
        let mut at = quotes;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' if hashes == 0 => {
                    at += 1;
                    if bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                            at += 1;
                        }
                        continue;
                    }
                }
                b'"' if (quotes == 1 || body[at..].starts_with("\"\"\""))
                    && bytes[at + quotes..].iter().take_while(|b| **b == b'#').count() >= hashes =>
                {
                    return hashes + at + quotes + hashes;
                }
                b'\n' if quotes == 1 => return hashes + at,
                _ => {}
            }
            at += 1;
        }
        // An escape may have led after the end, or into a character.
        rest.len()
    }

    /// A text in one of the forms left to the `kdl` crate: raw, of several lines, with numbered escapes.
    fn foreign_text(&mut self, start: usize) -> Option<Value<'t>> {
        self.at = start;
        let extent = self.rest().floor_char_boundary(self.string_extent());
        let token = &self.rest()[..extent];
        self.at += extent;
        if let Some(inner) = one_line(token) {
            let hashes = &token[..token.len() - token.trim_start_matches('#').len()];
            let fault = self
                .fault(
                    &text::SYNTAX,
                    start,
                    self.at,
                    "a text between three quotes begins on the line after them".into(),
                )
                .label("all on one line")
                .write(Edit::replace(self.span(start, self.at), format!("{hashes}\"{inner}\"{hashes}")));
            self.report(fault);
            return None;
        }
        match foreign(token) {
            Ok(data) => Some(self.made(start, data)),
            Err(why) => {
                self.swallowed |= self.at == self.text.len();
                let end = start + token.find(is_newline).unwrap_or(token.len());
                let fault = self
                    .fault(&text::SYNTAX, start, end, why.0)
                    .label("this text can't be read")
                    .maybe_help(why.1);
                self.report(fault);
                None
            }
        }
    }
}

/// What stands between three quotes, raw or not, if it is all on one line.
fn one_line(token: &str) -> Option<&str> {
    let inner = token.trim_matches('#').strip_prefix("\"\"\"")?.strip_suffix("\"\"\"")?;
    (!inner.contains(is_newline)).then_some(inner)
}

/// Digits, a point or an exponent or both, digits.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mantissa = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    let signless = |text: &'_ str| digits(text.strip_prefix(['-', '+']).unwrap_or(text));
    mantissa && exponent.is_none_or(signless)
}

/// Reads one value with the `kdl` crate.
fn foreign<'t>(token: &str) -> Result<Data<'t>, (String, Option<String>)> {
    let document = KdlDocument::parse_v2(&format!("- {token}")).map_err(|error| {
        let first = error.diagnostics.first();
        let label = first.and_then(|first| first.message.clone().or_else(|| first.label.clone()));
        let help = first.and_then(|first| first.help.clone());
        (lower_first(label.as_deref().unwrap_or("this is not KDL")), help.map(|help| lower_first(&help)))
    })?;
    // Exactly one: what is after it must not get lost.
    let value = match document.nodes() {
        [node] if node.children().is_none() => match node.entries() {
            [entry] if entry.name().is_none() => Some(entry.value()),
            _ => None,
        },
        _ => None,
    };
    match value {
        Some(KdlValue::String(text)) => Ok(Data::Text(Cow::Owned(text.clone()))),
        Some(KdlValue::Integer(value)) => Ok(Data::Integer(*value)),
        Some(KdlValue::Float(value)) => Ok(Data::Float(*value)),
        Some(KdlValue::Bool(value)) => Ok(Data::Bool(*value)),
        Some(KdlValue::Null) => Ok(Data::Null),
        None => Err(("this is not a value".into(), None)),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

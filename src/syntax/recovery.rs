//! What musicians write that isn't KDL, said in their words: units without quotes, bare points, unquoted lanes.
//! Each is reported and then read as it was meant, so that the rest of the song is still checked.

use std::borrow::Cow;

use crate::diagnostic::codes::text;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{as_text, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::syntax::characters::{ends_token, is_newline, is_space};
use crate::syntax::scanner::{LOOK, Reader};
use crate::syntax::tree::{Data, Node, Value, Word};
use crate::syntax::vocabulary::{NodeForm, STEPS, find};
use crate::units::quantity::Quantity;

/// Quotes that typewriters and word processors make.
pub(super) const WRONG_QUOTES: [char; 6] = ['\'', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}'];

impl<'t> Reader<'t> {
    /// Puts `value` at `start..end`; shown as it stands in the song: `attack="5ms"`, or alone for an argument.
    fn edit(&self, start: usize, end: usize, name: Option<&Word<'t>>, value: &str) -> Edit {
        let edit = Edit::replace(self.span(start, end), value);
        match name {
            Some(name) => edit.showing(format!("{}=", name.text)),
            None => edit,
        }
    }

    /// Something that begins like a word or a number and isn't one.
    pub(super) fn odd_word(&mut self, name: Option<&Word<'t>>) -> Value<'t> {
        let start = self.at;
        if self.peek().is_some_and(|c| WRONG_QUOTES.contains(&c)) {
            return self.wrong_quotes(name);
        }
        let end = self.loose_end();
        let token = &self.text[start..end];
        if matches!(token, "null" | "inf" | "-inf" | "nan") {
            return self.no_value_at_all(end, name);
        }
        let keyword = match token {
            "true" => Some(Data::Bool(true)),
            "false" => Some(Data::Bool(false)),
            _ => None,
        };
        if let Some(data) = keyword {
            self.at = end;
            let fault = self
                .fault(&text::BARE_KEYWORD, start, end, format!("{} is written with a `#`", quoted(token)))
                .label("the `#` is missing here")
                .write(self.edit(start, end, name, &format!("#{token}")));
            self.report(fault);
            return self.made(start, data);
        }
        self.at = end;
        let unsigned = token.trim_start_matches(['-', '+']);
        let sign = &token[..token.len() - unsigned.len()];
        let pointed = if unsigned.starts_with('.') {
            Some(format!("{sign}0{unsigned}"))
        } else {
            unsigned.ends_with('.').then(|| format!("{token}0"))
        };
        if let Some(repaired) = pointed.filter(|text| text.parse::<f64>().is_ok()) {
            let side = if unsigned.starts_with('.') { "before" } else { "behind" };
            let fault = self
                .fault(
                    &text::BARE_POINT,
                    start,
                    end,
                    format!("{} lacks the digit {side} its point", quoted(token)),
                )
                .label("not a number")
                .write(self.edit(start, end, name, &repaired));
            self.report(fault);
            let value = repaired.parse().unwrap_or_default();
            return self.made(start, Data::Float(value));
        }
        self.needs_quotes(start, end, name)
    }

    /// Something that would be fine inside quotes.
    fn needs_quotes(&mut self, start: usize, end: usize, name: Option<&Word<'t>>) -> Value<'t> {
        self.at = end;
        let token = &self.text[start..end];
        // A list, as other languages write it.
        let list = token.strip_prefix('[').and_then(|list| list.strip_suffix(']')).filter(|_| name.is_some());
        if let Some(list) = list.map(|list| list.replace([',', '"', '\''], " ")) {
            let values = list.split_whitespace().collect::<Vec<_>>().join(" ");
            let shown = name.map_or_else(String::new, |name| format!("{}=", name.text));
            let fault = self
                .fault(&text::NEEDS_QUOTES, start, end, format!("{} must stand in quotes", quoted(token)))
                .label("not how a list is written")
                .write(Edit::replace(self.span(start, end), as_text(&values)).showing(shown));
            self.report(fault);
            return self.made(start, Data::Text(Cow::Owned(values)));
        }
        let meant = match Quantity::parse(token) {
            Err(fault) => fault.write.unwrap_or_else(|| token.to_owned()),
            Ok(_) => token.to_owned(),
        };
        let fault = self
            .fault(&text::NEEDS_QUOTES, start, end, format!("{} must stand in quotes", quoted(token)))
            .label("quotes are missing here")
            .write(self.edit(start, end, name, &as_text(&meant)));
        self.report(fault);
        self.made(start, Data::Text(Cow::Borrowed(token)))
    }

    /// Makes one diagnostic of those about the unquoted steps of one lane. `before` is how many there were before this
    /// node.
    pub(super) fn quote_lane(&mut self, node: &Node<'t>, before: usize) {
        let has_steps = |form: &NodeForm| form.args.iter().any(|arg| arg.name == STEPS);
        let (Some(first), Some(last)) = (node.args.get(1), node.args.last()) else {
            return;
        };
        let (start, end) = (first.span.start, last.span.end);
        let inside = |span: Option<Span>| span.is_some_and(|span| span.start >= start && span.end <= end);
        let unquoted = |fault: &Diagnostic| fault.code.id == text::NEEDS_QUOTES.id && inside(fault.span);
        if node.args.len() < 3
            || !find(&node.name.text).is_some_and(has_steps)
            || !(self.found[before..].iter().any(unquoted)
                || torn(&node.args[1..])
                || (node.name.text == "track" && node.prop("grid").is_none() && one_by_one(&node.args[1..])))
            || node.args[1..].iter().any(|arg| arg.raw.starts_with('"'))
            || node.props.iter().any(|prop| inside(Some(prop.name.span)))
        {
            return;
        }
        let mut kept = self.found.split_off(before);
        kept.retain(|fault| !unquoted(fault));
        self.found.append(&mut kept);
        let lane = &self.text[start as usize..end as usize];
        let fault = self
            .fault(
                &text::NEEDS_QUOTES,
                start as usize,
                end as usize,
                "these steps must stand in quotes".into(),
            )
            .label("quotes are missing around this")
            .write(self.edit(start as usize, end as usize, None, &as_text(lane)));
        self.report(fault);
    }

    /// Where something unquoted ends: at a blank, or, where brackets are open, after them.
    fn loose_end(&self) -> usize {
        let rest = self.rest();
        let near = &rest[..rest.floor_char_boundary(LOOK)];
        let mut open = 0usize;
        for (at, c) in near.char_indices() {
            match c {
                '[' | '(' | '<' => open += 1,
                ']' | ')' | '>' => open = open.saturating_sub(1),
                '"' | '=' | ';' => return self.at + at,
                _ if is_newline(c) => return self.at + at,
                _ if is_space(c) && open > 0 && near[at..].contains(is_closing) => {}
                _ if ends_token(c) => return self.at + at,
                '/' if at > 0 && (near[at..].starts_with("//") || near[at..].starts_with("/*")) => {
                    return self.at + at;
                }
                _ => {}
            }
        }
        self.at + near.len()
    }

    /// Where the list ends, quotes and all, that begins at the cursor as the value of `name`: `["c4", "e4"]`.
    fn list_end(&self, name: Option<&Word<'t>>) -> Option<usize> {
        let near = &self.rest()[..self.rest().floor_char_boundary(LOOK)];
        let line = &near[..near.find(is_newline).unwrap_or(near.len())];
        let inner = name.and(line.strip_prefix('['))?;
        let close = inner.find(']')?;
        (!inner[..close].contains('[')).then_some(self.at + close + 2)
    }

    /// Something that begins like no value at all.
    pub(super) fn unreadable(&mut self, name: Option<&Word<'t>>) -> Option<Value<'t>> {
        let start = self.at;
        match self.peek()? {
            '[' | '(' | ']' | ')' => {
                let end = self.list_end(name).unwrap_or_else(|| self.loose_end());
                if end > start {
                    return Some(self.needs_quotes(start, end, name));
                }
                None
            }
            '=' => {
                self.at += 1;
                let fault = self
                    .fault(&text::SYNTAX, start, self.at, "nothing stands before this `=`".into())
                    .label("a property is `name=value`")
                    .mend(
                        [Edit::remove(self.span(start, self.at))],
                        "take it out, or write a name before it",
                    );
                self.report(fault);
                None
            }
            '\\' => {
                self.at += 1;
                let fault = self
                    .fault(&text::SYNTAX, start, self.at, "a `\\` continues a line only at its end".into())
                    .label("something follows on the same line")
                    .mend(
                        [Edit::remove(self.span(start, self.at))],
                        "take it out, or begin a new line after it",
                    );
                self.report(fault);
                None
            }
            _ => {
                self.skip(|c| !ends_token(c) && c != '"');
                if self.at == start {
                    return None;
                }
                let token = &self.text[start..self.at];
                let fault = self
                    .fault(&text::SYNTAX, start, self.at, format!("{} can't be read", quoted(token)))
                    .label("neither a word, a number nor a text in quotes")
                    .write(self.edit(start, self.at, name, &as_text(token)));
                self.report(fault);
                None
            }
        }
    }

    /// A `#` that begins no keyword.
    pub(super) fn odd_hash(&mut self, name: Option<&Word<'t>>) -> Option<Value<'t>> {
        let start = self.at;
        let behind = self.rest()[1..].chars().next();
        if name.is_none() && behind.is_none_or(|c| is_space(c) || is_newline(c)) {
            self.comment_of(1);
            return None;
        }
        let end = self.loose_end().max(start + 1);
        let token = &self.text[start..end];
        self.at = end;
        let lower = token.to_ascii_lowercase();
        let meant = match lower.as_str() {
            "#yes" | "#on" | "#true" => Some("#true"),
            "#no" | "#off" | "#false" => Some("#false"),
            _ => None,
        };
        let fault = self
            .fault(&text::SYNTAX, start, end, format!("there is no {}", quoted(token)))
            .label("no such word");
        let fault = match meant {
            Some(meant) => fault.write(self.edit(start, end, name, meant)),
            None => fault.help("the words with `#` are `#true`, `#false` and `#null`"),
        };
        self.report(fault);
        None
    }

    /// A text in quotes of the wrong kind.
    fn wrong_quotes(&mut self, name: Option<&Word<'t>>) -> Value<'t> {
        let start = self.at;
        let rest = self.rest();
        let near = &rest[..rest.floor_char_boundary(LOOK)];
        let line = &near[..near.find(is_newline).unwrap_or(near.len())];
        let open = line.chars().next().map_or(0, char::len_utf8);
        let close = line[open..].find(WRONG_QUOTES).map(|at| open + at);
        let inner_end = close.unwrap_or_else(|| line.find(ends_token).unwrap_or(line.len()));
        let inner = &line[open..inner_end.max(open)];
        let plain = name.is_some() && inner.parse::<f64>().is_ok_and(f64::is_finite);
        self.at += close.map_or(inner_end, |at| at + line[at..].chars().next().map_or(0, char::len_utf8));
        let fault = self
            .fault(
                &text::WRONG_QUOTES,
                start,
                self.at,
                format!("{} has quotes that KDL doesn't know", quoted(&self.text[start..self.at])),
            )
            .label("not this kind of quotes")
            .write(self.edit(start, self.at, name, &if plain { inner.to_owned() } else { as_text(inner) }));
        self.report(fault);
        if let (true, Ok(number)) = (plain, inner.parse()) {
            return self.made(start, Data::Float(number));
        }
        self.made(start, Data::Text(Cow::Borrowed(inner)))
    }

    /// A text whose closing quote is missing: it is taken to end with its line.
    pub(super) fn unclosed_text(&mut self, start: usize, name: Option<&Word<'t>>) -> Value<'t> {
        self.at = start;
        self.skip(|c| !is_newline(c));
        let line = self.text[start..self.at].trim_end();
        // A block may begin at the end of the line; it is still wanted.
        let line = line.strip_suffix('{').map_or(line, str::trim_end);
        // So are the properties after it.
        let line = line
            .find('=')
            .and_then(|equals| line[..equals].rfind(' '))
            .map_or(line, |blank| line[..blank].trim_end());
        self.at = start + line.len();
        let inner = &line[1..];
        // A backslash at its end would take the quote for itself.
        let open = inner.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
        let quote = if open { "\\\"" } else { "\"" };
        let fault = self
            .fault(&text::UNCLOSED_TEXT, start, self.at, "this text has no closing quote".into())
            .label("opened here");
        let fault = if inner.len() > 40 {
            let end = self.span(self.at, self.at);
            fault.suggest(Edit::replace(end, quote), |write| format!("write {write} where the text ends"))
        } else {
            fault.write(self.edit(start, self.at, name, &format!("{line}{quote}")))
        };
        self.report(fault);
        self.made(start, Data::Text(Cow::Borrowed(inner)))
    }
}

/// Whether these are steps that stand one by one: `X . x .` would be four bars of a step each.
fn one_by_one(args: &[Value<'_>]) -> bool {
    args.len() > 2 && args.iter().all(|arg| matches!(arg.raw, "X" | "x" | "g" | "." | "-" | "_"))
}

/// Whether a space among unquoted steps has torn brackets apart: `<X .>` is two words to KDL.
fn torn(args: &[Value<'_>]) -> bool {
    let open = |text: &str| text.chars().filter(|c| *c == '<').count();
    let closed = |text: &str| text.chars().filter(|c| *c == '>').count();
    args.iter().any(|arg| open(arg.raw) != closed(arg.raw))
}

const fn is_closing(c: char) -> bool {
    matches!(c, ']' | ')' | '>')
}

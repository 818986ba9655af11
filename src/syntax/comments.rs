//! Comments in the manner of other languages: read as comments, and reported with what begins one here.

use crate::diagnostic::codes::text;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::syntax::characters::{is_newline, is_space};
use crate::syntax::scanner::{LOOK, Reader};
use crate::syntax::tree::Node;

/// What encloses comments elsewhere, on one line.
const ENCLOSING: [(&str, &str); 4] = [("<!--", "-->"), ("--[[", "]]"), ("{-", "-}"), ("(*", "*)")];
/// What begins a comment elsewhere that lasts to the end of its line.
const OPENING: [&str; 6] = ["--", "%", ";;", "REM", "rem", "'"];

impl Reader<'_> {
    /// Reads a line that is a comment elsewhere, whose first character is at the cursor; false if it is none.
    pub(super) fn foreign_comment(&mut self) -> bool {
        // Nearly all lines begin with the letter of a word.
        if !matches!(self.peek(), Some('<' | '-' | '{' | '(' | '%' | ';' | 'R' | 'r' | '\'')) {
            return false;
        }
        if let Some((open, close)) = ENCLOSING.iter().find(|(open, _)| self.sees(open)) {
            let near = &self.rest()[..self.rest().floor_char_boundary(LOOK)];
            let line = &near[..near.find(is_newline).unwrap_or(near.len())];
            if let Some(length) = line[open.len()..].find(close) {
                let (start, end) = (self.at, self.at + open.len() + length);
                self.at = end + close.len();
                let edits = [
                    Edit::replace(self.span(start, start + open.len()), "/*"),
                    Edit::replace(self.span(end, self.at), "*/"),
                ];
                let fault = self
                    .fault(
                        &text::WRONG_COMMENT,
                        start,
                        start + open.len(),
                        format!("a comment begins with `/*`, not with `{open}`"),
                    )
                    .label("begins no comment")
                    .mend(edits, format!("put it between `/*` and `*/` instead of `{open}` and `{close}`"));
                self.report(fault);
                return true;
            }
        }
        let opening = OPENING.iter().find(|open| self.sees(open));
        let Some(open) = opening.filter(|open| self.is_prose_after(open.len())) else {
            return false;
        };
        self.comment_of(open.len());
        true
    }

    /// Reads `-- a comment` after the entries of `node`, whose first character is at the cursor; false if there is none. Arrows and
    /// steps have dashes too.
    pub(super) fn trailing_comment(&mut self, node: &Node<'_>) -> bool {
        if !matches!(self.peek(), Some('-' | '%' | ';')) {
            return false;
        }
        let open = ["--", "%", ";;"].into_iter().find(|open| self.sees(open));
        let Some(open) = open.filter(|open| node.name.text != "route" && self.is_prose_after(open.len()))
        else {
            return false;
        };
        self.comment_of(open.len());
        true
    }

    /// Whether a space follows `length` bytes further on, and then something that is neither steps nor a property.
    fn is_prose_after(&self, length: usize) -> bool {
        let near = &self.rest()[..self.rest().floor_char_boundary(LOOK)];
        let line = &near[..near.find(is_newline).unwrap_or(near.len())];
        let rest = &line[length..];
        rest.starts_with(is_space)
            && rest.chars().any(|c| c.is_alphabetic() && !matches!(c, 'x' | 'X' | 'g'))
            && !rest.contains(['=', '"'])
    }

    /// A comment to the end of the line, which begins with so many bytes at the cursor.
    pub(super) fn comment_of(&mut self, length: usize) {
        let start = self.at;
        let open = &self.text[start..start + length];
        self.skip(|c| !is_newline(c));
        let fault = self
            .fault(
                &text::WRONG_COMMENT,
                start,
                start + length,
                format!("a comment begins with `//`, not with {}", quoted(open)),
            )
            .label("begins no comment")
            .suggest(Edit::replace(self.span(start, start + length), "//"), |write| {
                format!("write {write} instead of {}", quoted(open))
            });
        self.report(fault);
    }
}

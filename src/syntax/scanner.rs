//! A cursor over a text: blanks, comments, line ends.

use crate::diagnostic::code::Code;
use crate::diagnostic::codes::text;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::{SourceId, Span};
use crate::syntax::characters::{is_control, is_direction, is_forbidden, is_newline, is_space};

/// How far ahead or back is looked for what belongs together: a bound that keeps reading linear in the text.
pub(super) const LOOK: usize = 512;

/// A cursor over a text.
pub(super) struct Reader<'t> {
    /// The whole text.
    pub(super) text: &'t str,
    /// Where the cursor stands: always between two characters.
    pub(super) at: usize,
    source: SourceId,
    /// What has been reported so far.
    pub(super) found: Vec<Diagnostic>,
    /// What is odd but read all the same.
    pub(super) warnings: Vec<Diagnostic>,
    /// Whether blocks end where their indent does: set once a brace is known to be missing.
    pub(super) by_layout: bool,
    /// Where a block that was never closed ends, and what closes it with all blocks inside.
    pub(super) closing: Option<(usize, String)>,
    /// Whether a text or a comment that is never closed took the rest of the document.
    pub(super) swallowed: bool,
    /// Whether the text ended inside a block.
    pub(super) unclosed: bool,
}

impl<'t> Reader<'t> {
    pub(super) fn new(source: SourceId, text: &'t str, by_layout: bool) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self {
            text,
            at,
            source,
            found: Vec::new(),
            warnings: Vec::new(),
            by_layout,
            closing: None,
            swallowed: false,
            unclosed: false,
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if byte.is_ascii() => Some(*byte as char),
            Some(_) => self.text[self.at..].chars().next(),
            None => None,
        }
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn sees(&self, text: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(text.as_bytes())
    }

    pub(super) fn skip(&mut self, mut which: impl FnMut(char) -> bool) {
        while let Some(c) = self.peek() {
            if !which(c) {
                break;
            }
            self.at += c.len_utf8();
        }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    pub(super) fn fault(&self, code: &'static Code, start: usize, end: usize, message: String) -> Diagnostic {
        Diagnostic::new(code, self.span(start, end), message)
    }

    /// Skips blanks, `/* */` and continued lines; true if there were any.
    pub(super) fn blanks(&mut self) -> bool {
        let start = self.at;
        loop {
            self.skip(is_space);
            if self.sees("/*") {
                self.comment();
            } else if self.sees("\\") {
                let before = self.at;
                self.at += 1;
                loop {
                    self.skip(is_space);
                    if !self.sees("/*") {
                        break;
                    }
                    self.comment();
                }
                if self.sees("//") {
                    self.line_comment();
                }
                match self.peek() {
                    None => {}
                    Some(c) if is_newline(c) => self.newline(),
                    Some(_) => {
                        self.at = before;
                        break;
                    }
                }
            } else {
                break;
            }
        }
        self.at > start
    }

    pub(super) fn newline(&mut self) {
        if self.sees("\r\n") {
            self.at += 2;
        } else {
            self.at += self.peek().map_or(0, char::len_utf8);
        }
    }

    /// Skips everything that may stand between two nodes, or between `/-` and what it takes out.
    pub(super) fn lines(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                Some(c) if is_newline(c) => self.at += c.len_utf8(),
                Some('/') if self.sees("//") => self.line_comment(),
                _ => return,
            }
        }
    }

    /// Skips a comment up to the end of its line.
    pub(super) fn line_comment(&mut self) {
        let start = self.at;
        self.skip(|c| !is_newline(c));
        self.look_over(start);
    }

    /// Looks over the comment that begins at `start` and ends at the cursor.
    fn look_over(&mut self, start: usize) {
        let comment = &self.text[start..self.at];
        if comment.is_ascii() && !comment.bytes().any(|byte| is_control(char::from(byte))) {
            return;
        }
        let Some((at, c)) = comment.char_indices().find(|(_, c)| is_forbidden(*c)) else { return };
        let (from, to) = (start + at, start + at + c.len_utf8());
        let code = c as u32;
        if is_direction(c) {
            let fault = self
                .fault(
                    &text::TURNED_TEXT,
                    from,
                    to,
                    format!("the character U+{code:04X} turns the direction of what is shown round"),
                )
                .label("can't be seen")
                .mend(
                    [Edit::remove(self.span(from, to))],
                    "take the character out: with it, a text may say something else than it shows",
                );
            self.warnings.push(fault);
        } else {
            let fault = self
                .fault(&text::SYNTAX, from, to, format!("the character U+{code:04X} can't stand in a song"))
                .label("take this out")
                .mend([Edit::remove(self.span(from, to))], "take the character out");
            self.report(fault);
        }
    }

    /// Skips a comment in `/* */`, which may have others inside.
    pub(super) fn comment(&mut self) {
        let start = self.at;
        let mut depth = 0usize;
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            match &bytes[self.at..] {
                [b'/', b'*', ..] => {
                    depth += 1;
                    self.at += 2;
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        self.look_over(start);
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
        let line =
            &self.text[start..start + self.text[start..].find(is_newline).unwrap_or(bytes.len() - start)];
        let line = line.trim_end();
        self.swallowed = true;
        let open = line.matches("/*").count().saturating_sub(line.matches("*/").count()).max(1);
        let end = self.span(start, start + line.len());
        let fault = self
            .fault(&text::UNCLOSED_COMMENT, start, start + 2, "this comment is never closed".into())
            .label("begins here")
            .suggest(Edit::after(end, " */".repeat(open)), |write| {
                format!("write {write} where the comment ends")
            });
        self.report(fault);
    }

    /// The blanks before the cursor, if there is nothing else before it on its line.
    pub(super) fn indent(&self) -> Option<usize> {
        // No further back than any indent goes: a song may be one long line.
        let from = self.text.floor_char_boundary(self.at.saturating_sub(LOOK));
        let line = match self.text[from..self.at].rfind('\n') {
            Some(end) => from + end + 1,
            None if from == 0 => 0,
            None => return None,
        };
        let before = &self.text[line..self.at];
        before.bytes().all(|b| b == b' ' || b == b'\t').then_some(before.len())
    }
}

//! The texts that are read together, and where their lines begin.

use std::ops::Range;
use std::sync::OnceLock;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::diagnostic::quote::{dangerous, printable};
use crate::diagnostic::span::{SourceId, Span};

/// Bytes of a line from which on only the part around a place is drawn.
const LONG_LINE: usize = 400;

/// One text.
#[derive(Clone, Debug)]
pub struct SourceText {
    name: String,
    text: String,
    /// Where its lines begin. Like `shown`, it is made by the first diagnostic that asks for it.
    lines: OnceLock<Vec<u32>>,
    /// What a terminal may get of it, if that isn't the text itself.
    shown: OnceLock<Option<String>>,
    /// Where in another text it is used, if it is.
    used: Option<Span>,
}

/// A place as editors count: from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl SourceText {
    /// A text under the name that diagnostics call it by, usually the path as the user wrote it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let (lines, shown) = (OnceLock::new(), OnceLock::new());
        Self { name: name.into(), text: text.into(), lines, shown, used: None }
    }

    /// The same text, brought in by the line at `span` of another.
    #[must_use]
    pub fn used_at(self, span: Span) -> Self {
        Self { used: Some(span), ..self }
    }

    /// The name that diagnostics call it by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            // `\r\n` ends a line once, at its second byte.
            let ends = self.text.bytes().enumerate().filter(|(at, byte)| match byte {
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                byte => *byte == b'\n',
            });
            std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    /// The text as it is shown: a terminal must never get control characters from a song.
    fn shown(&self) -> &str {
        let shown = self.shown.get_or_init(|| self.text.chars().any(hidden).then(|| visible(&self.text)));
        shown.as_deref().unwrap_or(&self.text)
    }

    /// The position of byte `offset`.
    pub fn position(&self, offset: usize) -> SourcePosition {
        let line = self.line(offset);
        let start = self.lines()[line] as usize;
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        SourcePosition { line: line + 1, column: before.chars().count() + 1 }
    }

    /// The index of the line that holds byte `offset`.
    fn line(&self, offset: usize) -> usize {
        self.lines().partition_point(|start| *start as usize <= offset) - 1
    }

    /// As much of `span` as can be drawn: on its first line, and not too much of that.
    pub fn drawable(&self, span: Span) -> Span {
        let (start, end) = (span.start as usize, span.end as usize);
        let line = self.bytes_of_lines(self.line(start), self.line(start));
        let most = self.text.floor_char_boundary(start + LONG_LINE / 2);
        Span { end: end.min(line.end.max(start)).min(most) as u32, ..span }
    }

    /// Whether any line from one offset to another is too long to be drawn whole.
    pub fn crowded(&self, from: usize, to: usize) -> bool {
        (self.line(from)..=self.line(to)).any(|line| self.bytes_of_lines(line, line).len() > LONG_LINE)
    }

    /// The bytes of lines `first..=last`, without the last line's end.
    fn bytes_of_lines(&self, first: usize, last: usize) -> Range<usize> {
        let start = self.lines()[first] as usize;
        let end = self.lines().get(last + 1).map_or(self.text.len(), |next| *next as usize - 1);
        start..end.max(start)
    }
}

fn hidden(c: char) -> bool {
    dangerous(c) && !matches!(c, '\t' | '\n')
}

/// `text` with a sign of as many bytes in place of each character that a terminal would obey, so that all places stay. Every line
/// ends as miette counts them.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(match c.len_utf8() {
            _ if c == '\r' => {
                if rest.peek() == Some(&'\n') {
                    ' '
                } else {
                    '\n'
                }
            }
            _ if !hidden(c) => c,
            1 => '?',
            2 => '\u{bf}',
            _ => '\u{fffd}',
        });
    }
    out
}

impl SourceCode for SourceText {
    /// By the table of lines: a report of many errors in a long song stays quick.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let mut first = self.line(span.offset()).saturating_sub(before);
        let mut last =
            (self.line(end.saturating_sub(1).max(span.offset())) + after).min(self.lines().len() - 1);
        let mut range = self.bytes_of_lines(first, last);
        if self.crowded(range.start, range.end) {
            first = self.line(span.offset());
            last = self.line(end.max(span.offset()));
            let whole = self.bytes_of_lines(first, last);
            let around = LONG_LINE / 4;
            range.start = self.text.ceil_char_boundary(span.offset().saturating_sub(around)).max(whole.start);
            range.end = self.text.floor_char_boundary(end + around).min(whole.end);
        }
        let mut column = 0;
        if before == 0 {
            range.start = span.offset();
            column = self.position(span.offset()).column - 1;
        }
        range.end = range.end.max(end);
        let shown = self.shown();
        Ok(Box::new(MietteSpanContents::new_named(
            printable(&self.name).into_owned(),
            &shown.as_bytes()[range.clone()],
            (range.start, range.len()).into(),
            first,
            column,
            last - first + 1,
        )))
    }
}

/// All texts that are read together.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    all: Vec<SourceText>,
}

impl Sources {
    /// Takes a text in.
    pub fn add(&mut self, source: SourceText) -> SourceId {
        self.all.push(source);
        SourceId(self.all.len() as u32 - 1)
    }

    /// The text of `id`.
    pub fn get(&self, id: SourceId) -> Option<&SourceText> {
        self.all.get(id.0 as usize)
    }

    /// By which lines the text of `id` came in: the nearest first, the song's own last.
    pub fn chain(&self, id: SourceId) -> Vec<(&str, SourcePosition)> {
        let mut chain = Vec::new();
        let mut at = self.get(id).and_then(|source| source.used);
        while let Some((span, source)) = at.and_then(|span| Some((span, self.get(span.source)?))) {
            chain.push((source.name(), source.position(span.start as usize)));
            // A text is used by one that was there before: so this ends.
            at = source.used.filter(|next| next.source < span.source);
        }
        chain
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The bytes of a place; nothing if it is outside its text.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source)
            .and_then(|source| source.text.get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{SourcePosition, SourceText};

    #[test]
    fn columns_count_characters() {
        let source = SourceText::new("a", "one\nzwö x\n");
        assert_eq!(source.position(0), SourcePosition { line: 1, column: 1 });
        assert_eq!(source.position(3), SourcePosition { line: 1, column: 4 });
        assert_eq!(source.position(9), SourcePosition { line: 2, column: 5 });
        assert_eq!(source.position(11), SourcePosition { line: 3, column: 1 });
    }

    #[test]
    fn lines_end_as_editors_have_it() {
        for end in ["\n", "\r\n", "\r"] {
            let source = SourceText::new("a", format!("one{end}two{end}{end}four"));
            let of = |word: &str| source.position(source.text().find(word).unwrap());
            assert_eq!(of("two"), SourcePosition { line: 2, column: 1 }, "{end:?}");
            assert_eq!(of("four"), SourcePosition { line: 4, column: 1 }, "{end:?}");
        }
    }

    #[test]
    fn control_characters_are_not_shown() {
        let source = SourceText::new("a", "a\u{1b}[31mb");
        assert_eq!(source.shown(), "a?[31mb");
        let source = SourceText::new("a", "\t\r\nb\rc\u{9b}d\u{202e}e\u{61c}f");
        let shown = "\t \nb\nc\u{bf}d\u{fffd}e\u{bf}f";
        assert_eq!((source.shown(), source.text.len()), (shown, shown.len()));
    }
}

//! How diagnostics look on a terminal.

use std::fmt::{self, Display, Write};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use textwrap::core::Word;
use textwrap::{WordSeparator, WordSplitter};

use crate::diagnostic::code::Severity;
use crate::diagnostic::quote::{counted, front_cut, printable};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{SourceText, Sources};
use crate::diagnostic::span::Span;

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Characters only: for files, pipes and tests.
    Plain,
    /// With the colours of a terminal.
    Colour,
}

/// The columns that a diagnostic takes at most, apart from the song's own long lines.
const WIDTH: usize = 80;

/// Characters of a path that are shown; a program gets all of them.
const LONGEST_PATH: usize = 48;

/// Draws `diagnostic` with the lines of the song around it; ends with a line break.
pub fn graphical(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    graphical_within(diagnostic, sources, style, WIDTH)
}

/// The same in at most `width` columns, at least 20, apart from the song's own long lines.
pub fn graphical_within(diagnostic: &Diagnostic, sources: &Sources, style: Style, width: usize) -> String {
    let source = diagnostic.span.and_then(|span| sources.get(span.source));
    let theme = match style {
        Style::Plain => GraphicalTheme::unicode_nocolor(),
        Style::Colour => GraphicalTheme::unicode(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width.clamp(20, WIDTH))
        .with_links(false)
        .with_break_words(false)
        .with_word_separator(WordSeparator::Custom(words))
        .with_word_splitter(WordSplitter::NoHyphenation);
    let mut out = String::new();
    let seen = RenderedDiagnostic { diagnostic, source };
    if handler.render_report(&mut out, &seen).is_err() {
        out = format!("{}: {}\n", diagnostic.code.id, printable(&diagnostic.message));
    }
    let mut out = tidy(&out);
    let chain = diagnostic.span.map(|span| sources.chain(span.source)).unwrap_or_default();
    for (name, position) in chain {
        // A string takes all.
        let _ = writeln!(out, "  used in {}:{}:{}", printable(name), position.line, position.column);
    }
    out
}

/// The words of a message, between which its line may break: what stands in backticks is one word, so that it can be copied.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut rest = line;
    Box::new(std::iter::from_fn(move || {
        let mut ticks = rest.matches('`').count();
        let mut quoted = false;
        let mut blank = false;
        let end = rest.find(|character| {
            if character == '`' {
                ticks -= 1;
                // One without a partner quotes nothing.
                quoted = !quoted && ticks > 0;
            }
            let starts = blank && character != ' ';
            blank = character == ' ' && !quoted;
            starts
        });
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        (!word.is_empty()).then(|| Word::from(word))
    }))
}

/// Without blanks at line ends and with one line break at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.trim_matches('\n').lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A diagnostic through the eyes of miette.
#[derive(Debug)]
struct RenderedDiagnostic<'a> {
    diagnostic: &'a Diagnostic,
    source: Option<&'a SourceText>,
}

impl Display for RenderedDiagnostic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&front_cut(&printable(&self.diagnostic.message), LONGEST_PATH))
    }
}

impl std::error::Error for RenderedDiagnostic<'_> {}

impl miette::Diagnostic for RenderedDiagnostic<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.diagnostic.code.id))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.code.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.diagnostic.help.as_ref().map(|help| Box::new(printable(help)) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (span, source) = (self.diagnostic.span?, self.source?);
        let text = |label: &str| (!label.is_empty()).then(|| printable(label).into_owned());
        let place = move |span: Span| {
            let span = source.drawable(span);
            (span.start as usize, span.len())
        };
        let first = LabeledSpan::new_primary_with_span(text(&self.diagnostic.label), place(span));
        let near = move |other: Span| {
            let (from, to) = (span.start.min(other.start), span.start.max(other.start));
            other.source == span.source && !source.crowded(from as usize, to as usize)
        };
        let others = self
            .diagnostic
            .others
            .iter()
            .filter(move |(other, _)| near(*other))
            .map(move |(other, label)| LabeledSpan::new_with_span(text(label), place(*other)));
        Some(Box::new(std::iter::once(first).chain(others)))
    }
}

/// "2 errors, 1 warning in song.kdl", or nothing where there is neither.
pub fn summary(diagnostics: &[Diagnostic], name: &str) -> Option<String> {
    let name = printable(name);
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.len() - errors;
    match (errors, warnings) {
        (0, 0) => None,
        (0, _) => Some(format!("{} in {name}", counted(warnings, "warning"))),
        (_, 0) => Some(format!("{} in {name}", counted(errors, "error"))),
        _ => Some(format!("{}, {} in {name}", counted(errors, "error"), counted(warnings, "warning"))),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn what_stands_in_backticks_is_not_broken() {
        let found = |line: &'static str| words(line).map(|word| word.to_string()).collect::<Vec<_>>();
        assert_eq!(found("if so:  write `git add a/b` now"), ["if", "so:", "write", "`git add a/b`", "now"]);
        assert_eq!(found("a lone ` breaks as usual"), ["a", "lone", "`", "breaks", "as", "usual"]);
        assert_eq!(found("`a b` or `c"), ["`a b`", "or", "`c"]);
        assert!(found("").is_empty());
    }
}

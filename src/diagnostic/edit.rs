//! What a diagnostic proposes to write, and where.

use crate::diagnostic::span::Span;

/// A replacement: the bytes of `span` become `text`.
///
/// The help that reports it is made from it (`Diagnostic::write`, `Diagnostic::suggest`), so that what people read and
/// what editors apply are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; a point where `text` is only inserted. It may lie in another text than the diagnostic.
    pub span: Span,
    /// What is written there; empty where `span` is only taken out.
    pub text: String,
    /// What the help shows before `text`: it stands before `span` already.
    context: String,
}

impl Edit {
    /// `text` instead of what stands at `span`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into(), context: String::new() }
    }

    /// `text` before what stands at `place`.
    pub fn before(place: Span, text: impl Into<String>) -> Self {
        Self::replace(Span { end: place.start, ..place }, text)
    }

    /// `text` after what stands at `place`.
    pub fn after(place: Span, text: impl Into<String>) -> Self {
        Self::replace(Span { start: place.end, ..place }, text)
    }

    /// Nothing instead of what stands at `span`.
    pub fn remove(span: Span) -> Self {
        Self::replace(span, "")
    }

    /// Shows `context` before the text: what stands before the span already, such as `tempo=` before a value.
    #[must_use]
    pub fn showing(self, context: impl Into<String>) -> Self {
        Self { context: context.into(), ..self }
    }

    /// What is written, in backticks, with what stands before it.
    pub fn shown(&self) -> String {
        format!("`{}`", format!("{}{}", self.context, self.text).trim())
    }
}

#[cfg(test)]
mod tests {
    use super::Edit;
    use crate::diagnostic::span::{SourceId, Span};

    #[test]
    fn edits_show_what_they_write() {
        let span = Span::new(SourceId(0), 6, 10);
        assert_eq!(Edit::replace(span, "999").showing("tempo=").shown(), "`tempo=999`");
        assert_eq!(Edit::after(span, " by=1").shown(), "`by=1`");
        assert_eq!((Edit::after(span, "x").span.start, Edit::after(span, "x").span.end), (10, 10));
        assert_eq!((Edit::before(span, "x").span.start, Edit::before(span, "x").span.end), (6, 6));
        assert_eq!(Edit::remove(span).text, "");
    }
}

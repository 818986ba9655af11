//! One diagnostic: a code, what is wrong in the user's words, where, and what to write.

use crate::diagnostic::code::{Code, Severity};
use crate::diagnostic::span::Span;

/// Something to say about a song.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Which kind of thing.
    pub code: &'static Code,
    /// What is wrong, small first letter, naming the user's thing.
    pub message: String,
    /// Where; `None` if it is about the file as a whole.
    pub span: Option<Span>,
    /// A few words at that place.
    pub label: String,
    /// What to write.
    pub help: Option<String>,
    /// Other places that belong to it.
    pub others: Vec<(Span, String)>,
}

impl Diagnostic {
    /// A diagnostic at `span`.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span: Some(span),
            label: String::new(),
            help: None,
            others: Vec::new(),
        }
    }

    /// A diagnostic about a file as a whole.
    pub fn of_file(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span: None,
            label: String::new(),
            help: None,
            others: Vec::new(),
        }
    }

    /// Says so at the place itself.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Says what to write.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Says what to write, if that is known.
    #[must_use]
    pub fn maybe_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// Points at another place as well.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.others.push((span, label.into()));
        self
    }

    /// Whether the song can't be played because of it.
    pub fn is_error(&self) -> bool {
        self.code.severity == Severity::Error
    }
}

//! One diagnostic: a code, what is wrong in the user's words, where, and what to write.

use crate::diagnostic::code::{Code, Severity};
use crate::diagnostic::edit::Edit;
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
    /// The edits that do what the help says, all together; none where there is a choice that only the user can make.
    pub fix: Vec<Edit>,
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
            fix: Vec::new(),
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
            fix: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Says so at the place itself.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Proposes `edit` and says so: "write `…`".
    #[must_use]
    pub fn write(self, edit: Edit) -> Self {
        self.suggest(edit, |written| format!("write {written}"))
    }

    /// Proposes `edit` in a sentence, which gets what is written in backticks.
    #[must_use]
    pub fn suggest(self, edit: Edit, sentence: impl FnOnce(&str) -> String) -> Self {
        let help = sentence(&edit.shown());
        self.mend([edit], help)
    }

    /// Proposes `edits`, which belong together and must not overlap, and says what they do: for what can't be shown as one
    /// text that is written, such as what is taken out or moved.
    #[must_use]
    pub fn mend(self, edits: impl IntoIterator<Item = Edit>, help: impl Into<String>) -> Self {
        Self { fix: edits.into_iter().collect(), ..self.help(help) }
    }

    /// Says more after what to write.
    #[must_use]
    pub fn also_help(self, more: &str) -> Self {
        Self { help: self.help.map(|help| help + more), ..self }
    }

    /// Says what can be done where only the user can choose: nothing is proposed to editors.
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

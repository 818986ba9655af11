//! All diagnostics of one pass, put in order.

use crate::diagnostic::codes::song::TOO_MANY_ERRORS;
use crate::diagnostic::report::Diagnostic;

/// How many are said of one song.
const MOST: usize = 500;

/// From so many on nothing more is looked for.
pub const ENOUGH: usize = 4 * MOST;

/// Collects diagnostics.
#[derive(Clone, Debug, Default)]
pub struct Bag {
    all: Vec<Diagnostic>,
}

impl Bag {
    /// Takes a diagnostic in.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.all.push(diagnostic);
    }

    /// Whether any diagnostic so far keeps the song from being played.
    pub fn has_errors(&self) -> bool {
        self.all.iter().any(Diagnostic::is_error)
    }

    /// How many errors so far.
    pub fn errors(&self) -> usize {
        self.all.iter().filter(|one| one.is_error()).count()
    }

    /// Takes several in.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.all.extend(diagnostics);
    }

    /// How many so far.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none so far.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Everything, sorted by place. Of several at the very same place the first one said stays: what is found later
    /// there only follows from it.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        // Stable, so that equal places keep the order in which they were said.
        self.all.sort_by_key(|diagnostic| diagnostic.span);
        self.all.dedup_by(|later, earlier| later.span.is_some() && later.span == earlier.span);
        if self.all.len() > MOST {
            self.all.truncate(MOST);
            let diagnostic =
                Diagnostic::of_file(&TOO_MANY_ERRORS, format!("there is more than these {MOST}"))
                    .help("mend these first: many of the others may only follow from them");
            self.all.push(diagnostic);
        }
        self.all
    }
}

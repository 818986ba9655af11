//! All diagnostics of one pass, put in order.

use crate::diagnostic::codes::song::{TOO_MANY_ERRORS, TOO_MANY_WARNINGS};
use crate::diagnostic::report::Diagnostic;

/// How many are said of one song.
const MOST: usize = 500;

/// From so many errors on nothing more is looked for. Warnings don't count: what they are about plays.
pub const MAX_ERRORS: usize = 4 * MOST;

/// Collects diagnostics.
#[derive(Clone, Debug, Default)]
pub struct Bag {
    all: Vec<Diagnostic>,
    errors: usize,
}

impl Bag {
    /// Takes a diagnostic in.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.is_error());
        self.all.push(diagnostic);
    }

    /// Whether any diagnostic so far keeps the song from being played.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors so far.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Takes several in.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// How many so far.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none so far.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Everything, sorted by place. Of several at the very same place the first error stays, or the first warning: what is
    /// found later there only follows from it.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        // Stable, so that equal places keep the order in which they were said.
        self.all.sort_by_key(|diagnostic| (diagnostic.span, !diagnostic.is_error()));
        self.all.dedup_by(|later, earlier| later.span.is_some() && later.span == earlier.span);
        if self.all.len() > MOST {
            // No error is left out for a warning.
            let errors = self.all.iter().filter(|one| one.is_error()).count();
            let (code, mut room) = match errors {
                0 => (&TOO_MANY_WARNINGS, MOST),
                _ => (&TOO_MANY_ERRORS, MOST.saturating_sub(errors)),
            };
            self.all.retain(|one| {
                let fits = one.is_error() || room > 0;
                room = room.saturating_sub(usize::from(!one.is_error()));
                fits
            });
            self.all.truncate(MOST);
            let diagnostic = Diagnostic::of_file(code, format!("there is more than these {MOST}"))
                .help("mend these first: many of the others may only follow from them");
            self.all.push(diagnostic);
        }
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::{Bag, MOST};
    use crate::diagnostic::codes::routes::NEEDLESS_FEEDBACK;
    use crate::diagnostic::codes::song::{NO_LENGTH, TOO_MANY_ERRORS, TOO_MANY_WARNINGS};
    use crate::diagnostic::report::Diagnostic;
    use crate::diagnostic::span::{SourceId, Span};

    fn said(warnings: usize, errors: usize) -> (usize, usize, &'static str) {
        let mut bag = Bag::default();
        for place in 0..warnings + errors {
            let code = if place < warnings { &NEEDLESS_FEEDBACK } else { &NO_LENGTH };
            bag.push(Diagnostic::new(code, Span::new(SourceId(0), place, place + 1), "so"));
        }
        assert_eq!((bag.errors(), bag.has_errors()), (errors, errors > 0));
        let sorted = bag.into_sorted();
        let errors = sorted.iter().filter(|one| one.code.id == NO_LENGTH.id).count();
        (sorted.len(), errors, sorted.last().map_or("", |last| last.code.id))
    }

    #[test]
    fn a_warning_gives_way_to_an_error_at_its_place() {
        let mut bag = Bag::default();
        for code in [&NEEDLESS_FEEDBACK, &NO_LENGTH, &NO_LENGTH] {
            bag.push(Diagnostic::new(code, Span::new(SourceId(0), 1, 2), "so"));
        }
        let sorted = bag.into_sorted();
        assert_eq!(sorted.iter().map(|one| one.code.id).collect::<Vec<_>>(), [NO_LENGTH.id]);
    }

    #[test]
    fn no_error_is_left_out_for_a_warning() {
        assert_eq!(said(MOST, 0), (MOST, 0, NEEDLESS_FEEDBACK.id));
        assert_eq!(said(MOST + 1, 0), (MOST + 1, 0, TOO_MANY_WARNINGS.id));
        assert_eq!(said(MOST, 3), (MOST + 1, 3, TOO_MANY_ERRORS.id));
        assert_eq!(said(3, MOST + 3), (MOST + 1, MOST, TOO_MANY_ERRORS.id));
    }
}

//! A cursor over the text of a lane, shared by steps, pitches and values.

use std::ops::Range;

use crate::diagnostic::bag::Bag;
use crate::diagnostic::code::Code;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::report::Diagnostic;
use crate::syntax::tree::Value;

/// How many steps or values a lane can have once its repetitions are written out.
pub const LONGEST_LANE: usize = 65_536;

/// A cursor over the text of a value.
pub(super) struct LaneCursor<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    /// Where the cursor stands: always between two characters.
    pub(super) at: usize,
    /// What closes each open bracket, the innermost last.
    pub(super) open: Vec<char>,
    /// How many alternatives have been written out of repetitions.
    pub(super) written_out: usize,
    value: &'a Value<'a>,
    bag: &'a mut Bag,
    reported: usize,
}

impl<'a> LaneCursor<'a> {
    /// At the start of `value`; nothing if it is no text.
    pub(super) fn new(value: &'a Value<'a>, bag: &'a mut Bag) -> Option<Self> {
        Some(Self { text: value.text()?, at: 0, open: Vec::new(), written_out: 0, value, bag, reported: 0 })
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// Skips blanks; true if there were any.
    pub(super) fn blanks(&mut self) -> bool {
        self.run(char::is_whitespace).start < self.at
    }

    /// Skips while `which` holds, and says over what.
    pub(super) fn run(&mut self, which: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        let rest = &self.text[start..];
        self.at += rest.find(|c| !which(c)).unwrap_or(rest.len());
        start..self.at
    }

    /// A whole number without a sign, held at the greatest that fits.
    pub(super) fn number(&mut self) -> Option<u32> {
        let digits = self.run(|c| c.is_ascii_digit());
        (!digits.is_empty()).then(|| self.text[digits].parse().unwrap_or(u32::MAX))
    }

    /// A diagnostic at bytes `at` of the text.
    pub(super) fn fault(&self, code: &'static Code, at: Range<usize>, message: String) -> Diagnostic {
        Diagnostic::new(code, self.value.place(at), message)
    }

    /// Puts `text` in the place of bytes `at` of the text.
    pub(super) fn edit(&self, at: Range<usize>, text: &str) -> Edit {
        self.value.edit(at, text)
    }

    /// Whether so much is wrong with this lane that more would not help.
    pub(super) fn enough(&self) -> bool {
        const MOST: usize = 6;
        self.reported >= MOST
    }

    /// Says what is wrong, unless [`Self::enough`] is.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.enough() {
            self.bag.push(diagnostic);
        }
        self.reported += 1;
    }

    /// Goes to the end and says nothing more of this lane.
    pub(super) fn give_up(&mut self) {
        self.at = self.text.len();
        self.reported = usize::MAX / 2;
    }

    /// Whether nothing has been reported.
    pub(super) fn clean(&self) -> bool {
        self.reported == 0
    }
}

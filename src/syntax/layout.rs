//! A text as it is laid out: nodes, entries, comments, breaks and blank lines in order, nothing left out. Only for
//! texts in which the reader found no fault.

use std::borrow::Cow;

use crate::syntax::characters::{is_newline, is_space};
use crate::syntax::scanner::Reader;

/// What stands between two braces, or in the whole text.
#[derive(Debug, Default)]
pub(super) struct LayoutBlock<'t> {
    /// In order.
    pub(super) items: Vec<LayoutItem<'t>>,
    /// The comment after the opening brace, on its line.
    pub(super) note: Option<&'t str>,
    /// It is written on one line.
    pub(super) one_line: bool,
}

/// What has a line of its own.
#[derive(Debug)]
pub(super) struct LayoutItem<'t> {
    /// Whether a line is left free before it.
    pub(super) blank: bool,
    /// What it is.
    pub(super) what: LayoutContent<'t>,
}

#[derive(Debug)]
pub(super) enum LayoutContent<'t> {
    /// Comments alone.
    Comments(Vec<&'t str>),
    /// A node.
    Node(LayoutLine<'t>),
}

/// A node as it is written.
#[derive(Debug, Default)]
pub(super) struct LayoutLine<'t> {
    /// Comments before it on its line.
    pub(super) lead: Vec<&'t str>,
    /// Whether `/-` takes it out.
    pub(super) dashed: bool,
    /// Its name, quotes included.
    pub(super) name: &'t str,
    /// What follows its name, in order.
    pub(super) pieces: Vec<LayoutPiece<'t>>,
    /// The comment that ends its line.
    pub(super) note: Option<&'t str>,
}

#[derive(Debug)]
pub(super) enum LayoutPiece<'t> {
    /// An argument or a property as it is written, without blanks around its `=`.
    Entry { text: Cow<'t, str>, dashed: bool },
    /// A comment inside the line.
    Comment(&'t str),
    /// The line goes on after a `\`, with the comments that stand after it.
    Break(Vec<&'t str>),
    /// A block.
    Block { block: LayoutBlock<'t>, dashed: bool },
}

impl LayoutLine<'_> {
    /// Whether it has a block, taken out or not.
    pub(super) fn has_block(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, LayoutPiece::Block { .. }))
    }
}

fn ends_line(comment: &str) -> bool {
    comment.starts_with("//")
}

impl<'t> Reader<'t> {
    /// The layout of the whole text.
    pub(super) fn layout(&mut self) -> LayoutBlock<'t> {
        let mut all = LayoutBlock::default();
        while self.at < self.text.len() {
            let block = self.items(false);
            all.items.extend(block.items);
            // Only a brace ends the items before the text does, and a text without faults has none to spare.
            self.at += usize::from(self.peek() == Some('}'));
        }
        all
    }

    /// Reads what has lines of its own, up to the end of the text or to a closing brace, which stays.
    fn items(&mut self, braced: bool) -> LayoutBlock<'t> {
        let start = self.at;
        let mut block = LayoutBlock::default();
        let mut lead: Vec<&'t str> = Vec::new();
        let mut newlines = 0usize;
        let mut blank = false;
        loop {
            match self.peek() {
                None | Some('}') => {
                    block.settle(&mut lead, newlines, blank, braced);
                    block.one_line = !self.text[start..self.at].contains(is_newline);
                    return block;
                }
                Some(c) if is_newline(c) => {
                    self.newline();
                    if !lead.is_empty() {
                        block.settle(&mut lead, newlines, blank, braced);
                        newlines = 0;
                    }
                    newlines += 1;
                    blank = newlines > 1 && !block.items.is_empty();
                }
                Some(c) if is_space(c) || c == ';' => self.at += c.len_utf8(),
                Some('/') if self.sees("//") || self.sees("/*") => lead.push(self.remark()),
                Some('\\') => lead.extend(self.continuation()),
                Some(_) => {
                    let mut line = LayoutLine::default();
                    if self.sees("/-") {
                        self.at += 2;
                        lead.extend(self.gap());
                        line.dashed = true;
                        if matches!(self.peek(), None | Some('}')) {
                            lead.push("/-");
                            continue;
                        }
                    }
                    // What ends a line can't stand before a node.
                    if let Some(last) = lead.iter().rposition(|comment| ends_line(comment)) {
                        let rest = lead.split_off(last + 1);
                        block.settle(&mut lead, newlines, blank, braced);
                        (lead, blank) = (rest, false);
                    }
                    line.lead = std::mem::take(&mut lead);
                    self.line(&mut line);
                    let blank = std::mem::take(&mut blank);
                    newlines = 0;
                    block.items.push(LayoutItem { blank, what: LayoutContent::Node(line) });
                }
            }
        }
    }

    /// Reads a node from its name to its end, which stays.
    fn line(&mut self, line: &mut LayoutLine<'t>) {
        let start = self.at;
        self.value(None);
        line.name = &self.text[start..self.at];
        loop {
            let start = self.at;
            match self.peek() {
                None | Some(';' | '}') => break,
                Some(c) if is_newline(c) => break,
                Some(c) if is_space(c) => self.at += c.len_utf8(),
                Some('/') if self.sees("//") => {
                    line.note = Some(self.remark());
                    break;
                }
                Some('/') if self.sees("/*") => {
                    let comment = self.remark();
                    line.pieces.push(LayoutPiece::Comment(comment));
                }
                Some('\\') => {
                    let comments = self.continuation();
                    line.pieces.push(LayoutPiece::Break(comments));
                }
                Some('/') if self.sees("/-") => {
                    self.at += 2;
                    line.hoist(self.gap());
                    match self.peek() {
                        None | Some('}') => line.entry("/-".into(), false),
                        _ => self.piece(line, true),
                    }
                }
                Some(_) => self.piece(line, false),
            }
            if self.at == start {
                self.at += self.peek().map_or(0, char::len_utf8);
            }
        }
        line.end();
    }

    /// Reads an entry or a block.
    fn piece(&mut self, line: &mut LayoutLine<'t>, dashed: bool) {
        if self.peek() == Some('{') {
            self.at += 1;
            let block = self.items(true);
            self.at += usize::from(self.peek() == Some('}'));
            line.pieces.push(LayoutPiece::Block { block, dashed });
            return;
        }
        let start = self.at;
        self.value(None);
        let name = self.at;
        self.blanks();
        if self.peek() != Some('=') {
            self.at = name;
            line.entry(self.text[start..name].into(), dashed);
            return;
        }
        let before = &self.text[name..self.at];
        self.at += 1;
        let equals = self.at;
        self.blanks();
        let (value, after) = (self.at, &self.text[equals..self.at]);
        self.value(None);
        let text = if before.contains('/') || after.contains('/') {
            // Comments inside a property stay as they are.
            Cow::Borrowed(&self.text[start..self.at])
        } else if before.is_empty() && after.is_empty() {
            Cow::Borrowed(&self.text[start..self.at])
        } else {
            Cow::Owned(format!("{}={}", &self.text[start..name], &self.text[value..self.at]))
        };
        line.entry(text, dashed);
    }

    /// Reads a comment of either kind, without blanks at its end.
    fn remark(&mut self) -> &'t str {
        let start = self.at;
        if self.sees("//") {
            self.skip(|c| !is_newline(c));
        } else {
            self.comment();
        }
        self.text[start..self.at].trim_end()
    }

    /// Reads a `\` and what follows it up to the next line; returns the comments.
    fn continuation(&mut self) -> Vec<&'t str> {
        self.at += 1;
        let mut comments = Vec::new();
        loop {
            self.skip(is_space);
            if self.sees("/*") || self.sees("//") {
                comments.push(self.remark());
                continue;
            }
            if self.peek().is_some_and(is_newline) {
                self.newline();
            }
            return comments;
        }
    }

    /// Reads what stands between `/-` and what it takes out; returns the comments.
    fn gap(&mut self) -> Vec<&'t str> {
        let mut comments = Vec::new();
        loop {
            match self.peek() {
                Some(c) if is_newline(c) || is_space(c) || c == ';' => self.at += c.len_utf8(),
                Some('/') if self.sees("//") || self.sees("/*") => comments.push(self.remark()),
                Some('\\') => comments.extend(self.continuation()),
                _ => return comments,
            }
        }
    }
}

impl<'t> LayoutBlock<'t> {
    /// Puts comments where they belong: after the node or the brace on whose line they stand, else on a line of their
    /// own. `newlines` have been seen since the last item.
    fn settle(&mut self, lead: &mut Vec<&'t str>, newlines: usize, blank: bool, braced: bool) {
        let mut comments = std::mem::take(lead);
        if newlines == 0 && comments.last().is_some_and(|last| *last != "/-") {
            match self.items.last_mut().map(|item| &mut item.what) {
                Some(LayoutContent::Node(line)) if line.note.is_none() => {
                    line.hoist(comments);
                    line.end();
                    return;
                }
                None if braced && comments.len() == 1 && ends_line(comments[0]) => {
                    self.note = comments.pop();
                    return;
                }
                _ => {}
            }
        }
        let mut blank = blank;
        for group in comments.split_inclusive(|comment| ends_line(comment)) {
            self.items.push(LayoutItem { blank, what: LayoutContent::Comments(group.to_vec()) });
            blank = false;
        }
    }
}

impl<'t> LayoutLine<'t> {
    fn entry(&mut self, text: Cow<'t, str>, dashed: bool) {
        self.pieces.push(LayoutPiece::Entry { text, dashed });
    }

    /// Comments inside the line; one that ends its line makes a break.
    fn hoist(&mut self, comments: Vec<&'t str>) {
        for comment in comments {
            self.pieces.push(if ends_line(comment) {
                LayoutPiece::Break(vec![comment])
            } else {
                LayoutPiece::Comment(comment)
            });
        }
    }

    /// Takes out breaks that lead nowhere.
    fn end(&mut self) {
        while let Some(LayoutPiece::Break(comments)) = self.pieces.last_mut() {
            if comments.last().is_some_and(|last| ends_line(last)) {
                if self.note.is_some() {
                    return;
                }
                self.note = comments.pop();
            }
            let comments = std::mem::take(comments);
            self.pieces.pop();
            self.pieces.extend(comments.into_iter().map(LayoutPiece::Comment));
        }
        // A brace needs no break before it, and two breaks are one.
        let mut kept: Vec<LayoutPiece<'t>> = Vec::with_capacity(self.pieces.len());
        for piece in std::mem::take(&mut self.pieces) {
            if let Some(LayoutPiece::Break(before)) = kept.last()
                && before.is_empty()
                && matches!(piece, LayoutPiece::Break(_) | LayoutPiece::Block { .. })
            {
                kept.pop();
            }
            kept.push(piece);
        }
        self.pieces = kept;
    }
}

//! Reads the plain KDL that songs use, quickly, and reports what is wrong on the way. Values that it doesn't know
//! itself go to the `kdl` crate, which is the authority on the grammar.

use std::borrow::Cow;

use crate::diagnostic::bag::{Bag, MAX_ERRORS};
use crate::diagnostic::codes::{files, text};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::{SourceId, Span};
use crate::syntax::characters::{ends_token, is_newline, is_space};
use crate::syntax::scanner::{LOOK, Reader};
use crate::syntax::tree::{Data, Node, Prop, Value, Word};

/// How deep blocks may stand in each other.
pub const DEEPEST: usize = 64;

/// How long a song's text may be, in bytes.
pub const LONGEST: usize = 1 << 20;

/// Reads a whole text. What is wrong with it goes into `bag`; the rest is in the tree.
pub fn read<'t>(source: SourceId, text: &'t str, bag: &mut Bag) -> Vec<Node<'t>> {
    if text.len() > LONGEST {
        bag.push(
            Diagnostic::of_file(&files::TOO_LARGE, "the song is longer than 1 MiB of text")
                .help("a song can have 1,048,576 bytes; move parts of it into other songs"),
        );
        return Vec::new();
    }
    let mut reader = Reader::new(source, text, false);
    let nodes = reader.document();
    if !reader.unclosed {
        bag.extend(reader.found);
        bag.extend(reader.warnings);
        return nodes;
    }
    // Somewhere a brace is missing. Where, only the layout can tell: read again and go by it.
    let mut reader = Reader::new(source, text, true);
    let nodes = reader.document();
    bag.extend(reader.found);
    bag.extend(reader.warnings);
    nodes
}

/// What stood where an argument or property may stand.
pub(super) enum Entry<'t> {
    Arg(Value<'t>),
    Prop(Prop<'t>),
    /// Nothing of use, and reported.
    Broken,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Vec<Node<'t>> {
        let mut all = Vec::new();
        loop {
            all.append(&mut self.nodes(0, None));
            if self.at >= self.text.len() {
                return all;
            }
            if self.found.len() >= MAX_ERRORS {
                return all;
            }
            // Only a brace ends the nodes before the text does.
            let fault = self
                .fault(
                    &text::STRAY_BRACE,
                    self.at,
                    self.at + 1,
                    "this `}` closes nothing: every block is closed already".into(),
                )
                .label("one too many")
                .mend(
                    [Edit::remove(self.span(self.at, self.at + 1))],
                    "take it out, or write the `{` that it should close",
                );
            self.report(fault);
            self.at += 1;
        }
    }

    /// Reads nodes up to the end of the text or to a closing brace, which stays. `layout` is the indent of the node
    /// whose block this is.
    pub(super) fn nodes(&mut self, depth: usize, layout: Option<usize>) -> Vec<Node<'t>> {
        let mut nodes: Vec<Node<'t>> = Vec::new();
        loop {
            if self.found.len() >= MAX_ERRORS {
                self.at = self.text.len();
            }
            self.lines();
            if self.sees(";;") && self.foreign_comment() {
                continue;
            }
            match self.peek() {
                None | Some('}') => return nodes,
                // Without a node before it, it says nothing.
                Some(';') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            let indent = self.indent();
            if self.by_layout && matches!((layout, indent), (Some(outer), Some(indent)) if indent <= outer) {
                return nodes;
            }
            if self.sees("/-") {
                let start = self.at;
                self.at += 2;
                self.lines();
                if matches!(self.peek(), None | Some('{' | '}' | ';')) {
                    self.takes_out_nothing(start);
                    if self.peek() == Some('{') {
                        drop(self.block(self.at, depth, indent));
                    }
                } else {
                    self.node(depth, indent);
                    self.end_of_node();
                }
                continue;
            }
            if self.foreign_comment() {
                continue;
            }
            if self.peek() == Some('{') {
                self.stray_block(depth, indent, nodes.last_mut());
                continue;
            }
            let node = self.node(depth, indent);
            self.end_of_node();
            nodes.push(node);
        }
    }

    /// Reads one node, from its name to its terminator.
    fn node(&mut self, depth: usize, indent: Option<usize>) -> Node<'t> {
        let start = self.at;
        let mut node = Node {
            name: Word { text: Cow::Borrowed(""), span: self.span(start, start) },
            args: Vec::new(),
            props: Vec::new(),
            children: None,
            braces: None,
            span: self.span(start, start),
            broken: false,
        };
        let found = self.found.len();
        if let Some(word) = self.node_name() {
            node.span = word.span;
            if !self.assignment(&word) {
                node.name = word;
            }
        } else {
            node.broken = true;
        }
        self.entries(&mut node, depth, indent);
        self.quote_lane(&node, found);
        self.mend_order(&mut node, found);
        self.mend_arrows(&mut node, found);
        node.broken |= self.found.len() > found;
        node
    }

    /// Reads what follows a node's name.
    fn entries(&mut self, node: &mut Node<'t>, depth: usize, indent: Option<usize>) {
        // A block that is taken out ends the entries as any other does.
        let mut taken_out = false;
        loop {
            if self.found.len() >= MAX_ERRORS {
                self.at = self.text.len();
            }
            let spaced = self.blanks();
            let start = self.at;
            match self.peek() {
                None | Some(';' | '}') => return,
                Some(c) if is_newline(c) => return,
                Some('/') if self.sees("//") => return,
                Some('{') => {
                    if let Some(steps) = self.braced_steps(node) {
                        node.args.truncate(1);
                        node.span = node.span.to(steps.span);
                        node.args.push(steps);
                        continue;
                    }
                    let (block, closed) = self.block(start, depth, indent);
                    if node.children.is_some() {
                        let fault = self
                            .fault(
                                &text::STRAY_BRACE,
                                start,
                                start + 1,
                                format!("{} has two blocks", quoted(&node.name.text)),
                            )
                            .label("the second one");
                        // The brace that closes the first block and the one that opens the second make room for a new line.
                        let before = self.text[..start].trim_end();
                        let join = before
                            .strip_suffix('}')
                            .map(|before| Edit::replace(self.span(before.len(), start + 1), "\n"));
                        let fault = fault.mend(join, "put everything into one block");
                        self.report(fault);
                    }
                    node.children.get_or_insert(block);
                    node.braces.get_or_insert(self.span(start, self.at));
                    if closed {
                        continue;
                    }
                    return;
                }
                Some('/') if self.sees("/-") => {
                    let after_block = taken_out || node.children.is_some();
                    self.at += 2;
                    self.lines();
                    if after_block && self.begins_node() {
                        self.at = start;
                        self.node_after_block();
                        return;
                    }
                    if !spaced {
                        self.space_missing(start);
                    }
                    match self.peek() {
                        Some('{') => {
                            taken_out = true;
                            drop(self.block(self.at, depth, indent));
                        }
                        None | Some('}' | ';') => self.takes_out_nothing(start),
                        Some(_) if after_block => self.behind_block(),
                        Some(_) => drop(self.entry()),
                    }
                    continue;
                }
                Some(_) => {}
            }
            if spaced && self.trailing_comment(node) {
                return;
            }
            if taken_out || node.children.is_some() {
                if self.begins_node() {
                    self.node_after_block();
                    return;
                }
                self.behind_block();
                continue;
            }
            if !spaced && start > node.span.start as usize {
                self.space_missing(start);
            }
            match self.entry() {
                Entry::Arg(value) => {
                    node.span = node.span.to(value.span);
                    node.args.push(value);
                }
                Entry::Prop(prop) => {
                    node.span = node.span.to(prop.value.span);
                    node.props.push(prop);
                }
                Entry::Broken => {}
            }
            if self.at == start {
                // Whatever it is, it must not be read for ever.
                self.skip(|c| !ends_token(c));
                if self.at == start {
                    self.at += self.peek().map_or(0, char::len_utf8);
                }
            }
        }
    }

    /// Reads an argument or a property.
    pub(super) fn entry(&mut self) -> Entry<'t> {
        self.annotation();
        let start = self.at;
        let Some(value) = self.value(None) else {
            return Entry::Broken;
        };
        let behind = self.at;
        if self.peek() != Some('=') {
            self.blanks();
            if self.peek() != Some('=') {
                self.at = behind;
                return Entry::Arg(value);
            }
        }
        let Data::Text(name) = value.data else {
            let fault = self
                .fault(
                    &text::SYNTAX,
                    start,
                    behind,
                    format!("{} can't be the name of a property", quoted(value.raw)),
                )
                .label("a name begins with a letter");
            self.report(fault);
            self.at += 1;
            self.blanks();
            self.value(None);
            return Entry::Broken;
        };
        let name = Word { text: name, span: value.span };
        self.at += 1;
        self.blanks();
        self.annotation();
        match self.peek() {
            None | Some(';' | '{' | '}') => self.no_value(&name),
            Some(c) if is_newline(c) => self.no_value(&name),
            Some('/') if self.sees("//") => self.no_value(&name),
            Some(_) => match self.value(Some(&name)) {
                Some(value) => Entry::Prop(Prop { name, value }),
                None => Entry::Broken,
            },
        }
    }

    fn no_value(&mut self, name: &Word<'t>) -> Entry<'t> {
        let start = name.span.start as usize;
        let end = self.text[..self.at].trim_end().len().max(start);
        let fault = self
            .fault(&text::MISSING_VALUE, start, end, format!("{} has no value", quoted(&name.text)))
            .label("nothing follows the `=`");
        let fault = if self.peek() == Some('{') {
            // Elsewhere a name is given to a block by `=`.
            let equals = Edit::remove(self.with_blanks(name.span.end as usize, end));
            fault.mend([equals], format!("take the `=` out: write `{} {{`", name.text))
        } else {
            let all = Edit::remove(self.with_blanks(start, end));
            fault.mend([all], format!("write a value after `{}=`, or leave it out", name.text))
        };
        self.report(fault);
        Entry::Broken
    }

    /// Skips a type annotation, which means nothing in a song.
    pub(super) fn annotation(&mut self) {
        if self.peek() != Some('(') {
            return;
        }
        let start = self.at;
        let near = &self.rest()[..self.rest().floor_char_boundary(LOOK)];
        let line = near.find(is_newline).unwrap_or(near.len());
        let Some(close) = near[..line].find(')') else {
            return;
        };
        self.at += close + 1;
        let fault = self
            .fault(
                &text::TYPE_ANNOTATION,
                start,
                self.at,
                format!(
                    "the type annotation {} has no meaning in a song",
                    quoted(&self.text[start..self.at])
                ),
            )
            .label("means nothing");
        let inner = self.text[start..self.at].trim_matches(['(', ')']).trim();
        let is_name = inner.starts_with(|c: char| c.is_ascii_lowercase())
            && inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let ends = self.peek().is_none_or(ends_token);
        let whole = Edit::replace(self.span(start, self.at), if is_name && ends { inner } else { "" });
        let fault = if is_name && ends {
            // With nothing to stand before, it is what others put into brackets.
            fault.suggest(whole, |write| format!("write {write} without the brackets"))
        } else {
            fault.mend([whole], "take it out")
        };
        self.report(fault);
        self.blanks();
    }

    /// The place `start..end` with the blanks before it: what is taken out with an entry.
    fn with_blanks(&self, start: usize, end: usize) -> Span {
        let before = self.text[..start].trim_end_matches(is_space).len();
        // Blanks at the start of a line are its indent.
        let indent = self.text[..before].ends_with(is_newline) || before == 0;
        self.span(if indent { start } else { before }, end)
    }
}

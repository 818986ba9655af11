//! Blocks in braces, and braces that are too many, too few or in the wrong place.

use crate::diagnostic::codes::text;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::syntax::characters::{ends_token, is_newline, is_space};
use crate::syntax::reader::DEEPEST;
use crate::syntax::scanner::Reader;
use crate::syntax::tree::Node;

impl<'t> Reader<'t> {
    /// Reads the block whose `{` stands at `open`, closing brace included; false if it has none.
    pub(super) fn block(
        &mut self,
        open: usize,
        depth: usize,
        indent: Option<usize>,
    ) -> (Vec<Node<'t>>, bool) {
        self.at = open + 1;
        if depth + 1 > DEEPEST {
            let fault = self
                .fault(
                    &text::TOO_DEEP,
                    open,
                    open + 1,
                    format!("blocks stand more than {DEEPEST} deep in each other"),
                )
                .label(format!("level {}", depth + 1))
                .help(format!("the limit is {DEEPEST} levels"));
            self.report(fault);
            self.skip_block();
            return (Vec::new(), true);
        }
        let nodes = self.nodes(depth + 1, indent);
        if self.peek() == Some('}') {
            self.at += 1;
            return (nodes, true);
        }
        if !self.by_layout {
            self.unclosed = true;
        }
        let next = self.rest().lines().next().unwrap_or_default().trim();
        let place = if next.is_empty() {
            "on a line at the end of the block".into()
        } else {
            format!("on a line before {}", quoted(next))
        };
        let end = self.text[..self.at].trim_end().len().max(open + 1);
        // Blocks inside that end here too must be closed first.
        let inner = self.closing.take().filter(|(at, _)| *at == end).map(|(_, braces)| braces);
        let braces = format!("{}\n{}}}", inner.unwrap_or_default(), " ".repeat(indent.unwrap_or_default()));
        self.closing = Some((end, braces.clone()));
        // After what swallows the rest a brace would be part of it.
        let edit = (!self.swallowed).then(|| Edit::replace(self.span(end, end), braces));
        let fault = self
            .fault(&text::UNCLOSED_BLOCK, open, open + 1, "this block is never closed".into())
            .label("opened here")
            .mend(edit, format!("write `}}` {place}"));
        self.report(fault);
        (nodes, false)
    }

    /// A block that stands where a node should: usually the brace slipped to the next line.
    pub(super) fn stray_block(&mut self, depth: usize, indent: Option<usize>, before: Option<&mut Node<'t>>) {
        let fault = self.fault(
            &text::STRAY_BRACE,
            self.at,
            self.at + 1,
            "this block belongs to no node: its `{` must stand on the node's own line".into(),
        );
        let open = self.at;
        match before {
            Some(node) if node.children.is_none() => {
                let head = self.head(node);
                let (end, broken) = (node.span.end as usize, node.broken);
                let between = &self.text[end..open];
                let fault = fault.label(format!("move this behind {}", quoted(head)));
                let fault = if between.trim().is_empty() {
                    let moved = Edit::replace(self.span(end, open + 1), " {");
                    fault.write(moved.showing(head))
                } else {
                    let moved =
                        [Edit::replace(self.span(end, end), " {"), Edit::remove(self.span(open, open + 1))];
                    fault.mend(
                        moved.into_iter().filter(|_| !broken),
                        format!("put its `{{` after {}", quoted(head)),
                    )
                };
                self.report(fault);
                node.children = Some(self.block(open, depth, indent).0);
                node.braces = Some(self.span(open, self.at));
                node.broken = true;
            }
            _ => {
                let fault = fault.label("whose is this?").help("write the node's name before its `{`");
                self.report(fault);
                self.block(open, depth, indent);
            }
        }
    }

    /// A node's header as it is written, if that is short.
    pub(super) fn head(&self, node: &Node<'t>) -> &'t str {
        let head = &self.text[node.span.start as usize..node.span.end as usize];
        if head.len() > 60 || head.contains(is_newline) {
            &self.text[node.name.span.start as usize..node.name.span.end as usize]
        } else {
            head
        }
    }

    pub(super) fn space_missing(&mut self, at: usize) {
        let fault = self
            .fault(&text::MISSING_SPACE, at, at, "a space is missing here".into())
            .label("between these two")
            .mend([Edit::replace(self.span(at, at), " ")], "write a space before the next value");
        self.report(fault);
    }

    /// Skips the `;` that ends a node, if one does.
    pub(super) fn end_of_node(&mut self) {
        if self.peek() == Some(';') {
            self.at += 1;
        }
    }

    /// A `/-` at `start` with nothing after it that it could take out.
    pub(super) fn takes_out_nothing(&mut self, start: usize) {
        let fault = self
            .fault(&text::SYNTAX, start, start + 2, "this `/-` takes nothing out".into())
            .label("nothing follows that it could take out")
            .mend([Edit::remove(self.span(start, start + 2))], "take the `/-` out");
        self.report(fault);
    }

    /// Whether a node begins here, by its name: neither a number, a keyword nor a property.
    pub(super) fn begins_node(&self) -> bool {
        let mut ahead = self.rest().chars();
        let named = match (ahead.next(), ahead.next()) {
            (Some('"'), _) | (Some('#'), Some('"' | '#')) => true,
            (Some('-'), Some(second)) => !second.is_ascii_digit() && !ends_token(second),
            (Some(first), _) => !first.is_ascii_digit() && !matches!(first, '#' | '(') && !ends_token(first),
            (None, _) => false,
        };
        let name = if self.peek() == Some('"') {
            self.string_extent()
        } else {
            self.rest().find(ends_token).unwrap_or(self.rest().len())
        };
        named && !self.rest()[name..].trim_start_matches(is_space).starts_with('=')
    }

    /// A node begins on the line of the block before it, which ends at its closing brace.
    pub(super) fn node_after_block(&mut self) {
        let start = self.at;
        self.behind_block();
        self.at = start;
    }

    /// Something stands on the line after a closing brace.
    pub(super) fn behind_block(&mut self) {
        let start = self.at;
        self.skip(|c| !is_newline(c) && !matches!(c, ';' | '{' | '}'));
        let end = start + self.text[start..self.at].trim_end().len();
        let fault = self
            .fault(
                &text::MISSING_SPACE,
                start,
                end,
                format!("{} stands behind a `}}`", quoted(&self.text[start..end])),
            )
            .label("belongs on a line of its own")
            .mend([Edit::replace(self.span(start, start), "\n")], "begin a new line after `}`");
        self.report(fault);
    }

    /// Skips to after the brace that closes the current block, without going deeper by recursion.
    pub(super) fn skip_block(&mut self) {
        let mut depth = 1usize;
        while let Some(c) = self.peek() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                '"' => {
                    self.at += self.string_extent();
                    continue;
                }
                '/' if self.sees("//") => self.line_comment(),
                '/' if self.sees("/*") => {
                    self.comment();
                    continue;
                }
                _ => {}
            }
            self.at += self.peek().map_or(0, char::len_utf8);
            if depth == 0 {
                return;
            }
        }
    }
}

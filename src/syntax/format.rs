//! The canonical form of a text: indents, blanks, columns. What a song says, and every comment in it, stays.

use crate::diagnostic::bag::Bag;
use crate::diagnostic::span::SourceId;
use crate::syntax::layout::{LayoutBlock, LayoutContent, LayoutItem, LayoutLine, LayoutPiece};
use crate::syntax::reader::read;
use crate::syntax::scanner::Reader;
use crate::syntax::tree::Node;
use crate::syntax::vocabulary::find;

/// Columns that a line with a block on it may take.
const WIDE: usize = 100;

/// A name longer than this has no say in how wide its column is.
const LONG: usize = 24;

/// Columns up to which comments at the ends of lines are brought under each other.
const FAR: usize = 80;

/// Blanks before a comment at the end of a line.
const APART: usize = 2;

/// The canonical form of `text`, or nothing if it has faults, which go into `bag`.
///
/// Lines end as the first of them does. Formatting twice is formatting once.
pub fn format(source: SourceId, text: &str, bag: &mut Bag) -> Option<String> {
    let mut found = Bag::default();
    let before = read(source, text, &mut found);
    if found.has_errors() {
        bag.extend(found.into_sorted());
        return None;
    }
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let layout = Reader::new(source, text, false).layout();
    block(&layout, 0, &mut out);
    let out = if text.contains('\r') { out.replace("\r\n", "\n") } else { out };
    let after = read(source, &out, &mut found);
    let fine = !found.has_errors() && same(&before, &after);
    debug_assert!(fine, "{text:?} became {out:?}");
    // A layout that would say something else is worse than none.
    if !fine {
        return Some(text.to_owned());
    }
    let first = text.find('\n').is_some_and(|end| text[..end].ends_with('\r'));
    Some(if first { out.replace('\n', "\r\n") } else { out })
}

/// Whether two trees say the same, wherever it stands.
fn same(one: &[Node<'_>], other: &[Node<'_>]) -> bool {
    let said = |node: &Node<'_>| -> Vec<String> {
        let args = node.args.iter().map(|arg| format!("{:?}", arg.data));
        let props = node.props.iter().map(|prop| format!("{}={:?}", prop.name.text, prop.value.data));
        args.chain(props).collect()
    };
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| {
            a.name.text == b.name.text
                && said(a) == said(b)
                && a.children.is_some() == b.children.is_some()
                && same(a.block(), b.block())
        })
}

/// A line that is written but for its comment.
struct PendingLine<'t> {
    text: String,
    note: Option<&'t str>,
}

/// Writes what stands in a block, `depth` blocks deep.
fn block(block: &LayoutBlock<'_>, depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    let mut pending: Vec<PendingLine<'_>> = Vec::new();
    let columns = columns(&block.items);
    for (item, columns) in block.items.iter().zip(columns) {
        if item.blank {
            flush(&mut pending, out);
            out.push('\n');
        }
        match &item.what {
            LayoutContent::Comments(comments) => {
                let text = format!("{indent}{}", comments.join(" "));
                pending.push(PendingLine { text, note: None });
            }
            LayoutContent::Node(line) => {
                let text = written(line, columns, depth, false);
                if !text.contains('\n') {
                    pending.push(PendingLine { text, note: line.note });
                    continue;
                }
                flush(&mut pending, out);
                out.push_str(&text);
                if let Some(note) = line.note {
                    // After a break the comment has a line for itself.
                    let apart = if text.ends_with(' ') { 0 } else { APART };
                    out.push_str(&" ".repeat(apart));
                    out.push_str(note);
                }
                out.push('\n');
            }
        }
    }
    flush(&mut pending, out);
}

/// Writes lines with their comments under each other.
fn flush(pending: &mut Vec<PendingLine<'_>>, out: &mut String) {
    let noted = pending.iter().filter(|line| line.note.is_some());
    let wide = noted.map(|line| width(&line.text)).filter(|wide| *wide <= FAR).max().unwrap_or_default();
    for line in pending.drain(..) {
        out.push_str(&line.text);
        if let Some(note) = line.note {
            let blanks = wide.saturating_sub(width(&line.text)) + APART;
            out.push_str(&" ".repeat(blanks));
            out.push_str(note);
        }
        out.push('\n');
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// How wide the first two words of a line are to be.
type Columns = (usize, usize);

/// What stands in columns: modules and knobs under each other, tracks under tracks.
fn class<'t>(line: &LayoutLine<'t>) -> Option<&'t str> {
    if !line.lead.is_empty() {
        return None;
    }
    match line.name {
        "track" | "pattern" | "lock" => Some(line.name),
        "knob" => Some(""),
        name => find(name).is_none().then_some(""),
    }
}

/// The columns of each item: those of the lines around it that are of its class, without a blank line or anything else
/// between.
fn columns(items: &[LayoutItem<'_>]) -> Vec<Columns> {
    let mut columns = vec![(0, 0); items.len()];
    let mut run: Vec<usize> = Vec::new();
    let mut of: Option<&str> = None;
    let mut wide: Columns = (0, 0);
    for (place, item) in items.iter().enumerate() {
        let line = match &item.what {
            LayoutContent::Comments(_) if !item.blank => continue,
            LayoutContent::Comments(_) => None,
            LayoutContent::Node(line) => Some(line),
        };
        let this = line.and_then(class);
        if item.blank || this.is_none() || this != of {
            run.drain(..).for_each(|place| columns[place] = wide);
            wide = (0, 0);
        }
        of = this;
        let (Some(line), Some(_)) = (line, this) else { continue };
        run.push(place);
        let counted = |text: &str| Some(width(text)).filter(|wide| *wide <= LONG).unwrap_or_default();
        if let Some(LayoutPiece::Entry { text, dashed: false }) = line.pieces.first() {
            wide.0 = wide.0.max(counted(line.name) + dash(line.dashed).len());
            if matches!(line.pieces.get(1), Some(LayoutPiece::Entry { .. })) && !text.contains('\n') {
                wide.1 = wide.1.max(counted(text));
            }
        }
        // What follows a block is too far away to stand under what precedes it.
        if line.has_block() {
            of = None;
        }
    }
    run.drain(..).for_each(|place| columns[place] = wide);
    columns
}

const fn dash(dashed: bool) -> &'static str {
    if dashed { "/-" } else { "" }
}

/// A node as it is to stand, without the comment at its end; `flat` keeps its blocks on its line. Only if they can't be
/// kept there does it have a line's end in it then.
fn written(line: &LayoutLine<'_>, columns: Columns, depth: usize, flat: bool) -> String {
    let mut text = "    ".repeat(depth);
    for comment in &line.lead {
        text.push_str(comment);
        text.push(' ');
    }
    let start = text.len();
    text.push_str(dash(line.dashed));
    text.push_str(line.name);
    let mut broken = false;
    for (place, piece) in line.pieces.iter().enumerate() {
        if let LayoutPiece::Break(comments) = piece {
            text.push_str(if broken { "\\" } else { " \\" });
            for comment in comments {
                text.push(' ');
                text.push_str(comment);
            }
            text.push('\n');
            text.push_str(&"    ".repeat(depth + 1));
            broken = true;
            continue;
        }
        if !std::mem::take(&mut broken) {
            let wide = match (place, piece) {
                (0, LayoutPiece::Entry { dashed: false, .. }) => columns.0,
                (1, LayoutPiece::Entry { .. }) if columns.1 > 0 => columns.0 + 1 + columns.1,
                _ => 0,
            };
            let aligned = matches!(line.pieces.first(), Some(LayoutPiece::Entry { dashed: false, .. }));
            let blanks = if aligned { wide.saturating_sub(width(&text[start..])) } else { 0 };
            text.push_str(&" ".repeat(blanks + 1));
        }
        match piece {
            LayoutPiece::Entry { text: entry, dashed } => {
                text.push_str(dash(*dashed));
                text.push_str(entry);
            }
            LayoutPiece::Comment(comment) => text.push_str(comment),
            LayoutPiece::Break(_) => {}
            LayoutPiece::Block { block, dashed } => {
                text.push_str(dash(*dashed));
                // Blocks in blocks are tried on one line from the outermost in, each only once for each of those.
                if !flat {
                    braces(block, depth, &mut text);
                } else if let Some(inside) = on_one_line(block) {
                    text.push_str(&inside);
                } else {
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Writes a block with its braces.
fn braces(of: &LayoutBlock<'_>, depth: usize, text: &mut String) {
    if let Some(inside) = on_one_line(of) {
        let before = text.rsplit('\n').next().unwrap_or_default();
        if width(before) + width(&inside) <= WIDE {
            text.push_str(&inside);
            return;
        }
    }
    text.push('{');
    if let Some(note) = of.note {
        text.push_str(&" ".repeat(APART));
        text.push_str(note);
    }
    text.push('\n');
    block(of, depth + 1, text);
    text.push_str(&"    ".repeat(depth));
    text.push('}');
}

/// A block with its braces on one line, if it was written and can stand there.
fn on_one_line(block: &LayoutBlock<'_>) -> Option<String> {
    if !block.one_line {
        return None;
    }
    let mut lines = Vec::new();
    for item in &block.items {
        match &item.what {
            LayoutContent::Node(line) if line.note.is_none() => lines.push(written(line, (0, 0), 0, true)),
            _ => return None,
        }
    }
    let inside = lines.join("; ");
    if block.note.is_some() || inside.contains('\n') {
        return None;
    }
    Some(if inside.is_empty() { "{}".into() } else { format!("{{ {inside} }}") })
}

//! `fmt`: a text that can be formatted settles at once, says the same afterwards, and loses nothing.

use chronus::diagnostic::bag::Bag;
use chronus::diagnostic::span::SourceId;
use chronus::syntax::format::format;
use chronus::syntax::reader::read;
use chronus::syntax::tree::Node;

/// Formats `data`.
pub fn fmt(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some(once) = formatted(&text) else { return };
    assert_eq!(formatted(&once).as_deref(), Some(once.as_str()), "{text:?} settles later");
    assert_eq!(tree(&text), tree(&once), "{text:?} says something else");
    assert_eq!(bare(&text), bare(&once), "{text:?} loses something");
    // Comments and texts of several lines may have blank lines inside.
    assert!(!once.contains("\n\n\n") || once.contains("/*") || once.contains("\"\"\""), "{once:?}");
    assert!(!once.starts_with('\n'), "{once:?}");
    assert!(once.is_empty() || once.ends_with('\n'), "{once:?}");
}

fn formatted(text: &str) -> Option<String> {
    format(SourceId(0), text, &mut Bag::default())
}

/// What nodes say, without places.
fn said(nodes: &[Node<'_>]) -> String {
    let of = |node: &Node<'_>| {
        let args: Vec<String> = node.args.iter().map(|arg| format!("{:?}", arg.data)).collect();
        let props: Vec<String> =
            node.props.iter().map(|prop| format!("{}={:?}", prop.name.text, prop.value.data)).collect();
        let children = node.children.as_deref().map(|nodes| format!("{{\n{}}}", said(nodes)));
        format!("{} {args:?} {props:?} {}\n", node.name.text, children.unwrap_or_default())
    };
    nodes.iter().map(of).collect()
}

fn tree(text: &str) -> String {
    said(&read(SourceId(0), text, &mut Bag::default()))
}

/// Everything in a text but spaces, line ends, `;` and the `\` at the ends of lines. The tree shows that spaces inside texts stay.
fn bare(text: &str) -> Vec<char> {
    let mut all: Vec<char> =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ';' | '\\' | '\u{feff}')).collect();
    all.sort_unstable();
    all
}

//! The reader against the `kdl` crate, and against texts of any kind.

use chronus::diagnostic::bag::Bag;
use chronus::diagnostic::span::SourceId;
use chronus::syntax::reader::read;
use chronus::syntax::tree::{Data, Node};
use kdl::{KdlDocument, KdlValue};
use proptest::prelude::*;

/// A node without places: what both readers must agree on.
#[derive(Debug, PartialEq)]
pub(crate) struct Plain {
    name: String,
    args: Vec<KdlValue>,
    props: Vec<(String, KdlValue)>,
    children: Vec<Plain>,
}

pub(crate) fn of_ours(nodes: &[Node<'_>]) -> Vec<Plain> {
    let value = |data: &Data<'_>| match data {
        Data::Text(text) => KdlValue::String(text.to_string()),
        Data::Integer(value) => KdlValue::Integer(*value),
        Data::Float(value) => KdlValue::Float(*value),
        Data::Bool(value) => KdlValue::Bool(*value),
        Data::Null => KdlValue::Null,
    };
    nodes
        .iter()
        .map(|node| Plain {
            name: node.name.text.to_string(),
            args: node.args.iter().map(|arg| value(&arg.data)).collect(),
            props: node.props.iter().map(|p| (p.name.text.to_string(), value(&p.value.data))).collect(),
            children: of_ours(node.block()),
        })
        .collect()
}

pub(crate) fn of_theirs(document: &KdlDocument) -> Vec<Plain> {
    document
        .nodes()
        .iter()
        .map(|node| Plain {
            name: node.name().value().into(),
            args: node.entries().iter().filter(|e| e.name().is_none()).map(|e| e.value().clone()).collect(),
            props: node
                .entries()
                .iter()
                .filter_map(|e| Some((e.name()?.value().to_owned(), e.value().clone())))
                .collect(),
            children: node.children().map(of_theirs).unwrap_or_default(),
        })
        .collect()
}

/// Where each value stands must be where its text is.
fn places_are_right(text: &str, nodes: &[Node<'_>]) {
    for node in nodes {
        for value in node.args.iter().chain(node.props.iter().map(|prop| &prop.value)) {
            assert_eq!(&text[value.span.start as usize..value.span.end as usize], value.raw);
        }
        places_are_right(text, node.block());
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z][a-z0-9_-]{0,6}",
        1 => "[Xx.~_|<>*?:!'éß♭-]{1,6}".prop_filter("numbers and keywords are no words", |word| {
            !word.starts_with('\'')
        }),
        1 => Just("->".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => word(),
        3 => "\"[ -!#-\\[\\]-~é]{0,12}\"",
        1 => "\"(\\\\[nrtsbf\"\\\\]|\\\\u\\{[1-9a-f]{1,3}\\}|[a-z .]){0,6}\"",
        1 => "##?\"[a-z \\\\]{0,8}\"##?".prop_filter("as many hashes on both sides", |raw| {
            raw.bytes().take_while(|b| *b == b'#').count() == raw.bytes().rev().take_while(|b| *b == b'#').count()
        }),
        1 => Just("\"\"\"\n    one\n      two\n    \"\"\"".to_owned()),
        1 => Just("\"a\\   \n   b\"".to_owned()),
        2 => "[-+]?[0-9]{1,8}",
        2 => "[-+]?[0-9]{1,5}\\.[0-9]{1,5}([eE][-+]?[0-9])?",
        1 => "[0-9][0-9_]{0,4}[0-9]",
        1 => "0x[0-9a-f]{1,6}",
        1 => "0b[01]{1,6}",
        1 => "0o[0-7]{1,6}",
        2 => prop_oneof![Just("#true"), Just("#false"), Just("#null"), Just("#inf"), Just("#-inf")].prop_map(String::from),
    ]
}

fn blank() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => Just(" ".to_owned()),
        1 => Just("\t  ".to_owned()),
        1 => Just(" /* a /* b */ c */ ".to_owned()),
        1 => Just(" \\\n   ".to_owned()),
        1 => Just(" \\ // more\n".to_owned()),
        1 => Just("\u{a0}".to_owned()),
    ]
}

fn entry() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => value(),
        3 => ("[a-z][a-z0-9-]{0,5}", value()).prop_map(|(name, value)| format!("{name}={value}")),
        1 => ("[a-z]{1,3}", value()).prop_map(|(name, value)| format!("{name} = {value}")),
        1 => ("\"[a-z ]{1,5}\"", value()).prop_map(|(name, value)| format!("{name}={value}")),
        1 => value().prop_map(|value| format!("/-{value}")),
    ]
}

pub(crate) fn node() -> impl Strategy<Value = String> {
    let header = (
        prop_oneof![6 => "[a-z][a-z0-9]{0,6}".boxed(), 1 => "\"[a-z ]{1,6}\"".boxed()],
        prop::collection::vec((blank(), entry()), 0..6),
    )
        .prop_map(|(name, entries)| {
            entries.into_iter().fold(name, |header, (blank, entry)| header + &blank + &entry)
        });
    let end = prop_oneof![
        6 => Just("\n"),
        2 => Just(" // end\n"),
        1 => Just(";"),
        1 => Just("\r\n"),
    ];
    let leaf = (header, end).prop_map(|(header, end)| format!("{header}{end}"));
    leaf.prop_recursive(4, 24, 4, |inner| {
        (
            "[a-z]{1,5}",
            prop::collection::vec(entry(), 0..3),
            prop::collection::vec(inner, 0..4),
            prop_oneof![4 => Just("\n"), 1 => Just(" ; ")],
        )
            .prop_map(|(name, entries, children, end)| {
                format!("{name} {} {{\n{}}}{end}", entries.join(" "), children.concat())
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reader_agrees_with_the_kdl_crate(nodes in prop::collection::vec(node(), 0..5)) {
        let text = nodes.concat();
        if let Ok(theirs) = KdlDocument::parse_v2(&text) {
            let mut bag = Bag::default();
            let ours = read(SourceId(0), &text, &mut bag);
            prop_assert!(bag.is_empty(), "{:?}", bag.into_sorted());
            prop_assert_eq!(of_ours(&ours), of_theirs(&theirs));
            places_are_right(&text, &ours);
        }
    }

    #[test]
    fn no_text_panics_or_hangs(text in "(\\PC|[ \"{}#/\\\\;=\n\u{1b}\r]){0,80}") {
        let mut bag = Bag::default();
        let nodes = read(SourceId(0), &text, &mut bag);
        places_are_right(&text, &nodes);
    }

    #[test]
    fn what_the_kdl_crate_refuses_is_reported(mut text in node(), at in any::<prop::sample::Index>(), c in "[\"{}=()#\\[/\\\\]") {
        let at = text.floor_char_boundary(at.index(text.len() + 1));
        text.insert_str(at, &c);
        if KdlDocument::parse_v2(&text).is_err() {
            let mut bag = Bag::default();
            read(SourceId(0), &text, &mut bag);
            prop_assert!(bag.has_errors(), "{:?}", text);
        }
    }
}

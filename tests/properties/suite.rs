//! The reader against the `kdl` crate: where that refuses a text, so does the reader; where that takes one, the reader takes
//! it too and reads the same, but for what a song has no use for.

use std::path::{Path, PathBuf};

use chronus::diagnostic::bag::Bag;
use chronus::diagnostic::span::SourceId;
use chronus::syntax::reader::read;
use kdl::KdlDocument;
use proptest::prelude::*;

use crate::syntax::{of_ours, of_theirs};

/// What is KDL but has no place in a song.
const NOT_IN_SONGS: [&str; 2] = ["type-annotation", "too-deep"];

/// Whether `text` may have something in it that the specification refuses and the crate takes: DEL, raw text between three
/// quotes on one line, and `/-` after `/-`.
fn beyond(text: &str) -> bool {
    let twice = text.match_indices("/-").any(|(at, _)| text[at + 2..].trim_start().starts_with("/-"));
    twice || text.contains('\u{7f}') || text.contains("#\"\"\"")
}

/// Whether the crate refuses `text` once what `/-` takes out of it is back in.
fn refused_without_slashdash(text: &str) -> bool {
    text.contains("/-") && KdlDocument::parse_v2(&text.replace("/-", "")).is_err()
}

/// What is wrong with how `text` is read, if anything is.
fn fault(text: &str) -> Option<String> {
    let mut bag = Bag::default();
    let ours = read(SourceId(0), text, &mut bag);
    let found = bag.into_sorted();
    let errors: Vec<&str> = found.iter().filter(|one| one.is_error()).map(|one| one.code.id).collect();
    match KdlDocument::parse_v2(text) {
        // The crate refuses `/-a;b`, which the specification allows, and `;` without a node, which the reader passes over.
        Err(_) if errors.is_empty() && text.contains(';') => None,
        Err(_) if errors.is_empty() => Some("is no KDL, and nothing is said of that".to_owned()),
        Err(_) => None,
        Ok(_) if errors.iter().any(|code| NOT_IN_SONGS.contains(code)) => None,
        Ok(_) if beyond(text) && !errors.is_empty() => None,
        // The crate wants no space where a node follows a block on its line, or `/-` a value; the specification does.
        Ok(_) if !errors.is_empty() && errors.iter().all(|code| *code == "missing-space") => {
            (!text.contains('}') && !text.contains("/-")).then(|| "is KDL, and a space is missed".to_owned())
        }
        // The crate doesn't look closely at what is taken out.
        Ok(_) if !errors.is_empty() && refused_without_slashdash(text) => None,
        Ok(_) if !errors.is_empty() => Some(format!("is KDL, and is refused: {errors:?}")),
        Ok(theirs) => {
            let (ours, theirs) = (of_ours(&ours), of_theirs(&theirs));
            (ours != theirs).then(|| format!("is read as {ours:?}, not as {theirs:?}"))
        }
    }
}

/// Texts of which each once was read wrongly, or is next to one that was; with whether they are KDL.
const TEXTS: &[(&str, bool)] = &[
    ("a {\n    b\n    /-\n}", false),
    ("a { /- }", false),
    ("a /-", false),
    ("a 1 /-\n", false),
    ("a /-;", false),
    ("a /- ; b", false),
    ("/-", false),
    ("/-;", false),
    ("a; /-", false),
    ("a {} /-1", false),
    ("a {} 1", false),
    ("a /-{} 1", false),
    ("a /-{} /-1", false),
    ("a /-{} b=1 {}", false),
    ("a {} /-{} {}", false),
    ("a {} {}", false),
    ("a {} b=1", false),
    ("a #truea", false),
    ("a /-/-b c", false),
    ("a /-\n1 2", true),
    ("a /- // b\n1 2", true),
    ("/-\na 1\nb", true),
    ("/- // c\na 1\nb", true),
    ("a /-{} {b}", true),
    ("a {b} /-{c}", true),
    ("a /-{b} \\\n/-{c} {d} /-{e}", true),
    ("a /-1 /-b=2 3 {c}", true),
    ("a /--1 2", true),
    ("/-{}", false),
    ("/- {a}\nb", false),
    ("a {b;};", true),
    ("a;b;", true),
    ("a #\"\"\"one\"\"\"#", false),
    ("a \"\"\"one\"\"\"", false),
    ("a ##\"\"\"one\"\"\"##", false),
    ("a #\"\"\"\none\n\"\"\"#", true),
    ("a \"\"\"\n  one\n  \"\"\"", true),
    ("a #\"one\"#", true),
    ("a #\"\n\"#", false),
    ("a \u{7f}", false),
    ("a b\u{7f}c", false),
    ("a \"b\u{7f}c\"", false),
    ("a \"b\u{202e}c\"", false),
    ("a b\u{202e}c", false),
    ("a \"b\\u{7f}c\"", true),
];

#[test]
fn texts_that_were_read_wrongly_are_read_right() {
    for (text, kdl) in TEXTS {
        assert!(beyond(text) || KdlDocument::parse_v2(text).is_ok() == *kdl, "{text:?} to the crate");
        assert_eq!(fault(text), None, "{text:?}");
        let mut bag = Bag::default();
        read(SourceId(0), text, &mut bag);
        assert_eq!(bag.has_errors(), !kdl, "{text:?}");
    }
}

/// A node that is taken out ends with `;` as any other does. The specification says so; the crate refuses it.
#[test]
fn a_node_that_is_taken_out_ends_as_any_other() {
    let mut bag = Bag::default();
    let nodes = read(SourceId(0), "/-a;b", &mut bag);
    assert!(bag.is_empty());
    assert_eq!(nodes.iter().map(|node| &*node.name.text).collect::<Vec<_>>(), ["b"]);
}

/// A node on the line of the block before it is said once, and read as the node that it is.
#[test]
fn a_node_after_a_block_is_said_once() {
    for (text, read_as) in [
        ("a {} b {}", vec!["a", "b"]),
        ("a{}b{c}", vec!["a", "b"]),
        ("a {} \"b\" {}", vec!["a", "b"]),
        ("a {c} -b 1 {d}", vec!["a", "-b"]),
        ("a{}/-b{}", vec!["a"]),
        ("a {} /-b 1 {c}\nd", vec!["a", "d"]),
        ("a /-{} b {}", vec!["a", "b"]),
    ] {
        let mut bag = Bag::default();
        let nodes = read(SourceId(0), text, &mut bag);
        assert_eq!(
            bag.into_sorted().iter().map(|one| one.code.id).collect::<Vec<_>>(),
            ["missing-space"],
            "{text:?}"
        );
        assert_eq!(nodes.iter().map(|node| &*node.name.text).collect::<Vec<_>>(), read_as, "{text:?}");
    }
}

/// Comments with characters that turn the direction of text round are read, with a warning; the rest of the song too.
#[test]
fn text_that_is_turned_round_is_warned_of() {
    let turns = ["200e", "200f", "202a", "202b", "202c", "202d", "202e", "2066", "2067", "2068", "2069"];
    for code in turns {
        let c = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
        for text in [
            format!("a 1 // {c}\nb"),
            format!("a /* /* {c} */ */ 1\nb"),
            format!("a \\ // {c}\n 1\nb"),
            format!("/- // {c}\nc\na 1\nb"),
        ] {
            let mut bag = Bag::default();
            let nodes = read(SourceId(0), &text, &mut bag);
            let found = bag.into_sorted();
            let codes: Vec<&str> = found.iter().map(|one| one.code.id).collect();
            assert_eq!(codes, ["turned-text"], "{text:?}");
            let span = found[0].span.unwrap();
            assert_eq!(&text[span.start as usize..span.end as usize], c.to_string());
            assert_eq!((nodes.len(), nodes[0].args.len()), (2, 1), "{text:?}");
        }
    }
}

/// The suite of the specification, as the `kdl` crate carries it.
#[test]
fn the_suite_of_the_specification_is_read_as_the_kdl_crate_reads_it() {
    let Some(folder) = suite() else {
        assert!(std::env::var_os("CI").is_none(), "the sources of the kdl crate aren't there");
        eprintln!("skipped: the sources of the kdl crate aren't there");
        return;
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 300, "the suite is larger");
    let faults: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let text = std::fs::read_to_string(file).ok()?;
            let name = file.file_name()?.to_string_lossy().into_owned();
            let mut bag = Bag::default();
            read(SourceId(0), &text, &mut bag);
            let taken = name.ends_with("_fail.kdl") && !bag.has_errors();
            let fault = taken
                .then(|| "is no KDL, and nothing is said of that".to_owned())
                .or_else(|| fault(&text))?;
            Some(format!("{name}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), files.len(), faults.join("\n"));
}

/// Where cargo keeps the suite.
fn suite() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    let inside = Path::new("kdl-6.7.1/tests/test_cases/input");
    registries.filter_map(|entry| Some(entry.ok()?.path().join(inside))).find(|path| path.is_dir())
}

/// Pieces from which texts near the border of KDL are put together.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "b",
        "1",
        "-1",
        "x=1",
        "\"c\"",
        "/-",
        "/-",
        "{",
        "}",
        "{}",
        ";",
        "\n",
        "\n",
        " ",
        " ",
        " ",
        "//c\n",
        "/*c*/",
        "\\\n",
        "#true",
        "#\"r\"#",
        "\"\"\"\nm\n\"\"\"",
        "\"\"\"",
        "#\"\"\"",
        "\"",
        "=",
        "#",
        "\u{7f}",
        "\r\n",
        "\t",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_border_of_kdl_is_where_the_kdl_crate_sees_it(pieces in prop::collection::vec(piece(), 0..9)) {
        let text = pieces.concat();
        prop_assert_eq!(fault(&text), None, "{:?}", text);
    }
}

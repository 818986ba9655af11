//! Formatting: it settles at once, loses nothing, and changes no song.

use std::fs;
use std::path::Path;

use chronus::check::song::check_with;
use chronus::diagnostic::bag::Bag;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::diagnostic::span::SourceId;
use chronus::io::folder::Folder;
use chronus::plan::compile::compile;
use chronus::plan::printer::describe;
use chronus::syntax::format::format;
use proptest::prelude::*;

use crate::syntax::node;

fn formatted(text: &str) -> Option<String> {
    format(SourceId(0), text, &mut Bag::default())
}

/// Everything that holds for every text that can be formatted: the fuzz target has it.
fn holds(text: &str) {
    crate::fmt_target::fmt(text.as_bytes());
}

/// Every song of the repository: formatted it has the same plan, and with it the same sound.
#[test]
fn no_song_changes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["songs", "examples"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|end| end != "kdl") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            // As careless as can be, but for the texts inside of lines.
            let rough: String =
                text.lines().flat_map(|line| ["\t ", line.trim_start(), "  \r\n\n\n"]).collect();
            for text in [text, rough] {
                let once = formatted(&text).unwrap();
                holds(&text);
                assert_eq!(plan(&path, &text), plan(&path, &once));
                assert!(plan(&path, &once).is_some(), "{once}");
            }
        }
    }
}

fn plan(path: &Path, text: &str) -> Option<String> {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", text));
    let song = check_with(&mut sources, id, &mut Folder::of(path, false)).song?;
    compile(&song, 48_000).ok().map(|plan| describe(&plan))
}

#[test]
fn blanks_and_comments_go_where_they_belong() {
    insta::assert_snapshot!(formatted(
        r##"
// first


song   "Every corner"   bars = 4 tempo=120 /* twice */ seed= 7     // the head
/- kdl-version 2
knob amount .inside 0.5 ; knob   much 1 max=2 // two on a line
sine a freq=440 // short
/-ladder bb cutoff="300Hz" /-resonance=0.5   // taken out
supersaw a_name_that_is_far_too_long_for_a_column detune="18ct"
lowpass c // alone
delay
/* alone */ /* and another */
  /* before */ saw d freq=1

saw e freq=1
instrument one { sine osc; route osc -> out; }
instrument two {  // opened

    sine osc; /* behind */
    route osc   -> out
    // last

}   // closed
instrument three { sine osc; route osc -> out gain="-12dB" pan=-0.5 id=a_long_name; route osc -> out gain="-12dB" }
instrument four {}
instrument five {
}
track kick "X... x..." \
  "X...  x..." \ // the second bar
vel="9 4" { lock a.b "200 .  900" }
track snare X...x...
pattern p   #"raw  text"#
pattern longer """
    X...
      x...
    """
/-
// why
track gone x... {
  }
a /-{ b; } { c; }
a \
// lost
"##
    )
    .unwrap());
}

/// Blocks in blocks on one line must not be tried over and over: this would never end.
#[test]
fn deep_blocks_are_tried_once() {
    let long = "word ".repeat(40);
    let text = format!("{}{long}{}", "a { ".repeat(63), "}".repeat(63));
    holds(&text);
}

#[test]
fn lines_end_as_the_first_one_does() {
    assert_eq!(formatted("a  b\r\nc {\n}\n").unwrap(), "a b\r\nc {\r\n}\r\n");
    assert_eq!(formatted("\u{feff}a  b\nc").unwrap(), "a b\nc\n");
    assert_eq!(
        formatted("a b\r\n// x\r\n/* y\r\n z */ c \"\"\"\r\n  t\r\n  \"\"\"").unwrap(),
        "a b\r\n// x\r\n/* y\r\n z */ c \"\"\"\r\n  t\r\n  \"\"\"\r\n"
    );
    assert_eq!(formatted("").unwrap(), "");
    assert_eq!(formatted(" \n\n").unwrap(), "");
}

#[test]
fn what_is_no_kdl_has_no_form() {
    for text in ["a {", "a b=", "sine a freq=5Hz", "a \"b", "(t)a", "}"] {
        assert_eq!(formatted(text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_settles_and_stays_what_it_is(nodes in prop::collection::vec(node(), 0..6), tail in "[ \n;]{0,3}(/\\* c \\*/)?( // d)?") {
        holds(&(nodes.concat() + &tail));
    }

    #[test]
    fn any_text_settles_and_stays_what_it_is(text in "([ab] |//|/\\*|\\*/|/-|[ \n{}=;\\\\\"a1]|\r\n|\\\\\n){0,24}") {
        holds(&text);
    }
}

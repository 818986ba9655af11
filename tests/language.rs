//! `docs/language.md`: every song in it is fine, every fragment is KDL, and it names all there is to name.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::fs;

use chronus::check::song::check;
use chronus::diagnostic::bag::Bag;
use chronus::diagnostic::render::{Style, graphical};
use chronus::diagnostic::source::{Source, Sources};
use chronus::diagnostic::span::SourceId;
use chronus::syntax::reader::read;
use chronus::syntax::signs::SIGNS;
use chronus::syntax::vocabulary::FORMS;
use chronus::units::{chord, key};

#[expect(clippy::unwrap_used, reason = "without the document there is nothing to test")]
fn document() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/language.md")).unwrap()
}

/// The fences of the document: what they are marked with, and what is in them.
fn fences(document: &str) -> Vec<(&str, &str)> {
    document.split("```").skip(1).step_by(2).filter_map(|fence| fence.split_once('\n')).collect()
}

#[test]
fn songs_are_fine_and_fragments_are_kdl() {
    let document = document();
    let fences = fences(&document);
    assert!(fences.iter().filter(|(mark, _)| *mark == "kdl").count() >= 4);
    for (mark, text) in fences {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("language.md", text));
        let said = match mark {
            "kdl" => check(id, text).diagnostics,
            "kdl fragment" => {
                let mut bag = Bag::default();
                read(SourceId::default(), text, &mut bag);
                bag.into_sorted()
            }
            _ => panic!("a fence marked {mark:?}"),
        };
        let drawn: String = said.iter().map(|d| graphical(d, &sources, Style::Plain)).collect();
        assert!(said.is_empty(), "{drawn}");
    }
}

/// The song that shows the whole language: what this version can't play yet is said to be so, and nothing else is wrong.
#[test]
fn the_whole_song_is_right_as_far_as_this_version_goes() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/whole_song.kdl")).unwrap();
    for diagnostic in check(SourceId::default(), &text).diagnostics {
        let later = diagnostic.code.id == "not-yet";
        let no_kind = diagnostic.code.id == "unknown-kind";
        assert!(later || no_kind, "{}", diagnostic.message);
    }
}

#[test]
fn every_word_is_named() {
    let document = document();
    let named =
        |word: &str| document.contains(&format!("`{word}`")) || document.contains(&format!(" {word}"));
    for form in FORMS {
        assert!(named(form.name), "{}", form.name);
        for prop in form.props {
            assert!(
                document.contains(&format!("`{}`", prop.name))
                    || document.contains(&format!("{}=", prop.name)),
                "{} {}",
                form.name,
                prop.name
            );
        }
    }
    for sign in SIGNS {
        assert!(document.contains(sign.sign), "{}", sign.sign);
    }
    for shape in chord::SHAPES {
        assert!(named(shape.name) || document.contains(&format!("`{} ", shape.name)), "{}", shape.name);
    }
    for scale in key::SCALES {
        assert!(named(scale.name), "{}", scale.name);
    }
}

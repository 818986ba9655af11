//! Every code: its bad song gives exactly that code, its good song gives none, and both read as the snapshots say.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop")]
#![allow(clippy::format_push_string, reason = "what is drawn in a test need not be quick")]

use chronus::check::song::check_with;
use chronus::check::song_files::MemoryFiles;
use chronus::diagnostic::code::{Bad, Code};
use chronus::diagnostic::codes::{TABLE, all};
use chronus::diagnostic::printer::{Style, graphical};
use chronus::diagnostic::report::Diagnostic;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::modules::TABLE as TABLE_OF_KINDS;
use chronus::units::unit::Unit;

mod fixes;

#[path = "../common/fixes.rs"]
mod fixes_applied;

mod rest;
mod uses;

mod limits;

mod meant;

mod elsewhere;

mod wrong_songs;

/// Files beside a song: their paths and texts.
type Others<'a> = &'a [(&'a str, &'a str)];

/// What `check` says about `text`, and the texts that it is about.
fn checked(text: &str, others: Others<'_>) -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", text));
    let checked = check_with(&mut sources, id, &mut MemoryFiles(others));
    (checked.diagnostics, sources)
}

/// What `check` says about `text`, as it is drawn without colour.
fn said_with(text: &str, others: Others<'_>) -> String {
    let (diagnostics, sources) = checked(text, others);
    diagnostics.iter().map(|d| graphical(d, &sources, Style::Plain) + "\n").collect()
}

fn said(text: &str) -> String {
    said_with(text, &[])
}

fn codes_with(text: &str, others: Others<'_>) -> Vec<&'static str> {
    checked(text, others).0.iter().map(|d| d.code.id).collect()
}

fn codes(text: &str) -> Vec<&'static str> {
    codes_with(text, &[])
}

#[test]
fn ids_are_unique_words() {
    let ids: Vec<&str> = all().map(|code| code.id).collect();
    for (i, id) in ids.iter().enumerate() {
        assert!(!ids[..i].contains(id), "{id} twice");
        assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{id}");
    }
    assert!(all().all(|code| code.about.ends_with('.')));
}

#[test]
fn every_bad_song_gives_exactly_its_code() {
    for code in all() {
        let (text, others) = match code.bad {
            Bad::Song(text) => (text.to_owned(), &[][..]),
            Bad::Files(text, others) => (text.to_owned(), others),
            Bad::Made(make) => (make(), &[][..]),
            Bad::Elsewhere(_) => continue,
        };
        assert_eq!(codes_with(&text, others), [code.id], "\n{}", said_with(&text, others));
    }
}

#[test]
fn every_good_song_is_fine() {
    for code in all() {
        assert!(codes(code.good).is_empty(), "{}\n{}", code.id, said(code.good));
    }
}

/// Every kind that can be late makes a loop legal, if its time is long enough.
#[test]
fn a_delay_makes_a_loop_legal() {
    for spec in TABLE_OF_KINDS.iter().filter(|spec| spec.can_be_late()) {
        let time = spec.params.iter().find(|param| param.unit == Unit::Seconds).expect("a time");
        let song = |seconds: &str, more: &str| {
            format!(
                "song bars=1\nsine s freq=1\n{} d {}={seconds}\nroute s -> d\nroute d -> d gain=0.5{more}\nroute d -> out\n",
                spec.kind, time.name
            )
        };
        let text = song("0.01", "");
        assert!(codes(&text).is_empty(), "{}", said(&text));
        assert_eq!(codes(&song("0.001", "")), ["loop"], "{}", spec.kind);
        let text = song("0.001", " feedback=#true");
        assert!(codes(&text).is_empty(), "{}", said(&text));
    }
}

/// Small first letter, one fact, no full stop; the help is there.
#[test]
fn messages_are_in_one_style() {
    for code in all() {
        let (text, others) = match code.bad {
            Bad::Song(text) => (text.to_owned(), &[][..]),
            Bad::Files(text, others) => (text.to_owned(), others),
            Bad::Made(make) => (make(), &[][..]),
            Bad::Elsewhere(_) => continue,
        };
        for diagnostic in checked(&text, others).0 {
            let texts = [Some(&diagnostic.message), Some(&diagnostic.label), diagnostic.help.as_ref()];
            for text in texts.into_iter().flatten() {
                assert!(!text.starts_with(|c: char| c.is_uppercase() && c != 'K'), "{}: {text}", code.id);
                assert!(!text.ends_with('.'), "{}: {text}", code.id);
            }
        }
    }
}

#[test]
fn families_are_drawn_as_reviewed() {
    for (family, rows) in TABLE {
        let drawn: String = rows.iter().map(|code| drawn(code)).collect();
        insta::assert_snapshot!(*family, drawn);
    }
}

fn drawn(code: &Code) -> String {
    match code.bad {
        Bad::Song(text) => format!("## {}\n{text}\n{}\n", code.id, said(text)),
        Bad::Files(text, beside) => {
            let others: Vec<String> =
                beside.iter().map(|(name, text)| format!("-- {name}\n{text}")).collect();
            let others = others.concat();
            format!("## {}\n{text}{others}\n{}\n", code.id, said_with(text, beside))
        }
        // A long song is drawn in a few lines as well; its text is not shown.
        Bad::Made(make) => format!("## {}\n(made)\n\n{}\n", code.id, shortened(&said(&make()))),
        Bad::Elsewhere(what) => format!("## {}\n({what})\n\n", code.id),
    }
}

fn shortened(text: &str) -> String {
    text.lines().map(|line| line.chars().take(100).collect::<String>() + "\n").collect()
}

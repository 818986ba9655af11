//! Fixes of songs that have gone wrong in any way: applied over and over they come to rest.

#![allow(clippy::expect_used, reason = "a test may stop")]

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;

use crate::fixes_applied::{Texts, apply, check, fix};

static SONGS: OnceLock<Vec<Texts>> = OnceLock::new();

/// How many rounds of fixes a song takes at most.
const ROUNDS: usize = 24;

/// Every song of the repository, with the files beside it.
fn songs() -> Vec<Texts> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut songs = Vec::new();
    for folder in ["songs", "examples"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ext| ext == "kdl"));
        paths.sort();
        let read = |path: &Path| std::fs::read_to_string(path).expect("a text");
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
        for path in &paths {
            // Recordings would be decoded again in every round.
            if read(path).contains("sampler") {
                continue;
            }
            let song = [("song.kdl".to_owned(), read(path))];
            let others = paths.iter().filter(|other| *other != path).map(|path| (name(path), read(path)));
            songs.push(song.into_iter().chain(others).collect());
        }
    }
    assert!(songs.len() > 10, "the songs are there");
    songs
}

/// Where each word, sign and blank of `text` ends.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '-' | '_' | '#') => 0,
        ' ' => 1,
        _ => 2,
    };
    let mut tokens: Vec<(usize, usize)> = Vec::new();
    let mut last = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match tokens.last_mut() {
            Some(token) if last == Some(class(c)) && class(c) < 2 => token.1 = end,
            _ => tokens.push((at, end)),
        }
        last = Some(class(c));
    }
    tokens
}

/// What is done to a token.
#[derive(Clone, Debug)]
enum Change {
    Delete,
    Double,
    Swap,
    Write(&'static str),
}

/// Words and signs that have some meaning somewhere.
const WORDS: &[&str] = &[
    "\"",
    "{",
    "}",
    "[",
    "]",
    "(5,8)",
    "->",
    "=>",
    "#",
    "//",
    "/*",
    "\\",
    ";",
    "=",
    ".",
    ",",
    "'",
    "~",
    "*3",
    "?50",
    ":2/4",
    "|",
    "X",
    "o",
    "true",
    "#true",
    "inf",
    "-6dB",
    "5ms",
    "2kHz",
    "a4",
    "h3",
    "9",
    "-1",
    "0",
    "1e9",
    "1/8",
    "out",
    "route",
    "track",
    "instrument",
    "sine",
    "song",
    "section",
    "arrange",
    "lock",
    "automate",
    "use",
    "like=",
    "voices=",
    "gain=",
    "bars=",
    "freq=",
    "Bass",
    "808",
    "é",
    "\u{201c}",
    "\n",
    "\r\n",
    " ",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => Just(Change::Delete),
        2 => Just(Change::Double),
        1 => Just(Change::Swap),
        4 => prop::sample::select(WORDS).prop_map(Change::Write),
    ]
}

fn changed(text: &str, changes: &[(prop::sample::Index, Change)]) -> String {
    let mut text = text.to_owned();
    for (place, change) in changes {
        let tokens = tokens(&text);
        if tokens.is_empty() {
            break;
        }
        let which = place.index(tokens.len());
        let (start, end) = tokens[which];
        let token = text[start..end].to_owned();
        match change {
            Change::Delete => text.replace_range(start..end, ""),
            Change::Double => text.insert_str(end, &token),
            Change::Swap => {
                if let Some((next, last)) = tokens.get(which + 1).copied() {
                    let other = text[next..last].to_owned();
                    text.replace_range(start..last, &(other + &token));
                }
            }
            Change::Write(word) => text.replace_range(start..end, word),
        }
    }
    text
}

/// Applies all fixes until there are none: they never leave the text, overlap, or go in a circle.
fn comes_to_rest(mut texts: Texts) {
    let mut seen = vec![texts.clone()];
    let mut said = Vec::new();
    for _ in 0..ROUNDS {
        let (diagnostics, sources) = check(&texts);
        let wrong = diagnostics.iter().filter(|one| !one.fix.is_empty());
        let fixes: Vec<_> = wrong.clone().map(|one| fix(one, &sources, &texts)).collect();
        said = wrong.map(|one| format!("{}: {} ({:?})", one.code.id, one.message, one.help)).collect();
        if fixes.is_empty() {
            return;
        }
        texts = apply(&texts, &fixes);
        assert!(!seen.contains(&texts), "fixes go round: {said:#?}\n{}", texts[0].1);
        seen.push(texts.clone());
    }
    panic!("not at rest after {ROUNDS} rounds: {said:#?}\n{}", texts[0].1);
}

/// How many songs are tried: `FIXES_CASES`, or 200.
fn cases() -> u32 {
    std::env::var("FIXES_CASES").map_or(200, |number| number.parse().expect("a number"))
}

proptest! {
    // FIXES_CASES and PROPTEST_RNG_SEED look for more.
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn fixes_come_to_rest(
        song in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..6),
    ) {
        let songs = SONGS.get_or_init(songs);
        let mut texts = songs[song.index(songs.len())].clone();
        texts[0].1 = changed(&texts[0].1, &changes);
        comes_to_rest(texts);
    }
}

//! Any text, with any other file beside it behind a null character, goes through reading, checking and drawing without a
//! panic, and every place is inside its text.
//!
//! `cargo +nightly fuzz run check`

#![no_main]

use chronus::check::files::Beside;
use chronus::check::song::check_with;
use chronus::diagnostic::json::object;
use chronus::diagnostic::render::{Style, graphical};
use chronus::diagnostic::source::{Source, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::default();
    let (text, other) = text.split_once('\0').unwrap_or((text, ""));
    let id = sources.add(Source::new("song.kdl", text));
    let checked = check_with(&mut sources, id, &mut Beside(&[("kit.kdl", other)]));
    assert!(checked.song.is_none() || !checked.diagnostics.iter().any(|d| d.is_error()));
    for diagnostic in &checked.diagnostics {
        if let Some(span) = diagnostic.span {
            let text = sources.get(span.source).expect("a text of the song").text();
            assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
        graphical(diagnostic, &sources, Style::Plain);
        object(diagnostic, &sources, "song.kdl");
    }
});

//! Any text goes through reading, checking and drawing without a panic, and every place is inside the text.
//!
//! `cargo +nightly fuzz run check`

#![no_main]

use chronus::check::song::check;
use chronus::diagnostic::json::object;
use chronus::diagnostic::render::{Style, graphical};
use chronus::diagnostic::source::{Source, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("song.kdl", text));
    let checked = check(id, text);
    assert!(checked.song.is_none() || !checked.diagnostics.iter().any(|d| d.is_error()));
    for diagnostic in &checked.diagnostics {
        if let Some(span) = diagnostic.span {
            assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
        graphical(diagnostic, &sources, Style::Plain);
        object(diagnostic, &sources, "song.kdl");
    }
});

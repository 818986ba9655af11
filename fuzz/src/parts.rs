//! What several targets share: checking a song, hearing its beginning.

use std::sync::Arc;

use chronus::check::song::check_with;
use chronus::check::song_files::SongFiles;
use chronus::diagnostic::json::object;
use chronus::diagnostic::printer::{Style, graphical};
use chronus::diagnostic::report::Diagnostic;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::engine::offline_render::Rendering;
use chronus::model::song::Song;
use chronus::modules::dispatch::Compilation;
use chronus::plan::compile::compile;

/// Checks `text` with `files` beside it. A song has no errors; every place is inside its text, and can be drawn.
pub fn checked(text: &str, files: &mut dyn SongFiles) -> Option<Song> {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", text));
    let checked = check_with(&mut sources, id, files);
    assert_eq!(checked.song.is_none(), checked.diagnostics.iter().any(Diagnostic::is_error), "{text:?}");
    for diagnostic in &checked.diagnostics {
        if let Some(span) = diagnostic.span {
            let text = sources.get(span.source).expect("a text of the song").text();
            assert!(
                text.get(span.start as usize..span.end as usize).is_some(),
                "{span:?} {}",
                diagnostic.message
            );
        }
        graphical(diagnostic, &sources, Style::Plain);
        object(diagnostic, &sources, "song.kdl");
    }
    checked.song
}

/// Renders the first `blocks` blocks of `song`: all samples are finite.
pub fn heard(song: &Song, blocks: usize) {
    let Ok(plan) = compile(song, 8_000) else { return };
    let mut rendering = Rendering::new(Arc::new(plan), Compilation::best());
    for _ in 0..blocks {
        let Some(frames) = rendering.next_frames() else { break };
        assert!(frames.as_flattened().iter().all(|sample| sample.is_finite()));
    }
}

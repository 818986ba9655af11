//! What of two songs was changed in their texts, and what they play otherwise, as it is told.

use crate::change::events::tracks;
use crate::change::song_diff::{self, compare};
use crate::change::text_changes::TextChange;
use crate::cli::compare::compare_input::{CompareInput, InputContent};
use crate::cli::compare::compare_result::{ChangeCause, TextPlace};
use crate::compare::golden::GoldenEvents;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{SourceText, Sources};
use crate::diagnostic::span::Span;
use crate::model::song::Song;
use crate::plan::compile::played;

/// What there is to tell of two sides; nothing if they aren't both songs.
pub(crate) struct Causes {
    /// What was changed.
    pub(crate) causes: Vec<ChangeCause>,
    comparison: Option<song_diff::SongDiff>,
}

/// Compares the texts of two sides.
///
/// # Errors
/// If one of the songs can't be compiled.
pub(crate) fn told(sides: [&CompareInput; 2], rate: u32) -> Result<Causes, Diagnostic> {
    let [
        InputContent::Song { read: first, sources: before },
        InputContent::Song { read: second, sources: after },
    ] = sides.map(|side| &side.what)
    else {
        return Ok(Causes { causes: Vec::new(), comparison: None });
    };
    let comparison = compare(first, second, rate).map_err(|uncompiled| uncompiled.refusal.diagnostic())?;
    let unheard = comparison.unheard();
    let cause = |(number, change): (usize, &TextChange)| ChangeCause {
        said: change.sentence(),
        places: [change.old.and_then(|old| place(before, old)), change.new.and_then(|new| place(after, new))],
        heard: !unheard.contains(&number),
    };
    let causes = comparison.changes.iter().enumerate().map(cause).collect();
    Ok(Causes { causes, comparison: Some(comparison) })
}

impl Causes {
    /// Whether it is known what both play.
    pub(crate) fn is_known(&self) -> bool {
        self.comparison.is_some()
    }

    /// What alters the whole song, by places among the causes: what alters none of its stems first.
    pub(crate) fn of_mix(&self) -> Vec<usize> {
        self.comparison.as_ref().map(|comparison| comparison.effects.mix.causes.clone()).unwrap_or_default()
    }

    /// What alters a stem.
    pub(crate) fn of_stem(&self, id: &str) -> Vec<usize> {
        let stems = self.comparison.iter().flat_map(|comparison| &comparison.effects.stems);
        stems.filter(|stem| stem.id == id).flat_map(|stem| stem.heard.causes.clone()).collect()
    }

    /// What a stem plays otherwise.
    pub(crate) fn events_of(&self, id: &str) -> Vec<String> {
        let all = self.comparison.iter().flat_map(|comparison| comparison.events_of(id));
        all.map(|sentence| sentence.text.clone()).collect()
    }
}

/// What each track of a song plays, for its golden file.
///
/// # Errors
/// If it can't be compiled.
pub(crate) fn events(song: &Song, rate: u32) -> Result<Vec<GoldenEvents>, Diagnostic> {
    let (_, score) = played(song, rate).map_err(|refusal| refusal.diagnostic())?;
    let name = |track: &str, instrument: &str| {
        if track == instrument { track.to_owned() } else { format!("{track}>{instrument}") }
    };
    let all = tracks(song, &score).into_iter().map(|one| GoldenEvents {
        id: name(&one.track, &one.instrument),
        hash: one.hash.to_hex().to_string(),
        count: one.triggers,
    });
    Ok(all.collect())
}

fn place(sources: &Sources, span: Span) -> Option<TextPlace> {
    let source = sources.get(span.source)?;
    let start = source.position(span.start as usize);
    let end = source.position(span.end as usize);
    let text = source.text().lines().nth(start.line - 1).unwrap_or_default();
    let rest = text.chars().count().saturating_sub(start.column - 1);
    let length = if end.line == start.line { end.column - start.column } else { rest };
    Some(TextPlace {
        file: SourceText::name(source).to_owned(),
        line: start.line,
        column: start.column,
        length: length.max(1),
        text: text.to_owned(),
    })
}

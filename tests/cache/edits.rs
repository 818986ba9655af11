//! Random edits: with a warm cache a song sounds as if it had been rendered afresh.

#![allow(clippy::expect_used, reason = "a test may stop")]

use std::path::PathBuf;
use std::sync::Arc;

use chronus::engine::offline_render::Excerpt;
use chronus::io::cache::Cache;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::listen::{BAND, RATE, cache, cached, cached_as, compiled, plain, root, songs};

/// `text` with the `number`th number after byte `at` changed; `None` if there is none.
pub(crate) fn edited(text: &str, at: usize, number: usize, by: u64) -> Option<String> {
    let digit = |at: &usize| text.as_bytes()[*at].is_ascii_digit();
    let begins = |at: &usize| {
        let before = text.as_bytes().get(at.wrapping_sub(1)).copied().unwrap_or(b' ');
        digit(at) && matches!(before, b'"' | b'=' | b' ' | b'-' | b'<')
    };
    let start = (at..text.len()).filter(begins).nth(number)?;
    let end = (start..text.len()).find(|at| !digit(at)).unwrap_or(text.len());
    let value: u64 = text[start..end].parse().ok()?;
    let changed = if text.as_bytes().get(end) == Some(&b'.') {
        // The digits after the point.
        let last = (end + 1..text.len()).find(|at| !digit(at)).unwrap_or(text.len());
        return Some(format!("{}.{}{}", &text[..end], (by * 13) % 100, &text[last..]));
    } else {
        value.saturating_add_signed(by as i64 % 5 - 2)
    };
    Some(format!("{}{changed}{}", &text[..start], &text[end..]))
}

/// A song, its beginning rendered into a cache.
struct Warm {
    path: PathBuf,
    text: String,
    excerpt: Excerpt,
    cache: Arc<Cache>,
    _folder: tempfile::TempDir,
}

fn warm() -> Vec<Warm> {
    let begin = Excerpt { from: 0, to: Some(6 * u64::from(RATE)), fades: false };
    let whole = Excerpt::default();
    let mut all: Vec<_> = songs("songs").into_iter().map(|(path, text)| (path, text, begin)).collect();
    all.extend(songs("examples").into_iter().map(|(path, text)| (path, text, begin)));
    all.push((root().join("band.kdl"), BAND.to_owned(), whole));
    all.into_iter()
        .map(|(path, text, excerpt)| {
            let (folder, cache) = cache();
            let plan = compiled(&path, &text).expect("a song without errors");
            cached(&plan, excerpt, &cache, 2);
            Warm { path, text, excerpt, cache, _folder: folder }
        })
        .collect()
}

#[test]
fn edited_songs_sound_as_if_rendered_afresh() {
    let warm = warm();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let edits = prop::collection::vec((0..400_usize, 0..1_000_u64), 1..4);
    let mut rendered = std::cell::Cell::new(0);
    runner
        .run(&(0..warm.len(), edits, 1..4_usize, any::<bool>()), |(which, edits, jobs, sums)| {
            let song = &warm[which];
            let mut text = song.text.clone();
            for (number, by) in edits {
                let count = text.matches(|c: char| c.is_ascii_digit()).count().max(1);
                text = edited(&text, 0, number % count, by).unwrap_or(text);
            }
            // What is no song any more proves nothing.
            if let Some(plan) = compiled(&song.path, &text) {
                // A number may have made it long.
                let to = song.excerpt.to.unwrap_or(plan.timeline.end_frame()).min(20 * u64::from(RATE));
                let excerpt = Excerpt { to: Some(to), ..song.excerpt };
                let (heard, _) = cached_as(sums, &plan, excerpt, &song.cache, jobs);
                prop_assert_eq!(heard, plain(&plan, excerpt), "{}:\n{}", song.path.display(), text);
                rendered.set(rendered.get() + 1);
            }
            Ok(())
        })
        .expect("the same bits");
    assert!(*rendered.get_mut() > 75, "only {} edits gave songs", rendered.get());
}

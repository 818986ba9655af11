//! Applies fixes as an editor would: by what `check --format json` says.

#![allow(clippy::expect_used, reason = "a test may stop")]

use chronus::check::song::check_with;
use chronus::check::song_files::MemoryFiles;
use chronus::diagnostic::json;
use chronus::diagnostic::report::Diagnostic;
use chronus::diagnostic::source::{SourceText, Sources};

/// The song, under the name `song.kdl`, and the files beside it.
pub(crate) type Texts = Vec<(String, String)>;

/// A replacement as JSON tells it.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    pub(crate) file: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) text: String,
}

/// What `check` says about the first of `texts`.
pub(crate) fn check(texts: &Texts) -> (Vec<Diagnostic>, Sources) {
    let others: Vec<(&str, &str)> =
        texts[1..].iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new(texts[0].0.clone(), texts[0].1.clone()));
    let checked = check_with(&mut sources, id, &mut MemoryFiles(&others));
    (checked.diagnostics, sources)
}

/// The fix of `diagnostic`: every replacement lies in its text, between characters, and none overlaps another.
pub(crate) fn fix(diagnostic: &Diagnostic, sources: &Sources, texts: &Texts) -> Vec<Replacement> {
    let object = json::value(diagnostic, sources, "song.kdl");
    let edits = object["fix"].as_array().expect("a list");
    let byte = |value: &serde_json::Value| value.as_u64().expect("a byte") as usize;
    let mut fix: Vec<Replacement> = edits
        .iter()
        .map(|edit| Replacement {
            file: edit["file"].as_str().expect("a file").to_owned(),
            start: byte(&edit["start"]),
            end: byte(&edit["end"]),
            text: edit["text"].as_str().expect("a text").to_owned(),
        })
        .collect();
    assert_eq!(fix.len(), diagnostic.fix.len(), "every edit is in a known file: {diagnostic:?}");
    let place = |file: &str| texts.iter().position(|(name, _)| name == file);
    for edit in &fix {
        let text =
            &texts[place(&edit.file).unwrap_or_else(|| panic!("no file {}: {diagnostic:?}", edit.file))].1;
        assert!(edit.start <= edit.end, "{diagnostic:?}");
        assert!(text.get(edit.start..edit.end).is_some(), "outside of the text: {diagnostic:?}");
        assert!(text[edit.start..edit.end] != edit.text, "changes nothing: {diagnostic:?}");
    }
    fix.sort_by_key(|edit| (place(&edit.file), edit.start, edit.end));
    for pair in fix.windows(2) {
        assert!(pair[0].file != pair[1].file || pair[0].end <= pair[1].start, "overlap: {diagnostic:?}");
    }
    fix
}

/// Whether both can be applied: neither touches what the other replaces. Of what is put in at one place the first comes first.
fn beside(edit: &Replacement, other: &Replacement) -> bool {
    let put_in = |edit: &Replacement| edit.start == edit.end;
    let same_place = put_in(edit) && put_in(other) && edit.start == other.start;
    edit.end < other.start || other.end < edit.start || same_place && edit.text != other.text
}

/// `texts` with all of `fixes`, in their order, apart from those that touch what an earlier one replaces.
pub(crate) fn apply(texts: &Texts, fixes: &[Vec<Replacement>]) -> Texts {
    let mut taken: Vec<&Replacement> = Vec::new();
    for fix in fixes {
        let apart =
            |edit: &Replacement| taken.iter().all(|other| other.file != edit.file || beside(edit, other));
        if fix.iter().all(apart) {
            taken.extend(fix);
        }
    }
    let mut fixed = texts.clone();
    taken.sort_by_key(|edit| (edit.start, edit.end));
    for edit in taken.iter().rev() {
        let (_, text) = fixed.iter_mut().find(|(name, _)| *name == edit.file).expect("a known file");
        text.replace_range(edit.start..edit.end, &edit.text);
    }
    fixed
}

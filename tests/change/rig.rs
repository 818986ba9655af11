//! Songs as they lie in songs/, changed by hand, with everything beside them in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chronus::change::compared_song::ComparedSong;
use chronus::change::song_diff::{SongDiff, compare};
use chronus::check::song_files::{FileRefusal, SongFiles};
use chronus::diagnostic::report::Diagnostic;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::diagnostic::span::Span;

pub(crate) const RATE: u32 = 48_000;

/// What lies beside a song.
#[derive(Clone, Default)]
pub(crate) struct Beside(pub(crate) BTreeMap<String, Vec<u8>>);

impl SongFiles for Beside {
    fn text(&mut self, path: &str) -> Result<String, FileRefusal> {
        let bytes = self.0.get(path).ok_or(FileRefusal::Missing)?;
        String::from_utf8(bytes.clone()).map_err(|_| FileRefusal::Sound)
    }

    fn bytes(&mut self, path: &str, _: u64) -> Result<Vec<u8>, FileRefusal> {
        self.0.get(path).cloned().ok_or(FileRefusal::Missing)
    }
}

/// Both songs, with their texts.
pub(crate) struct Pair {
    pub(crate) sources: Sources,
    pub(crate) comparison: SongDiff,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn song(name: &str) -> String {
    std::fs::read_to_string(root().join("songs").join(format!("{name}.kdl"))).unwrap()
}

/// Every song, by its name.
pub(crate) fn songs() -> Vec<(String, String)> {
    let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let entries = std::fs::read_dir(root().join("songs")).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<(String, String)> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "kdl"))
        .map(|path| (stem(&path), std::fs::read_to_string(&path).unwrap()))
        .collect();
    all.sort();
    all
}

/// The record that one of the songs plays.
pub(crate) fn sounds() -> Beside {
    let path = "sounds/record.flac";
    let bytes = std::fs::read(root().join("songs").join(path)).unwrap();
    Beside(BTreeMap::from([(path.to_owned(), bytes)]))
}

pub(crate) fn side(
    sources: &mut Sources,
    text: &str,
    beside: &Beside,
) -> Result<ComparedSong, Vec<Diagnostic>> {
    let id = sources.add(SourceText::new("song.kdl", text));
    ComparedSong::read(sources, id, &mut beside.clone())
}

/// `old` against `new`, with what lies beside each.
pub(crate) fn pair(old: (&str, &Beside), new: (&str, &Beside)) -> Pair {
    let mut sources = Sources::default();
    let a = side(&mut sources, old.0, old.1).expect("a song without errors");
    let b = side(&mut sources, new.0, new.1).expect("a song without errors");
    let comparison = compare(&a, &b, RATE).expect("songs that compile");
    Pair { sources, comparison }
}

/// `text` with what stands once in it replaced.
pub(crate) fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replacen(from, to, 1)
}

impl Pair {
    /// The stems with causes, each with the sentences of those.
    pub(crate) fn said(&self) -> Vec<(String, Vec<String>)> {
        let stems = self.comparison.effects.stems.iter().filter(|stem| !stem.heard.causes.is_empty());
        stems.map(|stem| (stem.id.clone(), self.sentences(&stem.heard.causes))).collect()
    }

    pub(crate) fn sentences(&self, numbers: &[usize]) -> Vec<String> {
        numbers.iter().map(|number| self.comparison.changes[*number].sentence()).collect()
    }

    /// The line that a place is on, from 1.
    pub(crate) fn line(&self, span: Span) -> usize {
        self.sources.get(span.source).unwrap().position(span.start as usize).line
    }

    /// What holds for every comparison: who differs has a cause, and who has one differs.
    pub(crate) fn hold_together(&self) {
        let effects = &self.comparison.effects;
        for stem in &effects.stems {
            assert_eq!(stem.heard.differs(), !stem.heard.causes.is_empty(), "{}: {:?}", stem.id, self.said());
        }
        assert_eq!(effects.mix.differs(), !effects.mix.causes.is_empty(), "{:?}", self.comparison.changes);
    }
}

//! One of two songs that are compared: checked once, with all that was read for it kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::statement::Statement;
use crate::check::library;
use crate::check::song::check_with;
use crate::check::song_files::{FileRefusal, SongFiles};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{SourceText, Sources};
use crate::diagnostic::span::{SourceId, Span};
use crate::dsp::clip::Recording;
use crate::model::song::Song;
use crate::syntax::reader::LONGEST;

/// A song with everything that it was read from.
#[derive(Clone, Debug)]
pub struct ComparedSong {
    /// The song.
    pub song: Song,
    /// Warnings, sorted by place.
    pub warnings: Vec<Diagnostic>,
    /// Its own path.
    pub(super) path: String,
    pub(super) outside: bool,
    /// Its own text first, then those that it uses, but for the library's.
    pub(super) sheets: Vec<ComparedText>,
    /// The sound files that it names, each with where that is.
    pub(super) sounds: Vec<(String, Span)>,
    /// Every recording by its path.
    pub(super) recordings: BTreeMap<String, Arc<Recording>>,
    /// Every other text that was read, by its path: a scale.
    pub(super) others: BTreeMap<String, String>,
}

/// One text.
#[derive(Clone, Debug)]
pub(super) struct ComparedText {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) statements: Vec<Statement>,
}

/// Files that are remembered.
struct RememberedFiles<'f> {
    files: &'f mut dyn SongFiles,
    texts: BTreeMap<String, String>,
    recordings: BTreeMap<String, Arc<Recording>>,
}

impl SongFiles for RememberedFiles<'_> {
    fn text(&mut self, path: &str) -> Result<String, FileRefusal> {
        let text = self.files.text(path)?;
        self.texts.insert(path.to_owned(), text.clone());
        Ok(text)
    }

    fn bytes(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileRefusal> {
        self.files.bytes(path, most)
    }

    fn recording(&mut self, path: &str) -> Option<Arc<Recording>> {
        let known = self.files.recording(path)?;
        self.recordings.insert(path.to_owned(), Arc::clone(&known));
        Some(known)
    }

    fn keep(&mut self, path: &str, recording: &Arc<Recording>) {
        self.files.keep(path, recording);
        self.recordings.insert(path.to_owned(), Arc::clone(recording));
    }

    fn name(&self, path: &str) -> String {
        self.files.name(path)
    }

    fn song(&self) -> String {
        self.files.song()
    }

    fn outside(&self) -> bool {
        self.files.outside()
    }
}

impl ComparedSong {
    /// Reads and checks song `id` of `sources`. The texts that `files` gives go into `sources`, so that places in them can
    /// be drawn. Both sides may share their `sources`.
    ///
    /// # Errors
    /// Everything that is wrong with the song, sorted by place.
    pub fn read(
        sources: &mut Sources,
        id: SourceId,
        files: &mut dyn SongFiles,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut memory = RememberedFiles { files, texts: BTreeMap::new(), recordings: BTreeMap::new() };
        let checked = check_with(sources, id, &mut memory);
        let Some(song) = checked.song else {
            return Err(checked.diagnostics);
        };
        let (path, outside) = (memory.song(), memory.outside());
        let mut others = memory.texts;
        let mut sheets = Vec::new();
        for (&source, path) in &checked.texts {
            let text = sources.get(source).map_or("", SourceText::text);
            if library::find(path).is_none() || source == id {
                let statements = Statement::all(source, text);
                sheets.push((
                    source != id,
                    ComparedText { path: path.clone(), text: text.to_owned(), statements },
                ));
                others.remove(path);
            }
        }
        sheets.sort_by_key(|(used, _)| *used);
        Ok(Self {
            song,
            warnings: checked.diagnostics,
            path,
            outside,
            sheets: sheets.into_iter().map(|(_, sheet)| sheet).collect(),
            sounds: checked.sounds,
            recordings: memory.recordings,
            others,
        })
    }

    /// The text at `path` that the song uses.
    pub(super) fn used(&self, path: &str) -> Option<&ComparedText> {
        self.sheets.iter().skip(1).find(|sheet| sheet.path == path)
    }

    /// Where the song says its tuning.
    pub(super) fn tuning(&self) -> Option<Span> {
        let song = self.sheets.first()?.statements.iter().find(|statement| statement.kind == "song")?;
        Some(song.props.iter().find(|prop| prop.name == "tuning")?.value.span)
    }
}

/// What is beside a song that is tried: texts, recordings and scales, from wherever they come.
#[derive(Debug, Default)]
pub(super) struct TrialFiles {
    pub(super) song: String,
    pub(super) outside: bool,
    pub(super) texts: BTreeMap<String, String>,
    pub(super) recordings: BTreeMap<String, Arc<Recording>>,
}

impl SongFiles for TrialFiles {
    fn text(&mut self, path: &str) -> Result<String, FileRefusal> {
        let text = self.texts.get(path).ok_or(FileRefusal::Missing)?;
        if text.len() > LONGEST { Err(FileRefusal::TooLarge) } else { Ok(text.clone()) }
    }

    fn bytes(&mut self, _: &str, _: u64) -> Result<Vec<u8>, FileRefusal> {
        Err(FileRefusal::Missing)
    }

    fn recording(&mut self, path: &str) -> Option<Arc<Recording>> {
        self.recordings.get(path).map(Arc::clone)
    }

    fn song(&self) -> String {
        self.song.clone()
    }

    fn outside(&self) -> bool {
        self.outside
    }
}

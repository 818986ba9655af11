//! Songs from files, from standard input and from the library.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::check::library::{self, PREFIX};
use crate::check::song::check_with;
use crate::check::song_files::{FileRefusal, Nowhere, SongFiles};
use crate::cli::library::not_there;
use crate::diagnostic::codes::playing;
use crate::diagnostic::quote;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{SourceText, Sources};
use crate::diagnostic::span::Span;
use crate::io::folder::{Folder, input, open};
use crate::live::take::Take;
use crate::model::song::Song;

/// A song that has been read and checked.
#[derive(Debug)]
pub struct Loaded {
    /// What it is called in messages: the path as given, or `<stdin>`.
    pub name: String,
    /// The texts that its diagnostics point into.
    pub sources: Sources,
    /// The song, unless anything is an error.
    pub song: Option<Song>,
    /// Errors and warnings, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the file could be read at all. If not, the command can't be carried out; a file that is no song is the
    /// song's fault.
    pub readable: bool,
    /// The files that were read: the song's own and those that it uses.
    pub read: Vec<PathBuf>,
}

impl Loaded {
    /// A text that is no song, for these reasons.
    pub fn refused(name: String, sources: Sources, diagnostics: Vec<Diagnostic>) -> Self {
        Self { name, sources, song: None, diagnostics, readable: true, read: Vec::new() }
    }
}

/// Reads and checks the song at `path`; `-` is standard input. Everything wrong, with the file too, is a diagnostic.
/// What it uses must lie in its folder unless `outside` allows more.
pub fn load(path: &Path, outside: bool) -> Loaded {
    let name = name_of(path);
    match read_text(path) {
        Ok(text) if is_stdin(path) => checked(name, text, &mut Nowhere),
        Ok(text) => {
            let mut folder = Folder::of(path, outside);
            let loaded = checked(name, text, &mut folder);
            Loaded { read: [path.to_path_buf()].into_iter().chain(folder.into_read()).collect(), ..loaded }
        }
        Err(loaded) => *loaded,
    }
}

/// The rig of the library that `path` names, unless there is such a file; without a path the first one.
pub fn load_rig(path: Option<&Path>) -> Option<Loaded> {
    let rig = match path {
        None => library::RIGS.first(),
        Some(path) if path.exists() => None,
        Some(path) => library::RIGS.iter().find(|rig| path.to_str() == Some(rig.name)),
    }?;
    Some(checked(rig.name.to_owned(), rig.text.to_owned(), &mut Nowhere))
}

/// What the file at `path` is called in messages.
pub fn name_of(path: &Path) -> String {
    if is_stdin(path) { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// Whether `path` is `-`.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The text of the file at `path`; `-` is standard input. Without a text, what is to be said of that.
pub fn read_text(path: &Path) -> Result<String, Box<Loaded>> {
    let read = if is_stdin(path) { input() } else { open(path) };
    match read {
        Ok(text) => Ok(text),
        Err(refusal) => {
            let name = name_of(path);
            let readable = !matches!(
                refusal,
                FileRefusal::Missing
                    | FileRefusal::Folder
                    | FileRefusal::Device
                    | FileRefusal::Forbidden
                    | FileRefusal::Unreadable(_)
                    | FileRefusal::Printed(_)
            );
            let said = refusal.diagnostic(&name);
            let said = match refusal {
                FileRefusal::Missing if name.starts_with(PREFIX) => said.help(in_library(&name)),
                FileRefusal::Missing => {
                    said.help("names are relative to the folder that the command runs in")
                }
                FileRefusal::Device => {
                    said.help("write what it gives into a file, or pipe it in: `-` is standard input")
                }
                _ => said,
            };
            let sources = Sources::default();
            Err(Box::new(Loaded { readable, ..Loaded::refused(name, sources, vec![said]) }))
        }
    }
}

fn checked(name: String, text: String, files: &mut dyn SongFiles) -> Loaded {
    let mut sources = Sources::default();
    let word = take_word(&text);
    let take = word.clone().map(|_| Take::read(&text).ok());
    let id = sources.add(SourceText::new(name.clone(), text));
    if let (Some(word), Some(take)) = (word, take) {
        let span = Span { source: id, start: word.start as u32, end: word.end as u32 };
        return Loaded::refused(name.clone(), sources, vec![a_take(span, &name, take.as_ref())]);
    }
    let checked = check_with(&mut sources, id, files);
    Loaded { song: checked.song, ..Loaded::refused(name, sources, checked.diagnostics) }
}

/// Where `text` says `take`, if it is a take: no song has this word at the start of its first line.
fn take_word(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("take \"") || line.starts_with("take #") {
            return Some(at..at + "take".len());
        }
        if !(line.trim().is_empty() || line.starts_with("//")) {
            return None;
        }
        at += line.len();
    }
    None
}

/// What is to be said where `name` is a take and a song is wanted.
fn a_take(at: Span, name: &str, take: Option<&Take>) -> Diagnostic {
    let of = take.map(|take| format!(" of {}", quote::path(&take.song))).unwrap_or_default();
    let song = take.map_or("SONG", |take| take.song.as_str());
    Diagnostic::new(&playing::TAKE_FOR_SONG, at, format!("this is a take{of}, not a song"))
        .label("what was done while it played")
        .help(format!("write `chronus render {song} --take {name} -o take.wav` to render it"))
}

/// What can be done with `name`, which is of the library, where a song is wanted.
fn in_library(name: &str) -> String {
    let file = name.split_once('#').map_or(name, |(file, _)| file);
    let Some(volume) = library::find(file) else { return not_there(file) };
    let first = volume.entries().into_iter().next().map(|entry| entry.name).unwrap_or_default();
    let copy = file[PREFIX.len()..].replace('/', "-");
    format!(
        "it is in the library, not in a folder. Make a song of it with `chronus library {file} > {copy}.kdl`, then \
         `chronus play {copy}.kdl`; hear it with `chronus render {name} -o {}.wav`; or write a song that says \
         `use \"{file}\" {first}`",
        name[PREFIX.len()..].replace(['#', '/'], "-")
    )
}

/// The song that shows what is in the library under `name`: a file of it, or `file#instrument`. A file of this name in the
/// folder comes first.
pub fn audition(name: &Path) -> Option<Loaded> {
    let written = name.to_str().filter(|_| !name.exists())?;
    let (file, only) = match written.split_once('#') {
        Some((file, instrument)) => (file, Some(instrument)),
        None => (written, None),
    };
    let volume = library::find(file)?;
    let mut loaded = checked(written.to_owned(), volume.text.to_owned(), &mut Nowhere);
    loaded.song = loaded.song.and_then(|song| volume.shown(song, only));
    if loaded.song.is_none() && loaded.diagnostics.is_empty() {
        loaded.diagnostics.push(volume.lacks(only.unwrap_or_default()));
    }
    Some(loaded)
}

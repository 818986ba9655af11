//! Songs from files and from standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

use crate::check::song::check_beside;
use crate::diagnostic::code::Code;
use crate::diagnostic::codes::files;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{Source, Sources};
use crate::model::song::Song;
use crate::syntax::reader::LONGEST;

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
}

/// Reads and checks the song at `path`; `-` is standard input. Everything wrong, with the file too, is a diagnostic.
pub fn load(path: &Path) -> Loaded {
    let name = name_of(path);
    let mut sources = Sources::default();
    match read_text(path) {
        Ok(text) => {
            let id = sources.add(Source::new(name.clone(), text));
            let text = sources.get(id).map_or("", Source::text);
            let checked = check_beside(id, text, &mut |file| beside(path, file));
            Loaded { name, sources, song: checked.song, diagnostics: checked.diagnostics, readable: true }
        }
        Err(diagnostic) => Loaded::refused(name, diagnostic),
    }
}

impl Loaded {
    /// A file of which there is no text.
    pub fn refused(name: String, diagnostic: Diagnostic) -> Self {
        let unreadable: [&Code; 3] = [&files::MISSING_FILE, &files::UNREADABLE_FILE, &files::NOT_A_FILE];
        let readable = !unreadable.iter().any(|code| code.id == diagnostic.code.id);
        Self { name, sources: Sources::default(), song: None, diagnostics: vec![diagnostic], readable }
    }
}

/// What the file at `path` is called in messages.
pub fn name_of(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// The text of the file at `path`; `-` is standard input.
pub fn read_text(path: &Path) -> Result<String, Diagnostic> {
    let name = name_of(path);
    let bytes = if path.as_os_str() == "-" { bytes(io::stdin().lock(), &name) } else { open(path, &name) };
    bytes.and_then(|bytes| text_of(bytes, &name))
}

/// The text of `file`, which the song at `song` names: beside it, in its folder or below.
fn beside(song: &Path, file: &str) -> Result<String, Diagnostic> {
    if song.as_os_str() == "-" {
        let message = format!("a song from standard input has no folder, so {} can't be found", quoted(file));
        return Err(Diagnostic::of_file(&files::MISSING_FILE, message).help("save the song to a file"));
    }
    let inside =
        Path::new(file).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let folder = song.parent().unwrap_or_else(|| Path::new(""));
    let path = folder.join(file);
    let there = |path: &Path| {
        if path.as_os_str().is_empty() { Path::new(".").canonicalize() } else { path.canonicalize() }
    };
    let leads_out = match (there(folder), there(&path)) {
        (Ok(folder), Ok(path)) => !path.starts_with(folder),
        _ => false,
    };
    if !inside || leads_out {
        let message = format!("{} lies outside of the song's folder", quoted(file));
        return Err(Diagnostic::of_file(&files::UNREADABLE_FILE, message).help("copy it beside the song"));
    }
    read_text(&path).map_err(|diagnostic| {
        if diagnostic.code.id == files::MISSING_FILE.id {
            diagnostic.help("names are relative to the folder of the song")
        } else {
            diagnostic
        }
    })
}

fn open(path: &Path, name: &str) -> Result<Vec<u8>, Diagnostic> {
    if path.is_dir() {
        return Err(Diagnostic::of_file(
            &files::NOT_A_FILE,
            format!("{} is a folder, not a song", quoted(name)),
        )
        .help("name a file in it"));
    }
    let file = File::open(path).map_err(|error| unreadable(&error, name))?;
    bytes(file, name)
}

/// No more than a song can have: what is named may be a device without end.
fn bytes(from: impl Read, name: &str) -> Result<Vec<u8>, Diagnostic> {
    let mut bytes = Vec::new();
    from.take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error, name))?;
    Ok(bytes)
}

fn unreadable(error: &io::Error, name: &str) -> Diagnostic {
    match error.kind() {
        io::ErrorKind::NotFound => {
            Diagnostic::of_file(&files::MISSING_FILE, format!("there is no file {}", quoted(name)))
                .help("names are relative to the folder that the command runs in")
        }
        io::ErrorKind::PermissionDenied => {
            Diagnostic::of_file(&files::UNREADABLE_FILE, format!("{} may not be read", quoted(name)))
                .help("change its permissions")
        }
        _ => Diagnostic::of_file(&files::UNREADABLE_FILE, format!("{} can't be read: {error}", quoted(name))),
    }
}

fn text_of(bytes: Vec<u8>, name: &str) -> Result<String, Diagnostic> {
    const SOUNDS: [&[u8]; 5] = [b"RIFF", b"fLaC", b"ID3", b"OggS", b"FORM"];
    if SOUNDS.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(Diagnostic::of_file(
            &files::NOT_TEXT,
            format!("{} is a sound file, not a song", quoted(name)),
        )
        .help("name the song's text"));
    }
    if bytes.contains(&0) {
        return Err(Diagnostic::of_file(
            &files::NOT_TEXT,
            format!("{} is no text: it has null bytes in it", quoted(name)),
        )
        .help("save it as UTF-8, without the zeros of UTF-16"));
    }
    if bytes.len() > LONGEST {
        return Err(Diagnostic::of_file(&files::TOO_LARGE, format!("{} is longer than 1 MiB", quoted(name)))
            .help("a song can have 1,048,576 bytes of text"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        Diagnostic::of_file(&files::NOT_TEXT, format!("line {line} of {} isn't UTF-8", quoted(name)))
            .help("save it as UTF-8")
    })
}

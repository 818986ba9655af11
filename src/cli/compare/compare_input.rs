//! What is compared: read from where the command line says.

use std::path::{Path, PathBuf};

use crate::change::compared_song::ComparedSong as Read;
use crate::check::decode::each;
use crate::check::song_files::{Nowhere, SongFiles};
use crate::cli::input::{Loaded, is_stdin, name_of, read_text};
use crate::compare::compared_sound::ComparedSound;
use crate::compare::golden::Golden;
use crate::compare::golden_text::{GoldenFault, read};
use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::{self, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{SourceText, Sources};
use crate::io::folder::{self, Folder, text};
use crate::io::git::Revision;
use crate::model::song::Song;

/// What golden files end in.
pub(crate) const GOLDEN: &str = "golden";
/// What sound files end in.
const SOUNDS: [&str; 4] = ["wav", "wave", "flac", "mp3"];
/// Samples that are read of one sound file: an hour and a half in stereo at 48 kHz, 2 GiB of memory.
const MOST: usize = 512 << 20;

/// One of two sides.
pub(crate) struct CompareInput {
    /// What it is called.
    pub(crate) name: String,
    /// What it is.
    pub(crate) what: InputContent,
    /// The files that it was read from.
    pub(crate) read: Vec<PathBuf>,
}

/// What a side is.
pub(crate) enum InputContent {
    /// A song, with its texts and what lies beside it.
    Song {
        /// With all that it was read from.
        read: Box<Read>,
        /// Its texts.
        sources: Sources,
    },
    /// A sound file.
    Sound(ComparedSound),
    /// A folder of sound files: their names without ends, in alphabetical order.
    Stems(Vec<(String, ComparedSound)>),
    /// A golden file.
    Golden(Golden),
}

/// Why there is nothing to compare.
pub(crate) enum InputRefused {
    /// The song has errors, or can't be read.
    Song(Box<Loaded>),
    /// Anything else.
    Said(Box<Diagnostic>),
}

impl From<Diagnostic> for InputRefused {
    fn from(said: Diagnostic) -> Self {
        Self::Said(Box::new(said))
    }
}

impl CompareInput {
    /// Reads what `path` names: a song (`-` is standard input), a sound file, a golden file, a folder of stems, or `REV:path`,
    /// any file of these as it was in git. `outside` lets songs use files outside of their folders.
    pub(crate) fn read(path: &Path, outside: bool) -> Result<Self, InputRefused> {
        let revision = path.to_str().filter(|_| !path.exists()).and_then(|text| text.split_once(':'));
        if let Some((revision, inside)) = revision.filter(|_| !is_stdin(path)) {
            return Self::from_git(&Revision::find(Path::new("."), revision)?, inside);
        }
        let name = name_of(path);
        let mut files = vec![path.to_path_buf()];
        let what = if path.is_dir() {
            files = sounds_in(path)?;
            InputContent::Stems(stems(path, &files)?)
        } else if ends_in(path, &[GOLDEN]) {
            InputContent::Golden(golden(&name, &bytes(path)?)?)
        } else if ends_in(path, &SOUNDS) {
            InputContent::Sound(sound(&name, bytes(path)?)?)
        } else {
            let text = read_text(path).map_err(InputRefused::Song)?;
            if is_stdin(path) {
                song(&name, text, &mut Nowhere)?
            } else {
                let mut folder = Folder::of(path, outside);
                let what = song(&name, text, &mut folder)?;
                files.extend(folder.into_read());
                what
            }
        };
        Ok(Self { name, what, read: files })
    }

    /// What was at `path` in a revision.
    pub(crate) fn from_git(revision: &Revision, path: &str) -> Result<Self, InputRefused> {
        let name = format!("{}:{path}", revision.name());
        let bytes = revision.bytes(path)?;
        let what = if ends_in(Path::new(path), &[GOLDEN]) {
            InputContent::Golden(golden(&name, &bytes)?)
        } else if ends_in(Path::new(path), &SOUNDS) {
            InputContent::Sound(sound(&name, bytes)?)
        } else {
            let mut files = revision.clone().beside(path);
            let text = text(bytes.as_slice()).map_err(|refusal| refusal.diagnostic(&name))?;
            song(&name, text, &mut files)?
        };
        Ok(Self { name, what, read: Vec::new() })
    }

    /// Its song, if it is one.
    pub(crate) fn song(&self) -> Option<&Song> {
        match &self.what {
            InputContent::Song { read, .. } => Some(&read.song),
            _ => None,
        }
    }

    /// The same; its song without end lasts so many seconds.
    pub(crate) fn lasting(mut self, seconds: Option<f64>) -> Self {
        if let (InputContent::Song { read, .. }, Some(seconds)) = (&mut self.what, seconds) {
            read.song.last(seconds);
        }
        self
    }

    /// The rate at which it can only be; a song can be at any, but may ask for one.
    pub(crate) fn rate(&self) -> Option<u32> {
        match &self.what {
            InputContent::Song { .. } => None,
            InputContent::Sound(sound) => Some(sound.rate),
            InputContent::Stems(stems) => stems.first().map(|(_, sound)| sound.rate),
            InputContent::Golden(golden) => Some(golden.rate),
        }
    }
}

/// The song in `text`, which messages call `name`.
fn song(name: &str, text: String, files: &mut dyn SongFiles) -> Result<InputContent, InputRefused> {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new(name, text));
    match Read::read(&mut sources, id, files) {
        Ok(read) => Ok(InputContent::Song { read: Box::new(read), sources }),
        Err(diagnostics) => {
            Err(InputRefused::Song(Box::new(Loaded::refused(name.to_owned(), sources, diagnostics))))
        }
    }
}

fn ends_in(path: &Path, ends: &[&str]) -> bool {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    end.is_some_and(|end| ends.contains(&end.as_str()))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let read = folder::bytes(path, MOST as u64 * 8);
    read.map_err(|refusal| refusal.diagnostic(&path.display().to_string()))
}

/// The sound in `bytes`, which messages call `name`.
fn sound(name: &str, bytes: Vec<u8>) -> Result<ComparedSound, Diagnostic> {
    let mut sound = ComparedSound { rate: 0, frames: Vec::new() };
    sound.rate = each(bytes, MOST, |planes| sound.push(planes)).map_err(|fault| fault.diagnostic(name))?;
    Ok(sound)
}

/// The paths of the sound files in a folder, sorted.
fn sounds_in(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let unreadable = |error: &std::io::Error| {
        crate::check::song_files::FileRefusal::Unreadable(error.to_string())
            .diagnostic(&folder.display().to_string())
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(&error))? {
        let path = entry.map_err(|error| unreadable(&error))?.path();
        if ends_in(&path, &SOUNDS) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The sound files at `paths`, which are those in a folder.
fn stems(folder: &Path, paths: &[PathBuf]) -> Result<Vec<(String, ComparedSound)>, Diagnostic> {
    let mut stems = Vec::new();
    for path in paths {
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        stems.push((id, sound(&path.display().to_string(), bytes(path)?)?));
    }
    if stems.is_empty() {
        let message = format!("there are no sound files in {}", quote::path(&folder.display().to_string()));
        let help = "name a folder that `chronus render song.kdl --stems folder` wrote, or a file";
        return Err(Diagnostic::of_file(&comparing::CANNOT_COMPARE, message).help(help));
    }
    Ok(stems)
}

/// The golden file in `bytes`, which messages call `name`.
pub(crate) fn golden(name: &str, bytes: &[u8]) -> Result<Golden, Diagnostic> {
    let file = quote::path(name);
    let text = std::str::from_utf8(bytes).map_err(|_| GoldenFault::Other);
    text.and_then(read).map_err(|fault| {
        let bless = "write it anew with `chronus test --bless`";
        let (code, message, help) = match fault {
            GoldenFault::Other => {
                (&comparing::NOT_A_GOLDEN, format!("{file} is no golden file"), bless.to_owned())
            }
            GoldenFault::Version(version) => (
                &comparing::GOLDEN_VERSION,
                format!("{file} is of version {}, which this chronus doesn't know", quoted(&version)),
                format!("use the chronus that wrote it, or {bless}"),
            ),
            GoldenFault::Edited => (
                &comparing::EDITED_GOLDEN,
                format!("{file} isn't as chronus wrote it: it was edited, or a part is missing"),
                format!("bring it back from version control, or {bless}"),
            ),
            GoldenFault::Line(line) => (
                &comparing::EDITED_GOLDEN,
                format!("line {line} of {file} makes no sense"),
                format!("bring it back from version control, or {bless}"),
            ),
        };
        Diagnostic::of_file(code, message).help(help)
    })
}

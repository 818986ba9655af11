//! What a song may ask for beside its own text, and why it may not get it. Checking itself reads nothing.

use std::sync::Arc;

use crate::diagnostic::codes::{files, rendering, uses};
use crate::diagnostic::quote;
use crate::diagnostic::report::Diagnostic;
use crate::dsp::clip::Recording;

/// Gives what stands beside a song. Paths are relative to the song's folder, with `/` between their parts, without
/// `.`, and with `..` at their beginning only.
pub trait SongFiles {
    /// The text of the file at `path`.
    fn text(&mut self, path: &str) -> Result<String, FileRefusal>;

    /// What is in the file at `path`, no more than `most` bytes.
    fn bytes(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileRefusal>;

    /// The sound file at `path`, or of that name in the library, if it has been decoded before.
    fn recording(&mut self, path: &str) -> Option<Arc<Recording>> {
        let _ = path;
        None
    }

    /// Takes note of what was decoded, for those who check a song more than once.
    fn keep(&mut self, path: &str, recording: &Arc<Recording>) {
        let _ = (path, recording);
    }

    /// What messages call the file at `path`.
    fn name(&self, path: &str) -> String {
        path.to_owned()
    }

    /// The song's own path.
    fn song(&self) -> String {
        "song.kdl".to_owned()
    }

    /// Whether paths may leave the song's folder.
    fn outside(&self) -> bool {
        false
    }
}

/// Why there is nothing to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRefusal {
    /// There is no such file.
    Missing,
    /// It is a folder.
    Folder,
    /// It is a pipe or a device.
    Device,
    /// Its permissions don't allow it.
    Forbidden,
    /// It can't be read, for the reason that the system gives.
    Unreadable(String),
    /// It is longer than 1 MiB, or than a sound file can be.
    TooLarge,
    /// It is a sound.
    Sound,
    /// It has zeros in it.
    Zeros,
    /// It isn't UTF-8; in which line.
    NotUtf8(usize),
    /// By way of a link it lies outside of the song's folder.
    Outside,
    /// What the command prints goes into it, by the stream that is called so.
    Printed(&'static str),
    /// The song has no folder, because it comes from standard input.
    NoFolder,
}

impl FileRefusal {
    /// As a diagnostic about the file called `name`, still without a place.
    pub fn diagnostic(&self, name: &str) -> Diagnostic {
        let name = quote::path(name);
        let (code, message, help) = match self {
            Self::Missing => (&files::MISSING_FILE, format!("there is no file {name}"), None),
            Self::Folder => (
                &files::NOT_A_FILE,
                format!("{name} is a folder, not a song"),
                Some("name a file in it".to_owned()),
            ),
            Self::Device => (
                &files::NOT_A_FILE,
                format!("{name} is a pipe or a device, not a file"),
                Some("write what it gives into a file, and name that".to_owned()),
            ),
            Self::Forbidden => (
                &files::UNREADABLE_FILE,
                format!("{name} may not be read"),
                Some("change its permissions".to_owned()),
            ),
            Self::Unreadable(why) => (&files::UNREADABLE_FILE, format!("{name} can't be read: {why}"), None),
            Self::TooLarge => (
                &files::TOO_LARGE,
                format!("{name} is longer than 1 MiB"),
                Some("a song can have 1,048,576 bytes of text".to_owned()),
            ),
            Self::Sound => (
                &files::NOT_TEXT,
                format!("{name} is a sound file, not a song"),
                Some("name the song's text".to_owned()),
            ),
            Self::Zeros => (
                &files::NOT_TEXT,
                format!("{name} is no text: it has null bytes in it"),
                Some("save it as UTF-8, without the zeros of UTF-16".to_owned()),
            ),
            Self::NotUtf8(line) => (
                &files::NOT_TEXT,
                format!("line {line} of {name} isn't UTF-8"),
                Some("save it as UTF-8".to_owned()),
            ),
            Self::Outside => (
                &uses::OUTSIDE_FOLDER,
                format!("{name} is a link that leads out of the song's folder"),
                Some("copy the file beside the song, or allow it with `--allow-outside`".to_owned()),
            ),
            Self::Printed(stream) => (
                &rendering::OUTPUT_IS_INPUT,
                format!("{stream} goes to {name}, which is read"),
                Some("let it go to another file, or leave it on the terminal".to_owned()),
            ),
            Self::NoFolder => (
                &uses::NO_FOLDER,
                format!("a song from standard input has no folder, so {name} can't be found"),
                Some("save the song to a file, or use the library: `use \"std/kit\" kick`".to_owned()),
            ),
        };
        Diagnostic::of_file(code, message).maybe_help(help)
    }
}

/// Nothing beside the song: it comes from standard input.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl SongFiles for Nowhere {
    fn text(&mut self, _: &str) -> Result<String, FileRefusal> {
        Err(FileRefusal::NoFolder)
    }

    fn bytes(&mut self, _: &str, _: u64) -> Result<Vec<u8>, FileRefusal> {
        Err(FileRefusal::NoFolder)
    }
}

/// Files that exist in memory only: paths with their texts.
#[derive(Clone, Copy, Debug)]
pub struct MemoryFiles<'a>(pub &'a [(&'a str, &'a str)]);

impl SongFiles for MemoryFiles<'_> {
    fn text(&mut self, path: &str) -> Result<String, FileRefusal> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or(FileRefusal::Missing)
    }

    fn bytes(&mut self, path: &str, _: u64) -> Result<Vec<u8>, FileRefusal> {
        self.text(path).map(String::into_bytes)
    }
}

//! Texts of songs: read from files, from standard input, and from the folder that a song lies in.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::check::song_files::{FileRefusal, SongFiles};
use crate::io::standard::{stream_to, stream_to_input};
use crate::syntax::reader::LONGEST;

/// What lies in the folder of a song.
#[derive(Clone, Debug)]
pub struct Folder {
    folder: PathBuf,
    song: String,
    outside: bool,
    read: BTreeMap<PathBuf, Stamp>,
    /// Files that are read in place of others, by the path of those from the folder.
    instead: BTreeMap<String, PathBuf>,
    /// The bytes of what was read, by its path from the folder, where they are kept.
    contents: Option<BTreeMap<String, Arc<[u8]>>>,
}

/// When a file was changed last and its length, as far as the system says it; `None` if there is none.
pub type Stamp = Option<(SystemTime, u64)>;

/// The state of the file at `path`.
pub fn stamp(path: &Path) -> Stamp {
    let facts = std::fs::metadata(path).ok()?;
    Some((facts.modified().ok()?, facts.len()))
}

impl Folder {
    /// The folder of the song at `path`. `outside` allows files elsewhere.
    pub fn of(path: &Path, outside: bool) -> Self {
        let song = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Self { folder, song, outside, read: BTreeMap::new(), instead: BTreeMap::new(), contents: None }
    }

    /// The same, where the files with these paths are read from other places, which need not lie in the folder.
    #[must_use]
    pub fn with(self, instead: &BTreeMap<String, PathBuf>) -> Self {
        Self { instead: instead.clone(), ..self }
    }

    /// The same; the bytes of everything that is read are kept.
    #[must_use]
    pub fn keeping(self) -> Self {
        Self { contents: Some(BTreeMap::new()), ..self }
    }

    /// The files in it that were asked for so far: no command may write over one.
    pub fn into_read(self) -> impl Iterator<Item = PathBuf> {
        self.read.into_keys()
    }

    /// The same, each with its state just before it was read.
    pub fn read(&self) -> &BTreeMap<PathBuf, Stamp> {
        &self.read
    }

    /// The bytes that were kept, by the paths of the files from the folder.
    pub fn kept(&self) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        self.contents.iter().flatten().map(|(name, bytes)| (name.as_str(), bytes))
    }

    fn note(&mut self, path: &str, bytes: &[u8]) {
        if let Some(contents) = &mut self.contents {
            contents.insert(path.to_owned(), bytes.into());
        }
    }

    /// Where the file at `path` is, unless links lead out of the folder to it.
    fn allowed(&mut self, name: &str) -> Result<PathBuf, FileRefusal> {
        let instead = self.instead.get(name);
        let path = instead.cloned().unwrap_or_else(|| self.folder.join(name));
        let elsewhere = self.outside || instead.is_some();
        self.read.entry(path.clone()).or_insert_with(|| stamp(&path));
        if path.exists() && !elsewhere && !self.holds(&path) { Err(FileRefusal::Outside) } else { Ok(path) }
    }

    /// Whether the file at `path` lies in the folder, links followed.
    fn holds(&self, path: &Path) -> bool {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        match (folder.canonicalize(), path.canonicalize()) {
            (Ok(folder), Ok(path)) => path.starts_with(folder),
            _ => false,
        }
    }
}

impl SongFiles for Folder {
    fn text(&mut self, path: &str) -> Result<String, FileRefusal> {
        let text = open(&self.allowed(path)?)?;
        self.note(path, text.as_bytes());
        Ok(text)
    }

    fn bytes(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileRefusal> {
        let bytes = bytes(&self.allowed(path)?, most)?;
        self.note(path, &bytes);
        Ok(bytes)
    }

    fn name(&self, path: &str) -> String {
        let instead = self.instead.get(path).cloned();
        instead.unwrap_or_else(|| self.folder.join(path)).display().to_string()
    }

    fn song(&self) -> String {
        self.song.clone()
    }

    fn outside(&self) -> bool {
        self.outside
    }
}

/// The text of the file at `path`.
pub fn open(path: &Path) -> Result<String, FileRefusal> {
    text(file(path)?)
}

/// All bytes of the file at `path`, unless there are more than `most`.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, FileRefusal> {
    let mut bytes = Vec::new();
    file(path)?.take(most + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > most { Err(FileRefusal::TooLarge) } else { Ok(bytes) }
}

/// The text that comes from the standard input.
pub fn input() -> Result<String, FileRefusal> {
    match stream_to_input() {
        Some(stream) => Err(FileRefusal::Printed(stream.name())),
        None => text(io::stdin().lock()),
    }
}

/// The file at `path`, to be read. A file into which the command prints is refused. Pipes and devices are refused and never waited for: they may not answer, or not end.
fn file(path: &Path) -> Result<File, FileRefusal> {
    let kind = |facts: &Metadata| match () {
        () if facts.is_dir() => Err(FileRefusal::Folder),
        () if !facts.is_file() => Err(FileRefusal::Device),
        () => Ok(()),
    };
    kind(&path.metadata().map_err(|error| unreadable(&error))?)?;
    let mut options = File::options();
    options.read(true);
    // What lies there may have become a pipe since: opening one waits for its writer.
    #[cfg(unix)]
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    let file = options.open(path).map_err(|error| unreadable(&error))?;
    kind(&file.metadata().map_err(|error| unreadable(&error))?)?;
    match stream_to(&file, path) {
        Some(stream) => Err(FileRefusal::Printed(stream.name())),
        None => Ok(file),
    }
}

/// The text that `from` gives. No more than a song can have is read: what is named may be a device without end.
pub fn text(from: impl Read) -> Result<String, FileRefusal> {
    const SOUNDS: [&[u8]; 5] = [b"RIFF", b"fLaC", b"ID3", b"OggS", b"FORM"];
    let mut bytes = Vec::new();
    from.take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if SOUNDS.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(FileRefusal::Sound);
    }
    if bytes.contains(&0) {
        return Err(FileRefusal::Zeros);
    }
    if bytes.len() > LONGEST {
        return Err(FileRefusal::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        FileRefusal::NotUtf8(error.as_bytes()[..at].split(|byte| *byte == b'\n').count())
    })
}

fn unreadable(error: &io::Error) -> FileRefusal {
    match error.kind() {
        io::ErrorKind::NotFound => FileRefusal::Missing,
        io::ErrorKind::PermissionDenied => FileRefusal::Forbidden,
        _ => FileRefusal::Unreadable(error.to_string()),
    }
}

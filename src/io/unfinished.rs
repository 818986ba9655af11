//! Recordings that were cut off: a recording leaves a note with the user's caches while it is made, and takes it away at its end.
//! A note that nobody holds any more is of a program that was killed.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::io::cache::user_folder;
use crate::io::drafts::draft;
use crate::io::file_identity::resolved;

/// What notes end in.
const END: &str = "recording";
/// The most bytes of a note: a path.
const LONGEST: u64 = 16_384;

/// The note of a recording that is being made. It is locked as long as this exists.
#[derive(Debug)]
pub struct UnfinishedEntry {
    path: PathBuf,
    // Closing it gives up the lock.
    _file: File,
}

/// A recording that was cut off. Until this is dropped or [`CutOff::told`], no other program finds it.
#[derive(Debug)]
pub struct CutOff {
    /// The file.
    pub path: PathBuf,
    /// Milliseconds of sound in it; `None` if it is no WAV file any more.
    pub milliseconds: Option<u64>,
    note: PathBuf,
    // Closing it gives up the lock.
    _file: File,
}

impl CutOff {
    /// Somebody has been told of it, so the next start needn't.
    pub fn told(self) {
        // If it stays, the next start says too much.
        drop(std::fs::remove_file(&self.note));
    }
}

impl UnfinishedEntry {
    /// Notes that the recording at `path` is being made; to be called before there is a file, so that it is known at every moment.
    ///
    /// # Errors
    /// If there is no place for notes.
    pub fn of(path: &Path) -> io::Result<Self> {
        Self::in_folder(&folder().ok_or(io::ErrorKind::NotFound)?, path)
    }

    fn in_folder(folder: &Path, path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let real = resolved(path)?;
        let name = blake3::hash(real.as_os_str().as_encoded_bytes()).to_hex();
        let note = folder.join(format!("{}.{END}", &name[..32]));
        // Locked before it has the name under which others look for it.
        let mut draft = draft(folder)?;
        // A draft is, where files can be locked; nobody could tell when this one is over otherwise.
        draft.as_file().lock()?;
        draft.write_all(real.to_string_lossy().as_bytes())?;
        let file = draft.persist(&note)?;
        Ok(Self { path: note, _file: file })
    }

    /// The recording has ended.
    pub fn remove(self) {
        // If it stays, the next start says too much.
        drop(std::fs::remove_file(&self.path));
    }
}

/// The recordings that were cut off and of which nobody has been told.
pub fn cut_off() -> Vec<CutOff> {
    folder().map(|folder| cut_off_in(&folder)).unwrap_or_default()
}

/// The same, of the notes in `folder`.
pub fn cut_off_in(folder: &Path) -> Vec<CutOff> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let notes = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut notes: Vec<PathBuf> = notes.filter(|path| is_note(path)).collect();
    notes.sort();
    notes.iter().filter_map(|note| read(note)).collect()
}

/// Whether a file has the name of a note: others are the user's.
fn is_note(path: &Path) -> bool {
    let hash = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let hash = hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    hash && path.extension().is_some_and(|end| end == END)
}

/// What a note says, if nobody holds it any more. A note that says nothing is removed.
fn read(note: &Path) -> Option<CutOff> {
    let file = File::open(note).ok()?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return None,
    }
    let cut_off = of_note(note, file);
    if cut_off.is_none() {
        drop(std::fs::remove_file(note));
    }
    cut_off
}

/// The recording that a note names, if that is still there.
fn of_note(note: &Path, file: File) -> Option<CutOff> {
    let mut text = String::new();
    (&file).take(LONGEST).read_to_string(&mut text).ok()?;
    let path = PathBuf::from(text);
    let about = path.metadata().ok()?;
    let wav = about.is_file().then(|| hound::WavReader::open(&path).ok()).flatten();
    let milliseconds =
        wav.map(|wav| u64::from(wav.duration()) * 1_000 / u64::from(wav.spec().sample_rate.max(1)));
    Some(CutOff { path, milliseconds, note: note.to_path_buf(), _file: file })
}

fn folder() -> Option<PathBuf> {
    user_folder().map(|folder| folder.join("recordings"))
}

#[cfg(test)]
mod tests {
    use super::{CutOff, UnfinishedEntry, cut_off_in};

    #[test]
    fn a_recording_that_nobody_makes_any_more_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let wav = folder.path().canonicalize().unwrap().join("night.wav");
        std::fs::write(&wav, "no sound").unwrap();
        let notes = folder.path().join("notes");
        let entry = UnfinishedEntry::in_folder(&notes, &wav).unwrap();
        let none = |why: &str| assert!(cut_off_in(&notes).is_empty(), "{why}");
        none("it is being made");
        // As if the program had been killed.
        drop(entry);
        let found = cut_off_in(&notes);
        assert_eq!((found.len(), &found[0].path, found[0].milliseconds), (1, &wav, None));
        none("another program tells it");
        drop(found);
        let found = cut_off_in(&notes);
        assert_eq!(found.len(), 1, "nobody was told");
        found.into_iter().for_each(CutOff::told);
        none("told once");
        UnfinishedEntry::in_folder(&notes, &wav).unwrap().remove();
        none("it has ended");
        drop(UnfinishedEntry::in_folder(&notes, &wav).unwrap());
        std::fs::remove_file(&wav).unwrap();
        none("it isn't there any more");
        assert_eq!(std::fs::read_dir(&notes).unwrap().count(), 0);
    }
}

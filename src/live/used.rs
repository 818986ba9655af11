//! The files that a song uses beside its text: which they are, as of when, and what was in them where a take is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::io::folder::{Folder, Stamp};
use crate::live::session::Session;

/// The files that texts of a song have asked for.
#[derive(Clone, Debug, Default)]
pub struct UsedFiles {
    /// Each with its state just before it was read last.
    stamps: BTreeMap<PathBuf, Stamp>,
    /// The bytes of each, by its path from the song's folder; only where they are kept.
    pub(super) contents: BTreeMap<String, Arc<[u8]>>,
}

/// A file of which the content isn't what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChangedFile {
    /// Its path from the song's folder.
    pub(super) name: String,
    /// What was in it; nothing if it wasn't used before.
    pub(super) before: Option<Arc<[u8]>>,
    /// What is in it.
    pub(super) now: Arc<[u8]>,
}

impl UsedFiles {
    /// The files that were read from `folder`.
    pub(super) fn of(folder: &Folder) -> Self {
        let contents = folder.kept().map(|(name, bytes)| (name.to_owned(), Arc::clone(bytes)));
        Self { stamps: folder.read().clone(), contents: contents.collect() }
    }

    /// Where the files are.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.stamps.keys().map(PathBuf::as_path)
    }

    /// Each file, and its state just before it was read last.
    pub(super) fn stamps(&self) -> impl Iterator<Item = (&Path, Stamp)> {
        self.stamps.iter().map(|(path, stamp)| (path.as_path(), *stamp))
    }

    /// Adds what another text of the song uses, and gives what is new or different.
    pub(super) fn merge(&mut self, other: Self) -> Vec<ChangedFile> {
        let mut changed = Vec::new();
        for (name, now) in &other.contents {
            let before = self.contents.get(name);
            if before != Some(now) {
                changed.push(ChangedFile {
                    name: name.clone(),
                    before: before.cloned(),
                    now: Arc::clone(now),
                });
            }
        }
        self.stamps.extend(other.stamps);
        self.contents.extend(other.contents);
        changed
    }
}

impl Session {
    /// The files that have changed, or were used for the first time, since this was asked last; only if what is in them is kept.
    pub(super) fn changed(&mut self) -> Vec<ChangedFile> {
        std::mem::take(&mut self.changed)
    }

    /// From the next text on, files are read in place of those that it uses.
    pub(super) fn read_instead(&mut self, instead: BTreeMap<String, PathBuf>) {
        self.config.instead = instead;
    }
}

/// How a take names what was in a file: the beginning of its BLAKE3.
pub(super) fn content_name(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

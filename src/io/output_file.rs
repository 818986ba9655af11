//! Files that are either written whole or not at all. `outputs.rs` decides which may be written.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::io::drafts::draft_for_all;
use crate::io::file_identity::folder_of;

/// Where a command writes.
#[derive(Debug)]
pub enum OutputFile {
    /// A regular file: written under another name beside it, and renamed when it is whole.
    Whole {
        /// What is being written.
        draft: NamedTempFile,
        /// What it will be called.
        path: PathBuf,
    },
    /// A new file under its own name from the start: what grows in it is kept whatever happens.
    Growing(File),
    /// A device or a named pipe, which is written as it is.
    Stream(File),
    /// The standard output.
    Pipe(io::Stdout),
}

impl OutputFile {
    /// The standard output.
    pub(super) fn stdout() -> Self {
        Self::Pipe(io::stdout())
    }

    /// The regular file at `path`, which is no symbolic link. If it exists it stays as it is until [`OutputFile::finish`], and what
    /// replaces it has its permissions and its owner.
    pub(super) fn whole(path: &Path) -> io::Result<Self> {
        let draft = draft_for_all(folder_of(path))?;
        if let Ok(before) = path.metadata() {
            draft.as_file().set_permissions(before.permissions())?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::{MetadataExt, fchown};
                let new = draft.as_file().metadata()?;
                if (new.uid(), new.gid()) != (before.uid(), before.gid()) {
                    // Only the system's administrator can give files away.
                    drop(fchown(draft.as_file(), Some(before.uid()), Some(before.gid())));
                }
            }
        }
        Ok(Self::Whole { draft, path: path.to_path_buf() })
    }

    /// A new file at `path` that begins with `start`, and has its name as soon as it is there.
    pub(super) fn growing(path: &Path, start: &[u8]) -> io::Result<Self> {
        let Self::Whole { mut draft, path } = Self::whole(path)? else {
            return Err(io::ErrorKind::Other.into());
        };
        draft.write_all(start)?;
        let file = draft.persist_noclobber(path)?;
        // By this name it is a file as others are. Where there are no locks there is none.
        drop(file.unlock());
        Ok(Self::Growing(file))
    }

    /// Whether what was written can be gone back to.
    pub fn can_seek(&self) -> bool {
        matches!(self, Self::Whole { .. } | Self::Growing(_))
    }

    /// Puts what was written on the disk. Streams have none.
    pub fn sync(&self) -> io::Result<()> {
        match self {
            Self::Whole { draft, .. } => draft.as_file().sync_data(),
            Self::Growing(file) => file.sync_data(),
            Self::Stream(_) | Self::Pipe(_) => Ok(()),
        }
    }

    /// Writes `bytes` at `place`, over what is there; the next write is at the end again. Only where [`OutputFile::can_seek`].
    pub fn write_at(&mut self, place: u64, bytes: &[u8]) -> io::Result<()> {
        let over = |mut file: &File| {
            file.seek(SeekFrom::Start(place))?;
            file.write_all(bytes)?;
            file.seek(SeekFrom::End(0)).map(drop)
        };
        match self {
            Self::Whole { draft, .. } => over(draft.as_file()),
            Self::Growing(file) => over(file),
            Self::Stream(_) | Self::Pipe(_) => Err(io::ErrorKind::NotSeekable.into()),
        }
    }

    /// The file is whole: gives it its name. A file of that name is replaced.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self {
            Self::Whole { draft, path } => {
                draft.persist(path)?;
                Ok(())
            }
            Self::Growing(_) | Self::Stream(_) | Self::Pipe(_) => Ok(()),
        }
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Whole { draft, .. } => draft.write(bytes),
            Self::Growing(file) | Self::Stream(file) => file.write(bytes),
            Self::Pipe(pipe) => pipe.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Whole { draft, .. } => draft.flush(),
            Self::Growing(file) | Self::Stream(file) => file.flush(),
            Self::Pipe(pipe) => pipe.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OutputFile;
    use std::io::Write;

    #[test]
    fn nothing_is_there_until_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.wav");
        std::fs::write(&path, "before").unwrap();
        let mut output = OutputFile::whole(&path).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
        let mut output = OutputFile::whole(&path).unwrap();
        output.write_all(b"whole").unwrap();
        output.write_at(0, b"W").unwrap();
        output.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"Whole");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn what_replaces_a_file_has_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.wav");
        std::fs::write(&path, "before").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        OutputFile::whole(&path).unwrap().finish().unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(OutputFile::whole(&folder.path().join("missing/song.wav")).is_err());
    }
}

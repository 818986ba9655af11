//! Files that are either written whole or not at all.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Where a command writes.
#[derive(Debug)]
pub enum Output {
    /// A regular file: written under another name beside it, and renamed when it is whole.
    Whole {
        /// What is being written.
        draft: NamedTempFile,
        /// What it will be called.
        path: PathBuf,
    },
    /// A device or a named pipe, which is written as it is.
    Stream(File),
    /// The standard output.
    Pipe(io::Stdout),
}

impl Output {
    /// Opens the file at `path` to write it anew; it stays as it is until [`Output::finish`], and keeps its permissions.
    pub fn replace(path: &Path) -> io::Result<Self> {
        let output = Self::create(path)?;
        if let Self::Whole { draft, path } = &output {
            draft.as_file().set_permissions(path.metadata()?.permissions())?;
        }
        Ok(output)
    }

    /// Opens `path` for writing; `-` is the standard output. A file that is there already stays as it is until
    /// [`Output::finish`].
    pub fn create(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Pipe(io::stdout()));
        }
        // A link is followed, so that its target is replaced and not the link.
        let path = match path.canonicalize() {
            Ok(real) if real.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(real) if !real.is_file() => {
                return Ok(Self::Stream(File::options().write(true).open(real)?));
            }
            Ok(real) => real,
            Err(_) => path.to_path_buf(),
        };
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".chronus-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What any new file gets; the user's umask takes its part.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let draft = builder.tempfile_in(folder)?;
        Ok(Self::Whole { draft, path })
    }

    /// Whether what was written can be gone back to.
    pub fn can_seek(&self) -> bool {
        matches!(self, Self::Whole { .. })
    }

    /// Writes `bytes` at `place`. Only where [`Output::can_seek`].
    pub fn write_at(&mut self, place: u64, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Whole { draft, .. } => {
                draft.seek(SeekFrom::Start(place))?;
                draft.write_all(bytes)
            }
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
            Self::Stream(_) | Self::Pipe(_) => Ok(()),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Whole { draft, .. } => draft.write(bytes),
            Self::Stream(file) => file.write(bytes),
            Self::Pipe(pipe) => pipe.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Whole { draft, .. } => draft.flush(),
            Self::Stream(file) => file.flush(),
            Self::Pipe(pipe) => pipe.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Output;
    use std::io::Write;

    #[test]
    fn nothing_is_there_until_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.wav");
        std::fs::write(&path, "before").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"whole").unwrap();
        output.write_at(0, b"W").unwrap();
        output.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"Whole");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Output::create(folder.path()).is_err());
        assert!(Output::create(&folder.path().join("missing/song.wav")).is_err());
    }
}

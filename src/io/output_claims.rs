//! What a command may write. Every output goes through here: none may be a file that the command reads, and none replaces what
//! chronus couldn't make again.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::quote;
use crate::io::drafts::remove_abandoned;
use crate::io::file_identity::{Identity, facts, folder_of, resolved};
use crate::io::file_kind::FileKind;
use crate::io::output_file::OutputFile;

/// The files that a command reads and writes.
#[derive(Debug, Default)]
pub struct Outputs {
    read: Vec<(Identity, PathBuf)>,
    claimed: Vec<PathBuf>,
    force: bool,
}

/// A place that a command may write to.
#[derive(Clone, Debug)]
pub struct Claim {
    /// As it was named.
    path: PathBuf,
    target: Target,
}

#[derive(Clone, Debug)]
enum Target {
    /// The standard output.
    Stdout,
    /// A device or a named pipe.
    Stream,
    /// A regular file, which may exist, with its symbolic links followed.
    File(PathBuf),
}

/// Why a command may not write somewhere.
#[derive(Debug)]
pub enum OutputRefused {
    /// The command reads that file, by this name.
    Read(PathBuf, PathBuf),
    /// Two outputs of the command have this path.
    Twice(PathBuf),
    /// The name means another format.
    Format {
        /// The output.
        path: PathBuf,
        /// What its name means.
        format: &'static str,
        /// What would be written.
        kind: FileKind,
    },
    /// There is a file that isn't of the kind that would be written.
    Content(PathBuf, FileKind),
    /// There is a file that is read-only.
    ReadOnly(PathBuf),
    /// There is a file with several names.
    HardLink(PathBuf),
    /// There is a file, and this output never replaces one.
    Exists(PathBuf),
    /// Anything else.
    Failed(PathBuf, io::Error),
}

impl Outputs {
    /// For a command that has read nothing yet. With `force` it may replace files of another kind, and one of several names of a
    /// file; never what it reads.
    pub fn new(force: bool) -> Self {
        Self { force, ..Self::default() }
    }

    /// Notes files that the command reads. Paths that lead nowhere count for nothing.
    pub fn reads<P: AsRef<Path>>(&mut self, paths: impl IntoIterator<Item = P>) {
        for path in paths {
            let path = path.as_ref();
            if let Ok(identity) = Identity::of(path)
                && !self.read.iter().any(|(known, _)| *known == identity)
            {
                self.read.push((identity, path.to_path_buf()));
            }
        }
    }

    /// Whether the command reads the file at `path`.
    pub fn is_read(&self, path: &Path) -> bool {
        Identity::of(path).is_ok_and(|identity| self.name_read(identity).is_some())
    }

    /// The place at `path` for a file of `kind`; `-` is the standard output. Nothing is written yet.
    ///
    /// # Errors
    /// Why it may not be written.
    pub fn claim(&mut self, path: &Path, kind: FileKind) -> Result<Claim, OutputRefused> {
        if let Some(read) = Identity::of(path).ok().and_then(|identity| self.name_read(identity)) {
            return Err(OutputRefused::Read(path.to_path_buf(), read.to_path_buf()));
        }
        if let Some(format) = kind.contradicted_by(path) {
            return Err(OutputRefused::Format { path: path.to_path_buf(), format, kind });
        }
        self.claim_for(path, Some(kind))
    }

    /// The place at `path` for a file that must not exist yet.
    ///
    /// # Errors
    /// Why it may not be written.
    pub fn claim_new(&mut self, path: &Path, kind: FileKind) -> Result<Claim, OutputRefused> {
        if path.symlink_metadata().is_ok() {
            return Err(OutputRefused::Exists(path.to_path_buf()));
        }
        self.claim(path, kind)
    }

    /// Adds to the end of the file at `path`, which may not exist yet: a log that others write too.
    ///
    /// # Errors
    /// Why it may not be written.
    pub fn append(&self, path: &Path, bytes: &[u8]) -> Result<(), OutputRefused> {
        if self.is_read(path) {
            return Err(OutputRefused::Read(path.to_path_buf(), path.to_path_buf()));
        }
        let file = File::options().append(true).create(true).open(path);
        let written = file.and_then(|mut file| io::Write::write_all(&mut file, bytes));
        written.map_err(|error| OutputRefused::Failed(path.to_path_buf(), error))
    }

    /// The place of a file that is written anew where it stands: the command has read it, and knows what it is.
    ///
    /// # Errors
    /// Why it may not be written.
    pub fn claim_in_place(&mut self, path: &Path) -> Result<Claim, OutputRefused> {
        self.claim_for(path, None)
    }

    fn claim_for(&mut self, path: &Path, kind: Option<FileKind>) -> Result<Claim, OutputRefused> {
        let named = || path.to_path_buf();
        let failed = |error| OutputRefused::Failed(named(), error);
        let claim = |target| Ok(Claim { path: named(), target });
        if path == Path::new("-") {
            // A file that it leads to isn't read: `folder.rs` refuses that.
            return claim(Target::Stdout);
        }
        let real = match path.metadata() {
            Ok(about) if about.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
            Ok(about) if !about.is_file() => return claim(Target::Stream),
            Ok(about) => {
                self.may_replace(path, kind, about.permissions().readonly())?;
                resolved(path).map_err(failed)?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => resolved(path).map_err(failed)?,
            Err(error) => return Err(failed(error)),
        };
        if self.claimed.contains(&real) {
            return Err(OutputRefused::Twice(named()));
        }
        // What killed programs have left there is of no use to anybody.
        let folder = folder_of(&real);
        if !self.claimed.iter().any(|before| folder_of(before) == folder) {
            remove_abandoned(folder);
        }
        self.claimed.push(real.clone());
        claim(Target::File(real))
    }

    /// Whether the regular file at `path` may be replaced by one of `kind`; without a kind, by what it is itself.
    fn may_replace(&self, path: &Path, kind: Option<FileKind>, read_only: bool) -> Result<(), OutputRefused> {
        let named = || path.to_path_buf();
        let failed = |error| OutputRefused::Failed(named(), error);
        let facts = facts(path).map_err(failed)?;
        if read_only {
            return Err(OutputRefused::ReadOnly(named()));
        }
        // To rename over it would need no permission of the file itself.
        let mut file = File::options().read(kind.is_some()).write(true).open(path).map_err(failed)?;
        if facts.names > 1 && !self.force {
            return Err(OutputRefused::HardLink(named()));
        }
        match kind {
            Some(kind) if !self.force && !kind.is(&mut file).map_err(failed)? => {
                Err(OutputRefused::Content(named(), kind))
            }
            _ => Ok(()),
        }
    }

    fn name_read(&self, identity: Identity) -> Option<&Path> {
        self.read.iter().find(|(known, _)| *known == identity).map(|(_, path)| path.as_path())
    }
}

impl Claim {
    /// As it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is the standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self.target, Target::Stdout)
    }

    /// Opens it to be written. A file that exists stays as it is until [`OutputFile::finish`].
    ///
    /// # Errors
    /// If it can't be written.
    pub fn open(&self) -> io::Result<OutputFile> {
        match &self.target {
            Target::Stdout => Ok(OutputFile::stdout()),
            Target::Stream => Ok(OutputFile::Stream(File::options().write(true).open(&self.path)?)),
            Target::File(real) => OutputFile::whole(real),
        }
    }

    /// Opens a file that must not exist to be written as it goes: what is in it stays whatever happens.
    ///
    /// # Errors
    /// If it can't be written, or exists.
    pub fn open_new(&self) -> io::Result<File> {
        File::create_new(&self.path)
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// If it can't be written; what was there before is as it was.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut output = self.open()?;
        io::Write::write_all(&mut output, bytes)?;
        output.finish()
    }
}

impl fmt::Display for OutputRefused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |path: &Path| quote::path(&path.display().to_string());
        match self {
            Self::Read(path, read) if path == read => {
                write!(out, "{} would be replaced, but it is read", name(path))
            }
            Self::Read(path, read) => {
                write!(out, "{} would be replaced, but it is read as {}", name(path), name(read))
            }
            Self::Twice(path) => write!(out, "{} would be written twice", name(path)),
            Self::Format { path, format, kind } => {
                write!(out, "the name {} means {format}, and what is written is {}", name(path), kind.name)
            }
            Self::Content(path, kind) => write!(out, "{} exists and isn't {}", name(path), kind.name),
            Self::ReadOnly(path) => write!(out, "{} is read-only", name(path)),
            Self::HardLink(path) => {
                write!(out, "{} is one of several names of a file (hard links)", name(path))
            }
            Self::Exists(path) => write!(out, "{} exists already", name(path)),
            Self::Failed(path, error) => write!(out, "{} can't be written: {error}", name(path)),
        }
    }
}

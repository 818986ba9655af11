//! Where the standard streams lead: a file that the command reads must not be printed into.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::io::file_identity::{Identity, identity_of};

/// A stream that every program has from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// The standard input.
    Input,
    /// The standard output.
    Output,
    /// Where errors are printed.
    Error,
}

impl Standard {
    /// Those that are printed to.
    const PRINTED: [Self; 2] = [Self::Output, Self::Error];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "the standard input",
            Self::Output => "the standard output",
            Self::Error => "the standard error",
        }
    }

    /// Whatever it leads to.
    fn open(self) -> Option<File> {
        let owned = match self {
            Self::Input => owned(&std::io::stdin()),
            Self::Output => owned(&std::io::stdout()),
            Self::Error => owned(&std::io::stderr()),
        };
        owned.map(File::from)
    }

    /// The regular file that it leads to, if it leads to one.
    fn file(self) -> Option<Identity> {
        let file = self.open()?;
        file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        identity_of(&file).ok()
    }

    /// Whether what is printed there is lost: it leads to the null device.
    #[cfg(unix)]
    pub fn is_null(self) -> bool {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        let device = |about: std::fs::Metadata| about.file_type().is_char_device().then(|| about.rdev());
        let of = |about: std::io::Result<std::fs::Metadata>| about.ok().and_then(device);
        let this = self.open().and_then(|file| of(file.metadata()));
        this.is_some() && this == of(Path::new("/dev/null").metadata())
    }

    /// Whether what is printed there is lost: it leads nowhere.
    #[cfg(not(unix))]
    pub fn is_null(self) -> bool {
        self.open().is_none()
    }
}

#[cfg(unix)]
fn owned(stream: &impl std::os::fd::AsFd) -> Option<std::os::fd::OwnedFd> {
    stream.as_fd().try_clone_to_owned().ok()
}

#[cfg(windows)]
fn owned(stream: &impl std::os::windows::io::AsHandle) -> Option<std::os::windows::io::OwnedHandle> {
    stream.as_handle().try_clone_to_owned().ok()
}

/// A stream, and the file that it leads to, by which the command would read what it prints.
#[derive(Clone, Debug)]
pub struct Circle {
    /// The stream.
    pub stream: Standard,
    /// The file, as it was named; `-` is the standard input.
    pub path: PathBuf,
}

/// Where the streams led when the first file was read.
static LEAD: OnceLock<[Option<Identity>; 2]> = OnceLock::new();
static FOUND: Mutex<Vec<Circle>> = Mutex::new(Vec::new());

/// The stream that leads to `file`, which is about to be read and is called `path`. From then on [`circles`] has it.
pub fn stream_to(file: &File, path: &Path) -> Option<Standard> {
    let lead = LEAD.get_or_init(|| Standard::PRINTED.map(Standard::file));
    if *lead == [None, None] {
        return None;
    }
    let identity = identity_of(file).ok()?;
    let mut first = None;
    for (stream, _) in Standard::PRINTED.into_iter().zip(lead).filter(|(_, lead)| **lead == Some(identity)) {
        first = first.or(Some(stream));
        let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        if !found.iter().any(|circle| circle.stream == stream) {
            found.push(Circle { stream, path: path.to_path_buf() });
        }
    }
    first
}

/// The same of the file that the standard input comes from, if it comes from one.
pub fn stream_to_input() -> Option<Standard> {
    let file = Standard::Input.open()?;
    file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    stream_to(&file, Path::new("-"))
}

/// The streams that lead to a file which the command reads, as far as it has read: nothing may be printed there.
pub fn circles() -> Vec<Circle> {
    FOUND.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

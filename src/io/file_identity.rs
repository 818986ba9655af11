//! Which file a path leads to, whatever the path looks like: links, `./x` and upper case lead to the same file.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Symbolic links that are followed one after another at most.
const MOST_LINKS: usize = 40;

/// A file of this machine. Two paths lead to the same file if and only if their identities are equal, hard links included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    volume: u64,
    number: u64,
}

/// What is known of an existing file without reading it.
#[derive(Clone, Copy, Debug)]
pub struct FileFacts {
    /// Which file it is.
    pub identity: Identity,
    /// How many names it has: more than one with hard links.
    pub names: u64,
}

impl Identity {
    /// The identity of the file that `path` leads to, symbolic links followed.
    ///
    /// # Errors
    /// If there is no such file, or it may not be looked at.
    pub fn of(path: &Path) -> io::Result<Self> {
        facts(path).map(|facts| facts.identity)
    }
}

/// The identity of an open file.
///
/// # Errors
/// If it may not be looked at.
pub fn identity_of(file: &File) -> io::Result<Identity> {
    facts_of(file).map(|facts| facts.identity)
}

#[cfg(unix)]
fn from_metadata(about: &std::fs::Metadata) -> FileFacts {
    use std::os::unix::fs::MetadataExt;
    FileFacts { identity: Identity { volume: about.dev(), number: about.ino() }, names: about.nlink() }
}

/// What is known of the file that `path` leads to, symbolic links followed.
///
/// # Errors
/// If there is no such file, or it may not be looked at.
#[cfg(unix)]
pub fn facts(path: &Path) -> io::Result<FileFacts> {
    path.metadata().map(|about| from_metadata(&about))
}

#[cfg(unix)]
fn facts_of(file: &File) -> io::Result<FileFacts> {
    file.metadata().map(|about| from_metadata(&about))
}

/// What is known of the file that `path` leads to, symbolic links followed.
///
/// # Errors
/// If there is no such file, or it may not be looked at.
#[cfg(windows)]
pub fn facts(path: &Path) -> io::Result<FileFacts> {
    facts_of(&File::open(path)?)
}

#[cfg(windows)]
fn facts_of(file: &File) -> io::Result<FileFacts> {
    let about = winapi_util::file::information(file)?;
    let identity = Identity { volume: about.volume_serial_number(), number: about.file_index() };
    Ok(FileFacts { identity, names: about.number_of_links() })
}

/// The folder in which the file at `path` lies: `.` where only its name is given.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// The path of what `path` leads to, which need not exist: symbolic links are followed, those to nothing too.
///
/// # Errors
/// If links lead round in a ring.
pub fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        if let Ok(real) = path.canonicalize() {
            return Ok(real);
        }
        let Ok(target) = path.read_link() else {
            // It doesn't exist. Its folder may, by another name.
            return Ok(match (folder_of(&path).canonicalize().ok(), path.file_name()) {
                (Some(folder), Some(name)) => folder.join(name),
                _ => path,
            });
        };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(io::Error::other("its symbolic links lead round in a ring"))
}

#[cfg(test)]
mod tests {
    use super::{Identity, facts, resolved};

    #[test]
    #[cfg(unix)]
    fn a_file_is_itself_by_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a"), "a").unwrap();
        std::fs::write(at("b"), "a").unwrap();
        std::fs::hard_link(at("a"), at("hard")).unwrap();
        std::os::unix::fs::symlink("a", at("soft")).unwrap();
        std::os::unix::fs::symlink(at("soft"), at("softer")).unwrap();
        let id = |name: &str| Identity::of(&at(name)).unwrap();
        for name in ["./a", "hard", "soft", "softer"] {
            assert_eq!(id("a"), id(name), "{name}");
        }
        assert_ne!(id("a"), id("b"));
        assert_eq!((facts(&at("soft")).unwrap().names, facts(&at("b")).unwrap().names), (2, 1));
        assert!(Identity::of(&at("c")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn links_to_nothing_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("new", at("soft")).unwrap();
        std::os::unix::fs::symlink("ring", at("ring")).unwrap();
        assert_eq!(resolved(&at("soft")).unwrap(), real.join("new"));
        assert_eq!(resolved(&at("./x")).unwrap(), real.join("x"));
        assert!(resolved(&at("ring")).is_err());
    }
}

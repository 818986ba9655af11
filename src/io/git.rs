//! Files of a git repository as they were, by the `git` program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::check::files::{Files, Refusal};
use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::io::folder::text;

/// One revision of the repository that a folder is in.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Where `git` runs.
    folder: PathBuf,
    /// As it was given.
    name: String,
    /// Its commit.
    commit: String,
}

impl Revision {
    /// The revision called `name`, of the repository that `folder` is in.
    ///
    /// # Errors
    /// If there is no repository or no such revision.
    pub fn find(folder: &Path, name: &str) -> Result<Self, Diagnostic> {
        let here = run(folder, &["rev-parse", "--git-dir"]);
        if here.is_none_or(|output| !output.status.success()) {
            let message = format!("{} is a place in git, but there is no repository here", quoted(name));
            let help = "run it inside of the repository, and install `git` if it is missing";
            return Err(Diagnostic::of_file(&comparing::NO_REPOSITORY, message).help(help));
        }
        let commit = format!("{name}^{{commit}}");
        // What begins with a dash would be an option.
        let found = (!name.starts_with('-'))
            .then(|| run(folder, &["rev-parse", "--verify", "--quiet", &commit]))
            .flatten()
            .filter(|output| output.status.success())
            .and_then(|output| String::from_utf8(output.stdout).ok());
        let Some(commit) = found.map(|commit| commit.trim().to_owned()) else {
            let message = format!("git knows no revision {}", quoted(name));
            let help = "name a branch, a tag or a commit, such as `HEAD~1:song.kdl`";
            return Err(Diagnostic::of_file(&comparing::UNKNOWN_REVISION, message).help(help));
        };
        Ok(Self { folder: folder.to_owned(), name: name.to_owned(), commit })
    }

    /// The revision in which the file at `path` was changed last; `None` if that isn't known.
    pub fn of_last_change(path: &Path) -> Option<Self> {
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let file = path.file_name()?.to_str()?;
        let output = run(folder, &["log", "-1", "--format=%H", "--", file])?;
        let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        let name = commit.get(..10)?.to_owned();
        Some(Self { folder: folder.to_owned(), name, commit })
    }

    /// Its name, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is in the file at `path`, which begins at the folder.
    ///
    /// # Errors
    /// If it has no such file.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, Diagnostic> {
        self.blob(path).ok_or_else(|| {
            let message = format!("there was no file {} in {}", quoted(path), quoted(&self.name));
            let help = "paths begin at the folder that the command runs in";
            Diagnostic::of_file(&comparing::NOT_IN_REVISION, message).help(help)
        })
    }

    fn blob(&self, path: &str) -> Option<Vec<u8>> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let output = run(&self.folder, &["cat-file", "blob", &format!("{}:./{path}", self.commit)])?;
        output.status.success().then_some(output.stdout)
    }

    /// What lies beside the song at `path`.
    pub fn beside(self, path: &str) -> Beside {
        let (folder, song) = path.rsplit_once('/').unwrap_or(("", path));
        Beside { folder: folder.to_owned(), song: song.to_owned(), revision: self }
    }
}

/// Runs `git` in `folder`; `None` if it can't be run.
fn run(folder: &Path, args: &[&str]) -> Option<Output> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args).stdin(Stdio::null()).stderr(Stdio::null());
    command.output().ok()
}

/// What lay in the folder of a song at some revision.
#[derive(Clone, Debug)]
pub struct Beside {
    revision: Revision,
    folder: String,
    song: String,
}

impl Beside {
    fn place(&self, path: &str) -> String {
        if self.folder.is_empty() { path.to_owned() } else { format!("{}/{path}", self.folder) }
    }
}

impl Files for Beside {
    fn text(&mut self, path: &str) -> Result<String, Refusal> {
        let bytes = self.revision.blob(&self.place(path)).ok_or(Refusal::Missing)?;
        text(bytes.as_slice())
    }

    fn bytes(&mut self, path: &str, most: u64) -> Result<Vec<u8>, Refusal> {
        let bytes = self.revision.blob(&self.place(path)).ok_or(Refusal::Missing)?;
        if bytes.len() as u64 > most { Err(Refusal::TooLarge) } else { Ok(bytes) }
    }

    fn name(&self, path: &str) -> String {
        format!("{}:{}", self.revision.name, self.place(path))
    }

    fn song(&self) -> String {
        self.song.clone()
    }

    /// A revision is as it is; only what lies in the repository can be had of it.
    fn outside(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::Revision;
    use crate::check::files::{Files, Refusal};

    fn git(folder: &Path, args: &[&str]) {
        let fixed = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
        let done = Command::new("git").arg("-C").arg(folder).args(fixed).args(args).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    #[test]
    fn files_are_had_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("songs")).unwrap();
        let write = |text: &str| {
            std::fs::write(root.join("songs/a.kdl"), text).unwrap();
            std::fs::write(root.join("songs/kit.kdl"), text).unwrap();
            git(root, &["add", "."]);
            git(root, &["commit", "-m", text]);
        };
        git(root, &["init"]);
        write("one");
        write("two");
        let before = Revision::find(root, "HEAD~1").unwrap();
        assert_eq!(before.bytes("songs/a.kdl").unwrap(), b"one");
        assert_eq!(before.bytes("./songs/a.kdl").unwrap(), b"one");
        assert_eq!(before.bytes("songs/b.kdl").unwrap_err().code.id, "not-in-revision");
        let mut beside = before.beside("songs/a.kdl");
        assert_eq!(beside.text("kit.kdl").unwrap(), "one");
        assert_eq!(beside.text("gone.kdl"), Err(Refusal::Missing));
        assert_eq!(beside.name("kit.kdl"), "HEAD~1:songs/kit.kdl");
        // Paths begin at the folder, not at the root.
        let inside = Revision::find(&root.join("songs"), "main").unwrap();
        assert_eq!(inside.bytes("a.kdl").unwrap(), b"two");
        assert_eq!(Revision::of_last_change(&root.join("songs/a.kdl")).unwrap().commit, inside.commit);
        for name in ["nowhere", "--all", "HEAD~9", ""] {
            assert_eq!(Revision::find(root, name).unwrap_err().code.id, "unknown-revision", "{name}");
        }
    }
}

//! Files of a git repository as they were, by the `git` program.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::check::song_files::{FileRefusal, SongFiles};
use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::{self, printable, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::io::file_identity::folder_of;
use crate::io::folder::text;
use crate::io::git_program::{Unasked, asked, line, run};

/// One revision of the repository that a folder is in, or its index.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Where `git` runs.
    folder: PathBuf,
    /// As it was given; empty for the index.
    name: String,
    /// Its commit; empty for the index.
    commit: String,
}

impl Revision {
    /// The revision called `name`, of the repository that `folder` is in. As in `git show :path`, no name means the index.
    ///
    /// # Errors
    /// If there is no repository or no such revision, or if git doesn't read it.
    pub fn find(folder: &Path, name: &str) -> Result<Self, Diagnostic> {
        asked(folder, &["rev-parse", "--git-dir"]).map_err(|why| why.diagnostic(name))?;
        let at = |commit: String| Self { folder: folder.to_owned(), name: name.to_owned(), commit };
        if name.is_empty() {
            return Ok(at(String::new()));
        }
        let commit = format!("{name}^{{commit}}");
        // What begins with a dash would be an option.
        let found = (!name.starts_with('-'))
            .then(|| line(folder, &["rev-parse", "--verify", "--quiet", &commit]))
            .flatten();
        if let Some(commit) = found {
            return Ok(at(commit));
        }
        let (why, help) = if is_shallow(folder) {
            (": the clone is shallow, its history is cut short", "fetch all of it: `git fetch --unshallow`")
        } else if line(folder, &["rev-parse", "--verify", "--quiet", "HEAD"]).is_none() {
            (": nothing is committed yet", "commit the song first, or compare with the index: `:song.kdl`")
        } else {
            ("", "name a branch, a tag or a commit, such as `HEAD~1:song.kdl`")
        };
        let message = format!("git knows no revision {}{why}", quoted(name));
        Err(Diagnostic::of_file(&comparing::UNKNOWN_REVISION, message).help(help))
    }

    /// The revision in which the content of the file at `path` was changed last, and the path that it had then, from the top of
    /// the repository. It may have been renamed since.
    ///
    /// # Errors
    /// Why it isn't known, in a sentence.
    pub fn of_last_change(path: &Path) -> Result<(Self, String), String> {
        let folder = folder_of(path);
        let quoted = quote::path(&path.display().to_string());
        let file = path.file_name().and_then(|name| name.to_str());
        let file = file.ok_or_else(|| format!("{quoted} has a name that can't be looked up"))?;
        let top = asked(folder, &["rev-parse", "--show-toplevel"]).map_err(|why| match why {
            Unasked::Foreign(_) => format!("{} ({})", why.reason(), why.help()),
            _ => why.reason(),
        })?;
        let top = PathBuf::from(String::from_utf8_lossy(&top.stdout).trim_end_matches('\n'));
        // What was only renamed was changed before.
        let log = [
            "log",
            "--follow",
            "-M100%",
            "-1",
            "--diff-filter=AM",
            "--format=%H",
            "--name-only",
            "-z",
            "--",
            file,
        ];
        let output = run(folder, &log).map(|output| output.stdout).unwrap_or_default();
        let output = String::from_utf8(output).unwrap_or_default();
        let mut parts = output.split('\0').map(|part| part.trim_start_matches('\n'));
        let (Some(commit), Some(then)) = (parts.next().filter(|part| !part.is_empty()), parts.next()) else {
            return Err(if is_shallow(folder) {
                SHALLOW.to_owned()
            } else {
                format!("{quoted} isn't committed")
            });
        };
        let name = commit.get(..10).unwrap_or(commit).to_owned();
        Ok((Self { folder: top, name, commit: commit.to_owned() }, then.to_owned()))
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
            let path = path.strip_prefix("./").unwrap_or(path);
            let (message, help) = if self.name.is_empty() {
                self.not_in_index(path)
            } else {
                let message = format!("there was no file {} in {}", quote::path(path), quoted(&self.name));
                match self.called(path) {
                    Some(then) => {
                        let message = format!("{message}: it was called {} then", quote::path(&then));
                        (message, format!("write `{}:{}`", printable(&self.name), printable(&then)))
                    }
                    None => (message, "paths begin at the folder that the command runs in".to_owned()),
                }
            };
            Diagnostic::of_file(&comparing::NOT_IN_REVISION, message).help(help)
        })
    }

    /// Why the index has no such file.
    fn not_in_index(&self, path: &str) -> (String, String) {
        let ours = format!(":2:./{path}");
        if run(&self.folder, &["cat-file", "-e", &ours]).is_some_and(|output| output.status.success()) {
            let message = format!(
                "the index has {} in several versions, because its merge isn't resolved",
                quoted(path)
            );
            return (message, "resolve it and `git add` the file first".to_owned());
        }
        let message = format!("there is no file {} in git's index", quoted(path));
        (
            message,
            "`git add` puts a file there; paths begin at the folder that the command runs in".to_owned(),
        )
    }

    /// How the file that is at `path` today was called in this revision, if it was renamed since.
    fn called(&self, path: &str) -> Option<String> {
        // What is renamed but not committed yet is in the index.
        let find = [
            "diff",
            "--cached",
            "--no-ext-diff",
            "--find-renames",
            "--diff-filter=R",
            "--name-status",
            "--relative",
            "-z",
        ];
        let now = run(&self.folder, &[&find[..], &[&self.commit, "--"]].concat());
        let follow = ["log", "--follow", "--diff-filter=R", "--name-status", "--relative", "--format=", "-z"];
        let range = format!("{}..HEAD", self.commit);
        let then = |path: &str, output: Option<Output>| {
            let mut name = path.to_owned();
            let output = String::from_utf8(output?.stdout).ok()?;
            let parts: Vec<&str> = output.split('\0').map(|part| part.trim_start_matches('\n')).collect();
            for renamed in parts.chunks_exact(3).filter(|parts| parts[0].starts_with('R')) {
                if renamed[2] == name {
                    renamed[1].clone_into(&mut name);
                }
            }
            (name != path && self.blob(&name).is_some()).then_some(name)
        };
        then(path, now)
            .or_else(|| then(path, run(&self.folder, &[&follow[..], &[&range, "--", path]].concat())))
    }

    fn blob(&self, path: &str) -> Option<Vec<u8>> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let output = run(&self.folder, &["cat-file", "blob", &format!("{}:./{path}", self.commit)])?;
        output.status.success().then_some(output.stdout)
    }

    /// What lies beside the song at `path`.
    pub fn beside(self, path: &str) -> FilesAtRevision {
        let (folder, song) = path.rsplit_once('/').unwrap_or(("", path));
        FilesAtRevision { folder: folder.to_owned(), song: song.to_owned(), revision: self }
    }
}

/// What is said where the history doesn't go back far enough.
pub const SHALLOW: &str = "the clone is shallow: its history is cut short";

/// Whether the history of the repository that `folder` is in was cut short when it was cloned.
pub fn is_shallow(folder: &Path) -> bool {
    line(folder, &["rev-parse", "--is-shallow-repository"]).as_deref() == Some("true")
}

/// What lay in the folder of a song at some revision.
#[derive(Clone, Debug)]
pub struct FilesAtRevision {
    revision: Revision,
    folder: String,
    song: String,
}

impl FilesAtRevision {
    fn place(&self, path: &str) -> String {
        if self.folder.is_empty() { path.to_owned() } else { format!("{}/{path}", self.folder) }
    }
}

impl SongFiles for FilesAtRevision {
    fn text(&mut self, path: &str) -> Result<String, FileRefusal> {
        let bytes = self.revision.blob(&self.place(path)).ok_or(FileRefusal::Missing)?;
        text(bytes.as_slice())
    }

    fn bytes(&mut self, path: &str, most: u64) -> Result<Vec<u8>, FileRefusal> {
        let bytes = self.revision.blob(&self.place(path)).ok_or(FileRefusal::Missing)?;
        if bytes.len() as u64 > most { Err(FileRefusal::TooLarge) } else { Ok(bytes) }
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
    use crate::check::song_files::{FileRefusal, SongFiles};

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
        assert_eq!(beside.text("gone.kdl"), Err(FileRefusal::Missing));
        assert_eq!(beside.name("kit.kdl"), "HEAD~1:songs/kit.kdl");
        // Paths begin at the folder, not at the root.
        let inside = Revision::find(&root.join("songs"), "main").unwrap();
        assert_eq!(inside.bytes("a.kdl").unwrap(), b"two");
        let (revision, path) = Revision::of_last_change(&root.join("songs/a.kdl")).unwrap();
        assert_eq!((revision.commit, path.as_str()), (inside.commit, "songs/a.kdl"));
        for name in ["nowhere", "--all", "HEAD~9", "HEAD\u{1b}[2J"] {
            let said = Revision::find(root, name).unwrap_err();
            assert_eq!(said.code.id, "unknown-revision", "{name}");
            assert!(!said.message.contains('\u{1b}'));
        }
    }

    #[test]
    fn the_index_is_what_is_added() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        git(root, &["init"]);
        let index = Revision::find(root, "").unwrap();
        let said = index.bytes("a.kdl").unwrap_err();
        assert_eq!(said.message, "there is no file `a.kdl` in git's index");
        std::fs::write(root.join("a.kdl"), "added").unwrap();
        git(root, &["add", "."]);
        std::fs::write(root.join("a.kdl"), "not added").unwrap();
        assert_eq!(index.bytes("a.kdl").unwrap(), b"added");
        assert_eq!(index.beside("a.kdl").text("a.kdl").unwrap(), "added");
        let said = Revision::find(root, "HEAD").unwrap_err();
        assert_eq!(said.message, "git knows no revision `HEAD`: nothing is committed yet");
    }

    #[test]
    fn renamed_files_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let long: String = (0..100).fold(String::new(), |text, line| format!("{text}line {line}\n"));
        let commit = |what: &str| {
            git(root, &["add", "--all"]);
            git(root, &["commit", "-m", what]);
        };
        git(root, &["init"]);
        std::fs::write(root.join("a.kdl"), &long).unwrap();
        std::fs::write(root.join("a.golden"), "1").unwrap();
        commit("one");
        git(root, &["mv", "a.kdl", "b.kdl"]);
        git(root, &["mv", "a.golden", "b.golden"]);
        commit("two");
        std::fs::write(root.join("b.kdl"), long.replace("line 7", "other")).unwrap();
        commit("three");
        let first = Revision::find(root, "HEAD~2").unwrap();
        let said = first.bytes("b.kdl").unwrap_err();
        assert_eq!(said.message, "there was no file `b.kdl` in `HEAD~2`: it was called `a.kdl` then");
        assert_eq!(said.help.as_deref(), Some("write `HEAD~2:a.kdl`"));
        let (revision, path) = Revision::of_last_change(&root.join("b.golden")).unwrap();
        assert_eq!((revision.commit, path.as_str()), (first.commit, "a.golden"));
        // A name that is in the index only.
        git(root, &["mv", "b.kdl", "c.kdl"]);
        let said = Revision::find(root, "HEAD").unwrap().bytes("c.kdl").unwrap_err();
        assert_eq!(said.help.as_deref(), Some("write `HEAD:b.kdl`"));
        assert_eq!(
            Revision::of_last_change(&root.join("d.golden")).unwrap_err().rsplit('/').next(),
            Some("d.golden` isn't committed")
        );
    }

    #[test]
    fn a_shallow_clone_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let (root, clone) = (folder.path().join("whole"), folder.path().join("clone"));
        std::fs::create_dir(&root).unwrap();
        git(&root, &["init"]);
        for text in ["one", "two"] {
            std::fs::write(root.join("a.kdl"), text).unwrap();
            git(&root, &["add", "."]);
            git(&root, &["commit", "-m", text]);
        }
        let from = format!("file://{}", root.display());
        git(folder.path(), &["clone", "--depth=1", &from, &clone.display().to_string()]);
        let said = Revision::find(&clone, "HEAD~1").unwrap_err();
        assert_eq!(said.code.id, "unknown-revision");
        assert!(said.message.ends_with("the clone is shallow, its history is cut short"), "{}", said.message);
        assert!(super::is_shallow(&clone) && !super::is_shallow(&root));
    }
}

//! The `git` program: how it is run, and why it can't be asked.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::{printable, quoted};
use crate::diagnostic::report::Diagnostic;

/// Why git can't be asked about a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unasked {
    /// There is no program `git`, or it can't be run.
    NoProgram,
    /// The folder is in no repository.
    NoRepository,
    /// The repository at this path belongs to another user, so git doesn't read it.
    Foreign(String),
    /// The first line of what git says.
    Other(String),
}

impl Unasked {
    /// What git has said on standard error.
    fn of(said: &str) -> Self {
        let first = said.lines().next().unwrap_or_default();
        let first = first.strip_prefix("fatal: ").unwrap_or(first);
        if first.starts_with("not a git repository") {
            return Self::NoRepository;
        }
        match first.strip_prefix("detected dubious ownership in repository at '") {
            Some(path) => Self::Foreign(path.strip_suffix('\'').unwrap_or(path).to_owned()),
            None => Self::Other(first.to_owned()),
        }
    }

    /// In a sentence, without a capital and a full stop.
    pub fn reason(&self) -> String {
        match self {
            Self::NoProgram => "`git` isn't installed, or can't be run".to_owned(),
            Self::NoRepository => "there is no repository here".to_owned(),
            Self::Foreign(path) => {
                format!("the repository {} belongs to another user, so git doesn't read it", quoted(path))
            }
            Self::Other(said) => format!("git says: {}", printable(said)),
        }
    }

    /// What can be done.
    pub fn help(&self) -> String {
        match self {
            Self::NoProgram => "install `git`".to_owned(),
            Self::NoRepository => "run it inside of the repository".to_owned(),
            Self::Foreign(path) => format!(
                "if you trust it: `git config --global --add safe.directory {}`",
                printable(&as_word(path))
            ),
            Self::Other(_) => "`git status` in the same folder says more".to_owned(),
        }
    }

    /// What is to be said of the place `written` on the command line.
    pub fn diagnostic(&self, written: &str) -> Diagnostic {
        let code = match self {
            Self::Foreign(_) => &comparing::FOREIGN_REPOSITORY,
            _ => &comparing::NO_REPOSITORY,
        };
        let message = format!("{} is a place in git, but {}", quoted(written), self.reason());
        Diagnostic::of_file(code, message).help(self.help())
    }
}

/// `text` as one word of a shell's command line, which means nothing else there.
fn as_word(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte)) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The one line that `git` answers; `None` if it has none, or fails.
pub(super) fn line(folder: &Path, args: &[&str]) -> Option<String> {
    let output = run(folder, args).filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|line| !line.is_empty())
}

/// What `git` answers, or why it doesn't.
pub(super) fn asked(folder: &Path, args: &[&str]) -> Result<Output, Unasked> {
    let output = command(folder, args).output().map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied => Unasked::NoProgram,
        _ => Unasked::Other(error.to_string()),
    })?;
    if output.status.success() {
        return Ok(output);
    }
    Err(Unasked::of(&String::from_utf8_lossy(&output.stderr)))
}

/// Runs `git` in `folder`; `None` if it can't be run.
pub(super) fn run(folder: &Path, args: &[&str]) -> Option<Output> {
    command(folder, args).output().ok()
}

/// `git` in `folder`: in English, with no path read as a pattern, and no program run that the repository names.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    let settings = ["-c", "log.showSignature=false", "-c", "core.fsmonitor=false"];
    command.arg("-C").arg(folder).args(["--no-pager", "--literal-pathspecs"]).args(settings).args(args);
    command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::{Unasked, as_word};

    #[test]
    fn what_git_says_is_told_as_what_it_is() {
        let foreign =
            "fatal: detected dubious ownership in repository at '/a b$(id)'\nTo add an exception \u{2026}\n";
        let foreign = Unasked::of(foreign);
        assert_eq!(foreign, Unasked::Foreign("/a b$(id)".to_owned()));
        assert!(foreign.help().ends_with("safe.directory '/a b$(id)'`"), "{}", foreign.help());
        assert_eq!(as_word("/it's"), r"'/it'\''s'");
        assert_eq!(as_word("/srv/songs"), "/srv/songs");
        let none = "fatal: not a git repository (or any of the parent directories): .git\n";
        assert_eq!(Unasked::of(none), Unasked::NoRepository);
        let broken = Unasked::of("fatal: bad config line 1 in file \u{1b}[2J.git/config\n");
        assert_eq!(broken.reason(), "git says: bad config line 1 in file \\u{1b}[2J.git/config");
    }
}

//! Why a file could not be written.

use std::io;
use std::path::Path;

use crate::diagnostic::codes::rendering;
use crate::diagnostic::quote;
use crate::diagnostic::report::Diagnostic;
use crate::io::output_claims::OutputRefused;

/// Why `path` could not be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    let name = if path == Path::new("-") {
        "the standard output".to_owned()
    } else {
        quote::path(&path.display().to_string())
    };
    let folder = path.parent().filter(|folder| *folder != Path::new("") && !folder.is_dir());
    let (message, help) = match (error.kind(), folder) {
        (io::ErrorKind::NotFound, Some(folder)) => (
            format!(
                "{name} can't be written: there is no folder {}",
                quote::path(&folder.display().to_string())
            ),
            "make the folder first",
        ),
        (io::ErrorKind::IsADirectory, _) => (format!("{name} is a folder"), "name a file in it"),
        (io::ErrorKind::PermissionDenied, _) => {
            (format!("{name} may not be written"), "change its permissions, or write somewhere else")
        }
        (io::ErrorKind::StorageFull, _) => {
            (format!("{name} can't be written: the disk is full"), "make room, or write somewhere else")
        }
        (io::ErrorKind::BrokenPipe, _) => {
            ("the program that reads the sound has ended".to_owned(), "let it read until the end")
        }
        _ => (format!("{name} can't be written: {error}"), "write somewhere else"),
    };
    Diagnostic::of_file(&rendering::CANNOT_WRITE, message).help(help)
}

/// Why an output was refused before anything was written.
pub(super) fn refused(why: &OutputRefused) -> Diagnostic {
    let (code, help) = match why {
        OutputRefused::Failed(path, error) => return unwritable(path, error),
        OutputRefused::Read(..) => (&rendering::OUTPUT_IS_INPUT, "name another file".to_owned()),
        OutputRefused::Twice(_) => {
            (&rendering::OUTPUT_IS_INPUT, "give each output a name of its own".to_owned())
        }
        OutputRefused::Format { path, kind, .. } => {
            let right = path.with_extension(kind.ends[0]);
            (&rendering::OTHER_FORMAT, format!("write {}", quote::path(&right.display().to_string())))
        }
        OutputRefused::Content(..) => {
            (&rendering::NOT_REPLACED, "name another file, or replace this one with `--force`".to_owned())
        }
        OutputRefused::HardLink(_) => (
            &rendering::NOT_REPLACED,
            "name another file, or replace this name alone with `--force`: the others keep what is there"
                .to_owned(),
        ),
        OutputRefused::Exists(_) => (
            &rendering::NOT_REPLACED,
            "choose a new name: takes and recordings never replace a file".to_owned(),
        ),
        OutputRefused::ReadOnly(_) => {
            (&rendering::CANNOT_WRITE, "make it writable first, or write somewhere else".to_owned())
        }
    };
    Diagnostic::of_file(code, why.to_string()).help(help)
}

/// What is said if a render was stopped before the file at `path` was whole.
pub(super) fn interrupted(path: &Path) -> Diagnostic {
    let name = quote::path(&path.display().to_string());
    Diagnostic::of_file(
        &rendering::INTERRUPTED,
        format!("stopped before {name} was whole; nothing was written"),
    )
}

//! Why a file could not be written.

use std::io;
use std::path::Path;

use crate::diagnostic::codes::rendering;
use crate::diagnostic::quote;
use crate::diagnostic::report::Diagnostic;

/// Why `path` could not be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    let name = quote::path(&path.display().to_string());
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
        (io::ErrorKind::AlreadyExists, _) => {
            (format!("{name} exists already"), "choose a new name: takes and recordings never replace a file")
        }
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

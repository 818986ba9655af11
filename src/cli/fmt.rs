//! `chronus fmt`: brings songs into their canonical form.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::input::{Loaded, name_of, read_text};
use crate::cli::output::{FAILED, FINE, SONG_AT_FAULT, diagnostics, line};
use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::rendering;
use crate::diagnostic::quote::{self, printable};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{SourceText, Sources};
use crate::io::output_claims::{OutputRefused, Outputs};
use crate::syntax::format::format;

/// Bring songs into their canonical form: indents, blanks, columns.
///
/// What a song says and every comment in it stay. A song that isn't KDL is left as it is. The exit code is 0 if all is
/// well, 1 if a song isn't KDL (with --check, also if one would change), 2 if a file can't be read or written.
#[derive(Debug, Args)]
pub(super) struct Fmt {
    /// Songs, written anew where they stand; `-` is standard input, which goes to standard output.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Change nothing, only name the files that would change.
    #[arg(long)]
    check: bool,
}

impl Fmt {
    pub(super) fn run(&self) -> u8 {
        // All are read before anything is printed: the output may go to one of them.
        let all: Vec<_> = self.files.iter().map(|file| (file, read_text(file))).collect();
        all.into_iter().map(|(file, text)| self.one(file, text)).max().unwrap_or(FINE)
    }

    /// Formats the song in `file`, whose text is `text`.
    fn one(&self, file: &Path, text: Result<String, Box<Loaded>>) -> u8 {
        let name = name_of(file);
        let before = match text {
            Ok(text) => text,
            Err(loaded) => return refused(&loaded),
        };
        let mut sources = Sources::default();
        let source = sources.add(SourceText::new(name.clone(), before.clone()));
        let mut bag = Bag::default();
        let Some(after) = format(source, &before, &mut bag) else {
            let diagnostics = bag.into_sorted();
            return refused(&Loaded::refused(name, sources, diagnostics));
        };
        let piped = file.as_os_str() == "-";
        if self.check {
            if before == after {
                return FINE;
            }
            line(&printable(&name));
            return SONG_AT_FAULT;
        }
        if before == after && !piped {
            return FINE;
        }
        let place = match Outputs::default().claim_in_place(file) {
            Ok(place) => place,
            Err(why) => {
                return refused(&Loaded {
                    readable: false,
                    ..Loaded::refused(name.clone(), sources, vec![kept(&name, &why)])
                });
            }
        };
        match place.write(after.as_bytes()) {
            Ok(()) if piped => FINE,
            Ok(()) => {
                line(&format!("{}: formatted", printable(&name)));
                FINE
            }
            // Whoever reads has enough.
            Err(error) if piped && error.kind() == io::ErrorKind::BrokenPipe => FINE,
            Err(error) => {
                let said = vec![kept(&name, &OutputRefused::Failed(file.to_path_buf(), error))];
                refused(&Loaded { readable: false, ..Loaded::refused(name, sources, said) })
            }
        }
    }
}

/// Why the song called `name` wasn't written anew.
fn kept(name: &str, why: &OutputRefused) -> Diagnostic {
    let piped = "let the song go through `chronus fmt -`";
    let (message, help) = match why {
        OutputRefused::Failed(_, error) if error.kind() == io::ErrorKind::PermissionDenied => (
            format!("{} can't be written: it or its folder may not be written to", quote::path(name)),
            format!("it is as it was; change its permissions, or {piped}"),
        ),
        OutputRefused::ReadOnly(_) => {
            (why.to_string(), format!("it is as it was; make it writable first, or {piped}"))
        }
        OutputRefused::HardLink(_) => (
            why.to_string(),
            format!("it is as it was; make it a file of its own with `cp` and `mv`, or {piped}"),
        ),
        _ => (why.to_string(), format!("it is as it was; {piped}")),
    };
    Diagnostic::of_file(&rendering::CANNOT_WRITE, message).help(help)
}

fn refused(loaded: &Loaded) -> u8 {
    diagnostics(loaded);
    if loaded.readable { SONG_AT_FAULT } else { FAILED }
}

//! `chronus check`: says everything that is wrong with songs.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::input::{Loaded, audition, load, load_rig};
use crate::cli::output::{FAILED, FINE, SONG_AT_FAULT, diagnostics, json, line, may_print};
use crate::diagnostic::json::object;
use crate::diagnostic::quote::printable;
use crate::io::standard::Standard;

/// Say everything that is wrong with songs.
///
/// The exit code is 0 if they are fine, 1 if one has errors, 2 if one can't be read.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Songs; `-` is standard input. What is in the library goes by its name: `std/rig`.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How to print diagnostics: drawn on standard error, or as JSON on standard output, one object a line.
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    format: CheckFormat,

    /// Let songs use files outside of their folders.
    #[arg(long)]
    allow_outside: bool,

    /// Count these as errors.
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

impl Check {
    pub(super) fn run(&self) -> u8 {
        let mut code = FINE;
        // All are read before anything is printed: the output may go to one of them.
        let all: Vec<(u8, Loaded)> = self.files.iter().map(|file| self.checked(file)).collect();
        for (verdict, loaded) in all {
            code = code.max(verdict);
            match self.format {
                CheckFormat::Human => {
                    diagnostics(&loaded);
                    if loaded.diagnostics.is_empty() {
                        line(&format!("{}: fine", printable(&loaded.name)));
                    }
                }
                // People must see why programs get nothing.
                CheckFormat::Json if !may_print(Standard::Output) => diagnostics(&loaded),
                CheckFormat::Json => {
                    for diagnostic in &loaded.diagnostics {
                        json(&object(diagnostic, &loaded.sources, &loaded.name));
                    }
                }
            }
        }
        code
    }

    /// Checks a song. Gives the exit code for it and what there is to print.
    fn checked(&self, file: &Path) -> (u8, Loaded) {
        // What is in the library goes by its name, unless there is such a file.
        let of_library = load_rig(Some(file)).or_else(|| audition(file));
        let loaded = of_library.unwrap_or_else(|| load(file, self.allow_outside));
        (self.verdict(&loaded), Loaded { song: None, ..loaded })
    }

    fn verdict(&self, loaded: &Loaded) -> u8 {
        if !loaded.readable {
            FAILED
        } else if loaded.song.is_none()
            || (self.deny == Some(Deny::Warnings) && !loaded.diagnostics.is_empty())
        {
            SONG_AT_FAULT
        } else {
            FINE
        }
    }
}

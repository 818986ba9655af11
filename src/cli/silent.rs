//! The commands that need speakers, in a build that has none: they say so.

use std::ffi::OsString;

use clap::Args;

use crate::cli::output::{FAILED, note, style};
use crate::diagnostic::codes::sound_out::ONLY_RENDERS;
use crate::diagnostic::printer::graphical;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;

/// Not in this build, which only renders.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(super) struct Silent {
    /// Whatever the command takes elsewhere.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    words: Vec<OsString>,
}

impl Silent {
    /// Always: what the words mean isn't looked at here, so none can be missed.
    #[allow(clippy::unused_self, reason = "asked as `chronus play` is, in a build that has speakers")]
    pub(super) fn names_a_song(&self) -> bool {
        true
    }

    pub(super) fn run(self) -> u8 {
        drop(self.words);
        let said = Diagnostic::of_file(&ONLY_RENDERS, "this build of chronus has no way to a speaker".to_owned())
            .help("render to a file with `chronus render`, or build chronus with its feature `play`, which it has by default");
        note(&graphical(&said, &Sources::default(), style()));
        FAILED
    }
}

/// Stands in for the file of `chronus play`.
pub(super) mod play {
    pub(in crate::cli) use crate::cli::silent::Silent as Play;
}

/// Stands in for the file of `chronus devices`.
pub(super) mod devices {
    pub(in crate::cli) use crate::cli::silent::Silent as Devices;
}

//! `chronus library`: what the library has.

use std::fmt::Write;

use clap::Args;

use crate::check::library::{self, LIBRARY, RIGS, SOUNDS};
use crate::check::nearest::nearest;
use crate::cli::output::{FAILED, FINE, line, report_alone, text};
use crate::diagnostic::codes::uses;
use crate::diagnostic::quote::{counted, quoted};
use crate::diagnostic::report::Diagnostic;

/// List the instruments and sounds that come with chronus.
///
/// A song takes them with `use "std/kit" kick`; `chronus render std/kit -o kit.wav` plays a file of them, and
/// `chronus render "std/kit#kick" -o kick.wav` one. `chronus library std/kit > kit.kdl` makes a song of it to play and to change.
#[derive(Debug, Args)]
pub(super) struct Library {
    /// Print the text of this file of the library instead, such as `std/kit`.
    #[arg(value_name = "FILE")]
    file: Option<String>,
}

impl Library {
    pub(super) fn run(&self) -> u8 {
        let Some(name) = &self.file else {
            line(listing().trim_end());
            return FINE;
        };
        let Some(volume) = library::find(name) else {
            let message = format!("the library has no file {}", quoted(name));
            let said = Diagnostic::of_file(&uses::UNKNOWN_LIBRARY, message).help(not_there(name));
            report_alone(&said);
            return FAILED;
        };
        text(volume.text);
        FINE
    }
}

/// What is said of `name`, which no file of the library has.
pub(super) fn not_there(name: &str) -> String {
    match nearest(name, LIBRARY.iter().chain(RIGS).map(|volume| volume.name)) {
        Some(meant) => format!("did you mean `{meant}`? `chronus library` lists the library"),
        None => "`chronus library` lists the library".to_owned(),
    }
}

/// Each file with a line for each of its instruments.
fn listing() -> String {
    let mut out = String::new();
    for volume in LIBRARY {
        // A string takes all.
        let _ = writeln!(out, "{}  {}", volume.name, volume.about);
        for entry in volume.entries() {
            let voices = counted(entry.voices, "voice");
            let _ = writeln!(out, "  {:<14} {:<10} {}", entry.name, voices, entry.about);
        }
        out.push('\n');
    }
    out.push_str("rigs, which play what comes by OSC: `chronus play std/rig`\n");
    for rig in RIGS {
        let _ = writeln!(out, "  {:<14}            {}", rig.name, rig.about);
    }
    out.push_str("\nsounds, for a `sampler`\n");
    for sound in SOUNDS {
        let _ = writeln!(out, "  {:<14}            {}", sound.name, sound.about);
    }
    out
}

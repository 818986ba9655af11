//! `chronus library`: what the library has.

use std::fmt::Write;

use clap::Args;

use crate::check::library::{LIBRARY, SOUNDS};
use crate::cli::output::{FINE, line};
use crate::diagnostic::quote::counted;

/// List the instruments and sounds that come with chronus.
///
/// A song takes them with `use "std/kit" kick`; `chronus render std/kit -o kit.wav` plays a file of them, and
/// `chronus render "std/kit#kick" -o kick.wav` one.
#[derive(Debug, Args)]
pub(super) struct Library {}

impl Library {
    #[allow(clippy::unused_self, reason = "every command runs alike")]
    pub(super) fn run(&self) -> u8 {
        line(listing().trim_end());
        FINE
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
    out.push_str("sounds, for a `sampler`\n");
    for sound in SOUNDS {
        let _ = writeln!(out, "  {:<14}            {}", sound.name, sound.about);
    }
    out
}

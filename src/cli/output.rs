//! What commands print, and their exit codes.

use std::io::{self, IsTerminal, Write};

use crate::cli::input::Loaded;
use crate::diagnostic::render::{Style, graphical, summary};

/// All is well.
pub const FINE: u8 = 0;
/// A song isn't.
pub const SONG_AT_FAULT: u8 = 1;
/// The command could not be carried out.
pub const FAILED: u8 = 2;

/// How to draw on standard error: in colour on a terminal, unless `NO_COLOR` is set.
pub fn style() -> Style {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if wanted && io::stderr().is_terminal() { Style::Colour } else { Style::Plain }
}

/// Prints every diagnostic of a song to standard error, and a line that counts them.
pub fn diagnostics(loaded: &Loaded) {
    let style = style();
    let mut out = io::BufWriter::new(io::stderr().lock());
    for diagnostic in &loaded.diagnostics {
        say(writeln!(out, "{}", graphical(diagnostic, &loaded.sources, style)));
    }
    if let Some(summary) = summary(&loaded.diagnostics, &loaded.name) {
        say(writeln!(out, "{summary}"));
    }
    say(out.flush());
}

/// Prints a line to standard output.
pub fn line(text: &str) {
    say(writeln!(io::stdout().lock(), "{text}"));
}

/// Prints a line to standard error.
pub fn note(text: &str) {
    say(writeln!(io::stderr().lock(), "{text}"));
}

/// A reader that went away, as in `chronus explain | head`, is no error of ours.
fn say(result: io::Result<()>) {
    drop(result);
}

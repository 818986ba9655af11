//! What commands print, and their exit codes.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::Mutex;

use crate::cli::input::Loaded;
use crate::cli::unwritable::unwritable;
use crate::diagnostic::quote::{printable_json, printable_lines};
use crate::diagnostic::render::{Style, graphical, summary};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;

/// All is well.
pub const FINE: u8 = 0;
/// A song isn't.
pub const SONG_AT_FAULT: u8 = 1;
/// The command could not be carried out.
pub const FAILED: u8 = 2;

/// How to draw on standard error: in colour on a terminal that has colours, unless `NO_COLOR` is set.
pub fn style() -> Style {
    if has_colours() && is_drawable(&io::stderr()) { Style::Colour } else { Style::Plain }
}

/// Whether colours are wanted: `NO_COLOR` is empty or isn't set (<https://no-color.org>).
pub fn has_colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether `stream` is a terminal on which the cursor can be moved. One that calls itself `dumb` only prints.
pub fn is_drawable(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Prints every diagnostic of a song to standard error, and a line that counts them.
pub fn diagnostics(loaded: &Loaded) {
    report_all(&loaded.diagnostics, &loaded.sources);
    if let Some(summary) = summary(&loaded.diagnostics, &loaded.name) {
        note(&summary);
    }
}

/// Prints lines to standard output. Names of files and what others have sent may be in them: control characters are escaped.
pub fn line(text: &str) {
    printed(writeln!(io::stdout().lock(), "{}", printable_lines(text)));
}

/// Prints JSON to standard output, in characters that a terminal doesn't obey.
pub fn json(text: &str) {
    printed(writeln!(io::stdout().lock(), "{}", printable_json(text)));
}

/// Prints a text of the program's own to standard output as it is.
pub fn text(text: &str) {
    printed(io::stdout().lock().write_all(text.as_bytes()));
}

/// Prints lines to standard error; control characters are escaped.
pub fn note(text: &str) {
    say(writeln!(io::stderr().lock(), "{}", printable_lines(text)));
}

/// Prints a diagnostic that points into `sources` to standard error.
pub fn report(diagnostic: &Diagnostic, sources: &Sources) {
    // With colours, so that it can't go through `note`; `graphical` escapes what isn't its own.
    say(writeln!(io::stderr().lock(), "{}", graphical(diagnostic, sources, style()).trim_end()));
}

/// Prints a diagnostic about a whole file, or about none, to standard error.
pub fn report_alone(diagnostic: &Diagnostic) {
    report(diagnostic, &Sources::default());
}

/// Prints diagnostics to standard error, with a blank line after each.
pub fn report_all<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources) {
    let style = style();
    let mut out = io::BufWriter::new(io::stderr().lock());
    for diagnostic in diagnostics {
        say(writeln!(out, "{}", graphical(diagnostic, sources, style)));
    }
    say(out.flush());
}

/// The first reason for which something that was printed to standard output isn't there.
static LOST: Mutex<Option<io::Error>> = Mutex::new(None);

/// Notes how printing to standard output went. A reader that went away, as in `chronus explain | head`, is no error of ours.
pub fn printed(result: io::Result<()>) {
    let Err(error) = result else { return };
    if error.kind() != ErrorKind::BrokenPipe
        && let Ok(mut lost) = LOST.lock()
    {
        lost.get_or_insert(error);
    }
}

/// The exit code of a command that ends with `code`: if what it printed to standard output isn't there it wasn't carried out, which
/// is said.
pub fn ended(code: u8) -> u8 {
    printed(io::stdout().lock().flush());
    let lost = LOST.lock().ok().and_then(|mut lost| lost.take());
    let Some(error) = lost else { return code };
    report_alone(&unwritable(Path::new("-"), &error));
    FAILED
}

/// A reader that went away, as in `chronus explain | head`, is no error of ours.
fn say(result: io::Result<()>) {
    drop(result);
}

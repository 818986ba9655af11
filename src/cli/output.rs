//! What commands print, and their exit codes.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;

use crate::check::song_files::FileRefusal;
use crate::cli::input::{Loaded, name_of};
use crate::cli::unwritable::unwritable;
use crate::diagnostic::codes::rendering::OUTPUT_IS_INPUT;
use crate::diagnostic::printer::{Style, graphical, summary};
use crate::diagnostic::quote::{printable_json, printable_lines};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;
use crate::io::standard::{Circle, Standard, circles};

/// How a command prints what it has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

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
    print(&format!("{}\n", printable_lines(text)));
}

/// Prints JSON to standard output, in characters that a terminal doesn't obey.
pub fn json(text: &str) {
    print(&format!("{}\n", printable_json(text)));
}

/// Prints a text of the program's own to standard output as it is.
pub fn text(text: &str) {
    print(text);
}

/// Prints to standard output, unless that leads to a file which is read: [`ended`] tells that.
fn print(text: &str) {
    if may_print(Standard::Output) {
        printed(io::stdout().lock().write_all(text.as_bytes()));
        told(text);
    }
}

/// Prints lines to standard error; control characters are escaped. Gives whether anybody can read them there.
pub fn note(text: &str) -> bool {
    let written = writeln!(errors(), "{}", printable_lines(text));
    written.is_ok() && !Standard::Error.is_null()
}

/// Prints a diagnostic that points into `sources` to standard error.
pub fn report(diagnostic: &Diagnostic, sources: &Sources) {
    // With colours, so that it can't go through `note`; `graphical` escapes what isn't its own.
    say(writeln!(errors(), "{}", graphical(diagnostic, sources, style()).trim_end()));
    told(diagnostic.code.id);
}

/// Prints a diagnostic about a whole file, or about none, to standard error.
pub fn report_alone(diagnostic: &Diagnostic) {
    report(diagnostic, &Sources::default());
}

/// Prints diagnostics to standard error, with a blank line after each.
pub fn report_all<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources) {
    let style = style();
    let mut out = io::BufWriter::new(errors());
    for diagnostic in diagnostics {
        say(writeln!(out, "{}", graphical(diagnostic, sources, style)));
        told(diagnostic.code.id);
    }
    say(out.flush());
}

/// Whether something may be printed to `stream`: it doesn't lead to a file which is read.
pub fn may_print(stream: Standard) -> bool {
    circles().iter().all(|circle| circle.stream != stream)
}

/// Where errors are printed: to standard error, or where that leads to a file which is read, to standard output.
fn errors() -> Box<dyn Write> {
    if may_print(Standard::Error) {
        Box::new(io::stderr().lock())
    } else if may_print(Standard::Output) {
        Box::new(io::stdout().lock())
    } else {
        Box::new(io::sink())
    }
}

/// Whether it has been told that a stream leads to a file which is read.
static CIRCLE_TOLD: AtomicBool = AtomicBool::new(false);

/// Notes it if `text`, which was printed, has that code in it.
fn told(text: &str) {
    if text.contains(OUTPUT_IS_INPUT.id) {
        CIRCLE_TOLD.store(true, Ordering::Relaxed);
    }
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
    if let Some(Circle { stream, path }) = circles().first() {
        if !CIRCLE_TOLD.load(Ordering::Relaxed) {
            report_alone(&FileRefusal::Printed(stream.name()).diagnostic(&name_of(path)));
        }
        return FAILED;
    }
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

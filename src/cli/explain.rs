//! `chronus explain`: what a code means, with a song that gives it and one that doesn't.

use std::fmt::Write;

use clap::Args;

use crate::check::song::check;
use crate::cli::output::{FAILED, FINE, line};
use crate::cli::suggest::hint;
use crate::diagnostic::code::{Bad, Code};
use crate::diagnostic::codes::{TABLE, all, find};
use crate::diagnostic::render::{Style, graphical};
use crate::diagnostic::source::{Source, Sources};
use crate::reference::kinds::wrapped;

/// Explain a code that `check` printed; without one, list them all.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The code, such as `needs-quotes`.
    code: Option<String>,
}

impl Explain {
    pub(super) fn run(&self) -> u8 {
        let Some(id) = &self.code else {
            line(overview().trim_end());
            return FINE;
        };
        if let Some(code) = find(id) {
            line(explanation(code).trim_end());
            return FINE;
        }
        let hint = hint(id, all().map(|code| code.id), "chronus explain");
        eprintln!("there is no code `{}`{hint}", id.escape_debug());
        FAILED
    }
}

/// Every code with the first sentence about it.
fn overview() -> String {
    let widest = all().map(|code| code.id.len()).max().unwrap_or_default();
    let mut out = String::new();
    for (family, codes) in TABLE {
        let _ = writeln!(out, "{family}");
        for code in *codes {
            let first = code.about.split_inclusive(". ").next().unwrap_or_default().trim_end();
            let _ = writeln!(out, "  {:widest$}  {}", code.id, first);
        }
        out.push('\n');
    }
    out
}

fn explanation(code: &Code) -> String {
    let mut out = format!("{} ({})\n\n", code.id, code.severity.word());
    for line in wrapped(code.about, 78) {
        let _ = writeln!(out, "{line}");
    }
    match code.bad {
        Bad::Song(text) => {
            let mut sources = Sources::default();
            let id = sources.add(Source::new("song.kdl", text));
            let _ = write!(out, "\nThis gives it:\n\n{}\n", indented(text));
            for diagnostic in check(id, text).diagnostics {
                out.push_str(&graphical(&diagnostic, &sources, Style::Plain));
            }
            let _ = write!(out, "\nThis doesn't:\n\n{}", indented(code.good));
        }
        Bad::Made(_) => {
            let _ = write!(out, "\nThis doesn't give it:\n\n{}", indented(code.good));
        }
        Bad::Elsewhere(what) => {
            let _ = writeln!(out, "\nWhat gives it: {what}.");
        }
    }
    out
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |out, line| out + "    " + line + "\n")
}

//! `chronus modules`: which kinds of modules there are, and what each has.

use clap::Args;

use crate::cli::output::{FAILED, FINE, Format, json, line, note};
use crate::cli::suggest::hint;
use crate::diagnostic::quote::quoted;
use crate::modules::{TABLE, find};
use crate::reference::kinds::{describe, list, object};

/// Say which kinds of modules there are, or everything about one.
///
/// The exit code is 2 if there is no such kind.
#[derive(Debug, Args)]
pub(super) struct Modules {
    /// The kind, such as `ladder`.
    kind: Option<String>,

    /// How to print it: for people, or as JSON, one object a line with everything about a kind.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Modules {
    pub(super) fn run(&self) -> u8 {
        let Some(kind) = &self.kind else {
            match self.format {
                Format::Human => line(list().trim_end()),
                Format::Json => TABLE.iter().for_each(|spec| json(&object(spec).to_string())),
            }
            return FINE;
        };
        let Some(spec) = find(kind) else {
            let hint = hint(kind, TABLE.iter().map(|spec| spec.kind), "chronus modules");
            note(&format!("there is no kind of module called {}{hint}", quoted(kind)));
            return FAILED;
        };
        match self.format {
            Format::Human => line(describe(spec).trim_end()),
            Format::Json => json(&object(spec).to_string()),
        }
        FINE
    }
}

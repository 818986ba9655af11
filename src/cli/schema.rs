//! `chronus schema`: prints a schema of songs or of what commands print for programs.

use clap::Args;

use crate::cli::output::{FAILED, FINE, line, note};
use crate::cli::suggest::hint;
use crate::diagnostic::quote::quoted;
use crate::reference::schemas::{SCHEMAS, find};

/// Print a schema: of the song language, or of what a command prints for programs. Without a name, list them.
///
/// The exit code is 2 if there is no such schema.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Which one, such as `check`.
    name: Option<String>,
}

impl Schema {
    pub(super) fn run(&self) -> u8 {
        let Some(name) = &self.name else {
            let widest = SCHEMAS.iter().map(|schema| schema.name.len()).max().unwrap_or_default();
            for schema in SCHEMAS {
                line(&format!("{:widest$}  {}", schema.name, schema.about));
            }
            return FINE;
        };
        let Some(schema) = find(name) else {
            let hint = hint(name, SCHEMAS.iter().map(|schema| schema.name), "chronus schema");
            note(&format!("there is no schema {}{hint}", quoted(name)));
            return FAILED;
        };
        line((schema.text)().trim_end());
        FINE
    }
}

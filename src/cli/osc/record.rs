//! `chronus osc record`: a WAV of what is heard.

use clap::{Args, Subcommand};

use crate::cli::osc::engine::EngineAddress;
use crate::cli::osc::slots::ordered;
use crate::cli::osc::status::facts;
use crate::cli::output::{FINE, line};
use crate::diagnostic::report::Diagnostic;
use crate::osc::message::Arg;

/// Record what is heard into a WAV next to the song.
#[derive(Debug, Args)]
pub(super) struct Record {
    #[command(subcommand)]
    what: RecordAction,
}

#[derive(Debug, Subcommand)]
enum RecordAction {
    /// Begin to record.
    Start {
        /// What to call the file: a plain name, never a path.
        name: Option<String>,
    },
    /// End the recording.
    Stop,
    /// Say whether a recording runs.
    Status,
}

impl Record {
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        match &self.what {
            RecordAction::Start { name } => ordered(
                engine,
                "/engine/record/start",
                name.iter().map(|name| Arg::from(name.as_str())).collect(),
            ),
            RecordAction::Stop => ordered(engine, "/engine/record/stop", Vec::new()),
            RecordAction::Status => {
                facts(&engine.open()?.ask_json("/engine/record/status")?).iter().for_each(|fact| line(fact));
                Ok(FINE)
            }
        }
    }
}

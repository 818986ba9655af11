//! `chronus osc status`: what the engine and the song in it are doing.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::osc::engine::EngineAddress;
use crate::cli::output::{self, FINE, Format, line};
use crate::diagnostic::quote::printable;
use crate::diagnostic::report::Diagnostic;

/// Say what the engine and the song in it are doing.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// How to print it: for people, or as one JSON object.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Status {
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let mut engine = engine.open()?;
        let status = json!({
            "engine": engine.ask_json("/engine/status")?,
            "song": engine.ask_json("/seq/status")?,
        });
        match self.format {
            Format::Human => {
                for part in ["engine", "song"] {
                    line(part);
                    facts(&status[part]).iter().for_each(|fact| line(fact));
                }
            }
            Format::Json => output::json(&status.to_string()),
        }
        Ok(FINE)
    }
}

/// A line for each thing that `object` says.
pub(super) fn facts(object: &Value) -> Vec<String> {
    let rows: Vec<(String, String)> = match object {
        Value::Object(rows) => {
            rows.iter().map(|(name, value)| (name.replace('_', " "), said(value))).collect()
        }
        other => vec![(said(other), String::new())],
    };
    let widest = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    rows.iter()
        .map(|(name, value)| printable(format!("  {name:widest$}  {value}").trim_end()).into_owned())
        .collect()
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(on) => if *on { "yes" } else { "no" }.to_owned(),
        Value::Null => "-".to_owned(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) if items.iter().all(|item| item.is_string() || item.is_number()) => {
            items.iter().map(said).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

//! `chronus osc schema`: everything known of every address, for programs.

use clap::Args;
use serde_json::Value;

use crate::cli::osc::engine::EngineAddress;
use crate::cli::osc::list::left_out;
use crate::cli::output::{FINE, json, note};
use crate::diagnostic::report::Diagnostic;
use crate::model::identifiers::is_address;
use crate::osc::message::{Arg, Message};

/// Print everything known of every address, as a JSON array with an object a line.
#[derive(Debug, Args)]
pub(super) struct OscSchema {}

/// The most packets that a schema is sent in.
const MOST_PARTS: u32 = 4096;

impl OscSchema {
    #[allow(clippy::unused_self, reason = "every command runs alike")]
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let mut engine = engine.open()?;
        // By number, because packets may overtake each other.
        let mut parts: Vec<Option<Vec<Value>>> = Vec::new();
        engine.gather(&Message::new("/engine/schema", []), &mut |engine, answer| {
            if answer.address != "/engine/schema" {
                return Ok(false);
            }
            let [part, count, json] = answer.args.as_slice() else {
                return Err(engine.strange("a part of its schema has other cells"));
            };
            let place = |arg: &Arg| {
                let number = arg.number().filter(|number| (0.0..=MOST_PARTS as f64).contains(number));
                number.map(|number| number as usize)
            };
            let rows = json.text().and_then(|text| serde_json::from_str::<Vec<Value>>(text).ok());
            let (Some(part), Some(count), Some(rows)) = (place(part), place(count), rows) else {
                return Err(engine.strange("a part of its schema is no JSON"));
            };
            parts.resize(parts.len().max(count), None);
            *parts.get_mut(part).ok_or_else(|| engine.strange("its schema has more parts than it says"))? =
                Some(rows);
            Ok(parts.iter().all(Option::is_some))
        })?;
        let rows = parts.into_iter().flatten().flatten();
        let (rows, strange): (Vec<Value>, Vec<Value>) =
            rows.partition(|row| row["address"].as_str().is_some_and(is_address));
        if !strange.is_empty() {
            note(&left_out(strange.len()));
        }
        let rows: Vec<String> = rows.iter().map(Value::to_string).collect();
        json(&format!("[\n{}\n]", rows.join(",\n")));
        Ok(FINE)
    }
}

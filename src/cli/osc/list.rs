//! `chronus osc list`: every address of the engine with what it takes and where it stands.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::cli::osc::engine::{EngineAddress, EngineClient};
use crate::cli::osc::osc_values::address;
use crate::cli::output::{FINE, SONG_AT_FAULT, json, line, note};
use crate::diagnostic::quote::{printable, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::model::identifiers::is_address;
use crate::osc::message::{Arg, Message};
use crate::units::unit::Unit;

/// List the engine's addresses: what each takes, from where to where, and where it stands now.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only addresses that match, such as `/mod/bass//` or `//gain`.
    pattern: Option<String>,

    /// How to print them: for people, as JSON, one object a line, or nothing but the addresses.
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Human,
    Json,
    Addresses,
}

/// An address of the engine.
#[derive(Debug)]
struct AddressRow {
    address: String,
    /// `f`, `T`, `gate` or `command`.
    takes: String,
    range: Option<(f64, f64)>,
    default: Option<f64>,
    unit: String,
    value: Option<f64>,
}

impl AddressRow {
    fn read(args: &[Arg]) -> Option<Self> {
        let [address, takes, min, max, default, unit, value] = args else { return None };
        Some(Self {
            address: address.text()?.to_owned(),
            takes: takes.text()?.to_owned(),
            range: min.number().zip(max.number()),
            default: default.number(),
            unit: unit.text()?.to_owned(),
            value: value.number(),
        })
    }

    fn json(&self) -> String {
        let (min, max) = self.range.unzip();
        json!({
            "address": self.address, "type": self.takes, "min": min, "max": max,
            "default": self.default, "unit": self.unit, "value": self.value,
        })
        .to_string()
    }

    fn spoken(&self, value: f64) -> String {
        const UNITS: [Unit; 6] =
            [Unit::Hertz, Unit::Seconds, Unit::Gain, Unit::Octaves, Unit::Semitones, Unit::Cents];
        match (self.takes.as_str(), UNITS.iter().find(|unit| unit.sign() == self.unit)) {
            ("T", _) => if value == 0.0 { "off" } else { "on" }.to_owned(),
            (_, Some(unit)) => unit.spoken(value),
            _ => format!("{} {}", Unit::Number.spoken(value), self.unit).trim_end().to_owned(),
        }
    }

    /// What stands behind the address: where it stands, from where to where, and where it would stand by itself.
    fn cells(&self) -> (String, String) {
        let value = self.value.map(|value| self.spoken(value)).unwrap_or_default();
        let mut about = match (self.takes.as_str(), self.range) {
            ("f", Some((min, max))) => format!("{} to {}", self.spoken(min), self.spoken(max)),
            ("T", _) => "on or off".to_owned(),
            (takes, _) => takes.to_owned(),
        };
        if let Some(default) =
            self.default.filter(|default| self.value.is_some_and(|value| value != *default))
        {
            about = format!("{about}, declared {}", self.spoken(default));
        }
        (value, about)
    }
}

impl List {
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let pattern = self.pattern.as_deref().map(address).transpose()?;
        let (rows, strange) = rows(&mut engine.open()?, pattern)?;
        if strange > 0 {
            note(&left_out(strange));
        }
        match self.format {
            ListFormat::Human => table(&rows),
            ListFormat::Json => rows.iter().for_each(|row| json(&row.json())),
            ListFormat::Addresses => rows.iter().for_each(|row| line(&row.address)),
        }
        match pattern {
            Some(pattern) if rows.is_empty() => {
                note(&format!("no address matches {}; `chronus osc list` lists them all", quoted(pattern)));
                Ok(SONG_AT_FAULT)
            }
            _ => Ok(FINE),
        }
    }
}

/// Prints a line for each, the parts below each other.
fn table(rows: &[AddressRow]) {
    let cells: Vec<_> = rows.iter().map(|row| (row.address.as_str(), row.cells())).collect();
    let widest = cells.iter().map(|(address, _)| address.chars().count()).max().unwrap_or_default();
    let wide = cells.iter().map(|(_, (value, _))| value.chars().count()).max().unwrap_or_default();
    for (address, (value, about)) in &cells {
        line(&printable(format!("{address:widest$}  {value:>wide$}  {about}").trim_end()));
    }
}

/// What is said of `count` addresses that no engine has.
pub(super) fn left_out(count: usize) -> String {
    let addresses = if count == 1 { "an address".to_owned() } else { format!("{count} addresses") };
    format!("left out: {addresses} with characters that no address has")
}

/// The addresses of an engine that match, all of them without a pattern, and how many were left out because they have
/// characters that no address has.
fn rows(engine: &mut EngineClient, pattern: Option<&str>) -> Result<(Vec<AddressRow>, usize), Diagnostic> {
    let (mut rows, mut strange) = (Vec::new(), 0);
    let question = Message::new("/engine/list", pattern.map(Arg::from));
    engine.gather(&question, &mut |engine, answer| match answer.address.as_str() {
        "/engine/list" => {
            let row = AddressRow::read(&answer.args)
                .ok_or_else(|| engine.strange("a row of its list has other cells"))?;
            if is_address(&row.address) {
                rows.push(row);
            } else {
                strange += 1;
            }
            Ok(false)
        }
        "/engine/list/end" => {
            let count = answer.args.first().and_then(Arg::number);
            let arrived = rows.len() + strange;
            if count == Some(arrived as f64) {
                return Ok(true);
            }
            Err(engine.strange(&format!("{arrived} rows of its list arrived, others were lost")))
        }
        _ => Ok(false),
    })?;
    Ok((rows, strange))
}

//! `chronus osc watch`: what the engine tells those who subscribe, as it happens.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use crate::cli::osc::engine::{EngineAddress, EngineClient, refusal, seconds};
use crate::cli::osc::osc_values::address;
use crate::cli::output::{FINE, Format, printed};
use crate::diagnostic::quote::printable_json;
use crate::diagnostic::report::Diagnostic;
use crate::osc::message::{Arg, Message};
use crate::osc::pattern::AddressPattern;

/// Show what happens in the engine until Ctrl-C: beats, sections, levels, and controls that are moved.
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// Only what matches: `/beat`, `/level`, or controls such as `/mod/bass//`.
    pattern: Option<String>,

    /// Stop after so many seconds.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    length: Option<Duration>,

    /// How to print it: for people, or as JSON, one object a line.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// A subscription lasts 30 seconds; one packet may get lost.
const RENEWED: Duration = Duration::from_secs(10);

/// How soon Ctrl-C is noticed.
const SLICE: Duration = Duration::from_millis(100);

impl Watch {
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let pattern = self.pattern.as_deref().map(address).transpose()?.map(AddressPattern::new);
        let mut engine = engine.open()?;
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // Where signals can't be caught they end the program; the subscription then ends by itself.
            drop(signal_hook::flag::register(signal, Arc::clone(&stop)));
        }
        let result = self.follow(&mut engine, pattern.as_ref(), &stop);
        // Nobody may be there any more.
        drop(engine.say(&Message::new("/unsubscribe", [])));
        result
    }

    fn follow(
        &self,
        engine: &mut EngineClient,
        pattern: Option<&AddressPattern>,
        stop: &AtomicBool,
    ) -> Result<u8, Diagnostic> {
        let start = Instant::now();
        let (mut renewed, mut heard) = (None::<Instant>, true);
        while !stop.load(Ordering::Relaxed) && self.length.is_none_or(|length| start.elapsed() < length) {
            if renewed.is_none_or(|renewed| renewed.elapsed() >= RENEWED) {
                engine.say(&Message::new("/subscribe", []))?;
                // A song that stands still says nothing; an engine answers all the same.
                engine.say(&Message::new("/ping", []))?;
                (renewed, heard) = (Some(Instant::now()), false);
            }
            let Some(message) = engine.hear(SLICE)? else {
                if !heard && renewed.is_some_and(|renewed| renewed.elapsed() >= engine.timeout()) {
                    return Err(engine.silent());
                }
                continue;
            };
            heard = true;
            if let Some(refusal) = refusal(&message) {
                return Err(refusal);
            }
            if shown(&message, pattern)
                && let Err(error) = self.print(&message)
            {
                // Nothing more would arrive there.
                printed(Err(error));
                break;
            }
        }
        Ok(FINE)
    }

    fn print(&self, message: &Message) -> io::Result<()> {
        let text = match self.format {
            Format::Human => message.to_string(),
            Format::Json => {
                let args: Vec<Value> = message.args.iter().map(value).collect();
                printable_json(&json!({ "address": message.address, "args": args }).to_string()).into_owned()
            }
        };
        writeln!(io::stdout().lock(), "{text}")
    }
}

/// Whether a message is wanted: by its own address, or by that of the control which it tells of.
fn shown(message: &Message, pattern: Option<&AddressPattern>) -> bool {
    if message.address == "/pong" {
        return false;
    }
    let told = if message.address == "/param" { message.args.first().and_then(Arg::text) } else { None };
    pattern.is_none_or(|pattern| {
        pattern.matches(&message.address) || told.is_some_and(|address| pattern.matches(address))
    })
}

/// An argument in JSON, which has no more kinds than these; other things are null.
fn value(arg: &Arg) -> Value {
    match arg {
        Arg::Int(value) => json!(value),
        Arg::Long(value) => json!(value),
        // The decimal that a person would write, not all digits of its double.
        Arg::Float(value) => value.to_string().parse::<f64>().map_or(Value::Null, |value| json!(value)),
        Arg::Double(value) => json!(value),
        Arg::Bool(on) => json!(on),
        Arg::Text(text) => json!(text),
        Arg::Blob(_) | Arg::Nil | Arg::Impulse | Arg::Other(_) => Value::Null,
    }
}

//! `chronus osc send`: one message to the engine.

use std::time::{Duration, Instant};

use clap::Args;

use crate::cli::osc::engine::{EngineAddress, refusal, seconds, told};
use crate::cli::osc::osc_values::{address, arg};
use crate::cli::output::{FINE, line};
use crate::diagnostic::report::Diagnostic;
use crate::io::port::now;
use crate::osc::message::Message;
use crate::osc::packet::{write, write_bundle};
use crate::osc::time::{Time, later};

/// How long the engine may take to refuse a message.
const WAIT: Duration = Duration::from_millis(150);

/// Send a message, and show what comes back.
///
/// A value is a number (`0.5`, `3`), a switch (`true`, `false`) or a text. `f:3`, `i:3`, `h:3`, `d:3`, `s:3` say which exactly.
#[derive(Debug, Args)]
pub(super) struct Send {
    /// Where to, such as `/mod/bass/filter/cutoff`; patterns such as `/mod/*/gain` mean several.
    address: String,

    /// What with.
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    values: Vec<String>,

    /// Have it done so many seconds from now, to the sample. The command waits until then, and shows what comes back.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    at: Option<Duration>,
}

impl Send {
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let address = address(&self.address)?;
        let args = self.values.iter().map(|value| arg(value)).collect::<Result<Vec<_>, _>>()?;
        let message = Message::new(address, args);
        let packet = match self.at {
            Some(at) => write_bundle(Time::At(later(now(), at.as_secs_f64())), &[message]),
            None => write(&message),
        };
        // Whether it is honoured is known only when its time has come.
        let wait = engine.timeout().unwrap_or(WAIT + self.at.unwrap_or_default());
        let mut engine = engine.open()?;
        engine.send(&packet)?;
        let mut code = FINE;
        let end = Instant::now() + wait;
        while let Some(answer) = engine.hear(end.saturating_duration_since(Instant::now()))? {
            match refusal(&answer) {
                Some(refusal) => code = told(&refusal),
                None => line(&answer.to_string()),
            }
            if Instant::now() >= end {
                break;
            }
        }
        Ok(code)
    }
}

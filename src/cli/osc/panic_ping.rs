//! `chronus osc panic` and `ping`: silence, and whether anybody is there.

use std::time::Instant;

use clap::Args;

use crate::cli::osc::engine::{EngineAddress, EngineClient};
use crate::cli::output::{FINE, line};
use crate::diagnostic::report::Diagnostic;
use crate::osc::message::Message;

/// Cut everything that sounds, at once: gates and tails.
#[derive(Debug, Args)]
pub(super) struct Panic {}

/// Ask whether the engine is there.
#[derive(Debug, Args)]
pub(super) struct Ping {}

impl Panic {
    #[allow(clippy::unused_self, reason = "every command runs alike")]
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let mut engine = engine.open()?;
        engine.say(&Message::new("/engine/panic", []))?;
        pong(&mut engine)?;
        Ok(FINE)
    }
}

impl Ping {
    #[allow(clippy::unused_self, reason = "every command runs alike")]
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let mut engine = engine.open()?;
        let start = Instant::now();
        pong(&mut engine)?;
        let took = start.elapsed().as_secs_f64() * 1000.0;
        line(&format!("{} answers after {took:.1} ms", engine.at()));
        Ok(FINE)
    }
}

/// Waits for the answer to a ping. The engine takes its messages in order, so whatever was said before has arrived too.
fn pong(engine: &mut EngineClient) -> Result<(), Diagnostic> {
    engine.gather(&Message::new("/ping", []), &mut |_, answer| Ok(answer.address == "/pong"))
}

//! `chronus osc save` and `load`: the whole state of the engine, kept and brought back.

use clap::Args;

use crate::cli::osc::engine::EngineAddress;
use crate::cli::output::{FINE, line};
use crate::diagnostic::quote::printable;
use crate::diagnostic::report::Diagnostic;
use crate::osc::message::{Arg, Message};

/// Save the song as it plays now, with every change, under a number or a name.
#[derive(Debug, Args)]
pub(super) struct Save {
    /// A number from 1 to 128, or a name.
    slot: String,

    /// What to call it.
    title: Option<String>,
}

/// Go back to what was saved, at the next bar.
#[derive(Debug, Args)]
pub(super) struct Load {
    /// A number from 1 to 128, or a name.
    slot: String,

    /// At once, not at the next bar.
    #[arg(long)]
    now: bool,
}

impl Save {
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let title = self.title.as_deref().map(Arg::from);
        ordered(engine, "/pattern/save", [slot(&self.slot)].into_iter().chain(title).collect())
    }
}

impl Load {
    pub(super) fn run(&self, engine: &EngineAddress) -> Result<u8, Diagnostic> {
        let now = self.now.then_some(Arg::Bool(true));
        ordered(engine, "/pattern/load", [slot(&self.slot)].into_iter().chain(now).collect())
    }
}

fn slot(written: &str) -> Arg {
    written.parse().map_or_else(|_| Arg::from(written), Arg::Int)
}

/// Has something done and prints what the engine says of it.
pub(super) fn ordered(engine: &EngineAddress, address: &str, args: Vec<Arg>) -> Result<u8, Diagnostic> {
    let said = engine.open()?.order(&Message::new(address, args))?;
    if !said.is_empty() {
        line(&printable(&said));
    }
    Ok(FINE)
}

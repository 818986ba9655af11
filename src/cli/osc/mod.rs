//! `chronus osc`: the controller, which speaks to a playing engine. One file a command, listed in the order of the help.

mod engine;

mod host;

mod values;

mod send;

mod list;

mod status;

mod watch;

mod schema;

mod record;

mod slots;

mod signals;

use clap::{Args, Subcommand};

/// Speak to a playing engine: send it OSC messages, ask what it has and does.
///
/// The exit code is 0 if the engine did as it was told, 1 if it refused, 2 if no engine could be reached.
#[derive(Debug, Args)]
pub(super) struct Osc {
    #[command(flatten)]
    engine: engine::Where,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Send(send::Send),
    List(list::List),
    Status(status::Status),
    Watch(watch::Watch),
    Schema(schema::Schema),
    Record(record::Record),
    Save(slots::Save),
    Load(slots::Load),
    Panic(signals::Panic),
    Ping(signals::Ping),
}

impl Osc {
    pub(super) fn run(&self) -> u8 {
        let engine = &self.engine;
        let done = match &self.command {
            Command::Send(send) => send.run(engine),
            Command::List(list) => list.run(engine),
            Command::Status(status) => status.run(engine),
            Command::Watch(watch) => watch.run(engine),
            Command::Schema(schema) => schema.run(engine),
            Command::Record(record) => record.run(engine),
            Command::Save(save) => save.run(engine),
            Command::Load(load) => load.run(engine),
            Command::Panic(panic) => panic.run(engine),
            Command::Ping(ping) => ping.run(engine),
        };
        done.unwrap_or_else(|diagnostic| engine::told(&diagnostic))
    }
}

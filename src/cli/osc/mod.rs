//! `chronus osc`: the controller, which speaks to a playing engine. One file a command, listed in the order of the help.

mod engine;

pub(super) mod host;

mod osc_values;

mod send;

mod list;

mod status;

mod watch;

mod schema;

mod record;

mod slots;

mod panic_ping;

use clap::{ArgMatches, Args, Error, FromArgMatches, Subcommand};

/// What the help says first.
const ABOUT: &str = "Speak to a playing engine: send it OSC messages, ask what it has and does";

/// What it says besides.
const CODES: &str =
    "The exit code is 0 if the engine did as it was told, 1 if it refused, 2 if no engine could be reached.";

/// The controller. Its commands are laid out only when it is called, so that nothing else starts later for them.
#[derive(Debug)]
pub(super) struct Osc(OscCommandLine);

#[derive(Debug, Args)]
struct OscCommandLine {
    #[command(flatten)]
    engine: engine::EngineAddress,

    #[command(subcommand)]
    command: OscCommand,
}

fn named(command: clap::Command) -> clap::Command {
    command.about(ABOUT).long_about(format!("{ABOUT}.\n\n{CODES}"))
}

impl Args for Osc {
    fn augment_args(command: clap::Command) -> clap::Command {
        // Laying out `OscCommandLine` would leave it with the description of what is flattened into it.
        named(command).defer(|command| named(OscCommandLine::augment_args(command)))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Osc {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        OscCommandLine::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

#[derive(Debug, Subcommand)]
enum OscCommand {
    Send(send::Send),
    List(list::List),
    Status(status::Status),
    Watch(watch::Watch),
    Schema(schema::OscSchema),
    Record(record::Record),
    Save(slots::Save),
    Load(slots::Load),
    Panic(panic_ping::Panic),
    Ping(panic_ping::Ping),
}

impl Osc {
    pub(super) fn run(&self) -> u8 {
        let OscCommandLine { engine, command } = &self.0;
        let done = match command {
            OscCommand::Send(send) => send.run(engine),
            OscCommand::List(list) => list.run(engine),
            OscCommand::Status(status) => status.run(engine),
            OscCommand::Watch(watch) => watch.run(engine),
            OscCommand::Schema(schema) => schema.run(engine),
            OscCommand::Record(record) => record.run(engine),
            OscCommand::Save(save) => save.run(engine),
            OscCommand::Load(load) => load.run(engine),
            OscCommand::Panic(panic) => panic.run(engine),
            OscCommand::Ping(ping) => ping.run(engine),
        };
        done.unwrap_or_else(|diagnostic| engine::told(&diagnostic))
    }
}

//! The commands: one file each, listed here in the order of the help.

pub mod input;

pub mod output;

mod song_selection;

mod jobs;

mod unwritable;

mod stop_signals;

mod profile;

mod take;

#[cfg(feature = "play")]
mod screen;

#[cfg(feature = "play")]
mod play_watcher;

mod check;

mod fmt;

mod compare;

mod render;

mod diff;

mod test;

#[cfg(feature = "play")]
mod play;

#[cfg(feature = "play")]
mod page_address;

mod osc;

mod blow_up;

mod cache;

mod lasting;
mod library;

#[cfg(feature = "play")]
mod devices;

#[cfg(not(feature = "play"))]
mod silent;

mod explain;

mod modules;

mod schema;

mod completions;

mod suggest;

mod swallowed;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

#[cfg(not(feature = "play"))]
use silent::{devices, play};

/// Columns that help takes at the most.
const WIDEST: usize = 100;

/// Text to music: checks, renders and plays songs written in KDL.
#[derive(Debug, Parser)]
#[command(name = "chronus", version, about, max_term_width = WIDEST)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// Makes of a list of commands what runs them: each by its name, with what it takes besides its arguments.
macro_rules! commands {
    ($($word:ident $name:ident($line:ty $(, $also:expr)?),)*) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $(#[command(name = stringify!($word))] $name($line),)*
        }

        impl Command {
            fn run(self) -> u8 {
                match self {
                    $(Self::$name(line) => line.run($($also)?),)*
                }
            }

            /// The program as if it had but the command of this name. To make all of them takes longer than to read a song.
            fn alone(name: &str) -> Option<clap::Command> {
                let command = match name {
                    // The version is asked of no command.
                    "--version" | "-V" => {
                        return Some(clap::Command::new("chronus").version(env!("CARGO_PKG_VERSION")));
                    }
                    $(stringify!($word) => <$line>::augment_args(clap::Command::new(stringify!($word))),)*
                    _ => return None,
                };
                Some(clap::Command::new("chronus").max_term_width(WIDEST).subcommand(command))
            }
        }
    };
}

commands! {
    check Check(check::Check),
    fmt Fmt(fmt::Fmt),
    render Render(render::Render),
    diff Diff(diff::Diff),
    test Test(test::Test),
    play Play(play::Play),
    osc Osc(osc::Osc),
    cache Cache(cache::CacheArgs),
    library Library(library::Library),
    devices Devices(devices::Devices),
    explain Explain(explain::Explain),
    modules Modules(modules::Modules),
    schema Schema(schema::Schema),
    completions Completions(completions::Completions, &mut CommandLine::command()),
}

/// Runs the command that `args` ask for, program name included.
///
/// The exit code is 0 if all is well, 1 if a song isn't, and 2 if the command could not be carried out.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let name = args.get(1).and_then(|name| name.to_str());
    let line = match name.and_then(Command::alone) {
        Some(alone) => {
            alone.try_get_matches_from(&args).and_then(|matches| CommandLine::from_arg_matches(&matches))
        }
        None => CommandLine::try_parse_from(&args),
    };
    let line = match line {
        Ok(line) => line,
        Err(error) => {
            // What was written is quoted in it: a file's name, where a shell has put it in place of `*`.
            let text = error.render().to_string();
            let text = text.trim_end_matches('\n');
            // Help and version are no errors.
            if !error.use_stderr() {
                output::line(text);
                return ExitCode::from(output::ended(output::FINE));
            }
            output::note(text);
            if error.kind() == ErrorKind::MissingRequiredArgument
                && let Some(tip) = swallowed::tip(&CommandLine::command(), &args, true)
            {
                output::note(&tip);
            }
            return ExitCode::from(output::FAILED);
        }
    };
    // A song that isn't needed can be taken by an option all the same.
    if let Command::Play(play) = &line.command
        && !play.names_a_song()
        && let Some(tip) = swallowed::tip(&CommandLine::command(), &args, false)
    {
        output::note(&tip);
        return ExitCode::from(output::FAILED);
    }
    ExitCode::from(output::ended(line.command.run()))
}

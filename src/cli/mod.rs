//! The commands: one file each, listed here in the order of the help.

pub mod input;

pub mod output;

mod parts;

mod jobs;

mod unwritable;

mod profile;

mod take;

mod screen;

mod watch;

mod check;

mod fmt;

mod contrast;

mod render;

mod diff;

mod test;

mod play;

mod page;

mod osc;

mod cache;

mod library;

mod devices;

mod explain;

mod modules;

mod schema;

mod completions;

mod suggest;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Text to music: checks, renders and plays songs written in KDL.
#[derive(Debug, Parser)]
#[command(name = "chronus", version, about, max_term_width = 100)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Fmt(fmt::Fmt),
    Render(render::Render),
    Diff(diff::Diff),
    Test(test::Test),
    Play(play::Play),
    Osc(osc::Osc),
    Cache(cache::Show),
    Library(library::Library),
    Devices(devices::Devices),
    Explain(explain::Explain),
    Modules(modules::Modules),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

/// Runs the command that `args` ask for, program name included.
///
/// The exit code is 0 if all is well, 1 if a song isn't, and 2 if the command could not be carried out.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line = match Line::try_parse_from(args) {
        Ok(line) => line,
        Err(error) => {
            // Help and version are no errors; if nobody listens there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { output::FAILED } else { output::FINE });
        }
    };
    ExitCode::from(match line.command {
        Command::Check(check) => check.run(),
        Command::Fmt(fmt) => fmt.run(),
        Command::Render(render) => render.run(),
        Command::Diff(diff) => diff.run(),
        Command::Test(test) => test.run(),
        Command::Play(play) => play.run(),
        Command::Osc(osc) => osc.run(),
        Command::Cache(show) => show.run(),
        Command::Library(library) => library.run(),
        Command::Devices(devices) => devices.run(),
        Command::Explain(explain) => explain.run(),
        Command::Modules(modules) => modules.run(),
        Command::Schema(schema) => schema.run(),
        Command::Completions(completions) => completions.run(&mut Line::command()),
    })
}

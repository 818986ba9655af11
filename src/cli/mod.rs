//! The commands: one file each, listed here in the order of the help.

pub mod input;

pub mod output;

mod profile;

mod check;

mod render;

mod library;

mod explain;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    Render(render::Render),
    Library(library::Library),
    Explain(explain::Explain),
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
        Command::Render(render) => render.run(),
        Command::Library(library) => library.run(),
        Command::Explain(explain) => explain.run(),
    })
}

//! The `chronus` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    chronus::cli::run(std::env::args_os())
}

//! `chronus completions`: what a shell needs to complete command lines.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use clap_complete::{Generator, Shell, generate};

use crate::cli::output::FINE;

/// Print what a shell needs to complete chronus command lines.
///
/// For bash: `chronus completions bash > ~/.local/share/bash-completion/completions/chronus`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Known,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Known {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(super) fn run(&self, command: &mut clap::Command) -> u8 {
        let shell = match self.shell {
            Known::Bash => Shell::Bash,
            Known::Zsh => Shell::Zsh,
            Known::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        generated(shell, command, &mut script);
        // A reader that went away is no error of ours.
        drop(io::stdout().lock().write_all(&script));
        FINE
    }
}

fn generated(shell: impl Generator, command: &mut clap::Command, script: &mut Vec<u8>) {
    let name = command.get_name().to_owned();
    generate(shell, command, name, script);
}

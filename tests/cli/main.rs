//! The commands as users meet them: standard output, standard error, exit code.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

mod cache;
mod check;
mod circles;
mod completions;
mod devices;
mod explain;
mod fmt;
mod full;
mod library;
mod modules;
mod osc;
mod outputs;
mod parts;
mod plain;
#[path = "../common/program.rs"]
mod program;
mod render;
mod schema;
#[path = "../common/skip.rs"]
mod skip;
mod slips;
mod sounds;

mod tuning;

use program::{Running, program};

/// Runs `chronus` with `args` in `folder`.
fn chronus(folder: &Path, args: &[&str]) -> Output {
    program().args(args).current_dir(folder).output().expect("the program starts")
}

/// Runs `chronus` with `input` on standard input.
fn chronus_with_input(args: &[&str], input: &[u8]) -> Output {
    let mut command = program();
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Running::start(&mut command);
    child.stdin.take().expect("piped").write_all(input).expect("it reads");
    child.output()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("UTF-8")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("UTF-8")
}

/// A folder of its own for one test, empty at first.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

//! Playing through real sound servers, which the rig beside this file starts without a sound card.
//!
//! The checks run one after another: servers and players must not take each other's time. Where a server isn't installed its
//! checks are skipped, and listed; `.ci/live` installs them. This program is the player as well, in processes of its own.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop")]

mod checks;
#[path = "../common/highs.rs"]
mod highs;
mod outputs;
mod player;
#[path = "../common/program.rs"]
mod program;
mod recordings;
mod rig;
mod screen;
mod session;
#[path = "../common/skip.rs"]
mod skip;

use std::panic::catch_unwind;
use std::process::ExitCode;

use checks::CHECKS;
use skip::{missing, skip};

fn main() -> ExitCode {
    if let Ok(part) = std::env::var(player::PART) {
        player::run(&part);
        return ExitCode::SUCCESS;
    }
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut failed = 0;
    for check in CHECKS {
        if !words.is_empty() && !words.iter().any(|word| check.name.contains(word.as_str())) {
            continue;
        }
        if !cfg!(target_os = "linux") {
            skip(check.name, "the servers of the rig run on Linux");
            continue;
        }
        if let Err(why) = check.server.installed() {
            missing(check.name, &why);
            continue;
        }
        let done = catch_unwind(check.run).is_ok();
        println!("live {} ... {}", check.name, if done { "ok" } else { "FAILED" });
        failed += usize::from(!done);
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

//! Runs after all others, by its name, and lists what they skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

#[path = "common/skip.rs"]
mod skip;

use std::fs;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // What the checks below start.
    match words.first().map(String::as_str) {
        Some("--skip-one") => {
            skip::skip("a machine", "it has no such thing");
            return ExitCode::SUCCESS;
        }
        Some("--miss-one") => {
            skip::missing("a program", "it isn't there; `.ci/live` installs it");
            return ExitCode::SUCCESS;
        }
        Some("--list") => {}
        // A run of other tests, by name.
        Some(word) if !word.starts_with('-') && !"skipped".contains(word) => return ExitCode::SUCCESS,
        _ => checks(),
    }
    let list = skip::list();
    let Ok(skipped) = fs::read_to_string(&list) else { return ExitCode::SUCCESS };
    println!("\nskipped here: {} checks", skipped.lines().count());
    skipped.lines().for_each(|line| println!("  {line}"));
    // `.ci/run` shows its list itself, at its own end.
    if std::env::var_os(skip::LIST).is_none() {
        // Those of runs that never came here go as well.
        let entries = fs::read_dir(env!("CARGO_TARGET_TMPDIR")).into_iter().flatten().flatten();
        let old = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("skipped-"));
        old.for_each(|entry| drop(fs::remove_file(entry.path())));
    }
    ExitCode::SUCCESS
}

/// What is skipped is printed and listed, and with `CI=true` a missing program is a failure.
fn checks() {
    let list = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped-by-the-test");
    let _ = fs::remove_file(&list);
    let run = |word: &str, ci: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output = command.arg(word).env(skip::LIST, &list).env("CI", ci).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let machine = "without a machine: it has no such thing\n";
    let program = "without a program: it isn't there; `.ci/live` installs it\n";
    for ci in ["", "true"] {
        assert_eq!(run("--skip-one", ci), (true, String::new(), format!("SKIPPED {machine}")));
    }
    assert!(run("--miss-one", "").0);
    let (fine, _, said) = run("--miss-one", "true");
    assert!(!fine && said.contains("with CI=true nothing may be missing"), "{said}");
    let listed = format!("\nskipped here: 3 checks\n  {machine}  {machine}  {program}");
    assert_eq!(run("--list", ""), (true, listed, String::new()));
    fs::remove_file(list).unwrap();
    println!("skips are shown ... ok");
}

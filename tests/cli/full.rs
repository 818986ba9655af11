//! A standard output that takes nothing is told by every command: exit code 2.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::osc::{Engine, proper};
use super::{chronus, folder, stderr, stdout};
use crate::program::program;

const HUM: &str = "song bars=1 tempo=240 tail=0\nsine hum freq=110\nroute hum -> out gain=\"-12dB\"\n";

/// Every command that prints without a device, with arguments that make it print. `play` and `devices` are tried by `tests/live`.
const COMMANDS: &[&[&str]] = &[
    &["check", "song.kdl"],
    &["check", "wrong.kdl", "--format", "json"],
    &["fmt", "ugly.kdl"],
    &["fmt", "--check", "uglier.kdl"],
    &["render", "song.kdl", "-o", "x.wav"],
    &["render", "song.kdl", "-o", "-"],
    &["render", "song.kdl", "--stems", "stems"],
    &["diff", "song.kdl", "song.kdl"],
    &["diff", "song.kdl", "song.kdl", "--format", "json"],
    &["test", "song.kdl"],
    &["test", "song.kdl", "--format", "junit"],
    &["test", "song.kdl", "--bless"],
    &["cache"],
    &["library"],
    &["explain"],
    &["explain", "missing-file"],
    &["modules"],
    &["modules", "sine"],
    &["schema", "check"],
    &["completions", "bash"],
    &["completions", "zsh"],
    &["completions", "fish"],
    &["help"],
    &["--version"],
    &["render", "--help"],
];

/// The same for `chronus osc`.
const OSC: &[&[&str]] = &[
    &["send", "/ping"],
    &["list"],
    &["list", "--format", "json"],
    &["status"],
    &["watch"],
    &["watch", "--format", "json"],
    &["schema"],
    &["record", "start"],
    &["record", "stop"],
    &["record", "status"],
    &["save", "1"],
    &["load", "1"],
    &["ping"],
    &["help"],
];

/// Commands that print nothing if all is well.
const SILENT: &[&[&str]] = &[&["panic"], &["send", "/mod/bass/gain", "1"]];

/// The commands that a help lists.
fn listed(args: &[&str]) -> Vec<String> {
    let help = chronus(Path::new("."), args);
    let lines = stdout(&help).lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let names = lines.take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

/// Runs a command whose standard output is full.
#[track_caller]
fn is_told(folder: &Path, args: &[&str]) {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = program()
        .args(args)
        .current_dir(folder)
        .env("CHRONUS_CACHE", folder.join("cache"))
        .stdin(Stdio::null())
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
    assert!(
        stderr(&output).contains("the standard output can't be written: the disk is full"),
        "{args:?}: {}",
        stderr(&output)
    );
}

#[test]
#[cfg(target_os = "linux")]
fn every_command_tells_of_a_full_output() {
    let folder = folder("full");
    fs::write(folder.join("song.kdl"), HUM).unwrap();
    fs::write(folder.join("wrong.kdl"), "song bars=one\n").unwrap();
    fs::write(folder.join("ugly.kdl"), "song   bars=1\n").unwrap();
    fs::write(folder.join("uglier.kdl"), "song   bars=1\n").unwrap();
    let names = listed(&["--help"]);
    assert!(names.len() > 10, "{names:?}");
    for name in names.iter().filter(|name| !["play", "devices", "osc"].contains(&name.as_str())) {
        assert!(COMMANDS.iter().any(|args| args[0] == name), "{name} isn't tried");
    }
    COMMANDS.iter().for_each(|args| is_told(&folder, args));
}

#[test]
#[cfg(target_os = "linux")]
fn every_command_of_the_controller_tells_of_a_full_output() {
    let folder = folder("full-osc");
    let engine = Engine::start(proper);
    for name in listed(&["osc", "--help"]) {
        assert!(OSC.iter().chain(SILENT).any(|args| args[0] == name), "osc {name} isn't tried");
    }
    for args in SILENT {
        let output = engine.osc(args);
        assert_eq!((stdout(&output), output.status.code()), ("", Some(0)), "{args:?}");
    }
    for args in OSC {
        let to = engine.to();
        is_told(&folder, &[&["osc", "--to", to], *args].concat());
    }
}

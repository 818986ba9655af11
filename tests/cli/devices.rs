//! `chronus devices`, and the program where there is no sound.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::program::program;
use super::schema::{fault, schema};
use super::skip::missing;
use super::{chronus, folder, stderr, stdout};

/// Runs `chronus` in `folder`, where no sound server is found.
fn without_servers(folder: &Path, args: &[&str]) -> Command {
    let mut command = program();
    command.args(args).current_dir(folder).env("XDG_RUNTIME_DIR", folder).env("HOME", folder);
    for name in ["PULSE_SERVER", "PULSE_RUNTIME_PATH", "PULSE_CLIENTCONFIG"] {
        command.env_remove(name);
    }
    command
}

/// The same where ALSA's library can't be loaded: one that is empty is found before any other.
fn without_alsa(folder: &Path, args: &[&str]) -> Output {
    fs::write(folder.join("libasound.so.2"), "").unwrap();
    without_servers(folder, args).env("LD_LIBRARY_PATH", folder).output().expect("the program starts")
}

/// `text` without what folding its lines adds: where they are folded depends on how long the paths in it are.
fn unfolded(text: &str) -> String {
    text.chars().filter(|&c| !c.is_whitespace() && c != '│').collect()
}

/// Everything else works where there is no sound.
#[cfg(target_os = "linux")]
#[test]
fn the_program_needs_no_library_of_sound() {
    let folder = folder("devices-none");
    fs::write(folder.join("song.kdl"), "song bars=1\nsine osc freq=440\nroute osc -> out\n").unwrap();
    let output = without_alsa(&folder, &["render", "song.kdl", "-o", "song.wav"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = without_alsa(&folder, &["devices"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), ""));
    let said = unfolded(stderr(&output));
    for part in [
        "there is no device to play on: alsa: ALSA's library can't be loaded: ",
        "libasound.so.2: file too short",
        "pulseaudio: it doesn't run",
        "help: install the library: `apt install libasound2`",
    ] {
        assert!(said.contains(&unfolded(part)), "{part}: {said}");
    }
}

/// What the loader would load, were the program not to run.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn the_loader_looks_for_no_library_of_sound() {
    let folder = folder("devices-loader");
    let output = without_servers(&folder, &[]).env("LD_TRACE_LOADED_OBJECTS", "1").output().unwrap();
    assert!(stdout(&output).contains("libc.so"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("asound"), "{}", stdout(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_listed_and_keeps_to_the_schema() {
    let folder = folder("devices-one");
    fs::write(folder.join("asound.conf"), "pcm.!default { type null }\n").unwrap();
    let list = |args: &[&str]| {
        without_servers(&folder, args).env("ALSA_CONFIG_PATH", folder.join("asound.conf")).output().unwrap()
    };
    let output = list(&["devices"]);
    if stderr(&output).contains("can't be loaded") {
        return missing("a_device_is_listed_and_keeps_to_the_schema", "no ALSA here; `.ci/live` installs it");
    }
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let head = "alsa\n  default  (default)\n    Default Audio Device\n    8000 to 192000 Hz, 1 to 64 channels, buffers ";
    assert!(stdout(&output).starts_with(head), "{}", stdout(&output));
    let output = list(&["devices", "--format", "json"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let schema = schema("devices");
    let mut lines = 0;
    for line in stdout(&output).lines() {
        let object = serde_json::from_str(line).expect("JSON");
        assert_eq!(fault(&schema, &object), None, "{line}");
        lines += 1;
    }
    assert!(lines >= 1);
}

#[test]
fn every_code_on_the_way_to_a_device_is_explained() {
    let folder = folder("devices-explain");
    for code in chronus::diagnostic::codes::sound_out::FAMILY {
        let output = chronus(&folder, &["explain", code.id]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).starts_with(&format!("{} (error)", code.id)), "{}", stdout(&output));
    }
}

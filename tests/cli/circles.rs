//! What a command prints never goes into a file that it reads.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Output, Stdio};

use super::{folder, program, stderr, stdout};

const SONG: &str = "song bars=1\nuse \"kit.kdl\" a\ninstrument s { sampler x file=\"kick.wav\"; route x -> out; }\n\
    track a X...\ntrack s X...\n";
const KIT: &str = "instrument a { sine osc; route osc -> out; }\n";

fn wav(path: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    (0..100_i16).for_each(|n| wav.write_sample(n).unwrap());
    wav.finalize().unwrap();
}

fn music(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    fs::write(folder.join("s.kdl"), SONG).unwrap();
    fs::write(folder.join("plain.kdl"), KIT.to_owned() + "track   a X...\n").unwrap();
    fs::write(folder.join("kit.kdl"), KIT).unwrap();
    fs::write(folder.join("s.golden"), "chronus golden 1\n").unwrap();
    wav(&folder.join("kick.wav"));
    fs::hard_link(folder.join("kit.kdl"), folder.join("hard.kdl")).unwrap();
    folder
}

/// The end of `name`, as `>>` opens it.
fn end(folder: &Path, name: &str) -> File {
    File::options().append(true).open(folder.join(name)).unwrap()
}

#[track_caller]
fn refused(output: &Output, text: &str, stream: &str, name: &str) {
    assert_eq!(output.status.code(), Some(2), "{name}: {text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("output-is-input"), "{name}: {text}");
    assert!(text.contains(&format!("{stream} goes to `{name}`, which is read")), "{name}: {text}");
    assert!(text.contains("another file"), "{name}: {text}");
    assert!(!text.contains(&format!("{name}: fine")), "{name}: {text}");
}

#[test]
fn no_command_prints_into_what_it_reads() {
    let folder = music("circles");
    let commands: &[(&[&str], &[&str])] = &[
        (&["check", "s.kdl"], &["s.kdl", "kit.kdl", "kick.wav"]),
        (&["check", "plain.kdl", "s.kdl"], &["plain.kdl", "s.kdl", "kit.kdl"]),
        (&["check", "--format", "json", "s.kdl"], &["s.kdl", "kit.kdl", "kick.wav"]),
        (&["render", "s.kdl", "-o", "x.wav"], &["s.kdl", "kit.kdl", "kick.wav"]),
        (&["render", "s.kdl", "-o", "-"], &["s.kdl", "kick.wav"]),
        (&["diff", "s.kdl", "plain.kdl"], &["s.kdl", "plain.kdl", "kit.kdl", "kick.wav"]),
        (&["diff", "s.kdl", "plain.kdl", "--format", "json"], &["s.kdl", "plain.kdl"]),
        (&["diff", "kick.wav", "kick.wav"], &["kick.wav"]),
        (&["test", "s.kdl"], &["s.kdl", "s.golden", "kick.wav"]),
        (&["test", "s.kdl", "--format", "junit"], &["s.kdl", "kick.wav"]),
        (&["fmt", "plain.kdl", "kit.kdl"], &["plain.kdl", "kit.kdl"]),
        (&["play", "s.kdl", "--headless", "--no-osc"], &["s.kdl", "kit.kdl"]),
    ];
    for (args, names) in commands {
        for name in *names {
            let before = fs::read(folder.join(name)).unwrap();
            let command = || {
                let mut command = program();
                command.args(*args).current_dir(&folder);
                command
            };
            let output = command().stdout(end(&folder, name)).output().unwrap();
            refused(&output, stderr(&output), "the standard output", name);
            let output = command().stderr(end(&folder, name)).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?} {name}");
            if !args.contains(&"--format") {
                refused(&output, stdout(&output), "the standard error", name);
            }
            let output = command().stdout(end(&folder, name)).stderr(end(&folder, name)).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?} {name}");
            assert!(fs::read(folder.join(name)).unwrap() == before, "{args:?} printed into {name}");
        }
    }
    assert!(!folder.join("x.wav").exists(), "nothing is rendered");
    // Any other file is none of its business.
    fs::write(folder.join("log"), "").unwrap();
    let output = program().args(["check", "s.kdl"]).current_dir(&folder).stdout(end(&folder, "log")).output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    assert_eq!(fs::read(folder.join("log")).unwrap(), b"s.kdl: fine\n");
}

#[test]
fn links_and_the_standard_input_lead_to_what_is_read() {
    let folder = music("circles-links");
    let output =
        program().args(["check", "s.kdl"]).current_dir(&folder).stdout(end(&folder, "hard.kdl")).output();
    let output = output.unwrap();
    refused(&output, stderr(&output), "the standard output", "kit.kdl");
    // What a shell has emptied already is at least named.
    for args in [["check", "-"], ["fmt", "-"]] {
        let song = File::open(folder.join("kit.kdl")).unwrap();
        let mut command = program();
        command.args(args).current_dir(&folder).stdin(Stdio::from(song)).stdout(end(&folder, "kit.kdl"));
        let output = command.output().unwrap();
        refused(&output, stderr(&output), "the standard output", "<stdin>");
    }
    assert_eq!(fs::read_to_string(folder.join("kit.kdl")).unwrap(), KIT);
}

/// Where a place is known it is shown, and what programs read stays JSON.
#[test]
fn the_place_that_names_the_file_is_shown() {
    let folder = music("circles-places");
    let command = |name: &str, json: bool| {
        let mut command = program();
        command.args(["check", "s.kdl"]).args(json.then_some("--format=json")).current_dir(&folder);
        if json {
            command.stderr(end(&folder, name))
        } else {
            command.stdout(end(&folder, name))
        };
        command.output().unwrap()
    };
    assert!(
        stderr(&command("kick.wav", false)).contains("[s.kdl:3:"),
        "{}",
        stderr(&command("kick.wav", false))
    );
    let output = command("kit.kdl", true);
    let object: serde_json::Value = serde_json::from_str(stdout(&output).trim()).expect("an object");
    assert_eq!((&object["code"], &object["line"]), (&"output-is-input".into(), &2.into()), "{object}");
}

//! `chronus diff` and `chronus test` as users meet them: faults planted in real songs and sounds, and everything that can go wrong.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop")]

mod faults;
mod formats;
mod goldens;
#[path = "../common/program.rs"]
mod program;
mod rough;
mod sides;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use program::program;
use serde_json::Value;

/// Runs `chronus` with `args` in `folder`.
fn chronus(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().expect("the program starts")
}

/// The same, to be run.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = program();
    command.args(args).current_dir(folder);
    command
}

/// The same, which must end with `code`; gives standard output and standard error.
fn ends(folder: &Path, code: i32, args: &[&str]) -> (String, String) {
    let output = chronus(folder, args);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out, err)
}

/// The only outcome of a command in JSON.
fn outcome(folder: &Path, code: i32, args: &[&str]) -> Value {
    let (out, _) = ends(folder, code, &[args, &["--format", "json"]].concat());
    let all: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(all["outcomes"].as_array().expect("outcomes").len(), 1, "{out}");
    all["outcomes"][0].clone()
}

/// A folder of its own for one test, outside of any repository, empty at first.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

/// The text of a song of this repository.
fn song(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("songs").join(name);
    std::fs::read_to_string(path).expect("the song is there")
}

/// A small song with four instruments that takes no time to render.
const SMALL: &str = "song \"Small\" tempo=120 bars=4 seed=3 tail=\"1s\"\n\
    instrument kick {\n    sine osc freq=\"60Hz\"\n    decay env time=\"120ms\"\n    route osc -> out vca=env\n}\n\
    instrument hat {\n    noise hiss\n    highpass edge cutoff=\"6kHz\"\n    decay env time=\"40ms\"\n    route hiss -> edge -> out vca=env gain=\"-9dB\"\n}\n\
    instrument bass {\n    saw osc octave=-1\n    lowpass filter cutoff=\"400Hz\"\n    adsr env release=\"50ms\"\n    route osc -> filter -> out vca=env gain=\"-6dB\"\n}\n\
    sum mix\n\
    limiter master ceiling=\"-1dB\"\n\
    route kick bass -> mix\n\
    route hat -> mix pan=0.4\n\
    route mix -> master -> out\n\
    track kick \"X...X...X...X...\"\n\
    track hat \"..x...x...x...xg\"\n\
    track bass \"X..x..X.\" notes=\"a2 a2 c3\"\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("it can be made");
    std::fs::write(path, text).expect("it can be written");
}

/// `text` with `from`, which is in it once, replaced.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replacen(from, to, 1)
}

/// Runs `git` in `folder`.
fn git(folder: &Path, args: &[&str]) {
    let fixed = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
    let done =
        Command::new("git").arg("-C").arg(folder).args(fixed).args(args).output().expect("git is there");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A stereo WAV of floats.
fn wav(path: &Path, rate: u32, frames: &[[f32; 2]]) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("it can be written");
    frames.as_flattened().iter().for_each(|sample| writer.write_sample(*sample).expect("it can be written"));
    writer.finalize().expect("it can be written");
}

/// The frames of a WAV of floats.
fn frames(path: &Path) -> Vec<[f32; 2]> {
    let mut reader = hound::WavReader::open(path).expect("it can be read");
    let samples: Vec<f32> = reader.samples::<f32>().map(|sample| sample.expect("it can be read")).collect();
    samples.as_chunks().0.to_vec()
}

/// The part called `id` of an outcome.
fn part<'a>(outcome: &'a Value, id: &str) -> &'a Value {
    let parts = outcome["comparison"]["parts"].as_array().expect("parts");
    parts.iter().find(|part| part["id"] == id).unwrap_or_else(|| panic!("{id}: {outcome:#}"))
}

/// What is said of the causes of a part.
fn causes(outcome: &Value, id: &str) -> Vec<String> {
    let numbers = part(outcome, id)["causes"].as_array().expect("causes").clone();
    let text = |number: &Value| {
        let cause = &outcome["comparison"]["causes"][number.as_u64().expect("a number") as usize];
        format!(
            "{}:{} {}",
            cause["file"].as_str().unwrap_or("?"),
            cause["line"],
            cause["said"].as_str().unwrap()
        )
    };
    numbers.iter().map(text).collect()
}

//! `chronus render`.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::program::{Running, program};
use super::{chronus, chronus_with_input, folder, stderr, stdout};

const HUM: &str = "song bars=1 tempo=240 tail=0\nsine hum freq=110\nroute hum -> out gain=\"-12dB\"\n";
const LOUD: &str = "song bars=2 tempo=120 tail=0\nsine hum freq=110\nroute hum -> out gain=2\n";
const LONG: &str = "song bars=7000 tempo=120 tail=0\nsine hum freq=110\nroute hum -> out gain=0.1\n";

fn song(name: &str, text: &str) -> std::path::PathBuf {
    let folder = folder(name);
    fs::write(folder.join("song.kdl"), text).unwrap();
    folder
}

/// Nothing but the song and what is expected beside it.
fn assert_files(folder: &Path, expected: &[&str]) {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, expected);
}

#[test]
fn a_song_becomes_a_wav() {
    let folder = song("render", HUM);
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    let text = stdout(&output);
    assert!(text.starts_with("out.wav: 0:01.000, -12.0 dBTP, "), "{text}");
    assert!(
        text.contains(" LUFS, ") && text.contains("x real time, ") && text.lines().count() == 1,
        "{text}"
    );
    let reader = hound::WavReader::open(folder.join("out.wav")).unwrap();
    let spec = reader.spec();
    assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 48_000, 24));
    assert_eq!(reader.duration(), 48_000);
    assert_files(&folder, &["out.wav", "song.kdl"]);
}

#[test]
fn rate_and_bits_are_as_asked() {
    let folder = song("rate-and-bits", HUM);
    for (rate, bits, width) in [("8000", "16", 16), ("44100", "24", 24), ("192000", "32f", 32)] {
        let args = ["render", "song.kdl", "-o", "out.wav", "--rate", rate, "--bits", bits, "--quiet"];
        let output = chronus(&folder, &args);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!((stdout(&output), stderr(&output)), ("", ""));
        let reader = hound::WavReader::open(folder.join("out.wav")).unwrap();
        assert_eq!(reader.spec().sample_rate.to_string(), rate);
        assert_eq!(reader.spec().bits_per_sample, width);
        assert_eq!(reader.duration(), reader.spec().sample_rate);
    }
    for wrong in [["--rate", "7999"], ["--rate", "200000"], ["--bits", "8"], ["--jobs", "0"]] {
        let output = chronus(&folder, &["render", "song.kdl", "-o", "x.wav", wrong[0], wrong[1]]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(wrong[1]), "{}", stderr(&output));
    }
    assert_files(&folder, &["out.wav", "song.kdl"]);
}

#[test]
fn jobs_change_nothing() {
    let folder = folder("jobs");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(root.join("songs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "kdl") {
            continue;
        }
        let path = path.to_str().unwrap();
        for bits in ["16", "32f"] {
            for jobs in ["1", "2", "3"] {
                let out = format!("{jobs}.wav");
                let args = ["render", path, "-o", &out, "--jobs", jobs, "--bits", bits, "--rate", "16000"];
                assert_eq!(chronus(&folder, &args).status.code(), Some(0));
            }
            let one = fs::read(folder.join("1.wav")).unwrap();
            assert!(one == fs::read(folder.join("2.wav")).unwrap(), "{path} at {bits}");
            assert!(one == fs::read(folder.join("3.wav")).unwrap(), "{path} at {bits}");
        }
    }
}

#[test]
fn standard_input_and_output_serve_as_files() {
    let output = chronus_with_input(&["render", "-", "-o", "-"], HUM.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(&output.stdout[..4], b"RIFF");
    assert_eq!(output.stdout.len() - 48_000 * 6, 68);
    assert!(stderr(&output).starts_with("<stdout>: 0:01.000"), "{}", stderr(&output));
}

#[test]
fn levels_over_full_scale_are_told_with_their_place_and_never_wrap() {
    let folder = song("loud", LOUD);
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav"]);
    assert_eq!(output.status.code(), Some(0));
    let text = stderr(&output);
    assert!(text.contains("over-full-scale") && text.contains("first at bar 1 beat 1.0"), "{text}");
    assert!(text.contains("+6.0 dB"), "{text}");
    let samples: Vec<i32> = hound::WavReader::open(folder.join("out.wav"))
        .unwrap()
        .samples::<i32>()
        .map(Result::unwrap)
        .collect();
    // Held at full scale and never thrown to the other side: neighbours stay near each other.
    assert!(samples.contains(&8_388_607) && samples.contains(&-8_388_608));
    let widest = samples.windows(3).map(|w| (w[2] - w[0]).abs()).max().unwrap();
    assert!(widest < 400_000, "{widest}");
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav", "--bits", "32f"]);
    assert_eq!(stderr(&output), "");
}

#[test]
fn blow_ups_are_held_and_told_once() {
    let wild = "song bars=2 tail=2\nsine a freq=220\nsum r\nroute a -> r -> out\nroute r -> r gain=16 feedback=#true\n";
    let folder = song("blow-up", wild);
    for jobs in ["1", "2"] {
        let args = ["render", "song.kdl", "-o", "out.wav", "--bits", "32f", "--jobs", jobs];
        let output = chronus(&folder, &args);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let text = stderr(&output);
        assert_eq!(text.matches("module-broke-down").count(), 1, "{text}");
        assert!(text.contains("module `r` blew up"), "{text}");
        assert_eq!(text.matches("runaway-loop").count(), 1, "{text}");
        let samples: Vec<f32> =
            hound::WavReader::open(folder.join("out.wav")).unwrap().samples().map(Result::unwrap).collect();
        assert!(samples.iter().all(|x| x.abs() <= 1_000.0) && samples.iter().any(|x| x.abs() > 1.0));
    }
    // What the help says is enough.
    let output = chronus(&folder, &["check", "song.kdl"]);
    let text = stderr(&output);
    let gain = text.split("write `gain=").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
    fs::write(folder.join("song.kdl"), wild.replace("gain=16", &format!("gain={gain}"))).unwrap();
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav", "--bits", "32f"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "");
}

#[test]
fn warnings_of_the_song_are_shown_and_it_is_rendered() {
    let folder =
        song("warned", "song bars=1 tempo=480\nsine a freq=110\nsine b freq=220\nroute a -> out gain=0.1\n");
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("1 warning in song.kdl"), "{}", stderr(&output));
    assert_files(&folder, &["out.wav", "song.kdl"]);
}

#[test]
fn a_song_with_errors_leaves_an_old_file_as_it_was() {
    let folder = song("old-file", "song bars=1\nsin hum\n");
    fs::write(folder.join("out.wav"), "old").unwrap();
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("did you mean `sine`?"));
    assert_eq!(fs::read(folder.join("out.wav")).unwrap(), b"old");
    assert_files(&folder, &["out.wav", "song.kdl"]);
}

#[test]
fn a_song_that_cannot_be_read_is_told() {
    let folder = folder("no-song");
    for (name, code) in [("missing.kdl", "missing-file"), (".", "not-a-file")] {
        let output = chronus(&folder, &["render", name, "-o", "out.wav"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(code), "{}", stderr(&output));
    }
    assert_files(&folder, &[]);
}

#[test]
fn what_cannot_be_written_is_told() {
    let folder = song("unwritable", HUM);
    let cases = [
        ("nowhere/out.wav", "there is no folder `nowhere`"),
        (".", "is a folder"),
        ("song.kdl", "`song.kdl` would be replaced, but it is read"),
    ];
    for (out, expected) in cases {
        let output = chronus(&folder, &["render", "song.kdl", "-o", out]);
        assert_eq!(output.status.code(), Some(2), "{out}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    assert_eq!(fs::read_to_string(folder.join("song.kdl")).unwrap(), HUM);
    assert_files(&folder, &["song.kdl"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let folder = song("full", HUM);
    let output = chronus(&folder, &["render", "song.kdl", "-o", "/dev/full"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("the disk is full"), "{}", stderr(&output));
}

#[test]
fn four_hours_of_floats_are_too_much_for_a_wav() {
    let folder = song("too-long", LONG);
    let args = ["render", "song.kdl", "-o", "out.wav", "--bits", "32f", "--rate", "96000"];
    let output = chronus(&folder, &args);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("too-long-for-wav"), "{}", stderr(&output));
    assert_files(&folder, &["song.kdl"]);
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let folder = song("interrupt", LONG);
    let old = b"RIFF\x04\x00\x00\x00WAVE";
    fs::write(folder.join("out.wav"), old).unwrap();
    let mut command = program();
    command.args(["render", "song.kdl", "-o", "out.wav", "--rate", "44100", "--bits", "24"]);
    let child = Running::start(command.current_dir(&folder).stdout(Stdio::piped()).stderr(Stdio::piped()));
    // It is under way as soon as its draft is there.
    let patience = Instant::now();
    while fs::read_dir(&folder).unwrap().count() < 3 && patience.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.interrupt();
    let output = child.output();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("interrupted"), "{}", stderr(&output));
    assert_eq!(fs::read(folder.join("out.wav")).unwrap(), old);
    assert_files(&folder, &["out.wav", "song.kdl"]);
}

const BAND: &str = "song bars=2 tempo=240 tail=0\n\
    instrument bass voices=2 {\nsaw osc\nladder filter\nadsr env\nroute osc -> filter -> out vca=env\n}\n\
    reverb hall\nroute bass -> hall -> out gain=0.1\ntrack bass x notes=\"c3/g3\"\n";

#[test]
fn a_profile_tells_what_each_module_costs() {
    let folder = song("profile", BAND);
    assert_eq!(chronus(&folder, &["render", "song.kdl", "-o", "plain.wav"]).status.code(), Some(0));
    for jobs in ["1", "2"] {
        let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav", "--profile", "--jobs", jobs]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).starts_with("out.wav: 0:02.000, "), "{}", stdout(&output));
        let mut lines: Vec<Vec<&str>> =
            stderr(&output).lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines.remove(0), ["module", "kind", "lanes", "share", "ns/frame"]);
        let all = lines.pop().unwrap();
        assert_eq!(all[..3], ["all", "100.0", "%"]);
        let others: Vec<String> = lines.drain(4..).map(|words| words[..words.len() - 3].join(" ")).collect();
        assert_eq!(others, ["(mixing and controls)", "(notes)", "(measuring and writing)"]);
        let mut modules: Vec<&[&str]> = lines.iter().map(|words| &words[..3]).collect();
        modules.sort_unstable();
        let expected: [[&str; 3]; 4] = [
            ["bass.env", "adsr", "2"],
            ["bass.filter", "ladder", "2"],
            ["bass.osc", "saw", "2"],
            ["hall", "reverb", "1"],
        ];
        assert_eq!(modules, expected);
        let shares: Vec<f64> = lines.iter().map(|words| words[3].parse().unwrap()).collect();
        assert!(shares.is_sorted_by(|a, b| a >= b) && shares[0] > 0.0, "{shares:?}");
        assert!(all[3].parse::<f64>().unwrap() > 0.0);
        let (plain, profiled) = (fs::read(folder.join("plain.wav")), fs::read(folder.join("out.wav")));
        assert!(plain.unwrap() == profiled.unwrap(), "{jobs} jobs");
    }
}

#[test]
fn a_profile_and_quiet_exclude_each_other() {
    let folder = song("quiet-profile", HUM);
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav", "--profile", "--quiet"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot be used with"), "{}", stderr(&output));
    assert_files(&folder, &["song.kdl"]);
}

#[test]
fn a_song_says_how_it_is_rendered_and_options_win() {
    let folder = song("render-node", &format!("{HUM}render rate=44100 bits=16\n"));
    let spec = |args: &[&str]| {
        let output = chronus(&folder, &[&["render", "song.kdl", "-o", "out.wav"], args].concat());
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
        let spec = hound::WavReader::open(folder.join("out.wav")).unwrap().spec();
        (spec.sample_rate, spec.bits_per_sample)
    };
    assert_eq!(spec(&[]), (44_100, 16));
    assert_eq!(spec(&["--rate", "96000"]), (96_000, 16));
    assert_eq!(spec(&["--bits", "24"]), (44_100, 24));
    fs::write(folder.join("song.kdl"), format!("render bits=\"32f\"\n{HUM}")).unwrap();
    assert_eq!(spec(&[]), (48_000, 32));
    assert_eq!(spec(&["--rate", "8000", "--bits", "16"]), (8_000, 16));
}

#[test]
fn what_render_cannot_mean_is_told() {
    for (node, code, what) in [
        ("render rate=7000", "out-of-range", "`rate` can be 8000 to 192000, not 7000"),
        ("render rate=\"44.1kHz\"", "bad-value", "`rate` takes a whole number, not a text"),
        ("render bits=20", "bad-value", "`bits` can be 16, 24 or 32f, not `20`"),
        ("render bits=#true", "bad-value", "`bits` can be 16, 24 or 32f, not `#true`"),
        ("render tail=3", "unknown-property", "`render` has no property `tail`"),
        ("render samplerate=44100", "unknown-property", "did you mean `rate`? write `rate=44100`"),
        ("render 44100", "extra-argument", "one argument too many"),
        ("render {\n    rate 44100\n}", "unexpected-block", "`render` has nothing inside braces"),
        ("render rate=44100\nrender bits=16", "second-song", "there is a second `render` in this file"),
        ("instrument a {\n    render rate=44100\n}", "misplaced", "`render` has no meaning in an instrument"),
    ] {
        let output = chronus_with_input(&["check", "-"], format!("{HUM}{node}\n").as_bytes());
        assert_eq!(output.status.code(), Some(1), "{node}");
        assert!(stderr(&output).contains(what), "{node}: {}", stderr(&output));
        assert!(stderr(&output).starts_with(code), "{node}: {}", stderr(&output));
    }
}

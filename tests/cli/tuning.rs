//! Songs with a tuning from a file beside them.

use std::fs;

use super::{chronus, chronus_with_input, folder, stderr, stdout};

const JUST: &str = "! just.scl\n!\nSeven just notes\n 7\n!\n 9/8\n 5/4\n 4/3\n 3/2\n 5/3\n 15/8\n 2/1\n";

fn song(tuning: &str, more: &str) -> String {
    format!(
        "song tuning=\"{tuning}\"{more}\ninstrument a {{\n    sine s\n    route s -> out\n}}\ntrack a \"xxxx\" notes=\"1 5 7' 3,\"\n"
    )
}

#[test]
fn a_scale_beside_the_song_is_read() {
    let folder = folder("tuning");
    fs::create_dir(folder.join("scales")).unwrap();
    fs::write(folder.join("scales/just.scl"), JUST.replace('\n', "\r\n")).unwrap();
    fs::write(folder.join("song.kdl"), song("scales/just.scl", "")).unwrap();
    let output = chronus(&folder, &["check", "song.kdl"]);
    assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(0), "song.kdl: fine\n", ""));
    // The path counts from the song, wherever the command runs.
    let above = folder.parent().expect("a folder above");
    let output = chronus(above, &["check", "tuning/song.kdl"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let output = chronus(&folder, &["render", "song.kdl", "-o", "song.wav"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
}

/// The code, the message and the exit code of a song with this file beside it.
fn said(name: &str, song: &str, scale: &[u8]) -> (Option<i32>, String) {
    let folder = folder(name);
    fs::write(folder.join("x.scl"), scale).unwrap();
    fs::write(folder.join("song.kdl"), song).unwrap();
    let output = chronus(&folder, &["check", "song.kdl"]);
    (output.status.code(), stderr(&output).to_owned())
}

#[test]
fn what_is_no_scale_is_said_with_its_line() {
    let (code, text) = said("tuning-short", &song("x.scl", ""), b"x\n3\n5/4\n2/1\n");
    assert_eq!(code, Some(1));
    assert!(text.starts_with("bad-scale\n"), "{text}");
    assert!(text.contains("line 4 of `x.scl` is the last, and only 2 of 3 notes are there"), "{text}");
    assert!(text.contains("song.kdl:1:13"), "{text}");
    let (code, text) = said("tuning-latin", &song("x.scl", ""), b"\xe4\n1\n2/1\n");
    assert_eq!(code, Some(1));
    assert!(text.starts_with("not-text\n") && text.contains("song.kdl:1:13"), "{text}");
    let (code, text) = said("tuning-huge", &song("x.scl", ""), &b"! huge\n".repeat(200_000));
    assert_eq!(code, Some(1));
    assert!(text.starts_with("too-large\n"), "{text}");
    let (code, text) = said("tuning-zigzag", &song("x.scl", " key=\"c major\""), zigzag().as_bytes());
    assert_eq!(code, Some(0));
    assert!(text.starts_with("unordered-scale\n"), "{text}");
    assert!(text.contains("number 3 is no higher than the one before"), "{text}");
}

/// Twelve notes, two of which have changed places.
fn zigzag() -> String {
    let notes: Vec<String> =
        [1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12].iter().map(|i| format!("{i}00.0")).collect();
    format!("x\n12\n{}\n", notes.join("\n"))
}

#[test]
fn names_keys_and_chords_need_twelve_notes() {
    for (song, code) in [
        (song("x.scl", "").replace("1 5 7' 3,", "a4"), "no-note-names"),
        (song("x.scl", "").replace("1 5 7' 3,", "1:min"), "no-note-names"),
        (song("x.scl", "").replace("sine s", "sine s freq=a4"), "no-note-names"),
        (song("x.scl", " key=\"a minor\""), "bad-key"),
        (song("x.scl", "").replace("1 5", "1 8"), "bad-pitch"),
    ] {
        let (exit, text) = said("tuning-names", &song, JUST.as_bytes());
        assert_eq!(exit, Some(1), "{text}");
        assert!(text.starts_with(code), "{code}: {text}");
        assert!(text.ends_with("\n1 error in song.kdl\n"), "{text}");
    }
}

#[test]
fn files_elsewhere_are_not_read() {
    let folder = folder("tuning-elsewhere");
    fs::create_dir(folder.join("songs")).unwrap();
    fs::write(folder.join("just.scl"), JUST).unwrap();
    for (tuning, code) in
        [("missing.scl", "missing-file"), ("../just.scl", "outside-folder"), ("/just.scl", "bad-path")]
    {
        fs::write(folder.join("songs/song.kdl"), song(tuning, "")).unwrap();
        let output = chronus(&folder, &["check", "songs/song.kdl"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).starts_with(code), "{}", stderr(&output));
        assert!(stderr(&output).contains("songs/song.kdl:1:13"), "{}", stderr(&output));
    }
    let output = chronus_with_input(&["check", "-"], song("just.scl", "").as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("a song from standard input has no folder"), "{}", stderr(&output));
}

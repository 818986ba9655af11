//! `chronus library`, its auditions, and songs that use files.

use std::fs;

use chronus::check::library::LIBRARY;

use crate::{chronus, chronus_with_input, folder, stderr, stdout};

const KICK: &str = "instrument kick {\n    sine osc freq=50\n    route osc -> out\n}\n";

#[test]
fn the_list_is_whole() {
    let output = chronus(&folder("library"), &["library"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(stdout(&output));
}

/// Every instrument says what it is, and its file shows it.
#[test]
fn every_instrument_is_described_and_shown() {
    let mut count = 0;
    for volume in LIBRARY {
        let instruments = volume.text.lines().filter(|line| line.starts_with("instrument ")).count();
        let entries = volume.entries();
        assert_eq!(entries.len(), instruments, "{}: one without a comment", volume.name);
        for entry in entries {
            assert!(volume.text.contains(&format!("\ntrack {} ", entry.name)), "{}", entry.name);
            count += 1;
        }
        assert_eq!(volume.text.lines().next(), Some(&*format!("// {}", volume.about)));
    }
    assert!(count >= 40, "{count}");
}

#[test]
fn auditions() {
    let folder = folder("auditions");
    for name in ["std/kit", "std/acid", "std/acid#saw"] {
        let output = chronus(&folder, &["render", name, "-o", "x.wav", "--quiet", "--rate", "8000"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stderr(&output).is_empty());
    }
    let length = |name: &str| {
        let output = chronus(&folder, &["render", name, "-o", "x.wav", "--rate", "8000"]);
        let text = stdout(&output).to_owned();
        text.split(", ").next().unwrap().to_owned()
    };
    assert!(
        length("std/bass").contains("0:26"),
        "six times two bars, one after another: {}",
        length("std/bass")
    );
    let output = chronus(&folder, &["render", "std/acid#sow", "-o", "y.wav"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("did you mean `std/acid#saw`?"), "{}", stderr(&output));
    let output = chronus(&folder, &["render", "std/acids", "-o", "y.wav"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`chronus library` lists"), "{}", stderr(&output));
}

#[test]
fn files_lie_in_the_folder_of_the_song() {
    let folder = folder("uses");
    fs::create_dir_all(folder.join("songs/parts")).unwrap();
    fs::write(folder.join("kit.kdl"), KICK).unwrap();
    fs::write(folder.join("songs/parts/kit.kdl"), KICK).unwrap();
    fs::write(folder.join("songs/fine.kdl"), "use \"./parts/kit.kdl\" kick\ntrack kick X...\n").unwrap();
    fs::write(folder.join("songs/out.kdl"), "use \"../kit.kdl\" kick\ntrack kick X...\n").unwrap();
    let output = chronus(&folder, &["check", "songs/fine.kdl"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = chronus(&folder, &["check", "songs/out.kdl"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("outside-folder"));
    let output = chronus(&folder, &["check", "songs/out.kdl", "--allow-outside"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let render = ["render", "songs/out.kdl", "-o", "x.wav", "--quiet", "--allow-outside"];
    assert_eq!(chronus(&folder, &render).status.code(), Some(0));
}

/// What `check` says of a song that uses `kit.kdl`, prepared by `make` in its folder.
fn code_of(name: &str, make: impl FnOnce(&std::path::Path)) -> String {
    let folder = folder(name);
    make(&folder);
    fs::write(folder.join("song.kdl"), "use \"./kit.kdl\" kick\ntrack kick X...\n").unwrap();
    let output = chronus(&folder, &["check", "song.kdl"]);
    assert_eq!(output.status.code(), Some(1));
    stderr(&output).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn files_that_cannot_be_used() {
    let with =
        |bytes: Vec<u8>| move |folder: &std::path::Path| fs::write(folder.join("kit.kdl"), bytes).unwrap();
    assert_eq!(code_of("use-none", |_| {}), "missing-file");
    assert_eq!(code_of("use-folder", |folder| fs::create_dir(folder.join("kit.kdl")).unwrap()), "not-a-file");
    assert_eq!(code_of("use-latin", with(b"// caf\xe9\n".to_vec())), "not-text");
    assert_eq!(code_of("use-sound", with(b"RIFF....WAVE".to_vec())), "not-text");
    assert_eq!(code_of("use-zeros", with(b"a\0b\0".to_vec())), "not-text");
    assert_eq!(code_of("use-long", with(vec![b' '; (1 << 20) + 1])), "too-large");
    assert_eq!(code_of("use-empty", with(Vec::new())), "not-in-file");
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out() {
    let outside = folder("link-target");
    fs::write(outside.join("kit.kdl"), KICK).unwrap();
    let linked = |folder: &std::path::Path| {
        std::os::unix::fs::symlink(outside.join("kit.kdl"), folder.join("kit.kdl")).unwrap();
    };
    assert_eq!(code_of("use-link", linked), "outside-folder");
}

#[test]
fn standard_input_has_no_folder() {
    let output = chronus_with_input(&["check", "-"], b"use \"./kit.kdl\" kick\ntrack kick X...\n");
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stderr(&output));
    let output = chronus_with_input(&["check", "-"], b"use \"std/kit\" kick\ntrack kick X...\n");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

/// `chronus play` alone plays a rig, which has no length unless one is said.
#[test]
fn a_rig_is_rendered_for_as_long_as_is_said() {
    let folder = folder("rig");
    let output = chronus(&folder, &["render", "std/rig", "-o", "rig.wav"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`--for 30s`"), "{}", stderr(&output));
    let output = chronus(&folder, &["render", "std/rig", "-o", "rig.wav", "--for", "3s"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let frames = hound::WavReader::open(folder.join("rig.wav")).unwrap().duration();
    assert!((4 * 48_000..5 * 48_000).contains(&frames), "whole bars, and what rings: {frames}");
    let song = "song endless=#true tail=0\nsine o freq=440\nroute o -> out gain=0.1\n";
    std::fs::write(folder.join("drone.kdl"), song).unwrap();
    assert_eq!(stdout(&chronus(&folder, &["check", "drone.kdl"])), "drone.kdl: fine\n");
    let output = chronus(&folder, &["test", "drone.kdl", "--bless"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    for args in [&["test", "drone.kdl", "--bless", "--for", "2s"][..], &["test", "drone.kdl", "--for", "2s"]]
    {
        let output = chronus(&folder, args);
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    }
    let output = chronus(&folder, &["test", "drone.kdl", "--for", "4s"]);
    assert_eq!(output.status.code(), Some(1), "a golden file of another length: {}", stdout(&output));
    for length in ["0", "-1s", "soon", "5h", "1/4"] {
        let output = chronus(&folder, &["render", "drone.kdl", "-o", "x.wav", &format!("--for={length}")]);
        assert_eq!(output.status.code(), Some(2), "{length}");
    }
    std::fs::write(folder.join("song.kdl"), "song bars=1\nsine o freq=440\nroute o -> out gain=0.1\n")
        .unwrap();
    let output = chronus(&folder, &["render", "song.kdl", "-o", "x.wav", "--for", "3s"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("a length of its own"), "{}", stderr(&output));
}

//! Command lines and files as people get them wrong, with help that works when it is typed in.

use std::fs;

use super::{chronus, folder, stderr, stdout};

const SONG: &str = "song bars=1 tail=0\nsine hum freq=110\nroute hum -> out gain=\"-12dB\"\n";

#[test]
fn an_option_that_took_the_song_is_told() {
    let folder = folder("swallowed");
    fs::write(folder.join("s.kdl"), SONG).unwrap();
    let output = chronus(&folder, &["render", "--stems", "s.kdl"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    let line = said.split("write `chronus ").nth(1).and_then(|rest| rest.split('`').next()).expect(said);
    assert_eq!(line, "render --stems FOLDER s.kdl");
    let output = chronus(&folder, &line.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(folder.join("FOLDER").is_dir());
    for args in [&["render", "-o", "s.kdl"][..], &["play", "--take", "s.kdl"], &["render", "--rate", "s.kdl"]]
    {
        let output = chronus(&folder, args);
        assert_eq!(output.status.code(), Some(2));
    }
    let output = chronus(&folder, &["play", "--headless", "--take", "s.kdl"]);
    assert!(
        stderr(&output).contains("write `chronus play --headless --take FILE s.kdl`"),
        "{}",
        stderr(&output)
    );
    // A take is no song that was taken.
    let output = chronus(&folder, &["play", "--headless", "--take", "new.take.kdl"]);
    assert!(!stderr(&output).contains("write `chronus"), "{}", stderr(&output));
    // Where nothing was taken there is nothing to tell.
    assert!(!stderr(&chronus(&folder, &["render", "--quiet"])).contains("write `chronus"));
}

/// What is said can be typed as it stands, by a shell where it redirects.
#[test]
#[cfg(unix)]
fn what_is_in_the_library_is_said_to_be_there() {
    let folder = folder("std");
    for name in ["std/909", "std/909#kick"] {
        let output = chronus(&folder, &["play", name]);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<&str> = said.split('`').filter(|part| part.starts_with("chronus ")).collect();
        let [copy, play, hear] = lines[..] else { panic!("{said}") };
        assert_eq!((copy, play), ("chronus library std/909 > 909.kdl", "chronus play 909.kdl"));
        for line in [copy, hear] {
            let script = line.replacen("chronus", "\"$CHRONUS\"", 1);
            let mut shell = std::process::Command::new("bash");
            crate::program::apart(&mut shell);
            shell.args(["-c", &script]).env("CHRONUS", env!("CARGO_BIN_EXE_chronus")).current_dir(&folder);
            let output = crate::program::run(&mut shell);
            assert_eq!(output.status.code(), Some(0), "{line}: {}", stderr(&output));
        }
        let wav = hear.rsplit(' ').next().unwrap();
        assert!(folder.join(wav).exists(), "{wav}");
        assert_eq!(stdout(&chronus(&folder, &["check", "909.kdl"])), "909.kdl: fine\n");
        let using = said.split("says `").nth(1).and_then(|rest| rest.split('`').next()).expect(&said);
        let instrument = using.rsplit(' ').next().unwrap();
        fs::write(folder.join("s.kdl"), format!("{using}\ntrack {instrument} X...\n")).unwrap();
        assert_eq!(stdout(&chronus(&folder, &["check", "s.kdl"])), "s.kdl: fine\n");
    }
    let none = chronus(&folder, &["library", "std/99"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("did you mean `std/909`?"), "{}", stderr(&none));
    let near = chronus(&folder, &["check", "std/99"]);
    assert!(stderr(&near).contains("did you mean `std/909`?"), "{}", stderr(&near));
}

/// Each line of the frame has its own number, whatever ends it.
#[test]
fn lines_are_numbered_whatever_ends_them() {
    let folder = folder("ends");
    let song = SONG.replace("freq=110", "frek=110");
    fs::write(folder.join("s.kdl"), &song).unwrap();
    let unix = stderr(&chronus(&folder, &["check", "s.kdl"])).to_owned();
    assert!(
        unix.contains(" 1 │ song") && unix.contains(" 2 │ sine") && unix.contains(" 3 │ route"),
        "{unix}"
    );
    for end in ["\r\n", "\r"] {
        fs::write(folder.join("s.kdl"), song.replace('\n', end)).unwrap();
        assert_eq!(stderr(&chronus(&folder, &["check", "s.kdl"])), unix, "{end:?}");
    }
}

/// A program gets all of a path; a person sees its end.
#[test]
fn long_paths_keep_their_end() {
    let folder = folder("long");
    let path = format!("{}/songs/missing.kdl", "a-folder-with-a-name/".repeat(4));
    let output = chronus(&folder, &["check", "--format", "json", &path]);
    let object: serde_json::Value = serde_json::from_str(stdout(&output).trim()).expect("an object");
    assert_eq!(object["message"], format!("there is no file `{path}`"));
    let output = chronus(&folder, &["check", &path]);
    let said = stderr(&output);
    assert!(said.contains("songs/missing.kdl`") && said.contains("`…"), "{said}");
    // Also where a song names the file.
    let wav = format!("./{}kick.wav", "drums-of-a-long-gone-machine/".repeat(4));
    let song = format!("instrument i {{ sampler s file=\"{wav}\"; route s -> out; }}\ntrack i X...\n");
    fs::write(folder.join("s.kdl"), song).unwrap();
    let output = chronus(&folder, &["check", "--format", "json", "s.kdl"]);
    assert!(stdout(&output).contains(&wav[2..]), "{}", stdout(&output));
    let output = chronus(&folder, &["check", "s.kdl"]);
    assert!(stderr(&output).contains("machine/kick.wav`"), "{}", stderr(&output));
}

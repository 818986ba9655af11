//! `chronus test`: blessed, tested, edited, broken.

use std::fs;
use std::path::Path;

use super::{SMALL, causes, command, ends, folder, git, outcome, replaced, write};

#[test]
fn a_song_is_blessed_once_and_tested_for_ever() {
    let folder = folder();
    let at = folder.path();
    write(at, "songs/a.kdl", SMALL);
    let (out, err) = ends(at, 1, &["test"]);
    assert!(out.contains("can't say") || out.contains("failed"), "{out}");
    assert!(err.contains("no-golden") && err.contains("chronus test --bless songs/a.kdl"), "{err}");
    assert!(!at.join("songs/a.golden").exists());
    let (out, _) = ends(at, 0, &["test", "--bless"]);
    assert!(out.contains("blessed") && out.contains("songs/a.golden is new"), "{out}");
    let golden = fs::read_to_string(at.join("songs/a.golden")).unwrap();
    insta::assert_snapshot!("golden", golden);
    let (out, _) = ends(at, 0, &["test", "--exact"]);
    assert!(out.contains("identical") && out.contains("1 song: 1 identical"), "{out}");
    // Nothing is written where nothing changed.
    let before = fs::metadata(at.join("songs/a.golden")).unwrap().modified().unwrap();
    ends(at, 0, &["test", "--bless"]);
    assert_eq!(fs::metadata(at.join("songs/a.golden")).unwrap().modified().unwrap(), before);
}

#[test]
fn a_change_is_told_by_what_the_golden_file_keeps() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.kdl", SMALL);
    ends(at, 0, &["test", "--bless", "a.kdl"]);
    write(at, "a.kdl", &replaced(SMALL, "vca=env gain=\"-6dB\"", "vca=env gain=\"-9dB\""));
    let (out, _) = ends(at, 1, &["test", "a.kdl", "--keep", "sounds"]);
    assert!(out.contains("bass differs in bars 1 to 4") && out.contains("3.0 dB quieter"), "{out}");
    assert!(
        out.contains("everything else is identical (2 stems)")
            && out.contains("aren't known: there is no repository here"),
        "{out}"
    );
    assert!(out.contains("kept sounds/a/is.wav") && at.join("sounds/a/is.wav").exists(), "{out}");
    // A tolerance that a golden file can answer.
    write(at, "loose.kdl", "test loudness=\"4dB\"");
    ends(at, 0, &["test", "a.kdl", "--tolerance", "loose.kdl"]);
    // Blessing says what is accepted, and then it is.
    let (out, _) = ends(at, 0, &["test", "--bless", "a.kdl"]);
    assert!(out.contains("bass differs") && out.contains("3.0 dB quieter"), "{out}");
    ends(at, 0, &["test", "a.kdl"]);
    write(at, "a.kdl", &replaced(SMALL, "xg\"", "x.\""));
    let (out, _) = ends(at, 1, &["test", "a.kdl"]);
    assert!(out.contains("hat: 16 notes, before 20"), "{out}");
}

#[test]
fn in_git_the_line_that_did_it_is_named() {
    let folder = folder();
    let at = folder.path();
    git(at, &["init"]);
    write(
        at,
        "songs/kit.kdl",
        "instrument tick {\n    noise hiss\n    decay env time=\"20ms\"\n    route hiss -> out vca=env\n}\n",
    );
    let text = format!("use \"./kit.kdl\" tick\n{SMALL}route tick -> mix\ntrack tick \"x...\"\n");
    write(at, "songs/a.kdl", &text);
    write(at, "songs/b.kdl", SMALL);
    ends(at, 0, &["test", "--bless"]);
    git(at, &["add", "."]);
    git(at, &["commit", "-m", "one"]);
    // Commits that change other things don't matter.
    write(at, "README.md", "songs");
    git(at, &["add", "."]);
    git(at, &["commit", "-m", "two"]);
    write(
        at,
        "songs/kit.kdl",
        "instrument tick {\n    noise hiss\n    decay env time=\"60ms\"\n    route hiss -> out vca=env\n}\n",
    );
    let (out, _) = ends(at, 1, &["test", "--keep", "sounds"]);
    assert!(out.contains("tick differs") && out.contains("tick.env.time 20ms -> 60ms"), "{out}");
    assert!(out.contains("songs/kit.kdl:3:") && out.contains("2 songs: 1 different, 1 identical"), "{out}");
    for name in ["is", "was", "difference"] {
        let path = format!("sounds/songs/a/{name}.wav");
        assert!(out.contains(&path) && at.join(&path).exists(), "{out}");
    }
    let found = outcome(at, 1, &["test", "--only", "a.kdl"]);
    assert_eq!(causes(&found, "tick"), ["songs/kit.kdl:3 tick.env.time 20ms -> 60ms"]);
    // Committed with its golden file as it was, it still is what it was blessed as.
    git(at, &["commit", "-am", "three"]);
    assert!(ends(at, 1, &["test"]).0.contains("tick.env.time 20ms -> 60ms"));
    // In the same order on any number of threads.
    assert_eq!(ends(at, 1, &["test", "--jobs", "1"]).0, ends(at, 1, &["test", "--jobs", "4"]).0);
}

#[test]
fn what_git_says_is_told_as_what_it_is() {
    let folder = folder();
    let at = folder.path();
    git(at, &["init"]);
    write(at, "songs/a.kdl", SMALL);
    ends(at, 0, &["test", "--bless"]);
    let louder = replaced(SMALL, "vca=env gain=\"-6dB\"", "vca=env gain=\"-3dB\"");
    write(at, "songs/a.kdl", &louder);
    let why = |at: &Path| {
        let (out, _) = ends(at, 1, &["test"]);
        let note = out.lines().find_map(|line| line.split_once("aren't known: "));
        note.map(|(_, why)| why.to_owned()).unwrap_or(out)
    };
    assert_eq!(why(at), "`songs/a.golden` isn't committed");
    write(at, "songs/a.kdl", SMALL);
    git(at, &["add", "."]);
    git(at, &["commit", "-m", "one"]);
    // Song and golden file are renamed, and the song changes after that.
    git(at, &["mv", "songs/a.kdl", "songs/b.kdl"]);
    git(at, &["mv", "songs/a.golden", "songs/b.golden"]);
    git(at, &["commit", "-m", "two"]);
    write(at, "songs/b.kdl", &louder);
    let found = outcome(at, 1, &["test"]);
    assert_eq!(causes(&found, "bass").len(), 1, "{found:#}");
    // The same in two commits at once.
    git(at, &["mv", "songs", "music"]);
    git(at, &["commit", "-am", "three"]);
    let found = outcome(at, 1, &["test", "music"]);
    assert_eq!(causes(&found, "bass").len(), 1, "{found:#}");
    let (_, err) = ends(at, 2, &["diff", "HEAD~1:music/b.kdl", "music/b.kdl"]);
    assert!(err.contains("it was called `songs/b.kdl`"), "{err}");
    assert!(err.contains("write `HEAD~1:songs/b.kdl`"), "{err}");
    ends(at, 1, &["diff", "HEAD~1:songs/b.kdl", "music/b.kdl"]);
    // The index.
    git(at, &["add", "."]);
    ends(at, 0, &["diff", ":music/b.kdl", "music/b.kdl", "--exact"]);
    write(at, "music/b.kdl", SMALL);
    ends(at, 1, &["diff", ":music/b.kdl", "music/b.kdl"]);
    let (_, err) = ends(at, 2, &["diff", ":music/c.kdl", "music/b.kdl"]);
    assert!(err.contains("there is no file `music/c.kdl` in git's index"), "{err}");
    write(at, "music/b.kdl", &louder);
    git(at, &["commit", "-am", "four", "--allow-empty"]);
    // A clone without the history.
    let clone = at.join("clone");
    git(at, &["clone", "--depth=1", &format!("file://{}", at.display()), &clone.display().to_string()]);
    let (out, _) = ends(&clone, 1, &["test", "music"]);
    assert!(
        out.contains("aren't known: the clone is shallow: its history is cut short; fetch all of it"),
        "{out}"
    );
    let (_, err) = ends(&clone, 2, &["diff", "HEAD~2:music/b.kdl", "music/b.kdl"]);
    assert!(err.contains("unknown-revision") && err.contains("the clone is shallow"), "{err}");
    // A repository of somebody else, as git's own tests play it.
    let foreign = |args: &[&str]| {
        let output = command(at, args).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").output().expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        // Where its lines break depends on the folder's name.
        String::from_utf8(text)
            .expect("UTF-8")
            .replace('│', " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let said = foreign(&["diff", "HEAD:music/b.kdl", "music/b.kdl"]);
    assert!(said.contains("foreign-repository") && said.contains("belongs to another user"), "{said}");
    assert!(said.contains("git config --global --add safe.directory"), "{said}");
    let said = foreign(&["test", "music"]);
    assert!(
        said.contains("aren't known: the repository") && said.contains("belongs to another user"),
        "{said}"
    );
}

#[test]
fn the_worst_is_the_exit_code() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.kdl", SMALL);
    write(at, "kit.kdl", "instrument tick {\n    noise hiss\n    route hiss -> out\n}\n");
    ends(at, 0, &["test", "--bless", "."]);
    assert!(!at.join("kit.golden").exists());
    let golden = fs::read_to_string(at.join("a.golden")).unwrap();
    for (text, code, exit) in [
        (golden.replacen("LUFS", "LUFTS", 1), "edited-golden", 2),
        (golden.replace("chronus-golden 1", "chronus-golden 99"), "golden-version", 2),
        (golden.replace("chronus-golden", "something"), "not-a-golden", 2),
        (golden[..golden.len() / 2].to_owned(), "edited-golden", 2),
        ("\0\u{1}".to_owned(), "not-a-golden", 2),
        (String::new(), "not-a-golden", 2),
    ] {
        write(at, "a.golden", &text);
        let found = outcome(at, exit, &["test", "."]);
        assert_eq!(found["diagnostics"][0]["code"], code, "{found:#}");
        assert_eq!(fs::read_to_string(at.join("a.golden")).unwrap(), text, "nothing is lost");
    }
    write(at, "a.golden", &golden);
    write(at, "gone.golden", &golden);
    let (out, err) = ends(at, 1, &["test", "."]);
    assert!(out.contains("2 songs: 1 identical, 1 failed") && err.contains("orphan-golden"), "{out} {err}");
    fs::remove_file(at.join("gone.golden")).unwrap();
    // Another rate can't be compared.
    write(at, "a.kdl", &format!("render rate=44100\n{SMALL}"));
    assert_eq!(outcome(at, 2, &["test", "."])["diagnostics"][0]["code"], "other-engine");
    // A song with errors fails, and they are said.
    write(at, "a.kdl", &replaced(SMALL, "saw osc", "swa osc"));
    assert_eq!(outcome(at, 1, &["test", "."])["diagnostics"][0]["code"], "unknown-kind");
    for paths in [&["nowhere.kdl"][..], &[".", "--only", "zzz"]] {
        ends(at, 2, &[&["test"], paths].concat());
    }
}

/// A ring modulator that hears itself with this gain.
fn ring(gain: f64) -> String {
    format!(
        "song bars=2 tail=2\nsine a freq=220\nring r\nroute a -> r -> out\nroute r -> r.carrier gain={gain} feedback=#true\nroute a -> r.carrier\n"
    )
}

#[test]
fn what_blows_up_is_never_fine() {
    let folder = folder();
    let at = folder.path();
    write(at, "good.kdl", &ring(0.1));
    write(at, "wild.kdl", &ring(16.0));
    // As far apart as anything can be and still be limited.
    write(at, "narrow.kdl", "test residual=\"-60dB\"\n");
    write(at, "wide.kdl", "test loudness=\"60dB\"\n");
    for tolerance in ["narrow.kdl", "wide.kdl"] {
        for sides in [["good.kdl", "wild.kdl"], ["wild.kdl", "good.kdl"]] {
            let found = outcome(at, 1, &["diff", sides[0], sides[1], "--tolerance", tolerance]);
            assert_eq!(found["verdict"], "different", "{found:#}");
            let notes = found["notes"].as_array().unwrap();
            assert!(notes.iter().any(|note| note.as_str().unwrap().contains("`r` blew up")), "{found:#}");
        }
    }
    let (out, err) = ends(at, 1, &["test", "--bless", "wild.kdl"]);
    assert!(err.contains("blew-up") && err.contains("module `r` blew up"), "{out} {err}");
    assert!(!at.join("wild.golden").exists());
    // A song that begins to blow up fails whatever its tolerance, and keeps its golden file.
    write(at, "song.kdl", &ring(0.1).replace("song bars", "test loudness=\"60dB\"\nsong bars"));
    ends(at, 0, &["test", "--bless", "song.kdl"]);
    let golden = fs::read(at.join("song.golden")).unwrap();
    write(at, "song.kdl", &ring(16.0).replace("song bars", "test loudness=\"60dB\"\nsong bars"));
    let (out, _) = ends(at, 1, &["test", "song.kdl"]);
    assert!(out.contains("different") && out.contains("`r` blew up"), "{out}");
    ends(at, 1, &["test", "--bless", "song.kdl"]);
    assert_eq!(fs::read(at.join("song.golden")).unwrap(), golden);
}

#[test]
#[cfg(unix)]
fn what_cannot_be_written_is_said() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.kdl", SMALL);
    // A folder in the place of the file can't be replaced, whoever runs the test.
    fs::create_dir(at.join("a.golden")).unwrap();
    let (_, err) = ends(at, 2, &["test", "--bless", "a.kdl"]);
    assert!(err.contains("cannot-write"), "{err}");
    let (_, err) = ends(at, 2, &["test", "a.kdl"]);
    assert!(err.contains("unreadable-file") || err.contains("not-a-file"), "{err}");
    fs::remove_dir(at.join("a.golden")).unwrap();
    ends(at, 0, &["test", "--bless", "a.kdl"]);
    write(at, "a.kdl", &replaced(SMALL, "seed=3", "seed=4"));
    write(at, "sounds", "in the way");
    let (out, _) = ends(at, 1, &["test", "a.kdl", "--keep", "sounds"]);
    assert!(out.contains("different") && out.contains("the sounds aren't kept"), "{out}");
}

//! `chronus render --cache` and `chronus cache`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::program::{Running, program};
use super::{folder, stderr, stdout};

/// Three instruments, two of which share lanes.
const SONG: &str = "song \"t\" tempo=140 bars=16 seed=4\n\
    instrument low voices=2 {\n saw osc\n ladder tone cutoff=\"400Hz\"\n decay env time=\"200ms\"\n \
    route osc -> tone -> out vca=env gain=0.3\n}\n\
    instrument high {\n saw osc\n ladder tone cutoff=\"2kHz\"\n decay env time=\"100ms\"\n \
    route osc -> tone -> out vca=env gain=0.2\n}\n\
    instrument wide voices=4 {\n supersaw osc\n adsr env release=\"300ms\"\n route osc -> out vca=env gain=0.1\n}\n\
    reverb room time=\"1s\"\n\
    route low high wide -> out\n\
    route wide -> room -> out gain=0.2\n\
    track low notes=\"a1 a2 c2\" \"X~x. x.X~ x.x. X...\"\n\
    track high notes=\"a3\" \"..x. ..x. ..x. .xxx\"\n\
    track wide notes=\"a3/c4/e4 g3/b3/d4\" \"X___ ..x. X__. x..x\"\n";

fn song(name: &str) -> PathBuf {
    let folder = folder(name);
    fs::write(folder.join("song.kdl"), SONG).unwrap();
    folder
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = program();
    command.args(args).current_dir(folder).env("CHRONUS_CACHE", folder.join("cache"));
    command
}

fn chronus(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn render(folder: &Path, more: &[&str]) -> Vec<u8> {
    let args = [&["render", "song.kdl", "-o", "out.wav", "--bits", "32f"], more].concat();
    let output = chronus(folder, &args);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""), "{more:?}");
    fs::read(folder.join("out.wav")).unwrap()
}

/// The files of the cache, drafts first.
fn files(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("cache")).into_iter().flatten();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_cache_changes_nothing_but_what_is_computed() {
    let folder = song("cache");
    let alone = render(&folder, &[]);
    assert_eq!(files(&folder), [""; 0], "nobody asked for it");
    for jobs in ["1", "2"] {
        for when in ["cold", "warm"] {
            assert!(render(&folder, &["--cache", "--jobs", jobs]) == alone, "{when}, {jobs}");
        }
        let count = files(&folder).len();
        let said = chronus(&folder, &["cache"]);
        assert_eq!(said.status.code(), Some(0), "{}", stderr(&said));
        let text = stdout(&said);
        assert!(
            text.contains(&format!("/cache: {count} files, ")) && text.ends_with(" of 2048.0 MiB\n"),
            "{text}"
        );
        let said = chronus(&folder, &["cache", "--clear"]);
        assert!(stdout(&said).contains(&format!("/cache: removed {count} files, ")), "{}", stdout(&said));
        assert_eq!(files(&folder), [""; 0]);
    }
    let edited = SONG.replace("400Hz", "500Hz");
    render(&folder, &["--cache"]);
    let count = files(&folder).len();
    fs::write(folder.join("song.kdl"), edited).unwrap();
    let heard = render(&folder, &["--cache"]);
    assert!(heard != alone && heard == render(&folder, &[]));
    assert_eq!(files(&folder).len(), count + 1, "one voice of `low` plays");
}

#[test]
fn stems_and_excerpts_use_what_the_mix_has_left() {
    let folder = song("cache-stems");
    let stems = |more: &[&str]| {
        let to = if more.is_empty() { "without" } else { "with" };
        render(&folder, &[&["--stems", to, "--from", "2", "--mute", "high"], more].concat());
        let mut all: Vec<_> =
            fs::read_dir(folder.join(to)).unwrap().map(|file| file.unwrap().path()).collect();
        all.sort();
        all.iter()
            .map(|path| (path.file_name().unwrap().to_owned(), fs::read(path).unwrap()))
            .collect::<Vec<_>>()
    };
    let alone = stems(&[]);
    assert!(alone.len() >= 3);
    for _ in 0..2 {
        assert!(stems(&["--cache"]) == alone);
        // Those of the mix, which are six at most: a stem has no voices of its own.
        assert!((3..=6).contains(&files(&folder).len()), "{:?}", files(&folder));
    }
}

#[cfg(unix)]
#[test]
fn a_killed_render_leaves_nothing_for_ever() {
    let folder = song("cache-killed");
    // An hour of it.
    fs::write(folder.join("long.kdl"), SONG.replace("bars=16", "bars=2000")).unwrap();
    let args = ["render", "long.kdl", "-o", "long.wav", "--cache", "--quiet"];
    let child = Running::start(&mut command(&folder, &args));
    let began = Instant::now();
    let written = || {
        let files = fs::read_dir(folder.join("cache")).into_iter().flatten().flatten();
        files.map(|file| file.metadata().map_or(0, |about| about.len())).sum::<u64>()
    };
    while written() < 100_000 {
        assert!(began.elapsed() < Duration::from_mins(1), "it writes nothing");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(child);
    let left = files(&folder);
    assert!(!left.is_empty() && left.iter().all(|name| name.starts_with(".chronus-")), "{left:?}");
    let alone = render(&folder, &[]);
    assert!(render(&folder, &["--cache"]) == alone);
    assert!(render(&folder, &["--cache"]) == alone);
    // What nobody writes any more goes with the next render.
    let now = files(&folder);
    assert!(!now.is_empty() && left.iter().all(|name| !now.contains(name)), "{now:?}");
    let count = now.len();
    assert!(render(&folder, &["--cache"]) == alone);
    assert_eq!(files(&folder).len(), count, "{:?}", files(&folder));
}

#[test]
fn two_renders_at_once_agree() {
    let folder = song("cache-two");
    let alone = render(&folder, &[]);
    render(&folder, &["--cache"]);
    let count = files(&folder).len();
    for _ in 0..3 {
        let children: Vec<_> = ["a.wav", "b.wav", "c.wav"]
            .map(|name| {
                let args = ["render", "song.kdl", "-o", name, "--bits", "32f", "--cache", "--quiet"];
                (name, Running::start(&mut command(&folder, &args)))
            })
            .into();
        for (name, child) in children {
            assert_eq!(child.end().code(), Some(0));
            assert!(fs::read(folder.join(name)).unwrap() == alone, "{name}");
        }
        assert_eq!(files(&folder).len(), count, "{:?}", files(&folder));
        fs::remove_file(folder.join("cache").join(&files(&folder)[0])).unwrap();
    }
}

#[test]
fn without_a_folder_a_song_is_rendered_all_the_same() {
    let folder = song("cache-none");
    let alone = render(&folder, &[]);
    fs::write(folder.join("file"), "no folder").unwrap();
    for (name, value, said) in [
        ("CHRONUS_CACHE", "file", "the cache `file` can't be used: there is a file in its place"),
        (
            "CHRONUS_CACHE",
            "file/deeper",
            "the cache `file/deeper` can't be used: there is a file in its place",
        ),
        ("CHRONUS_CACHE_SIZE", "plenty", "`CHRONUS_CACHE_SIZE` is `plenty`, which is no size"),
    ] {
        let args = ["render", "song.kdl", "-o", "out.wav", "--bits", "32f", "--cache"];
        let output = command(&folder, &args).env(name, value).output().unwrap();
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert!(text.contains("cache-unusable") && text.contains(said), "{text}");
        assert!(fs::read(folder.join("out.wav")).unwrap() == alone);
        // Who wants no warnings gets none; the command that is about the cache fails.
        let quiet = command(&folder, &[&args[..], &["--quiet"]].concat()).env(name, value).output().unwrap();
        assert_eq!((quiet.status.code(), stderr(&quiet)), (Some(0), ""));
        let shown = command(&folder, &["cache"]).env(name, value).output().unwrap();
        assert_eq!(shown.status.code(), Some(2));
        assert!(stderr(&shown).contains(said), "{}", stderr(&shown));
    }
    for with in [&["--profile"][..], &["--take", "take.kdl"]] {
        let args = [&["render", "song.kdl", "-o", "out.wav", "--cache"], with].concat();
        assert_eq!(chronus(&folder, &args).status.code(), Some(2), "{with:?}");
    }
}

#[test]
fn the_bound_is_as_asked() {
    let folder = song("cache-bound");
    let alone = render(&folder, &[]);
    let args = ["render", "song.kdl", "-o", "out.wav", "--bits", "32f", "--cache"];
    for (size, most) in [("0", 0), ("1M", 1 << 20), ("5M", 5 << 20)] {
        for _ in 0..2 {
            let output = command(&folder, &args).env("CHRONUS_CACHE_SIZE", size).output().unwrap();
            assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
            assert!(fs::read(folder.join("out.wav")).unwrap() == alone, "{size}");
            let bytes = |name: &String| fs::metadata(folder.join("cache").join(name)).unwrap().len();
            assert!(files(&folder).iter().map(bytes).sum::<u64>() <= most, "{size}: {:?}", files(&folder));
        }
    }
}

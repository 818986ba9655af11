//! No command writes over what it reads, or over what nobody could make again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use super::{Running, chronus, folder, program, stderr, stdout};
use crate::program::hangups_are_ignored;
use crate::skip::skip;

/// A song that uses an instrument file, two samples and a tuning.
const SONG: &str = "song bars=1 tempo=240 tail=0 tuning=\"scale.scl\"\nuse \"kit.kdl\" hat\n\
    instrument kick { sampler s file=\"kick.wav\"; route s -> out; }\n\
    instrument snare { sampler s file=\"snare.wav\"; route s -> out; }\n\
    track kick \"x...\"\ntrack snare \"..x.\"\ntrack hat x\n";
const KIT: &str = "instrument hat { noise n; decay d; route n -> out vca=d; }\n";
const SCALE: &str = "! scale.scl\nhalf\n2\n600.\n2/1\n";

fn sound(path: &Path, level: f32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    (0..4_000).for_each(|n| wav.write_sample(level * libm::sinf(n as f32 * 0.05)).unwrap());
    wav.finalize().unwrap();
}

/// A folder with the song and all that it uses.
fn music(name: &str) -> PathBuf {
    let folder = folder(name);
    fs::write(folder.join("s.kdl"), SONG).unwrap();
    fs::write(folder.join("kit.kdl"), KIT).unwrap();
    fs::write(folder.join("scale.scl"), SCALE).unwrap();
    sound(&folder.join("kick.wav"), 0.5);
    sound(&folder.join("snare.wav"), 0.3);
    folder
}

/// The names and contents of all files in a folder.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    all.sort();
    all
}

/// `chronus` with these arguments is refused for this reason, and every file is as it was.
#[track_caller]
fn refused(folder: &Path, code: &str, args: &[&str]) -> String {
    let before = contents(folder);
    let output = chronus(folder, args);
    let said = stderr(&output).to_owned();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {said} {}", stdout(&output));
    assert!(said.contains(code), "{args:?}: {said}");
    assert!(contents(folder) == before, "{args:?} changed a file");
    said
}

#[track_caller]
fn done(folder: &Path, args: &[&str]) -> Output {
    let output = chronus(folder, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
    output
}

#[test]
fn no_output_of_render_is_a_file_that_the_song_reads() {
    let folder = music("outputs-render");
    fs::create_dir(folder.join("sub")).unwrap();
    let said = refused(&folder, "output-is-input", &["render", "s.kdl", "--stems", "."]);
    assert!(said.contains("kick.wav") && said.contains("name another file"), "{said}");
    for name in ["kick.wav", "./snare.wav", "sub/../kick.wav", "kit.kdl", "s.kdl", "scale.scl"] {
        refused(&folder, "output-is-input", &["render", "s.kdl", "-o", name]);
        refused(&folder, "output-is-input", &["render", "s.kdl", "-o", name, "--force"]);
    }
    // What is refused is refused before anything is written.
    assert!(!folder.join("hat.wav").exists() && !folder.join("mix.wav").exists());
    refused(&folder, "output-is-input", &["render", "s.kdl", "-o", "mix.wav", "--stems", "."]);
    assert!(!folder.join("mix.wav").exists());
}

#[test]
#[cfg(unix)]
fn links_lead_to_what_is_read() {
    let folder = music("outputs-links");
    for (from, to) in [("kit.kdl", "kit"), ("s.kdl", "song"), ("scale.scl", "scale"), ("kick.wav", "k.wav")] {
        std::os::unix::fs::symlink(from, folder.join(to)).unwrap();
        fs::hard_link(folder.join(from), folder.join(format!("hard-{to}"))).unwrap();
        let hard = format!("hard-{to}");
        for name in [to, hard.as_str()] {
            let said = refused(&folder, "output-is-input", &["render", "s.kdl", "-o", name, "--force"]);
            assert!(said.contains(&format!("it is read as `{from}`")), "{said}");
        }
    }
    // The song itself by a link, and what it uses beside it.
    std::os::unix::fs::symlink(&folder, folder.join("here")).unwrap();
    refused(&folder, "output-is-input", &["render", "here/s.kdl", "-o", "kick.wav"]);
}

#[test]
fn files_of_another_kind_are_replaced_by_force_only() {
    let folder = music("outputs-kinds");
    fs::write(folder.join("photo"), "JFIF").unwrap();
    let said = refused(&folder, "not-replaced", &["render", "s.kdl", "-o", "photo"]);
    assert!(said.contains("isn't a WAV file") && said.contains("`--force`"), "{said}");
    done(&folder, &["render", "s.kdl", "-o", "photo", "--force"]);
    // By now it is one.
    done(&folder, &["render", "s.kdl", "-o", "photo"]);
    fs::write(folder.join("empty.wav"), "").unwrap();
    done(&folder, &["render", "s.kdl", "-o", "empty.wav"]);
    // A text that is called a WAV, and a WAV of another.
    fs::write(folder.join("notes.wav"), "my notes").unwrap();
    refused(&folder, "not-replaced", &["render", "s.kdl", "-o", "notes.wav"]);
    sound(&folder.join("other.wav"), 0.1);
    done(&folder, &["render", "s.kdl", "-o", "other.wav"]);
    fs::create_dir(folder.join("stems")).unwrap();
    fs::write(folder.join("stems/hat.wav"), "my notes").unwrap();
    refused(&folder, "not-replaced", &["render", "s.kdl", "--stems", "stems"]);
    assert_eq!(fs::read(folder.join("stems/hat.wav")).unwrap(), b"my notes");
    assert!(!folder.join("stems/kick.wav").exists(), "all or none");
    done(&folder, &["render", "s.kdl", "--stems", "stems", "--force"]);
    let said =
        refused(&folder, "output-is-input", &["render", "s.kdl", "-o", "stems/hat.wav", "--stems", "stems"]);
    assert!(said.contains("written twice"), "{said}");
}

#[test]
fn names_of_other_formats_are_refused_with_what_to_write() {
    let folder = music("outputs-formats");
    for (name, format) in
        [("x.mp3", "MP3"), ("x.OGG", "Ogg Vorbis"), ("sub.x/x.flac", "FLAC"), ("x.aiff", "AIFF")]
    {
        let said = refused(&folder, "other-format", &["render", "s.kdl", "-o", name]);
        let right = Path::new(name).with_extension("wav");
        assert!(said.contains(format) && said.contains(&format!("write `{}`", right.display())), "{said}");
    }
    done(&folder, &["render", "s.kdl", "-o", "x.wav"]);
    for args in
        [["diff", "x.wav", "x.wav", "--report", "x.png"], ["diff", "x.wav", "x.wav", "--report", "y.wav"]]
    {
        refused(&folder, "other-format", &args);
    }
}

#[test]
#[cfg(unix)]
fn read_only_files_and_links_stay_what_they_are() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let folder = music("outputs-unix");
    let at = |name: &str| folder.join(name);
    let is_link = |name: &str| at(name).symlink_metadata().unwrap().is_symlink();
    done(&folder, &["render", "s.kdl", "-o", "x.wav"]);
    fs::set_permissions(at("x.wav"), fs::Permissions::from_mode(0o444)).unwrap();
    for force in [&[][..], &["--force"]] {
        let args = [&["render", "s.kdl", "-o", "x.wav"], force].concat();
        assert!(refused(&folder, "cannot-write", &args).contains("is read-only"));
    }
    // Symbolic links are written through, those to nothing too.
    symlink("real.wav", at("soft.wav")).unwrap();
    done(&folder, &["render", "s.kdl", "-o", "soft.wav"]);
    let first = fs::read(at("real.wav")).unwrap();
    done(&folder, &["render", "s.kdl", "-o", "soft.wav", "--bits", "16"]);
    assert!(is_link("soft.wav") && fs::read(at("real.wav")).unwrap().len() < first.len());
    // Of several names of a file one is replaced by force, and alone.
    fs::hard_link(at("real.wav"), at("hard.wav")).unwrap();
    assert!(refused(&folder, "not-replaced", &["render", "s.kdl", "-o", "hard.wav"]).contains("hard links"));
    let before = fs::read(at("real.wav")).unwrap();
    done(&folder, &["render", "s.kdl", "-o", "hard.wav", "--force"]);
    assert!(fs::read(at("real.wav")).unwrap() == before && fs::read(at("hard.wav")).unwrap() != before);
    // `fmt` too.
    fs::write(at("ugly.kdl"), "song   bars=1\n").unwrap();
    fs::set_permissions(at("ugly.kdl"), fs::Permissions::from_mode(0o444)).unwrap();
    assert!(refused(&folder, "cannot-write", &["fmt", "ugly.kdl"]).contains("is read-only"));
    fs::set_permissions(at("ugly.kdl"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::hard_link(at("ugly.kdl"), at("ugly-2.kdl")).unwrap();
    assert!(refused(&folder, "cannot-write", &["fmt", "ugly.kdl"]).contains("hard links"));
    fs::remove_file(at("ugly-2.kdl")).unwrap();
    symlink("ugly.kdl", at("link.kdl")).unwrap();
    done(&folder, &["fmt", "link.kdl"]);
    assert!(is_link("link.kdl") && fs::read_to_string(at("ugly.kdl")).unwrap() == "song bars=1\n");
    assert_eq!(at("ugly.kdl").metadata().unwrap().mode() & 0o777, 0o600);
}

#[test]
fn pages_and_golden_files_replace_nothing_else() {
    let folder = music("outputs-pages");
    let cache = folder.join("cache");
    let run = |args: &[&str]| {
        let mut command = program();
        command.args(args).current_dir(&folder).env("CHRONUS_CACHE", &cache).output().unwrap()
    };
    fs::copy(folder.join("s.kdl"), folder.join("t.kdl")).unwrap();
    for report in ["s.kdl", "t.kdl", "kit.kdl", "kick.wav"] {
        refused(&folder, "output-is-input", &["diff", "s.kdl", "t.kdl", "--report", report, "--force"]);
        let code = if report == "s.kdl" { "output-is-input" } else { "other-format" };
        refused(&folder, code, &["test", "s.kdl", "--report", report, "--force"]);
    }
    fs::write(folder.join("mine.html"), "<!doctype html>\n<p>Mine").unwrap();
    refused(&folder, "not-replaced", &["diff", "s.kdl", "t.kdl", "--report", "mine.html"]);
    assert_eq!(run(&["diff", "s.kdl", "t.kdl", "--report", "page.html"]).status.code(), Some(0));
    let again = run(&["diff", "s.kdl", "t.kdl", "--report", "page.html"]);
    assert_eq!(again.status.code(), Some(0), "its own is replaced: {}", stderr(&again));
    // What is compared has the name of a page.
    fs::copy(folder.join("s.kdl"), folder.join("song.html")).unwrap();
    refused(&folder, "output-is-input", &["diff", "s.kdl", "song.html", "--report", "song.html", "--force"]);
    refused(&folder, "output-is-input", &["test", "song.html", "--report", "song.html", "--force"]);
    // A golden file by hand.
    fs::write(folder.join("t.golden"), "what I like").unwrap();
    refused(&folder, "not-replaced", &["test", "--bless", "t.kdl"]);
    assert_eq!(run(&["test", "--bless", "t.kdl", "--force"]).status.code(), Some(0));
    assert_eq!(run(&["test", "--bless", "t.kdl"]).status.code(), Some(0));
}

#[test]
fn folders_of_music_get_nothing_that_nobody_asked_for() {
    let folder = music("outputs-kept");
    let cache = folder.with_file_name("outputs-kept-cache");
    let _ = fs::remove_dir_all(&cache);
    let run = |args: &[&str], cache: &Path| {
        let mut command = program();
        command.args(args).current_dir(&folder).env("CHRONUS_CACHE", cache).output().unwrap()
    };
    assert_eq!(run(&["test", "--bless", "s.kdl"], &cache).status.code(), Some(0));
    fs::write(folder.join("s.kdl"), SONG.replace("\"x...\"", "\"..x.\"")).unwrap();
    let names = |folder: &Path| contents(folder).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let before = names(&folder);
    let output = run(&["test", "s.kdl"], &cache);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(names(&folder) == before && !folder.join("target").exists());
    let kept =
        stdout(&output).lines().find_map(|line| line.trim().strip_prefix("kept ")).expect("what was kept");
    assert!(Path::new(kept).starts_with(&cache) && Path::new(kept).ends_with("is.wav"), "{kept}");
    assert!(hound::WavReader::open(kept).is_ok());
    // Where nothing can be kept, what was asked is answered all the same.
    let full = folder.join("in-the-way");
    fs::write(&full, "a file").unwrap();
    let keep = full.to_string_lossy().into_owned();
    let output = run(&["test", "s.kdl", "--keep", &keep], &cache);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("different") && stdout(&output).contains("aren't kept"),
        "{}",
        stdout(&output)
    );
    let output = run(&["test", "s.kdl"], &full);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("different"), "{}", stdout(&output));
    assert_eq!(run(&["cache", "--clear"], &cache).status.code(), Some(0));
    assert!(!Path::new(kept).exists(), "it goes with the cache");
}

#[test]
#[cfg(unix)]
fn a_stream_is_no_way_round() {
    let folder = music("outputs-stream");
    let before = contents(&folder);
    let to = fs::File::options().append(true).open(folder.join("kick.wav")).unwrap();
    let output =
        program().args(["render", "s.kdl", "-o", "-"]).current_dir(&folder).stdout(to).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("the standard output goes to `kick.wav`"), "{}", stderr(&output));
    assert!(contents(&folder) == before);
}

/// What was done, for so many frames.
fn take(end: u64) -> String {
    let song = "song bars=1 tempo=120\nsine hum freq=110\nroute hum -> out gain=0.1\n";
    format!(
        "take \"s.kdl\" rate=48000 from=0 ends=#false #\"\"\"\n{song}\n\"\"\"#\nat 64 \"/seq/loop\" 1 1\nend {end}\n"
    )
}

#[test]
fn takes_end_after_four_hours_at_most() {
    let folder = music("outputs-takes");
    for end in ["99999999999", "691200001"] {
        fs::write(folder.join("t.kdl"), take(1).replace("end 1\n", &format!("end {end}\n"))).unwrap();
        let said = refused(&folder, "bad-take", &["render", "s.kdl", "--take", "t.kdl", "-o", "t.wav"]);
        assert!(said.contains("write 691200000 or less") && said.contains("line 8"), "{said}");
    }
    fs::write(folder.join("t.kdl"), take(48_000)).unwrap();
    refused(&folder, "output-is-input", &["render", "s.kdl", "--take", "t.kdl", "-o", "kick.wav", "--force"]);
    done(&folder, &["render", "s.kdl", "--take", "t.kdl", "-o", "t.wav"]);
    assert_eq!(hound::WavReader::open(folder.join("t.wav")).unwrap().duration(), 48_000);
}

#[test]
#[cfg(unix)]
fn a_take_that_is_interrupted_leaves_nothing_behind() {
    use rustix::process::Signal;
    let folder = music("outputs-interrupted");
    fs::write(folder.join("t.kdl"), take(691_200_000)).unwrap();
    let before = contents(&folder);
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        if signal == Signal::HUP && hangups_are_ignored() {
            skip("cli: a hangup leaves nothing behind", "hangups are ignored here, as under nohup");
            continue;
        }
        let mut command = program();
        command.args(["render", "s.kdl", "--take", "t.kdl", "-o", "t.wav", "--quiet"]);
        let child = Running::start(command.current_dir(&folder).stderr(std::process::Stdio::piped()));
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while contents(&folder).len() == before.len() {
            assert!(std::time::Instant::now() < until, "it never begins");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        child.signal(signal);
        let output = child.output();
        assert_eq!(output.status.code(), Some(2), "{signal:?}");
        assert!(contents(&folder) == before, "{signal:?} leaves something behind");
    }
}

/// The drafts in a folder.
fn drafts(folder: &Path) -> Vec<String> {
    let names = contents(folder).into_iter().map(|(name, _)| name);
    names.filter(|name| name.starts_with(".chronus-")).collect()
}

#[test]
#[cfg(unix)]
fn what_a_killed_render_leaves_goes_with_the_next_one() {
    use rustix::process::Signal;
    let folder = music("outputs-killed");
    fs::write(folder.join("t.kdl"), take(691_200_000)).unwrap();
    let begin = |name: &str| {
        let before = drafts(&folder);
        let mut command = program();
        command.args(["render", "s.kdl", "--take", "t.kdl", "-o", name, "--quiet"]).current_dir(&folder);
        let render = Running::start(&mut command);
        let until = std::time::Instant::now() + crate::program::LONGEST;
        loop {
            assert!(std::time::Instant::now() < until, "it never begins");
            if let Some(new) = drafts(&folder).into_iter().find(|name| !before.contains(name)) {
                return (render, new);
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    let (killed, left) = begin("killed.wav");
    killed.signal(Signal::KILL);
    drop(killed.output());
    assert_eq!(drafts(&folder), [left], "nobody can clean up after a kill");
    let (running, written) = begin("running.wav");
    assert_eq!(drafts(&folder), std::slice::from_ref(&written));
    // Whatever is written there next: a render, stems, a song.
    fs::write(folder.join(".chronus-left00.part"), "half").unwrap();
    done(&folder, &["render", "s.kdl", "-o", "x.wav"]);
    assert_eq!(drafts(&folder), std::slice::from_ref(&written), "what is being written stays");
    fs::write(folder.join(".chronus-left00.part"), "half").unwrap();
    fs::write(folder.join("ugly.kdl"), "song   bars=1\n").unwrap();
    done(&folder, &["fmt", "ugly.kdl"]);
    assert_eq!(drafts(&folder), [written]);
    running.signal(Signal::TERM);
    assert_eq!(running.end().code(), Some(2));
    assert!(drafts(&folder).is_empty());
}

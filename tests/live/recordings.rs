//! Recordings: what ends a player, or fills its disk, leaves a whole WAV file.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::checks::{ANY, control, listens};
use crate::program::{LONGEST, Lines, Running, apart, hangups_are_ignored, program};
use crate::rig::{Rig, Server};
use crate::skip::skip;

/// A disk that fills up: what was recorded until then is a WAV, it is told, and the song plays on.
pub(crate) fn a_full_disk_ends_a_recording_only() {
    let rig = Rig::start(Server::Jack, false);
    let (file, record) = (rig.file("song.kdl"), rig.file("night.wav"));
    fs::write(&file, "song bars=2\nsine tone freq=440\nroute tone -> out gain=0.5\n").expect("a song");
    let mut command = Command::new("bash");
    apart(&mut command);
    rig.lead(&mut command, "alsa-jack.conf");
    // No file grows over 200 KiB: half a second of floats.
    command.args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$@\"", "-", env!("CARGO_BIN_EXE_chronus")]);
    command.args(["play", "--headless", "--host", "alsa", "--osc", ANY, "--record"]).args([&record, &file]);
    let mut player = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let engine = listens(&Lines::of(player.stdout.take()));
    let line = Lines::of(player.stderr.take()).with("can't be written any more");
    assert!(line.contains("File too large") && line.ends_with("what was recorded is kept"), "{line}");
    let recorded = hound::WavReader::open(&record).expect("a WAV");
    assert!(recorded.duration() > 10_000, "{} frames", recorded.duration());
    let output = control(&engine, &["status", "--format", "json"]);
    let status = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && status.contains("\"playing\":true"), "{status}");
}

/// `chronus play --record wav`, by the servers of `rig`, of a song that loops.
fn recording(rig: &Rig, wav: &Path) -> Command {
    let mut command = program();
    rig.lead(&mut command, "alsa-jack.conf");
    command
        .args(["play", "--headless", "--loop", "--no-osc", "--host", "alsa", "--rate", "48000", "--record"])
        .args([wav, &rig.file("song.kdl")])
        .env("CHRONUS_CACHE", rig.file("cache"))
        .stderr(Stdio::piped())
        .stdout(Stdio::null());
    command
}

/// Waits until the recording at `wav` has more than so many seconds.
fn wait_for(wav: &Path, least: f64) {
    let until = Instant::now() + LONGEST;
    while hound::WavReader::open(wav).map_or(0.0, |wav| f64::from(wav.duration()) / 48_000.0) <= least {
        assert!(Instant::now() < until, "{}: nothing is recorded", wav.display());
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whatever ends the player, its recording is a WAV file up to the last second. The next start that can tell anybody names those that were
/// cut off.
pub(crate) fn a_recording_survives_its_player() {
    let rig = Rig::start(Server::Jack, false);
    fs::write(
        rig.file("song.kdl"),
        "song bars=4 tempo=240\nsine tone freq=440\nroute tone -> out gain=0.5\n",
    )
    .expect("a song");
    let ends: [(&str, &[Signal]); 4] = [
        ("twice", &[Signal::INT, Signal::INT]),
        ("hangup", &[Signal::HUP]),
        ("term", &[Signal::TERM]),
        ("kill", &[Signal::KILL]),
    ];
    for (name, signals) in ends {
        if name == "hangup" && hangups_are_ignored() {
            skip("live: a recording survives a hangup", "hangups are ignored here, as under nohup");
            continue;
        }
        let wav = rig.file(&format!("{name}.wav"));
        let player = Running::start(&mut recording(&rig, &wav));
        wait_for(&wav, 0.5);
        thread::sleep(Duration::from_millis(700));
        for signal in signals {
            // The second one may find it gone.
            player.try_signal(*signal);
        }
        let output = player.output();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut reader = hound::WavReader::open(&wav).expect("a WAV file");
        let samples: Vec<f32> = reader.samples().map(|sample| sample.expect("a sample")).collect();
        assert!(
            samples.len() > 48_000 && samples.iter().any(|x| *x > 0.4),
            "{name}: {} {said}",
            samples.len()
        );
        // The second signal may come too late to matter.
        let whole = matches!(name, "hangup" | "term");
        assert!(name == "twice" || said.contains("recorded ") == whole, "{name}: {said}");
    }
    // A full output is told at the end. What nobody can read is told by the next start.
    let full = fs::File::options().write(true).open("/dev/full").expect("a disk that is full");
    let unseen = rig.file("full.wav");
    let player = Running::start(recording(&rig, &unseen).stdout(full).stderr(Stdio::null()));
    wait_for(&unseen, 0.0);
    player.signal(Signal::TERM);
    assert_eq!(player.end().code(), Some(2));
    let cut_off = |name: &str| {
        let wav = rig.file(name);
        let mut player = Running::start(&mut recording(&rig, &wav));
        let lines = Lines::of(player.stderr.take());
        wait_for(&wav, 0.0);
        player.signal(Signal::TERM);
        let said = lines.rest();
        assert!(player.end().success(), "{said}");
        said
    };
    let said = cut_off("next.wav");
    let line = said.lines().find(|line| line.contains("kill.wav")).unwrap_or_else(|| panic!("{said}"));
    assert!(line.contains("was cut off") && line.contains(" s of it are whole"), "{line}");
    // Once is enough.
    let said = cut_off("last.wav");
    assert!(!said.contains("was cut off"), "{said}");
}

//! Disks that are full and files that go wrong while a song is played: the music goes on, and it is told.

use std::fs::{self, OpenOptions};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chronus::io::player::Player as _;
use chronus::io::port::{OscPort, RECEIVE_BUFFER};
use chronus::live::audio::{AudioEnd, ControlEnd, ends};
use chronus::live::control_thread::{ThreadCommand, ThreadHandle, ThreadOptions, start};
use chronus::live::session::{Session, SessionConfig};
use chronus::live::view::View;
use chronus::osc::message::{Arg, Message};
use chronus::osc::packet;

use crate::rig::{RATE, config};
use crate::skip::skip;

#[test]
fn the_music_goes_on_where_the_disk_is_full() {
    let full = PathBuf::from("/dev/full");
    if !full.exists() {
        skip("the_music_goes_on_where_the_disk_is_full", "this system has no /dev/full");
        return;
    }
    let (session, performance) = Session::begin(config(), TONE).unwrap_or_else(|_| panic!("a song"));
    let (audio, control) = ends(performance, RATE);
    let file = OpenOptions::new().write(true).open(&full).expect("a disk that is full");
    let running = ThreadOptions {
        take: Some((full.clone(), file)),
        record: Some(full.clone()),
        ..ThreadOptions::default()
    };
    let thread = start(session, control, running);
    let player = Player::of(audio);
    await_log(&thread, "the take /dev/full can't be written any more");
    await_log(&thread, "/dev/full can't be written: No space");
    // It is told once, and everything else goes on.
    assert_eq!(ask(&thread, Message::new("/mod/tone/freq", [Arg::Float(220.0)])), []);
    let status = ask(&thread, Message::new("/engine/record/status", []));
    assert_eq!(status[0].args[0].text(), Some("{\"recording\":false}"));
    let lines = thread.view(|view| view.log.iter().filter(|line| line.contains("the take")).count());
    assert_eq!(lines, 1);
    assert!(player.end() > 0, "nothing is heard");
    thread.end();
}

/// A song in a file of its own, in a new folder of this name, and what plays it.
fn saved_song(folder: &str) -> (PathBuf, Session, AudioEnd, ControlEnd) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("song.kdl");
    fs::write(&path, TONE).unwrap();
    let config = SessionConfig { path: path.clone(), ..config() };
    let (session, performance) = Session::begin(config, TONE).unwrap_or_else(|_| panic!("a song"));
    let (audio, control) = ends(performance, RATE);
    (path, session, audio, control)
}

#[test]
fn the_file_may_go_or_be_garbage() {
    let (path, session, audio, control) = saved_song("session-file");
    let thread = start(session, control, ThreadOptions { watch: true, ..ThreadOptions::default() });
    let player = Player::of(audio);
    thread::sleep(Duration::from_millis(500));
    fs::remove_file(&path).unwrap();
    await_log(&thread, "song.kdl is gone: what was played plays on");
    assert!(thread.view(|view| view.flawed && view.unplayable.is_none()));
    fs::write(&path, TONE).unwrap();
    await_log(&thread, "the file is again as it is played");
    assert!(!thread.view(|view| view.flawed));
    let garbage: Vec<u8> = (0..50_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    fs::write(&path, garbage).unwrap();
    await_log(&thread, "the edit has errors: the song before plays on");
    assert!(thread.view(|view| view.unplayable.is_some() && view.errors == 2));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    thread::sleep(Duration::from_millis(700));
    fs::remove_dir(&path).unwrap();
    fs::write(&path, TONE.replace("440", "330")).unwrap();
    await_log(&thread, "song.kdl comes in at the next bar");
    assert!(thread.view(|view| view.unplayable.is_none()));
    assert!(player.end() > 0, "nothing is heard");
    thread.end();
}

/// Whatever is saved, messages are answered soon and the song plays on.
#[test]
fn messages_are_answered_whatever_is_saved() {
    let (path, session, audio, control) = saved_song("session-hostile");
    let port = OscPort::open((Ipv4Addr::LOCALHOST, 0).into(), RECEIVE_BUFFER).unwrap();
    let mut controller = OscPort::towards(port.address().unwrap()).unwrap();
    let running = ThreadOptions { watch: true, port: Some(port), ..ThreadOptions::default() };
    let thread = start(session, control, running);
    let player = Player::of(audio);
    let ping = |controller: &mut OscPort, what: &str| {
        let asked = Instant::now();
        controller.say(&packet::write(&Message::new("/ping", []))).unwrap();
        assert!(controller.receive(Duration::from_secs(20)).is_some(), "{what}: nothing is answered");
        asked.elapsed()
    };
    let a = "instrument a { sine o; ladder f; route o -> f -> out; }\n";
    let rests = (0..3).fold(String::new(), |text, n| text + &format!("track t{n} play=a \"{{65000 .}}x\"\n"));
    let many = (0..3_000).fold(String::new(), |text, n| text + &format!("sine s{n} freq=1\n"));
    let songs = [
        (
            "repeats",
            format!("song bars=1\n{a}track a x notes=\"{{60000 <{}>}}\"\n", "a4 ".repeat(10_000)),
            false,
        ),
        ("rests", format!("song bars=1\n{a}{rests}"), true),
        ("modules", format!("song bars=1\n{many}route s0 -> out\n"), true),
    ];
    for (name, text, fits) in songs {
        let seen = thread.view(|view| (view.songs, view.errors));
        fs::remove_file(&path).unwrap();
        fs::write(&path, text).unwrap();
        let until = Instant::now() + Duration::from_mins(2);
        let mut longest = Duration::ZERO;
        while thread.view(|view| (view.songs, view.errors)) == seen {
            assert!(Instant::now() < until, "{name}: nothing comes of it");
            longest = longest.max(ping(&mut controller, name));
            thread::sleep(Duration::from_millis(5));
        }
        longest = longest.max(ping(&mut controller, name));
        println!("{name}: answered within {longest:?}");
        assert!(longest < Duration::from_secs(10), "{name}: answered after {longest:?}");
        let log = thread.view(|view| view.log.clone());
        // What fits may take too long on a busy machine; then it is given up.
        assert!(fits || thread.view(|view| view.songs == seen.0), "{name}: {log:?}");
    }
    fs::remove_file(&path).unwrap();
    assert!(player.end() > 0, "nothing is heard");
    thread.end();
}

/// Names the recording to the process that makes it.
const RECORD_TO: &str = "CHRONUS_TEST_RECORD_TO";

/// Not a test by itself: the process that [`a_killed_recording_is_whole`] kills.
#[test]
fn records_until_it_is_killed() {
    let Some(path) = std::env::var_os(RECORD_TO).map(PathBuf::from) else { return };
    let (session, performance) = Session::begin(config(), TONE).unwrap_or_else(|_| panic!("a song"));
    let (audio, control) = ends(performance, RATE);
    let running = ThreadOptions { record: Some(path), ..ThreadOptions::default() };
    let _thread = start(session, control, running);
    let _player = Player::of(audio);
    thread::sleep(Duration::from_mins(1));
}

/// What `kill -9` leaves at any moment is a WAV file up to the last second, under its own name, and the next start says so.
#[test]
#[cfg(unix)]
fn a_killed_recording_is_whole() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("session-killed");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    // The moments are odd on purpose: just after it began, within the first second, and after a second was put on the disk.
    for (number, (settled, millis)) in
        [(0, 0), (0, 3), (0, 40), (1, 0), (1, 270), (2, 130)].into_iter().enumerate()
    {
        let path = folder.join(format!("night-{number}.wav"));
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "disk::records_until_it_is_killed"])
            .env(RECORD_TO, &path)
            .env("CHRONUS_CACHE", folder.join("cache"))
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        let mut seen = vec![u32::MAX];
        while seen.len() <= settled + 1 {
            assert!(Instant::now() < until, "it never records: {seen:?}");
            thread::sleep(Duration::from_millis(1));
            // As soon as it has its name it is a WAV file, of nothing at first.
            let frames = path.exists().then(|| hound::WavReader::open(&path).expect("a WAV file").duration());
            seen.extend(frames.filter(|frames| seen.last() != Some(frames)));
        }
        thread::sleep(Duration::from_millis(millis));
        // Kills at once, as no program can prevent.
        child.kill().unwrap();
        child.wait().unwrap();
        let mut wav = hound::WavReader::open(&path).expect("a WAV file");
        assert!(wav.duration() >= *seen.last().unwrap());
        let samples: Vec<f32> = wav.samples::<f32>().map(Result::unwrap).collect();
        assert!(
            settled == 0 || samples.iter().skip(2_000).any(|sample| sample.abs() > 0.1),
            "{} samples",
            samples.len()
        );
    }
    let mut left = chronus::io::unfinished::cut_off_in(&folder.join("cache/recordings"));
    left.retain(|recording| recording.milliseconds.is_some());
    assert_eq!(left.len(), 6, "the next start names all: {left:?}");
}

const TONE: &str = "song bars=400 tempo=240 tail=0\nsine tone freq=440\nroute tone -> out gain=0.5\n";

/// The audio thread, a good deal faster than any device. Counts the buffers in which something is heard.
pub(crate) struct Player {
    over: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Player {
    /// One that plays as fast as it can, with a pause after each call.
    pub(crate) fn of(audio: AudioEnd) -> Self {
        Self::at_most(f64::INFINITY, audio)
    }

    /// One that plays at most so many frames a second.
    pub(crate) fn at_most(rate: f64, mut audio: AudioEnd) -> Self {
        let begun = Instant::now();
        let mut played = 0.0;
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let mut loud = 0_u64;
            let mut frames = [[0.0; 2]; 480];
            while !ended.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(1));
                if played > begun.elapsed().as_secs_f64() * rate {
                    continue;
                }
                audio.callback();
                audio.play(&mut frames);
                played += frames.len() as f64;
                loud += u64::from(frames.iter().any(|frame| frame[0].abs() > 0.1));
            }
            loud
        });
        Self { over, thread }
    }

    pub(crate) fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().expect("it plays")
    }
}

/// Waits until something is to be seen.
pub(crate) fn await_it(thread: &ThreadHandle, what: &str, mut seen: impl FnMut(&View) -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !thread.view(|view| seen(view)) {
        assert!(Instant::now() < until, "{what}: {:?}", thread.view(|view| view.log.clone()));
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn await_log(thread: &ThreadHandle, what: &str) {
    await_it(thread, what, |view| view.log.iter().any(|line| line.contains(what)));
}

pub(crate) fn ask(thread: &ThreadHandle, message: Message) -> Vec<Message> {
    let (to, answers) = channel();
    thread.say.send(ThreadCommand::Ask(message, to)).expect("it runs");
    answers.recv_timeout(Duration::from_secs(10)).expect("an answer")
}

#[test]
fn it_is_told_where_delays_have_little_room() {
    let song = |voices: u32| {
        format!(
            "song bars=4 tail=0\ninstrument a voices={voices} {{\n saw o\n adsr e\n delay d time=0.1\n route o -> d -> out gain=0.1 vca=e\n}}\ntrack a X...\n"
        )
    };
    for (voices, told) in [(2, false), (64, true)] {
        let config = SessionConfig { rate: 192_000, ..config() };
        let (session, performance) =
            Session::begin(config, &song(voices)).unwrap_or_else(|_| panic!("a song"));
        let (_audio, control) = ends(performance, 192_000);
        let thread = start(session, control, ThreadOptions::default());
        let said = thread
            .view(|view| view.log.iter().any(|line| line.contains("room for the times of the song only")));
        assert_eq!(said, told, "{voices} voices");
        thread.end();
    }
}

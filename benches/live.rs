//! Playing live, measured on a JACK server without a sound card: from a message to the first changed sample, floods of messages,
//! and what the audio thread takes of its time for each song. Prints the tables of docs/benchmarks.md, "Live".
//!
//! `cargo bench --bench live` starts the server by tests/live/rig/rig.sh; `cargo bench --bench live -- 60` floods for 60 seconds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark may stop, and prints"
)]

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chronus::engine::block_loop::Frame;
use chronus::io::player::Player;
use chronus::io::playing::Playing;
use chronus::io::port::{OscPort, RECEIVE_BUFFER};
use chronus::io::speaker::{Ask, Speaker};
use chronus::live::audio::{AudioEnd, ends};
use chronus::live::control_thread::{ThreadHandle, ThreadOptions, start};
use chronus::live::session::{Session, SessionConfig};
use chronus::osc::message::{Arg, Message};
use chronus::osc::packet::write;

/// Frames of a period.
const PERIODS: [u32; 3] = [64, 128, 256];
const TRIALS: usize = 400;
/// A level that can be read off the output.
const LEVEL: &str = "song bars=1 tempo=60 tail=0\nknob level 0\nroute level -> out\n";

/// The player, watched for the first sample that changes.
struct Watched {
    audio: AudioEnd,
    last: f32,
    began: Instant,
    /// Nanoseconds at which it has changed first since that was set to 0.
    changed: Arc<AtomicU64>,
}

impl Player for Watched {
    fn callback(&mut self) {
        self.audio.callback();
    }

    fn play(&mut self, frames: &mut [Frame]) {
        self.audio.play(frames);
        let now = frames.last().map_or(self.last, |frame| frame[0]);
        if (now - self.last).abs() > 1e-6 && self.changed.load(Ordering::Acquire) == 0 {
            self.changed.store(self.began.elapsed().as_nanos() as u64, Ordering::Release);
        }
        self.last = now;
    }
}

/// A song being played.
struct Show {
    playing: Playing,
    thread: ThreadHandle,
    to: SocketAddr,
    began: Instant,
    changed: Arc<AtomicU64>,
}

impl Show {
    fn begin(path: &Path, text: &str, buffer: u32) -> Self {
        let ask =
            Ask { host: Some("alsa".to_owned()), rate: Some(48_000), buffer: Some(buffer), ..Ask::default() };
        let speaker =
            Speaker::find(&ask).unwrap_or_else(|trouble| panic!("{}", trouble.diagnostic().message));
        let config = SessionConfig {
            path: path.to_owned(),
            outside: false,
            rate: speaker.rate(),
            ends: false,
            ..SessionConfig::default()
        };
        let (session, performance) =
            Session::begin(config, text).unwrap_or_else(|_| panic!("{}", path.display()));
        let (audio, control) = ends(performance, speaker.rate());
        let port = OscPort::open("127.0.0.1:0".parse().unwrap(), RECEIVE_BUFFER)
            .unwrap_or_else(|_| panic!("a port"));
        let to = port.address().unwrap();
        let thread = start(session, control, ThreadOptions { port: Some(port), ..ThreadOptions::default() });
        let (began, changed) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let watched = Watched { audio, last: 0.0, began, changed: Arc::clone(&changed) };
        let playing = speaker
            .start(Box::new(watched))
            .unwrap_or_else(|trouble| panic!("{}", trouble.diagnostic().message));
        std::thread::sleep(Duration::from_millis(500));
        Self { playing, thread, to, began, changed }
    }

    fn end(self) {
        drop(self.playing);
        self.thread.end();
    }
}

fn main() {
    let seconds: u64 = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(10);
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    // The settings of the server are variables that a process must be started with.
    if std::env::var_os("BENCH_PERIOD").is_none() {
        for period in PERIODS {
            with_server(&root.join("tests/live/rig"), period, seconds);
        }
        return;
    }
    let period: u32 = std::env::var("BENCH_PERIOD").ok().and_then(|text| text.parse().ok()).unwrap_or(128);
    println!("period of {period} frames, {:.2} ms", f64::from(period) / 48.0);
    latency(period);
    flood(period, seconds);
    if period == 128 {
        songs(&root, period);
    }
}

/// Runs this program at a server of that period.
fn with_server(rig: &Path, period: u32, seconds: u64) {
    let state = std::env::temp_dir().join(format!("chronus-bench-{}-{period}", std::process::id()));
    let script = |word: &str| {
        let mut command = Command::new("bash");
        command.arg(rig.join("rig.sh")).args([word, "jack"]);
        command.env("RIG_DIR", &state).env("RIG_PERIOD", period.to_string());
        drop(command.status());
    };
    script("start");
    let name = format!("chronus-{}", state.file_name().unwrap_or_default().to_string_lossy());
    let this = std::env::current_exe().unwrap();
    let mut command = Command::new(this);
    command.arg(seconds.to_string()).env("BENCH_PERIOD", period.to_string());
    command.env("JACK_DEFAULT_SERVER", name).env("JACK_NO_START_SERVER", "1");
    command.env("ALSA_CONFIG_PATH", rig.join("alsa-jack.conf"));
    command.env("XDG_RUNTIME_DIR", &state).env("HOME", &state);
    drop(command.status());
    script("stop");
}

/// From sending a message to the callback whose samples are the first that it changes.
fn latency(period: u32) {
    let show = Show::begin(Path::new("level.kdl"), LEVEL, period);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut times = Vec::with_capacity(TRIALS);
    for trial in 0..TRIALS {
        // Not in step with the period.
        std::thread::sleep(Duration::from_micros(5_000 + (trial as u64 * 7_919) % 10_000));
        let packet = write(&Message::new("/mod/level", [Arg::Float(if trial % 2 == 0 { 1.0 } else { 0.0 })]));
        show.changed.store(0, Ordering::Release);
        let sent = show.began.elapsed().as_nanos() as u64;
        socket.send_to(&packet, show.to).unwrap();
        // Looking for it all the time would take a core from those who are measured.
        std::thread::sleep(Duration::from_millis(35));
        let first = show.changed.load(Ordering::Acquire);
        assert!(first > 0, "a message was lost");
        times.push((first - sent) as f64 / 1e6);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("  message to sound: median {:.2} ms, p99 {:.2} ms, most {:.2} ms", at(0.5), at(0.99), at(1.0));
    show.end();
}

/// Single messages from two senders, as fast as is asked for.
fn flood(period: u32, seconds: u64) {
    const A_SECOND: u64 = 50_000;
    let show = Show::begin(Path::new("level.kdl"), LEVEL, period);
    let before = show.playing.stats();
    let to = show.to;
    let sender = move || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let packets = [0.25, 0.5].map(|level| write(&Message::new("/mod/level", [Arg::Float(level)])));
        let (began, mut sent) = (Instant::now(), 0_u64);
        while began.elapsed() < Duration::from_secs(seconds) {
            let due = (began.elapsed().as_secs_f64() * (A_SECOND / 2) as f64) as u64;
            while sent < due {
                if socket.send_to(&packets[sent as usize % 2], to).is_ok() {
                    sent += 1;
                }
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        sent
    };
    let senders: Vec<_> = (0..2).map(|_| std::thread::spawn(sender)).collect();
    let sent: u64 = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
    std::thread::sleep(Duration::from_millis(500));
    let (heard, dropped) = show.thread.view(|view| (view.messages, view.dropped));
    let after = show.playing.stats();
    println!(
        "  {} messages a second for {seconds} s: {} of {sent} lost, {dropped} dropped, {} xruns, load {:.0} %",
        sent / seconds.max(1),
        sent - heard,
        after.xruns - before.xruns,
        after.load * 100.0
    );
    show.end();
}

/// What the audio thread takes of a period for each song.
fn songs(root: &Path, period: u32) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root.join("songs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "kdl"));
    paths.sort();
    for path in paths {
        let show = Show::begin(&path, &std::fs::read_to_string(&path).unwrap(), period);
        let (mut most, mut sum) = (0.0_f32, 0.0);
        for _ in 0..16 {
            std::thread::sleep(Duration::from_millis(500));
            let load = show.playing.stats().load;
            (most, sum) = (most.max(load), sum + load);
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        println!("  {name}: {:.1} % of the period, at most {:.1} %", sum / 16.0 * 100.0, most * 100.0);
        show.end();
    }
}

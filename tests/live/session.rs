//! A session as people have it: three clients send at random, the song is edited at random, a take and a recording are made of it.

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chronus::live::take::{Take, TakeEvent};
use chronus::osc::message::{Arg, Message};
use chronus::osc::packet::write;

use crate::checks::{ANY, listens};
use crate::highs::highs;
use crate::program::{Lines, Running, program, run};
use crate::rig::{Rig, Server};

/// A calm song: nothing in it is heard above a few kHz, so that a click stands out. A bar lasts half a second.
const SONG: &str = "song tempo=480 bars=64 tail=0\nuse \"parts.kdl\" low\ninstrument pad voices=3 {\n    sine osc\n    lowpass tone cutoff=900\n    adsr env attack=0.2 sustain=0.9 release=0.5\n    \
                    route osc -> tone -> out vca=env\n}\ndelay echo time=0.3 feedback=0.5\nreverb hall time=3\nlimiter mix\nroute pad -> echo gain=0.5\nroute pad -> mix\n\
                    route low -> mix\nroute echo -> hall gain=0.7\nroute hall -> mix gain=0.4\nroute low -> hall gain=0.4\nroute mix -> out gain=0.3\n\
                    track pad notes=\"a3/c4 g3/b3\" length=1 \"X_______________\" \"________________\" \"X_______________\" \"________________\"\n\
                    track low notes=\"a2 e2\" length=1 \"X_______________\" \"________________\"\n";
const PARTS: &str = "instrument low {\n    sine osc\n    adsr env attack=0.1 sustain=1 release=0.2\n    route osc -> out vca=env\n}\n";

/// Numbers that look drawn, the same at every run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn between(&mut self, least: f32, most: f32) -> f32 {
        least + (most - least) * self.below(10_001) as f32 / 10_000.0
    }
}

/// What a client sends next.
fn message(draws: &mut Draws) -> Message {
    let text = |text: &str| Arg::from(text);
    match draws.below(12) {
        0 => Message::new("/mod/pad/pan", [Arg::Float(draws.between(-1.0, 1.0))]),
        1 => Message::new("/mod/low/pan", [Arg::Float(draws.between(-1.0, 1.0))]),
        2 => Message::new("/mod/low/gain", [Arg::Float(draws.between(0.2, 1.0))]),
        3 => Message::new("/mod/pad/tone/cutoff", [Arg::Float(draws.between(300.0, 900.0))]),
        4 => Message::new("/mod/echo/time", [Arg::Float(draws.between(0.1, 0.5))]),
        5 => Message::new("/mod/echo/feedback", [Arg::Float(draws.between(0.1, 0.6))]),
        6 => Message::new("/mod/pad/*/auto", []),
        7 => Message::new("/gate/pad", [Arg::Float(0.6), text(["e4", "a4", "d4"][draws.below(3) as usize])]),
        8 => Message::new("/gate/pad", [Arg::Int(0)]),
        9 => Message::new("/seq/mute", [text("low"), Arg::Int(draws.below(2) as i32)]),
        10 => Message::new("/seq/bpm", [Arg::Float(draws.between(400.0, 520.0))]),
        _ => Message::new("/seq/add", [text("more"), text("pad"), text("X_______"), text("notes=c4 e4")]),
    }
}

/// Another text of the song, or of what it uses.
fn edit(draws: &mut Draws, count: usize, song: &Path) {
    let parts = song.with_file_name("parts.kdl");
    let write = |text: String| fs::write(song, text).expect("an edit");
    let text = fs::read_to_string(song).expect("the song");
    match draws.below(10) {
        0 => write(format!("{text}// Edit {count}.\n")),
        1 => write(text.replacen(
            "\"X_______________\" \"________________\"\n",
            "\"X_______\" \"________________\"\n",
            1,
        )),
        2 => write(format!("{text}track more{count} play=low notes=\"c3\" length=1 \"X_______________\"\n")),
        3 => write(format!(
            "{text}delay spare{count} time=0.2\nroute pad -> spare{count} gain=0.2\nroute spare{count} -> mix gain=0.3\n"
        )),
        4 => write(text.replace("pad", if count.is_multiple_of(2) { "choir" } else { "pad" })),
        5 => write(text.replace("echo gain=0.5", "echo gain=0.3")),
        6 => write(text.replace("hall time=3", "hall time=2 size=0.7")),
        7 => fs::write(
            &parts,
            PARTS
                .replace("sine osc", ["triangle osc\n    lowpass soft cutoff=300", "sine osc"][count % 2])
                .replace("route osc -> out", ["route osc -> soft -> out", "route osc -> out"][count % 2]),
        )
        .expect("an edit"),
        8 => write(text.replace("cutoff=900", "cutoff=500")),
        _ => write(SONG.to_owned()),
    }
}

/// The most that any 10 ms of a signal have above 9 kHz, in dBFS.
fn most_highs(signal: &[f32]) -> f32 {
    const LENGTH: usize = 480;
    let starts = (0..signal.len().saturating_sub(LENGTH)).step_by(LENGTH / 2);
    starts.map(|at| highs(&signal[at..at + LENGTH])).fold(f32::MIN, f32::max)
}

fn samples(wav: &Path) -> Vec<f32> {
    hound::WavReader::open(wav).expect("a WAV").samples::<f32>().map(|x| x.expect("a sample")).collect()
}

/// What a take gives, rendered by the program.
fn rendered(rig: &Rig, take: &Path, name: &str) -> Vec<f32> {
    let wav = rig.file(name);
    let output = run(program()
        .args(["render", "--quiet", "--bits", "32f", "--force", "-o"])
        .arg(&wav)
        .arg("--take")
        .arg(take)
        .arg(rig.file("song.kdl")));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
    samples(&wav)
}

/// How long it goes: 20 s, or as many as `CHRONUS_SESSION` says.
fn seconds() -> u64 {
    std::env::var("CHRONUS_SESSION").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(20)
}

/// The recording is the render of the take, and has nothing above 9 kHz that the same session without edits and moves lacks.
pub(crate) fn a_session_is_its_take() {
    // The server waits for a player that is late, so that nothing is lost.
    let rig = Rig::start(Server::Jack, true);
    let [song, take, wav] = ["song.kdl", "night.take.kdl", "night.wav"].map(|name| rig.file(name));
    fs::write(&song, SONG).expect("a song");
    fs::write(rig.file("parts.kdl"), PARTS).expect("its parts");
    let mut command = program();
    rig.lead(&mut command, "alsa-jack.conf");
    command.args([
        "play",
        "--headless",
        "--loop",
        "--host",
        "alsa",
        "--rate",
        "48000",
        "--osc",
        ANY,
        "--take",
    ]);
    command.arg(&take).arg("--record").args([&wav, &song]);
    let mut player = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let engine = listens(&Lines::of(player.stdout.take()));
    let over = AtomicBool::new(false);
    let mut draws = Draws(16);
    thread::scope(|scope| {
        for client in 0..3 {
            let (engine, over) = (&engine, &over);
            scope.spawn(move || {
                let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
                let mut draws = Draws(100 + client);
                while !over.load(Ordering::Relaxed) {
                    socket.send_to(&write(&message(&mut draws)), engine.as_str()).expect("it is sent");
                    thread::sleep(Duration::from_millis(20 + draws.below(150)));
                }
            });
        }
        // Four bars last two seconds; ten edits come in 20 s.
        let begun = Instant::now();
        for count in 1.. {
            let next = Duration::from_millis(1_900 * count as u64);
            if next.as_secs() >= seconds() {
                break;
            }
            thread::sleep(next.saturating_sub(begun.elapsed()));
            edit(&mut draws, count, &song);
        }
        thread::sleep(Duration::from_secs(seconds()).saturating_sub(begun.elapsed()));
        over.store(true, Ordering::Relaxed);
    });
    player.signal(rustix::process::Signal::INT);
    let output = player.output();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");

    // For whoever looks into a failure.
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("session");
    fs::create_dir_all(&kept).expect("a folder");
    fs::copy(&take, kept.join("night.take.kdl")).and(fs::copy(&wav, kept.join("night.wav"))).expect("copies");
    let text = fs::read_to_string(&take).expect("a take");
    let read = Take::read(&text).expect("a take");
    let edits = read.lines.iter().filter(|line| matches!(line.what, TakeEvent::Song { .. })).count();
    let moves = read.lines.len() - edits;
    let heard = samples(&wav);
    let again = rendered(&rig, &take, "again.wav");
    let apart = heard.iter().zip(&again).position(|(a, b)| a.to_bits() != b.to_bits());
    assert_eq!(
        apart.map(|at| at / 2),
        None,
        "the recording isn't the render of the take from that frame on: {said}"
    );
    let length = heard.len().min(again.len()) / 2;
    assert!(length as u64 > seconds() * 48_000 / 2, "only {length} frames: {said}");

    // The same without edits and moves: what is played stays.
    let plays = |what: &TakeEvent| matches!(what, TakeEvent::Message(message) if message.address.starts_with("/gate/") || message.address == "/seq/add");
    let calm = Take {
        used: Vec::new(),
        lines: read.lines.iter().filter(|line| plays(&line.what)).cloned().collect(),
        ..read.clone()
    };
    let without = rig.file("calm.take.kdl");
    fs::write(&without, calm.written()).expect("a take");
    fs::write(rig.file("parts.kdl"), PARTS).expect("its parts");
    let calm = rendered(&rig, &without, "calm.wav");
    let side =
        |frames: &[f32], side: usize| frames.iter().skip(side).step_by(2).copied().collect::<Vec<f32>>();
    let most = |frames: &[f32]| (0..2).map(|one| most_highs(&side(frames, one))).fold(f32::MIN, f32::max);
    let [with, alone] = [most(&heard), most(&calm)];
    println!(
        "{length} frames, {edits} edits, {moves} messages; above 9 kHz {with:.1} dB, without edits and moves {alone:.1} dB"
    );
    assert!(edits as u64 * 4 >= seconds(), "{edits} edits came in");
    assert!(
        with <= alone.max(QUIET),
        "a click of {with:.1} dB above 9 kHz, where {alone:.1} is the most without edits and moves"
    );
}

/// What lies under that above 9 kHz is no click, in dBFS.
const QUIET: f32 = -80.0;

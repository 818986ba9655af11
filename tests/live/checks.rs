//! The checks: what must hold for everything that is played.

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use chronus::engine::block_loop::Frame;

use crate::outputs::{libraries_stay_off_the_screen, playing_outlives_its_readers};
use crate::player::{PART, RATE, frame, number};
use crate::program::{LONGEST, Lines, Running, program, run};
use crate::recordings::{a_full_disk_ends_a_recording_only, a_recording_survives_its_player};
use crate::rig::{Rig, Server};
use crate::screen::Terminal;
use crate::session::a_session_is_its_take;
use crate::skip::{missing, skip};

/// Something that must hold.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// What it needs.
    pub(crate) server: Server,
    pub(crate) run: fn(),
}

pub(crate) const CHECKS: &[Check] = &[
    Check { name: "every_frame_arrives_by_alsa", server: Server::Jack, run: every_frame_arrives_by_alsa },
    Check { name: "alsa_keeps_time", server: Server::Jack, run: alsa_keeps_time },
    Check { name: "alsa_goes_on_after_the_server", server: Server::Jack, run: alsa_goes_on_after_the_server },
    Check {
        name: "every_frame_is_heard_by_pulse",
        server: Server::Pulse,
        run: every_frame_is_heard_by_pulse,
    },
    Check {
        name: "pulse_goes_on_after_the_server",
        server: Server::Pulse,
        run: pulse_goes_on_after_the_server,
    },
    Check { name: "a_take_is_what_was_heard", server: Server::Jack, run: a_take_is_what_was_heard },
    Check { name: "the_screen_shows_and_obeys", server: Server::Jack, run: the_screen_shows_and_obeys },
    Check { name: "clients_of_others_are_served", server: Server::Jack, run: clients_of_others_are_served },
    Check {
        name: "a_full_disk_ends_a_recording_only",
        server: Server::Jack,
        run: a_full_disk_ends_a_recording_only,
    },
    Check {
        name: "a_recording_survives_its_player",
        server: Server::Jack,
        run: a_recording_survives_its_player,
    },
    Check { name: "a_session_is_its_take", server: Server::Jack, run: a_session_is_its_take },
    Check { name: "libraries_stay_off_the_screen", server: Server::Jack, run: libraries_stay_off_the_screen },
    Check { name: "playing_outlives_its_readers", server: Server::Jack, run: playing_outlives_its_readers },
    Check { name: "devices_are_listed", server: Server::Pulse, run: devices_are_listed },
];

/// A player process and what it says.
struct Player {
    running: Running,
    lines: Lines,
}

impl Player {
    fn start(rig: &Rig, conf: &str, host: &str, frames: u64) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        rig.lead(&mut command, conf);
        command.env(PART, format!("{host} {frames}")).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = Running::start(&mut command);
        let lines = Lines::of(running.stdout.take());
        Self { running, lines }
    }

    /// The rest of the next line that begins with `word`.
    fn says(&self, word: &str) -> String {
        self.lines.find(word, |line| line.strip_prefix(word).map(|rest| rest.trim().to_owned()))
    }

    fn ends(self) {
        self.says("ended");
        assert!(self.running.end().success());
    }
}

/// The first number in what a player says.
fn count(said: &str) -> u64 {
    said.split(' ').next().and_then(|word| word.parse().ok()).expect("a number")
}

/// Stereo floats from the bytes of a file.
fn frames(bytes: &[u8]) -> Vec<Frame> {
    let sample = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().expect("four bytes"));
    bytes.chunks_exact(8).map(|frame| [sample(&frame[..4]), sample(&frame[4..])]).collect()
}

/// Every frame, in order, unaltered, with silence before and after alone.
fn every_frame_arrives_by_alsa() {
    const LAST: u64 = 100_000;
    let rig = Rig::start(Server::Jack, true);
    let player = Player::start(&rig, "alsa-tee.conf", "alsa", LAST);
    assert_eq!(player.says("found"), "default 48000 2 f32");
    player.ends();
    let heard = frames(&fs::read(rig.file("frames.raw")).expect("the file of the device"));
    let first = heard.iter().position(|heard| *heard != [0.0; 2]).expect("something is heard");
    for (n, heard) in (1..=LAST).zip(&heard[first..]) {
        assert_eq!(*heard, frame(n), "frame {n}");
    }
    let behind = &heard[first + LAST as usize..];
    assert!(behind.iter().all(|heard| *heard == [0.0; 2]));
}

/// Three seconds take three seconds.
fn alsa_keeps_time() {
    const LAST: u64 = 3 * RATE as u64;
    let rig = Rig::start(Server::Jack, false);
    let player = Player::start(&rig, "alsa-jack.conf", "alsa", LAST);
    let said = player.says("played");
    let millis: u64 = said.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a number");
    assert_eq!(count(&said), LAST);
    assert!((2_700..4_500).contains(&millis), "{millis} ms");
    let stats = player.says("figures");
    assert!(stats.contains("restarts: 0"), "{stats}");
    player.ends();
}

/// The server dies and comes back: the player goes on where it was.
fn goes_on(server: Server, host: &str) {
    const LAST: u64 = 10 * RATE as u64;
    let rig = Rig::start(server, false);
    let player = Player::start(&rig, "alsa-jack.conf", host, LAST);
    player.says("playing");
    thread::sleep(Duration::from_secs(1));
    rig.kill();
    let lost = player.says("news");
    assert!(lost.contains("Lost"), "{lost}");
    assert!(count(&lost) < LAST);
    rig.again();
    let back = player.says("news");
    assert!(back.contains("Back"), "{back}");
    assert!(count(&back) >= count(&lost), "{lost} {back}");
    assert!(count(&back) < LAST);
    assert_eq!(count(&player.says("played")), LAST);
    player.ends();
}

fn alsa_goes_on_after_the_server() {
    goes_on(Server::Jack, "alsa");
}

fn pulse_goes_on_after_the_server() {
    goes_on(Server::Pulse, "pulseaudio");
}

/// What the server mixes are the frames in their order; where it had to wait for some it puts silence between.
fn every_frame_is_heard_by_pulse() {
    const LAST: u64 = 2 * RATE as u64;
    let rig = Rig::start(Server::Pulse, false);
    let raw = rig.file("heard.raw");
    let mut command = Command::new("parec");
    rig.lead(&mut command, "alsa-jack.conf");
    command
        .args(["-d", "chronus.monitor", "--raw", "--format=float32le", "--rate=48000", "--channels=2"])
        .stdout(fs::File::create(&raw).expect("a file"));
    let recorder = Running::start(&mut command);
    // It has begun when silence arrives.
    let until = Instant::now() + Duration::from_secs(20);
    while fs::metadata(&raw).expect("a file").len() == 0 && Instant::now() < until {
        thread::sleep(Duration::from_millis(50));
    }
    let player = Player::start(&rig, "alsa-jack.conf", "pulseaudio", LAST);
    assert_eq!(player.says("found"), "chronus 48000 2 f32");
    player.ends();
    thread::sleep(Duration::from_secs(3));
    drop(recorder);
    let heard: Vec<u64> = frames(&fs::read(&raw).expect("a file"))
        .into_iter()
        .filter(|heard| *heard != [0.0; 2])
        .map(number)
        .collect();
    assert!(heard.is_sorted_by(|a, b| a < b), "out of order");
    let share = heard.len() as f64 / LAST as f64;
    assert!(share > 0.9, "{share} of the frames were heard");
    assert_eq!(heard.last(), Some(&LAST), "the end was cut");
}

fn devices_are_listed() {
    let rig = Rig::start(Server::Pulse, false);
    let list = |words: &[&str]| {
        let mut command = program();
        rig.lead(&mut command, "alsa-jack.conf");
        let output = run(command.arg("devices").args(words));
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let (code, text) = list(&[]);
    assert_eq!(code, Some(0));
    assert!(text.contains("pulseaudio\n  chronus  (default)\n"), "{text}");
    // What is printed nowhere is told.
    let full = fs::File::options().write(true).open("/dev/full").expect("a disk that is full");
    let mut command = program();
    rig.lead(&mut command, "alsa-jack.conf");
    assert_eq!(Running::start(command.arg("devices").stdout(full)).end().code(), Some(2));
    let (code, text) = list(&["--format", "json"]);
    assert_eq!(code, Some(0));
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let ours = lines.iter().find(|line| line["device"] == "chronus").expect("the sink of the rig");
    assert_eq!((&ours["host"], &ours["default"]), (&"pulseaudio".into(), &true.into()));
    assert!(ours["trouble"].is_null() && ours["buffers"]["min"].is_u64(), "{ours}");
}

/// `chronus play`, with live control, an edit and an added track: the device got sample for sample what `chronus render --take`
/// makes of it, everything that was said was heard, and nothing clicked on the way.
fn a_take_is_what_was_heard() {
    let rig = Rig::start(Server::Jack, true);
    let song = |cutoff: &str| {
        format!(
            "song bars=8 tempo=240 tail=\"0.5s\"\ninstrument a voices=2 {{\n saw osc\n lowpass tone cutoff={cutoff}\n adsr env\n \
             route osc -> tone -> out vca=env\n}}\nreverb hall\nroute a -> out gain=0.4\nroute a -> hall -> out gain=0.1\n\
             track a notes=\"c3 e3 g3\" \"X.x?50.Xx.X.x..Xx.\"\n"
        )
    };
    let file = rig.file("song.kdl");
    let take = rig.file("night.take.kdl");
    let _ = fs::remove_file(&take);
    fs::write(&file, song("900")).expect("a song");
    let mut command = program();
    rig.lead(&mut command, "alsa-tee.conf");
    command
        .args(["play", "--headless", "--host", "alsa", "--rate", "48000", "--osc", ANY, "--take"])
        .args([&take, &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut player = Running::start(&mut command);
    let engine = listens(&Lines::of(player.stdout.take()));
    let controller = |words: &[&str]| {
        let output = control(&engine, words);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let until = Instant::now() + Duration::from_secs(20);
    while controller(&["ping"]).0 != Some(0) {
        assert!(Instant::now() < until, "nothing listens");
        thread::sleep(Duration::from_millis(50));
    }
    let said: &[&[&str]] = &[
        &["send", "/mod/a/tone/cutoff", "2500.5"],
        &["send", "/note/a", "c5", "0.8", "0.3"],
        &["send", "/seq/bpm", "200"],
        &["send", "/seq/add", "hat", "a", "x.x.", "notes=c6"],
        &["send", "/mod/a/pan", "-0.5"],
        &["send", "/gate/a", "1", "i:50"],
        &["send", "/gate/a", "0"],
    ];
    for words in said {
        assert_eq!(controller(words), (Some(0), String::new()), "{words:?}");
        thread::sleep(Duration::from_millis(60));
    }
    let (code, error) = controller(&["send", "/mod/a/tone/cutof", "1"]);
    assert!(code == Some(1) && error.contains("did you mean"), "{code:?} {error}");
    fs::write(&file, song("1200")).expect("an edit");
    let status = player.wait();
    let printed = Lines::of(player.stderr.take()).rest();
    assert!(status.success(), "{printed}");
    assert!(printed.contains("comes in at the next bar"), "{printed}");
    let written = fs::read_to_string(&take).expect("a take");
    for word in [
        "/mod/a/tone/cutoff",
        "/note/a",
        "/seq/bpm",
        "/seq/add",
        "/mod/a/pan",
        "/gate/a",
        "\nsong ",
        "\nend ",
    ] {
        assert!(written.contains(word), "{word} is missing in\n{written}");
    }
    let wav = rig.file("night.wav");
    let mut render = program();
    render.args(["render", "--quiet", "--bits", "32f", "--take"]).args([&take, &file]).arg("-o").arg(&wav);
    let output = run(&mut render);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rendered: Vec<f32> =
        hound::WavReader::open(&wav).expect("a WAV").samples::<f32>().map(|x| x.expect("a sample")).collect();
    let rendered: Vec<Frame> = rendered.chunks_exact(2).map(|frame| [frame[0], frame[1]]).collect();
    let heard = frames(&fs::read(rig.file("frames.raw")).expect("the file of the device"));
    let first = |all: &[Frame]| all.iter().position(|frame| *frame != [0.0; 2]).expect("something is heard");
    let (heard, rendered) = (&heard[first(&heard)..], &rendered[first(&rendered)..]);
    let count = heard.len().min(rendered.len());
    assert!(count > 48_000 * 3, "{count} frames");
    assert_eq!((0..count).find(|&at| heard[at] != rendered[at]), None, "the take differs from that frame on");
    let loudest = rendered.iter().flatten().fold(0.0_f32, |loudest, x| loudest.max(x.abs()));
    assert!((0.05..1.0).contains(&loudest), "{loudest}");
}

/// The screen: steps that light up, keys that are obeyed, an edit with errors, and a terminal that is left as it was found.
fn the_screen_shows_and_obeys() {
    let rig = Rig::start(Server::Jack, false);
    let file = rig.file("song.kdl");
    let song = "song \"A Screen\" tempo=240\ninstrument a {\n saw osc\n adsr env\n route osc -> out vca=env\n}\n\
                section verse bars=200 {\n track a \"X...x...X...x...\"\n track b play=a \"x.\"\n}\n\
                section end bars=100 {\n track a \"X\"\n}\narrange verse end\n";
    fs::write(&file, song).expect("a song");
    let mut command = program();
    rig.lead(&mut command, "alsa-jack.conf");
    command.args(["play", "--host", "alsa", "--osc", ANY]).arg(&file);
    let mut terminal = Terminal::start(&mut command, [24, 80]);
    let text = terminal.wait("a track", |text| text.contains("X... x... X... x..."));
    assert!(text.contains("A Screen") && text.contains("verse  bar ") && text.contains(" > a "), "{text}");
    let engine =
        text.split("OSC at ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("an address");
    assert!(!engine.ends_with(":0") && text.contains("q quit"), "{text}");
    terminal.wait("a beat", |text| text.contains("beat 3"));
    terminal.press("jm");
    terminal.wait("a muted track", |text| text.contains(" > b (a)          M"));
    assert!(control(engine, &["send", "/mod/a/gain", "0.25"]).status.success());
    terminal.wait("a knob", |text| text.contains("a.gain") && text.contains(" 0.25"));
    terminal.press("n");
    terminal.wait("the next section", |text| text.contains("end  bar 201 of 300"));
    fs::write(&file, song.replace("saw osc", "sow osc")).expect("an edit");
    terminal.wait("an error", |text| text.contains("sow osc") && text.contains("saw"));
    fs::write(&file, song).expect("an edit");
    terminal.wait("no error", |text| text.contains("again as it is played") && !text.contains("sow"));
    terminal.press(" ");
    terminal.wait("a stop", |text| text.contains("stopped"));
    terminal.press("\u{3}");
    let status = terminal.child.wait();
    assert!(status.success() && terminal.is_restored(), "{status} {}", terminal.text());
}

/// liblo's `oscsend` and python-osc, which are what most people have. Where one isn't installed it is skipped.
fn clients_of_others_are_served() {
    let rig = Rig::start(Server::Jack, false);
    let file = rig.file("song.kdl");
    let song = "song tempo=120\ninstrument a voices=2 {\n saw osc\n adsr env\n route osc -> out vca=env\n}\nroute a -> out gain=0.5\n\
                track a \"X...\"\n";
    fs::write(&file, song).expect("a song");
    let mut command = program();
    rig.lead(&mut command, "alsa-jack.conf");
    // Where displays of old listen, unless something else does: their port is fixed.
    let display = UdpSocket::bind("127.0.0.1:5006");
    command.args(["play", "--headless", "--loop", "--viz", "--host", "alsa", "--osc", ANY]).arg(&file);
    let mut player = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let engine = listens(&Lines::of(player.stdout.take()));
    let port = engine.rsplit_once(':').expect("a port").1;
    let ask = |words: &[&str]| {
        let output = control(&engine, words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    if let Ok(display) = display {
        display.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
        let heard = |address: &str| {
            let mut bytes = [0; 1024];
            let until = Instant::now() + LONGEST;
            loop {
                assert!(Instant::now() < until, "{address} never has a level");
                let count = display.recv(&mut bytes).expect("levels");
                let packet = chronus::osc::packet::read(&bytes[..count]).expect("OSC");
                let message = &packet.messages[0].message;
                let floats: Vec<f64> =
                    message.args.iter().filter_map(chronus::osc::message::Arg::number).collect();
                if message.address == address && floats.iter().any(|level| *level > 0.5) {
                    return floats;
                }
            }
        };
        assert_eq!([heard("/viz/levels").len(), heard("/viz/spectrum").len()], [1, 8]);
    } else {
        skip("displays_of_old_are_served", "another program has the port 5006");
    }
    let mut oscsend = Command::new("oscsend");
    match oscsend.args(["127.0.0.1", port, "/mod/a/osc/tune", "f", "3.5"]).spawn() {
        Ok(sender) => {
            assert!(Running::of(sender).end().success());
            thread::sleep(Duration::from_millis(200));
            let detune = ask(&["list", "/mod/a/osc/tune"]);
            assert!(detune.contains("3.5"), "{detune}");
        }
        Err(_) => missing("oscsend_is_served", "no oscsend here; `.ci/live` installs it"),
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/clients.py");
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients");
    let there = library.join("pythonosc").exists();
    if !there {
        return missing("python_osc_is_served", "no python-osc here; `.ci/live` installs it");
    }
    let output = run(Command::new("python3").arg(script).arg(port).env("PYTHONPATH", library));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "/pong 1 2.5 three True None",
        "/mod/a/gain 0.5",
        "/beat int",
        "/level out float",
        "/level a float",
        "/error /mod/a/nowhere no such control",
    ] {
        assert!(said.lines().any(|said| said.starts_with(line)), "{line} is missing:\n{said}");
    }
    let status = said.lines().find_map(|line| line.strip_prefix("/seq/status ")).expect("a status");
    assert!(status.contains("\"bpm\":150.0"), "{status}");
    assert!(ask(&["list", "/mod/a/gain"]).contains("0.25"), "the bundle's other half");
}

/// Any free port of this machine for itself.
pub(crate) const ANY: &str = "127.0.0.1:0";

/// Where an engine listens, as it prints it; `lines` is its standard output.
pub(crate) fn listens(lines: &Lines) -> String {
    lines.find("OSC at", |line| line.strip_prefix("OSC at ").map(str::to_owned))
}

/// What `chronus osc` comes to, said to the engine at `to`.
pub(crate) fn control(to: &str, words: &[&str]) -> Output {
    run(program().args(["osc", "--to", to]).args(words))
}

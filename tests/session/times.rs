//! Messages with a time change what is told when they take effect, not when they arrive.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use chronus::io::port::{OscPort, RECEIVE_BUFFER, now};
use chronus::live::audio::ends;
use chronus::live::control_thread::{ThreadOptions, start};
use chronus::live::take::Take;
use chronus::osc::message::{Arg, Message};
use chronus::osc::packet::{read, write, write_bundle};
use chronus::osc::time::{Time, later};

use crate::disk::Player;
use crate::peers::Engine;
use crate::rig::{RATE, Rig, f, s};
use crate::takes::again;

const SONG: &str = "song bars=400 tempo=240\ninstrument a {\n saw osc\n lowpass tone cutoff=\"2kHz\"\n adsr env\n route osc -> tone -> out vca=env\n}\ntrack a X...\n";

#[test]
fn state_changes_on_the_frame_of_its_message() {
    let mut rig = Rig::new(SONG);
    rig.say("/mod/a/tone/cutoff", &[f(300.0)]);
    rig.play_to(6_400);
    rig.say_at(20_000, "/mod/a/tone/cutoff", &[f(900.0)]);
    rig.say_at(20_000, "/mod/a/gain", &[f(0.5)]);
    rig.say_at(20_000, "/seq/bpm", &[f(90.0)]);
    rig.say_at(20_000, "/seq/mute", &[s("a"), Arg::Bool(true)]);
    rig.say_at(20_000, "/seq/solo", &[s("a"), Arg::Bool(true)]);
    rig.play_to(19_968);
    let stands = |rig: &Rig, path: &str| rig.session.put().get(path).copied();
    assert_eq!((stands(&rig, "a.tone.cutoff"), stands(&rig, "a.gain")), (Some(300.0), None));
    assert!(!rig.session.is_muted("a") && !rig.session.is_solo("a"));
    let saved = rig.session.saved(None).unwrap();
    assert!(
        saved.contains("tempo=240") && saved.contains("cutoff 300") && !saved.contains("mute"),
        "{saved}"
    );
    rig.play_to(20_032);
    assert_eq!((stands(&rig, "a.tone.cutoff"), stands(&rig, "a.gain")), (Some(900.0), Some(0.5)));
    assert!(rig.session.is_muted("a") && rig.session.is_solo("a"));
    assert!(rig.session.saved(None).unwrap().contains("tempo=90"));
    rig.say_at(30_000, "/engine/auto", &[]);
    assert_eq!(stands(&rig, "a.gain"), Some(0.5));
    rig.play_to(30_080);
    assert!(rig.session.put().is_empty());
}

/// Whatever arrives between a message and its time, what is told at the end is what is heard.
#[test]
fn the_last_word_is_the_last_to_take_effect() {
    let mut rig = Rig::new(SONG);
    rig.say_at(10_000, "/mod/a/tone/cutoff", &[f(900.0)]);
    rig.say("/mod/a/tone/cutoff", &[f(300.0)]);
    assert_eq!(rig.session.put().get("a.tone.cutoff"), Some(&300.0), "what is done at once is told at once");
    rig.play_to(10_048);
    assert_eq!(rig.session.put().get("a.tone.cutoff"), Some(&900.0));
    // In the block in which it takes effect something else comes after it.
    rig.say_at(19_000, "/mod/a/tone/cutoff", &[f(700.0)]);
    rig.play_to(18_944);
    rig.say_at(18_990, "/mod/a/tone/cutoff/auto", &[]);
    rig.play_to(19_072);
    assert_eq!(rig.session.put().get("a.tone.cutoff"), Some(&700.0));
    rig.say("/mod/a/tone/cutoff/auto", &[]);
    rig.play_to(40_000);
    assert!(rig.session.put().is_empty());
    let heard = rig.heard.clone();
    let rendered = again(&rig.take());
    assert_eq!(
        rendered.iter().zip(&heard).position(|(a, b)| a != b),
        None,
        "the take differs from that frame on"
    );
}

/// A client of an engine that runs, and what it hears.
pub(crate) struct Client(UdpSocket);

impl Client {
    pub(crate) fn of(engine: &Engine) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket.connect(engine.at).expect("it is there");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        Self(socket)
    }

    /// Says messages that are meant in so many seconds.
    fn say_in(&self, seconds: f64, messages: &[Message]) {
        let time = Time::At(later(now(), seconds));
        self.0.send(&write_bundle(time, messages)).expect("it is sent");
    }

    pub(crate) fn say(&self, address: &str, args: &[Arg]) {
        self.0.send(&write(&Message::new(address, args.to_vec()))).expect("it is sent");
    }

    pub(crate) fn hear(&self) -> Message {
        let mut bytes = vec![0; 65_536];
        let length = self.0.recv(&mut bytes).expect("an answer");
        read(&bytes[..length]).expect("a packet").messages.remove(0).message
    }

    /// Where a control is told to stand.
    pub(crate) fn stands(&self, address: &str) -> Option<f64> {
        self.say(address, &[]);
        let answer = self.hear();
        assert_eq!(answer.address, address, "{answer}");
        answer.args[0].number()
    }
}

#[test]
fn a_question_is_answered_with_what_is_so_when_it_is_asked() {
    let engine = Engine::in_time(SONG);
    let client = Client::of(&engine);
    let cutoff = "/mod/a/tone/cutoff";
    let begun = Instant::now();
    let messages = [
        Message::new(cutoff, [f(500.0)]),
        Message::new("/seq/add", [s("t"), s("a"), s("X.")]),
        Message::new("/seq/mute", [s("t"), Arg::Bool(true)]),
        Message::new("/seq/mute", [s("nobody"), Arg::Bool(true)]),
        Message::new(cutoff, []),
    ];
    client.say_in(1.0, &messages);
    // A control is moved meanwhile that can't be moved without another form of it.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(client.stands(cutoff), Some(2_000.0));
    client.say("/mod/a/osc/tune", &[f(3.0)]);
    assert!(engine.thread.view(|view| view.tracks.len() == 1));
    assert_eq!((client.stands(cutoff), begun.elapsed() < Duration::from_millis(980)), (Some(2_000.0), true));
    // When its time has come, a question in the bundle is answered as well, and what is refused is told.
    let told: Vec<String> = (0..2).map(|_| client.hear().to_string()).collect();
    assert!(begun.elapsed() > Duration::from_millis(950), "{told:?}");
    assert!(told.contains(&format!("{cutoff} 500")), "{told:?}");
    assert!(told.iter().any(|told| told.contains("no track `nobody`")), "{told:?}");
    assert_eq!((client.stands(cutoff), client.stands("/mod/a/osc/tune")), (Some(500.0), Some(3.0)));
    let until = Instant::now() + Duration::from_secs(10);
    while !engine.thread.view(|view| view.tracks.len() == 2 && view.tracks[1].muted) {
        assert!(Instant::now() < until, "{:?}", engine.thread.view(|view| view.tracks.clone()));
        std::thread::sleep(Duration::from_millis(5));
    }
    engine.end();
}

/// Messages at once and with times, in any order: in the end a control is heard where it is told to stand, and the take gives
/// the same samples.
#[test]
fn what_is_told_is_what_is_heard_whatever_the_command() {
    let song = "song bars=64 tempo=120 tail=0\nknob level 0.25\nsine low freq=440\nvca turned gain=0\nroute low -> turned -> out\n\
                route level -> turned.gain by=1\n";
    for seed in 0..24_u64 {
        let mut rig = Rig::new(song);
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut random = |most: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % most
        };
        for _ in 0..24 {
            let at = if random(2) == 0 { 0 } else { rig.performance.frame() + 1 + random(600) };
            match random(4) {
                0 => rig.say_at(at, "/mod/level/auto", &[]),
                1 => rig.say_at(at, "/engine/auto", &[]),
                _ => rig.say_at(at, "/mod/level", &[f(random(100) as f32 / 100.0)]),
            }
            rig.play_to(rig.performance.frame() + 64 * random(4));
        }
        rig.play_to(rig.performance.frame() + 9_600);
        let from = rig.heard.len() - 4_800;
        let peak = rig.left(from..rig.heard.len()).iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let told = rig.session.put().get("level").copied().unwrap_or(0.25);
        assert!((f64::from(peak) - told).abs() < 1e-3, "{seed}: {peak} is heard, {told} is told");
        let rendered = again(&rig.take());
        assert_eq!(rendered.iter().zip(&rig.heard).position(|(a, b)| a != b), None, "{seed}");
    }
}

#[test]
fn what_has_a_time_is_carried_out_on_its_frame() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("times.take.kdl");
    let take = std::fs::File::create(&path).unwrap();
    let (session, performance) = chronus::live::session::Session::begin(crate::rig::config(), SONG)
        .unwrap_or_else(|_| panic!("a song"));
    let (audio, control) = ends(performance, RATE);
    let port = OscPort::open(([127, 0, 0, 1], 0).into(), RECEIVE_BUFFER).unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(port.address().unwrap()).unwrap();
    let running =
        ThreadOptions { port: Some(port), take: Some((path.clone(), take)), ..ThreadOptions::default() };
    let thread = start(session, control, running);
    let player = Player::at_most(f64::from(RATE), audio);
    for number in 0..40 {
        let time = Time::At(later(now(), 0.3 + 0.0123 * f64::from(number)));
        let message = Message::new("/mod/a/osc/tune", [f(number as f32)]);
        client.send(&write_bundle(time, &[message])).unwrap();
    }
    std::thread::sleep(Duration::from_millis(1_200));
    player.end();
    thread.end();
    let take = Take::read(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(take.lines.len(), 40, "{take:?}");
    // What comes too late is carried out at the beginning of a block; of the others one in 64 is.
    let late = take.lines.iter().filter(|line| line.frame.is_multiple_of(64)).count();
    assert!(late < 12, "{late} of 40 were too late");
    assert!(take.lines.iter().all(|line| line.told.is_some()));
}

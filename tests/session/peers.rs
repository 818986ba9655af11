//! Engines that hear each other, or themselves: they come to rest.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use chronus::io::port::{OscPort, RECEIVE_BUFFER};
use chronus::live::address_commands::COMMANDS;
use chronus::live::audio::ends;
use chronus::live::control_thread::{ThreadHandle, ThreadOptions, start};
use chronus::live::replies::{ANSWERS, DISPLAYED, LOG};
use chronus::live::session::Session;
use chronus::model::identifiers::is_address;
use chronus::osc::message::{Arg, Message};
use chronus::osc::packet::{read, write};

use crate::disk::Player;
use crate::rig::{RATE, config};

const SONG: &str = "song bars=400 tempo=240\ninstrument a {\n saw osc\n lowpass tone cutoff=\"2kHz\"\n adsr env\n route osc -> tone -> out vca=env\n}\ntrack a X...\n";
/// As long as nothing moves for this, nothing will.
const REST: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

/// An engine that plays and listens.
pub(crate) struct Engine {
    pub(crate) thread: ThreadHandle,
    player: Player,
    pub(crate) at: std::net::SocketAddr,
}

impl Engine {
    fn start() -> Self {
        Self::playing(SONG)
    }

    /// One that plays the song of this text.
    pub(crate) fn playing(text: &str) -> Self {
        Self::at_most(f64::INFINITY, text)
    }

    /// The same, in the time of its clock.
    pub(crate) fn in_time(text: &str) -> Self {
        Self::at_most(f64::from(RATE), text)
    }

    fn at_most(rate: f64, text: &str) -> Self {
        let (session, performance) = Session::begin(config(), text).unwrap_or_else(|_| panic!("a song"));
        let (audio, control) = ends(performance, RATE);
        let port = OscPort::open(([127, 0, 0, 1], 0).into(), RECEIVE_BUFFER).expect("a free port");
        let at = port.address().expect("an address");
        let thread = start(session, control, ThreadOptions { port: Some(port), ..ThreadOptions::default() });
        Self { thread, player: Player::at_most(rate, audio), at }
    }

    fn refused(&self) -> u64 {
        self.thread.view(|view| view.refused)
    }

    pub(crate) fn end(self) {
        self.player.end();
        self.thread.end();
    }
}

/// Two engines, each of which takes the other for a client: what one answers is what the other hears.
struct Pair {
    engines: [Engine; 2],
    /// Where each thinks that the other is.
    sides: [UdpSocket; 2],
}

impl Pair {
    fn start() -> Self {
        let side = || {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
            socket.set_nonblocking(true).expect("it can be");
            socket
        };
        Self { engines: [Engine::start(), Engine::start()], sides: [side(), side()] }
    }

    fn say(&self, to: usize, message: &Message) {
        self.sides[to].send_to(&write(message), self.engines[to].at).expect("it is sent");
    }

    /// Carries packets from one to the other until none comes any more, or for `most`; gives them all.
    fn carry(&self, most: Duration) -> Vec<Message> {
        let (start, mut moved) = (Instant::now(), Instant::now());
        let (mut all, mut buffer) = (Vec::new(), vec![0; 65_536]);
        while start.elapsed() < most && moved.elapsed() < REST {
            let mut quiet = true;
            for from in 0..2 {
                while let Ok((length, _)) = self.sides[from].recv_from(&mut buffer) {
                    let packet = read(&buffer[..length]).expect("engines send packets");
                    all.extend(packet.messages.into_iter().map(|timed| timed.message));
                    let to = 1 - from;
                    self.sides[to].send_to(&buffer[..length], self.engines[to].at).expect("it is sent");
                    (quiet, moved) = (false, Instant::now());
                }
            }
            if quiet {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        assert!(moved.elapsed() >= REST || most < LONG, "{} packets and no end: {:?}", all.len(), all.last());
        all
    }

    fn end(self) {
        self.engines.into_iter().for_each(Engine::end);
    }
}

/// Everything that can be said without knowing the song, as it is and as somebody would forge it.
fn sayings() -> Vec<Message> {
    let replies = [ANSWERS, LOG, DISPLAYED].into_iter().flatten().map(|reply| reply.address);
    let commands = COMMANDS.iter().map(|command| command.address).filter(|address| !address.contains('<'));
    // Neither changes who is told what.
    let told = |address: &&str| !address.ends_with("subscribe") && !address.starts_with("/engine/record");
    let mut all: Vec<Message> = Vec::new();
    for address in replies.chain(commands.filter(told)).chain([
        "/nothing",
        "/mod/a/tone/cutoff",
        "/mod/a/osc/freq",
        "/*/*",
    ]) {
        all.push(Message::new(address, []));
        all.push(Message::new(address, [Arg::from("/a"), Arg::from("{\"a\": 1}"), Arg::Nil]));
    }
    all
}

#[test]
fn two_engines_that_hear_each_other_come_to_rest() {
    let pair = Pair::start();
    for (number, saying) in sayings().iter().enumerate() {
        pair.say(number % 2, saying);
    }
    // Packets that are none are answered too.
    pair.sides[0].send_to(b"/error\0\0,i\0\0", pair.engines[0].at).expect("it is sent");
    pair.sides[0].send_to(b"hello", pair.engines[0].at).expect("it is sent");
    let said = pair.carry(LONG);
    assert!(said.iter().any(|message| message.address == "/pong"), "{said:?}");
    assert!(said.iter().all(|message| is_address(&message.address)), "{said:?}");
    // Nothing of it is about what an engine says by itself.
    let of_reply = |message: &&Message| {
        message.address == "/error" && message.args[0].text().is_some_and(chronus::live::replies::is_reply)
    };
    assert_eq!(said.iter().find(of_reply), None);
    pair.end();
}

#[test]
fn log_that_go_both_ways_bring_no_answers() {
    let pair = Pair::start();
    for to in 0..2 {
        pair.say(to, &Message::new("/subscribe", []));
    }
    let said = pair.carry(Duration::from_secs(1));
    assert!(said.iter().any(|message| message.address == "/beat"), "{said:?}");
    assert!(said.iter().all(|message| LOG.iter().any(|log| log.address == message.address)), "{said:?}");
    assert_eq!(pair.engines.each_ref().map(Engine::refused), [0, 0]);
    pair.end();
}

#[test]
fn an_engine_never_subscribes_to_itself() {
    let engine = Engine::start();
    let client = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    client.set_read_timeout(Some(LONG)).expect("a timeout");
    let subscribe = Message::new("/subscribe", [Arg::Int(i32::from(engine.at.port()))]);
    client.send_to(&write(&subscribe), engine.at).expect("it is sent");
    let mut buffer = [0; 1_024];
    let length = client.recv(&mut buffer).expect("an answer");
    let answer = &read(&buffer[..length]).expect("a packet").messages[0].message;
    assert_eq!(answer.to_string(), "/error /subscribe \"that is the engine's own port\"");
    std::thread::sleep(REST);
    assert_eq!(engine.refused(), 1);
    engine.end();
}

#[test]
fn refusals_don_t_fill_the_log() {
    let engine = Engine::start();
    let client = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    for _ in 0..300 {
        client.send_to(&write(&Message::new("/a\u{1b}cb", [])), engine.at).expect("it is sent");
    }
    let until = Instant::now() + LONG;
    while engine.refused() < 300 {
        assert!(Instant::now() < until, "{}", engine.refused());
        std::thread::sleep(Duration::from_millis(5));
    }
    let log = engine.thread.view(|view| view.log.clone());
    assert!((1..100).contains(&log.len()), "{}", log.len());
    // Whoever prints or draws them gets no control characters, and neither does the sender.
    assert!(log.iter().all(|line| !line.chars().any(char::is_control)), "{log:?}");
    assert!(log[0].starts_with("/a\\u{1b}cb refused: no such address"), "{log:?}");
    client.set_read_timeout(Some(LONG)).expect("a timeout");
    let mut buffer = [0; 1_024];
    let length = client.recv(&mut buffer).expect("an answer");
    let answer = &read(&buffer[..length]).expect("a packet").messages[0].message;
    assert_eq!(answer.args[0].text(), Some("/a\\u{1b}cb"));
    engine.end();
}

#[test]
fn every_address_of_a_session_is_one() {
    let (session, _) = Session::begin(config(), SONG).unwrap_or_else(|_| panic!("a song"));
    let addresses = session.addresses();
    assert!(addresses.len() > 40 && addresses.iter().all(|address| is_address(address)), "{addresses:?}");
}

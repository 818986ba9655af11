//! A WebSocket: OSC in both directions, the values that a client listens to, and what is seen of the session.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Error, Message as Frame, WebSocket};

use crate::live::control_thread::ThreadCommand;
use crate::osc::message::{Arg, Message};
use crate::osc::packet;
use crate::web::link::SessionLink;
use crate::web::view_json::changes;

/// The most bytes of a message.
pub(super) const LONGEST: usize = 64 << 10;
/// The most bytes that wait to be sent.
const WAITING: usize = 4 << 20;
/// How long it waits for a message before it looks after everything else.
const PATIENCE: Duration = Duration::from_millis(5);
/// How often what is seen is sent.
const LOOK: Duration = Duration::from_millis(50);
/// After how long a silent client is asked whether it is there, and after how long it is given up.
const SILENCE: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(45)];
/// Packets whose answers haven't come yet: who sends faster than the session hears waits.
const UNANSWERED: usize = 64;
/// Addresses that a client can listen to.
const LISTENED: usize = 1_024;
/// Gates that are closed when whoever opened them is gone.
const HELD: usize = 128;

/// Why a conversation ends.
struct Closed;

/// One client.
pub(super) struct Connection<'l> {
    socket: WebSocket<TcpStream>,
    link: &'l SessionLink,
    to: Sender<Vec<Message>>,
    answers: Receiver<Vec<Message>>,
    unanswered: usize,
    /// What it has been told of the addresses that it listens to.
    listened: BTreeMap<String, Option<f64>>,
    /// What it has been told of what is seen, if it wants to know.
    told: Option<Map<String, Value>>,
    /// Songs that had come in, and where controls stood, when it was looked after last.
    songs: Value,
    put: Value,
    /// Gates that it holds open.
    held: BTreeSet<String>,
    heard: Instant,
    asked: Instant,
}

impl<'l> Connection<'l> {
    /// A conversation on a stream that has been upgraded; `begun` has come already.
    pub(super) fn new(stream: TcpStream, begun: Vec<u8>, link: &'l SessionLink) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(16 << 10)
            .write_buffer_size(0)
            .max_write_buffer_size(WAITING)
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        let socket = WebSocket::from_partially_read(stream, begun, Role::Server, Some(config));
        let (to, answers) = channel();
        let seen = link.seen();
        Self {
            socket,
            link,
            to,
            answers,
            unanswered: 0,
            listened: BTreeMap::new(),
            told: None,
            songs: seen["songs"].clone(),
            put: seen["put"].clone(),
            held: BTreeSet::new(),
            heard: Instant::now(),
            asked: Instant::now(),
        }
    }

    /// Talks until one of both has enough.
    pub(super) fn go_on(mut self) {
        if self.socket.get_ref().set_read_timeout(Some(PATIENCE)).is_err() {
            return;
        }
        let mut looked = Instant::now();
        while !self.link.stop.load(Ordering::Relaxed) {
            let heard = if self.unanswered < UNANSWERED { self.hear() } else { Ok(()) };
            let done = heard.and_then(|()| self.answer()).and_then(|()| {
                if looked.elapsed() < LOOK {
                    return Ok(());
                }
                looked = Instant::now();
                self.look()
            });
            if done.is_err() {
                break;
            }
        }
        for gate in std::mem::take(&mut self.held) {
            self.link.say(ThreadCommand::Message(Message::new(gate, [Arg::Int(0)])));
        }
        self.close(CloseCode::Away);
    }

    /// Says good-bye; who has gone misses it.
    fn close(&mut self, code: CloseCode) {
        let frame = CloseFrame { code, reason: "".into() };
        drop(self.socket.close(Some(frame)));
        drop(self.socket.flush());
    }

    /// Hears one message, or waits a little for it.
    fn hear(&mut self) -> Result<(), Closed> {
        let frame = match self.socket.read() {
            Ok(frame) => frame,
            Err(Error::Io(error))
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                return Ok(());
            }
            Err(Error::Capacity(_)) => {
                self.close(CloseCode::Size);
                return Err(Closed);
            }
            Err(Error::Protocol(_) | Error::Utf8(_)) => {
                self.close(CloseCode::Protocol);
                return Err(Closed);
            }
            Err(_) => return Err(Closed),
        };
        self.heard = Instant::now();
        match frame {
            Frame::Binary(bytes) => self.packet(&bytes),
            Frame::Text(text) => self.command(text.as_str()),
            Frame::Close(_) => Err(Closed),
            _ => Ok(()),
        }
    }

    /// A packet of OSC.
    fn packet(&mut self, bytes: &[u8]) -> Result<(), Closed> {
        let packet = packet::read(bytes);
        for message in packet.iter().flat_map(|packet| &packet.messages).map(|timed| &timed.message) {
            if !message.address.starts_with("/gate/") {
                continue;
            }
            let open = message.args.first().and_then(Arg::switch).unwrap_or(true);
            if !open {
                self.held.remove(&message.address);
            } else if self.held.len() < HELD {
                self.held.insert(message.address.clone());
            }
        }
        self.unanswered += 1;
        self.link.say(ThreadCommand::Packet(packet, self.to.clone())).then_some(()).ok_or(Closed)
    }

    /// A command of OSCQuery, or ours: `{"COMMAND": "STATE", "DATA": true}`.
    fn command(&mut self, text: &str) -> Result<(), Closed> {
        let command: Value = serde_json::from_str(text).unwrap_or_default();
        let data = &command["DATA"];
        let refused = match (command["COMMAND"].as_str(), data.as_str(), data.as_bool()) {
            (Some("LISTEN"), Some(address), _) => self.listen(address)?,
            (Some("IGNORE"), Some(address), _) => {
                self.listened.remove(address);
                None
            }
            (Some("STATE"), _, Some(on)) => {
                self.told = on.then(Map::new);
                None
            }
            (Some("LISTEN" | "IGNORE"), ..) => Some("an address is wanted"),
            (Some("STATE"), ..) => Some("true or false is wanted"),
            (Some(_), ..) => Some("no such command"),
            (None, ..) => Some("no command of OSCQuery"),
        };
        match refused {
            Some(why) => self.osc(&Message::new("/error", [Arg::from(text), Arg::from(why)])),
            None => Ok(()),
        }
    }

    /// Listens to an address from now on.
    fn listen(&mut self, address: &str) -> Result<Option<&'static str>, Closed> {
        if self.listened.len() >= LISTENED {
            return Ok(Some("that are too many"));
        }
        let now = self.link.values(vec![address.to_owned()]).ok_or(Closed)?;
        Ok(match now.into_iter().next() {
            Some((address, value)) => {
                self.listened.insert(address, value);
                None
            }
            None => Some("it has no value to listen to"),
        })
    }

    fn send(&mut self, frame: Frame) -> Result<(), Closed> {
        self.socket.send(frame).map_err(|_| Closed)
    }

    fn osc(&mut self, message: &Message) -> Result<(), Closed> {
        self.send(Frame::binary(packet::write(message)))
    }

    fn tell(&mut self, command: &str, data: &Value) -> Result<(), Closed> {
        self.send(Frame::text(json!({ "COMMAND": command, "DATA": data }).to_string()))
    }

    /// Sends what the session has answered.
    fn answer(&mut self) -> Result<(), Closed> {
        if self.unanswered == UNANSWERED {
            match self.answers.recv_timeout(PATIENCE) {
                Ok(answers) => self.pass_on(&answers)?,
                Err(_) => return Ok(()),
            }
        }
        while let Ok(answers) = self.answers.try_recv() {
            self.pass_on(&answers)?;
        }
        Ok(())
    }

    fn pass_on(&mut self, answers: &[Message]) -> Result<(), Closed> {
        // What a message with a time comes to is answered once more.
        self.unanswered = self.unanswered.saturating_sub(1);
        answers.iter().try_for_each(|answer| self.osc(answer))
    }

    /// Sends what has changed.
    fn look(&mut self) -> Result<(), Closed> {
        let seen = self.link.seen();
        if self.songs != seen["songs"] {
            self.songs = seen["songs"].clone();
            self.tell("PATH_CHANGED", &"/".into())?;
        }
        if self.put != seen["put"] {
            self.put = seen["put"].clone();
            self.push()?;
        }
        if let Some(told) = &mut self.told {
            let new = changes(told, &seen);
            if !new.is_empty() {
                told.clone_from(&seen);
                self.tell("STATE", &new.into())?;
            }
        }
        if self.heard.elapsed() > SILENCE[1] {
            return Err(Closed);
        }
        if self.heard.elapsed().min(self.asked.elapsed()) > SILENCE[0] {
            self.asked = Instant::now();
            self.send(Frame::Ping(Vec::new().into()))?;
        }
        Ok(())
    }

    /// Pushes where listened controls stand, if they have moved.
    fn push(&mut self) -> Result<(), Closed> {
        if self.listened.is_empty() {
            return Ok(());
        }
        let now = self.link.values(self.listened.keys().cloned().collect()).ok_or(Closed)?;
        for (address, value) in now {
            if self.listened.get(&address) != Some(&value) {
                let arg = value.map_or(Arg::Nil, |value| Arg::Float(value as f32));
                self.osc(&Message::new(address.clone(), [arg]))?;
                self.listened.insert(address, value);
            }
        }
        Ok(())
    }
}

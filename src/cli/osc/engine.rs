//! The engine as the controller sees it: what it is told, what it answers, and that it may not be there.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::Args;

use crate::cli::osc::host::address;
use crate::cli::output::{FAILED, SONG_AT_FAULT, report_alone};
use crate::diagnostic::codes::controller::{
    CANNOT_SEND, NO_ANSWER, NOT_HONOURED, NOTHING_LISTENS, STRANGE_ANSWER,
};
use crate::diagnostic::quote::{printable, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::io::port::{ENGINE, OscPort};
use crate::model::identifiers::is_address;
use crate::osc::message::{Arg, Message};
use crate::osc::packet::{read, write};

/// Where the engine is, and how long it may take.
#[derive(Debug, Args)]
pub(super) struct EngineAddress {
    /// Where the engine listens, HOST:PORT; a port alone is one of this machine.
    // A colon in the name of the value would end it in the completions of zsh.
    #[arg(long, global = true, value_name = "HOST", default_value_t = ENGINE.to_string())]
    to: String,

    /// How many seconds to wait for an answer.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
}

/// A time on the command line.
pub(super) fn seconds(written: &str) -> Result<Duration, String> {
    let seconds: f64 = written.parse().map_err(|_| "write seconds, such as 0.5".to_owned())?;
    let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| time.as_secs() <= 86_400);
    time.ok_or_else(|| "write seconds, from 0 to 86400".to_owned())
}

/// How long an answer may take that isn't carried out at the next bar only.
const USUAL: Duration = Duration::from_millis(500);

/// How long something may take that waits for the next bar: two whole notes at the slowest tempo.
const PATIENT: Duration = Duration::from_secs(30);

/// The most messages that are one answer.
const MOST: usize = 100_000;

impl EngineAddress {
    /// Opens the way there. Whether anybody listens is known only when something is said.
    pub(super) fn open(&self) -> Result<EngineClient, Diagnostic> {
        let at = address(&self.to)?;
        let port = OscPort::towards(at).map_err(|error| cannot_send(at, &error.to_string()))?;
        Ok(EngineClient { port, at, timeout: self.timeout.unwrap_or(USUAL), heard: VecDeque::new(), junk: 0 })
    }

    /// The time that was asked for.
    pub(super) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }
}

fn cannot_send(at: SocketAddr, why: &str) -> Diagnostic {
    Diagnostic::of_file(&CANNOT_SEND, format!("can't send to {at}: {why}")).help(
        "a message has 65,507 bytes at most, and `--to` must be an address that this machine has a way to",
    )
}

/// A way to an engine.
#[derive(Debug)]
pub(super) struct EngineClient {
    port: OscPort,
    at: SocketAddr,
    timeout: Duration,
    heard: VecDeque<Message>,
    /// Packets that came and were none, and messages with addresses that no engine has.
    junk: usize,
}

impl EngineClient {
    /// Where it is.
    pub(super) fn at(&self) -> SocketAddr {
        self.at
    }

    /// How long an answer may take.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends a message.
    pub(super) fn say(&mut self, message: &Message) -> Result<(), Diagnostic> {
        self.send(&write(message))
    }

    /// Sends a packet.
    pub(super) fn send(&mut self, packet: &[u8]) -> Result<(), Diagnostic> {
        self.port.say(packet).map_err(|error| cannot_send(self.at, &error.to_string()))?;
        self.present()
    }

    /// An error if the machine has said that nobody listens there.
    fn present(&self) -> Result<(), Diagnostic> {
        if !self.port.is_refused() {
            return Ok(());
        }
        Err(Diagnostic::of_file(&NOTHING_LISTENS, format!("nobody listens at {}", self.at))
            .help("start `chronus play SONG`, or say with `--to HOST:PORT` where the engine listens"))
    }

    /// The next message that arrives within `time`, if one does.
    pub(super) fn hear(&mut self, time: Duration) -> Result<Option<Message>, Diagnostic> {
        let end = Instant::now() + time;
        loop {
            if let Some(message) = self.heard.pop_front() {
                return Ok(Some(message));
            }
            match self.port.receive(end.saturating_duration_since(Instant::now())) {
                Some((bytes, _)) => match read(bytes) {
                    Ok(packet) => {
                        let messages = packet.messages.into_iter().map(|timed| timed.message);
                        // No engine has other addresses, and what is left out here gets nowhere.
                        let (known, strange): (Vec<_>, Vec<_>) =
                            messages.partition(|message| is_address(&message.address));
                        self.heard.extend(known);
                        self.junk += strange.len();
                    }
                    Err(_) => self.junk += 1,
                },
                None => self.present()?,
            }
            if self.heard.is_empty() && Instant::now() >= end {
                return Ok(None);
            }
        }
    }

    /// What is to be said if nothing comes back.
    pub(super) fn silent(&self) -> Diagnostic {
        if self.junk > 0 {
            return self.strange("what comes back is no OSC of an engine");
        }
        Diagnostic::of_file(&NO_ANSWER, format!("{} doesn't answer", self.at))
            .help("is it a playing engine? `--timeout SECONDS` waits longer")
    }

    /// What is to be said of an answer that makes no sense.
    pub(super) fn strange(&self, what: &str) -> Diagnostic {
        Diagnostic::of_file(&STRANGE_ANSWER, format!("{} doesn't answer as an engine does: {what}", self.at))
            .help("is it a playing engine, of the same version? `--to HOST:PORT` names another")
    }

    /// The messages that answer `question`, up to the one that `take` says is the last.
    pub(super) fn gather(
        &mut self,
        question: &Message,
        take: &mut dyn FnMut(&Self, Message) -> Result<bool, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        self.say(question)?;
        for _ in 0..MOST {
            let answer = self.hear(self.timeout)?.ok_or_else(|| self.silent())?;
            if let Some(refusal) = refusal(&answer) {
                return Err(refusal);
            }
            if take(self, answer)? {
                return Ok(());
            }
        }
        Err(self.strange("the answer has no end"))
    }

    /// The one message that answers `question`, at the same address.
    pub(super) fn ask(&mut self, question: &Message) -> Result<Message, Diagnostic> {
        let mut found = None;
        self.gather(question, &mut |_, answer| {
            if answer.address == question.address {
                found = Some(answer);
            }
            Ok(found.is_some())
        })?;
        found.ok_or_else(|| self.silent())
    }

    /// The JSON that answers `address`.
    pub(super) fn ask_json(&mut self, address: &str) -> Result<serde_json::Value, Diagnostic> {
        let answer = self.ask(&Message::new(address, Vec::new()))?;
        let json = answer.args.first().and_then(Arg::text).and_then(|text| serde_json::from_str(text).ok());
        json.ok_or_else(|| self.strange(&format!("{} brings no JSON", quoted(address))))
    }

    /// Has `order` carried out and returns what the engine says of it; some orders wait for the next bar. Meanwhile the engine is
    /// asked whether it is still there.
    pub(super) fn order(&mut self, order: &Message) -> Result<String, Diagnostic> {
        let ping = Message::new("/ping", []);
        let start = Instant::now();
        self.say(order)?;
        while start.elapsed() < PATIENT.max(self.timeout) {
            self.say(&ping)?;
            let round = Instant::now();
            let mut alive = false;
            while let Some(answer) = self.hear(self.timeout.saturating_sub(round.elapsed()))? {
                alive = true;
                if let Some(refusal) = refusal(&answer) {
                    return Err(refusal);
                }
                if let ("/done", [Arg::Text(what), said @ ..]) =
                    (answer.address.as_str(), answer.args.as_slice())
                    && *what == order.address
                {
                    return Ok(said.first().and_then(Arg::text).unwrap_or_default().to_owned());
                }
            }
            if !alive {
                return Err(self.silent());
            }
        }
        Err(self.strange(&format!("{} is neither done nor refused", quoted(&order.address))))
    }
}

/// What is to be said if `answer` says that something wasn't done.
pub(super) fn refusal(answer: &Message) -> Option<Diagnostic> {
    if answer.address != "/error" {
        return None;
    }
    let text = |place: usize| answer.args.get(place).and_then(Arg::text).unwrap_or_default();
    let message = format!("the engine refused {}: {}", quoted(text(0)), printable(text(1)));
    Some(Diagnostic::of_file(&NOT_HONOURED, message))
}

/// Prints `diagnostic` and returns the exit code that goes with it.
pub(super) fn told(diagnostic: &Diagnostic) -> u8 {
    report_alone(diagnostic);
    if diagnostic.code.id == NOT_HONOURED.id { SONG_AT_FAULT } else { FAILED }
}

//! Messages with a time: they wait here until shortly before it, so that everything that comes before them counts for them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::Sender;

use crate::live::address_commands::{AddressCommand, Timing};
use crate::live::control_thread::ControlThread;
use crate::live::outcome::Outcome;
use crate::live::session::Session;
use crate::live::take::TakeEvent;
use crate::osc::message::Message;

/// Seconds ahead that a timetag can lie; what is further off is refused.
const FARTHEST: f64 = 3_600.0;
/// Messages that can wait for their time.
const MOST: usize = 512;
/// Commands that can wait for their time on the audio thread.
const MOST_COMMANDS: usize = 512;
/// Seconds before its time at which a message is read that is carried out on its frame: longer than this thread is ever busy.
const EXACT: f64 = 0.1;
/// The same for one that waits for a bar.
const AT_BAR: f64 = 0.02;

/// Who asked for something.
#[derive(Clone)]
pub(super) enum Asker {
    /// A sender of packets.
    Sender(SocketAddr),
    /// Another thread.
    Thread(Sender<Vec<Message>>),
}

impl Asker {
    /// Where packets to it go.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Sender(address) => Some(*address),
            Self::Thread(_) => None,
        }
    }
}

/// A message that waits.
struct WaitingMessage {
    message: Message,
    timing: Timing,
    asker: Asker,
    /// It was refused, and is read once more shortly before its time: what it needs may be there then.
    refused: bool,
}

/// All messages that wait, by frame and in the order of arrival.
#[derive(Default)]
pub(super) struct Schedule {
    waiting: BTreeMap<(u64, u64), WaitingMessage>,
    arrived: u64,
    /// Answers that couldn't be sent yet.
    answers: Vec<(Asker, Vec<Message>)>,
}

impl Session {
    /// When `message` is read if it has a time.
    fn timing(&mut self, message: &Message) -> Timing {
        let asks = message.args.is_empty();
        let of = |address: &str| match AddressCommand::at(address) {
            Some((_, rest)) if address.starts_with("/mod/") && asks && !rest.ends_with("/auto") => {
                Timing::Due
            }
            Some((command, _)) => command.timing,
            None => Timing::Exact,
        };
        self.meant(&message.address).iter().map(|address| of(address)).max().unwrap_or(Timing::Exact)
    }
}

impl ControlThread {
    /// The frame that is `seconds` after `frame`; what has passed is late and is done at once.
    ///
    /// # Errors
    /// If it is too far away, or if there is no room for more that waits.
    pub(super) fn frame_at(&self, seconds: f64, frame: f64) -> Result<u64, &'static str> {
        if !seconds.is_finite() || seconds > FARTHEST {
            return Err("its time is too far away");
        }
        if seconds <= 0.0 {
            self.see(|view| view.late += 1);
            return Ok(0);
        }
        if self.schedule.waiting.len() >= MOST {
            return Err("too many messages wait for their time");
        }
        Ok((frame + seconds * self.rate()) as u64)
    }

    fn rate(&self) -> f64 {
        f64::from(self.session.config().rate)
    }

    /// Lets a message wait for its frame. [`ControlThread::due`] reads it.
    pub(super) fn wait(&mut self, message: Message, frame: u64, asker: Asker) {
        self.see(|view| view.messages += 1);
        let timing = self.session.timing(&message);
        self.schedule.arrived += 1;
        let place = (frame, self.schedule.arrived);
        self.schedule.waiting.insert(place, WaitingMessage { message, timing, asker, refused: false });
    }

    /// Reads every message up to this timing whose time comes.
    pub(super) fn due(&mut self, latest: Timing) {
        let now = self.end.clock.now();
        let [exact, at_bar] = [EXACT, AT_BAR].map(|ahead| (now + ahead * self.rate()) as u64);
        let places: Vec<(u64, u64)> =
            self.schedule.waiting.range(..(exact, u64::MAX)).map(|(place, _)| *place).collect();
        for place in places {
            let full = self.ahead.values().sum::<usize>() >= MOST_COMMANDS;
            let until = match self.schedule.waiting.get(&place) {
                Some(one) if one.timing > latest => continue,
                Some(WaitingMessage { timing: Timing::Due, .. }) => self.end.clock.frame(),
                Some(_) if full => now as u64,
                Some(WaitingMessage { timing: Timing::Exact, refused: false, .. }) => exact,
                Some(_) => at_bar,
                None => continue,
            };
            if place.0 > until {
                continue;
            }
            let Some(one) = self.schedule.waiting.remove(&place) else { continue };
            let answers = if one.timing == Timing::Due {
                self.hear(one.message, Some(&one.asker))
            } else {
                let outcome = self.session.hear_ahead(&one.message);
                if outcome.commands.is_empty() && !outcome.answers.is_empty() && place.0 > at_bar {
                    self.schedule.waiting.insert(place, WaitingMessage { refused: true, ..one });
                    continue;
                }
                self.carry_out(one.message, outcome, place.0)
            };
            if !answers.is_empty() {
                self.schedule.answers.push((one.asker, answers));
            }
        }
    }

    /// Sends the commands of a message that was read ahead of its time, and gives the answers.
    fn carry_out(&mut self, message: Message, outcome: Outcome, frame: u64) -> Vec<Message> {
        let Outcome { commands, first, changes, answers, .. } = outcome;
        if !first.is_empty() {
            self.command(first, 0, None);
        }
        if !commands.is_empty() {
            self.command(commands, frame, Some(TakeEvent::Message(message)));
            self.effects.expect(self.number, changes, true);
        }
        self.told_refusals(&answers);
        answers
    }

    /// Sends what came of messages that had to wait.
    pub(super) fn answer_waiting(&mut self) {
        for (asker, answers) in std::mem::take(&mut self.schedule.answers) {
            // Who has gone misses it.
            match (asker, &self.port) {
                (Asker::Sender(to), Some(port)) => {
                    answers.iter().for_each(|answer| drop(port.send(to, answer)));
                }
                (Asker::Sender(_), None) => {}
                (Asker::Thread(to), _) => drop(to.send(answers)),
            }
        }
    }
}

//! A session that runs: the thread on which messages arrive, files are followed, and everything is reported and saved that the
//! audio thread must not wait for.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::engine::commands::TimedCommand;
use crate::io::port::{OscPort, Own, now};
use crate::live::address_commands::Timing;
use crate::live::audio::ControlEnd;
use crate::live::changes::{PendingEffects, StateChange};
use crate::live::edits::{self, EditQueue};
use crate::live::following::Watched;
use crate::live::octave_bands::OctaveBands;
use crate::live::outcome::{HostRequest, Outcome, refusal};
use crate::live::persistence::{LiveRecording, TakeWriter, saved};
use crate::live::replies::is_reply;
use crate::live::scheduled::{Asker, Schedule};
use crate::live::session::Session;
use crate::live::subscribers::Subscribers;
use crate::live::take::{TakeEvent, TakeLine};
use crate::live::view::View;
use crate::osc::message::{Arg, Message};
use crate::osc::packet::{self, Packet};
use crate::osc::time::Time;

/// How long the thread waits for a packet before it looks after everything else.
const PATIENCE: Duration = Duration::from_millis(4);
/// Packets after which it looks after everything else, however many more there are, and commands that go to the audio thread
/// together.
pub(super) const TOGETHER: usize = 256;
/// Messages of which the frame isn't known yet.
pub(super) const WAITING: usize = 65_536;

/// How often what was done is shown.
const SHOW: Duration = Duration::from_millis(25);

/// What the program around says to the thread.
pub enum ThreadCommand {
    /// A message, as from a sender.
    Message(Message),
    /// The same, and where its answers go.
    Ask(Message, Sender<Vec<Message>>),
    /// A packet that somebody has sent, its times honoured, and where its answers go.
    Packet(Result<Packet, packet::Malformed>, Sender<Vec<Message>>),
    /// A look at the session; it has to be a short one, because messages wait for it.
    Look(Box<dyn FnOnce(&Session) + Send>),
    /// Play this text from the next bar on.
    Song(String),
    /// Fade out and stop.
    Quit,
}

/// How a session runs.
#[derive(Default)]
pub struct ThreadOptions {
    /// Where messages arrive.
    pub port: Option<OscPort>,
    /// Whether the song's file is followed.
    pub watch: bool,
    /// Where the take is written.
    pub take: Option<(PathBuf, File)>,
    /// Where everything that is heard is recorded.
    pub record: Option<PathBuf>,
    /// What is to be said first: recordings that were cut off.
    pub warnings: Vec<String>,
    /// Where levels are pushed to for displays of old.
    pub viz: Option<SocketAddr>,
    /// The frame of the song at which it starts.
    pub from: u64,
}

/// A session on its thread.
pub struct ThreadHandle {
    /// To talk to it.
    pub say: Sender<ThreadCommand>,
    /// What is to be seen of it.
    pub view: Arc<Mutex<View>>,
    handle: JoinHandle<()>,
}

impl ThreadHandle {
    /// What is to be seen now.
    pub fn view<T>(&self, look: impl FnOnce(&mut View) -> T) -> T {
        look(&mut self.view.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends it: what was recorded and taken is whole then.
    pub fn end(self) {
        // If it has ended already, nobody listens.
        let _ = self.say.send(ThreadCommand::Quit);
        drop(self.handle.join());
    }
}

/// Starts the thread of a session.
pub fn start(session: Session, end: ControlEnd, running: ThreadOptions) -> ThreadHandle {
    let (say, said) = channel();
    let view = Arc::new(Mutex::new(View::default()));
    let bands = OctaveBands::new(session.config().rate);
    let watch = running.watch.then(|| Watched::new(&session.config().path, &session.used));
    let mut control = ControlThread {
        subscribers: Subscribers::new(running.viz),
        session,
        end,
        said,
        view: Arc::clone(&view),
        own: running.port.as_ref().map(Own::of).unwrap_or_default(),
        port: running.port,
        watch,
        edits: EditQueue::default(),
        take: None,
        number: 0,
        waiting: VecDeque::new(),
        recording: None,
        started: Instant::now(),
        stuck: false,
        outbox: Vec::new(),
        outbox_kept: 0,
        ahead: BTreeMap::new(),
        schedule: Schedule::default(),
        effects: PendingEffects::default(),
        moved: BTreeMap::new(),
        coming: Vec::new(),
        bands,
        changed: false,
        shown: Instant::now(),
        begun: BTreeMap::new(),
        levels: BTreeMap::new(),
    };
    if let Some((path, file)) = running.take {
        control.begin_take(path, file, running.from);
    }
    running.warnings.into_iter().for_each(|warning| control.see(|view| view.warn(warning)));
    if let Some(path) = running.record {
        control.record(path);
    }
    control.tell_room();
    control.show();
    let handle = std::thread::spawn(move || control.run());
    ThreadHandle { say, view, handle }
}

/// What the thread works with.
pub(super) struct ControlThread {
    pub(super) session: Session,
    pub(super) end: ControlEnd,
    pub(super) said: Receiver<ThreadCommand>,
    pub(super) view: Arc<Mutex<View>>,
    pub(super) port: Option<OscPort>,
    own: Own,
    pub(super) subscribers: Subscribers,
    pub(super) watch: Option<Watched>,
    pub(super) edits: EditQueue,
    pub(super) take: Option<TakeWriter>,
    /// Of the next message.
    pub(super) number: u64,
    /// What has been ordered and not been carried out yet, in the order of numbers.
    pub(super) waiting: VecDeque<(u64, TakeEvent)>,
    pub(super) recording: Option<LiveRecording>,
    pub(super) started: Instant,
    /// The audio thread has stopped taking commands.
    pub(super) stuck: bool,
    /// Commands on their way to the audio thread.
    pub(super) outbox: Vec<TimedCommand>,
    /// How many of them were left when those without use were left out.
    pub(super) outbox_kept: usize,
    /// Commands that wait for their time on the audio thread: how many there are of each message.
    pub(super) ahead: BTreeMap<u64, usize>,
    /// Messages that wait for their time.
    pub(super) schedule: Schedule,
    /// What commands on their way change in the session.
    pub(super) effects: PendingEffects,
    /// The number of the last message that has put each control somewhere at once, by the control's path.
    pub(super) moved: BTreeMap<String, u64>,
    /// The lines of the take for songs that wait for their bar.
    pub(super) coming: Vec<TakeLine>,
    pub(super) bands: OctaveBands,
    /// Whether anything has been done since it was shown, and when that was.
    pub(super) changed: bool,
    shown: Instant,
    /// The quarter note at which each track that was added has begun.
    pub(super) begun: BTreeMap<String, f64>,
    /// The peak of each instrument, and of `out`, since they were pushed.
    pub(super) levels: BTreeMap<String, f32>,
}

impl ControlThread {
    fn run(mut self) {
        loop {
            self.receive();
            self.fetch();
            self.look();
            self.write_recording();
            let mut quit = false;
            // Whoever says more waits his turn: the audio thread's reports come first.
            let start = Instant::now();
            for count in 0..TOGETHER {
                if start.elapsed() > PATIENCE && count > 0 {
                    break;
                }
                let Ok(said) = self.said.try_recv() else { break };
                match said {
                    ThreadCommand::Message(message) => drop(self.hear(message, None)),
                    // Who asked may have gone.
                    ThreadCommand::Ask(message, to) => drop(to.send(self.hear(message, None))),
                    ThreadCommand::Packet(packet, to) => {
                        let answers = self.packet(packet, &Asker::Thread(to.clone()));
                        drop(to.send(answers));
                    }
                    ThreadCommand::Look(look) => look(&self.session),
                    ThreadCommand::Song(text) => self.play_text(text),
                    ThreadCommand::Quit => quit = true,
                }
            }
            self.due(Timing::Due);
            self.answer_waiting();
            self.follow();
            self.edits();
            self.flush();
            self.push();
            if quit {
                break;
            }
        }
        self.finish();
    }

    /// Hears what has arrived, or waits a little for something to arrive.
    fn receive(&mut self) {
        let Some(mut port) = self.port.take() else {
            std::thread::sleep(PATIENCE);
            return;
        };
        let start = Instant::now();
        for count in 0..TOGETHER {
            if start.elapsed() > PATIENCE && count > 0 {
                break;
            }
            let patience = if count == 0 { PATIENCE } else { Duration::ZERO };
            let Some((bytes, from)) = port.receive(patience) else { break };
            // Nobody else has this address: what comes from there has gone in a circle, or is forged.
            if self.own.is(from) {
                continue;
            }
            let packet = packet::read(bytes);
            for answer in self.packet(packet, &Asker::Sender(from)) {
                // Who has gone misses it.
                let _ = port.send(from, &answer);
            }
            self.flush();
        }
        self.port = Some(port);
    }

    /// Carries out what a packet says, and gives the answers.
    fn packet(&mut self, packet: Result<Packet, packet::Malformed>, asker: &Asker) -> Vec<Message> {
        let packet = match packet {
            Ok(packet) => packet,
            Err(fault) if is_reply(&fault.address) => return Vec::new(),
            Err(fault) => {
                self.refused(&fault.address, fault.reason);
                return vec![refusal(&fault.address, fault.reason)];
            }
        };
        let mut answers = Vec::new();
        // Once a packet: its messages mean the same time, however long one of them takes.
        let (clock, frame) = (now(), self.end.clock.now());
        for packet::TimedMessage { time, message } in packet.messages {
            if is_reply(&message.address) {
                continue;
            }
            let at = match time {
                Time::Now => Ok(0),
                Time::At(_) => self.frame_at(time.seconds_from(clock), frame),
            };
            match at {
                Ok(0) => answers.extend(self.hear(message, Some(asker))),
                Ok(frame) => self.wait(message, frame, asker.clone()),
                Err(why) => {
                    self.refused(&message.address, why);
                    answers.push(refusal(&message.address, why));
                }
            }
        }
        // Those whose time is near already.
        self.due(Timing::AtBar);
        answers
    }

    pub(super) fn see<T>(&self, look: impl FnOnce(&mut View) -> T) -> T {
        look(&mut self.view.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refused(&self, address: &str, reason: &str) {
        self.see(|view| view.refuse(if address.is_empty() { "a packet" } else { address }, reason));
    }

    /// Carries out what comes of a message at once, and gives the answers.
    pub(super) fn hear(&mut self, message: Message, asker: Option<&Asker>) -> Vec<Message> {
        self.see(|view| view.messages += 1);
        let Outcome { commands, changes, mut answers, host_requests, .. } = self.session.hear(&message);
        if !commands.is_empty() {
            self.command(commands, 0, Some(TakeEvent::Message(message)));
            let put = changes.iter().filter_map(StateChange::put);
            self.moved.extend(put.map(|path| (path.to_owned(), self.number)));
            self.effects.expect(self.number, changes, false);
        }
        for wish in host_requests {
            self.wish(wish, asker.and_then(Asker::address), &mut answers);
        }
        self.told_refusals(&answers);
        answers
    }

    /// Counts the refusals among answers, and shows them.
    pub(super) fn told_refusals(&self, answers: &[Message]) {
        for answer in answers.iter().filter(|answer| answer.address == "/error") {
            let text = |place: usize| answer.args.get(place).and_then(Arg::text).unwrap_or_default();
            self.refused(text(0), text(1));
        }
    }

    fn wish(&mut self, wish: HostRequest, from: Option<SocketAddr>, answers: &mut Vec<Message>) {
        let mut answer = |address: &str, json: serde_json::Value| {
            answers.push(Message::new(address, [Arg::from(json.to_string())]));
        };
        match wish {
            HostRequest::EngineStatus => {
                let status = self.engine_status();
                answer("/engine/status", status);
            }
            HostRequest::SongStatus => {
                let status = self.song_status();
                answer("/seq/status", status);
            }
            HostRequest::RecordStatus => {
                let rate = f64::from(self.session.config().rate);
                let status = match &self.recording {
                    Some(one) => {
                        json!({"recording": true, "file": one.path.display().to_string(), "seconds": one.frames as f64 / rate, "lost": self.end.clock.lost.load(Ordering::Relaxed)})
                    }
                    None => json!({"recording": false}),
                };
                answer("/engine/record/status", status);
            }
            HostRequest::ListSaved => answer("/pattern/list", json!(saved(&self.session.config().path))),
            HostRequest::Subscribe(port) => {
                let to = from.map(|from| at_port(from, port));
                let refused = match to {
                    None => Some("news goes to UDP ports only; a WebSocket has LISTEN and STATE"),
                    Some(to) if self.own.is(to) => Some("that is the engine's own port"),
                    Some(to) if self.subscribers.add(to) => None,
                    Some(_) => Some("there are as many subscribers as there can be"),
                };
                if let Some(why) = refused {
                    answers.push(refusal("/subscribe", why));
                }
            }
            HostRequest::Unsubscribe(port) => {
                if let Some(from) = from {
                    self.subscribers.remove(at_port(from, port));
                }
            }
            HostRequest::Load(name, now) => {
                let address = "/pattern/load";
                let told = self.load(&name, now, (address, from));
                answers.extend(told.map(|told| edits::answer(address, told)));
            }
            HostRequest::Record(_) | HostRequest::EndRecord | HostRequest::Save(..) => {
                let address = match &wish {
                    HostRequest::Record(_) => "/engine/record/start",
                    HostRequest::EndRecord => "/engine/record/stop",
                    _ => "/pattern/save",
                };
                let told = self.act(wish);
                if let Ok(said) = &told {
                    self.see(|view| view.say(said.clone()));
                }
                answers.push(edits::answer(address, told));
            }
        }
    }

    /// Pushes news to whoever asked for it.
    fn push(&mut self) {
        if self.changed && self.shown.elapsed() >= SHOW {
            self.show();
            (self.changed, self.shown) = (false, Instant::now());
        }
        if self.subscribers.are_due() {
            let bands = self.bands.take();
            self.see(|view| view.bands = bands);
            let levels = std::mem::take(&mut self.levels);
            self.subscribers.push(self.port.as_ref(), &self.session, &levels, bands);
        }
    }
}

/// Where a sender wants to be answered.
fn at_port(from: SocketAddr, port: Option<u16>) -> SocketAddr {
    port.map_or(from, |port| SocketAddr::new(from.ip(), port))
}

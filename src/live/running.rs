//! A session that runs: the thread on which messages arrive, files are followed, and everything is told and kept that the
//! audio thread must not wait for.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::engine::orders::{Order, Report, Timed};
use crate::io::folder;
use crate::io::output::Output;
use crate::io::port::{Port, now};
use crate::io::wav::{Format, WavWriter};
use crate::live::audio::ControlEnd;
use crate::live::heard::{Heard, Wish};
use crate::live::session::{Session, Unplayable, is_plain_name, saved_path};
use crate::live::subscribers::Subscribers;
use crate::live::take::{Line, Take, What};
use crate::live::view::View;
use crate::osc::message::{Arg, Message};
use crate::osc::packet::{self, Packet};
use crate::osc::time::Time;

/// How long the thread waits for a packet before it looks after everything else.
const PATIENCE: Duration = Duration::from_millis(4);
/// Packets after which it looks after everything else, however many more there are.
const TOGETHER: usize = 256;
/// How often the song's file is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Seconds ahead that a timetag can lie; what is further off is refused.
const AHEAD: f64 = 3_600.0;
/// Messages of which the frame isn't known yet.
const WAITING: usize = 65_536;

/// What the program around says to the thread.
pub enum Said {
    /// A message, as from a sender.
    Message(Message),
    /// Play this text from the next bar on.
    Song(String),
    /// Fade out and stop.
    Quit,
}

/// How a session runs.
#[derive(Default)]
pub struct Running {
    /// Where messages arrive.
    pub port: Option<Port>,
    /// Whether the song's file is followed.
    pub watch: bool,
    /// Where the take is written.
    pub take: Option<(PathBuf, File)>,
    /// Where everything that is heard is recorded.
    pub record: Option<PathBuf>,
    /// Where levels are pushed to for displays of old.
    pub viz: Option<SocketAddr>,
    /// The frame of the song at which it starts.
    pub from: u64,
}

/// A session on its thread.
pub struct Thread {
    /// To talk to it.
    pub say: Sender<Said>,
    /// What is to be seen of it.
    pub view: Arc<Mutex<View>>,
    handle: JoinHandle<()>,
}

impl Thread {
    /// What is to be seen now.
    pub fn view<T>(&self, look: impl FnOnce(&mut View) -> T) -> T {
        look(&mut self.view.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends it: what was recorded and taken is whole then.
    pub fn end(self) {
        // If it has ended already, nobody listens.
        let _ = self.say.send(Said::Quit);
        drop(self.handle.join());
    }
}

/// Starts the thread of a session.
pub fn start(session: Session, end: ControlEnd, running: Running) -> Thread {
    let (say, said) = channel();
    let view = Arc::new(Mutex::new(View::default()));
    let mut control = Control {
        subscribers: Subscribers::new(running.viz),
        session,
        end,
        said,
        view: Arc::clone(&view),
        port: running.port,
        watch: running.watch.then(Watched::new),
        take: None,
        number: 0,
        waiting: VecDeque::new(),
        recording: None,
        started: Instant::now(),
    };
    if let Some((path, file)) = running.take {
        control.begin_take(path, file, running.from);
    }
    if let Some(path) = running.record {
        control.record(path);
    }
    control.show();
    let handle = std::thread::spawn(move || control.run());
    Thread { say, view, handle }
}

/// The song's file while it is followed.
struct Watched {
    looked: Instant,
    /// When it was changed last, and its length, when it was looked at last.
    stamp: Option<(std::time::SystemTime, u64)>,
    /// It was changed, and may still be being written.
    changing: bool,
}

impl Watched {
    fn new() -> Self {
        Self { looked: Instant::now(), stamp: None, changing: false }
    }
}

struct Taking {
    path: PathBuf,
    file: File,
    failed: bool,
}

struct Recording {
    path: PathBuf,
    wav: WavWriter,
    frames: u64,
}

struct Control {
    session: Session,
    end: ControlEnd,
    said: Receiver<Said>,
    view: Arc<Mutex<View>>,
    port: Option<Port>,
    subscribers: Subscribers,
    watch: Option<Watched>,
    take: Option<Taking>,
    /// Of the next message.
    number: u64,
    /// What has been ordered and not been carried out yet, in the order of numbers.
    waiting: VecDeque<(u64, What)>,
    recording: Option<Recording>,
    started: Instant,
}

impl Control {
    fn run(mut self) {
        loop {
            self.receive();
            self.fetch();
            self.write_recording();
            let mut quit = false;
            while let Ok(said) = self.said.try_recv() {
                match said {
                    Said::Message(message) => {
                        let heard = self.session.hear(&message);
                        self.do_all(heard, 0, Some(What::Message(message)), None);
                    }
                    Said::Song(text) => self.play_text(&text, true, None),
                    Said::Quit => quit = true,
                }
            }
            self.follow();
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
        for count in 0..TOGETHER {
            let patience = if count == 0 { PATIENCE } else { Duration::ZERO };
            let Some((bytes, from)) = port.receive(patience) else { break };
            let packet = packet::read(bytes);
            self.packet(packet, from, &port);
        }
        self.port = Some(port);
    }

    fn packet(&mut self, packet: Result<Packet, packet::Malformed>, from: SocketAddr, port: &Port) {
        let packet = match packet {
            Ok(packet) => packet,
            Err(fault) => {
                self.refused(&fault.address, fault.reason);
                let args = [Arg::from(fault.address), Arg::from(fault.reason)];
                // Whoever doesn't listen misses it.
                let _ = port.send(from, &Message::new("/error", args));
                return;
            }
        };
        let clock = now();
        for packet::Timed { time, message } in packet.messages {
            let frame = match time {
                Time::Now => Some(0),
                Time::At(_) => self.frame_at(time.seconds_from(clock)),
            };
            let Some(frame) = frame else {
                self.refused(&message.address, "its time is too far away");
                let args = [Arg::from(message.address), Arg::from("its time is too far away")];
                let _ = port.send(from, &Message::new("/error", args));
                continue;
            };
            let heard = self.session.hear(&message);
            self.see(|view| view.messages += 1);
            self.do_all(heard, frame, Some(What::Message(message)), Some((from, port)));
        }
    }

    /// The frame that is `seconds` away; what has passed is late and is done at once. `None` if it is too far.
    fn frame_at(&self, seconds: f64) -> Option<u64> {
        if !seconds.is_finite() || seconds > AHEAD {
            return None;
        }
        if seconds <= 0.0 {
            self.see(|view| view.late += 1);
            return Some(0);
        }
        Some((self.end.clock.now() + seconds * f64::from(self.session.stage().rate)) as u64)
    }

    fn see<T>(&self, look: impl FnOnce(&mut View) -> T) -> T {
        look(&mut self.view.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refused(&self, address: &str, reason: &str) {
        self.see(|view| {
            view.refused += 1;
            view.say(format!("{} refused: {reason}", if address.is_empty() { "a packet" } else { address }));
        });
    }

    /// Carries out what came of a message: `what` it was, for the take.
    fn do_all(&mut self, heard: Heard, frame: u64, what: Option<What>, from: Option<(SocketAddr, &Port)>) {
        let Heard { orders, mut answers, wishes } = heard;
        if !orders.is_empty() {
            self.order(orders, frame, what);
        }
        for wish in wishes {
            self.wish(wish, from.map(|(from, _)| from), &mut answers);
        }
        for answer in &answers {
            if answer.address == "/error" {
                let text = |place: usize| answer.args.get(place).and_then(Arg::text).unwrap_or_default();
                self.refused(text(0), text(1));
            }
            if let Some((from, port)) = from {
                let _ = port.send(from, answer);
            }
        }
    }

    /// Sends orders to the audio thread, all together.
    fn order(&mut self, orders: Vec<Order>, frame: u64, what: Option<What>) {
        self.number += 1;
        let number = self.number;
        for order in &orders {
            if let Order::Touch { .. } | Order::FreeAll = order {
                self.subscribers.changed = true;
            }
        }
        let mut orders = orders.into_iter();
        let count = orders.len();
        // The audio thread takes what is there at each block; only if it has stopped is there no room for so long.
        let patience = Instant::now();
        while self.end.orders.slots() < count && patience.elapsed() < Duration::from_secs(1) {
            std::thread::sleep(Duration::from_millis(1));
            self.fetch();
        }
        match self.end.orders.write_chunk_uninit(count) {
            Ok(chunk) => {
                chunk.fill_from_iter(orders.by_ref().map(|order| Timed { frame, number, order }));
                if let Some(what) = what.filter(|_| self.take.is_some() && self.waiting.len() < WAITING) {
                    self.waiting.push_back((number, what));
                }
            }
            Err(_) => self.see(|view| view.dropped += count as u64),
        }
    }

    /// Hears what the audio thread tells.
    fn fetch(&mut self) {
        while let Ok(report) = self.end.reports.pop() {
            match report {
                Report::Done { number, frame } => self.done(number, frame),
                Report::Dropped { number } => {
                    self.waiting.retain(|(waiting, _)| *waiting != number);
                    self.see(|view| view.dropped += 1);
                }
                Report::Beat(beat) => {
                    let span = beat.span.and_then(|span| self.session.plan().timeline.spans.get(span));
                    let section = span.map(|span| self.session.song().sections[span.section].id.clone());
                    let section = section.unwrap_or_default();
                    if let Some(port) = &self.port {
                        self.subscribers.beat(port, &beat, &section);
                    }
                    self.see(|view| {
                        view.beat = beat;
                        view.section = section;
                    });
                }
                Report::Level { peak, .. } => {
                    self.subscribers.level(peak);
                    self.see(|view| {
                        for (seen, peak) in view.peak.iter_mut().zip(peak) {
                            *seen = seen.max(peak);
                        }
                    });
                }
                Report::Over { .. } => self.see(|view| view.over = true),
                Report::Deck(deck) => drop(deck),
                Report::Note(note) => drop(note),
                Report::Loop(track) => drop(track),
            }
        }
    }

    /// Writes into the take what has been carried out.
    fn done(&mut self, number: u64, frame: u64) {
        let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == number) else { return };
        let Some((number, what)) = self.waiting.remove(place) else { return };
        let line = Line { frame, number, what }.written();
        self.write_take(&line);
    }

    fn begin_take(&mut self, path: PathBuf, file: File, from: u64) {
        let stage = self.session.stage();
        let take = Take {
            rate: stage.rate,
            song: stage.path.display().to_string(),
            text: self.session.text().to_owned(),
            from,
            ends: stage.ends,
            lines: Vec::new(),
            end: None,
        };
        self.take = Some(Taking { path, file, failed: false });
        self.write_take(&take.heading());
    }

    fn write_take(&mut self, text: &str) {
        let Some(taking) = &mut self.take else { return };
        // Each line by itself, so that what was written stays whatever happens next.
        let written = taking.file.write_all(text.as_bytes()).and_then(|()| taking.file.flush());
        if let Err(error) = written
            && !std::mem::replace(&mut taking.failed, true)
        {
            let said = format!("the take {} can't be written any more: {error}", taking.path.display());
            self.see(|view| view.warn(said));
        }
    }

    /// Plays another text.
    fn play_text(&mut self, text: &str, at_bar: bool, name: Option<&Path>) {
        match self.session.reload(text, at_bar) {
            Ok(orders) => {
                self.order(orders, 0, Some(What::Song { text: text.to_owned(), at_bar, fresh: false }));
                self.subscribers.changed = true;
                let when = if at_bar { "at the next bar" } else { "now" };
                let name = name.unwrap_or(&self.session.stage().path).display().to_string();
                self.see(|view| {
                    view.unplayable = None;
                    view.say(format!("{name} comes in {when}"));
                });
                self.show();
            }
            Err(unplayable) => self.show_errors(unplayable),
        }
    }

    fn show_errors(&self, unplayable: Unplayable) {
        self.see(|view| {
            view.errors += 1;
            view.unplayable = Some(Arc::new(unplayable));
            view.say("the edit has errors: the song before plays on".to_owned());
        });
    }

    /// Looks whether the song's file has changed.
    fn follow(&mut self) {
        let path = self.session.stage().path.clone();
        let Some(watched) = &mut self.watch else { return };
        if watched.looked.elapsed() < LOOK {
            return;
        }
        watched.looked = Instant::now();
        // A file that is gone for a moment is being written anew.
        let Ok(facts) = std::fs::metadata(&path) else { return };
        let stamp = facts.modified().ok().map(|time| (time, facts.len()));
        let first = watched.stamp.is_none();
        let moved = watched.stamp != stamp;
        watched.stamp = stamp;
        if first {
            return;
        }
        if moved {
            watched.changing = true;
            return;
        }
        if std::mem::take(&mut watched.changing) {
            match folder::open(&path) {
                Ok(text) if text == self.session.text() => {}
                Ok(text) => self.play_text(&text, true, None),
                Err(why) => {
                    let name = path.display().to_string();
                    let said = why.diagnostic(&name);
                    let unplayable = Unplayable {
                        sources: crate::diagnostic::source::Sources::default(),
                        diagnostics: vec![said],
                    };
                    self.show_errors(unplayable);
                }
            }
        }
    }

    fn wish(&mut self, wish: Wish, from: Option<SocketAddr>, answers: &mut Vec<Message>) {
        let mut answer = |address: &str, json: serde_json::Value| {
            answers.push(Message::new(address, [Arg::from(json.to_string())]));
        };
        match wish {
            Wish::EngineStatus => {
                let status = self.engine_status();
                answer("/engine/status", status);
            }
            Wish::SongStatus => {
                let status = self.song_status();
                answer("/seq/status", status);
            }
            Wish::RecordStatus => {
                let rate = f64::from(self.session.stage().rate);
                let status = match &self.recording {
                    Some(one) => {
                        json!({"recording": true, "file": one.path.display().to_string(), "seconds": one.frames as f64 / rate, "lost": self.end.clock.lost.load(Ordering::Relaxed)})
                    }
                    None => json!({"recording": false}),
                };
                answer("/engine/record/status", status);
            }
            Wish::ListSaved => answer("/pattern/list", json!(saved(&self.session.stage().path))),
            Wish::Subscribe(port) => {
                if let Some(from) = from {
                    self.subscribers.add(at_port(from, port));
                }
            }
            Wish::Unsubscribe(port) => {
                if let Some(from) = from {
                    self.subscribers.remove(at_port(from, port));
                }
            }
            Wish::Record(_) | Wish::EndRecord | Wish::Save(..) | Wish::Load(..) => {
                let address = match &wish {
                    Wish::Record(_) => "/engine/record/start",
                    Wish::EndRecord => "/engine/record/stop",
                    Wish::Save(..) => "/pattern/save",
                    _ => "/pattern/load",
                };
                match self.act(wish) {
                    Ok(said) => {
                        self.see(|view| view.say(said.clone()));
                        answers.push(Message::new("/done", [Arg::from(address), Arg::from(said)]));
                    }
                    Err(why) => answers.push(Message::new("/error", [Arg::from(address), Arg::from(why)])),
                }
            }
        }
    }

    /// Does something with files.
    fn act(&mut self, wish: Wish) -> Result<String, String> {
        let song = self.session.stage().path.clone();
        match wish {
            Wish::Record(name) => {
                if let Some(one) = &self.recording {
                    return Err(format!("{} is being recorded already", one.path.display()));
                }
                let name = name.unwrap_or_else(|| free_name(&song));
                let stem =
                    song.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                let path = song.with_file_name(format!("{stem}.{name}.wav"));
                if path.exists() {
                    return Err(format!("{} exists already", path.display()));
                }
                self.record(path.clone());
                match &self.recording {
                    Some(_) => Ok(format!("recording {}", path.display())),
                    None => Err(format!("{} can't be written", path.display())),
                }
            }
            Wish::EndRecord => self.end_recording(),
            Wish::Save(name, title) => {
                let path = saved_path(&song, &name);
                let text = self.session.saved(title.as_deref())?;
                let written = Output::replace(&path).and_then(|mut output| {
                    output.write_all(text.as_bytes())?;
                    output.finish()
                });
                written.map_err(|error| format!("{} can't be written: {error}", path.display()))?;
                Ok(format!("saved {}", path.display()))
            }
            Wish::Load(name, now) => {
                let path = saved_path(&song, &name);
                let text = folder::open(&path).map_err(|_| format!("nothing is saved as `{name}`"))?;
                self.load(&text, &path, now)?;
                Ok(format!("{} comes in {}", path.display(), if now { "now" } else { "at the next bar" }))
            }
            _ => Ok(String::new()),
        }
    }

    /// Plays what was saved: nothing that was done since stays.
    fn load(&mut self, text: &str, path: &Path, now: bool) -> Result<(), String> {
        match self.session.load(text, !now) {
            Ok(orders) => {
                self.order(orders, 0, Some(What::Song { text: text.to_owned(), at_bar: !now, fresh: true }));
                self.show();
                Ok(())
            }
            Err(unplayable) => {
                let first = unplayable.diagnostics.iter().find(|one| one.is_error());
                let why = first.map(|one| one.message.clone()).unwrap_or_default();
                Err(format!("{} is no song: {why}", path.display()))
            }
        }
    }

    fn record(&mut self, path: PathBuf) {
        let rate = self.session.stage().rate;
        match Output::create(&path).and_then(|output| WavWriter::new(output, rate, Format::Float32, 0)) {
            Ok(wav) => {
                while self.end.record.pop().is_ok() {}
                self.recording = Some(Recording { path, wav, frames: 0 });
                self.end.clock.lost.store(0, Ordering::Relaxed);
                self.end.clock.recording.store(true, Ordering::Release);
            }
            Err(error) => self.see(|view| view.warn(format!("{} can't be written: {error}", path.display()))),
        }
    }

    fn write_recording(&mut self) {
        let Some(recording) = &mut self.recording else { return };
        let slots = self.end.record.slots();
        let Ok(chunk) = self.end.record.read_chunk(slots) else { return };
        let (first, second) = chunk.as_slices();
        let written = recording.wav.push(first).and_then(|()| recording.wav.push(second));
        recording.frames += slots as u64;
        chunk.commit_all();
        if let Err(error) = written {
            let path = recording.path.display().to_string();
            self.end.clock.recording.store(false, Ordering::Release);
            // What there is of it is finished as far as the disk lets it.
            let rest = self.recording.take().map(|recording| recording.wav.finish());
            let kept = matches!(rest, Some(Ok(())));
            let rest = if kept { "what was recorded is kept" } else { "it is lost" };
            self.see(|view| view.warn(format!("{path} can't be written any more ({error}): {rest}")));
        }
    }

    fn end_recording(&mut self) -> Result<String, String> {
        self.end.clock.recording.store(false, Ordering::Release);
        self.write_recording();
        let Some(Recording { path, wav, frames }) = self.recording.take() else {
            return Err("nothing is being recorded".to_owned());
        };
        let seconds = frames as f64 / f64::from(self.session.stage().rate);
        wav.finish().map_err(|error| format!("{} can't be written: {error}", path.display()))?;
        Ok(format!("recorded {seconds:.1} s to {}", path.display()))
    }

    fn engine_status(&self) -> serde_json::Value {
        let uptime = self.started.elapsed().as_secs_f64();
        let (rate, frame) = (self.session.stage().rate, self.end.clock.frame());
        let voices: usize = self.session.song().instruments.iter().map(|one| one.voices).sum();
        self.see(|view| view.engine_status(rate, frame, voices, uptime))
    }

    fn song_status(&self) -> serde_json::Value {
        let tracks: Vec<_> = self.session.tracks().into_iter().map(|(id, instrument, added)| {
            json!({"track": id, "instrument": instrument, "added": added, "heard": self.session.is_heard(&id)})
        }).collect();
        let swing = self.session.swing();
        let title = self.session.song().title.clone();
        self.see(|view| {
            json!({
                "title": title, "bpm": view.beat.tempo, "swing": swing, "playing": view.beat.playing, "bar": view.beat.bar,
                "beat": view.beat.beat, "section": view.section, "over": view.over, "tracks": tracks,
            })
        })
    }

    /// Shows what is played.
    fn show(&self) {
        let tracks = self.session.tracks();
        let tracks = tracks
            .into_iter()
            .map(|(id, instrument, _)| (self.session.is_heard(&id), id, instrument))
            .collect();
        let put = self.session.put().iter().map(|(path, value)| (path.clone(), *value)).collect();
        let title = self.session.song().title.clone();
        self.see(|view| {
            view.tracks = tracks;
            view.put = put;
            view.title = title;
        });
    }

    /// Pushes news to whoever asked for it.
    fn push(&mut self) {
        if self.subscribers.changed {
            self.show();
        }
        if let Some(port) = &self.port {
            self.subscribers.push(port, &self.session);
        }
        self.subscribers.changed = false;
    }

    fn finish(&mut self) {
        self.fetch();
        if self.recording.is_some() {
            match self.end_recording() {
                Ok(said) => self.see(|view| view.say(said)),
                Err(why) => self.see(|view| view.warn(why)),
            }
        }
        let end = self.end.clock.frame() + crate::modules::spec::BLOCK as u64;
        self.write_take(&format!("end {end}\n"));
    }
}

/// Where a sender wants to be answered.
fn at_port(from: SocketAddr, port: Option<u16>) -> SocketAddr {
    port.map_or(from, |port| SocketAddr::new(from.ip(), port))
}

/// The names under which something is kept beside `song`.
fn saved(song: &Path) -> Vec<String> {
    let stem = song.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = song.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        let file = entry.ok()?.file_name().into_string().ok()?;
        let name = file.strip_prefix(&stem)?.strip_prefix('.')?.strip_suffix(".kdl")?;
        is_plain_name(name).then(|| name.to_owned())
    };
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    names
}

/// A name for a recording that no file has yet.
fn free_name(song: &Path) -> String {
    let stem = song.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let free = |name: &String| !song.with_file_name(format!("{stem}.{name}.wav")).exists();
    (1..10_000)
        .map(|number| format!("recording-{number}"))
        .find(free)
        .unwrap_or_else(|| "recording".to_owned())
}

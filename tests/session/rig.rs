//! A song being played, block by block, by a test.

use std::path::PathBuf;

use chronus::engine::block_loop::Frame;
use chronus::engine::commands::{EngineCommand, EngineReport, TimedCommand};
use chronus::engine::performance::Performance;
use chronus::live::changes::PendingEffects;
use chronus::live::outcome::HostRequest;
use chronus::live::session::{Session, SessionConfig};
use chronus::live::take::{Take, TakeEvent, TakeLine};
use chronus::modules::spec::BLOCK;
use chronus::osc::message::{Arg, Message};

/// Frames a second: a bar of four at 120 is 96,000 frames.
pub(crate) const RATE: u32 = 48_000;

/// A song, and everything that has been heard of it.
pub(crate) struct Rig {
    pub(crate) session: Session,
    pub(crate) performance: Performance,
    pub(crate) heard: Vec<Frame>,
    pub(crate) errors: Vec<String>,
    pub(crate) answers: Vec<Message>,
    pub(crate) host_requests: Vec<HostRequest>,
    pub(crate) reports: Vec<(u64, u64)>,
    pub(crate) over: Option<u64>,
    /// What has blown up: its name and what was told.
    pub(crate) faults: Vec<String>,
    pub(crate) take: Take,
    effects: PendingEffects,
    number: u64,
}

pub(crate) fn config() -> SessionConfig {
    SessionConfig {
        path: PathBuf::from("test.kdl"),
        outside: false,
        rate: RATE,
        ends: true,
        ..SessionConfig::default()
    }
}

impl Rig {
    pub(crate) fn new(text: &str) -> Self {
        Self::at(text, RATE)
    }

    /// The same at another rate.
    pub(crate) fn at(text: &str, rate: u32) -> Self {
        Self::on(SessionConfig { rate, ..config() }, text)
    }

    /// The same on a stage.
    pub(crate) fn on(config: SessionConfig, text: &str) -> Self {
        let rate = config.rate;
        let (session, performance) = match Session::begin(config, text) {
            Ok(begun) => begun,
            Err(unplayable) => panic!("{:#?}", unplayable.diagnostics),
        };
        let take = Take { rate, song: "test.kdl".into(), text: text.into(), ends: true, ..Take::default() };
        Self {
            session,
            performance,
            heard: Vec::new(),
            errors: Vec::new(),
            answers: Vec::new(),
            host_requests: Vec::new(),
            reports: Vec::new(),
            over: None,
            faults: Vec::new(),
            take,
            effects: PendingEffects::default(),
            number: 1_000,
        }
    }

    /// Says something, to be done at once.
    pub(crate) fn say(&mut self, address: &str, args: &[Arg]) {
        self.say_at(0, address, args);
    }

    /// Says something, to be done at a frame.
    pub(crate) fn say_at(&mut self, frame: u64, address: &str, args: &[Arg]) {
        let message = Message::new(address, args.to_vec());
        let ahead = frame > 0;
        let heard = if ahead { self.session.hear_ahead(&message) } else { self.session.hear(&message) };
        for answer in heard.answers {
            if answer.address == "/error" {
                self.errors.push(answer.to_string());
            } else {
                self.answers.push(answer);
            }
        }
        self.host_requests.extend(heard.host_requests);
        if !heard.commands.is_empty() {
            self.number += 1;
            for command in heard.first {
                self.performance.enqueue(TimedCommand { frame: 0, number: self.number, command });
            }
            self.command(frame, heard.commands, TakeEvent::Message(message));
            self.effects.expect(self.number, heard.changes, ahead);
        }
    }

    fn command(&mut self, frame: u64, commands: Vec<EngineCommand>, what: TakeEvent) {
        self.number += 1;
        for command in commands {
            self.performance.enqueue(TimedCommand { frame, number: self.number, command });
        }
        let frame = frame.max(self.performance.frame());
        self.take.lines.push(TakeLine { frame, number: self.number, told: None, what });
    }

    /// Plays another text.
    pub(crate) fn reload(&mut self, text: &str, at_bar: bool) {
        let commands =
            self.session.reload(text, at_bar).unwrap_or_else(|why| panic!("{:#?}", why.diagnostics));
        self.text(commands, TakeEvent::Song { text: text.to_owned(), at_bar, fresh: false });
    }

    /// The same as if nothing had been done before.
    pub(crate) fn load(&mut self, text: &str, at_bar: bool) {
        let commands = self.session.load(text, at_bar).unwrap_or_else(|why| panic!("{:#?}", why.diagnostics));
        self.text(commands, TakeEvent::Song { text: text.to_owned(), at_bar, fresh: true });
    }

    fn text(&mut self, commands: Vec<EngineCommand>, what: TakeEvent) {
        let waits = matches!(what, TakeEvent::Song { at_bar: true, .. });
        self.command(0, commands, what);
        self.effects.expect_song(waits.then_some(self.number));
        if let Some(line) = self.take.lines.last_mut().filter(|_| waits) {
            line.told = Some(0);
        }
    }

    fn told(&mut self, number: u64) {
        self.number += 1;
        let line = self.take.lines.iter_mut().find(|line| line.number == number);
        line.expect("what was said is in the take").told = Some(self.number);
    }

    /// Plays on until so many frames have been heard.
    pub(crate) fn play_to(&mut self, frame: u64) {
        let mut block = [[0.0; 2]; BLOCK];
        while self.performance.frame() < frame {
            self.performance.block(&mut block);
            self.heard.extend_from_slice(&block);
            for report in self.performance.reports().collect::<Vec<_>>() {
                match report {
                    EngineReport::Done { number, frame } => {
                        self.reports.push((number, frame));
                        if self.effects.took(number, &mut self.session) {
                            self.told(number);
                        }
                    }
                    EngineReport::Came { number } if self.effects.came(number, &mut self.session) => {
                        self.told(number);
                    }
                    EngineReport::Led { control, value, .. } => drop(self.session.lead(control, value)),
                    EngineReport::Over { frame } => self.over = Some(frame),
                    EngineReport::Fault { plan, fault } => {
                        self.faults.push(format!(
                            "{}: {}",
                            fault.name(&plan.paths),
                            fault.words(&plan.paths)
                        ));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The left channel of some frames.
    pub(crate) fn left(&self, frames: std::ops::Range<usize>) -> Vec<f32> {
        self.heard[frames].iter().map(|frame| frame[0]).collect()
    }

    /// The take so far, ended here.
    pub(crate) fn take(&self) -> Take {
        Take { end: Some(self.performance.frame()), ..self.take.clone() }
    }
}

/// The first frame from `from` on in which the left channel isn't silent.
pub(crate) fn onset(heard: &[Frame], from: usize) -> usize {
    from + heard[from..].iter().position(|frame| frame[0].abs() > 1e-4).unwrap_or(usize::MAX - from)
}

/// The frames at which something begins after at least `pause` frames of silence.
pub(crate) fn onsets(heard: &[Frame], pause: usize) -> Vec<usize> {
    let (mut quiet, mut all) = (pause, Vec::new());
    for (at, frame) in heard.iter().enumerate() {
        if frame[0].abs() > 1e-4 {
            if quiet >= pause {
                all.push(at);
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    all
}

/// The greatest step from one sample to the next.
pub(crate) fn roughness(signal: &[f32]) -> f32 {
    signal.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

pub(crate) fn f(value: f32) -> Arg {
    Arg::Float(value)
}

pub(crate) fn s(text: &str) -> Arg {
    Arg::from(text)
}

//! A take played again: its messages and texts come in at the frames at which they did.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::block_loop::Frame;
use crate::engine::commands::{EngineCommand, EngineReport, TimedCommand};
use crate::engine::guard::Fault;
use crate::engine::performance::Performance;
use crate::live::changes::PendingEffects;
use crate::live::outcome::Outcome;
use crate::live::session::{Session, SessionConfig, Unplayable};
use crate::live::take::{Take, TakeEvent, TakeLine};
use crate::live::used::content_name;
use crate::live::versions::{Version, instead, version};
use crate::modules::spec::BLOCK;
use crate::osc::message::Message;
use crate::plan::compiled_plan::Plan;

/// Seconds after the last line of a take that was cut off, if its song never ends.
const LONGEST_REST: u64 = 60;

/// What was done with a line of a take.
enum ReplayStep {
    /// It was read.
    Read(TakeLine),
    /// The session told of what the line of this number and this frame changes.
    Tell(u64, u64),
}

impl ReplayStep {
    /// The steps of `lines`, in the order in which they were done.
    fn of(lines: Vec<TakeLine>) -> Vec<Self> {
        let mut steps: Vec<(u64, Self)> = Vec::with_capacity(lines.len());
        for line in lines {
            steps.extend(line.told.map(|told| (told, Self::Tell(line.number, line.frame))));
            steps.push((line.number, Self::Read(line)));
        }
        steps.sort_by_key(|(number, _)| *number);
        steps.into_iter().map(|(_, step)| step).collect()
    }

    /// The frame by which it must have been done; nothing depends on when the session reports something but what is
    /// read after that.
    fn frame(&self) -> u64 {
        match self {
            Self::Read(line) => line.frame,
            Self::Tell(..) => u64::MAX,
        }
    }
}

/// A take being played again.
pub struct Replay {
    /// Where the take stands.
    path: PathBuf,
    /// What was in the files that its songs use.
    used: Vec<Version>,
    /// Those that have changed since.
    others: Vec<String>,
    session: Session,
    performance: Performance,
    steps: std::vec::IntoIter<ReplayStep>,
    /// Commands that are due later, in the order of frames.
    due: Vec<TimedCommand>,
    /// Of each step, the frame up to which it must have been done: the least of all frames from there on.
    first_frames: Vec<u64>,
    done: usize,
    /// What commands on their way change in the session.
    effects: PendingEffects,
    /// The frames of the lines that have been read, by number.
    frames: BTreeMap<u64, u64>,
    end: Option<u64>,
    /// The frame of the last line.
    last: u64,
    /// A line that does nothing in the song, and why.
    refused: Option<String>,
    /// What has blown up, each with the plan that names it.
    faults: Vec<(Arc<Plan>, Fault)>,
}

impl Replay {
    /// Plays the take that stands at `path` again, with what it uses beside `config.path`.
    ///
    /// # Errors
    /// What is wrong with its song.
    pub fn new(take: Take, path: &Path, config: SessionConfig) -> Result<Self, Unplayable> {
        let instead = instead(&take.used, 0, path);
        let keeps = !take.used.is_empty();
        let config = SessionConfig { rate: take.rate, ends: take.ends, keeps, instead, ..config };
        let (session, mut performance) = Session::begin(config, &take.text)?;
        if take.from > 0 {
            performance.start_at(take.from);
        }
        let last = take.lines.iter().map(|line| line.frame).max().unwrap_or(0);
        let steps = ReplayStep::of(take.lines);
        let mut first_frames: Vec<u64> = steps.iter().map(ReplayStep::frame).collect();
        for place in (1..first_frames.len()).rev() {
            first_frames[place - 1] = first_frames[place - 1].min(first_frames[place]);
        }
        let (steps, faults) = (steps.into_iter(), Vec::new());
        let mut replay = Self {
            path: path.to_owned(),
            used: take.used,
            others: Vec::new(),
            session,
            performance,
            steps,
            due: Vec::new(),
            first_frames,
            done: 0,
            effects: PendingEffects::default(),
            frames: BTreeMap::new(),
            end: take.end,
            last,
            refused: None,
            faults,
        };
        replay.compare_used(0);
        Ok(replay)
    }

    /// From the text with this number on, files are read as they were then.
    fn read_used(&mut self, number: u64) {
        self.session.read_instead(instead(&self.used, number, &self.path));
    }

    /// Notes the files that aren't any more as they were when the text with this number came in.
    fn compare_used(&mut self, number: u64) {
        for changed in self.session.changed() {
            let known = version(&self.used, &changed.name, number);
            if known.is_some_and(|known| known.content != content_name(&changed.now)) {
                self.others.push(changed.name);
            }
        }
    }

    /// The files that its songs use and that have changed since it was played, by their paths from the song's folder.
    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// What has blown up so far and was held, once for each song in which it did, with the plan that names it.
    pub fn faults(&self) -> &[(Arc<Plan>, Fault)] {
        &self.faults
    }

    /// The frame of the next block.
    pub fn frame(&self) -> u64 {
        self.performance.frame()
    }

    /// The files that were read for the songs so far.
    pub fn read(&self) -> impl Iterator<Item = &Path> {
        self.session.read()
    }

    /// Frames a second.
    pub fn rate(&self) -> u32 {
        self.session.config().rate
    }

    /// Whether all that was played has been given; a take that was cut off ends when its song has rung out.
    pub fn is_over(&self, rung_out: bool) -> bool {
        if let Some(end) = self.end {
            return self.frame() >= end;
        }
        // Nobody knows how long it was played on, so a while after the last line has to do.
        let behind = self.frame() > self.last + LONGEST_REST * u64::from(self.rate());
        self.is_read() && self.due.is_empty() && (rung_out || behind)
    }

    /// Whether every line has been read.
    fn is_read(&self) -> bool {
        self.first_frames.get(self.done).is_none_or(|frame| *frame == u64::MAX)
    }

    /// Takes note of a message that nothing has come of.
    fn refuse(&mut self, frame: u64, message: &Message, outcome: &Outcome) {
        let why = outcome.answers.iter().find(|answer| answer.address == "/error");
        let why = why.and_then(|answer| answer.args.get(1)?.text()).filter(|_| outcome.commands.is_empty());
        if let Some(why) = why.filter(|_| self.refused.is_none()) {
            self.refused = Some(format!("at {frame}: `{message}`: {why}"));
        }
    }

    /// The first line that does nothing in the song, and why, if there has been one.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Reads a line, with its commands carried out at its frame; what needn't wait for that is carried out at `now`.
    fn read_line(&mut self, line: TakeLine, now: u64) -> Result<(), Unplayable> {
        let TakeLine { frame, number, told, what } = line;
        self.frames.insert(number, frame);
        let commands = match what {
            TakeEvent::Message(message) => {
                let outcome = match told {
                    Some(_) => self.session.hear_ahead(&message),
                    None => self.session.hear(&message),
                };
                self.refuse(frame, &message, &outcome);
                self.effects.expect(number, outcome.changes, told.is_some());
                outcome.first.into_iter().for_each(|command| self.command(now, number, command));
                outcome.commands
            }
            TakeEvent::Song { text, at_bar, fresh } => {
                self.read_used(number);
                let load = if fresh { Session::load } else { Session::reload };
                let commands = load(&mut self.session, &text, at_bar)?;
                let waits = at_bar && told.is_some();
                self.effects.expect_song(waits.then_some(number));
                if at_bar && !waits {
                    // Takes of old don't say when it was reported.
                    self.session.come();
                }
                self.compare_used(number);
                commands
            }
        };
        commands.into_iter().for_each(|command| self.command(frame, number, command));
        Ok(())
    }

    fn command(&mut self, frame: u64, number: u64, command: EngineCommand) {
        let place = self.due.partition_point(|other| other.frame <= frame);
        self.due.insert(place, TimedCommand { frame, number, command });
    }

    /// The commands of the line of this number have been carried out at this frame.
    fn tell(&mut self, number: u64, frame: u64) {
        let frames = &self.frames;
        self.effects.forget(|other| frames.get(&other).is_some_and(|at| (*at, other) < (frame, number)));
        if !self.effects.came(number, &mut self.session) {
            self.effects.took(number, &mut self.session);
        }
    }

    /// The frames of the next block that were heard, and whether the song has rung out.
    ///
    /// # Errors
    /// What is wrong with a song in the take.
    pub fn block(&mut self, frames: &mut [Frame; BLOCK]) -> Result<(usize, bool), Unplayable> {
        let start = self.frame();
        let until = start + BLOCK as u64;
        // What was read earlier is read earlier, even if it was due later.
        while self.first_frames.get(self.done).is_some_and(|frame| *frame < until) {
            self.done += 1;
            match self.steps.next() {
                Some(ReplayStep::Read(line)) => self.read_line(line, start)?,
                Some(ReplayStep::Tell(number, frame)) => self.tell(number, frame),
                None => break,
            }
        }
        while self.due.first().is_some_and(|timed| timed.frame < until) {
            self.performance.enqueue(self.due.remove(0));
        }
        self.performance.block(frames);
        let mut over = false;
        for report in self.performance.reports() {
            match report {
                EngineReport::Over { .. } => over = true,
                EngineReport::Fault { plan, fault } => self.faults.push((plan, fault)),
                _ => {}
            }
        }
        let count = self.end.map_or(BLOCK, |end| end.saturating_sub(start).min(BLOCK as u64) as usize);
        Ok((count, over))
    }
}

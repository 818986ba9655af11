//! A take played again: its messages and texts come in at the frames at which they did.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::block_loop::Frame;
use crate::engine::guard::Fault;
use crate::engine::orders::{Report, Timed};
use crate::engine::performance::Performance;
use crate::live::heard::Heard;
use crate::live::session::{Session, Stage, Unplayable};
use crate::live::take::{Line, Take, What};
use crate::live::used::content_name;
use crate::live::versions::{Version, instead, version};
use crate::modules::spec::BLOCK;
use crate::osc::message::Message;
use crate::plan::steps::Plan;

/// Seconds after the last line of a take that was cut off, if its song never ends.
const LONGEST_REST: u64 = 60;

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
    lines: std::vec::IntoIter<Line>,
    /// Orders that are due later, in the order of frames.
    due: Vec<Timed>,
    /// Of the lines to come, the last one that must be known at which frame: from the end on, the least frame of all behind.
    first_frames: Vec<u64>,
    heard: usize,
    end: Option<u64>,
    /// The frame of the last line.
    last: u64,
    /// A line that does nothing in the song, and why.
    refused: Option<String>,
    /// What has blown up, each with the plan that names it.
    faults: Vec<(Arc<Plan>, Fault)>,
}

impl Replay {
    /// Plays the take that stands at `path` again, with what it uses beside `stage.path`.
    ///
    /// # Errors
    /// What is wrong with its song.
    pub fn new(take: Take, path: &Path, stage: Stage) -> Result<Self, Unplayable> {
        let instead = instead(&take.used, 0, path);
        let keeps = !take.used.is_empty();
        let stage = Stage { rate: take.rate, ends: take.ends, keeps, instead, ..stage };
        let (session, mut performance) = Session::begin(stage, &take.text)?;
        if take.from > 0 {
            performance.start_at(take.from);
        }
        let mut first_frames: Vec<u64> = take.lines.iter().map(|line| line.frame).collect();
        for place in (1..first_frames.len()).rev() {
            first_frames[place - 1] = first_frames[place - 1].min(first_frames[place]);
        }
        let last = take.lines.iter().map(|line| line.frame).max().unwrap_or(0);
        let (lines, faults) = (take.lines.into_iter(), Vec::new());
        let mut replay = Self {
            path: path.to_owned(),
            used: take.used,
            others: Vec::new(),
            session,
            performance,
            lines,
            due: Vec::new(),
            first_frames,
            heard: 0,
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
        self.session.stage().rate
    }

    /// Whether all that was played has been given; a take that was cut off ends when its song has rung out.
    pub fn is_over(&self, rung_out: bool) -> bool {
        if let Some(end) = self.end {
            return self.frame() >= end;
        }
        // Nobody knows how long it was played on, so a while behind the last line has to do.
        let behind = self.frame() > self.last + LONGEST_REST * u64::from(self.rate());
        self.lines.len() == 0 && self.due.is_empty() && (rung_out || behind)
    }

    /// Takes note of a message that nothing has come of.
    fn refuse(&mut self, frame: u64, message: &Message, heard: &Heard) {
        let why = heard.answers.iter().find(|answer| answer.address == "/error");
        let why = why.and_then(|answer| answer.args.get(1)?.text()).filter(|_| heard.orders.is_empty());
        if let Some(why) = why.filter(|_| self.refused.is_none()) {
            self.refused = Some(format!("at {frame}: `{message}`: {why}"));
        }
    }

    /// The first line that does nothing in the song, and why, if there has been one.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// The frames of the next block that were heard, and whether the song has rung out.
    ///
    /// # Errors
    /// What is wrong with a song in the take.
    pub fn block(&mut self, frames: &mut [Frame; BLOCK]) -> Result<(usize, bool), Unplayable> {
        let start = self.frame();
        let until = start + BLOCK as u64;
        // What arrived earlier has been heard earlier, even if it was due later.
        while self.first_frames.get(self.heard).is_some_and(|frame| *frame < until) {
            self.heard += 1;
            let Some(line) = self.lines.next() else { break };
            let orders = match line.what {
                What::Message(message) => {
                    let heard = self.session.hear(&message);
                    self.refuse(line.frame, &message, &heard);
                    heard.orders
                }
                What::Song { text, at_bar, fresh } => {
                    self.read_used(line.number);
                    let load = if fresh { Session::load } else { Session::reload };
                    let orders = load(&mut self.session, &text, at_bar)?;
                    self.compare_used(line.number);
                    orders
                }
            };
            for order in orders {
                let place = self.due.partition_point(|other| other.frame <= line.frame);
                self.due.insert(place, Timed { frame: line.frame, number: line.number, order });
            }
        }
        while self.due.first().is_some_and(|timed| timed.frame < until) {
            self.performance.order(self.due.remove(0));
        }
        self.performance.block(frames);
        let mut over = false;
        for report in self.performance.reports() {
            match report {
                Report::Over { .. } => over = true,
                Report::Fault { plan, fault } => self.faults.push((plan, fault)),
                _ => {}
            }
        }
        let count = self.end.map_or(BLOCK, |end| end.saturating_sub(start).min(BLOCK as u64) as usize);
        Ok((count, over))
    }
}

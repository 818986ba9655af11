//! What can be seen of a running session: written by its thread, read by screens, pages and answers.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::diagnostic::printer::{Style, graphical};
use crate::diagnostic::quote::printable;
use crate::engine::commands::Beat;
use crate::io::stats::{Priority, StreamStats};
use crate::live::octave_bands::BANDS;
use crate::live::session::Unplayable;
use crate::live::step_grid::{GridBar, StepLane};
use crate::model::song::Meter;

/// Lines of news that are kept.
const LINES: usize = 100;
/// Errors of a song's file that are shown at once.
const ERRORS: usize = 10;
/// Refused messages that are reported in one second; the others are counted.
const REFUSALS: u64 = 20;
/// What is left of a level from one report to the next: meters fall by about 45 dB a second.
const FALL: f32 = 0.8;

/// A track as it is seen.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of a mixer")]
pub struct TrackView {
    /// Its name.
    pub id: String,
    /// The instrument that it plays.
    pub instrument: String,
    /// Whether it is heard.
    pub heard: bool,
    /// Whether it is muted.
    pub muted: bool,
    /// Whether it is solo.
    pub solo: bool,
    /// Whether it was added while the song was played.
    pub added: bool,
    /// What it plays in each section.
    pub lanes: Vec<StepLane>,
}

/// A control that has been put somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct OverrideView {
    /// The path under which it was moved last.
    pub path: String,
    /// Its other paths: its own first, unless it was moved under that, then its second names.
    pub others: Vec<String>,
    /// Where, in its unit.
    pub value: f64,
    /// The same as one says it: 2.5 kHz.
    pub spoken: String,
    /// The least and the greatest that it can be.
    pub range: (f64, f64),
}

/// The section that is played.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionView {
    /// Which playing it is, in the order of the song.
    pub span: usize,
    /// The section's index.
    pub section: usize,
    /// Its first bar, counted from 1 through the song.
    pub first: u32,
    /// Its time signature.
    pub meter: Meter,
}

/// What can be seen.
#[derive(Default)]
pub struct View {
    /// The song's name.
    pub title: String,
    /// Where it is.
    pub beat: Beat,
    /// When that was reported.
    pub told: Option<Instant>,
    /// In which section; `None` after the end.
    pub here: Option<SectionView>,
    /// The time signature of the section that was played last.
    pub(super) meter: Option<Meter>,
    /// Its name; empty if it has none.
    pub section: String,
    /// The playings of sections in their order: the name, and the first bar.
    pub sections: Vec<(String, u32)>,
    /// The bars of the song; 0 if it has no end.
    pub bars: u32,
    /// The peaks of left and right, linear, as a meter shows them.
    pub peak: [f32; 2],
    /// The same of each instrument, in the order of the song.
    pub levels: Vec<(String, f32)>,
    /// The same in bands.
    pub bands: [f32; BANDS],
    /// Whether the tempo was put in place of the song's.
    pub tempo_put: bool,
    /// The first and the last bar of what is played in a loop.
    pub loop_range: Option<(u32, u32)>,
    /// Songs that have come in place of the first one.
    pub songs: u64,
    /// All tracks.
    pub tracks: Vec<TrackView>,
    /// Controls that have been put somewhere, the one that was moved last first.
    pub put: Vec<OverrideView>,
    /// Messages so far.
    pub messages: u64,
    /// Those that couldn't be honoured.
    pub refused: u64,
    /// Those whose time had passed.
    pub late: u64,
    /// Commands for which there was no room.
    pub dropped: u64,
    /// Edits with errors.
    pub errors: u64,
    /// The song is over and has rung out.
    pub over: bool,
    /// Whether the song's file can't be played as it is.
    pub flawed: bool,
    /// What is wrong with it, as long as it is.
    pub(super) flaw: Option<Arc<Unplayable>>,
    /// What is wrong with it; whoever prints it may take it.
    pub unplayable: Option<Arc<Unplayable>>,
    /// What the speaker has come to.
    pub stats: Option<StreamStats>,
    /// News, the newest last, and how many there have been.
    pub log: VecDeque<String>,
    /// News so far, those forgotten too.
    pub said: u64,
    /// Since when refusals are counted, and how many there have been.
    refusals: Option<(Instant, u64)>,
}

impl View {
    /// Quarter notes of the beat that have gone by; no more than to the next.
    fn since(&self, meter: Meter) -> f64 {
        let Some(told) = self.told.filter(|_| self.beat.moves) else { return self.beat.gone };
        let gone = self.beat.gone + told.elapsed().as_secs_f64() * self.beat.tempo / 60.0;
        gone.clamp(0.0, 4.0 / f64::from(meter.note) * 0.999)
    }

    /// The bar of a track that is played now; `None` where it has nothing. After the end of the song that is a bar of its last
    /// meter, in which added tracks go on.
    pub fn bar(&self, row: &TrackView) -> Option<GridBar> {
        let lane = |lane: &&StepLane| match (lane.section, &self.here) {
            (None, _) => true,
            (Some(section), Some(here)) => section == here.section,
            (Some(_), None) => false,
        };
        let lane = row.lanes.iter().find(lane)?;
        let meter = self.here.as_ref().map_or(self.meter, |here| Some(here.meter))?;
        let length = meter.quarters();
        let inside = f64::from(self.beat.beat.saturating_sub(1)) * 4.0 / f64::from(meter.note);
        let now = inside + self.since(meter);
        match &self.here {
            Some(here) if lane.section.is_some() => {
                let begin = f64::from(self.beat.bar.saturating_sub(here.first)) * length;
                Some(lane.bar(begin, length, begin + now))
            }
            _ => {
                let begin = self.beat.quarters - inside;
                Some(lane.bar(begin, length, begin + now))
            }
        }
    }

    /// The first bar of the section that comes next, or of the first.
    pub fn next_section(&self) -> u32 {
        let next = self.here.as_ref().map_or(0, |here| here.span + 1);
        self.sections.get(next).or(self.sections.first()).map_or(1, |(_, bar)| *bar)
    }

    /// The first bar of the section before, or of the first.
    pub fn last_section(&self) -> u32 {
        let last = self.here.as_ref().map_or(self.sections.len(), |here| here.span).saturating_sub(1);
        self.sections.get(last).map_or(1, |(_, bar)| *bar)
    }

    /// How loud an instrument is, as a meter shows it; 0 if there is none of that name.
    pub fn level_of(&self, id: &str) -> f32 {
        self.levels.iter().find(|(known, _)| known == id).map_or(0.0, |(_, level)| *level)
    }

    /// Takes note of how loud an instrument has been.
    pub(super) fn level(&mut self, id: &str, peak: f32) {
        if let Some((_, seen)) = self.levels.iter_mut().find(|(known, _)| known == id) {
            *seen = peak.max(*seen * FALL);
        }
    }

    /// The same of all that is heard.
    pub(super) fn out(&mut self, peak: [f32; 2]) {
        for (seen, peak) in self.peak.iter_mut().zip(peak) {
            *seen = peak.max(*seen * FALL);
        }
    }

    /// Takes note of where controls stand, in any order.
    pub(super) fn stand(&mut self, new: Vec<OverrideView>) {
        let (same, mut moved): (Vec<OverrideView>, Vec<OverrideView>) =
            new.into_iter().partition(|one| self.put.contains(one));
        moved.extend(self.put.drain(..).filter(|one| same.contains(one)));
        self.put = moved;
    }

    /// Adds a line of news.
    pub fn say(&mut self, line: String) {
        if self.log.len() == LINES {
            self.log.pop_front();
        }
        // Names of files and what was sent are in it.
        let safe = match printable(&line) {
            Cow::Borrowed(_) => None,
            Cow::Owned(safe) => Some(safe),
        };
        self.log.push_back(safe.unwrap_or(line));
        self.said += 1;
    }

    /// Counts a message that couldn't be honoured and says why; of many in one second only how many there were.
    pub(super) fn refuse(&mut self, address: &str, reason: &str) {
        self.refused += 1;
        let (since, told) = self.refusals.get_or_insert((Instant::now(), 0));
        if since.elapsed() < Duration::from_secs(1) {
            *told += 1;
        } else {
            let left_out = told.saturating_sub(REFUSALS);
            (*since, *told) = (Instant::now(), 1);
            if left_out > 0 {
                self.say(format!("{left_out} more messages were refused"));
            }
        }
        if self.refusals.is_some_and(|(_, told)| told <= REFUSALS) {
            self.say(format!("{address} refused: {reason}"));
        }
    }

    /// The lines of news after the first `said`, which then is all of them; those forgotten are left out.
    pub fn new_lines(&self, said: &mut u64) -> Vec<String> {
        let new = (self.said - *said).min(self.log.len() as u64) as usize;
        *said = self.said;
        self.log.iter().skip(self.log.len() - new).cloned().collect()
    }

    /// What is wrong with the song's file, with the lines at fault, if it can't be played as it is.
    pub fn flaw(&self) -> Option<String> {
        let Unplayable { sources, diagnostics, .. } = self.flaw.as_deref()?;
        let errors = diagnostics.iter().filter(|one| one.is_error()).take(ERRORS);
        let drawn: Vec<String> = errors.map(|one| graphical(one, sources, Style::Plain)).collect();
        Some(drawn.join("\n"))
    }

    /// Adds a line of news about something that went wrong.
    pub fn warn(&mut self, line: String) {
        self.errors += 1;
        self.say(line);
    }

    /// The answer to `/engine/status`.
    pub fn engine_status(&mut self, rate: u32, frame: u64, voices: usize, uptime: f64) -> Value {
        let stats = self.stats.as_ref();
        let priority = stats.map(|stats| match stats.priority {
            Priority::RealTime => "real-time",
            Priority::Refused => "refused",
            Priority::Unasked => "not asked for yet",
        });
        json!({
            "rate": rate, "frame": frame, "uptime": uptime, "voices": voices,
            "messages": self.messages, "messages_refused": self.refused, "messages_late": self.late, "dropped": self.dropped, "errors": self.errors,
            "buffer": stats.map(|one| one.buffer), "latency_ms": stats.map(|one| one.latency_ms),
            "load": stats.map(|one| one.load), "load_peak": stats.map(|one| one.load_peak),
            "xruns": stats.map(|one| one.xruns), "restarts": stats.map(|one| one.restarts), "priority": priority,
        })
    }
}

//! What can be seen of a running session: written by its thread, read by screens and answers.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::orders::Beat;
use crate::io::figures::{Figures, Priority};
use crate::live::session::Unplayable;

/// Lines of news that are kept.
const LINES: usize = 100;

/// What can be seen.
#[derive(Default)]
pub struct View {
    /// The song's name.
    pub title: String,
    /// Where it is.
    pub beat: Beat,
    /// In which section; empty if it has none.
    pub section: String,
    /// The peaks of left and right since they were looked at.
    pub peak: [f32; 2],
    /// Whether a track is heard, its name, its instrument.
    pub tracks: Vec<(bool, String, String)>,
    /// Controls that have been put somewhere, by path.
    pub put: Vec<(String, f64)>,
    /// Messages so far.
    pub messages: u64,
    /// Those that couldn't be honoured.
    pub refused: u64,
    /// Those whose time had passed.
    pub late: u64,
    /// Orders for which there was no room.
    pub dropped: u64,
    /// Edits with errors.
    pub errors: u64,
    /// The song is over and has rung out.
    pub over: bool,
    /// The last edit, if it can't be played; it is shown once.
    pub unplayable: Option<Arc<Unplayable>>,
    /// What the speaker has come to.
    pub figures: Option<Figures>,
    /// News, the newest last, and how many there have been.
    pub news: VecDeque<String>,
    /// News so far, those forgotten too.
    pub said: u64,
}

impl View {
    /// Adds a line of news.
    pub fn say(&mut self, line: String) {
        if self.news.len() == LINES {
            self.news.pop_front();
        }
        self.news.push_back(line);
        self.said += 1;
    }

    /// Adds a line of news about something that went wrong.
    pub fn warn(&mut self, line: String) {
        self.errors += 1;
        self.say(line);
    }

    /// The answer to `/engine/status`.
    pub fn engine_status(&mut self, rate: u32, frame: u64, voices: usize, uptime: f64) -> Value {
        let figures = self.figures.as_ref();
        let priority = figures.map(|figures| match figures.priority {
            Priority::RealTime => "real-time",
            Priority::Refused => "refused",
            Priority::Unasked => "not asked for yet",
        });
        json!({
            "rate": rate, "frame": frame, "uptime": uptime, "voices": voices,
            "messages": self.messages, "messages_refused": self.refused, "messages_late": self.late, "dropped": self.dropped, "errors": self.errors,
            "buffer": figures.map(|one| one.buffer), "latency_ms": figures.map(|one| one.latency_ms),
            "load": figures.map(|one| one.load), "load_peak": figures.map(|one| one.load_peak),
            "xruns": figures.map(|one| one.xruns), "restarts": figures.map(|one| one.restarts), "priority": priority,
        })
    }
}

//! Whoever asked for news: what is pushed to them, and how often.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::engine::orders::Beat;
use crate::io::port::Port;
use crate::live::session::Session;
use crate::osc::message::{Arg, Message};

/// How long a subscription lasts if it isn't renewed.
const LASTS: Duration = Duration::from_secs(30);
/// How often levels and controls are pushed.
const PAUSE: Duration = Duration::from_millis(100);
/// The most subscribers.
const MOST: usize = 64;
/// The level in dB that displays show as 0.
const FLOOR: f32 = -60.0;

/// All of them.
pub(super) struct Subscribers {
    all: Vec<(SocketAddr, Instant)>,
    /// A display of old.
    viz: Option<SocketAddr>,
    section: String,
    peak: f32,
    pushed: Instant,
    /// Where controls stood when they were pushed last.
    told: BTreeMap<String, f64>,
    /// Whether any control may have changed.
    pub(super) changed: bool,
}

impl Subscribers {
    pub(super) fn new(viz: Option<SocketAddr>) -> Self {
        Self {
            all: Vec::new(),
            viz,
            section: String::new(),
            peak: 0.0,
            pushed: Instant::now(),
            told: BTreeMap::new(),
            changed: false,
        }
    }

    /// Adds one, or renews it.
    pub(super) fn add(&mut self, who: SocketAddr) {
        self.remove(who);
        if self.all.len() < MOST {
            self.all.push((who, Instant::now()));
        }
    }

    pub(super) fn remove(&mut self, who: SocketAddr) {
        self.all.retain(|(other, _)| *other != who);
    }

    fn tell(&self, port: &Port, message: &Message) {
        for (who, _) in &self.all {
            // Who has gone is forgotten in time.
            let _ = port.send(*who, message);
        }
    }

    pub(super) fn beat(&mut self, port: &Port, beat: &Beat, section: &str) {
        self.tell(port, &Message::new("/beat", [Arg::Int(beat.bar as i32), Arg::Int(beat.beat as i32)]));
        if section != self.section {
            section.clone_into(&mut self.section);
            self.tell(port, &Message::new("/section", [Arg::from(section)]));
        }
    }

    pub(super) fn level(&mut self, peak: [f32; 2]) {
        self.peak = self.peak.max(peak[0]).max(peak[1]);
    }

    /// Pushes what is due.
    pub(super) fn push(&mut self, port: &Port, session: &Session) {
        if self.pushed.elapsed() < PAUSE {
            return;
        }
        self.pushed = Instant::now();
        self.all.retain(|(_, since)| since.elapsed() < LASTS);
        let peak = std::mem::take(&mut self.peak);
        if let Some(viz) = self.viz {
            let level =
                1.0 - crate::dsp::math::decibels(f64::from(peak)).max(f64::from(FLOOR)) as f32 / FLOOR;
            let _ = port.send(viz, &Message::new("/viz/levels", [Arg::Float(level.clamp(0.0, 1.0))]));
        }
        if self.all.is_empty() {
            return;
        }
        self.tell(port, &Message::new("/level", [Arg::from("out"), Arg::Float(peak)]));
        let put = session.put();
        for (path, value) in put {
            if self.told.get(path) != Some(value) {
                let address = format!("/mod/{}", path.replace('.', "/"));
                self.tell(port, &Message::new("/param", [Arg::from(address), Arg::Float(*value as f32)]));
            }
        }
        for path in self.told.keys().filter(|path| !put.contains_key(*path)) {
            let value = session.controls().at(path).and_then(|named| session.value(named));
            let value = value.map_or(Arg::Nil, |value| Arg::Float(value as f32));
            let address = format!("/mod/{}", path.replace('.', "/"));
            self.tell(port, &Message::new("/param", [Arg::from(address), value]));
        }
        self.told.clone_from(put);
    }
}

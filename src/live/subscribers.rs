//! Whoever asked for news: what is pushed to them, and how often.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::engine::commands::Beat;
use crate::io::port::OscPort;
use crate::live::octave_bands::{BANDS, shown};
use crate::live::session::Session;
use crate::model::controls::address;
use crate::osc::message::{Arg, Message};
use crate::osc::packet;

/// How long a subscription lasts if it isn't renewed.
const LASTS: Duration = Duration::from_secs(30);
/// How often levels and controls are pushed.
const PAUSE: Duration = Duration::from_millis(100);
/// The most subscribers.
const MOST: usize = 64;
/// What the level of all that is heard is called.
pub(super) const OUT: &str = "out";

/// All of them.
pub(super) struct Subscribers {
    all: Vec<(SocketAddr, Instant)>,
    /// A display of old, and the address it is sent from.
    viz: Option<(SocketAddr, UdpSocket)>,
    section: String,
    pushed: Instant,
    /// Where controls stood when they were pushed last.
    told: BTreeMap<String, f64>,
}

impl Subscribers {
    pub(super) fn new(viz: Option<SocketAddr>) -> Self {
        Self {
            all: Vec::new(),
            // Who listens on another machine gets messages from any address; on this one, from this one.
            viz: viz.and_then(|to| {
                let from = if to.ip().is_loopback() { to.ip() } else { Ipv4Addr::UNSPECIFIED.into() };
                Some((to, UdpSocket::bind((from, 0)).ok()?))
            }),
            section: String::new(),
            pushed: Instant::now(),
            told: BTreeMap::new(),
        }
    }

    /// Adds one, or renews it; whether there was room.
    pub(super) fn add(&mut self, who: SocketAddr) -> bool {
        self.remove(who);
        let room = self.all.len() < MOST;
        if room {
            self.all.push((who, Instant::now()));
        }
        room
    }

    pub(super) fn remove(&mut self, who: SocketAddr) {
        self.all.retain(|(other, _)| *other != who);
    }

    fn tell(&self, port: &OscPort, message: &Message) {
        for (who, _) in &self.all {
            // Who has gone is forgotten in time.
            let _ = port.send(*who, message);
        }
    }

    pub(super) fn beat(&mut self, port: &OscPort, beat: &Beat, section: &str) {
        self.tell(port, &Message::new("/beat", [Arg::Int(beat.bar as i32), Arg::Int(beat.beat as i32)]));
        if section != self.section {
            section.clone_into(&mut self.section);
            self.tell(port, &Message::new("/section", [Arg::from(section)]));
        }
    }

    /// Pushes that a module, or `out`, has blown up.
    pub(super) fn fault(&self, port: &OscPort, name: &str, words: &str) {
        self.tell(port, &Message::new("/error", [Arg::from(name), Arg::from(words)]));
    }

    /// Whether there is something to push.
    pub(super) fn are_due(&self) -> bool {
        self.pushed.elapsed() >= PAUSE
    }

    /// Pushes what is due: how loud each instrument and [`OUT`] have been, and each band of what is heard.
    pub(super) fn push(
        &mut self,
        port: Option<&OscPort>,
        session: &Session,
        levels: &BTreeMap<String, f32>,
        bands: [f32; BANDS],
    ) {
        self.pushed = Instant::now();
        let level = |id: &str| levels.get(id).copied().unwrap_or(0.0);
        if let Some((to, socket)) = &self.viz {
            let floats = |levels: &mut dyn Iterator<Item = f32>| -> Vec<Arg> {
                levels.map(|level| Arg::Float(shown(level))).collect()
            };
            let instruments = &session.song().instruments;
            let of_instruments = floats(&mut instruments.iter().map(|one| level(&one.id)));
            for message in [
                Message::new("/viz/levels", of_instruments),
                Message::new("/viz/spectrum", floats(&mut bands.into_iter())),
            ] {
                // Who doesn't look misses it.
                let _ = socket.send_to(&packet::write(&message), to);
            }
        }
        let Some(port) = port else { return };
        self.all.retain(|(_, since)| since.elapsed() < LASTS);
        if self.all.is_empty() {
            return;
        }
        let instruments = session.song().instruments.iter().map(|one| one.id.as_str());
        for id in std::iter::once(OUT).chain(instruments) {
            self.tell(port, &Message::new("/level", [Arg::from(id), Arg::Float(level(id))]));
        }
        let put = session.put();
        for (path, value) in put.iter().filter(|(path, value)| self.told.get(*path) != Some(*value)) {
            self.param(port, session, path, &Arg::Float(*value as f32));
        }
        for path in self.told.keys().filter(|path| !put.contains_key(*path)) {
            let value = session.controls().at(path).and_then(|named| session.value(named));
            self.param(port, session, path, &value.map_or(Arg::Nil, |value| Arg::Float(value as f32)));
        }
        self.told.clone_from(put);
    }

    /// Tells where the control of this path stands, under each of its names.
    fn param(&self, port: &OscPort, session: &Session, path: &str, value: &Arg) {
        let names = session.names_of(path);
        let names = if names.is_empty() { vec![path] } else { names };
        for name in names {
            self.tell(port, &Message::new("/param", [Arg::from(address(name)), value.clone()]));
        }
    }
}

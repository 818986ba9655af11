//! A performance: decks played one after another, block by block, with everything that is ordered meanwhile.
//!
//! It reads no clock and allocates nothing while it plays: the same commands at the same frames give the same samples, live and
//! when a take is rendered.

use crate::engine::block_loop::Frame;
use crate::engine::commands::{Beat, EngineCommand, EngineReport, StableId, TimedCommand};
use crate::engine::deck::{Deck, KEYS};
use crate::engine::deck_change::Leaving;
use crate::engine::handover::HandoverScratch;
use crate::engine::playhead::{Playhead, Playheads};
use crate::engine::ramp::Ramp;
use crate::modules::spec::BLOCK;
use crate::plan::score::Note;
use crate::plan::voices::SILENCE;

/// Seconds in which all sound is turned up or down.
const FADE: f64 = 0.02;
/// The most decks that fade out at a time.
pub(super) const LEAVING: usize = 4;
/// Commands that can wait for their frame or for a bar.
pub(super) const WAITING: usize = 1_024;
/// Frames between two reports of the level.
const LEVELS: u64 = 2_048;
/// Names that there can be of tracks.
pub const TRACKS: usize = 4_096;
/// Reports that can wait for being fetched.
const REPORTS: usize = 4_096;

/// Decks being played.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Performance {
    pub(super) deck: Box<Deck>,
    /// The deck that comes next, and the frame at which it does.
    pub(super) coming: Option<(Box<Deck>, u64)>,
    /// Decks that fade out, each into the next, the last into the one that is heard.
    pub(super) leaving: Vec<Leaving>,
    /// One that has faded out and of which the deck that is heard still takes over what its rings hold.
    pub(super) faded: Option<Leaving>,
    pub(super) room: HandoverScratch,
    /// Frames of the song by which the deck that comes is after the one before it at the same time.
    pub(super) shift: f64,
    pub(super) rate: f64,
    /// The frame of the next block.
    pub(super) frame: u64,
    /// Everything before this frame has been decided.
    pub(super) head: u64,
    pub(super) places: Playheads,
    /// The frame of the song at which the next block begins if nothing jumps.
    pub(super) expected: f64,
    /// Everything before this frame of the song has been played.
    pub(super) played: f64,
    /// Quarter notes since the start, at `head`, and how many a frame.
    pub(super) quarters: f64,
    pub(super) tempo: Option<f64>,
    pub(super) playing: bool,
    pub(super) loop_range: Option<(u64, u64)>,
    /// The frame at which sources of the top level have begun.
    pub(super) begun: f64,
    /// The frame at which the song was over.
    pub(super) over: Option<u64>,
    /// Whether sources of the top level stop there.
    pub(super) ends: bool,
    pub(super) told_over: bool,
    /// Whether something was played after that, which has to ring out too.
    pub(super) played_after: bool,
    /// The greatest number of an order that was carried out.
    carried: u64,
    pub(super) quiet: u64,
    pub(super) later: Vec<TimedCommand>,
    pub(super) at_bar: Vec<TimedCommand>,
    pub(super) muted: Vec<bool>,
    pub(super) solo: Vec<bool>,
    pub(super) solos: usize,
    pub(super) level: Ramp,
    /// How loud it has been since it was last told.
    pub(super) peak: [f32; 2],
    pub(super) reports: Vec<EngineReport>,
    pub(super) last_beat: (u32, u32),
    pub(super) scale: f64,
}

impl Performance {
    /// A performance that begins with `deck`. If it `ends`, so do sources of the top level after the song's last bar.
    pub fn new(deck: Box<Deck>, ends: bool) -> Self {
        let rate = f64::from(deck.plan().rate);
        Self {
            deck,
            coming: None,
            leaving: Vec::with_capacity(LEAVING),
            faded: None,
            room: HandoverScratch::new(),
            shift: 0.0,
            rate,
            frame: 0,
            head: 0,
            places: Playheads::new(Playhead::START),
            expected: 0.0,
            played: 0.0,
            quarters: 0.0,
            tempo: None,
            playing: true,
            loop_range: None,
            begun: 0.0,
            over: None,
            ends,
            told_over: false,
            played_after: false,
            carried: 0,
            quiet: 0,
            later: Vec::with_capacity(WAITING),
            at_bar: Vec::with_capacity(WAITING),
            muted: vec![false; TRACKS],
            solo: vec![false; TRACKS],
            solos: 0,
            level: Ramp::at(1.0),
            peak: [0.0; 2],
            reports: Vec::with_capacity(REPORTS),
            last_beat: (0, 0),
            scale: 1.0,
        }
    }

    /// Starts at a frame of the song; before the first block only.
    pub fn start_at(&mut self, song: u64) {
        self.places = Playheads::new(Playhead { song: song as f64, ..Playhead::START });
        self.expected = song as f64;
        self.deck.seek(song as f64);
        self.played = song as f64;
        let timeline = &self.deck.plan().timeline;
        self.quarters = timeline.quarters(song as f64 / self.rate).0;
    }

    /// The frame of the next block.
    pub fn frame(&self) -> u64 {
        self.frame
    }

    /// Frames by which what is heard lags.
    pub fn latency(&self) -> u64 {
        self.deck.plan().latency
    }

    /// What there is to tell since the last time.
    pub fn reports(&mut self) -> impl Iterator<Item = EngineReport> {
        self.reports.drain(..)
    }

    /// The same, but no more than so many; the rest comes the next time.
    pub fn reports_up_to(&mut self, most: usize) -> impl Iterator<Item = EngineReport> {
        let count = self.reports.len().min(most);
        self.reports.drain(..count)
    }

    /// How many commands it can take now, with room to report each.
    pub fn room(&self) -> usize {
        (WAITING - self.later.len()).min((REPORTS - self.reports.len()) / 4)
    }

    /// Takes an order, to be carried out when it is due.
    pub fn enqueue(&mut self, timed: TimedCommand) {
        if self.later.len() == WAITING {
            self.report(EngineReport::Dropped { number: timed.number });
            self.discard(timed.command);
            return;
        }
        // What is to be done at once comes after what is due anyway, in the order in which it was said.
        let frame = timed.frame.max(self.frame);
        let place = self.later.partition_point(|other| other.frame <= frame);
        self.later.insert(place, TimedCommand { frame, ..timed });
    }

    /// Plays one block.
    pub fn block(&mut self, frames: &mut [Frame; BLOCK]) {
        let until = self.frame + BLOCK as u64;
        let frame = self.frame;
        self.deck.allocator.earliest = frame;
        self.next_deck().allocator.earliest = frame;
        self.change_before(until);
        while self.later.first().is_some_and(|timed| timed.frame < until) {
            let timed = self.later.remove(0);
            let at = timed.frame.max(self.frame);
            self.carry_out(TimedCommand { frame: at, ..timed });
        }
        self.decide(until);
        // It may just have been decided that one comes in.
        self.change_before(until);
        if let Some((coming, at)) = &mut self.coming {
            let start = *at - *at % BLOCK as u64;
            coming.come(&mut self.deck, self.frame, start);
        }
        self.places.forget(self.frame);
        let place = self.places.at(self.frame);
        let end = self.over.filter(|_| self.ends).map_or(f64::INFINITY, |over| over as f64);
        let sources = [self.begun, end];
        if (place.at(self.frame) - self.expected).abs() > 1.0 {
            self.deck.engine.jump();
            self.leaving().for_each(|deck| deck.engine.jump());
        }
        self.expected = place.at(until);
        self.deck.prepare();
        self.play(place, sources, frames);
        if self.level.left > 0 || self.level.now != 1.0 {
            for frame in frames.iter_mut() {
                let level = self.level.next();
                *frame = frame.map(|sample| sample * level);
            }
        }
        for frame in frames.iter() {
            for (peak, sample) in self.peak.iter_mut().zip(frame) {
                *peak = peak.max(sample.abs());
            }
        }
        self.tell_led();
        while let Some(fault) = self.deck.next_fault() {
            self.report(fault);
        }
        self.frame = until;
        self.tell(frames);
    }

    pub(super) fn report(&mut self, report: EngineReport) {
        if self.reports.len() < REPORTS {
            self.reports.push(report);
        }
    }

    /// Gives back what an order held.
    pub(super) fn discard(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Note { note, .. } => self.report(EngineReport::Note(note)),
            EngineCommand::Deck { deck, .. } => self.report(EngineReport::Deck(deck)),
            EngineCommand::Track { track: Some(track), .. } => self.report(EngineReport::Loop(track)),
            _ => {}
        }
    }

    fn carry_out(&mut self, timed: TimedCommand) {
        let TimedCommand { frame, number, command } = timed;
        let offset = (frame - self.frame) as usize;
        self.carried = self.carried.max(number);
        match command {
            EngineCommand::Override { control, action } => self.apply_override(control, offset, action),
            EngineCommand::ReleaseAll => {
                self.meanwhile(&command);
                self.deck.free_all(offset);
                for leaving in self.leaving() {
                    leaving.free_all(offset);
                }
            }
            EngineCommand::Note { instrument, mut note, key, frames } => {
                self.sound_again();
                let room = self.note(frame, instrument, &mut note, key, frames);
                self.report(EngineReport::Note(note));
                if !room {
                    self.report(EngineReport::Dropped { number });
                    return;
                }
            }
            EngineCommand::Close { instrument, key } => self.close(frame, instrument, key),
            EngineCommand::Gate { gate, value } => {
                if value > 0.0 {
                    self.sound_again();
                }
                self.deck.open(gate, offset, value);
                for leaving in self.leaving() {
                    leaving.open(gate, offset, value);
                }
            }
            EngineCommand::Start => self.set_playing(true),
            EngineCommand::Stop => self.set_playing(false),
            EngineCommand::Tempo(tempo) => {
                self.meanwhile(&command);
                self.tempo = tempo;
                self.last_beat = (0, 0);
                self.set_speed();
            }
            EngineCommand::Loop(loop_range) => self.loop_range = loop_range.filter(|(from, to)| to > from),
            EngineCommand::Mute(track, on) => {
                self.meanwhile(&command);
                if let Some(muted) = self.muted.get_mut(track as usize) {
                    *muted = on;
                }
            }
            EngineCommand::Solo(track, on) => {
                self.meanwhile(&command);
                if let Some(solo) = self.solo.get_mut(track as usize) {
                    *solo = on;
                }
                self.solos = self.solo.iter().filter(|solo| **solo).count();
            }
            EngineCommand::Level(level) => self.level.go(level, (FADE * self.rate) as u32),
            EngineCommand::Goto(_) | EngineCommand::Track { .. } => {
                self.wait_for_bar(TimedCommand { frame, number, command });
                return;
            }
            // Another form of a song that has come in meanwhile.
            EngineCommand::Deck { deck, at_bar: true } if deck.song != self.next_deck().song => {
                self.let_wait(deck, frame, number);
                return;
            }
            EngineCommand::Deck { deck, .. } => {
                self.take_deck(deck);
            }
            EngineCommand::NoOp => {}
        }
        self.report(EngineReport::Done { number, frame });
    }

    fn note(&mut self, frame: u64, name: StableId, note: &mut Note, key: u8, frames: Option<u64>) -> bool {
        // What a deck that is about to go begins now would be lost, so the one that comes plays it.
        let earliest = self.coming.as_ref().map_or(frame, |(_, at)| frame.max(*at));
        let (deck, heard) = match &mut self.coming {
            Some((deck, _)) => (&mut **deck, false),
            None => (&mut *self.deck, true),
        };
        let Some(Some(instrument)) = deck.names.instruments.get(name as usize).copied() else { return true };
        (note.instrument, note.lane, note.slurred) = (instrument, deck.key_lane(instrument, key), false);
        deck.allocator.earliest = earliest;
        // Of a deck that isn't heard yet nobody knows which voices are.
        let wait = deck.allocator.wait(instrument, earliest, |voice| !heard || deck.engine.is_awake(voice));
        let start = earliest + wait;
        deck.play(note, start, frames.map_or(u64::MAX, |frames| start + frames))
    }

    fn close(&mut self, frame: u64, name: StableId, key: Option<u8>) {
        let keys = match key {
            Some(key) => key..key + 1,
            None => 0..KEYS as u8,
        };
        let coming = self.coming.as_mut().map(|(deck, at)| (&mut **deck, frame.max(*at)));
        for (deck, frame) in [(&mut *self.deck, frame)].into_iter().chain(coming) {
            let Some(Some(instrument)) = deck.names.instruments.get(name as usize).copied() else { continue };
            for key in keys.clone() {
                let lane = deck.key_lane(instrument, key);
                deck.allocator.close_lane(lane, frame);
            }
            deck.collect();
        }
    }

    /// Something is played, after the end of the song perhaps.
    fn sound_again(&mut self) {
        if std::mem::take(&mut self.told_over) {
            (self.played_after, self.quiet) = (true, 0);
            self.report(EngineReport::Sounds);
        }
    }

    /// Tells to where hits have led controls in the last block.
    fn tell_led(&mut self) {
        for place in 0..self.deck.engine.led().len() {
            let (curve, value) = self.deck.engine.led()[place];
            let name = self.deck.names.controls.iter().position(|one| *one == Some(curve));
            if let Some(name) = name.filter(|_| self.reports.len() < REPORTS / 2) {
                self.report(EngineReport::Led { control: name as StableId, value, number: self.carried });
            }
        }
    }

    /// Tells where it is, how loud it has been, and that it is over.
    fn tell(&mut self, frames: &[Frame; BLOCK]) {
        let place = self.places.at(self.frame);
        let (song, rate) = (place.at(self.frame), self.rate);
        let timeline = &self.deck.plan().timeline;
        let position = timeline.position(song as u64);
        let beat = (position.bar, position.beat as u32);
        if beat != self.last_beat {
            let tempo = self.tempo.unwrap_or_else(|| timeline.quarters(song / rate).1);
            let span = timeline.span_at(song / rate).filter(|_| self.over.is_none());
            let (frame, playing) = (self.frame, self.playing && self.over.is_none());
            // What is decided is a little ahead of what is played.
            let ahead =
                if self.playing { (self.head - self.frame) as f64 * tempo / 60.0 / rate } else { 0.0 };
            let gone = (position.beat - f64::from(beat.1)) * 4.0 / timeline.note_at(song / rate);
            let quarters = self.quarters - ahead - gone;
            let moves = self.playing;
            self.last_beat = beat;
            self.report(EngineReport::Beat(Beat {
                frame,
                bar: beat.0,
                beat: beat.1,
                span,
                tempo,
                quarters,
                gone,
                playing,
                moves,
            }));
        }
        if self.frame.is_multiple_of(LEVELS) {
            let peak = std::mem::take(&mut self.peak);
            self.report(EngineReport::Level { frame: self.frame, peak });
            for name in 0..self.deck.names.instruments.len() {
                let Some(instrument) = self.deck.names.instruments[name] else { continue };
                let peak = std::mem::take(&mut self.deck.peaks[instrument]);
                self.report(EngineReport::Heard { instrument: name as StableId, peak });
            }
        }
        let Some(over) = self.over.filter(|over| *over < self.frame && !self.told_over) else {
            self.quiet = 0;
            return;
        };
        let heard = frames.iter().flatten().any(|sample| sample.abs() > SILENCE);
        self.quiet = if heard { 0 } else { self.quiet + BLOCK as u64 };
        let plan = self.deck.plan();
        // What is played after the end by hand isn't cut off with the song's own tail.
        if self.quiet >= plan.quiet || (!self.played_after && self.frame >= over + plan.tail.max(1)) {
            self.told_over = true;
            self.report(EngineReport::Over { frame: self.frame });
        }
    }
}

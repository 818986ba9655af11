//! A song loaded and ready to be played: its engine, its score, and what is due in it.

use std::sync::Arc;

use crate::engine::block_loop::{Engine, Frame, GateEvent, Now};
use crate::engine::carry_over::CarryOver;
use crate::engine::commands::{EngineReport, StableId};
use crate::engine::deferred_changes::DeferredChanges;
use crate::engine::guard::Culprit;
use crate::engine::handover::{Handover, HandoverScratch};
use crate::engine::observer::NoObserver;
use crate::engine::overrides::{OverrideAction, OverrideEvent};
use crate::engine::playhead::Playhead;
use crate::engine::search::LiveSearch;
use crate::model::song::Song;
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::allocator::Allocator;
use crate::plan::compile::Playable;
use crate::plan::compiled_plan::Plan;
use crate::plan::curve::TempoScaling;
use crate::plan::lock_event::LockEvent;
use crate::plan::score::{LockMove, Note, Score};
use crate::plan::timeline::{Timeline, nearest_frame};
use crate::plan::voices::{FADE, VoiceEvent};

/// The most events that can wait.
pub(super) const EVENTS: usize = 16_384;
/// The most controls that one voice can have locked: more than any voice has.
const LOCKS: usize = 4_096;
/// Keys by which notes of an instrument are opened and closed from outside.
pub(super) const KEYS: usize = 128;

/// A track that loops beside the song.
#[derive(Clone, Debug)]
pub struct AddedLoop {
    /// Its name.
    pub track: StableId,
    /// Its notes, in the order in which they begin; frames are counted in [`TICKS`] a quarter note.
    pub notes: Vec<Note>,
    /// Its length in quarter notes.
    pub quarters: f64,
    /// The quarter note of the performance at which it begins.
    pub(super) origin: f64,
    /// How often it has looped, and the note that comes next.
    pub(super) next: (u64, usize),
}

impl AddedLoop {
    /// A loop of these notes, at least one quarter note's 64th long.
    pub fn new(track: StableId, notes: Vec<Note>, quarters: f64) -> Self {
        Self { track, notes, quarters, origin: 0.0, next: (0, 0) }
    }
}

/// Parts of a quarter note in which loops are written.
pub const TICKS: f64 = 1_000_000.0;

/// What stands for a name of the performance in a deck.
#[derive(Clone, Debug, Default)]
pub struct DeckNames {
    /// The curve of each control.
    pub controls: Vec<Option<usize>>,
    /// The index of each instrument.
    pub instruments: Vec<Option<usize>>,
    /// The number of each gate of the top level.
    pub gates: Vec<Option<usize>>,
    /// The track of each lane of the score.
    pub lanes: Vec<StableId>,
}

/// The deck before, which has played its block, while it is handed over.
pub(super) struct DeckBefore<'a> {
    pub(super) deck: &'a Deck,
    /// The share of the new one in each frame.
    pub(super) shares: &'a [f32; BLOCK],
    pub(super) room: &'a mut HandoverScratch,
}

/// A song loaded and ready to be played.
pub struct Deck {
    pub(super) engine: Engine,
    pub(super) score: Score,
    pub(super) names: DeckNames,
    pub(super) loops: Vec<Option<Box<AddedLoop>>>,
    /// Those that wait for their bar though the deck is there already, by their slots.
    pub(super) parked: Vec<Option<Box<AddedLoop>>>,
    pub(super) allocator: Allocator,
    /// Notes of the score that have been played, or passed over.
    pub(super) next_note: usize,
    /// The same of moves of locks.
    pub(super) next_move: usize,
    /// Notes played so far.
    pub(super) notes: u64,
    /// The frame of the song at which each bar begins, and at which the last one ends.
    pub(super) bars: Vec<u64>,
    /// Due events and locks, in the order of frames.
    pub(super) events: Vec<VoiceEvent>,
    pub(super) locks: Vec<LockEvent>,
    pub(super) override_events: Vec<OverrideEvent>,
    pub(super) gates: Vec<GateEvent>,
    /// The peak of each instrument since it was last told.
    pub(super) peaks: Vec<f32>,
    /// The first lane of the loops, after those of the score, and the first of the instruments' keys, after these.
    pub(super) first_loop: usize,
    pub(super) first_key: usize,
    /// What of the deck before goes on in this one: kernels with their lanes, voices, instruments, by their places there
    /// and here.
    pub(super) kept: CarryOver,
    /// What would go on from each deck that it may follow, by the number of that.
    origins: Vec<(u64, CarryOver)>,
    /// Which one it is of those that were made for the performance.
    pub(super) number: u64,
    /// The number of the first deck that plays this song: those after it play it in other forms.
    pub(super) song: u64,
    /// Whether that is the one which it follows.
    pub(super) goes_on: bool,
    /// Whether it fades out, and the next one says what happens.
    pub(super) leaves: bool,
    /// What it changes when it comes in.
    pub(super) deferred: DeferredChanges,
    /// The number of the order that brought it, if it waited for a bar.
    pub(super) ordered: u64,
    /// Faults that have been told.
    told: usize,
    /// Looks for the module that a fault of the output comes from.
    search: Option<LiveSearch>,
}

/// The most loops.
pub const MOST_LOOPS: usize = 64;

impl Deck {
    /// `song`, compiled, with what stands for names in it and with the loops beside it.
    pub fn new(
        song: &Song,
        Playable { plan, score }: Playable,
        compilation: Compilation,
        names: DeckNames,
        mut loops: Vec<Option<Box<AddedLoop>>>,
    ) -> Self {
        loops.resize_with(MOST_LOOPS, || None);
        let mut allocator = Allocator::new(song, f64::from(plan.rate));
        let first_loop = score.lanes.len();
        let first_key = first_loop + MOST_LOOPS;
        let locks = plan.curves.len().clamp(1, LOCKS);
        allocator.reserve(first_key + song.instruments.len() * KEYS, EVENTS / 4, locks);
        let bars = bars(&plan.timeline);
        let gates = plan.gates.len();
        let peaks = vec![0.0; plan.instruments.len()];
        let controls = plan.curves.len();
        Self {
            engine: Engine::new(Arc::new(plan), compilation),
            score,
            names,
            loops,
            parked: (0..MOST_LOOPS).map(|_| None).collect(),
            allocator,
            peaks,
            next_note: 0,
            next_move: 0,
            notes: 0,
            bars,
            events: Vec::with_capacity(EVENTS),
            locks: Vec::with_capacity(EVENTS),
            override_events: Vec::with_capacity(controls * 4 + 256),
            gates: Vec::with_capacity(gates * 4 + 64),
            first_loop,
            first_key,
            kept: CarryOver::default(),
            origins: Vec::new(),
            number: 0,
            song: 0,
            goes_on: false,
            leaves: false,
            deferred: DeferredChanges::new(controls),
            ordered: 0,
            told: 0,
            search: None,
        }
    }

    /// The plan that is played.
    pub fn plan(&self) -> &Plan {
        self.engine.plan()
    }

    /// Says that it is the deck of that number, and which is the first of those that play its song.
    pub fn count(&mut self, number: u64, song: u64) {
        (self.number, self.song) = (number, song);
    }

    /// Says what goes on in it if it follows the deck of the number `origin`, whose plan is `before`. It plays the second of the
    /// `songs`. If it follows any other deck, nothing goes on.
    pub fn keep(&mut self, origin: u64, before: &Plan, songs: [&Song; 2]) {
        let kept = CarryOver::between([before, self.plan()], songs);
        self.origins.push((origin, kept));
    }

    /// Which one it is of those that were made for the performance.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What changes when it comes in.
    pub fn deferred(&mut self) -> &mut DeferredChanges {
        &mut self.deferred
    }

    /// Whether it needn't wait for another deck to come in first, if the one of this number is there.
    pub(super) fn can_follow(&self, before: u64) -> bool {
        self.origins.is_empty() || self.origins.iter().any(|(origin, _)| *origin == before)
    }

    /// Says that it follows the deck of this number.
    pub(super) fn follow(&mut self, before: u64) {
        let origin = self.origins.iter_mut().find(|(origin, _)| *origin == before);
        self.goes_on = origin.is_some();
        if let Some((_, kept)) = origin {
            std::mem::swap(&mut self.kept, kept);
        }
    }

    /// Takes note of what a hand does to a control before the deck is there.
    pub fn hold(&mut self, control: StableId, action: OverrideAction) {
        let curve = self.names.controls.get(control as usize).copied().flatten();
        if let Some(hand) = curve.and_then(|curve| self.deferred.hands.get_mut(curve)) {
            match action {
                OverrideAction::Set(value) => *hand = Some(value),
                OverrideAction::Release => *hand = None,
                OverrideAction::Scale(_) => {}
            }
        }
    }

    /// Frames by which notes are decided ahead, so that voices can be made free for them.
    pub(super) fn ahead(&self) -> u64 {
        nearest_frame(FADE, f64::from(self.plan().rate)) + 1
    }

    pub(super) fn loop_lane(&self, index: usize) -> usize {
        self.first_loop + index
    }

    pub(super) fn key_lane(&self, instrument: usize, key: u8) -> usize {
        self.first_key + instrument * KEYS + usize::from(key) % KEYS
    }

    /// Plays a note; whether there was room for it.
    pub(super) fn play(&mut self, note: &Note, start: u64, end: u64) -> bool {
        let room = self.allocator.has_room(note) && self.events.len() + KEYS * 4 < EVENTS;
        if room {
            self.notes += 1;
            self.allocator.play(self.notes, note, start, end.max(start + 1));
            self.collect();
        }
        room
    }

    /// Moves what sounds of a lane.
    pub(super) fn move_locks(&mut self, lock: &LockMove, frame: u64) {
        let decided = &self.allocator.voice_events.locks;
        if decided.len() + KEYS * lock.values.len() <= decided.capacity() {
            self.allocator.move_locks(lock, frame);
            self.collect();
        }
    }

    /// Does something to a control as soon as it is played.
    pub fn put(&mut self, control: StableId, action: OverrideAction) {
        self.put_at(control, 0, action);
    }

    /// Does something to a control in the next block; whether there is one of that name.
    pub(super) fn put_at(&mut self, control: StableId, offset: usize, action: OverrideAction) -> bool {
        let curve = self.names.controls.get(control as usize).copied().flatten();
        if let Some(curve) = curve {
            self.apply_override(curve, offset, action);
        }
        curve.is_some()
    }

    /// Opens or closes a gate of the top level.
    pub(super) fn open(&mut self, gate: StableId, offset: usize, value: f32) {
        if let Some(Some(gate)) = self.names.gates.get(gate as usize).copied()
            && self.gates.len() < self.gates.capacity()
        {
            self.gates.push(GateEvent { offset, gate, value });
        }
    }

    /// Hands every control back to the song.
    pub(super) fn free_all(&mut self, offset: usize) {
        for index in 0..self.engine.taken().len() {
            let curve = self.engine.taken()[index];
            self.apply_override(curve, offset, OverrideAction::Release);
        }
        for index in 0..self.override_events.len() {
            let curve = self.override_events[index].curve;
            self.apply_override(curve, offset, OverrideAction::Release);
        }
    }

    /// Lets what is declared as a note length go with a song that is so many times as fast as written.
    pub(super) fn pace(&mut self, hurry: f64) {
        for control in 0..self.plan().controls.len() {
            let action = match self.plan().controls[control].pace {
                Some(TempoScaling::Time) => OverrideAction::Scale((1.0 / hurry) as f32),
                Some(TempoScaling::Frequency) => OverrideAction::Scale(hurry as f32),
                None => continue,
            };
            self.apply_override(control, 0, action);
        }
    }

    /// Does something to a control, by its curve.
    pub(super) fn apply_override(&mut self, curve: usize, offset: usize, action: OverrideAction) {
        if self.override_events.len() < self.override_events.capacity() {
            self.override_events.push(OverrideEvent { offset, curve, action });
        }
    }

    /// Brings what has been decided into the order of frames.
    pub(super) fn collect(&mut self) {
        let decided = &mut self.allocator.voice_events;
        for event in decided.events.drain(..) {
            if self.events.len() < EVENTS {
                sift(&mut self.events, event, |event| event.frame);
            }
        }
        for lock in decided.locks.drain(..) {
            if self.locks.len() < EVENTS {
                sift(&mut self.locks, lock, |lock| lock.frame);
            }
        }
    }

    /// Settles what happens in the next block; to be called before each.
    pub(super) fn prepare(&mut self) {
        if self.leaves {
            return;
        }
        self.close_until(self.engine.frame());
    }

    /// Closes the gates whose time comes in the block at `frame`.
    pub(super) fn close_until(&mut self, frame: u64) {
        self.allocator.earliest = frame;
        self.allocator.close_until(frame + BLOCK as u64);
        self.collect();
    }

    /// Runs the block that begins at `frame`, at `place` of the song; its sources go on from the first to the
    /// second of two frames.
    pub(super) fn block(
        &mut self,
        place: Playhead,
        sources: [f64; 2],
        frames: &mut [Frame; BLOCK],
        before: Option<DeckBefore<'_>>,
    ) {
        let until = self.engine.frame() + BLOCK as u64;
        let events = self.events.iter().take_while(|event| event.frame < until).count();
        let locks = self.locks.iter().take_while(|lock| lock.frame < until).count();
        let Self {
            engine, events: all, locks: all_locks, override_events, gates, peaks, kept, search, ..
        } = self;
        let now = Now {
            place,
            events: &all[..events],
            locks: &all_locks[..locks],
            override_events,
            gates,
            sources,
        };
        let handover = before.map(|DeckBefore { deck, shares, room }| Handover {
            before: &deck.engine,
            kept,
            shares,
            room,
        });
        match search.as_mut().and_then(LiveSearch::watch) {
            Some(watch) => engine.play(&now, watch, handover),
            None => engine.play(&now, &mut NoObserver, handover),
        }
        if let Some(search) = search.as_mut().filter(|search| !search.is_over()) {
            search.seen(engine.is_loud());
        }
        engine.read(frames);
        for (instrument, peak) in peaks.iter_mut().enumerate() {
            *peak = peak.max(engine.peak(instrument));
        }
        all.drain(..events);
        all_locks.drain(..locks);
        override_events.clear();
        gates.clear();
    }

    /// The next fault that hasn't been told yet.
    pub(super) fn next_fault(&mut self) -> Option<EngineReport> {
        let mut fault = *self.engine.faults().get(self.told)?;
        if fault.culprit == Culprit::Output {
            let search = self.search.get_or_insert_with(|| LiveSearch::new(fault));
            if !search.is_over() {
                return None;
            }
            fault = search.fault();
        }
        self.told += 1;
        // The deck has the plan too, so it isn't dropped here.
        Some(EngineReport::Fault { plan: Arc::clone(self.engine.shared_plan()), fault })
    }

    /// Goes to a frame of the song: what begins before it isn't played any more.
    pub(super) fn seek(&mut self, song: f64) {
        self.next_note = self.score.notes.partition_point(|note| (note.start as f64) < song);
        self.next_move = self.score.moves.partition_point(|lock| (lock.start as f64) < song);
    }
}

/// Puts `new` after everything that is due no later.
pub(super) fn sift<T: Copy>(all: &mut Vec<T>, new: T, frame: impl Fn(&T) -> u64) {
    all.push(new);
    let mut place = all.len() - 1;
    while place > 0 && frame(&all[place - 1]) > frame(&new) {
        all[place] = all[place - 1];
        place -= 1;
    }
    all[place] = new;
}

/// The frame at which each bar of a song begins, and its end.
fn bars(timeline: &Timeline) -> Vec<u64> {
    let mut bars = Vec::new();
    for span in &timeline.spans {
        let bar = span.meter.quarters();
        let count = (span.quarters / bar).round() as u32;
        bars.extend((0..count).map(|index| timeline.frame(span.seconds(f64::from(index) * bar))));
    }
    bars.push(timeline.end_frame());
    bars
}

//! What a deck goes on with when it takes over from another one: notes, sound, and what has been done to it.

use crate::engine::block_loop::GateEvent;
use crate::engine::deck::{Deck, EVENTS, KEYS, MOST_LOOPS, sift};
use crate::engine::overrides::{OverrideAction, OverrideEvent};
use crate::engine::state_transfer::TransferCursor;
use crate::modules::spec::BLOCK;
use crate::plan::voices::VoiceEvent;

impl Deck {
    /// Before it comes in at the block at `start`, lets `before`, which plays the block at `frame`, do what is decided here for
    /// voices that go on: they are made free for the notes with which it comes in.
    pub(super) fn come(&mut self, before: &mut Self, frame: u64, start: u64) {
        self.close_until(frame);
        self.tell_until(before, start);
        self.events.retain(|event| event.frame >= start);
        self.locks.retain(|lock| lock.frame >= start);
    }

    /// Leaves to `next`, which plays on, what happens to the voices that go on there.
    pub(super) fn leave_to(&mut self, next: &Self) {
        self.leaves = true;
        self.events.retain(|event| next.kept.voice_now(event.voice).is_none());
        self.locks.retain(|lock| next.kept.lock_now(lock).is_none());
    }

    /// Lets the deck before hear what happens here in the next block, so that only what is different fades.
    pub(super) fn tell(&self, before: &mut Self) {
        self.tell_until(before, self.engine.frame() + BLOCK as u64);
    }

    /// Lets the deck before do what happens here before frame `until` to voices that go on.
    fn tell_until(&self, before: &mut Self, until: u64) {
        for event in self.events.iter().take_while(|event| event.frame < until) {
            if let Some(voice) = self.kept.voice_before(event.voice).filter(|_| before.events.len() < EVENTS)
            {
                sift(&mut before.events, VoiceEvent { voice, ..*event }, |event| event.frame);
            }
        }
        for lock in self.locks.iter().take_while(|lock| lock.frame < until) {
            if let Some(lock) = self.kept.lock_before(lock).filter(|_| before.locks.len() < EVENTS) {
                sift(&mut before.locks, lock, |lock| lock.frame);
            }
        }
    }

    /// Takes over from the deck before which voices play what, when `this` begins to decide.
    pub(super) fn adopt_notes(&mut self, before: &Self) {
        self.notes = before.notes;
        for track in self.loops.iter_mut().flatten() {
            let mut others = before.loops.iter().flatten();
            if let Some(other) = others.find(|other| other.track == track.track) {
                track.origin = other.origin;
                track.next = (other.next.0, 0);
            }
        }
        if !self.goes_on {
            return;
        }
        let (first_loop, first_key) = (self.first_loop, self.first_key);
        let tracks = &self.kept.tracks;
        for &(from, to) in &self.kept.instruments {
            let keys = before.first_key + from * KEYS..before.first_key + (from + 1) * KEYS;
            let here = |lane: usize| {
                if keys.contains(&lane) {
                    first_key + to * KEYS + (lane - keys.start)
                } else if (before.first_loop..before.first_key).contains(&lane) {
                    first_loop + (lane - before.first_loop)
                } else {
                    tracks.get(lane).copied().flatten().unwrap_or(usize::MAX)
                }
            };
            self.allocator.adopt(&before.allocator, from, to, here);
        }
        let score = tracks.iter().enumerate().filter_map(|(from, to)| Some((from, (*to)?)));
        let loops = (0..MOST_LOOPS).map(|slot| (before.first_loop + slot, first_loop + slot));
        for (from, to) in score.chain(loops) {
            self.allocator.adopt_lane(&before.allocator, from, to);
        }
        for lock in &self.kept.locks {
            self.allocator.adopt_lock(&before.allocator, lock.before, lock.now);
        }
    }

    /// Takes over from the deck before what is sounding, and who has taken what over, at the block where this one begins.
    pub(super) fn adopt_sound(&mut self, before: &Self) {
        self.engine.start_at(before.engine.frame());
        if self.goes_on {
            self.engine.adopt(&before.engine, &self.kept);
            self.adopt_events(before);
            self.adopt_gates(before);
        }
        self.adopt_controls(before);
    }

    /// Controls stay where hands have put them; if the deck forgets, those only that were moved while it waited.
    fn adopt_controls(&mut self, before: &Self) {
        let forgets = self.deferred.forgets(before.number);
        for name in 0..self.names.controls.len() {
            let Some(to) = self.names.controls[name] else { continue };
            match (before.names.controls.get(name).copied().flatten(), self.deferred.hands[to]) {
                (Some(from), hand) if hand.is_some() || !forgets => {
                    self.engine.adopt_control(&before.engine, from, to);
                    // What is done in this very block.
                    for one in before.override_events.iter().filter(|one| one.curve == from) {
                        if self.override_events.len() < self.override_events.capacity() {
                            self.override_events.push(OverrideEvent { curve: to, ..*one });
                        }
                    }
                }
                (None, Some(value)) => self.apply_override(to, 0, OverrideAction::Set(value)),
                _ => {}
            }
        }
    }

    /// Takes over some more of what rings of the deck before hold; whether that was all.
    pub(super) fn adopt_older(&mut self, before: &Self, cursor: &mut TransferCursor) -> bool {
        !self.goes_on || self.engine.adopt_older(&before.engine, &self.kept, cursor)
    }

    /// What still happens to voices that go on: what was decided for them in the deck before.
    fn adopt_events(&mut self, before: &Self) {
        // It was decided earlier, so it comes before what happens here at the same frame.
        for event in before.events.iter().rev() {
            if let Some(voice) = self.kept.voice_now(event.voice).filter(|_| self.events.len() < EVENTS) {
                sift_first(&mut self.events, VoiceEvent { voice, ..*event }, |event| event.frame);
            }
        }
        for lock in before.locks.iter().rev() {
            if let Some(lock) = self.kept.lock_now(lock).filter(|_| self.locks.len() < EVENTS) {
                sift_first(&mut self.locks, lock, |lock| lock.frame);
            }
        }
    }

    /// Gates of the top level that somebody holds open stay open.
    fn adopt_gates(&mut self, before: &Self) {
        for (name, from) in before.names.gates.iter().enumerate() {
            if let (Some(from), Some(Some(to))) = (from, self.names.gates.get(name)) {
                self.engine.adopt_gate(&before.engine, *from, *to);
                for one in before.gates.iter().filter(|one| one.gate == *from) {
                    if self.gates.len() < self.gates.capacity() {
                        self.gates.push(GateEvent { gate: *to, ..*one });
                    }
                }
            }
        }
    }
}

/// Puts `new` before everything that is due no earlier.
fn sift_first<T: Copy>(all: &mut Vec<T>, new: T, frame: impl Fn(&T) -> u64) {
    let place = all.partition_point(|other| frame(other) < frame(&new));
    all.insert(place, new);
}

//! What messages change in a session, and when a change takes effect: at once, or once the audio thread has carried out the
//! commands of a message with a time.

use std::collections::BTreeMap;

use crate::engine::commands::StableId;
use crate::live::session::{Session, moved};
use crate::live::tracks::AddedTrack;
use crate::osc::message::shortest;

/// A change of what a session reports itself.
#[derive(Clone, Debug, PartialEq)]
pub enum StateChange {
    /// A control is put to a value in its unit.
    Put {
        /// The control's own path.
        path: String,
        /// The path that was used: the same, or a second name.
        by: String,
        /// Where it stands now.
        value: f64,
    },
    /// A control is handed back to the song, by its own path.
    Free(String),
    /// All controls and the tempo are handed back.
    FreeAll,
    /// Quarter notes a minute in place of the song's.
    Tempo(Option<f64>),
    /// Whether the song goes on.
    Playing(bool),
    /// The frames of the song between which it loops.
    Loop(Option<(u64, u64)>),
    /// A track is played in a slot beside the song, or none.
    Track(usize, Option<Box<AddedTrack>>),
    /// Whether a track rests.
    Mute(String, bool),
    /// Whether a track is solo.
    Solo(String, bool),
}

impl StateChange {
    /// The control's own path, if it is put somewhere.
    pub(super) fn put(&self) -> Option<&str> {
        match self {
            Self::Put { path, .. } => Some(path),
            _ => None,
        }
    }
}

impl Session {
    /// A hit has led a control that was put somewhere; whether what is reported of it changes.
    pub fn lead(&mut self, control: StableId, value: f32) -> bool {
        let Some(path) = self.control_named(control).map(str::to_owned) else { return false };
        let value = shortest(value);
        let next = self.other.as_mut().and_then(|next| next.put.get_mut(&path));
        let mut changed = false;
        for told in self.put.get_mut(&path).into_iter().chain(next) {
            changed |= std::mem::replace(told, value) != value;
        }
        changed
    }

    /// Changes what the session reports itself: at once, or, while a message is read ahead of its time, once that comes.
    pub(super) fn change(&mut self, change: StateChange) {
        if !self.ahead {
            self.apply(&change);
        }
        self.changes.push(change);
    }

    /// Changes what is reported now, and what is reported once a song that waits has come in.
    fn apply(&mut self, change: &StateChange) {
        // A track comes in at a bar, as a song that waits does.
        if !matches!(change, StateChange::Track(..)) || !self.has_next() {
            self.apply_here(change);
        }
        if matches!(change, StateChange::Track(..)) && self.is_next {
            return;
        }
        if let Some(mut other) = self.other.take() {
            let change = match change {
                StateChange::Loop(Some(loop_range)) => {
                    StateChange::Loop(moved(*loop_range, [&self.plan, &other.plan]))
                }
                other => other.clone(),
            };
            self.exchange(&mut other);
            self.apply_here(&change);
            self.exchange(&mut other);
            self.other = Some(other);
        }
    }

    fn apply_here(&mut self, change: &StateChange) {
        match change.clone() {
            StateChange::Put { path, .. } if self.controls.at(&path).is_none() => {}
            StateChange::Put { path, by, value } => {
                self.by.insert(path.clone(), by);
                self.put.insert(path, value);
            }
            StateChange::Free(path) => drop(self.put.remove(&path)),
            StateChange::FreeAll => {
                self.put.clear();
                self.tempo = None;
            }
            StateChange::Tempo(tempo) => self.tempo = tempo,
            StateChange::Playing(playing) => self.playing = playing,
            StateChange::Loop(loop_range) => self.loop_range = loop_range,
            StateChange::Track(slot, track) => {
                if let Some(listed) = self.listed.get_mut(slot) {
                    *listed = track.map(|track| *track);
                }
            }
            StateChange::Mute(track, on) => drop(self.muted.insert(track, on)),
            StateChange::Solo(track, true) => drop(self.solo.insert(track)),
            StateChange::Solo(track, false) => drop(self.solo.remove(&track)),
        }
    }
}

/// Changes of a message whose commands are on their way.
struct PendingChanges {
    changes: Vec<StateChange>,
    /// Whether the message was read ahead of its time, so that the session doesn't tell of it yet.
    ahead: bool,
}

/// Changes on their way, by the numbers of their commands.
#[derive(Default)]
pub struct PendingEffects {
    messages: BTreeMap<u64, PendingChanges>,
    /// The number of the order that brings the song which waits for its bar; before it those of songs that waited until it came, and
    /// may have come in before it all the same.
    songs: Vec<u64>,
}

impl PendingEffects {
    /// Takes note of what the message of this number changes. `ahead` says that it was read ahead of its time.
    pub fn expect(&mut self, number: u64, changes: Vec<StateChange>, ahead: bool) {
        // What was done at once needs to be known only while something may come in between.
        let waits = !self.songs.is_empty() || self.messages.values().any(|pending| pending.ahead);
        if ahead || (!changes.is_empty() && waits) {
            self.messages.insert(number, PendingChanges { changes, ahead });
        }
    }

    /// The order of this number has brought a song that waits for its bar, in place of one that waited before; none waits any
    /// more without a number.
    pub fn expect_song(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.songs.push(number),
            None => self.songs.clear(),
        }
    }

    /// Whether the song that the order of this number has brought may still come in.
    pub fn is_song(&self, number: u64) -> bool {
        self.songs.contains(&number)
    }

    /// The song that the order of this number has brought has come in; if it is the one that waits, the session reports it from
    /// now on, and the answer is true.
    pub fn came(&mut self, number: u64, session: &mut Session) -> bool {
        let Some(place) = self.songs.iter().position(|song| *song == number) else { return false };
        if place + 1 == self.songs.len() {
            session.come();
        } else {
            session.come_overtaken(place);
        }
        self.songs.drain(..=place);
        self.again(session);
        true
    }

    /// Changes once more what was changed at once and is not carried out yet.
    fn again(&self, session: &mut Session) {
        let later = self.messages.values().filter(|pending| !pending.ahead);
        later.flat_map(|pending| &pending.changes).for_each(|change| session.apply(change));
    }

    /// The commands of this number were carried out. If their message was read ahead of its time, the session reports it from
    /// now on, and the answer is true.
    pub fn took(&mut self, number: u64, session: &mut Session) -> bool {
        // Where a song waits, none that was to come before it can come any more.
        if self.songs.last() == Some(&number) {
            self.songs.drain(..self.songs.len() - 1);
            session.forget_overtaken();
        }
        let Some(done) = self.messages.remove(&number).filter(|done| done.ahead) else { return false };
        done.changes.iter().for_each(|change| session.apply(change));
        // What was done at once meanwhile, and is not carried out yet, is carried out after it.
        self.again(session);
        true
    }

    /// The commands of this number are never carried out.
    pub fn lost(&mut self, number: u64) {
        self.messages.remove(&number);
        self.songs.retain(|song| *song != number);
    }

    /// Whether nothing comes of the message of this number before its time.
    pub fn is_ahead(&self, number: u64) -> bool {
        self.is_song(number) || self.messages.get(&number).is_some_and(|pending| pending.ahead)
    }

    /// Forgets what was done at once under a number for which `done` holds.
    pub fn forget(&mut self, done: impl Fn(u64) -> bool) {
        self.messages.retain(|number, pending| pending.ahead || !done(*number));
    }
}

//! What messages change in a session, and when a change takes effect: at once, or once the audio thread has carried out the
//! orders of a message with a time.

use std::collections::BTreeMap;

use crate::live::session::Session;

/// A change of what a session tells of itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
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
    /// Whether a track rests.
    Mute(String, bool),
    /// Whether a track is solo.
    Solo(String, bool),
}

impl Session {
    /// Changes what the session tells of itself: at once, or, while a message is read ahead of its time, once that comes.
    pub(super) fn change(&mut self, change: Change) {
        if !self.ahead {
            self.apply(&change);
        }
        self.changes.push(change);
    }

    fn apply(&mut self, change: &Change) {
        match change.clone() {
            Change::Put { path, by, value } => {
                self.by.insert(path.clone(), by);
                self.put.insert(path, value);
            }
            Change::Free(path) => drop(self.put.remove(&path)),
            Change::FreeAll => {
                self.put.clear();
                self.tempo = None;
            }
            Change::Tempo(tempo) => self.tempo = tempo,
            Change::Playing(playing) => self.playing = playing,
            Change::Loop(round) => self.round = round,
            Change::Mute(track, on) => drop(self.muted.insert(track, on)),
            Change::Solo(track, true) => drop(self.solo.insert(track)),
            Change::Solo(track, false) => drop(self.solo.remove(&track)),
        }
    }
}

/// Changes of a message whose orders are on their way.
struct Pending {
    changes: Vec<Change>,
    /// Whether the message was read ahead of its time, so that the session doesn't tell of it yet.
    ahead: bool,
}

/// Changes on their way, by the numbers of their orders.
#[derive(Default)]
pub struct Effects(BTreeMap<u64, Pending>);

impl Effects {
    /// Takes note of what the message of this number changes. `ahead` says that it was read ahead of its time.
    pub fn expect(&mut self, number: u64, changes: Vec<Change>, ahead: bool) {
        // What was done at once needs to be known only while something may come in between.
        if ahead || (!changes.is_empty() && self.0.values().any(|pending| pending.ahead)) {
            self.0.insert(number, Pending { changes, ahead });
        }
    }

    /// The orders of this number were carried out. If their message was read ahead of its time, the session tells of it from
    /// now on, and the answer is true.
    pub fn took(&mut self, number: u64, session: &mut Session) -> bool {
        let Some(done) = self.0.remove(&number).filter(|done| done.ahead) else { return false };
        // What was done at once meanwhile, and is not carried out yet, is carried out after it.
        let later = self.0.values().filter(|pending| !pending.ahead).flat_map(|pending| &pending.changes);
        done.changes.iter().chain(later).for_each(|change| session.apply(change));
        true
    }

    /// The orders of this number are never carried out.
    pub fn lost(&mut self, number: u64) {
        self.0.remove(&number);
    }

    /// Whether nothing comes of the message of this number before its time.
    pub fn is_ahead(&self, number: u64) -> bool {
        self.0.get(&number).is_some_and(|pending| pending.ahead)
    }

    /// Forgets what was done at once under a number for which `done` holds.
    pub fn forget(&mut self, done: impl Fn(u64) -> bool) {
        self.0.retain(|number, pending| pending.ahead || !done(*number));
    }
}

//! A song that waits for its bar: what a session will tell from there on, while it still reports the song that is heard.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::commands::EngineCommand;
use crate::engine::deck::{Deck, MOST_LOOPS};
use crate::engine::overrides::OverrideAction;
use crate::live::preparing::{Basis, Prepared, Request};
use crate::live::session::{Session, moved};
use crate::live::tracks::AddedTrack;
use crate::model::controls::Controls;
use crate::model::patch::ControlId;
use crate::model::song::Song;
use crate::plan::compiled_plan::Plan;

/// How many forms of one song can be numbered before the next song.
const FORMS: u64 = 1 << 20;

/// The number of the first deck of the song after the one that a deck of this number plays.
pub(super) fn next_song(number: u64) -> u64 {
    (number / FORMS + 1) * FORMS
}

macro_rules! state {
    ($($(#[$about:meta])* $field:ident: $kind:ty,)*) => {
        /// A song and what has been done to it, apart from a session.
        pub(super) struct SessionState {
            $($(#[$about])* pub(super) $field: $kind,)*
        }

        impl Session {
            /// What the session tells.
            pub(super) fn state(&self) -> SessionState {
                SessionState { $($field: self.$field.clone(),)* }
            }

            /// Reports another state from now on, and keeps this one there.
            pub(super) fn exchange(&mut self, other: &mut SessionState) {
                $(std::mem::swap(&mut self.$field, &mut other.$field);)*
            }
        }
    };
}

state! {
    /// Its text.
    text: String,
    /// The song.
    song: Song,
    /// Its controls.
    controls: Controls,
    /// Its plan.
    plan: Plan,
    /// Controls that can be moved beside those that always can.
    also: BTreeSet<ControlId>,
    /// Where controls have been put.
    put: BTreeMap<String, f64>,
    /// Under which names.
    by: BTreeMap<String, String>,
    /// Tracks that were added.
    added: Vec<Option<AddedTrack>>,
    /// Those of them that are reported.
    listed: Vec<Option<AddedTrack>>,
    /// Which tracks are muted.
    muted: BTreeMap<String, bool>,
    /// What the text says of that.
    written_mutes: BTreeMap<String, bool>,
    /// Which tracks are solo.
    solo: BTreeSet<String>,
    /// The tempo that somebody has put.
    tempo: Option<f64>,
    /// What is looped.
    loop_range: Option<(u64, u64)>,
    /// The swing of added tracks.
    swing: f64,
    /// The number of the song's last deck.
    decks: u64,
    /// That of its first.
    first_deck: u64,
    /// That of the first deck that forgets what was done before.
    forgets: Option<u64>,
}

impl Session {
    /// What it takes to prepare another text; `fresh` as for [`Session::load`].
    pub(super) fn request(&self, text: String, fresh: bool) -> Request {
        let basis = self.basis();
        let mut before = vec![(self.decks, self.plan.clone(), self.song.clone())];
        for other in self.overtaken.iter().chain(self.other.as_deref()) {
            before.push((other.decks, other.plan.clone(), other.song.clone()));
        }
        let put = if fresh { BTreeSet::new() } else { self.next_put().keys().cloned().collect() };
        Request { config: self.config.clone(), text, basis, fresh, before, put }
    }

    /// Where controls are put, from the next bar on.
    fn next_put(&self) -> &BTreeMap<String, f64> {
        self.other.as_ref().map_or(&self.put, |next| &next.put)
    }

    fn basis(&self) -> Basis {
        let (also, added, swing, decks) = match &self.other {
            Some(next) => (&next.also, &next.added, next.swing, next.decks),
            None => (&self.also, &self.added, self.swing, self.decks),
        };
        Basis {
            also: also.clone(),
            register: self.register.clone(),
            added: added.clone(),
            swing,
            decks: (self.decks, decks),
        }
    }

    /// Whether what was prepared can be played: nothing that it depends on has changed meanwhile.
    pub(super) fn fits(&self, prepared: &Prepared) -> bool {
        self.basis() == prepared.basis && (prepared.fresh || prepared.can_move(self.next_put().keys()))
    }

    /// Has what was prepared played, which must fit.
    pub(super) fn adopt(&mut self, prepared: Prepared, at_bar: bool) -> Vec<EngineCommand> {
        let mut heard = match self.other.take() {
            Some(mut next) => {
                self.exchange(&mut next);
                self.overtaken.push(self.state());
                next
            }
            None => Box::new(self.state()),
        };
        let commands = self.turn_to(prepared, at_bar);
        if at_bar {
            self.exchange(&mut heard);
            self.other = Some(heard);
        } else {
            self.forgets = None;
            self.overtaken.clear();
        }
        commands
    }

    /// Reports what was prepared, and gives the commands by which it comes in.
    fn turn_to(&mut self, prepared: Prepared, at_bar: bool) -> Vec<EngineCommand> {
        let Prepared { text, fresh, song, mut deck, also, register, used, kept, .. } = prepared;
        self.playing_used = used.clone();
        self.changed.extend(self.used.merge(used));
        (self.text, self.register, self.also) = (text, register, also);
        self.decks = deck.number();
        self.first_deck = self.decks;
        self.loop_range = self.loop_range.and_then(|loop_range| moved(loop_range, [&self.plan, deck.plan()]));
        self.plan = deck.plan().clone();
        self.controls = Controls::of(&song);
        self.song = song;
        if fresh {
            self.added = vec![None; MOST_LOOPS];
            self.listed = vec![None; MOST_LOOPS];
            self.put.clear();
            self.solo.clear();
            self.muted.clear();
            self.written_mutes.clear();
            self.tempo = None;
            self.forgets = Some(self.decks);
            self.read_mutes();
            let tracks = self.bring_back(kept);
            self.announce(&mut deck);
            return std::iter::once(EngineCommand::Deck { deck, at_bar }).chain(tracks).collect();
        }
        let controls = &self.controls;
        self.put.retain(|path, _| controls.at(path).is_some());
        self.read_mutes();
        self.announce(&mut deck);
        vec![EngineCommand::Deck { deck, at_bar }]
    }

    /// Does something as if the song that waits, if one does, were there already.
    pub(super) fn with_next<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let Some(mut other) = self.other.take().filter(|_| !self.is_next) else { return act(self) };
        self.exchange(&mut other);
        (self.other, self.is_next) = (Some(other), true);
        let done = act(self);
        if let Some(mut other) = self.other.take() {
            self.exchange(&mut other);
            self.other = Some(other);
        }
        self.is_next = false;
        done
    }

    /// Whether a song waits that isn't told of yet.
    pub(super) fn has_next(&self) -> bool {
        self.other.is_some() && !self.is_next
    }

    /// The song that waits has come in: it is reported from now on.
    pub fn come(&mut self) {
        if let Some(mut next) = self.other.take() {
            self.exchange(&mut next);
            self.forgets = None;
        }
        self.overtaken.clear();
    }

    /// Of the songs that another one has come after, the one at this place has come in before that: it is reported from now on.
    pub(super) fn come_overtaken(&mut self, place: usize) {
        if place >= self.overtaken.len() {
            return;
        }
        let mut come = self.overtaken.drain(..=place).next_back();
        come.iter_mut().for_each(|come| self.exchange(come));
        let here = self.decks;
        let waits = self.overtaken.iter_mut().chain(self.other.as_deref_mut());
        waits.for_each(|other| other.forgets = other.forgets.filter(|first| *first > here));
        self.forgets = None;
    }

    /// The songs that another one has come after never come in.
    pub(super) fn forget_overtaken(&mut self) {
        self.overtaken.clear();
    }

    /// No song that waits comes in.
    pub(super) fn give_up(&mut self) {
        self.other = None;
        self.overtaken.clear();
    }

    /// The text that is played from the next bar on.
    pub fn next_text(&self) -> &str {
        self.other.as_ref().map_or(&self.text, |next| &next.text)
    }

    /// The plan that is played from the next bar on.
    pub fn next_plan(&self) -> &Plan {
        self.other.as_ref().map_or(&self.plan, |next| &next.plan)
    }

    /// Says what a deck changes when it comes in.
    pub(super) fn announce(&mut self, deck: &mut Deck) {
        let deferred = deck.deferred();
        if let Some(first) = self.forgets {
            deferred.forget(first, self.tempo);
        }
        for (id, on) in &self.muted {
            deferred.mute(self.register.track(id), *on);
        }
        for id in &self.solo {
            deferred.solo(self.register.track(id));
        }
        for (path, value) in &self.put {
            deck.hold(self.register.control(path), OverrideAction::Set(*value as f32));
        }
    }
}

//! What a deck changes in a performance when it comes in, and what hands do while it waits for that.

use crate::engine::commands::{EngineCommand, EngineReport, StableId, TimedCommand};
use crate::engine::deck::Deck;
use crate::engine::overrides::OverrideAction;
use crate::engine::performance::{Performance, TRACKS, WAITING};

/// What changes when a deck comes in. What is done meanwhile is done to it as well, so that it stays done.
#[derive(Default)]
pub struct DeferredChanges {
    /// Where hands have put each control, by its curve.
    pub(super) hands: Vec<Option<f32>>,
    /// Which tracks are muted and which are solo, where that changes.
    pub(super) muted: Vec<Option<bool>>,
    pub(super) solo: Vec<Option<bool>>,
    /// The tempo that somebody has put; it counts only if the deck forgets.
    pub(super) tempo: Option<f64>,
    /// If it forgets what was done before: the number of the first deck that does.
    forgets: Option<u64>,
}

impl DeferredChanges {
    /// Nothing, for a deck with so many curves.
    pub(super) fn new(curves: usize) -> Self {
        Self { hands: vec![None; curves], ..Self::default() }
    }

    /// Everything that was done before the deck of this number is undone, but for this tempo: no track is muted or solo then but
    /// those of which that is said after this.
    pub fn forget(&mut self, number: u64, tempo: Option<f64>) {
        (self.forgets, self.tempo) = (Some(number), tempo);
        for switches in [&mut self.muted, &mut self.solo] {
            switches.clear();
            switches.resize(TRACKS, Some(false));
        }
    }

    /// Mutes a track, or not.
    pub fn mute(&mut self, track: StableId, on: bool) {
        self.muted.resize(TRACKS, None);
        set(&mut self.muted, track, on);
    }

    /// Lets a track be solo.
    pub fn solo(&mut self, track: StableId) {
        self.solo.resize(TRACKS, None);
        set(&mut self.solo, track, true);
    }

    /// Takes note of what is done while the deck waits.
    pub(super) fn meanwhile(&mut self, command: &EngineCommand) {
        match *command {
            EngineCommand::Mute(track, on) => set(&mut self.muted, track, on),
            EngineCommand::Solo(track, on) => set(&mut self.solo, track, on),
            EngineCommand::Tempo(tempo) => self.tempo = tempo,
            EngineCommand::ReleaseAll => self.hands.fill(None),
            _ => {}
        }
    }

    /// Whether what was done before is undone, if the deck of that number is the one before.
    pub(super) fn forgets(&self, before: u64) -> bool {
        self.forgets.is_some_and(|first| before < first)
    }
}

impl Performance {
    /// Lets an order wait for the next bar.
    pub(super) fn wait_for_bar(&mut self, timed: TimedCommand) {
        let TimedCommand { number, frame, .. } = timed;
        if self.at_bar.len() == WAITING {
            self.report(EngineReport::Dropped { number });
            self.discard(timed.command);
        } else {
            self.at_bar.push(timed);
            self.report(EngineReport::Done { number, frame });
        }
    }

    /// Lets a deck wait for the next bar, in place of one that waits already.
    pub(super) fn let_wait(&mut self, mut deck: Box<Deck>, frame: u64, number: u64) {
        deck.ordered = number;
        for place in 0..self.at_bar.len() {
            let EngineCommand::Deck { deck: waits, .. } = &mut self.at_bar[place].command else { continue };
            if deck.number > waits.number {
                if deck.song == waits.song {
                    deck.ordered = waits.ordered;
                }
                std::mem::swap(waits, &mut deck);
            }
            self.report(EngineReport::Done { number, frame });
            self.report(EngineReport::Deck(deck));
            return;
        }
        self.wait_for_bar(TimedCommand {
            frame,
            number,
            command: EngineCommand::Deck { deck, at_bar: true },
        });
    }

    /// The decks that are still to come in.
    fn next_decks(&mut self) -> impl Iterator<Item = &mut Deck> {
        let waits = self.at_bar.iter_mut().filter_map(|timed| match &mut timed.command {
            EngineCommand::Deck { deck, .. } => Some(&mut **deck),
            _ => None,
        });
        self.coming.iter_mut().map(|(deck, _)| &mut **deck).chain(waits)
    }

    /// Lets decks that wait know what is done meanwhile.
    pub(super) fn meanwhile(&mut self, command: &EngineCommand) {
        self.next_decks().for_each(|deck| deck.deferred.meanwhile(command));
    }

    /// Does something to a control in every deck that has it.
    pub(super) fn apply_override(&mut self, control: StableId, offset: usize, touch: OverrideAction) {
        self.next_decks().for_each(|deck| deck.hold(control, touch));
        if self.deck.put_at(control, offset, touch) {
            for leaving in self.leaving() {
                leaving.put_at(control, offset, touch);
            }
        }
    }
}

/// Says of a track what it is from then on, where anything is said of tracks.
fn set(switches: &mut [Option<bool>], track: StableId, on: bool) {
    if let Some(switch) = switches.get_mut(track as usize) {
        *switch = Some(on);
    }
}

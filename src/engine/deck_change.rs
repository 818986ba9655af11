//! One deck takes over from another: the one before fades out into it.

use crate::engine::block_loop::Frame;
use crate::engine::commands::EngineReport;
use crate::engine::deck::{Deck, DeckBefore};
use crate::engine::handover::{HandoverProgress, HandoverScratch, mixed};
use crate::engine::performance::{LEAVING, Performance};
use crate::engine::playhead::Playhead;
use crate::engine::state_transfer::TransferCursor;
use crate::modules::spec::BLOCK;

/// Seconds in which one deck goes over into the next.
const CROSSFADE: f64 = 0.01;

/// A deck that fades out.
pub(super) struct Leaving {
    deck: Box<Deck>,
    /// How far it has gone over into the next.
    handover: HandoverProgress,
    /// Frames of the song by which it is ahead of the next.
    ahead: f64,
    /// How far the next has taken over what its rings hold.
    cursor: TransferCursor,
}

impl Performance {
    /// Plays the deck that is heard, and for a moment those before it.
    pub(super) fn play(&mut self, place: Playhead, sources: [f64; 2], frames: &mut [Frame; BLOCK]) {
        // Lent out, so that they can be told what happens.
        let mut leaving = std::mem::take(&mut self.leaving);
        let mut next = &self.deck;
        for Leaving { deck, .. } in leaving.iter_mut().rev() {
            deck.prepare();
            if next.goes_on {
                next.tell(deck);
            }
            next = deck;
        }
        let mut song = place.song + leaving.iter().map(|one| one.ahead).sum::<f64>();
        let mut shares = [1.0; BLOCK];
        let mut before: Option<&Deck> = None;
        let mut heard = [[0.0; 2]; BLOCK];
        for Leaving { deck, handover, ahead, .. } in &mut leaving {
            let place = Playhead { song, ..place };
            play_on(deck, place, sources, (before, &shares, &mut self.room), &mut heard);
            shares = handover.next();
            song -= *ahead;
            before = Some(deck);
        }
        *frames = heard;
        play_on(&mut self.deck, place, sources, (before, &shares, &mut self.room), frames);
        let over = leaving.iter().rposition(|one| one.handover.is_over()).map_or(0, |last| last + 1);
        if over > 0 && over == leaving.len() {
            self.faded = leaving.pop();
        }
        leaving.drain(..over.min(leaving.len())).for_each(|one| self.report(EngineReport::Deck(one.deck)));
        self.leaving = leaving;
        self.take_over_more(false);
    }

    /// Lets the deck that is heard take over more, or all, of what the rings of the one before hold.
    fn take_over_more(&mut self, all: bool) {
        let Some(before) = self.leaving.last_mut().or(self.faded.as_mut()) else { return };
        while !self.deck.adopt_older(&before.deck, &mut before.cursor) {
            if !all {
                return;
            }
        }
        if let Some(faded) = self.faded.take() {
            self.report(EngineReport::Deck(faded.deck));
        }
    }

    /// The decks that fade out and follow what is done to the one that is heard.
    pub(super) fn leaving(&mut self) -> impl Iterator<Item = &mut Deck> {
        let goes_on = self.deck.goes_on;
        self.leaving.iter_mut().rev().scan(goes_on, |told, one| {
            let deck = told.then_some(&mut *one.deck)?;
            *told = deck.goes_on;
            Some(deck)
        })
    }

    pub(super) fn change_before(&mut self, until: u64) {
        if self.coming.as_ref().is_some_and(|(_, at)| *at < until) {
            self.change();
        }
    }

    /// The next deck takes over.
    pub(super) fn change(&mut self) {
        let Some((mut deck, at)) = self.coming.take() else { return };
        self.take_over_more(true);
        deck.adopt_sound(&self.deck);
        std::mem::swap(&mut self.deck, &mut deck);
        if self.deck.song != deck.song {
            self.report(EngineReport::Came { number: self.deck.ordered });
        }
        if self.deck.goes_on {
            deck.leave_to(&self.deck);
        }
        // What goes with the tempo is passed to the new one.
        self.scale = f64::NAN;
        let ahead = std::mem::take(&mut self.shift);
        self.places.shift(ahead, at);
        self.expected -= ahead;
        if self.leaving.len() == LEAVING {
            let first = self.leaving.remove(0);
            self.report(EngineReport::Deck(first.deck));
        }
        let waits = self.deck.plan().latency.min(u64::from(u32::MAX / 4)) as u32;
        let handover = HandoverProgress::begin(waits, (CROSSFADE * self.rate) as u32);
        let cursor = TransferCursor::new(self.frame);
        self.leaving.push(Leaving { deck, handover, ahead, cursor });
    }

    /// The deck that is heard, and the one that comes.
    pub(super) fn deciding(&mut self) -> impl Iterator<Item = &mut Deck> {
        let coming = self.coming.as_mut().map(|(deck, _)| &mut **deck);
        std::iter::once(&mut *self.deck).chain(coming)
    }

    /// The deck for which is decided: the one that comes, if there is one.
    pub(super) fn next_deck(&mut self) -> &mut Deck {
        match &mut self.coming {
            Some((deck, _)) => deck,
            None => &mut self.deck,
        }
    }
}

/// Plays a block of a deck over what is heard of the deck before, from which it takes the share that it has in each frame.
fn play_on(
    deck: &mut Deck,
    place: Playhead,
    sources: [f64; 2],
    (before, shares, room): (Option<&Deck>, &[f32; BLOCK], &mut HandoverScratch),
    frames: &mut [Frame; BLOCK],
) {
    let over = *frames;
    let told = before.filter(|_| deck.goes_on).map(|before| DeckBefore { deck: before, shares, room });
    deck.block(place, sources, frames, told);
    if before.is_some() {
        for ((frame, over), share) in frames.iter_mut().zip(over).zip(shares) {
            for (sample, over) in frame.iter_mut().zip(over) {
                *sample = mixed(over, *sample, *share);
            }
        }
    }
}

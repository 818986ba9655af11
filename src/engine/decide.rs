//! What of the song comes next: decided a little ahead, so that voices can be made free for their notes.

use crate::engine::deck::{Deck, Loop, TICKS};
use crate::engine::orders::{Order, Report, Timed};
use crate::engine::overrides::Touch;
use crate::engine::performance::Performance;
use crate::engine::place::Place;
use crate::plan::steps::Tempo;

impl Performance {
    /// Decides everything that could matter to the block before `until`.
    pub(super) fn decide(&mut self, until: u64) {
        let target = until + self.deck.ahead();
        while self.head < target {
            self.set_speed();
            let place = self.places.last();
            let end = self.end();
            let bar = if self.at_bar.is_empty() { None } else { self.next_bar(place) };
            let end_frame = if self.over.is_none() { place.when(end as f64) } else { None };
            let cut = target.min(bar.unwrap_or(target)).min(end_frame.unwrap_or(target)).max(self.head);
            self.play_stretch(place, cut);
            self.head = cut;
            let went = bar == Some(cut) && self.carry_out_at_bar();
            if end_frame == Some(cut) && !went {
                match self.round {
                    // A loop behind the end, where an edit may have left it, is none.
                    Some((from, _)) if from < end => self.jump_to(from),
                    _ if bar != Some(cut) => self.over = Some(cut),
                    _ => {}
                }
            }
        }
    }

    /// The frame of the song at which it ends or goes round.
    fn end(&mut self) -> u64 {
        let place = self.places.last().at(self.head);
        let last = self.next_deck().bars.last().copied().unwrap_or(0);
        self.round.map(|(_, to)| to.min(last)).filter(|to| place < *to as f64).unwrap_or(last)
    }

    /// The frame at which the next bar begins.
    fn next_bar(&mut self, place: Place) -> Option<u64> {
        let (head, song) = (self.head, place.at(self.head));
        if !self.playing {
            return Some(head);
        }
        if self.over.is_some() {
            let (bar, left) = self.bar_behind_the_end();
            let frames = (bar - left) / self.quarters_a_frame(song).max(1e-12);
            return Some(head + if left < 1e-9 { 0 } else { libm::ceil(frames) as u64 });
        }
        let bars = &self.next_deck().bars;
        let next = bars.partition_point(|bar| (*bar as f64) < song - 0.5);
        bars.get(next).map_or(Some(head), |bar| place.when(*bar as f64).map(|frame| frame.max(head)))
    }

    /// The length of a bar behind the end of the song, and how much of it has gone, in quarter notes.
    fn bar_behind_the_end(&mut self) -> (f64, f64) {
        let quarters = self.quarters;
        let spans = &self.next_deck().plan().timeline.spans;
        let (bar, before) = spans.last().map_or((4.0, 0.0), |last| (last.meter.quarters(), last.before));
        let gone = (quarters - before).max(0.0);
        (bar, gone - libm::floor(gone / bar + 1e-9) * bar)
    }

    fn quarters_a_frame(&mut self, song: f64) -> f64 {
        let rate = self.rate;
        let (_, tempo) = self.next_deck().plan().timeline.quarters(song / rate);
        self.tempo.unwrap_or(tempo) / 60.0 / rate
    }

    /// Lets the song go on, or stand with all gates shut.
    pub(super) fn set_playing(&mut self, on: bool) {
        let head = self.head;
        if on && self.over.is_some() {
            let last = self.next_deck().bars.last().copied().unwrap_or(0);
            let from = self.round.map(|(from, _)| from).filter(|from| *from < last);
            self.jump_to(from.unwrap_or(0));
        }
        self.playing = on;
        self.last_beat = (0, 0);
        if !on {
            let deck = self.next_deck();
            deck.allocator.close_all(head);
            deck.collect();
        }
        self.set_speed();
    }

    /// Goes as fast as the tempo says.
    pub(super) fn set_speed(&mut self) {
        let place = self.places.last();
        let (song, rate) = (place.at(self.head), self.rate);
        let hurry = match self.tempo {
            Some(tempo) => tempo / self.next_deck().plan().timeline.quarters(song / rate).1,
            None => 1.0,
        };
        let speed = if self.playing { hurry } else { 0.0 };
        if speed != place.speed {
            let head = self.head;
            self.places.push(Place { from: head, song, speed });
            if speed > 0.0 && place.speed > 0.0 {
                let deck = self.next_deck();
                let keys = deck.key_lane(0, 0);
                deck.allocator.hurry(head, speed / place.speed, keys);
            }
        }
        if hurry != self.scale {
            self.scale = hurry;
            for control in 0..self.deck.plan().controls.len() {
                let touch = match self.deck.plan().controls[control].pace {
                    Some(Tempo::Time) => Touch::Scale((1.0 / hurry) as f32),
                    Some(Tempo::Frequency) => Touch::Scale(hurry as f32),
                    None => continue,
                };
                self.deck.touch(control, 0, touch);
            }
        }
    }

    /// Plays everything from `head` to `cut`.
    fn play_stretch(&mut self, place: Place, cut: u64) {
        let (head, rate) = (self.head, self.rate);
        if cut == head {
            return;
        }
        let silent = if self.solos > 0 { Silent::AllBut(&self.solo) } else { Silent::These(&self.muted) };
        let deck = match &mut self.coming {
            Some((deck, _)) => deck,
            None => &mut self.deck,
        };
        let before = self.quarters;
        if self.playing {
            let timeline = &deck.plan().timeline;
            let [first, last] = [head, cut].map(|frame| timeline.quarters(place.at(frame) / rate).0);
            self.quarters += last - first;
        }
        if self.over.is_none() {
            play_score(deck, place, head, cut, &silent);
        }
        let stretch = Stretch { head, frames: (cut - head) as f64, before, after: self.quarters };
        for slot in 0..deck.loops.len() {
            let Some(mut track) = deck.loops[slot].take() else { continue };
            stretch.play(deck, slot, &mut track, &silent);
            deck.loops[slot] = Some(track);
        }
    }

    /// Carries out what has waited for the bar; whether the song went somewhere else.
    fn carry_out_at_bar(&mut self) -> bool {
        let mut went = false;
        for place in 0..self.at_bar.len() {
            let done = Timed { frame: 0, number: 0, order: Order::FreeAll };
            match std::mem::replace(&mut self.at_bar[place], done).order {
                Order::Goto(song) => {
                    self.jump_to(song);
                    went = true;
                }
                Order::Deck { deck, .. } => {
                    self.take_deck(deck);
                    went = true;
                }
                Order::Track { slot, track, deck } => self.take_track(slot, track, deck),
                _ => {}
            }
        }
        self.at_bar.clear();
        went
    }

    /// Lets decks that wait for the bar come in before one that doesn't wait: what goes on is known from each to the next.
    pub(super) fn take_waiting(&mut self) {
        for place in 0..self.at_bar.len() {
            if matches!(self.at_bar[place].order, Order::Deck { .. }) {
                let done = Timed { frame: 0, number: 0, order: Order::FreeAll };
                if let Order::Deck { deck, .. } = std::mem::replace(&mut self.at_bar[place], done).order {
                    self.take_deck(deck);
                }
            }
        }
    }

    /// Plays a track from now on that was made for the deck of that number.
    fn take_track(&mut self, slot: usize, mut track: Option<Box<Loop>>, made_for: u64) {
        // A deck that was made later has the track already.
        if made_for < self.next_deck().number {
            if let Some(track) = track {
                self.report(Report::Loop(track));
            }
            return;
        }
        if let Some(track) = &mut track {
            track.origin = self.quarters;
            track.next = (0, 0);
            let begun = Report::Begun { track: track.track, quarters: self.quarters };
            self.report(begun);
        }
        let deck = self.next_deck();
        let before = deck.loops.get_mut(slot).and_then(|place| std::mem::replace(place, track));
        if let Some(before) = before {
            self.report(Report::Loop(before));
        }
    }

    /// Goes to a frame of the song.
    fn jump_to(&mut self, song: u64) {
        let head = self.head;
        let last = self.places.last();
        self.places.push(Place { from: head, song: song as f64, ..last });
        self.next_deck().seek(song);
        if self.over.take().is_some() {
            self.begun = head as f64;
            self.told_over = false;
        }
    }

    /// Lets another deck come in at `head`.
    pub(super) fn take_deck(&mut self, mut deck: Box<Deck>) {
        // What goes on from deck to deck is known from each to the next only.
        self.change();
        let head = self.head;
        let place = self.places.last();
        let song = place.at(head);
        let old_round = self.round;
        let now = self.next_deck();
        if deck.number < now.number {
            // Another one, made later, plays already.
            self.report(Report::Deck(deck));
            return;
        }
        deck.goes_on = deck.before == now.number;
        let bar = now.bars.partition_point(|bar| *bar as f64 <= song + 0.5).saturating_sub(1);
        let inside = song - now.bars.get(bar).copied().unwrap_or(0) as f64;
        let there = deck.bars[bar.min(deck.bars.len() - 1)] as f64 + inside;
        let bar_of = |song: u64| now.bars.partition_point(|bar| *bar < song);
        let round = old_round.map(|(from, to)| {
            let there = |song: u64| deck.bars[bar_of(song).min(deck.bars.len() - 1)];
            (there(from), there(to))
        });
        deck.adopt_notes(now);
        self.round = round.filter(|(from, to)| to > from);
        if let Some(muted) = &deck.forgets {
            self.tempo = None;
            self.muted.fill(false);
            self.solo.fill(false);
            self.solos = 0;
            for &track in muted {
                if let Some(place) = self.muted.get_mut(track as usize) {
                    *place = true;
                }
            }
        }
        deck.seek(libm::ceil(there - 0.5) as u64);
        let end = deck.bars.last().copied().unwrap_or(0) as f64;
        deck.allocator.earliest = head;
        self.places.push(Place { from: head, song: there, ..place });
        if self.over.is_some() && there < end {
            self.over = None;
            self.begun = head as f64;
            self.told_over = false;
        }
        self.coming = Some((deck, head));
    }
}

/// Which tracks aren't heard.
enum Silent<'a> {
    These(&'a [bool]),
    AllBut(&'a [bool]),
}

impl Silent<'_> {
    fn has(&self, track: u32) -> bool {
        match self {
            Self::These(muted) => muted.get(track as usize).copied().unwrap_or(false),
            Self::AllBut(solo) => !solo.get(track as usize).copied().unwrap_or(false),
        }
    }
}

/// Plays what of the score begins between two frames.
fn play_score(deck: &mut Deck, place: Place, head: u64, cut: u64, silent: &Silent<'_>) {
    if place.speed <= 0.0 {
        return;
    }
    let until = place.at(cut);
    // Lent out, so that the deck can play it.
    let score = std::mem::take(&mut deck.score);
    while let Some(note) = score.notes.get(deck.next_note).filter(|note| (note.start as f64) < until) {
        while let Some(lock) = score.moves.get(deck.next_move).filter(|lock| lock.start < note.start) {
            deck.next_move += 1;
            deck.move_locks(lock, place.when(lock.start as f64).unwrap_or(head).max(head));
        }
        deck.next_note += 1;
        if !silent.has(deck.names.lanes.get(note.lane).copied().unwrap_or(u32::MAX)) {
            let start = place.when(note.start as f64).unwrap_or(head).max(head);
            let frames = (note.end - note.start) as f64 / place.speed;
            deck.play(note, start, start + (frames + 0.5) as u64);
        }
    }
    while let Some(lock) = score.moves.get(deck.next_move).filter(|lock| (lock.start as f64) < until) {
        deck.next_move += 1;
        deck.move_locks(lock, place.when(lock.start as f64).unwrap_or(head).max(head));
    }
    deck.score = score;
}

/// Some frames, and the quarter notes of the performance before and behind them.
struct Stretch {
    head: u64,
    frames: f64,
    before: f64,
    after: f64,
}

impl Stretch {
    /// Plays what of a loop begins in it.
    fn play(&self, deck: &mut Deck, slot: usize, track: &mut Loop, silent: &Silent<'_>) {
        let quarters = self.after - self.before;
        if quarters <= 0.0 || track.notes.is_empty() {
            return;
        }
        let frames_a_quarter = self.frames / quarters;
        let lane = deck.loop_lane(slot);
        loop {
            let (round, index) = track.next;
            let start = track.origin + round as f64 * track.quarters;
            let note = &mut track.notes[index];
            let at = start + note.start as f64 / TICKS;
            if at >= self.after {
                break;
            }
            if at >= self.before - 1e-9 && !silent.has(track.track) {
                let from = self.head + (((at - self.before) * frames_a_quarter).max(0.0) + 0.5) as u64;
                let length = (note.end - note.start) as f64 / TICKS * frames_a_quarter;
                note.lane = lane;
                deck.play(note, from, from + (length + 0.5) as u64);
            }
            track.next = if index + 1 == track.notes.len() { (round + 1, 0) } else { (round, index + 1) };
        }
    }
}

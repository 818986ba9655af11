//! What of the song comes next: decided a little ahead, so that voices can be made free for their notes.

use crate::engine::commands::{EngineCommand, EngineReport, TimedCommand};
use crate::engine::deck::{AddedLoop, Deck, MOST_LOOPS, TICKS};
use crate::engine::performance::Performance;
use crate::engine::playhead::Playhead;

impl Performance {
    /// Decides everything that could matter to the block before `until`.
    pub(super) fn decide(&mut self, until: u64) {
        let target = until + self.deck.ahead();
        while self.head < target {
            self.set_speed();
            let place = self.places.last();
            let end = self.end();
            // Stretches end at bars whether anything waits there or not, so that nothing else depends on it.
            let waits = !self.at_bar.is_empty();
            let bar = self.next_bar(place).filter(|bar| waits || *bar > self.head);
            let end_frame = if self.over.is_none() { place.when(end as f64) } else { None };
            let cut = target.min(bar.unwrap_or(target)).min(end_frame.unwrap_or(target)).max(self.head);
            let at_bar = bar == Some(cut);
            self.play_stretch(place, cut, at_bar);
            self.head = cut;
            let due = at_bar && waits;
            let went = due && self.carry_out_at_bar();
            if end_frame == Some(cut) && !went {
                match self.loop_range {
                    // A loop after the end, where an edit may have left it, is none.
                    Some((from, _)) if from < end => self.jump_to(from),
                    _ if !due => self.over = Some(cut),
                    _ => {}
                }
            }
        }
    }

    /// The frame of the song at which it ends or loops.
    fn end(&mut self) -> u64 {
        let place = self.places.last().at(self.head);
        let last = self.next_deck().bars.last().copied().unwrap_or(0);
        self.loop_range.map(|(_, to)| to.min(last)).filter(|to| place < *to as f64).unwrap_or(last)
    }

    /// The frame at which the next bar begins.
    fn next_bar(&mut self, place: Playhead) -> Option<u64> {
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

    /// The length of a bar after the end of the song, and how much of it has gone, in quarter notes.
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
            let from = self.loop_range.map(|(from, _)| from).filter(|from| *from < last);
            self.jump_to(from.unwrap_or(0));
        }
        self.playing = on;
        self.last_beat = (0, 0);
        if !on {
            for deck in self.deciding() {
                deck.allocator.close_all(head);
                deck.collect();
            }
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
            self.places.push(Playhead { from: head, song, speed });
            if speed > 0.0 && place.speed > 0.0 {
                for deck in self.deciding() {
                    let keys = deck.key_lane(0, 0);
                    deck.allocator.hurry(head, speed / place.speed, keys);
                }
            }
        }
        if hurry != self.scale {
            self.scale = hurry;
            self.deck.pace(hurry);
            for leaving in self.leaving() {
                leaving.pace(hurry);
            }
        }
    }

    /// Plays everything from `head` to `cut`, and nothing of the next bar if one begins there: another deck may play that.
    fn play_stretch(&mut self, place: Playhead, cut: u64, at_bar: bool) {
        let (head, rate) = (self.head, self.rate);
        if cut == head {
            return;
        }
        let silent =
            if self.solos > 0 { SilentTracks::AllBut(&self.solo) } else { SilentTracks::These(&self.muted) };
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
            let mut until = place.at(cut);
            if at_bar {
                // A bar seldom begins exactly on a frame.
                let begun = deck.bars.partition_point(|bar| (*bar as f64) < until + 0.5).checked_sub(1);
                until = begun.map_or(until, |bar| until.min(deck.bars[bar] as f64));
            }
            play_score(deck, place, head, until, &silent);
            self.played = until;
        }
        let stretch = FrameSpan { head, frames: (cut - head) as f64, before, after: self.quarters };
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
            let done = TimedCommand { frame: 0, number: 0, command: EngineCommand::ReleaseAll };
            match std::mem::replace(&mut self.at_bar[place], done).command {
                EngineCommand::Goto(song) => {
                    self.jump_to(song);
                    went = true;
                }
                EngineCommand::Deck { deck, .. } => {
                    self.take_deck(deck);
                    went = true;
                }
                EngineCommand::Track { slot, track, deck } => self.take_track(slot, track, deck),
                _ => {}
            }
        }
        self.at_bar.clear();
        went
    }

    /// Lets decks that were made before `deck` come in first, though they wait for the bar or for their frame, as long as it isn't
    /// known what goes on in it.
    fn take_earlier(&mut self, deck: &Deck) {
        let number = deck.number;
        let waits = |command: &EngineCommand| match command {
            EngineCommand::Deck { deck, .. } if deck.number < number => Some(deck.number),
            _ => None,
        };
        while !deck.can_follow(self.next_deck().number) {
            let Some(first) =
                self.at_bar.iter().chain(&self.later).filter_map(|timed| waits(&timed.command)).min()
            else {
                break;
            };
            let all = self.at_bar.iter_mut().chain(&mut self.later);
            for timed in all.filter(|timed| waits(&timed.command) == Some(first)) {
                if let EngineCommand::Deck { deck, .. } =
                    std::mem::replace(&mut timed.command, EngineCommand::NoOp)
                {
                    self.take_deck(deck);
                    break;
                }
            }
        }
    }

    /// Plays a track from now on that was made for the deck of that number.
    fn take_track(&mut self, slot: usize, mut track: Option<Box<AddedLoop>>, made_for: u64) {
        // A deck that was made later has the track already.
        let deck = self.next_deck();
        if made_for < deck.song {
            let own = deck.parked.get_mut(slot).and_then(Option::take);
            if let Some(track) = std::mem::replace(&mut track, own) {
                self.report(EngineReport::Loop(track));
            }
            if track.is_none() {
                self.begin_track(slot);
                return;
            }
        }
        if let Some(track) = &mut track {
            track.origin = self.quarters;
            track.next = (0, 0);
            let begun = EngineReport::Begun { track: track.track, quarters: self.quarters };
            self.report(begun);
        }
        let deck = self.next_deck();
        let before = deck.loops.get_mut(slot).and_then(|place| std::mem::replace(place, track));
        if let Some(before) = before {
            self.report(EngineReport::Loop(before));
        }
    }

    /// Lets a track begin here that has come in with its deck, in place of another version of it.
    fn begin_track(&mut self, slot: usize) {
        let quarters = self.quarters;
        if let Some(track) = self.next_deck().loops.get_mut(slot).and_then(Option::as_mut) {
            (track.origin, track.next) = (quarters, (0, 0));
            let track = track.track;
            self.report(EngineReport::Begun { track, quarters });
        }
    }

    /// Goes to a frame of the song.
    fn jump_to(&mut self, song: u64) {
        let head = self.head;
        let last = self.places.last();
        self.places.push(Playhead { from: head, song: song as f64, ..last });
        self.next_deck().seek(song as f64);
        self.played = song as f64;
        if self.over.take().is_some() {
            self.begun = head as f64;
            (self.told_over, self.played_after) = (false, false);
        }
    }

    /// Lets another deck come in at `head`.
    pub(super) fn take_deck(&mut self, mut deck: Box<Deck>) {
        self.take_earlier(&deck);
        self.change();
        let head = self.head;
        let place = self.places.last();
        let song = place.at(head);
        let old_loop_range = self.loop_range;
        let mut waiting = [false; MOST_LOOPS];
        for timed in self.at_bar.iter().chain(&self.later) {
            if let EngineCommand::Track { slot, track: Some(_), .. } = timed.command
                && let Some(waits) = waiting.get_mut(slot)
            {
                *waits = true;
            }
        }
        let now = self.next_deck();
        if deck.number < now.number {
            // Another one, made later, plays already.
            self.report(EngineReport::Deck(deck));
            return;
        }
        deck.follow(now.number);
        let (turns, forgets) = (deck.song != now.song, deck.deferred.forgets(now.number));
        let bar = now.bars.partition_point(|bar| *bar as f64 <= song + 0.5).saturating_sub(1);
        // Exactly the same place where the bars begin at the same frames.
        let begins = now.bars.get(bar).copied().unwrap_or(0) as f64;
        let there = song + (deck.bars[bar.min(deck.bars.len() - 1)] as f64 - begins);
        let bar_of = |song: u64| now.bars.partition_point(|bar| *bar < song);
        let loop_range = old_loop_range.map(|(from, to)| {
            let there = |song: u64| deck.bars[bar_of(song).min(deck.bars.len() - 1)];
            (there(from), there(to))
        });
        deck.adopt_notes(now);
        if deck.song == now.song {
            // Those that wait for their bar go on waiting.
            std::mem::swap(&mut deck.loops, &mut now.loops);
            std::mem::swap(&mut deck.parked, &mut now.parked);
        }
        for (slot, waits) in waiting.into_iter().enumerate() {
            let begun = deck.song == now.song || now.loops[slot].is_some();
            if waits && !begun {
                deck.parked[slot] = deck.loops[slot].take();
            }
        }
        self.loop_range = loop_range.filter(|(from, to)| to > from);
        if turns {
            if forgets {
                self.tempo = deck.deferred.tempo;
            }
            let deferred = [&deck.deferred.muted, &deck.deferred.solo];
            for (switches, deferred) in [&mut self.muted, &mut self.solo].into_iter().zip(deferred) {
                for (switch, on) in switches.iter_mut().zip(deferred) {
                    *switch = on.unwrap_or(*switch);
                }
            }
            self.solos = self.solo.iter().filter(|solo| **solo).count();
        }
        // What has begun in the other deck isn't played again.
        self.played += there - song;
        deck.seek(self.played);
        let end = deck.bars.last().copied().unwrap_or(0) as f64;
        // What makes way for its first notes happens before them.
        deck.allocator.earliest = self.frame;
        // Where nothing shifts, the frames of the song are counted on as they were.
        if there != song {
            self.places.push(Playhead { from: head, song: there, ..place });
        }
        if self.over.is_some() && there < end {
            self.over = None;
            self.begun = head as f64;
            (self.told_over, self.played_after) = (false, false);
        }
        self.shift = song - there;
        self.coming = Some((deck, head));
    }
}

/// Which tracks aren't heard.
enum SilentTracks<'a> {
    These(&'a [bool]),
    AllBut(&'a [bool]),
}

impl SilentTracks<'_> {
    fn has(&self, track: u32) -> bool {
        match self {
            Self::These(muted) => muted.get(track as usize).copied().unwrap_or(false),
            Self::AllBut(solo) => !solo.get(track as usize).copied().unwrap_or(false),
        }
    }
}

/// Plays what of the score hasn't been played and begins before `until`, a frame of the song.
fn play_score(deck: &mut Deck, place: Playhead, head: u64, until: f64, silent: &SilentTracks<'_>) {
    if place.speed <= 0.0 {
        return;
    }
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

/// Some frames, and the quarter notes of the performance before and after them.
struct FrameSpan {
    head: u64,
    frames: f64,
    before: f64,
    after: f64,
}

impl FrameSpan {
    /// Plays what of a loop begins in it.
    fn play(&self, deck: &mut Deck, slot: usize, track: &mut AddedLoop, silent: &SilentTracks<'_>) {
        let quarters = self.after - self.before;
        if quarters <= 0.0 || track.notes.is_empty() {
            return;
        }
        let frames_a_quarter = self.frames / quarters;
        let lane = deck.loop_lane(slot);
        loop {
            let (loop_range, index) = track.next;
            let start = track.origin + loop_range as f64 * track.quarters;
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
            track.next =
                if index + 1 == track.notes.len() { (loop_range + 1, 0) } else { (loop_range, index + 1) };
        }
    }
}

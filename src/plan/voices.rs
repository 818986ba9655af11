//! Which voice plays which note, and what happens to it frame by frame.

use crate::model::song::Song;
use crate::plan::score::{LockMove, Note, Score};
use crate::plan::steps::LockEvent;

/// Something that happens to a voice at a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Counted from the start of the song.
    pub frame: u64,
    /// Index of the voice among all voices of the song.
    pub voice: u32,
    /// What happens.
    pub action: Action,
}

/// What can happen to a voice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// The voice is faded out, so that a new note can take it.
    Choke,
    /// For one frame the gate is below 0: envelopes fall to 0 at once. Only on a choked voice.
    Clear,
    /// The gate closes.
    Release,
    /// A note begins.
    Trigger(Strike),
    /// The note goes on at another pitch, reached by glide.
    Slide {
        /// In octaves above c4.
        pitch: f32,
        /// The same in Hz.
        freq: f32,
    },
}

/// A note as a voice gets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strike {
    /// 0 to 1.
    pub velocity: f32,
    /// Linear gain beside the velocity.
    pub level: f32,
    /// In octaves above c4.
    pub pitch: f32,
    /// The same in Hz.
    pub freq: f32,
    /// -1 to 1, the note's own draw.
    pub random: f32,
}

/// Seconds in which a voice is faded out before another note takes it.
pub const FADE: f64 = 0.002;

/// The index of each instrument's first voice among all voices of the song.
pub fn first_voices(song: &Song) -> Vec<u32> {
    song.instruments
        .iter()
        .scan(0, |next, instrument| {
            let first = *next;
            *next += instrument.voices as u32;
            Some(first)
        })
        .collect()
}

#[derive(Clone, Copy)]
struct Voice {
    /// Which note it plays or played last, by its place in the score; `None` before the first.
    note: Option<usize>,
    started: u64,
    gate_end: u64,
    /// The lane of the score that the note is in.
    lane: usize,
}

/// All that happens to voices, each kind in the order of frames.
#[derive(Clone, Debug, Default)]
pub struct Happenings {
    /// What happens to their notes.
    pub events: Vec<Event>,
    /// What happens to the controls that are locked.
    pub locks: Vec<LockEvent>,
}

/// What happens to every voice, in the order of frames.
///
/// A note takes the voice that has been released for the longest time (one never played before any other), else
/// the one that has played for the longest time. With one voice the new note goes on from wherever the old one is;
/// with several, the voice is faded out first and starts afresh.
///
/// A lock holds from the note that it comes with until the voice is taken again.
pub fn happenings(song: &Song, score: &Score, rate: f64) -> Happenings {
    let notes = &score.notes;
    let first = first_voices(song);
    let mut allocator = Allocator {
        voices: song
            .instruments
            .iter()
            .map(|instrument| vec![Voice { note: None, started: 0, gate_end: 0, lane: 0 }; instrument.voices])
            .collect(),
        fade: crate::plan::timeline::nearest_frame(FADE, rate),
        c4: song.c4,
        first,
        lanes: Vec::new(),
        events: Vec::with_capacity(notes.len() * 2),
        locked: vec![Vec::new(); song.instruments.iter().map(|instrument| instrument.voices).sum()],
        locks: Vec::new(),
    };
    let mut moves = score.moves.iter().peekable();
    for (index, note) in notes.iter().enumerate() {
        // What a lock moves is who plays at its frame: notes that begin there come first.
        while let Some(lock) = moves.next_if(|lock| lock.start < note.start) {
            allocator.move_locks(lock);
        }
        allocator.play(index, note);
    }
    moves.for_each(|lock| allocator.move_locks(lock));
    allocator.finish()
}

struct Allocator {
    voices: Vec<Vec<Voice>>,
    first: Vec<u32>,
    fade: u64,
    c4: f64,
    /// For each lane of the score, its last note and the voices that play it.
    lanes: Vec<(usize, Vec<usize>)>,
    events: Vec<Event>,
    /// The controls of each voice of the song that are locked.
    locked: Vec<Vec<u32>>,
    locks: Vec<LockEvent>,
}

impl Allocator {
    fn play(&mut self, index: usize, note: &Note) {
        if self.lanes.len() <= note.lane {
            self.lanes.resize(note.lane + 1, (usize::MAX, Vec::new()));
        }
        let (before, held) = std::mem::take(&mut self.lanes[note.lane]);
        let mut used = Vec::with_capacity(note.pitches.len());
        for (place, &pitch) in note.pitches.iter().enumerate() {
            let (pitch, freq) = (pitch as f32, (self.c4 * libm::exp2(pitch)) as f32);
            let held = held
                .get(place)
                .copied()
                .filter(|&voice| note.slurred && self.voices[note.instrument][voice].note == Some(before));
            let voice = if let Some(voice) = held {
                self.lock(note.instrument, voice, note.start, &note.locks);
                self.push(note, voice, note.start, Action::Slide { pitch, freq });
                voice
            } else {
                let voice = self.choose(note, &used);
                self.make_way(note, voice);
                self.unlock(note, voice);
                self.lock(note.instrument, voice, note.start, &note.locks);
                let random = note.seed.name("random").number(place as u64).bipolar() as f32;
                let strike =
                    Strike { velocity: note.velocity as f32, level: note.level as f32, pitch, freq, random };
                self.push(note, voice, note.start, Action::Trigger(strike));
                self.voices[note.instrument][voice].started = note.start;
                voice
            };
            let state = &mut self.voices[note.instrument][voice];
            state.note = Some(index);
            state.gate_end = note.end;
            state.lane = note.lane;
            used.push(voice);
        }
        self.lanes[note.lane] = (index, used);
    }

    fn choose(&self, note: &Note, used: &[usize]) -> usize {
        let voices = &self.voices[note.instrument];
        let key = |index: usize, voice: &Voice| match voice.note {
            None => (0, 0, index),
            Some(_) if voice.gate_end <= note.start => (1, voice.gate_end, index),
            Some(_) => (2, voice.started, index),
        };
        voices
            .iter()
            .enumerate()
            .filter(|(index, _)| !used.contains(index))
            .min_by_key(|&(index, voice)| key(index, voice))
            .map_or(0, |(index, _)| index)
    }

    /// Ends what the voice played before.
    fn make_way(&mut self, note: &Note, voice: usize) {
        let state = self.voices[note.instrument][voice];
        if state.note.is_none() || note.start <= state.started {
            return;
        }
        let last = note.start - 1;
        let released = state.gate_end.min(last);
        self.push(note, voice, released, Action::Release);
        if self.voices[note.instrument].len() > 1 {
            let choke = note.start.saturating_sub(self.fade).max(state.started + 1).min(last);
            self.push(note, voice, choke, Action::Choke);
            self.push(note, voice, last, Action::Clear);
        }
    }

    /// Hands back what the voice's last note had locked and this one doesn't.
    fn unlock(&mut self, note: &Note, voice: usize) {
        let voice = self.first[note.instrument] + voice as u32;
        let frame = note.start;
        for control in std::mem::take(&mut self.locked[voice as usize]) {
            if note.locks.iter().all(|(locked, _)| *locked != control) {
                self.locks.push(LockEvent { frame, voice, control, value: None });
            }
        }
    }

    fn lock(&mut self, instrument: usize, voice: usize, frame: u64, values: &[(u32, f32)]) {
        let voice = self.first[instrument] + voice as u32;
        let locked = &mut self.locked[voice as usize];
        for &(control, value) in values {
            if !locked.contains(&control) {
                locked.push(control);
            }
            self.locks.push(LockEvent { frame, voice, control, value: Some(value) });
        }
    }

    /// Moves what sounds of a lane: every note of it whose voice hasn't been taken since.
    fn move_locks(&mut self, lock: &LockMove) {
        for voice in 0..self.voices[lock.instrument].len() {
            let state = self.voices[lock.instrument][voice];
            if state.note.is_some() && state.lane == lock.lane {
                self.lock(lock.instrument, voice, lock.start, &lock.values);
            }
        }
    }

    fn push(&mut self, note: &Note, voice: usize, frame: u64, action: Action) {
        let voice = self.first[note.instrument] + voice as u32;
        self.events.push(Event { frame, voice, action });
    }

    fn finish(mut self) -> Happenings {
        for (voices, first) in self.voices.iter().zip(&self.first) {
            for (index, voice) in voices.iter().enumerate() {
                if voice.note.is_some() {
                    let voice_index = first + index as u32;
                    self.events.push(Event {
                        frame: voice.gate_end,
                        voice: voice_index,
                        action: Action::Release,
                    });
                }
            }
        }
        // A stable sort: what was pushed first happens first.
        self.events.sort_by_key(|event| event.frame);
        Happenings { events: self.events, locks: self.locks }
    }
}

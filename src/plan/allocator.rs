//! Which voice plays which note: decided note by note, ahead of time or while it is played.

use crate::model::song::Song;
use crate::plan::lock_event::LockEvent;
use crate::plan::score::{LockMove, Note};
use crate::plan::timeline::nearest_frame;
use crate::plan::voices::{FADE, NoteOn, VoiceAction, VoiceEvent, VoiceEvents, first_voices};

/// A voice as the allocator knows it.
#[derive(Clone, Copy, Debug)]
struct AllocatedVoice {
    /// Which note it plays or played last, by its number; `None` before the first.
    note: Option<u64>,
    started: u64,
    gate_end: u64,
    /// Its gate is still to be closed.
    open: bool,
    /// The lane of the score that the note is in.
    lane: usize,
}

const UNUSED: AllocatedVoice = AllocatedVoice { note: None, started: 0, gate_end: 0, open: false, lane: 0 };

/// The most voices that one note takes: its pitches.
const CHORD: usize = 64;

/// Gives notes to voices, in the order in which they begin, and writes down what happens to these.
///
/// A note takes the voice that has been released for the longest time (one never played before any other), else
/// the one that has played for the longest time. With one voice the new note goes on from wherever the old one is;
/// with several, the voice is faded out first and starts afresh.
///
/// A lock holds from the note that it comes with until the voice is taken again.
#[derive(Debug)]
pub struct Allocator {
    voices: Vec<Vec<AllocatedVoice>>,
    first: Vec<u32>,
    fade: u64,
    c4: f64,
    /// For each lane of the score, its last note and the voices that play it.
    lanes: Vec<(u64, Vec<usize>)>,
    /// Room for the voices of the next note.
    spare: Vec<usize>,
    /// The controls of each voice of the song that are locked.
    locked: Vec<Vec<u32>>,
    /// Nothing can happen before this frame.
    pub earliest: u64,
    /// What happens, in the order in which it was decided.
    pub voice_events: VoiceEvents,
}

impl Allocator {
    /// For the instruments of `song` at `rate` frames a second, none of them played yet.
    pub fn new(song: &Song, rate: f64) -> Self {
        let voices: Vec<Vec<AllocatedVoice>> =
            song.instruments.iter().map(|instrument| vec![UNUSED; instrument.voices]).collect();
        let count = voices.iter().map(Vec::len).sum();
        Self {
            voices,
            first: first_voices(song),
            fade: nearest_frame(FADE, rate),
            c4: song.c4,
            lanes: Vec::new(),
            spare: Vec::with_capacity(CHORD),
            locked: vec![Vec::new(); count],
            earliest: 0,
            voice_events: VoiceEvents::default(),
        }
    }

    /// Makes room for so many lanes, events and locked controls of a voice, so that playing allocates nothing.
    pub fn reserve(&mut self, lanes: usize, events: usize, locks: usize) {
        self.lanes.resize_with(lanes, || (u64::MAX, Vec::with_capacity(CHORD)));
        self.voice_events.events.reserve(events);
        self.voice_events.locks.reserve(events);
        self.locked.iter_mut().for_each(|locked| locked.reserve(locks));
    }

    /// Whether what happens to `note` still fits into the room that was made, and its lane is known.
    pub fn has_room(&self, note: &Note) -> bool {
        let VoiceEvents { events, locks } = &self.voice_events;
        let (pitches, own) = (note.pitches.len(), note.locks.len());
        let fits = |len: usize, capacity: usize, more: usize| len + more <= capacity;
        let locked = self.locked.iter().map(Vec::capacity).max().unwrap_or(0);
        note.lane < self.lanes.len()
            && pitches <= CHORD
            && fits(events.len(), events.capacity(), pitches * 4)
            && fits(locks.len(), locks.capacity(), pitches * (own + locked))
    }

    /// Plays `note`, the one of that number, from frame `start` until its gate closes at `end`.
    pub fn play(&mut self, number: u64, note: &Note, start: u64, end: u64) {
        if self.lanes.len() <= note.lane {
            self.lanes.resize(note.lane + 1, (u64::MAX, Vec::new()));
        }
        let (before, held) = std::mem::take(&mut self.lanes[note.lane]);
        let mut used = std::mem::take(&mut self.spare);
        used.clear();
        for (place, &pitch) in note.pitches.iter().enumerate() {
            let (pitch, freq) = (pitch as f32, (self.c4 * libm::exp2(pitch)) as f32);
            let held = held
                .get(place)
                .copied()
                .filter(|&voice| note.slurred && self.voices[note.instrument][voice].note == Some(before));
            let voice = if let Some(voice) = held {
                self.lock(note, voice, start);
                self.push(note.instrument, voice, start, VoiceAction::Slide { pitch, freq });
                voice
            } else {
                let voice = self.choose(note.instrument, start, &used);
                self.make_way(note.instrument, voice, start);
                self.unlock(note, voice, start);
                self.lock(note, voice, start);
                let random = note.seed.name("random").number(place as u64).bipolar() as f32;
                let note_on =
                    NoteOn { velocity: note.velocity as f32, level: note.level as f32, pitch, freq, random };
                self.push(note.instrument, voice, start, VoiceAction::Trigger(note_on));
                self.voices[note.instrument][voice].started = start;
                voice
            };
            let state = &mut self.voices[note.instrument][voice];
            state.note = Some(number);
            state.gate_end = end;
            state.open = true;
            state.lane = note.lane;
            used.push(voice);
        }
        self.lanes[note.lane] = (number, used);
        self.spare = held;
    }

    /// How many frames a note of `instrument` that is to begin now must wait, so that its voice can be made free for it;
    /// `awake` tells which voices of the song are still heard.
    pub fn wait(&self, instrument: usize, now: u64, awake: impl Fn(usize) -> bool) -> u64 {
        let voice = self.choose(instrument, now, &[]);
        let all = &self.voices[instrument];
        match all.get(voice) {
            Some(AllocatedVoice { note: Some(_), .. }) => {
                let heard = all.len() > 1 && awake(self.first[instrument] as usize + voice);
                if heard { self.fade + 1 } else { 1 }
            }
            _ => 0,
        }
    }

    fn choose(&self, instrument: usize, start: u64, used: &[usize]) -> usize {
        let key = |index: usize, voice: &AllocatedVoice| match voice.note {
            None => (0, 0, index),
            Some(_) if voice.gate_end <= start => (1, voice.gate_end, index),
            Some(_) => (2, voice.started, index),
        };
        self.voices[instrument]
            .iter()
            .enumerate()
            .filter(|(index, _)| !used.contains(index))
            .min_by_key(|&(index, voice)| key(index, voice))
            .map_or(0, |(index, _)| index)
    }

    /// Ends what the voice played before.
    fn make_way(&mut self, instrument: usize, voice: usize, start: u64) {
        let state = self.voices[instrument][voice];
        if state.note.is_none() || start <= state.started {
            return;
        }
        let last = start - 1;
        if state.open {
            self.push(instrument, voice, state.gate_end.min(last), VoiceAction::Release);
        }
        if self.voices[instrument].len() > 1 {
            let steal_fade = start.saturating_sub(self.fade).max(state.started + 1).min(last);
            self.push(instrument, voice, steal_fade, VoiceAction::StealFade);
            self.push(instrument, voice, last, VoiceAction::Clear);
        }
    }

    /// Hands back what the voice's last note had locked and this one doesn't.
    fn unlock(&mut self, note: &Note, voice: usize, frame: u64) {
        let voice = self.first[note.instrument] + voice as u32;
        for control in self.locked[voice as usize].drain(..) {
            if note.locks.iter().all(|(locked, _)| *locked != control) {
                self.voice_events.locks.push(LockEvent { frame, voice, control, value: None, leads: false });
            }
        }
    }

    fn lock(&mut self, note: &Note, voice: usize, frame: u64) {
        self.lock_all(note.instrument, voice, frame, &note.locks, note.leads);
    }

    fn lock_all(&mut self, instrument: usize, voice: usize, frame: u64, values: &[(u32, f32)], leads: bool) {
        let voice = self.first[instrument] + voice as u32;
        let locked = &mut self.locked[voice as usize];
        for &(control, value) in values {
            if !locked.contains(&control) {
                locked.push(control);
            }
            self.voice_events.locks.push(LockEvent { frame, voice, control, value: Some(value), leads });
        }
    }

    /// Moves what sounds of a lane at `start`: every note of it whose voice hasn't been taken since.
    pub fn move_locks(&mut self, lock: &LockMove, start: u64) {
        for voice in 0..self.voices[lock.instrument].len() {
            let state = self.voices[lock.instrument][voice];
            if state.note.is_some() && state.lane == lock.lane {
                self.lock_all(lock.instrument, voice, start, &lock.values, false);
            }
        }
    }

    /// Closes the gates whose time comes before `frame`.
    pub fn close_until(&mut self, frame: u64) {
        self.close(|voice| voice.gate_end < frame, |voice| voice.gate_end);
    }

    /// Closes the gates of all notes of a lane at `frame`.
    pub fn close_lane(&mut self, lane: usize, frame: u64) {
        self.close(|voice| voice.lane == lane, |voice| voice.gate_end.min(frame));
    }

    /// Closes all gates at `frame`.
    pub fn close_all(&mut self, frame: u64) {
        self.close(|_| true, |voice| voice.gate_end.min(frame));
    }

    fn close(&mut self, which: impl Fn(&AllocatedVoice) -> bool, at: impl Fn(&AllocatedVoice) -> u64) {
        for instrument in 0..self.voices.len() {
            for voice in 0..self.voices[instrument].len() {
                let state = &mut self.voices[instrument][voice];
                if state.open && which(state) {
                    state.open = false;
                    // A note that hasn't begun begins first.
                    state.gate_end = at(state).max(state.started + 1);
                    let end = state.gate_end;
                    self.push(instrument, voice, end, VoiceAction::Release);
                }
            }
        }
    }

    /// Goes on with what the voices of an instrument of another song play; `lane` tells which lane here is one of there.
    pub fn adopt(&mut self, other: &Self, from: usize, to: usize, lane: impl Fn(usize) -> usize) {
        for (own, other) in self.voices[to].iter_mut().zip(&other.voices[from]) {
            *own = AllocatedVoice { lane: lane(other.lane), ..*other };
        }
    }

    /// Goes on with the last note of a lane of the score, there and here, so that the next one can be slurred to it.
    pub fn adopt_lane(&mut self, other: &Self, from: usize, to: usize) {
        if let (Some((number, voices)), Some(own)) = (other.lanes.get(from), self.lanes.get_mut(to)) {
            own.0 = *number;
            own.1.clear();
            own.1.extend_from_slice(voices);
        }
    }

    /// Goes on with the lock of a control, by voice and number there and here, if a note of another song has locked it.
    pub fn adopt_lock(&mut self, other: &Self, from: (u32, u32), to: (u32, u32)) {
        let locked = &mut self.locked[to.0 as usize];
        let is_locked = other.locked[from.0 as usize].contains(&from.1);
        if is_locked && !locked.contains(&to.1) && locked.len() < locked.capacity() {
            locked.push(to.1);
        }
    }

    /// Moves the ends of all notes that sound at `frame`, when the song goes so many times as fast as before;
    /// those in lanes from `keys` on go by seconds.
    pub fn hurry(&mut self, frame: u64, faster: f64, keys: usize) {
        for voice in self.voices.iter_mut().flatten() {
            if voice.lane < keys && voice.open && voice.gate_end > frame && voice.gate_end < u64::MAX {
                let left = (voice.gate_end - frame) as f64 / faster;
                voice.gate_end = frame + (left + 0.5) as u64;
            }
        }
    }

    fn push(&mut self, instrument: usize, voice: usize, frame: u64, action: VoiceAction) {
        let (frame, voice) = (frame.max(self.earliest), self.first[instrument] + voice as u32);
        self.voice_events.events.push(VoiceEvent { frame, voice, action });
    }
}

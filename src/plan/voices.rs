//! Which voice plays which note, and what happens to it frame by frame.

use crate::model::song::Song;
use crate::plan::allocator::Allocator;
use crate::plan::lock_event::LockEvent;
use crate::plan::score::Score;

/// Something that happens to a voice at a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoiceEvent {
    /// Counted from the start of the song.
    pub frame: u64,
    /// Index of the voice among all voices of the song.
    pub voice: u32,
    /// What happens.
    pub action: VoiceAction,
}

/// What can happen to a voice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VoiceAction {
    /// The voice is faded out, so that a new note can take it.
    StealFade,
    /// For one frame the gate is below 0: envelopes fall to 0 at once. Only on a choked voice.
    Clear,
    /// The gate closes.
    Release,
    /// A note begins.
    Trigger(NoteOn),
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
pub struct NoteOn {
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

/// -90 dBFS: what is under it at the end of the song counts as silence.
pub const SILENCE: f32 = 3.162_277_7e-5;

/// Seconds in which a voice is faded out before another note takes it.
pub const FADE: f64 = 0.002;

/// The path of every module: `bass.filter`; those of the top level come last.
pub(super) fn module_paths(song: &Song) -> Vec<String> {
    let inside = song.instruments.iter().flat_map(|instrument| {
        instrument.patch.modules.iter().map(|module| format!("{}.{}", instrument.id, module.id))
    });
    inside.chain(song.patch.modules.iter().map(|module| module.id.clone())).collect()
}

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

/// All that happens to voices, each kind in the order of frames.
#[derive(Clone, Debug, Default)]
pub struct VoiceEvents {
    /// What happens to their notes.
    pub events: Vec<VoiceEvent>,
    /// What happens to the controls that are locked.
    pub locks: Vec<LockEvent>,
}

/// What happens to every voice, in the order of frames.
pub fn voice_events(song: &Song, score: &Score, rate: f64) -> VoiceEvents {
    let mut allocator = Allocator::new(song, rate);
    let mut moves = score.moves.iter().peekable();
    for (index, note) in score.notes.iter().enumerate() {
        // What a lock moves is who plays at its frame: notes that begin there come first.
        while let Some(lock) = moves.next_if(|lock| lock.start < note.start) {
            allocator.move_locks(lock, lock.start);
        }
        allocator.play(index as u64, note, note.start, note.end);
    }
    moves.for_each(|lock| allocator.move_locks(lock, lock.start));
    allocator.close_until(u64::MAX);
    let VoiceEvents { mut events, locks } = allocator.voice_events;
    // A stable sort: what was pushed first happens first.
    events.sort_by_key(|event| event.frame);
    VoiceEvents { events, locks }
}

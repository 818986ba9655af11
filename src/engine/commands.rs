//! Commands to a running performance, and its reports: plain data that goes through rings.

use std::sync::Arc;

use crate::engine::deck::{AddedLoop, Deck};
use crate::engine::guard::Fault;
use crate::engine::overrides::OverrideAction;
use crate::plan::compiled_plan::Plan;
use crate::plan::score::Note;

/// The name of a control, an instrument, a track or a gate that stays the same from song to song of a performance.
pub type StableId = u32;

/// A command to a performance.
pub enum EngineCommand {
    /// Does something to a control.
    Override {
        /// Which.
        control: StableId,
        /// What.
        action: OverrideAction,
    },
    /// Hands every control back to the song.
    ReleaseAll,
    /// Plays a note until its gate is closed, or for so many frames.
    Note {
        /// Which instrument.
        instrument: StableId,
        /// What: its `instrument`, `lane`, `start` and `end` are not looked at.
        note: Box<Note>,
        /// The key by which its gate is closed: 0 to 127.
        key: u8,
        /// After how many frames the gate closes by itself.
        frames: Option<u64>,
    },
    /// Closes the gates of an instrument's notes that are open by key; of all of them without one.
    Close {
        /// Which instrument.
        instrument: StableId,
        /// Which of its notes.
        key: Option<u8>,
    },
    /// Opens or closes the gate of a module of the top level.
    Gate {
        /// Which.
        gate: StableId,
        /// 0 closes it.
        value: f32,
    },
    /// Lets the song go on.
    Start,
    /// Lets the song stand; all gates close.
    Stop,
    /// Quarter notes a minute, in place of the song's; `None` for the song's.
    Tempo(Option<f64>),
    /// Goes to a frame of the song at the next bar.
    Goto(u64),
    /// Plays the song in a loop between two frames, or not.
    Loop(Option<(u64, u64)>),
    /// A track that loops beside the song, in place of the one in this slot, at the next bar; none takes it away.
    Track {
        /// Which: less than [`crate::engine::deck::MOST_LOOPS`].
        slot: usize,
        /// What it plays.
        track: Option<Box<AddedLoop>>,
        /// The number of the deck that it was made for.
        deck: u64,
    },
    /// Nothing that is heard: it only has its place in a take.
    NoOp,
    /// What is heard of a track.
    Mute(StableId, bool),
    /// Whether only this track and others like it are heard.
    Solo(StableId, bool),
    /// Another song, or another form of this one, in its place.
    Deck {
        /// Ready to play.
        deck: Box<Deck>,
        /// At the next bar, or at once.
        at_bar: bool,
    },
    /// Turns all sound up or down to a linear level, without a click.
    Level(f32),
}

/// An order and when it is due.
pub struct TimedCommand {
    /// The frame; what is over by then is done at once.
    pub frame: u64,
    /// By which it is reported.
    pub number: u64,
    /// What is to be done.
    pub command: EngineCommand,
}

/// What a performance tells.
pub enum EngineReport {
    /// An order has been carried out.
    Done {
        /// Its number.
        number: u64,
        /// At this frame.
        frame: u64,
    },
    /// An order couldn't be carried out: there was no room for it.
    Dropped {
        /// Its number.
        number: u64,
    },
    /// Where the performance is, at each beat.
    Beat(Beat),
    /// How loud it has been since the last time.
    Level {
        /// The frame.
        frame: u64,
        /// The peak of both channels.
        peak: [f32; 2],
    },
    /// The same of an instrument.
    Heard {
        /// Which.
        instrument: StableId,
        /// The peak of all its channels.
        peak: f32,
    },
    /// A hit has led a control that somebody has put somewhere.
    Led {
        /// The control.
        control: StableId,
        /// Where it is now, in its unit.
        value: f32,
        /// The number of the last order that had been carried out by then.
        number: u64,
    },
    /// After the end of the song, when it had rung out, something is played again.
    Sounds,
    /// A track that loops beside the song has begun.
    Begun {
        /// Which.
        track: StableId,
        /// At this quarter note of the performance.
        quarters: f64,
    },
    /// A deck with another song has come in.
    Came {
        /// The number of the order that brought it; 0 if it didn't wait for a bar.
        number: u64,
    },
    /// Something has broken down, for the first time since its song came in.
    Fault {
        /// The plan whose paths it names.
        plan: Arc<Plan>,
        /// What.
        fault: Fault,
    },
    /// What isn't needed any more, to be dropped where there is time for it.
    Deck(Box<Deck>),
    /// The same.
    Note(Box<Note>),
    /// The same.
    Loop(Box<AddedLoop>),
    /// The song is over and has rung out.
    Over {
        /// At this frame.
        frame: u64,
    },
}

/// A place as musicians name it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beat {
    /// The frame of the performance.
    pub frame: u64,
    /// From 1.
    pub bar: u32,
    /// From 1.
    pub beat: u32,
    /// Index of the section, in the order of playing; `None` after the end.
    pub span: Option<usize>,
    /// Quarter notes a minute.
    pub tempo: f64,
    /// Quarter notes from the beginning of the performance to that of the beat.
    pub quarters: f64,
    /// Quarter notes of the beat that have gone by.
    pub gone: f64,
    /// Whether the song goes on.
    pub playing: bool,
    /// Whether time goes on, as it does for added tracks after the end of the song too.
    pub moves: bool,
}

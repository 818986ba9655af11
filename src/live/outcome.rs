//! What comes of a message: commands to the performance, answers to the sender, and what only the program around can do.

use crate::diagnostic::quote::printable;
use crate::engine::commands::EngineCommand;
use crate::live::changes::StateChange;
use crate::osc::message::{Arg, Message};

/// What comes of one message.
#[derive(Default)]
pub struct Outcome {
    /// For the performance, to be carried out together.
    pub commands: Vec<EngineCommand>,
    /// For the performance, to be carried out now, though the message is read ahead of its time. Nothing of it is heard.
    pub first: Vec<EngineCommand>,
    /// What it changes in the session.
    pub changes: Vec<StateChange>,
    /// For the sender.
    pub answers: Vec<Message>,
    /// For the program around.
    pub host_requests: Vec<HostRequest>,
}

impl Outcome {
    /// Tells the sender that a message can't be honoured.
    pub fn refuse(&mut self, address: &str, reason: impl Into<String>) {
        self.answers.push(refusal(address, &reason.into()));
    }
}

/// Tells a sender that `address` can't be honoured. Whatever came in goes back without control characters.
pub(super) fn refusal(address: &str, reason: &str) -> Message {
    Message::new("/error", [address, reason].map(|text| Arg::from(printable(text).into_owned())))
}

/// What only the program around can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostRequest {
    /// Tell how the engine is.
    EngineStatus,
    /// Tell where the song is.
    SongStatus,
    /// Write what is heard to a file of that name.
    Record(Option<String>),
    /// End that.
    EndRecord,
    /// Tell of that.
    RecordStatus,
    /// Keep the song as it is now under a name, with a title.
    Save(String, Option<String>),
    /// Go back to what was kept, at once or at the next bar.
    Load(String, bool),
    /// Tell what is kept.
    ListSaved,
    /// Push news to the sender, to that port if one is given.
    Subscribe(Option<u16>),
    /// Push nothing more.
    Unsubscribe(Option<u16>),
}

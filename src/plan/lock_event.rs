//! What happens to a control that a voice locks.

/// A lock that sets in or ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LockEvent {
    /// Counted from the start of the song.
    pub frame: u64,
    /// Index of the voice among all voices of the song.
    pub voice: u32,
    /// The number of the control in the voice.
    pub control: u32,
    /// Its value from now on; `None` hands it back to its curve.
    pub value: Option<f32>,
    /// Whether it also moves the control where somebody else has put it.
    pub leads: bool,
}

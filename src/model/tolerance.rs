//! How far one sound may be from another and still pass for it.

/// Limits. What is `None` isn't limited; if all are, any audible difference is too much.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tolerance {
    /// The level of the difference where it is loudest, in dBFS.
    pub residual: Option<f64>,
    /// By how much a bar may be louder or quieter, in dB.
    pub loudness: Option<f64>,
    /// How far apart the colours of a bar may be, in dB.
    pub bands: Option<f64>,
    /// By how much beginnings may move, in seconds; none may be missing or new.
    pub onsets: Option<f64>,
    /// By how much it may be longer or shorter, in seconds.
    pub length: Option<f64>,
}

impl Tolerance {
    /// Whether anything is limited.
    pub fn is_given(&self) -> bool {
        *self != Self::default()
    }
}

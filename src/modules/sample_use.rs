//! How a kind plays a sound file: which of its words decide about that.

use crate::dsp::clip::Cut;

/// How a kind plays a sound file: which of its words decide about that.
#[derive(Clone, Copy, Debug)]
pub struct SampleUse {
    /// How the sound is cut, depending on the settings.
    pub cut: fn(&[f32]) -> Cut,
    /// The parameters that say where it begins and ends, as shares of the file: the first must be below the second.
    pub part: [&'static str; 2],
    /// The switch that lets it loop.
    pub switch: &'static str,
    /// The settings that say how, and mean nothing without the switch.
    pub switched: &'static [&'static str],
}

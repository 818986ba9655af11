//! Quantities of music and sound, and how they are written: hertz, seconds, beats, gain, intervals, pitch.

pub mod note_length;
pub mod unit;

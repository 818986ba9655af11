//! Quantities of music and sound, and how they are written: hertz, seconds, beats, gain, intervals, pitch.

pub mod number;

pub mod note_length;

pub mod note_name;

pub mod key;

pub mod chord;

pub mod scala;

pub mod tuning;

pub mod quantity;

pub mod unit;

//! What the ear would say of two sounds: how far apart, shifted, louder, darker, and when.

pub mod sound;

pub mod grid;

pub mod residual;

pub mod align;

pub mod difference_kind;

pub mod bands;

pub mod onsets;

pub mod measures;

pub mod pair;

pub mod measurements;

pub mod verdict;

pub mod words;

pub mod golden;

pub mod golden_text;

pub mod golden_pair;

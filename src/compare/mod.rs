//! What the ear would say of two sounds: how far apart, shifted, louder, darker, and when.

pub mod compared_sound;

pub mod bar_grid;

pub mod residual;

pub mod align;

pub mod difference_kind;

pub mod spectral_balance;

pub mod onsets;

pub mod measures;

pub mod pair;

pub mod measurements;

pub mod verdict;

pub mod wording;

pub mod golden;

pub mod golden_text;

pub mod golden_pair;

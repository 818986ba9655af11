//! What the ear would say of two sounds: how far apart, shifted, louder, darker, and when.

pub mod residual;

pub mod align;

pub mod bands;

pub mod onsets;

//! Deterministic arithmetic for sound: the same bits on every machine, at every width.
//!
//! Only `+ - * /`, comparisons, integer operations and bit casts are used here, so that the compiler may vectorise
//! but never changes a result.

pub mod math;

pub mod pan;

pub mod phase;

pub mod seed;

pub mod hash;

pub mod bank;

pub mod resample;

pub mod clip;

pub mod loudest;

pub mod intersample;

pub mod window;

//! A song being played: what arrives from outside becomes orders, and what was done is kept.

pub mod names;

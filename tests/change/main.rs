//! What is said of two songs: what was changed, by which line, and what of it is heard where.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

mod rig;

mod plantings;

mod random;

mod quiet;

mod notes;

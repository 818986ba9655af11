//! Sessions: what is said to a song while it plays, heard frame by frame without a clock or a device.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]
#![allow(clippy::float_cmp, reason = "exact values are promised")]

#[path = "../common/highs.rs"]
mod highs;
mod rig;
#[path = "../common/skip.rs"]
mod skip;

mod controls;

mod notes;

mod time;

mod kept;

mod names;

mod times;

mod tracks;

mod edits;

mod waiting;

mod clients;

mod random_edits;

mod following;

mod songs;

mod takes;

mod questions;

mod disk;

mod peers;

mod refusals;

mod blow_ups;

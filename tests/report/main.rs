//! The report page: what is in it, how large it becomes, and what it does in a browser, opened from disk.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

#[path = "../common/browser.rs"]
mod browser;
#[path = "../common/skip.rs"]
mod skip;

mod cases;

mod hard;

mod played;

mod real;

mod rig;

mod size;

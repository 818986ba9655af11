//! The page's server against clients of every kind, and the page itself in a browser. No sound card is needed.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

#[path = "../common/browser.rs"]
mod browser;
#[path = "../common/skip.rs"]
mod skip;

mod client;

mod commands;

mod guarded;

mod page;

#[path = "../common/program.rs"]
mod program;

mod queries;

mod rig;

mod rough;

mod sockets;

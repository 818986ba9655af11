//! A song being played: what arrives from outside becomes commands, and what was done is kept.

pub mod names;

pub mod changes;

pub mod heard;

pub mod tracks;

mod kept;

mod preparing;

mod waiting;

pub mod used;

pub mod versions;

pub mod session;

mod forms;

mod controls;

mod transport;

mod asked;

pub mod commands;

pub mod replies;

mod save;

pub mod take;

pub mod audio;

pub mod bands;

pub mod grid;

pub mod view;

mod subscribers;

mod slots;

mod old_slots;

mod keeping;

mod edits;

mod following;

mod shown;

mod outbox;

mod scheduled;

pub mod replay;

mod reports;

mod status;

pub mod running;

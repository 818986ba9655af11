//! A song being played: what arrives from outside becomes commands, and what was done is kept.

pub mod stable_ids;

pub mod changes;

pub mod outcome;

pub mod tracks;

mod saved_state;

mod preparing;

mod waiting;

pub mod used;

pub mod versions;

pub mod session;

mod forms;

mod controls;

mod transport;

mod queries;

pub mod address_commands;

pub mod replies;

mod save;

pub mod take;

pub mod audio;

pub mod octave_bands;

pub mod step_grid;

pub mod view;

mod subscribers;

mod slots;

mod old_slots;

mod persistence;

mod edits;

mod following;

mod view_state;

mod outbox;

mod scheduled;

pub mod replay;

mod reports;

mod status;

pub mod control_thread;

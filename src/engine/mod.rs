//! Runs a plan, block by block: the same code live and offline.

pub mod guard;

pub mod kernels;

mod sums;

mod transpose;

mod modulation;

mod pads;

mod ramp;

mod voice_level;

mod notes;

pub mod playhead;

pub mod overrides;

mod parameter_bases;

pub mod observer;

pub mod block_hook;

mod song_fade;

pub mod block_loop;

pub mod search;

pub mod optimize;

pub mod offline_render;

pub mod commands;

mod handover;

mod state_transfer;

pub mod carry_over;

pub mod deck;

mod deck_adoption;

pub mod deferred_changes;

mod deck_change;

mod scheduler;

pub mod performance;

pub mod voice_cache;

mod producers;

pub mod worker_pool;

mod loudness;

mod true_peak;

pub mod probe;

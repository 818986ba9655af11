//! Runs a plan, block by block: the same code live and offline.

pub mod guard;

pub mod kernels;

mod sums;

mod lanes;

mod moves;

mod pads;

mod ramp;

mod heard;

mod notes;

pub mod place;

pub mod overrides;

mod bases;

pub mod watch;

pub mod aside;

mod running;

pub mod block_loop;

pub mod search;

pub mod lean;

pub mod render;

pub mod orders;

mod handover;

mod carrying;

pub mod kept;

pub mod deck;

mod adopting;

pub mod news;

mod changing;

mod decide;

pub mod performance;

pub mod tapes;

mod makers;

pub mod crew;

mod loudness;

mod true_peak;

pub mod probe;

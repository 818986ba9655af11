//! Runs a plan, block by block: the same code live and offline.

pub mod kernels;

mod sums;

mod lanes;

mod moves;

mod notes;

mod bases;

pub mod watch;

pub mod block_loop;

pub mod lean;

pub mod render;

pub mod crew;

mod loudness;

mod true_peak;

pub mod probe;

//! What each kind claims, heard and measured.

#![allow(clippy::expect_used, reason = "a test may stop")]

mod measure;

mod oscillators;

mod filters;

mod envelopes;

mod modulators;

mod levels;

mod echoes;

mod rooms;

mod colours;

mod voices;

mod dynamics;

mod equalisers;

mod sweeps;

mod resonators;

mod bends;

mod raises;

mod samples;

mod rates;

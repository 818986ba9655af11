//! A song known to be valid: nothing in it needs checking again, and every name has become an index.

pub mod patch;

pub mod steps;

pub mod automation;

pub mod tolerance;

pub mod song;

pub mod controls;

pub mod identifiers;

pub mod mix_sources;

pub mod pace;

pub mod rounds;

pub mod widths;

pub mod highest;

pub mod raises;

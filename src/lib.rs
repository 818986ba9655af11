//! chronus turns a text file into music.
//!
//! A song goes through the layers in one direction, and no name is looked up after `plan`:
//!
//! ```text
//! text -> syntax -> check -> model -> plan -> engine -> { wav | speaker | probe }
//! ```
//!
//! `docs/architecture.md` states the invariants that hold between the layers, `docs/map.md` what each file is for.

pub mod units;

pub mod dsp;

pub mod modules;

pub mod diagnostic;

pub mod syntax;

pub mod model;

pub mod check;

pub mod plan;

pub mod change;

pub mod engine;

pub mod compare;

pub mod osc;

pub mod io;

pub mod live;

pub mod web;

pub mod report;

pub mod reference;

pub mod cli;

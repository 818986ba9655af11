//! Properties that hold for all inputs, tried on random ones.

mod arrangement;

mod check;
mod engine;
mod format;
mod osc;
mod syntax;

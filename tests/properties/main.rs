//! Properties that hold for all inputs, tried on random ones.

mod check;
mod engine;
mod format;
mod syntax;

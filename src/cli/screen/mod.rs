//! The screen of `chronus play`: what is played, and keys to take hold of it.

pub(super) mod scene;

mod rows;

pub(super) mod draw;

pub(super) mod keys;

pub(super) mod terminal;

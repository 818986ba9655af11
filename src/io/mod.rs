//! The world outside: files and what is in them.

pub mod output;

pub mod wav;

pub mod bounce;

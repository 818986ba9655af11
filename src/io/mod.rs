//! The world outside: files and what is in them.

pub mod folder;

pub mod output;

pub mod port;

pub mod wav;

pub mod profile;

pub mod bounce;

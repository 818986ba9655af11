//! What is said about a song: places in it, the table of codes, and how a diagnostic looks on a terminal and as JSON.

pub mod span;

pub mod source;

pub mod quote;

pub mod code;

pub mod codes;

pub mod edit;

pub mod report;

pub mod bag;

pub mod printer;

pub mod json;

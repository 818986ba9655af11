//! The `chronus` program.
fn main() {}

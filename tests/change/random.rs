//! Random edits of single lines.

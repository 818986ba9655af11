//! What is no change.

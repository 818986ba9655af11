//! One page that shows how sounds differ: where, by how much, how it sounds and which line did it. From data to HTML.

pub mod facts;

mod bits;

mod predictor;

pub mod flac;

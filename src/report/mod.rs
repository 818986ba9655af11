//! One page that shows how sounds differ: where, by how much, how it sounds and which line did it. From data to HTML.

pub mod facts;

mod report_grid;

mod difference;

mod waveform;

mod spectrum;

mod bits;

mod predictor;

pub mod flac;

mod thinner;

mod passages;

mod data;

mod html_escape;

mod strip;

pub mod page;

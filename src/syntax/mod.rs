//! From text to a tree with the place of everything in it. Never fails: it says what is wrong and goes on.

pub mod tree;

mod characters;

mod scanner;

mod block;

pub mod reader;

mod value;

mod recovery;

mod comments;

mod elsewhere;

pub mod arrangement;

pub mod arrows;

mod movement;

pub mod vocabulary;

pub mod signs;

pub mod lane;

pub mod euclid;

pub mod suffixes;

mod step_slips;

mod pitch_slips;

mod lane_slips;

pub mod pitches;

pub mod step;

pub mod steps;

pub mod value_lanes;

mod layout;

pub mod format;

//! What changed between two songs, what of it is heard in which stem, and what is played otherwise.

mod statement;

mod runs;

mod lanes;

pub mod compared_song;

pub mod text_changes;

mod naming;

mod pairs;

mod statement_parts;

mod merge;

mod trial;

mod reach;

pub mod effect;

mod groups;

mod matching;

pub mod events;

mod sentences;

pub mod song_diff;

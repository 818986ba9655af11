//! From tree to model: names become indices, values get their units, and everything wrong is collected in one pass.

mod context;

mod nearest;

mod quantity;

mod fields;

mod names;

mod header;

pub mod tuning;

mod module;

mod ends;

mod sources;

mod targets;

mod patch;

mod instrument;

mod depth;

mod route;

mod alias;

mod graph;

mod loops;

mod reach;

mod pitch;

mod cells;

mod bars;

mod track;

mod limits;

pub mod song;

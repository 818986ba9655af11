//! From tree to model: names become indices, values get their units, and everything wrong is collected in one pass.

pub mod song_files;

pub mod library;

mod context;

pub mod nearest;

mod meant;

mod quantity;

mod slot;

mod slips;

mod fields;

mod name_table;

mod source_files;

mod uses;

pub mod decode;

mod sounds;

mod header;

pub mod tolerance;

pub mod tuning;

mod module;

mod endpoints;

mod route_sources;

mod control_suggestions;

mod route_targets;

mod patch_builder;

mod instrument;

mod depth;

mod route;

mod alias;

mod set;

mod graph;

mod loops;

mod gains;

mod unreached;

mod pitch;

mod step_lowering;

mod bars;

mod modulatable;

mod automate;

mod lock;

mod sketch;

mod track;

mod nameless;

mod section;

mod arrange;

mod like;

pub mod limits;

mod memory;

mod endless;

mod model;

mod passes;

pub mod song;

//! The compiled song: what runs in which order on which buffers, and what happens at which frame.

pub mod timeline;

pub mod curve;

mod automation;

pub mod score;

pub mod allocator;

pub mod voices;

pub mod lock_event;

pub mod compiled_plan;

pub mod memory_use;

pub mod network;

pub mod guards;

pub mod shape;

mod clips;

mod bare;

mod cable_targets;

mod wiring;

mod cables;

mod instrument_outputs;

mod voice_batches;

mod terms;

mod node_batches;

mod base_lanes;

mod origins;

mod plain;

mod emitter;

pub mod compile;

pub mod subplans;

pub mod subgraphs;

pub mod cached_voices;

pub mod prune;

pub mod reuse;

pub mod content;

pub mod signal_identity;

pub mod printer;

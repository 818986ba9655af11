//! Texts derived from the tables: what stands in a table is written down here once for readers and nowhere by hand.

pub mod modules;

pub mod osc;

pub mod kinds;

mod song_schema;

mod json_schemas;

pub mod schemas;

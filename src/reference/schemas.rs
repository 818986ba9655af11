//! The schemas that chronus has: of songs, and of what commands print for programs. They stand in `schema/` as well.

use crate::reference::{json_schemas, song_schema};

/// A schema.
#[derive(Clone, Copy, Debug)]
pub struct SchemaEntry {
    /// What `chronus schema` takes.
    pub name: &'static str,
    /// Its file in `schema/`.
    pub file: &'static str,
    /// One sentence: what it describes.
    pub about: &'static str,
    /// Its text.
    pub text: fn() -> String,
}

/// Every schema. Those of what the engine answers are derived from nothing here: they are written in `schema/` by hand.
pub static SCHEMAS: &[SchemaEntry] = &[
    SchemaEntry {
        name: "chronus",
        file: "chronus.kdl-schema",
        about: "The song language, as a KDL Schema.",
        text: song_schema::document,
    },
    SchemaEntry {
        name: "check",
        file: "check.json",
        about: "A line of `chronus check --format json`, as a JSON Schema.",
        text: json_schemas::check,
    },
    SchemaEntry {
        name: "modules",
        file: "modules.json",
        about: "A line of `chronus modules --format json`, as a JSON Schema.",
        text: json_schemas::modules,
    },
    SchemaEntry {
        name: "devices",
        file: "devices.json",
        about: "A line of `chronus devices --format json`, as a JSON Schema.",
        text: json_schemas::devices,
    },
    SchemaEntry {
        name: "diff",
        file: "diff.json",
        about: "What `chronus diff --format json` and `chronus test --format json` print, as a JSON Schema.",
        text: json_schemas::diff,
    },
    SchemaEntry {
        name: "osc-list",
        file: "osc-list.json",
        about: "A line of `chronus osc list --format json`, as a JSON Schema.",
        text: || include_str!("../../schema/osc-list.json").to_owned(),
    },
    SchemaEntry {
        name: "osc-schema",
        file: "osc-schema.json",
        about: "What `chronus osc schema` prints, as a JSON Schema.",
        text: || include_str!("../../schema/osc-schema.json").to_owned(),
    },
    SchemaEntry {
        name: "osc-status",
        file: "osc-status.json",
        about: "What `chronus osc status --format json` prints, as a JSON Schema.",
        text: || include_str!("../../schema/osc-status.json").to_owned(),
    },
    SchemaEntry {
        name: "osc-watch",
        file: "osc-watch.json",
        about: "A line of `chronus osc watch --format json`, as a JSON Schema.",
        text: || include_str!("../../schema/osc-watch.json").to_owned(),
    },
    SchemaEntry {
        name: "page-state",
        file: "page-state.json",
        about: "What `chronus play --web` tells of a song as it is played, as a JSON Schema.",
        text: || include_str!("../../schema/page-state.json").to_owned(),
    },
];

/// The schema called `name`, by its own name or its file's.
pub fn find(name: &str) -> Option<&'static SchemaEntry> {
    SCHEMAS.iter().find(|schema| schema.name == name || schema.file == name)
}

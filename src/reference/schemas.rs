//! The schemas that chronus has: of songs, and of what commands print for programs. They stand in `schema/` as well.

use crate::reference::{json_schemas, song_schema};

/// A schema.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
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
pub static SCHEMAS: &[Schema] = &[
    Schema {
        name: "chronus",
        file: "chronus.kdl-schema",
        about: "The song language, as a KDL Schema.",
        text: song_schema::document,
    },
    Schema {
        name: "check",
        file: "check.json",
        about: "A line of `chronus check --format json`, as a JSON Schema.",
        text: json_schemas::check,
    },
    Schema {
        name: "modules",
        file: "modules.json",
        about: "A line of `chronus modules --format json`, as a JSON Schema.",
        text: json_schemas::modules,
    },
    Schema {
        name: "devices",
        file: "devices.json",
        about: "A line of `chronus devices --format json`, as a JSON Schema.",
        text: json_schemas::devices,
    },
    Schema {
        name: "diff",
        file: "diff.json",
        about: "What `chronus diff --format json` and `chronus test --format json` print, as a JSON Schema.",
        text: json_schemas::diff,
    },
    Schema {
        name: "osc-list",
        file: "osc-list.json",
        about: "A line of `chronus osc list --format json`, as a JSON Schema.",
        text: || include_str!("../../schema/osc-list.json").to_owned(),
    },
    Schema {
        name: "osc-schema",
        file: "osc-schema.json",
        about: "What `chronus osc schema` prints, as a JSON Schema.",
        text: || include_str!("../../schema/osc-schema.json").to_owned(),
    },
    Schema {
        name: "osc-status",
        file: "osc-status.json",
        about: "What `chronus osc status --format json` prints, as a JSON Schema.",
        text: || include_str!("../../schema/osc-status.json").to_owned(),
    },
    Schema {
        name: "osc-watch",
        file: "osc-watch.json",
        about: "A line of `chronus osc watch --format json`, as a JSON Schema.",
        text: || include_str!("../../schema/osc-watch.json").to_owned(),
    },
    Schema {
        name: "page-state",
        file: "page-state.json",
        about: "What `chronus play --web` tells of a song as it is played, as a JSON Schema.",
        text: || include_str!("../../schema/page-state.json").to_owned(),
    },
];

/// The schema called `name`, by its own name or its file's.
pub fn find(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.name == name || schema.file == name)
}

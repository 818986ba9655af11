//! JSON Schemas of what the controller prints for programs.

use serde_json::{Value, json};

use crate::reference::json_schemas::{DIALECT, about, object, text};

fn titled(title: &str, mut schema: Value) -> String {
    schema["$schema"] = DIALECT.into();
    schema["title"] = title.into();
    text(&schema)
}

/// What is known of an address.
fn row() -> Value {
    let number = |description: &str| about(description, json!({ "type": ["number", "null"] }));
    json!({
        "address": about("Such as `/mod/bass/filter/cutoff`.", json!({ "type": "string" })),
        "type": about(
            "A number, a switch, a gate with its velocity, or an order.",
            json!({ "enum": ["f", "T", "gate", "command"] }),
        ),
        "min": number("The least value; null where there is none."),
        "max": number("The greatest value."),
        "default": number("Where it stands when nothing moves it; null if it follows the note."),
        "unit": about("What its numbers count, such as `Hz`; empty if nothing.", json!({ "type": "string" })),
        "value": number("Where it stands now."),
    })
}

/// A line of `chronus osc list --format json`.
pub(super) fn list() -> String {
    titled("An address: one line of `chronus osc list --format json`", object(&row()))
}

/// What `chronus osc schema` prints.
pub(super) fn schema() -> String {
    let mut row = row();
    row["about"] = about("What it does.", json!({ "type": "string" }));
    row["args"] = about("What it takes.", json!({}));
    titled(
        "Every address: what `chronus osc schema` prints",
        json!({ "type": "array", "items": object(&row) }),
    )
}

/// What `chronus osc status --format json` prints.
pub(super) fn status() -> String {
    let status = object(&json!({
        "engine": about("What the engine answers at `/engine/status`.", json!({ "type": "object" })),
        "song": about("What it answers at `/seq/status`.", json!({ "type": "object" })),
    }));
    titled("What the engine does: `chronus osc status --format json`", status)
}

/// A line of `chronus osc watch --format json`.
pub(super) fn watch() -> String {
    let message = object(&json!({
        "address": about("Such as `/beat`.", json!({ "type": "string" })),
        "args": about(
            "Its arguments; null is what JSON has no word for.",
            json!({ "type": "array", "items": { "type": ["number", "string", "boolean", "null"] } }),
        ),
    }));
    titled("A message: one line of `chronus osc watch --format json`", message)
}

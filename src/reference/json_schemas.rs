//! JSON Schemas of what commands print for programs.

use serde_json::{Value, json};

use crate::diagnostic::code::Severity;
use crate::diagnostic::codes::all;
use crate::modules::TABLE;
use crate::reference::kinds::{UNITS, WORDS};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// An object with exactly these properties.
fn object(properties: &Value) -> Value {
    let names: Vec<&str> =
        properties.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    json!({ "type": "object", "required": names, "additionalProperties": false, "properties": properties })
}

fn about(description: &str, mut schema: Value) -> Value {
    schema["description"] = description.into();
    schema
}

/// A line of `chronus check --format json`.
pub(super) fn check() -> String {
    let codes: Vec<&str> = all().map(|code| code.id).collect();
    let place = |description: &str, least: u32| {
        about(description, json!({ "type": ["integer", "null"], "minimum": least }))
    };
    let mut schema = object(&json!({
        "code": about("What `chronus explain` knows more about.", json!({ "enum": codes })),
        "severity": { "enum": [Severity::Error.word(), Severity::Warning.word()] },
        "message": about("What is wrong.", json!({ "type": "string" })),
        "label": about("What is wrong with the place.", json!({ "type": ["string", "null"] })),
        "help": about("What to write instead.", json!({ "type": ["string", "null"] })),
        "file": about("The song as it was named, or `<stdin>`.", json!({ "type": "string" })),
        "line": place("From 1; null where it is about the file as a whole, as all that follows.", 1),
        "column": place("From 1, in characters.", 1),
        "end_line": place("From 1.", 1),
        "end_column": place("From 1, in characters; the first behind the place.", 1),
        "offset": place("From the start of the file, in bytes.", 0),
        "length": place("In bytes.", 0),
        "used_in": about(
            "The lines that brought the file in, the nearest first; the song itself has none.",
            json!({ "type": "array", "items": object(&json!({
                "file": { "type": "string" },
                "line": { "type": "integer", "minimum": 1 },
                "column": { "type": "integer", "minimum": 1 },
            })) }),
        ),
    }));
    schema["$schema"] = DIALECT.into();
    schema["title"] = "A diagnostic: one line of `chronus check --format json`".into();
    text(&schema)
}

/// A line of `chronus modules --format json`.
pub(super) fn modules() -> String {
    let string = json!({ "type": "string" });
    let number = json!({ "type": "number" });
    let unit = json!({ "enum": UNITS.iter().map(|(_, word)| *word).collect::<Vec<_>>() });
    let families: Vec<&str> = WORDS.iter().map(|(_, word)| *word).collect();
    let kinds: Vec<&str> = TABLE.iter().map(|spec| spec.kind).collect();
    let follows = about(
        "What feeds it in an instrument where the song says nothing.",
        json!({ "enum": ["note", "gate", "main input", null] }),
    );
    let port = object(&json!({
        "name": string, "about": string, "follows": follows,
        "carries": about("Sound, a control from 0 to 1, or one from -1 to 1.", json!({ "enum": ["sound", "unipolar", "bipolar"] })),
    }));
    let parameter = object(&json!({
        "name": string, "about": string, "unit": unit, "follows": follows,
        "min": number, "max": number, "default": number,
    }));
    let choice = object(&json!({ "name": string, "about": string }));
    let setting = json!({ "oneOf": [
        object(&json!({ "name": string, "about": string, "takes": { "const": "choice" }, "default": string,
            "choices": { "type": "array", "items": choice } })),
        object(&json!({ "name": string, "about": string, "takes": { "const": "switch" }, "default": { "type": "boolean" } })),
        object(&json!({ "name": string, "about": string, "takes": { "const": "count" },
            "min": { "type": "integer" }, "max": { "type": "integer" }, "default": { "type": "integer" } })),
        object(&json!({ "name": string, "about": string, "takes": { "const": "amount" }, "unit": unit,
            "min": number, "max": number, "default": number })),
        object(&json!({ "name": string, "about": string, "takes": { "enum": ["note", "sound"] } })),
    ] });
    let list = |name: &str| json!({ "type": "array", "items": { "$ref": format!("#/$defs/{name}") } });
    let mut schema = object(&json!({
        "kind": { "enum": kinds },
        "family": { "enum": families },
        "about": string,
        "notes": string,
        "channels": about(
            "Whether each channel of a stereo signal is treated alone, both alike, or the module puts out stereo.",
            json!({ "enum": ["each", "linked", "stereo"] }),
        ),
        "inputs": list("port"),
        "outputs": list("port"),
        "parameters": list("parameter"),
        "settings": list("setting"),
        "example": about("A song.", json!({ "type": "string" })),
    }));
    schema["$schema"] = DIALECT.into();
    schema["title"] = "A kind of module: one line of `chronus modules --format json`".into();
    schema["$defs"] = json!({ "port": port, "parameter": parameter, "setting": setting });
    text(&schema)
}

/// A line of `chronus devices --format json`.
pub(super) fn devices() -> String {
    let string = json!({ "type": "string" });
    let count = json!({ "type": "integer", "minimum": 1 });
    let pair = object(&json!({ "min": count, "max": count }));
    let pairs = json!({ "type": "array", "items": pair });
    let mut schema = object(&json!({
        "host": about("What `--host` takes.", string.clone()),
        "device": about("What `--device` takes.", string.clone()),
        "name": about("What people call it.", string.clone()),
        "default": about("Whether its host plays on it by default.", json!({ "type": "boolean" })),
        "rates": about("Frames a second.", pairs),
        "channels": { "type": "array", "items": count },
        "formats": about("Of its samples, the best first.", json!({ "type": "array", "items": string })),
        "buffers": about(
            "Frames of a callback, with the channels and the format that are taken; null where the host doesn't know.",
            json!({ "oneOf": [pair, { "type": "null" }] }),
        ),
        "trouble": about(
            "Why it can't be played on; null where it can.",
            json!({ "type": ["string", "null"] }),
        ),
    }));
    schema["$schema"] = DIALECT.into();
    schema["title"] = "A device: one line of `chronus devices --format json`".into();
    text(&schema)
}

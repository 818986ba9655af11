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
    let count = json!({ "type": "integer", "minimum": 0 });
    let mut schema = object(&json!({
        "code": about("The code, for `chronus explain`.", json!({ "enum": codes })),
        "severity": { "enum": [Severity::Error.word(), Severity::Warning.word()] },
        "message": about("What is wrong.", json!({ "type": "string" })),
        "label": about("What is wrong at this position.", json!({ "type": ["string", "null"] })),
        "help": about("What to write instead.", json!({ "type": ["string", "null"] })),
        "fix": about(
            "The edits that do what `help` says, to be made together; they don't overlap. Empty if only the user can choose.",
            json!({ "type": "array", "items": object(&json!({
                "file": about("The file to edit, named as in the diagnostic's `file`.", json!({ "type": "string" })),
                "start": about("The first byte that is replaced, from the start of the file, in UTF-8.", count.clone()),
                "end": about("The byte after the last that is replaced; equals `start` if `text` is inserted.", count),
                "text": about("The new text; empty if bytes are only removed.", json!({ "type": "string" })),
            })) }),
        ),
        "file": about("The song's path as it was given, or `<stdin>`.", json!({ "type": "string" })),
        "line": place("From 1; null, like all that follows, if the diagnostic is about the whole file.", 1),
        "column": place("From 1, in characters.", 1),
        "end_line": place("From 1.", 1),
        "end_column": place("From 1, in characters: the first after the marked text.", 1),
        "offset": place("From the start of the file, in bytes.", 0),
        "length": place("In bytes.", 0),
        "used_in": about(
            "The lines that use the file, the nearest first; empty for the song itself.",
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
        "Its source in an instrument by default.",
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
            "Whether each channel of a stereo signal is processed alone, both together, or the output is stereo.",
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
        "default": about("Whether it is the default device of its host.", json!({ "type": "boolean" })),
        "rates": about("Sample rate in Hz.", pairs),
        "channels": { "type": "array", "items": count },
        "formats": about("Of its samples, the best first.", json!({ "type": "array", "items": string })),
        "buffers": about(
            "Frames of a callback, for the channels and the format that are used; null if the host doesn't know.",
            json!({ "oneOf": [pair, { "type": "null" }] }),
        ),
        "trouble": about(
            "Why it can't be used; null if it can.",
            json!({ "type": ["string", "null"] }),
        ),
    }));
    schema["$schema"] = DIALECT.into();
    schema["title"] = "A device: one line of `chronus devices --format json`".into();
    text(&schema)
}

/// What `chronus diff --format json` and `chronus test --format json` print.
pub(super) fn diff() -> String {
    let string = || json!({ "type": "string" });
    let strings =
        |description: &str| about(description, json!({ "type": "array", "items": { "type": "string" } }));
    let list = |name: &str| json!({ "type": "array", "items": { "$ref": format!("#/$defs/{name}") } });
    let numbers = |description: &str| {
        about(description, json!({ "type": "array", "items": { "type": ["number", "null"] } }))
    };
    let number = |description: &str| about(description, json!({ "type": ["number", "null"] }));
    let place = |description: &str| about(description, json!({ "type": ["integer", "null"], "minimum": 1 }));
    let verdicts = ["identical", "inaudible", "within tolerance", "different"];
    let measures = object(&json!({
        "frames": numbers("Lengths of A and B."),
        "seconds": numbers("The same in seconds."),
        "blake3": strings("Of all samples as 32-bit floats, of A and B."),
        "loudness": numbers("Integrated, of A and B, in LUFS; null for silence."),
        "short_term": numbers("The loudest three seconds, in LUFS."),
        "loudness_range": numbers("In LU."),
        "true_peak": numbers("In dBTP."),
        "centroid": numbers("Spectral centroid, in Hz; 0 for silence."),
        "tilt": numbers("Spectral tilt, in dB per octave."),
        "correlation": numbers("Of both sides, -1 to 1."),
        "residual": number("The level of the difference, in dBFS; null if bars lie at other frames."),
        "loudest_residual": number("The level of its loudest tenth of a second, in dBFS."),
        "residual_peak": number("Its greatest sample, in dBFS."),
        "snr": number("The level of A relative to the difference, in dB."),
        "first_frame": about("The first that differs.", json!({ "type": ["integer", "null"], "minimum": 0 })),
    }));
    let bar = object(&json!({
        "place": about("`bar 3`, `the tail`, or a time if the bars aren't known.", string()),
        "residual": number("The level of the difference, in dBFS."),
        "level": numbers("Of A and B, in dBFS."),
        "distance": number("Of their colours, in dB."),
        "centroid": numbers("Of A and B, in Hz."),
        "balance": numbers("How much the right side is louder, in dB."),
    }));
    let part = object(&json!({
        "id": about("The stem; empty for the mix.", string()),
        "verdict": { "enum": verdicts },
        "sentence": about("What is heard and where, in one line.", string()),
        "places": about("Where it differs.", string()),
        "effects": strings("What is heard, the most obvious first."),
        "events": strings("What is played otherwise."),
        "causes": about("Places in the list of causes.", json!({ "type": "array", "items": { "type": "integer", "minimum": 0 } })),
        "measures": about("Null if a golden file stood for one side.", json!({ "oneOf": [measures, { "type": "null" }] })),
        "bars": about("Those that differ.", json!({ "type": "array", "items": bar })),
    }));
    let cause = object(&json!({
        "said": about("What was changed, in one line.", string()),
        "heard": about("Whether it changes any sound.", json!({ "type": "boolean" })),
        "file": about("The position; null if it isn't known.", json!({ "type": ["string", "null"] })),
        "line": place("From 1."),
        "column": place("From 1, in characters."),
    }));
    let comparison = object(&json!({
        "a": about("What A is called.", string()),
        "b": about("What B is called.", string()),
        "aligned": about("How many frames B was late; null if it wasn't shifted.", json!({ "type": ["integer", "null"] })),
        "parts": about("The mix first, then the stems that differ, the worst first.", list("part")),
        "identical": strings("The stems that don't differ."),
        "only_in_a": strings("Stems that B hasn't."),
        "only_in_b": strings("Stems that A hasn't."),
        "causes": about("What was changed in the text.", list("cause")),
    }));
    let words = [verdicts.as_slice(), &["blessed", "failed", "can't say"]].concat();
    let outcome = object(&json!({
        "name": about("The song, or both sides.", string()),
        "status": { "enum": ["passed", "blessed", "failed", "broken"] },
        "verdict": { "enum": words },
        "comparison": { "oneOf": [comparison, { "type": "null" }] },
        "diagnostics": about("As `chronus check --format json` has them.", json!({ "type": "array", "items": { "type": "object" } })),
        "kept": strings("Files that were written for inspection."),
        "notes": strings("What else is to be known."),
    }));
    let mut schema = object(&json!({ "outcomes": { "type": "array", "items": outcome } }));
    schema["$schema"] = DIALECT.into();
    schema["title"] = "What `chronus diff --format json` and `chronus test --format json` print".into();
    schema["$defs"] = json!({ "part": part, "cause": cause });
    text(&schema)
}

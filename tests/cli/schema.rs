//! `chronus schema`: what it prints, and whether songs and the JSON of every command keep to it.

use std::fs;
use std::path::Path;

use chronus::diagnostic::code::Bad;
use chronus::diagnostic::codes::all;
use chronus::reference::schemas::SCHEMAS;
use kdl::{KdlDocument, KdlNode, KdlValue};
use serde_json::Value;

use super::{chronus, chronus_with_input, folder, stderr, stdout};

/// A JSON Schema as the program prints it.
pub(crate) fn schema(name: &str) -> Value {
    let output = chronus(&folder(&format!("schema-{name}")), &["schema", name]);
    serde_json::from_str(stdout(&output)).expect("JSON")
}

/// What in `value` is against `schema`, in the words of JSON Schema that ours use. Any other word is a fault too.
pub(crate) fn fault(schema: &Value, value: &Value) -> Option<String> {
    against(schema, schema, value)
}

fn against(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    for (word, rule) in schema.as_object().expect("a schema is an object") {
        let kept = match word.as_str() {
            "$schema" | "title" | "description" | "$defs" => true,
            "$ref" => {
                let name =
                    rule.as_str().and_then(|path| path.strip_prefix('#')).expect("a path from the root");
                let rule = root.pointer(name).expect("it leads somewhere");
                if let Some(fault) = against(root, rule, value) {
                    return Some(fault);
                }
                true
            }
            "type" => match rule {
                Value::Array(types) => types.iter().any(|rule| of_type(rule, value)),
                _ => of_type(rule, value),
            },
            "enum" => rule.as_array().expect("a list").contains(value),
            "const" => rule == value,
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
            "required" => {
                let mut names = rule.as_array().expect("a list").iter().filter_map(Value::as_str);
                names.all(|name| value.get(name).is_some())
            }
            "additionalProperties" => {
                assert_eq!(rule, false);
                let known = schema["properties"].as_object().expect("properties");
                value.as_object().is_none_or(|object| object.keys().all(|name| known.contains_key(name)))
            }
            "properties" => {
                for (name, rule) in rule.as_object().expect("an object") {
                    if let Some(fault) = value.get(name).and_then(|value| against(root, rule, value)) {
                        return Some(format!("{name}: {fault}"));
                    }
                }
                true
            }
            "items" => {
                let mut faults =
                    value.as_array().into_iter().flatten().filter_map(|item| against(root, rule, item));
                if let Some(fault) = faults.next() {
                    return Some(fault);
                }
                true
            }
            "oneOf" => {
                let rules = rule.as_array().expect("a list");
                rules.iter().filter(|rule| against(root, rule, value).is_none()).count() == 1
            }
            _ => return Some(format!("this test doesn't know {word}")),
        };
        if !kept {
            return Some(format!("{word} {rule}: {value}"));
        }
    }
    None
}

fn of_type(name: &Value, value: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => false,
    }
}

#[test]
fn schemas_are_listed_and_printed() {
    let folder = folder("schema");
    let list = chronus(&folder, &["schema"]);
    assert_eq!((list.status.code(), stderr(&list)), (Some(0), ""));
    assert_eq!(stdout(&list).lines().count(), SCHEMAS.len());
    for row in SCHEMAS {
        for name in [row.name, row.file] {
            let output = chronus(&folder, &["schema", name]);
            assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(row.file);
            assert!(stdout(&output) == fs::read_to_string(file).unwrap(), "schema/{} is stale", row.file);
        }
    }
    let output = chronus(&folder, &["schema", "chek"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), ""));
    assert_eq!(stderr(&output), "there is no schema `chek`; did you mean `check`?\n");
}

/// Every code that a song can give, and files that are none.
#[test]
fn what_check_says_to_programs_keeps_to_its_schema() {
    let schema = schema("check");
    let mut seen = 0;
    let mut valid = |output: &str| {
        for line in output.lines() {
            let object: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(fault(&schema, &object), None);
            seen += 1;
        }
    };
    let missing = chronus(&folder("schema-check-json"), &["check", "--format=json", "missing.kdl"]);
    valid(stdout(&missing));
    for code in all() {
        if let Bad::Song(text) = code.bad {
            valid(stdout(&chronus_with_input(&["check", "--format=json", "-"], text.as_bytes())));
        }
    }
    assert!(seen > 40, "{seen}");
    // The test would notice.
    let mut object: Value = serde_json::from_str(stdout(&missing).trim()).unwrap();
    object["line"] = "one".into();
    assert!(fault(&schema, &object).is_some_and(|fault| fault.starts_with("line: type")));
    object["line"] = 0.into();
    assert!(fault(&schema, &object).is_some_and(|fault| fault.starts_with("line: minimum")));
    object["line"] = 1.into();
    object["more"] = 1.into();
    assert!(fault(&schema, &object).is_some_and(|fault| fault.starts_with("additionalProperties")));
}

/// The nodes called `name` below `node`.
fn below<'k>(node: &'k KdlNode, name: &'static str) -> impl Iterator<Item = &'k KdlNode> {
    node.children().into_iter().flat_map(KdlDocument::nodes).filter(move |child| child.name().value() == name)
}

fn text(value: Option<&KdlValue>) -> &str {
    value.and_then(KdlValue::as_string).unwrap_or_default()
}

/// What in `nodes` the schema doesn't allow in the block of `place`.
fn strangers(schema: &KdlNode, place: &KdlNode, nodes: &KdlDocument, found: &mut Vec<String>) {
    let definitions = below(schema, "definitions").next().expect("definitions");
    let defined = |name: &str| {
        let reference = format!("[id=\"{name}\"]");
        below(place, "node").find(|node| text(node.get("ref")) == reference)?;
        below(definitions, "node").find(|node| text(node.get("id")) == name)
    };
    for node in nodes.nodes() {
        let name = node.name().value();
        let Some(form) = defined(name) else {
            found.push(name.to_owned());
            continue;
        };
        let others = below(form, "other-props-allowed").next();
        let any = others.and_then(|row| row.get(0)).and_then(KdlValue::as_bool) == Some(true);
        for entry in node.entries() {
            let Some(prop) = entry.name().filter(|_| !any) else { continue };
            let row = below(form, "prop").find(|row| text(row.get(0)) == prop.value());
            let allowed = row.is_some_and(|row| {
                let kind = below(row, "type").next().map(|row| text(row.get(0)));
                let typed = match kind {
                    Some("number") => !entry.value().is_string() && !entry.value().is_bool(),
                    Some("string") => entry.value().is_string(),
                    Some("boolean") => entry.value().is_bool(),
                    _ => true,
                };
                let listed = below(row, "enum")
                    .next()
                    .is_none_or(|row| row.entries().iter().any(|entry_of| entry_of.value() == entry.value()));
                typed && listed
            });
            if !allowed {
                found.push(format!("{name} {}", entry.to_string().trim()));
            }
        }
        if let Some(children) = node.children() {
            match below(form, "children").next() {
                Some(inside) => strangers(schema, inside, children, found),
                None => found.push(format!("{name} {{}}")),
            }
        }
    }
}

fn strangers_in(song: &str) -> Vec<String> {
    let output = chronus(&folder("schema-song"), &["schema", "chronus"]);
    let document = KdlDocument::parse_v2(stdout(&output)).expect("the schema is KDL");
    let schema = document.get("document").expect("its one node");
    let mut found = Vec::new();
    strangers(schema, schema, &KdlDocument::parse_v2(song).expect("the song is KDL"), &mut found);
    found
}

#[test]
fn songs_keep_to_the_schema_of_the_language() {
    for folder in ["songs", "examples"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let text: String = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "kdl"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        assert_eq!(strangers_in(&text), Vec::<String>::new());
    }
    let wrong = "song bars=x\nsine a frequency=5\nlfo b shape=round\ninstrument c { track d; }\nroute a -> out { x; }\n";
    assert_eq!(
        strangers_in(wrong),
        ["song bars=x", "sine frequency=5", "lfo shape=round", "track", "route {}"].map(String::from)
    );
}

#[test]
fn what_diff_and_test_say_to_programs_keeps_to_its_schema() {
    let schema = schema("diff");
    let folder = folder("schema-diff");
    let song = "song bars=1 tail=0\nsine a freq=200\nsine b freq=300\nsum mix\nroute a b -> mix -> out gain=\"-12dB\"\n";
    fs::write(folder.join("a.kdl"), song).unwrap();
    fs::write(folder.join("b.kdl"), song.replace("=300", "=310").replace("bars", "seed=1 bars")).unwrap();
    fs::write(folder.join("wrong.kdl"), "song bars=1\nroute x -> out\n").unwrap();
    for args in [
        &["diff", "a.kdl", "b.kdl"][..],
        &["diff", "a.kdl", "a.kdl"],
        &["diff", "a.kdl", "b.kdl", "--stop-at-first"],
        &["test", "."],
        &["test", "a.kdl", "--bless"],
        &["diff", "a.golden", "b.kdl"],
        &["diff", "a.golden", "b.kdl", "--rate", "8000"],
    ] {
        let output = chronus(&folder, &[args, &["--no-cache", "--format", "json"]].concat());
        let object: Value = serde_json::from_str(stdout(&output)).expect("JSON");
        assert_eq!(fault(&schema, &object), None, "{args:?}\n{object:#}");
    }
}

//! The song's addresses as OSCQuery tells them (<https://github.com/Vidvox/OSCQueryProposal>), from the rows of `/engine/schema`.

use std::net::SocketAddr;

use serde_json::{Map, Value, json};

/// What can be asked of an address, by the word after the `?`.
const ATTRIBUTES: [&str; 10] = [
    "FULL_PATH",
    "CONTENTS",
    "TYPE",
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "UNIT",
    "DEFAULT_VALUE",
    // Ours: of a second name the address of what it stands for.
    "STANDS_FOR",
];

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryAnswer {
    /// This.
    Json(Value),
    /// The address is there, but has no such attribute.
    Nothing,
    /// There is no such address.
    Nowhere,
    /// There is no such attribute at all.
    Unknown,
}

/// All addresses as a tree, from the rows of the schema.
pub fn tree(rows: &[Value]) -> Value {
    let mut root = container("/");
    for row in rows {
        let address = row["address"].as_str().unwrap_or_default();
        let mut node = &mut root;
        let mut path = String::new();
        for name in address.split('/').filter(|name| !name.is_empty()) {
            path = format!("{path}/{name}");
            let inside = &mut node["CONTENTS"][name];
            if inside.is_null() {
                *inside = container(&path);
            }
            node = inside;
        }
        if let Some(node) = node.as_object_mut() {
            node.append(&mut method(row));
        }
    }
    root
}

fn container(path: &str) -> Value {
    json!({ "FULL_PATH": path, "ACCESS": 0 })
}

/// The attributes of a row.
fn method(row: &Value) -> Map<String, Value> {
    let mut node = Map::new();
    let mut set = |name: &str, value: Value| drop(node.insert(name.to_owned(), value));
    set("DESCRIPTION", row["about"].clone());
    let range = json!({ "MIN": row["min"], "MAX": row["max"] });
    match row["type"].as_str() {
        Some("command") => {
            let (types, ranges) = arguments(row["args"].as_str().unwrap_or_default());
            set("ACCESS", 2.into());
            set("TYPE", types.into());
            if ranges.iter().any(|range| !range.is_null()) {
                set("RANGE", ranges.into());
            }
        }
        Some("gate") => {
            set("ACCESS", 2.into());
            set("TYPE", "f".into());
            set("RANGE", json!([range]));
        }
        _ => {
            set("ACCESS", 3.into());
            set("TYPE", row["type"].clone());
            set("RANGE", json!([range]));
            set("VALUE", json!([row["value"]]));
            set("DEFAULT_VALUE", json!([row["default"]]));
            if row["unit"].as_str().is_some_and(|unit| !unit.is_empty()) {
                set("UNIT", json!([row["unit"]]));
            }
            if row["own"].is_string() {
                set("STANDS_FOR", row["own"].clone());
            }
        }
    }
    node
}

/// The type tags of a command's arguments and the ranges of those that have one, from the words in which the reference has
/// them; those in brackets may be left out, and are.
fn arguments(words: &str) -> (String, Vec<Value>) {
    let wanted =
        words.split('[').next().unwrap_or_default().split(", ").filter(|word| !word.trim().is_empty());
    let one = |word: &str| {
        let ends = word.rsplit(' ').next().and_then(|last| last.split_once('…'));
        let ends =
            ends.and_then(|(least, most)| Some((least.parse::<f64>().ok()?, most.parse::<f64>().ok()?)));
        match ends {
            Some((least, most)) => ('f', json!({ "MIN": least, "MAX": most })),
            None if word == "switch" => ('T', Value::Null),
            None => ('s', Value::Null),
        }
    };
    wanted.map(one).unzip()
}

/// What is answered to who asks for `path`, and for the attribute after the `?` if there is one.
pub fn find(tree: &Value, path: &str, attribute: Option<&str>) -> QueryAnswer {
    let mut node = tree;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        match node["CONTENTS"].get(name) {
            Some(inside) => node = inside,
            None => return QueryAnswer::Nowhere,
        }
    }
    match attribute {
        None | Some("") => QueryAnswer::Json(node.clone()),
        Some(name) if !ATTRIBUTES.contains(&name) => QueryAnswer::Unknown,
        Some(name) => match node.get(name) {
            Some(value) => QueryAnswer::Json(json!({ name: value })),
            None => QueryAnswer::Nothing,
        },
    }
}

/// What the server is and can do: the answer to `?HOST_INFO`. OSC is heard at `osc` as well, if at all.
pub fn host_info(name: &str, osc: Option<SocketAddr>, web: SocketAddr) -> Value {
    let mut info = json!({
        "NAME": name,
        "WS_IP": web.ip().to_string(),
        "WS_PORT": web.port(),
        "EXTENSIONS": {
            "ACCESS": true, "VALUE": true, "RANGE": true, "DESCRIPTION": true, "UNIT": true, "DEFAULT_VALUE": true,
            "STANDS_FOR": true, "LISTEN": true, "IGNORE": true, "PATH_CHANGED": true, "STATE": true,
        },
    });
    if let Some(osc) = osc {
        info["OSC_IP"] = osc.ip().to_string().into();
        info["OSC_PORT"] = osc.port().into();
        info["OSC_TRANSPORT"] = "UDP".into();
    }
    info
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{QueryAnswer, arguments, find, tree};

    #[test]
    fn rows_become_a_tree() {
        let row = |address: &str, kind: &str, args: &str| json!({ "address": address, "type": kind, "min": 1, "max": 2, "unit": "Hz", "value": 1.5, "default": 1, "about": "It.", "args": args });
        let tree =
            tree(&[row("/a/b", "f", ""), row("/s/bpm", "command", "1…2"), row("/s/bpm/auto", "command", "")]);
        let json = |found| match found {
            QueryAnswer::Json(value) => value,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            json(find(&tree, "/a/b", None)),
            json!({ "FULL_PATH": "/a/b", "ACCESS": 3, "TYPE": "f", "VALUE": [1.5], "DEFAULT_VALUE": [1], "RANGE": [{ "MIN": 1, "MAX": 2 }],
                "UNIT": ["Hz"], "DESCRIPTION": "It." })
        );
        assert_eq!(json(find(&tree, "/a/b", Some("VALUE"))), json!({ "VALUE": [1.5] }));
        let bpm = json(find(&tree, "/s/bpm", None));
        assert_eq!((&bpm["TYPE"], &bpm["RANGE"]), (&json!("f"), &json!([{ "MIN": 1.0, "MAX": 2.0 }])));
        assert_eq!(bpm["CONTENTS"]["auto"]["FULL_PATH"], "/s/bpm/auto");
        assert_eq!(find(&tree, "/s/bpm", Some("VALUE")), QueryAnswer::Nothing);
        assert_eq!(find(&tree, "/", Some("TYPE")), QueryAnswer::Nothing);
        assert_eq!(
            (find(&tree, "/c", None), find(&tree, "/", Some("X"))),
            (QueryAnswer::Nowhere, QueryAnswer::Unknown)
        );
    }

    #[test]
    fn arguments_have_types() {
        for (words, types) in [
            ("", ""),
            ("track, switch", "sT"),
            ("[port]", ""),
            ("30…300", "f"),
            ("slot 1…128 or name, [title]", "s"),
            ("note, [velocity 0…1], [seconds]", "s"),
        ] {
            assert_eq!(arguments(words).0, types, "{words}");
        }
    }
}

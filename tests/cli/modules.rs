//! `chronus modules`.

use chronus::check::song::check;
use chronus::diagnostic::span::SourceId;
use chronus::modules::TABLE;

use super::schema::{fault, schema};
use super::{chronus, folder, stderr, stdout};

#[test]
fn every_kind_is_listed_with_a_line() {
    let output = chronus(&folder("modules"), &["modules"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    for spec in TABLE {
        let found = stdout(&output)
            .lines()
            .filter(|line| line.split_whitespace().next() == Some(spec.kind) && line.ends_with(spec.about));
        assert_eq!(found.count(), 1, "{}", spec.kind);
    }
    let heads: Vec<&str> =
        stdout(&output).lines().filter(|line| line.starts_with(|c: char| c != ' ')).collect();
    assert_eq!(heads, ["sources", "filters", "envelopes", "modulators", "effects", "utilities"]);
}

#[test]
fn a_kind_is_shown_with_all_it_has() {
    let folder = folder("modules-kind");
    for spec in TABLE {
        let output = chronus(&folder, &["modules", spec.kind]);
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
        let text = stdout(&output);
        let has = |name: &str| text.lines().any(|line| line.split_whitespace().next() == Some(name));
        for name in spec.params.iter().map(|param| param.name) {
            assert!(has(name), "{} {name}\n{text}", spec.kind);
        }
        for name in spec.inputs.iter().chain(spec.outputs).map(|port| port.name) {
            assert!(has(name), "{} {name}\n{text}", spec.kind);
        }
        assert!(!has("late"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
        let example: Vec<&str> = spec.example.trim().lines().collect();
        let shown = text.split("\nexample\n\n").nth(1).expect("an example");
        assert_eq!(shown.lines().map(|line| line.get(4..).unwrap_or("")).collect::<Vec<_>>(), example);
    }
    insta::assert_snapshot!(stdout(&chronus(&folder, &["modules", "lfo"])));
}

#[test]
fn an_unknown_kind_gets_the_nearest() {
    let folder = folder("modules-unknown");
    let output = chronus(&folder, &["modules", "laddr"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), ""));
    assert_eq!(stderr(&output), "there is no kind of module called `laddr`; did you mean `ladder`?\n");
    let output = chronus(&folder, &["modules", "hurdy-gurdy", "--format", "json"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), ""));
    assert_eq!(
        stderr(&output),
        "there is no kind of module called `hurdy-gurdy`; `chronus modules` lists them\n"
    );
}

#[test]
fn json_says_the_same_and_keeps_to_its_schema() {
    let folder = folder("modules-json");
    let output = chronus(&folder, &["modules", "--format", "json"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let schema = schema("modules");
    let lines: Vec<&str> = stdout(&output).lines().collect();
    assert_eq!(lines.len(), TABLE.len());
    for (line, spec) in lines.iter().zip(TABLE) {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(fault(&schema, &object), None);
        assert_eq!(object["kind"], spec.kind);
        assert_eq!(object["parameters"].as_array().map(Vec::len), Some(spec.params.len()));
        let example = object["example"].as_str().expect("a text");
        assert!(check(SourceId::default(), example).song.is_some());
        let alone = chronus(&folder, &["modules", spec.kind, "--format=json"]);
        assert_eq!(stdout(&alone).trim_end(), *line);
    }
}

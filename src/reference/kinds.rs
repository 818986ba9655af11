//! Module kinds for the terminal and for programs: the list, and everything known of one.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::modules::TABLE;
use crate::modules::spec::{
    Channels, Family, LATE, ModuleSpec, Normal, Options, Param, Port, Range, Setting,
};
use crate::reference::modules::{FAMILIES, amount};
use crate::units::unit::Unit;

/// Columns of a terminal.
const WIDE: usize = 100;

/// Every kind with the sentence about it, family by family.
pub fn list() -> String {
    let widest = TABLE.iter().map(|spec| spec.kind.len()).max().unwrap_or_default();
    let mut out = String::new();
    for (family, title) in FAMILIES {
        let _ = writeln!(out, "{}", title.to_ascii_lowercase());
        for spec in TABLE.iter().filter(|spec| spec.family == family) {
            let _ = writeln!(out, "  {:widest$}  {}", spec.kind, spec.about);
        }
        out.push('\n');
    }
    out
}

/// Everything known of a kind.
pub fn describe(spec: &ModuleSpec) -> String {
    let mut out = format!("{} ({})\n\n", spec.kind, family(spec.family));
    let stereo = match spec.channels {
        Channels::Each => "",
        Channels::Linked => " Left and right of a stereo signal are processed together.",
        Channels::Stereo => " The output is stereo.",
    };
    let notes = if spec.notes.is_empty() { String::new() } else { format!(" {}", spec.notes) };
    for line in wrapped(&format!("{}{notes}{stereo}", spec.about), WIDE) {
        let _ = writeln!(out, "{line}");
    }
    let params = spec.params.iter().map(|param| {
        let default = match param.normal {
            Normal::Note => "the note".to_owned(),
            Normal::Nothing | Normal::Gate | Normal::Main => amount(param.unit, param.default),
        };
        let range = format!("{} to {}", amount(param.unit, param.min), amount(param.unit, param.max));
        [param.name.to_owned(), range, default, param.about.to_owned()]
    });
    table(&mut out, "parameters", &params.collect::<Vec<_>>());
    table(&mut out, "settings", &settings(spec).flat_map(setting_rows).collect::<Vec<_>>());
    table(&mut out, "inputs", &spec.inputs.iter().map(port_row).collect::<Vec<_>>());
    table(&mut out, "outputs", &spec.outputs.iter().map(port_row).collect::<Vec<_>>());
    out.push_str("\nexample\n\n");
    for line in spec.example.trim().lines() {
        let _ = writeln!(out, "    {line}");
    }
    out
}

/// What songs can set: not what only the plan knows.
pub(super) fn settings(spec: &ModuleSpec) -> impl Iterator<Item = &Setting> {
    spec.settings.iter().filter(|setting| setting.name != LATE)
}

/// A setting, and below it the words that it may be.
fn setting_rows(setting: &Setting) -> Vec<[String; 4]> {
    let (options, default) = match setting.options {
        Options::Choice(names) => ("one of".to_owned(), names[0].0.to_owned()),
        Options::Flag => ("#true or #false".to_owned(), "#false".to_owned()),
        Options::Count { min, max, default } => (format!("{min} to {max}"), default.to_string()),
        Options::Amount { unit, min, max, default } => {
            (format!("{} to {}", amount(unit, min), amount(unit, max)), amount(unit, default))
        }
        Options::Root => ("a note, or Hz".to_owned(), "c4".to_owned()),
        Options::Sound(_) => ("a path".to_owned(), "none".to_owned()),
    };
    let mut rows = vec![[setting.name.to_owned(), options, default, setting.about.to_owned()]];
    if let Options::Choice(names) = setting.options {
        let row = |(name, about): &(&str, &str)| {
            [String::new(), (*name).to_owned(), String::new(), (*about).to_owned()]
        };
        rows.extend(names.iter().map(row));
    }
    rows
}

fn port_row(port: &Port) -> [String; 4] {
    let range = match (port.normal, port.range) {
        (Normal::Gate, _) => "the note's gate",
        (Normal::Main, _) => "sound; else the main input's",
        (_, Range::Audio) => "sound",
        (_, Range::Unipolar) => "0 to 1",
        (_, Range::Bipolar) => "-1 to 1",
    };
    [port.name.to_owned(), range.to_owned(), String::new(), port.about.to_owned()]
}

/// Rows under a title, their cells under each other; the last cell goes on below itself.
fn table(out: &mut String, title: &str, rows: &[[String; 4]]) {
    if rows.is_empty() {
        return;
    }
    let wide = |cell: usize| rows.iter().map(|row| row[cell].chars().count()).max().unwrap_or_default();
    let (name, range, default) = (wide(0), wide(1), wide(2));
    let apart = if default > 0 { 2 } else { 0 };
    let before = 2 + name + 2 + range + apart + default + 2;
    let _ = writeln!(out, "\n{title}\n");
    for row in rows {
        let mut head = format!("  {:name$}  {:range$}{:apart$}{:default$}  ", row[0], row[1], "", row[2]);
        for line in wrapped(&row[3], WIDE.saturating_sub(before).max(24)) {
            let _ = writeln!(out, "{head}{line}");
            head = " ".repeat(before);
        }
    }
}

/// Lines of at most `width` columns, broken at blanks.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let long = lines
            .last()
            .is_some_and(|line| !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width);
        if long {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Everything known of a kind, for programs.
pub fn object(spec: &ModuleSpec) -> Value {
    json!({
        "kind": spec.kind,
        "family": family(spec.family),
        "about": spec.about,
        "notes": spec.notes,
        "channels": match spec.channels {
            Channels::Each => "each",
            Channels::Linked => "linked",
            Channels::Stereo => "stereo",
        },
        "inputs": spec.inputs.iter().map(port).collect::<Vec<_>>(),
        "outputs": spec.outputs.iter().map(port).collect::<Vec<_>>(),
        "parameters": spec.params.iter().map(parameter).collect::<Vec<_>>(),
        "settings": settings(spec).map(setting).collect::<Vec<_>>(),
        "example": spec.example.trim(),
    })
}

fn port(port: &Port) -> Value {
    let carries = match port.range {
        Range::Audio => "sound",
        Range::Unipolar => "unipolar",
        Range::Bipolar => "bipolar",
    };
    json!({ "name": port.name, "about": port.about, "carries": carries, "follows": follows(port.normal) })
}

fn follows(normal: Normal) -> Option<&'static str> {
    match normal {
        Normal::Nothing => None,
        Normal::Note => Some("note"),
        Normal::Gate => Some("gate"),
        Normal::Main => Some("main input"),
    }
}

fn parameter(param: &Param) -> Value {
    json!({
        "name": param.name,
        "about": param.about,
        "unit": unit(param.unit),
        "min": param.min,
        "max": param.max,
        "default": param.default,
        "follows": follows(param.normal),
    })
}

fn setting(setting: &Setting) -> Value {
    let mut object = match setting.options {
        Options::Choice(names) => {
            let choice = |(name, about): &(&str, &str)| json!({ "name": name, "about": about });
            json!({ "takes": "choice", "default": names[0].0,
                "choices": names.iter().map(choice).collect::<Vec<_>>() })
        }
        Options::Flag => json!({ "takes": "switch", "default": false }),
        Options::Count { min, max, default } => {
            json!({ "takes": "count", "min": min, "max": max, "default": default })
        }
        Options::Amount { unit: of, min, max, default } => {
            json!({ "takes": "amount", "unit": unit(of), "min": min, "max": max, "default": default })
        }
        Options::Root => json!({ "takes": "note" }),
        Options::Sound(_) => json!({ "takes": "sound" }),
    };
    object["name"] = setting.name.into();
    object["about"] = setting.about.into();
    object
}

/// Every family as programs read it.
pub(super) const WORDS: [(Family, &str); 6] = [
    (Family::Source, "source"),
    (Family::Filter, "filter"),
    (Family::Envelope, "envelope"),
    (Family::Modulator, "modulator"),
    (Family::Effect, "effect"),
    (Family::Utility, "utility"),
];

fn family(family: Family) -> &'static str {
    WORDS.iter().find(|(row, _)| *row == family).map_or("", |(_, word)| word)
}

/// Every unit as programs read it.
pub(super) const UNITS: [(Unit, &str); 8] = [
    (Unit::Hertz, "hertz"),
    (Unit::Seconds, "seconds"),
    (Unit::Gain, "gain"),
    (Unit::Share, "share"),
    (Unit::Octaves, "octaves"),
    (Unit::Semitones, "semitones"),
    (Unit::Cents, "cents"),
    (Unit::Number, "number"),
];

fn unit(unit: Unit) -> &'static str {
    UNITS.iter().find(|(row, _)| *row == unit).map_or("", |(_, word)| word)
}

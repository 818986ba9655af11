//! The reference of module kinds, as Markdown.

use std::fmt::Write;

use crate::dsp::math::decibels;
use crate::modules::TABLE;
use crate::modules::spec::{Channels, Family, LATE, ModuleSpec, Normal, Options, Port, Range, Setting};
use crate::units::unit::Unit;

/// `docs/modules.md`.
pub fn document() -> String {
    let mut text = String::from(
        "# Modules\n\n\
         Every kind of module. A line of a song makes one: `<kind> <name> parameter=value …`. [language.md](language.md#modules) explains \
         modules, parameters and routes.\n\n\
         - A parameter is also an input: `route lfo -> filter.cutoff by=\"1oct\"` modulates it.\n\
         - A setting is fixed when the song starts.\n\
         - `chronus modules KIND` prints the same in the terminal.\n\n\
         <!-- Written from the module table by `.ci/bless`. -->\n",
    );
    for (family, title) in FAMILIES {
        let kinds: Vec<&ModuleSpec> = TABLE.iter().copied().filter(|spec| spec.family == family).collect();
        if !kinds.is_empty() {
            let names: Vec<String> = kinds.iter().map(|spec| format!("`{}`", spec.kind)).collect();
            push(&mut text, &format!("\n## {title}\n\n{}\n", names.join(" ")));
            kinds.into_iter().for_each(|spec| kind(&mut text, spec));
        }
    }
    text
}

/// The chapters, in order, with their titles.
pub(super) const FAMILIES: [(Family, &str); 6] = [
    (Family::Source, "Sources"),
    (Family::Filter, "Filters"),
    (Family::Envelope, "Envelopes"),
    (Family::Modulator, "Modulators"),
    (Family::Effect, "Effects"),
    (Family::Utility, "Utilities"),
];

fn push(text: &mut String, line: &str) {
    text.push_str(line);
}

fn kind(text: &mut String, spec: &ModuleSpec) {
    push(text, &format!("\n### {}\n\n{}", spec.kind, spec.about));
    if !spec.notes.is_empty() {
        push(text, &format!(" {}", spec.notes));
    }
    push(text, "\n\n");
    let stereo = match spec.channels {
        Channels::Each => "",
        Channels::Linked => "Left and right of a stereo signal are processed together.\n\n",
        Channels::Stereo => "The output is stereo.\n\n",
    };
    push(text, stereo);
    if !spec.params.is_empty() {
        push(text, "| parameter | what it does | range | default |\n|---|---|---|---|\n");
        for param in spec.params {
            let value = |value: f64| amount(param.unit, value);
            let default = match param.normal {
                Normal::Note => "the note".to_owned(),
                Normal::Nothing | Normal::Gate | Normal::Main => value(param.default),
            };
            let range = format!("{} to {}", value(param.min), value(param.max));
            row(text, &[&format!("`{}`", param.name), param.about, &range, &default]);
        }
        push(text, "\n");
    }
    let settings: Vec<&Setting> = spec.settings.iter().filter(|setting| setting.name != LATE).collect();
    if !settings.is_empty() {
        push(text, "| setting | what it sets | values | default |\n|---|---|---|---|\n");
        settings.into_iter().for_each(|setting| setting_row(text, setting));
        push(text, "\n");
    }
    ports(text, "input", spec.inputs);
    ports(text, "output", spec.outputs);
    push(text, &format!("```kdl\n{}\n```\n", spec.example.trim()));
}

fn ports(text: &mut String, what: &str, ports: &[Port]) {
    if ports.is_empty() {
        return;
    }
    push(text, &format!("| {what} | what it carries | |\n|---|---|---|\n"));
    for port in ports {
        let range = match (port.normal, port.range) {
            (Normal::Gate, _) => "follows the note's gate",
            (Normal::Main, _) => "sound; the main input if nothing is routed to it",
            (_, Range::Audio) => "sound",
            (_, Range::Unipolar) => "0 to 1",
            (_, Range::Bipolar) => "-1 to 1",
        };
        row(text, &[&format!("`{}`", port.name), port.about, range]);
    }
    push(text, "\n");
}

fn setting_row(text: &mut String, setting: &Setting) {
    let (options, default) = match setting.options {
        Options::Choice(names) => {
            let list: Vec<String> =
                names.iter().map(|(name, about)| format!("`{name}` ({})", lower(about))).collect();
            (list.join(", "), format!("`{}`", names[0].0))
        }
        Options::Flag => ("`#true`, `#false`".to_owned(), "`#false`".to_owned()),
        Options::Count { min, max, default } => (format!("{min} to {max}"), default.to_string()),
        Options::Amount { unit, min, max, default } => {
            (format!("{} to {}", amount(unit, min), amount(unit, max)), amount(unit, default))
        }
        Options::Root => ("a note, or Hz".to_owned(), "`c4`".to_owned()),
        Options::Sound(_) => ("a path".to_owned(), "none: it must be given".to_owned()),
    };
    row(text, &[&format!("`{}`", setting.name), setting.about, &options, &default]);
}

/// A value as the reference says it; a gain also in decibels.
pub(super) fn amount(unit: Unit, value: f64) -> String {
    let spoken = unit.spoken(value);
    if unit == Unit::Gain && value > 0.0 && value != 1.0 {
        format!("{spoken} ({:+.0} dB)", decibels(value))
    } else {
        spoken
    }
}

/// A sentence as it stands in brackets.
fn lower(sentence: &str) -> String {
    let mut chars = sentence.trim_end_matches('.').chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn row(text: &mut String, cells: &[&str]) {
    // Writing into a string can't fail.
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

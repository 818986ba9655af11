//! The song language as a KDL Schema: which nodes stand where, with which arguments and properties.

use std::fmt::Write;

use crate::diagnostic::quote::as_text;
use crate::modules::TABLE;
use crate::modules::spec::{ModuleSpec, Options};
use crate::reference::kinds::settings;
use crate::syntax::vocabulary::{Count, FORMS, NodeForm, NodeScope, Takes};
use crate::units::unit::Unit;

/// What names are made of.
const NAME: &str = "^[a-z][a-z0-9_-]*$";

/// `schema/chronus.kdl-schema`.
pub(super) fn document() -> String {
    let mut out = SchemaWriter { text: String::new(), depth: 0 };
    out.open("document");
    out.open("info");
    out.line("title \"A chronus song\" lang=en");
    out.line("description \"The nodes of a song, their arguments and properties. What values mean is for `chronus check` to say.\" lang=en");
    out.close();
    out.scope(NodeScope::Song);
    out.line("other-nodes-allowed #false");
    out.open("definitions");
    for form in FORMS {
        out.form(form);
    }
    for spec in TABLE {
        out.kind(spec);
    }
    out.close();
    out.close();
    out.text
}

/// A schema while it is written.
struct SchemaWriter {
    text: String,
    depth: usize,
}

impl SchemaWriter {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}{line}", "    ".repeat(self.depth));
    }

    fn open(&mut self, line: &str) {
        self.line(&format!("{line} {{"));
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    /// The nodes that may stand in `scope`.
    fn scope(&mut self, scope: NodeScope) {
        for form in FORMS.iter().filter(|form| form.scopes.contains(&scope)) {
            self.line(&format!("node ref=#\"[id=\"{}\"]\"#", form.name));
        }
        if matches!(scope, NodeScope::Song | NodeScope::Instrument) {
            for spec in TABLE {
                self.line(&format!("node ref=#\"[id=\"{}\"]\"#", spec.kind));
            }
        }
    }

    fn node(&mut self, name: &str, about: &str) {
        self.open(&format!("node {name} id={name} description={}", as_text(about)));
    }

    fn form(&mut self, form: &NodeForm) {
        self.node(form.name, form.about);
        if matches!(form.name, "song" | "render" | "test") {
            self.line("max 1");
        }
        let least = form.args.iter().filter(|arg| arg.count == Count::One).count();
        if !form.args.is_empty() {
            let about: Vec<&str> = form.args.iter().map(|arg| arg.about).collect();
            self.open(&format!("value description={}", as_text(&about.join(" "))));
            self.line(&format!("min {least}"));
            if form.args.iter().all(|arg| arg.count != Count::Many) {
                self.line(&format!("max {}", form.args.len()));
            }
            self.close();
        }
        for prop in form.props {
            let about = format!("{} Default: {}.", prop.about, prop.default.replace('"', ""));
            self.prop(prop.name, &about, &rules(prop.takes));
        }
        // `use` says new names as properties.
        self.line(&format!("other-props-allowed #{}", form.name == "use"));
        if form.block {
            self.open("children");
            self.scope(match form.name {
                "instrument" => NodeScope::Instrument,
                "section" => NodeScope::Section,
                _ => NodeScope::Track,
            });
            self.line("other-nodes-allowed #false");
            self.close();
        }
        self.close();
    }

    fn prop(&mut self, name: &str, about: &str, rules: &[String]) {
        let head = format!("prop {name} description={}", as_text(about));
        if rules.is_empty() {
            self.line(&head);
            return;
        }
        self.open(&head);
        rules.iter().for_each(|rule| self.line(rule));
        self.close();
    }

    fn kind(&mut self, spec: &ModuleSpec) {
        self.node(spec.kind, spec.about);
        self.open("value description=\"Its name.\"");
        self.line("min 1");
        self.line("max 1");
        self.line("type string");
        self.line(&format!("pattern {}", as_text(NAME)));
        self.close();
        for param in spec.params {
            let about = format!(
                "{} {} to {}.",
                param.about,
                param.unit.spoken(param.min),
                param.unit.spoken(param.max)
            );
            self.prop(param.name, &about, &rules(Takes::Amount(param.unit, param.min, param.max)));
        }
        for setting in settings(spec) {
            let rules = match setting.options {
                Options::Choice(names) => one_of(names.iter().map(|(name, _)| *name)),
                Options::Flag => rules(Takes::Flag),
                Options::Count { min, max, .. } => rules(Takes::Whole(min.into(), max.into())),
                Options::Amount { unit, min, max, .. } => rules(Takes::Amount(unit, min, max)),
                Options::Root => Vec::new(),
                Options::Sound(_) => rules(Takes::Text),
            };
            self.prop(setting.name, setting.about, &rules);
        }
        self.line("other-props-allowed #false");
        self.close();
    }
}

/// What may be written for a property. Most quantities are numbers or texts, which a schema can't tell apart.
fn rules(takes: Takes) -> Vec<String> {
    let line = |text: &str| text.to_owned();
    match takes {
        Takes::Whole(least, most) => {
            vec![line("type number"), line("% 1"), format!("\">=\" {least}"), format!("\"<=\" {most}")]
        }
        Takes::Amount(Unit::Number, least, most) => {
            vec![line("type number"), format!("\">=\" {least}"), format!("\"<=\" {most}")]
        }
        Takes::Flag => vec![line("type boolean")],
        Takes::OneOf(words) => one_of(words.iter().copied()),
        Takes::NewId => vec![line("type string"), format!("pattern {}", as_text(NAME))],
        Takes::Amount(..)
        | Takes::Percent(..)
        | Takes::Depth
        | Takes::Nudges
        | Takes::Velocities
        | Takes::Value
        | Takes::Bars => Vec::new(),
        _ => vec![line("type string")],
    }
}

fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> Vec<String> {
    let plain =
        |word: &str| word.parse::<u32>().is_ok() || word.starts_with(|c: char| c.is_ascii_lowercase());
    let written = |word: &str| if plain(word) { word.to_owned() } else { as_text(word) };
    vec![format!("enum {}", words.map(written).collect::<Vec<_>>().join(" "))]
}

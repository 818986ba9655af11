//! Names: what they may be made of, what is taken, and what they stand for.

use std::collections::BTreeMap;

use crate::check::context::Context;
use crate::check::nearest::nearest;
use crate::diagnostic::codes::names as codes;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::identifiers::is_name;
use crate::model::patch::{ControlId, NoteSignal};
use crate::syntax::tree::Value;

/// Taken everywhere.
const RESERVED: &[&str] = &["out", "auto"];

/// What automation calls the tempo of the song: no control of the top level can be called so.
pub(super) const TEMPO: &str = "tempo";

/// Whether `name` is taken everywhere.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// What every instrument has: taken inside of one.
pub(super) const OF_INSTRUMENT: &[&str] = &["gain", "pan", "glide"];

/// The signals of a voice.
pub(super) const OF_VOICE: &[(&str, NoteSignal)] = &[
    ("gate", NoteSignal::Gate),
    ("note", NoteSignal::Note),
    ("velocity", NoteSignal::Velocity),
    ("random", NoteSignal::Random),
];

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedThing {
    /// Index of a module.
    Module(usize),
    /// Index of a knob.
    Knob(usize),
    /// Index of an instrument.
    Instrument(usize),
    /// Index of a cable, or, while cables are laid, of the route that lays it.
    Cable(usize),
    /// A control with a second name, of one word.
    Alias(ControlId),
    /// Something declared that isn't right, or that this version doesn't know: nothing more is said of it.
    Broken,
}

/// The names of one place.
#[derive(Clone, Debug, Default)]
pub(super) struct NameTable {
    things: BTreeMap<String, (NamedThing, Span)>,
    order: Vec<String>,
}

impl NameTable {
    /// What `name` stands for.
    pub(super) fn find(&self, name: &str) -> Option<NamedThing> {
        self.things.get(name).map(|(thing, _)| *thing)
    }

    /// Where `name` was declared.
    pub(super) fn place(&self, name: &str) -> Option<Span> {
        self.things.get(name).map(|(_, span)| *span)
    }

    /// Every name, in the order of the song.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> + Clone {
        self.order.iter().map(String::as_str)
    }

    /// The known name nearest to `name`.
    pub(super) fn nearest(&self, name: &str, more: &[&'static str]) -> Option<&str> {
        // A bad name was declared all the same, to be kept out of later complaints.
        let good = self.all().filter(|name| repaired(name) == *name);
        nearest(name, good.chain(more.iter().copied()))
    }

    /// `name` with the first number from `number` on that makes it a name that isn't taken.
    pub(super) fn free(&self, name: &str, number: u32) -> String {
        let numbered = (number..).map(|number| format!("{name}{number}"));
        numbered.into_iter().find(|name| !self.things.contains_key(name)).unwrap_or_default()
    }

    /// Declares `name`, if it isn't taken.
    pub(super) fn add(&mut self, name: &str, thing: NamedThing, span: Span) {
        if !self.things.contains_key(name) {
            self.order.push(name.into());
            self.things.insert(name.into(), (thing, span));
        }
    }

    /// Gives every named route of `patch` (the index of an instrument, or none), and every alias of one, the cable that it
    /// became; routes that became none are broken.
    pub(super) fn settle(&mut self, patch: Option<usize>, cables: &[Option<usize>]) {
        for (thing, _) in self.things.values_mut() {
            match thing {
                NamedThing::Cable(route) => {
                    *thing = cables[*route].map_or(NamedThing::Broken, NamedThing::Cable);
                }
                NamedThing::Alias(ControlId::Cable { instrument, cable, .. }) if *instrument == patch => {
                    match cables[*cable] {
                        Some(laid) => *cable = laid,
                        None => *thing = NamedThing::Broken,
                    }
                }
                _ => {}
            }
        }
    }
}

impl Context {
    /// Declares the name in `value` as `thing`; false if it can't be had. A bad name is kept out of later complaints.
    pub(super) fn declare(
        &mut self,
        names: &mut NameTable,
        value: &Value<'_>,
        what: &str,
        thing: NamedThing,
        in_instrument: bool,
    ) -> bool {
        let Some(name) = self.id(value, what) else {
            if let Some(name) = value.text() {
                names.add(name, NamedThing::Broken, value.span);
            }
            return false;
        };
        let of_voice = || OF_VOICE.iter().map(|(name, _)| *name).chain(OF_INSTRUMENT.iter().copied());
        let tempo = name == TEMPO && matches!(thing, NamedThing::Knob(_)) && !in_instrument;
        if is_reserved(name) || tempo || (in_instrument && of_voice().any(|taken| taken == name)) {
            let what_it_is = match name {
                "out" => "where the sound leaves",
                "auto" => "what hands controls back to the song",
                TEMPO => "the tempo of the song",
                "gain" | "pan" | "glide" => "what every instrument has",
                _ => "what every voice has",
            };
            self.report(
                Diagnostic::new(
                    &codes::RESERVED_ID,
                    value.span,
                    format!("the name {} is taken", quoted(name)),
                )
                .label(format!("means {what_it_is}"))
                .suggest(Edit::replace(value.span, names.free(name, 1)), |free| {
                    format!("choose another, such as {free}")
                }),
            );
            names.add(name, NamedThing::Broken, value.span);
            return false;
        }
        if let Some(first) = names.place(name) {
            self.report(
                Diagnostic::new(
                    &codes::DUPLICATE_ID,
                    value.span,
                    format!("the name {} is given twice", quoted(name)),
                )
                .label("the second time")
                .suggest(Edit::replace(value.span, names.free(name, 2)), |free| {
                    format!("call one of them something else, such as {free}")
                })
                .also(first, "the first time"),
            );
            return false;
        }
        names.add(name, thing, value.span);
        true
    }

    /// The name in `value`, if it is made of what names are made of.
    pub(super) fn id<'v>(&mut self, value: &'v Value<'_>, what: &str) -> Option<&'v str> {
        let Some(name) = value.text() else {
            self.not_a_name(&codes::BAD_ID, value, &format!("the {what}"));
            return None;
        };
        if is_name(name) {
            return Some(name);
        }
        let repaired = repaired(name);
        let said = Diagnostic::new(&codes::BAD_ID, value.span, format!("{} can't be a name", quoted(name)))
            .label("small letters, digits, `_` and `-` only");
        self.report(if repaired.is_empty() {
            said.help("names are made of small letters, digits, `_` and `-`, a letter first")
        } else {
            said.write(Edit::replace(value.span, repaired))
        });
        None
    }
}

/// The nearest that `name` comes to a name that can be had; empty if there is nothing left of it.
pub(super) fn repaired(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().take(40) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase()
                || (!out.is_empty() && (c.is_ascii_digit() || c == '_' || c == '-')) =>
            {
                out.push(c);
            }
            ' ' | '.' if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    out.trim_end_matches('-').into()
}

#[cfg(test)]
mod tests {
    use super::repaired;

    #[test]
    fn names_are_repaired() {
        assert_eq!(repaired("Bass Drum"), "bass-drum");
        assert_eq!(repaired("808"), "");
        assert_eq!(repaired("Ümlaut.1"), "mlaut-1");
    }
}

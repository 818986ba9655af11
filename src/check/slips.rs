//! What can be written but is probably not what was meant.

use crate::check::context::Context;
use crate::check::module::settable;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::{names, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{as_text, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::modules::{self, synonyms};
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::{PropertySpec, find};
use crate::units::note_length::NoteLength;
use crate::units::number::short_number;
use crate::units::quantity::Quantity;
use crate::units::unit::Unit;

/// How `value` reads in decibels, if it is a bare gain below -1: a factor that inverts and amplifies, where hardly anybody
/// means one.
pub(super) fn decibels(value: &Value<'_>, unit: Unit) -> Option<String> {
    let gain = value.number().filter(|gain| unit == Unit::Gain && *gain < -1.0)?;
    Some(format!("\"{}dB\"", short_number(gain)))
}

/// The setting of a node called `word` that is called `name` here or elsewhere.
fn setting_of(word: &str, name: &str) -> Option<&'static str> {
    if let Some(form) = find(word) {
        let known = |prop: &&PropertySpec| prop.name == name || prop.also.contains(&name);
        return form.props.iter().find(known).map(|prop| prop.name);
    }
    let spec = modules::find(word)?;
    let all = settable(spec);
    all.clone().find(|known| *known == name).or_else(|| synonyms::param(name, &all))
}

/// Words that declare variables in other languages.
pub(super) fn declares(word: &str) -> bool {
    matches!(word, "let" | "var" | "const" | "def" | "val" | "define" | "local" | "float" | "int")
}

impl Context {
    /// Reports a line whose word is empty; one that could not be read has been reported.
    pub(super) fn no_word(&mut self, node: &Node<'_>) {
        if !node.broken {
            self.report(
                Diagnostic::new(&names::UNKNOWN_KIND, node.name.span, "this line begins with an empty word")
                    .label("no word")
                    .mend(
                        [Edit::remove(node.whole())],
                        "take the line out, or write what it is in place of the quotes",
                    ),
            );
        }
    }

    /// Whether `value`, the length of a gate, is no note length and no time; those are reported with how many steps of `grid` they are.
    pub(super) fn counts_steps(&mut self, value: &Value<'_>, grid: NoteLength) -> bool {
        let Some(Ok(quantity)) = value.text().map(Quantity::parse) else { return true };
        let steps = match quantity {
            Quantity::Note(length) => length.quarters() / grid.quarters(),
            Quantity::Seconds(seconds) => seconds / grid.seconds(self.tempo),
            _ => return true,
        };
        let steps = libm::round(steps.clamp(0.001, 64.0) * 1_000.0) / 1_000.0;
        self.report(
            Diagnostic::new(
                &values::WRONG_UNIT,
                value.span,
                format!(
                    "`length` counts steps, and {} is {}",
                    quoted(value.text().unwrap_or(value.raw)),
                    quantity.noun()
                ),
            )
            .label("how many steps?")
            .suggest(ValueSlot::prop("length").write(value, &short_number(steps)), |write| {
                format!("write {write}: a step lasts {}/{}", grid.numerator(), grid.denominator())
            }),
        );
        false
    }

    /// Reports a setting that stands among the arguments of `node`, as other languages write it: `freq: 440`, `freq:440`, `freq 440`,
    /// `pattern groove`.
    /// The arguments after the first `most` are too many. False where there is none.
    pub(super) fn setting_among_arguments(&mut self, node: &Node<'_>, most: usize) -> bool {
        if node.broken {
            return false;
        }
        for (index, arg) in node.args.iter().enumerate() {
            let Some(text) = arg.text().filter(|_| !arg.raw.starts_with('"')) else { continue };
            let next = node.args.get(index + 1);
            let (name, value, last) = match (text.split_once(':'), next) {
                (Some((name, "")), Some(next)) => (name, next.raw.to_owned(), next.span),
                (Some((name, value)), _) if !value.is_empty() => {
                    let plain = value.parse::<f64>().is_ok();
                    (name, if plain { value.to_owned() } else { as_text(value) }, arg.span)
                }
                // The title of a song may be any word.
                (None, Some(next)) if (index >= most || index + 1 >= most && next.number().is_some()) => {
                    (text, next.raw.to_owned(), next.span)
                }
                _ => continue,
            };
            let Some(name) = setting_of(&node.name.text, name) else { continue };
            let whole = arg.span.to(last);
            self.report(
                Diagnostic::new(&values::EXTRA_ARGUMENT, whole, "a setting is written `name=value`")
                    .label("not a setting")
                    .write(Edit::replace(whole, format!("{name}={value}"))),
            );
            return true;
        }
        false
    }

    /// Reports a block after a node that has none.
    pub(super) fn no_block(&mut self, node: &Node<'_>) {
        if node.children.is_some() && !node.broken {
            // What may be meant by `tempo 120` in there.
            let setting = |inner: &Node<'_>| match inner.args.as_slice() {
                [value] if inner.props.is_empty() && inner.children.is_none() => {
                    Some(format!(" {}={}", inner.name.text, value.raw))
                }
                _ => None,
            };
            let settings: Option<String> = node.block().iter().map(setting).collect();
            let edit = node.braces.map(|braces| {
                let start = if braces.start == node.span.end + 1 { node.span.end } else { braces.start };
                Edit::replace(Span { start, ..braces }, settings.unwrap_or_default())
            });
            self.report(
                Diagnostic::new(
                    &values::UNEXPECTED_BLOCK,
                    node.name.span,
                    format!("`{}` has nothing inside braces", node.name.text),
                )
                .label("no block belongs to this")
                .mend(edit, "write what it has as `name=value` on its own line"),
            );
        }
    }

    /// Warns of a bare gain below -1.
    pub(super) fn bare_gain(&mut self, value: &Value<'_>, slot: ValueSlot<'_>, unit: Unit) {
        let Some(decibels) = decibels(value, unit) else { return };
        let gain = value.number().unwrap_or_default();
        let louder = short_number(libm::round(200.0 * libm::log10(-gain)) / 10.0);
        self.report(
            Diagnostic::new(
                &values::BARE_GAIN,
                value.span,
                format!(
                    "a bare {} is a factor: it inverts polarity and is {louder} dB louder",
                    short_number(gain)
                ),
            )
            .label("no decibels")
            .suggest(slot.write(value, &decibels), |write| {
                format!("write {write} if you mean decibels, or {} to invert polarity only", slot.shows("-1"))
            }),
        );
    }
}

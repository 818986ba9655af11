//! The place that a value is for: how it is called, and how what belongs there is written.

use std::ops::Range;

use crate::diagnostic::edit::Edit;
use crate::syntax::tree::Value;
use crate::units::unit::Unit;

/// The place that a value is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueSlot<'a> {
    /// The property's name, or what the argument is called.
    pub(super) name: &'a str,
    /// Whether it is written `name=value`.
    pub(super) named: bool,
    /// The lane that it stands in, and at which bytes of its text: nothing is quoted there.
    pub(super) lane: Option<(&'a Value<'a>, usize, usize)>,
    /// The least and the greatest value, where they are known.
    pub(super) range: Option<(f64, f64)>,
    /// The value that it has where the song says nothing.
    pub(super) usual: Option<f64>,
}

impl<'a> ValueSlot<'a> {
    /// A property.
    pub(super) const fn prop(name: &'a str) -> Self {
        Self { name, named: true, lane: None, range: None, usual: None }
    }

    /// An argument.
    pub(super) const fn arg(name: &'a str) -> Self {
        Self { name, named: false, lane: None, range: None, usual: None }
    }

    /// The value at bytes `at` of `lane`.
    pub(super) const fn lane(name: &'a str, lane: &'a Value<'a>, at: &Range<usize>) -> Self {
        Self { name, named: false, lane: Some((lane, at.start, at.end)), range: None, usual: None }
    }

    /// The same place, with the value that it has where the song says nothing.
    pub(super) const fn usually(self, usual: Option<f64>) -> Self {
        Self { usual, ..self }
    }

    /// `number` held in the range, as it is written here.
    pub(super) fn held(self, unit: Unit, number: f64) -> String {
        let (least, most) = self.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        unit.written(number.max(least).min(most))
    }

    /// What is likely to be right where nothing of what is written helps.
    pub(super) fn likely(self, unit: Unit) -> String {
        self.held(unit, self.usual.unwrap_or(unit.example()))
    }

    /// How `value` would be written here.
    pub(super) fn shows(self, value: &str) -> String {
        match (self.named, self.lane) {
            (true, _) => format!("`{}={value}`", self.name),
            (false, None) => format!("`{value}`"),
            (false, Some(_)) => format!("`{}`", value.replace('"', "")),
        }
    }

    /// Puts `text` in the place of `value`; shown as it would be written here.
    pub(super) fn write(self, value: &Value<'_>, text: &str) -> Edit {
        match (self.named, self.lane) {
            (true, _) => Edit::replace(value.span, text).showing(format!("{}=", self.name)),
            (false, None) => Edit::replace(value.span, text),
            (false, Some((lane, start, end))) => lane.edit(start..end, &text.replace('"', "")),
        }
    }

    /// Examples of what may be written here.
    pub(super) fn examples(self, unit: Unit) -> String {
        match (unit, self.range) {
            (Unit::Number | Unit::Share, Some((least, most))) if unit == Unit::Number || least < 0.0 => {
                format!("a number from {} to {}", unit.spoken(least), unit.spoken(most))
            }
            _ if self.lane.is_some() => unit.examples().replace('"', ""),
            _ => unit.examples().to_owned(),
        }
    }

    /// What it is called in a sentence.
    pub(super) fn shown(self) -> String {
        if self.named { format!("`{}`", self.name) } else { format!("the {}", self.name) }
    }
}

//! Values against the units, ranges and kinds that are wanted.

use crate::check::context::Context;
use crate::diagnostic::codes::values;
use crate::diagnostic::quote::{as_text, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::model::patch::Base;
use crate::syntax::tree::{Data, Value};
use crate::units::note_length::NoteLength;
use crate::units::number::{figures, leading};
use crate::units::quantity::{Amount, Quantity, note_length};
use crate::units::unit::Unit;

/// The place that a value is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<'a> {
    /// The property's name, or what the argument is called.
    pub(super) name: &'a str,
    /// Whether it is written `name=value`.
    pub(super) named: bool,
    /// Whether it stands in a lane, where nothing is quoted.
    pub(super) in_lane: bool,
    /// The least and the greatest value, where they are known.
    pub(super) range: Option<(f64, f64)>,
}

impl<'a> Slot<'a> {
    /// A property.
    pub(super) const fn prop(name: &'a str) -> Self {
        Self { name, named: true, in_lane: false, range: None }
    }

    /// An argument.
    pub(super) const fn arg(name: &'a str) -> Self {
        Self { name, named: false, in_lane: false, range: None }
    }

    /// A value in a lane.
    pub(super) const fn lane(name: &'a str) -> Self {
        Self { name, named: false, in_lane: true, range: None }
    }

    /// How `value` would be written here.
    pub(super) fn edit(self, value: &str) -> String {
        match (self.named, self.in_lane) {
            (true, _) => format!("`{}={value}`", self.name),
            (false, false) => format!("`{value}`"),
            (false, true) => format!("`{}`", value.replace('"', "")),
        }
    }

    /// Examples of what may be written here.
    fn examples(self, unit: Unit) -> String {
        match (unit, self.range) {
            (Unit::Number | Unit::Share, Some((least, most))) if unit == Unit::Number || least < 0.0 => {
                format!("a number from {} to {}", unit.spoken(least), unit.spoken(most))
            }
            _ if self.in_lane => unit.examples().replace('"', ""),
            _ => unit.examples().to_owned(),
        }
    }

    fn shown(self) -> String {
        if self.named { format!("`{}`", self.name) } else { format!("the {}", self.name) }
    }
}

/// `a`, `a or b`, `a, b or c`.
fn either(words: &[String]) -> String {
    match words {
        [most @ .., last] if !most.is_empty() => format!("{} or {last}", most.join(", ")),
        _ => words.concat(),
    }
}

impl Context {
    /// A quantity in `unit` between `least` and `most`.
    pub(super) fn amount(
        &mut self,
        value: &Value<'_>,
        slot: Slot<'_>,
        unit: Unit,
        (least, most): (f64, f64),
    ) -> Option<Base> {
        let slot = Slot { range: Some((least, most)), ..slot };
        let base = self.any_amount(value, slot, unit)?;
        let number = match base {
            Base::Number(number) => number,
            Base::Note(length) => {
                let seconds = length.seconds(self.tempo);
                if unit == Unit::Hertz { 1.0 / seconds } else { seconds }
            }
            Base::Follow => return Some(base),
        };
        if (least..=most).contains(&number) {
            return Some(base);
        }
        let shown = match base {
            Base::Note(_) => format!(
                "{}, which is {} at tempo {}",
                quoted(value.text().unwrap_or(value.raw)),
                unit.spoken(number),
                figures(self.tempo)
            ),
            _ => unit.spoken(number),
        };
        let held = if number < least { least } else { most };
        let mut help = format!("write {}", slot.edit(&unit.written(held)));
        // A share written as a percentage is the usual slip.
        if unit == Unit::Share && (least, most) == (0.0, 1.0) && number > 1.0 && number <= 100.0 {
            let percent = figures(number);
            help = format!("write {} if you mean percent", slot.edit(&format!("\"{percent}%\"")));
        }
        self.report(
            Diagnostic::new(
                &values::OUT_OF_RANGE,
                value.span,
                format!(
                    "{} can be {} to {}, not {shown}",
                    slot.shown(),
                    unit.spoken(least),
                    unit.spoken(most)
                ),
            )
            .label(if number < least { "too low" } else { "too high" })
            .help(help),
        );
        None
    }

    /// As [`Self::amount`], without a range.
    fn any_amount(&mut self, value: &Value<'_>, slot: Slot<'_>, unit: Unit) -> Option<Base> {
        let quantity = self.quantity(value, slot, unit)?;
        let Some(amount) = quantity.to(unit) else {
            self.report(
                Diagnostic::new(
                    &values::WRONG_UNIT,
                    value.span,
                    format!(
                        "{} takes {}, and {} is {}",
                        slot.shown(),
                        unit.noun(),
                        quoted(value.text().unwrap_or(value.raw)),
                        quantity.noun()
                    ),
                )
                .label(format!("not {}", unit.noun()))
                .help(format!("write {}", slot.examples(unit))),
            );
            return None;
        };
        Some(match amount {
            Amount::Number(number) => Base::Number(number),
            Amount::Note(length) => Base::Note(length),
            Amount::Bars(bars) => Base::Note(self.bars(bars)),
            Amount::Pitch(name) => {
                let whole = 0..value.text().map_or(0, str::len);
                if self.nameless(value, whole, Some("write the frequency in Hz")) {
                    return None;
                }
                Base::Number(self.c4 * libm::exp2(self.tuning.octaves(self.tuning.step(name))))
            }
        })
    }

    /// The value as a quantity, whatever it measures.
    pub(super) fn quantity(&mut self, value: &Value<'_>, slot: Slot<'_>, unit: Unit) -> Option<Quantity> {
        match &value.data {
            Data::Integer(_) | Data::Float(_) => {
                let number = self.finite(value)?;
                Some(Quantity::Bare(number))
            }
            Data::Text(text) => match Quantity::parse(text) {
                Ok(Quantity::Bare(number)) => {
                    let with_unit = match unit {
                        Unit::Gain => {
                            format!(", or {} if you mean decibels", slot.edit(&format!("\"{text}dB\"")))
                        }
                        Unit::Share => {
                            format!(", or {} if you mean percent", slot.edit(&format!("\"{text}%\"")))
                        }
                        Unit::Number => String::new(),
                        _ => format!(", or {}", slot.edit(&format!("\"{text}{}\"", unit.sign()))),
                    };
                    let bare = figures(number);
                    self.report(
                        Diagnostic::new(
                            &values::BAD_VALUE,
                            value.span,
                            format!("{} is a number in quotes without a unit", quoted(value.raw)),
                        )
                        .label("which unit?")
                        .help(format!("write {}{with_unit}", slot.edit(&bare))),
                    );
                    None
                }
                Ok(quantity) => Some(quantity),
                Err(fault) => {
                    let (what, help) = match fault.write {
                        Some(write) => {
                            let plain = write.parse::<f64>().is_ok()
                                || (write.starts_with(|c: char| c.is_ascii_lowercase())
                                    && write.bytes().all(|b| b.is_ascii_alphanumeric()));
                            let edit = if plain { write } else { as_text(&write) };
                            (fault.what, format!("write {}", slot.edit(&edit)))
                        }
                        None if unit == Unit::Number && leading(text).is_some() => (
                            format!("{} isn't {}", quoted(text), unit.noun()),
                            format!(
                                "write {}",
                                slot.edit(&figures(leading(text).map_or(0.0, |(number, _)| number)))
                            ),
                        ),
                        None => (
                            format!("{} isn't {}", quoted(text), unit.noun()),
                            format!("{} takes {}: write {}", slot.shown(), unit.noun(), slot.examples(unit)),
                        ),
                    };
                    self.report(
                        Diagnostic::new(&values::BAD_VALUE, value.span, what)
                            .label(format!("not {}", unit.noun()))
                            .help(help),
                    );
                    None
                }
            },
            Data::Bool(_) | Data::Null => {
                self.wrong_kind(value, slot, unit.noun(), &slot.examples(unit));
                None
            }
        }
    }

    /// Whole bars as a note length.
    fn bars(&self, bars: u32) -> NoteLength {
        NoteLength::new(bars * self.meter.beats, self.meter.note).unwrap_or(NoteLength::SIXTEENTH)
    }

    /// A number, which must be one that can be counted with.
    fn finite(&mut self, value: &Value<'_>) -> Option<f64> {
        let number = value.number()?;
        if number.is_finite() {
            return Some(number);
        }
        self.report(
            Diagnostic::new(
                &values::NOT_A_NUMBER,
                value.span,
                format!("{} is never a value", quoted(value.raw)),
            )
            .label("no number to count with")
            .help("write a plain number"),
        );
        None
    }

    /// Says that a value is of the wrong kind.
    pub(super) fn wrong_kind(&mut self, value: &Value<'_>, slot: Slot<'_>, wanted: &str, examples: &str) {
        self.report(
            Diagnostic::new(
                &values::BAD_VALUE,
                value.span,
                format!("{} takes {wanted}, not {}", slot.shown(), value.noun()),
            )
            .label(format!("not {wanted}"))
            .help(format!("write {examples}")),
        );
    }

    /// A quantity that must come to a number now; note lengths at the song's tempo.
    pub(super) fn number(
        &mut self,
        value: &Value<'_>,
        slot: Slot<'_>,
        unit: Unit,
        range: (f64, f64),
    ) -> Option<f64> {
        match self.amount(value, slot, unit, range)? {
            Base::Number(number) => Some(number),
            Base::Note(length) => {
                let seconds = length.seconds(self.tempo);
                Some(if unit == Unit::Hertz { 1.0 / seconds } else { seconds })
            }
            Base::Follow => None,
        }
    }

    /// Percent between `least` and `most`, as a share.
    pub(super) fn percent(
        &mut self,
        value: &Value<'_>,
        slot: Slot<'_>,
        (least, most): (f64, f64),
    ) -> Option<f64> {
        let Some(Ok(Quantity::Percent(number))) = value.text().map(Quantity::parse) else {
            return Some(self.number(value, slot, Unit::Number, (least, most))? / 100.0);
        };
        if (least..=most).contains(&number) {
            return Some(number / 100.0);
        }
        let bare = Value { data: Data::Float(number), raw: value.raw, span: value.span };
        self.amount(&bare, slot, Unit::Number, (least, most));
        None
    }

    /// A whole number between `least` and `most`.
    pub(super) fn whole(
        &mut self,
        value: &Value<'_>,
        slot: Slot<'_>,
        (least, most): (u64, u64),
    ) -> Option<u64> {
        let number = match value.data {
            Data::Integer(number) => number,
            Data::Float(number) if number.is_finite() && number == libm::trunc(number) => number as i128,
            Data::Float(_) => {
                let number = self.finite(value)?;
                let near = libm::round(number).clamp(least as f64, most as f64);
                self.report(
                    Diagnostic::new(
                        &values::BAD_VALUE,
                        value.span,
                        format!("{} takes a whole number, not {}", slot.shown(), quoted(value.raw)),
                    )
                    .label("not whole")
                    .help(format!("write {}", slot.edit(&figures(near)))),
                );
                return None;
            }
            Data::Text(_) | Data::Bool(_) | Data::Null => {
                let meant = value.text().and_then(leading).map_or(least.max(1) as f64, |(number, _)| number);
                self.wrong_kind(value, slot, "a whole number", &slot.edit(&figures(meant)));
                return None;
            }
        };
        if (i128::from(least)..=i128::from(most)).contains(&number) {
            return Some(number as u64);
        }
        let low = number < i128::from(least);
        let range = match most {
            u64::MAX => format!("{least} or more"),
            _ if least == most => format!("{least}"),
            _ => format!("{least} to {most}"),
        };
        self.report(
            Diagnostic::new(
                &values::OUT_OF_RANGE,
                value.span,
                format!("{} can be {range}, not {number}", slot.shown()),
            )
            .label(if low { "too low" } else { "too high" })
            .help(format!("write {}", slot.edit(&if low { least } else { most }.to_string()))),
        );
        None
    }

    /// `#true` or `#false`.
    pub(super) fn flag(&mut self, value: &Value<'_>, slot: Slot<'_>) -> Option<bool> {
        if let Data::Bool(on) = value.data {
            return Some(on);
        }
        let examples = format!("{} or {}", slot.edit("#true"), slot.edit("#false"));
        self.wrong_kind(value, slot, "a switch", &examples);
        None
    }

    /// One of `words`, some of which may be numbers.
    pub(super) fn one_of(
        &mut self,
        value: &Value<'_>,
        slot: Slot<'_>,
        words: &'static [&'static str],
    ) -> Option<&'static str> {
        let text = value.text().unwrap_or(value.raw);
        let found = words.iter().find(|word| **word == text);
        if found.is_none() {
            let edits: Vec<String> = words
                .iter()
                .map(|word| if word.parse::<u32>().is_ok() { (*word).to_owned() } else { as_text(word) })
                .map(|word| slot.edit(&word))
                .collect();
            let listed: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            self.report(
                Diagnostic::new(
                    &values::BAD_VALUE,
                    value.span,
                    format!("{} can be {}, not {}", slot.shown(), either(&listed), quoted(text)),
                )
                .label("none of these")
                .help(format!("write {}", either(&edits))),
            );
        }
        found.copied()
    }

    /// A note length.
    pub(super) fn length(&mut self, value: &Value<'_>, slot: Slot<'_>) -> Option<NoteLength> {
        let Some(text) = value.text() else {
            self.wrong_kind(value, slot, "a note length", &slot.edit("\"1/16\""));
            return None;
        };
        match (note_length(text), Quantity::parse(text)) {
            (Ok(length), _) => Some(length),
            (_, Ok(Quantity::Bars(bars))) => Some(self.bars(bars)),
            (Err(fault), _) => {
                let write = fault.write.unwrap_or_else(|| "1/16".into());
                self.report(
                    Diagnostic::new(&values::BAD_VALUE, value.span, fault.what)
                        .label("not a note length")
                        .help(format!("write {}", slot.edit(&as_text(&write)))),
                );
                None
            }
        }
    }
}

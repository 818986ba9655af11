//! Values against the units, ranges and kinds that are wanted.

use crate::check::context::Context;
use crate::check::meant;
use crate::check::nearest::nearest;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::values;
use crate::diagnostic::quote::{as_text, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::model::patch::ParameterBase;
use crate::syntax::tree::{Data, Value};
use crate::units::note_length::NoteLength;
use crate::units::number::{leading, short_number};
use crate::units::quantity::{Amount, Quantity, note_length};
use crate::units::unit::Unit;

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
        slot: ValueSlot<'_>,
        unit: Unit,
        (least, most): (f64, f64),
    ) -> Option<ParameterBase> {
        let slot = ValueSlot { range: Some((least, most)), ..slot };
        let base = self.any_amount(value, slot, unit)?;
        let number = match base {
            ParameterBase::Number(number) => number,
            ParameterBase::Note(length) => {
                let seconds = length.seconds(self.tempo);
                if unit == Unit::Hertz { 1.0 / seconds } else { seconds }
            }
            ParameterBase::Follow => return Some(base),
        };
        let held = if number < least { least } else { most };
        if (least..=most).contains(&number) {
            self.bare_gain(value, slot, unit);
            return Some(base);
        }
        // A limit as it is printed is the limit, though its figures are rounded.
        if unit.spoken(number) == unit.spoken(held) {
            return Some(if let ParameterBase::Number(_) = base {
                ParameterBase::Number(held)
            } else {
                base
            });
        }
        let shown = match base {
            ParameterBase::Note(_) => format!(
                "{}, which is {} at tempo {}",
                quoted(value.text().unwrap_or(value.raw)),
                unit.spoken(number),
                short_number(self.tempo)
            ),
            _ => unit.spoken(number),
        };
        let quantity = value.text().and_then(|text| Quantity::parse(text).ok());
        let bare = value.number().and_then(|number| meant::unit(number, unit, (least, most)));
        let (write, meant) = bare.unwrap_or_else(|| (meant::limit(quantity, unit, held, number > held), ""));
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
            .suggest(slot.write(value, &write), |write| format!("write {write}{meant}")),
        );
        None
    }

    /// As [`Self::amount`], without a range.
    fn any_amount(&mut self, value: &Value<'_>, slot: ValueSlot<'_>, unit: Unit) -> Option<ParameterBase> {
        let quantity = self.quantity(value, slot, unit)?;
        let Some(amount) = quantity.to(unit) else {
            // Of a note length such as `1/8` no part is the number that is meant.
            let number = value.text().and_then(leading).filter(|(_, rest)| !rest.starts_with('/'));
            let number = number.map(|(number, _)| number);
            // A gain has no percent, but everybody knows what they mean.
            let number = number.map(|number| match (quantity, unit) {
                (Quantity::Percent(_), Unit::Gain) => number / 100.0,
                _ => number,
            });
            let fits = |number: &f64| slot.range.is_none_or(|(least, most)| (least..=most).contains(number));
            let write = number.filter(fits).map_or_else(|| slot.likely(unit), |number| unit.written(number));
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
                .suggest(slot.write(value, &write), |write| {
                    format!("write {write}; {} is {}", unit.noun(), slot.examples(unit))
                }),
            );
            return None;
        };
        Some(match amount {
            Amount::Number(number) => ParameterBase::Number(number),
            Amount::Note(length) => ParameterBase::Note(length),
            Amount::Bars(bars) => ParameterBase::Note(self.bars(bars)),
            Amount::Pitch(name) => {
                let whole = 0..value.text().map_or(0, str::len);
                if self.nameless(value, whole, Some("write the frequency in Hz")) {
                    return None;
                }
                ParameterBase::Number(self.c4 * libm::exp2(self.tuning.octaves(self.tuning.step(name))))
            }
        })
    }

    /// The value as a quantity, whatever it measures.
    pub(super) fn quantity(
        &mut self,
        value: &Value<'_>,
        slot: ValueSlot<'_>,
        unit: Unit,
    ) -> Option<Quantity> {
        match &value.data {
            Data::Integer(_) | Data::Float(_) => {
                let number = self.finite(value, slot, || slot.likely(unit))?;
                Some(Quantity::Bare(number))
            }
            Data::Text(text) => match Quantity::parse(text) {
                Ok(Quantity::Bare(number)) => {
                    let with_unit = match unit {
                        Unit::Gain => {
                            format!(", or {} if you mean decibels", slot.shows(&format!("\"{text}dB\"")))
                        }
                        Unit::Share => {
                            format!(", or {} if you mean percent", slot.shows(&format!("\"{text}%\"")))
                        }
                        Unit::Number => String::new(),
                        _ => format!(", or {}", slot.shows(&format!("\"{text}{}\"", unit.sign()))),
                    };
                    let fits = slot.range.is_none_or(|(least, most)| (least..=most).contains(&number));
                    let other =
                        slot.range.filter(|_| !fits).and_then(|range| meant::unit(number, unit, range));
                    let (bare, with_unit) = match other {
                        Some((written, meant)) => (written, meant.to_owned()),
                        None => (short_number(number), with_unit),
                    };
                    self.report(
                        Diagnostic::new(
                            &values::BAD_VALUE,
                            value.span,
                            format!("{} is a number in quotes without a unit", quoted(value.raw)),
                        )
                        .label("which unit?")
                        .suggest(slot.write(value, &bare), |write| format!("write {write}{with_unit}")),
                    );
                    None
                }
                Ok(quantity) => Some(quantity),
                Err(fault) => {
                    let number = leading(text).map(|(number, _)| number);
                    let word = match unit {
                        Unit::Share if slot.name == "pan" => meant::pan(text),
                        Unit::Gain => meant::gain(text).map(str::to_owned),
                        _ => None,
                    };
                    let (what, write, more) = if let Some(write) = word {
                        (format!("{} isn't {}", quoted(text), unit.noun()), write, String::new())
                    } else if let Some(write) = fault.write {
                        let plain = write.parse::<f64>().is_ok()
                            || (write.starts_with(|c: char| c.is_ascii_lowercase())
                                && write.bytes().all(|b| b.is_ascii_alphanumeric()));
                        (fault.what, if plain { write } else { as_text(&write) }, String::new())
                    } else {
                        let write = match number.filter(|_| unit == Unit::Number) {
                            Some(number) => slot.held(unit, number),
                            None => slot.likely(unit),
                        };
                        let more = format!("; {} takes {}", slot.shown(), slot.examples(unit));
                        (format!("{} isn't {}", quoted(text), unit.noun()), write, more)
                    };
                    self.report(
                        Diagnostic::new(&values::BAD_VALUE, value.span, what)
                            .label(format!("not {}", unit.noun()))
                            .suggest(slot.write(value, &write), |write| format!("write {write}{more}")),
                    );
                    None
                }
            },
            Data::Bool(_) | Data::Null => {
                let more = format!("; {} takes {}", slot.shown(), slot.examples(unit));
                self.wrong_kind(value, slot, unit.noun(), &slot.likely(unit), &more);
                None
            }
        }
    }

    /// Whole bars as a note length.
    fn bars(&self, bars: u32) -> NoteLength {
        NoteLength::new(bars * self.meter.beats, self.meter.note).unwrap_or(NoteLength::SIXTEENTH)
    }

    /// A number, which must be one that can be counted with; `write` is what may be meant.
    fn finite(
        &mut self,
        value: &Value<'_>,
        slot: ValueSlot<'_>,
        write: impl FnOnce() -> String,
    ) -> Option<f64> {
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
            .suggest(slot.write(value, &write()), |write| format!("write {write}, or another number")),
        );
        None
    }

    /// Says that a value is of the wrong kind.
    /// `write` is what may be meant, `more` what follows it in the help.
    pub(super) fn wrong_kind(
        &mut self,
        value: &Value<'_>,
        slot: ValueSlot<'_>,
        wanted: &str,
        write: &str,
        more: &str,
    ) {
        self.report(
            Diagnostic::new(
                &values::BAD_VALUE,
                value.span,
                format!("{} takes {wanted}, not {}", slot.shown(), value.noun()),
            )
            .label(format!("not {wanted}"))
            .suggest(slot.write(value, write), |write| format!("write {write}{more}")),
        );
    }

    /// A quantity that must come to a number now; note lengths at the song's tempo.
    pub(super) fn number(
        &mut self,
        value: &Value<'_>,
        slot: ValueSlot<'_>,
        unit: Unit,
        range: (f64, f64),
    ) -> Option<f64> {
        match self.amount(value, slot, unit, range)? {
            ParameterBase::Number(number) => Some(number),
            ParameterBase::Note(length) => {
                let seconds = length.seconds(self.tempo);
                Some(if unit == Unit::Hertz { 1.0 / seconds } else { seconds })
            }
            ParameterBase::Follow => None,
        }
    }

    /// Percent between `least` and `most`, as a share.
    pub(super) fn percent(
        &mut self,
        value: &Value<'_>,
        slot: ValueSlot<'_>,
        (least, most): (f64, f64),
    ) -> Option<f64> {
        let share =
            value.number().map(|number| number * 100.0).filter(|percent| (least..=most).contains(percent));
        if let Some(percent) = share.filter(|_| least > 1.0) {
            let message =
                format!("{} is in percent, {} to {}", slot.shown(), short_number(least), short_number(most));
            self.report(
                Diagnostic::new(&values::OUT_OF_RANGE, value.span, message)
                    .label("too low")
                    .write(slot.write(value, &short_number(percent))),
            );
            return None;
        }
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
        slot: ValueSlot<'_>,
        (least, most): (u64, u64),
    ) -> Option<u64> {
        let number = match value.data {
            Data::Integer(number) => number,
            Data::Float(number) if number.is_finite() && number == libm::trunc(number) => number as i128,
            Data::Float(_) => {
                let usual = slot.usual.unwrap_or(least.max(1) as f64);
                self.finite(value, slot, || short_number(usual))?;
                let near = meant::whole(value, (least, most)).unwrap_or(least);
                self.report(
                    Diagnostic::new(
                        &values::BAD_VALUE,
                        value.span,
                        format!("{} takes a whole number, not {}", slot.shown(), quoted(value.raw)),
                    )
                    .label("not whole")
                    .write(slot.write(value, &near.to_string())),
                );
                return None;
            }
            Data::Text(_) | Data::Bool(_) | Data::Null => {
                let usual = slot.usual.map_or(least.max(1), |usual| usual as u64);
                let meant = meant::whole(value, (least, most)).unwrap_or(usual).clamp(least, most);
                self.wrong_kind(value, slot, "a whole number", &meant.to_string(), "");
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
            .write(slot.write(value, &meant::whole(value, (least, most)).unwrap_or(least).to_string())),
        );
        None
    }

    /// `#true` or `#false`.
    pub(super) fn flag(&mut self, value: &Value<'_>, slot: ValueSlot<'_>) -> Option<bool> {
        if let Data::Bool(on) = value.data {
            return Some(on);
        }
        let on = meant::switch(value);
        let (write, other) = if on == Some(false) { ("#false", "#true") } else { ("#true", "#false") };
        let or = if on.is_some() { String::new() } else { format!(" or {}", slot.shows(other)) };
        self.wrong_kind(value, slot, "a switch", write, &or);
        None
    }

    /// One of `words`, some of which may be numbers.
    pub(super) fn one_of(
        &mut self,
        value: &Value<'_>,
        slot: ValueSlot<'_>,
        words: &'static [&'static str],
    ) -> Option<&'static str> {
        let text = value.text().unwrap_or(value.raw);
        let found = words.iter().find(|word| **word == text);
        if found.is_none() {
            let written =
                |word: &str| if word.parse::<u32>().is_ok() { word.to_owned() } else { as_text(word) };
            let near = || nearest(text, words.iter().copied());
            let meant = meant::digits(text, words).or_else(near).unwrap_or(words[0]);
            let others: Vec<String> =
                words.iter().filter(|word| **word != meant).map(|word| slot.shows(&written(word))).collect();
            let listed: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            self.report(
                Diagnostic::new(
                    &values::BAD_VALUE,
                    value.span,
                    format!("{} can be {}, not {}", slot.shown(), either(&listed), quoted(text)),
                )
                .label("none of these")
                .suggest(slot.write(value, &written(meant)), |write| {
                    format!("write {}", either(&[&[write.to_owned()], others.as_slice()].concat()))
                }),
            );
        }
        found.copied()
    }

    /// A note length.
    pub(super) fn length(&mut self, value: &Value<'_>, slot: ValueSlot<'_>) -> Option<NoteLength> {
        let Some(text) = value.text() else {
            self.wrong_kind(value, slot, "a note length", "\"1/16\"", "");
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
                        .write(slot.write(value, &as_text(&write))),
                );
                None
            }
        }
    }
}

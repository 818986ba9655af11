//! Depths: how far a route moves what it goes into.

use crate::check::context::Context;
use crate::check::endpoints::{Endpoint, LookupScope};
use crate::check::fields::Fields;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::{routes, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::model::patch::{CableTarget, Depth};
use crate::syntax::tree::{Prop, Value};
use crate::units::quantity::{Amount, Quantity};
use crate::units::unit::Unit;

/// How far a depth can go, in octaves and in anything else.
const WIDEST: (f64, f64) = (20.0, 1e6);

/// Something is wrong, and has been reported.
pub(super) struct DepthFault;

/// The depth of the last hop into `target`, none into a signal input.
pub(super) fn last_depth(
    cx: &mut Context,
    place: &LookupScope<'_, '_, '_>,
    fields: &Fields<'_, '_>,
    end: Endpoint<'_>,
    target: CableTarget,
) -> Result<Option<Depth>, DepthFault> {
    let given = fields.value("by");
    let CableTarget::Control(control) = target else {
        if let Some(by) = given {
            let said = Diagnostic::new(
                &routes::USELESS_PROPERTY,
                by.span,
                format!("{} takes a signal: `by` has no meaning there", quoted(end.path)),
            )
            .label("moves nothing");
            cx.report(if fields.node.prop("gain").is_some() {
                // Another end of the route may need it.
                said.help(
                    "`gain` says how much of the signal goes in; lay a route of its own for what `by` moves",
                )
            } else {
                let prop = fields.node.prop("by").map_or(by.span, Prop::span);
                let write = Edit::replace(prop, format!("gain={}", by.raw));
                said.suggest(write, |write| format!("write {write} for how much of the signal goes in"))
            });
        }
        return Ok(None);
    };
    if let Some(pan) = fields.value("pan") {
        cx.report(
            Diagnostic::new(
                &routes::USELESS_PROPERTY,
                pan.span,
                format!("{} is moved, not heard: `pan` has no meaning there", quoted(end.path)),
            )
            .label("places nothing")
            .mend(fields.node.cut_prop("pan"), "take it out"),
        );
    }
    let unit = place.unit(control);
    if let Some(by) = given {
        return cx.depth(by, unit).map(Some).ok_or(DepthFault);
    }
    if !fields.node.broken {
        let example = match unit {
            Unit::Hertz | Unit::Octaves => "\"1oct\"",
            Unit::Semitones => "\"2st\"",
            Unit::Cents => "\"50ct\"",
            Unit::Seconds => "\"10ms\"",
            Unit::Gain | Unit::Share | Unit::Number => "0.5",
        };
        cx.report(
            Diagnostic::new(
                &routes::MISSING_DEPTH,
                end.span,
                format!("this route doesn't say how far it moves {}", quoted(end.path)),
            )
            .label("a parameter")
            .suggest(fields.node.add("by", example), |write| {
                format!("write {write} behind it, or another depth")
            }),
        );
    }
    Err(DepthFault)
}

impl Context {
    /// How far a route moves a parameter in `unit`.
    fn depth(&mut self, value: &Value<'_>, unit: Unit) -> Option<Depth> {
        let slot = ValueSlot::prop("by");
        let quantity = self.quantity(value, slot, if unit == Unit::Hertz { Unit::Octaves } else { unit })?;
        let depth = match (quantity, unit) {
            (Quantity::Interval(count, of), Unit::Hertz) => {
                of.per_octave().map(|per| Depth::Octaves(count / per))
            }
            (Quantity::Hertz(hertz) | Quantity::Bare(hertz), Unit::Hertz) => Some(Depth::Linear(hertz)),
            (_, Unit::Hertz) => None,
            _ => match quantity.to(unit) {
                Some(Amount::Number(number)) => Some(Depth::Linear(number)),
                _ => None,
            },
        };
        let Some(depth) = depth else {
            let (wanted, write, more) = match unit {
                Unit::Hertz => (
                    "an interval or Hz",
                    "\"3oct\"".to_owned(),
                    ", `by=\"7st\"` or, linear, `by=\"200Hz\"`".to_owned(),
                ),
                Unit::Seconds => (
                    "a time in seconds",
                    "\"10ms\"".to_owned(),
                    ": a depth doesn't follow the tempo".to_owned(),
                ),
                _ => (unit.noun(), slot.likely(unit), format!("; {} is {}", unit.noun(), unit.examples())),
            };
            self.report(
                Diagnostic::new(
                    &values::WRONG_UNIT,
                    value.span,
                    format!(
                        "the depth here is {wanted}, and {} is {}",
                        quoted(value.text().unwrap_or(value.raw)),
                        quantity.noun()
                    ),
                )
                .label(format!("not {wanted}"))
                .suggest(slot.write(value, &write), |write| format!("write {write}{more}")),
            );
            return None;
        };
        let (signed, most, of) = match depth {
            Depth::Octaves(octaves) => (octaves, WIDEST.0, Unit::Octaves),
            Depth::Linear(amount) => (amount, WIDEST.1, unit),
        };
        if signed.abs() <= most {
            return Some(depth);
        }
        self.report(
            Diagnostic::new(
                &values::OUT_OF_RANGE,
                value.span,
                format!("a depth can be {} at the most", of.spoken(most)),
            )
            .label("too far")
            .write(slot.write(value, &of.written(most.copysign(signed)))),
        );
        None
    }
}

//! What can be written but is probably not what was meant.

use crate::check::context::Context;
use crate::check::slot::Slot;
use crate::diagnostic::codes::{names, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::report::Diagnostic;
use crate::syntax::tree::{Node, Value};
use crate::units::number::figures;
use crate::units::unit::Unit;

/// How `value` reads in decibels, if it is a bare gain below -1: a factor that inverts and amplifies, where hardly anybody
/// means one.
pub(super) fn decibels(value: &Value<'_>, unit: Unit) -> Option<String> {
    let gain = value.number().filter(|gain| unit == Unit::Gain && *gain < -1.0)?;
    Some(format!("\"{}dB\"", figures(gain)))
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

    /// Warns of a bare gain below -1.
    pub(super) fn bare_gain(&mut self, value: &Value<'_>, slot: Slot<'_>, unit: Unit) {
        let Some(decibels) = decibels(value, unit) else { return };
        let gain = value.number().unwrap_or_default();
        let louder = figures(libm::round(200.0 * libm::log10(-gain)) / 10.0);
        self.report(
            Diagnostic::new(
                &values::BARE_GAIN,
                value.span,
                format!(
                    "a bare {} is a factor: it inverts polarity and is {louder} dB louder",
                    figures(gain)
                ),
            )
            .label("no decibels")
            .suggest(slot.write(value, &decibels), |write| {
                format!("write {write} if you mean decibels, or {} to invert polarity only", slot.shows("-1"))
            }),
        );
    }
}

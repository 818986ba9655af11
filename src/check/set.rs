//! `set`: where controls stand, whatever they were declared at.

use crate::check::context::Context;
use crate::check::endpoints::{Endpoint, LookupScope, fault};
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::automation as codes;
use crate::diagnostic::quote::quoted;
use crate::model::patch::{CableTarget, ControlId};
use crate::syntax::tree::Node;
use crate::syntax::vocabulary::NodeForm;

impl Context {
    /// Where controls are put, in the order of the song: the last one counts.
    pub(super) fn sets(
        &mut self,
        nodes: &[(&Node<'_>, &'static NodeForm)],
        place: &LookupScope<'_, '_, '_>,
    ) -> Vec<(ControlId, f64)> {
        let mut sets = Vec::new();
        for (node, form) in nodes {
            if self.enough() {
                break;
            }
            self.fields(node, form);
            sets.extend(self.set(node, place));
        }
        sets
    }

    fn set(&mut self, node: &Node<'_>, place: &LookupScope<'_, '_, '_>) -> Option<(ControlId, f64)> {
        let (path, value) = (node.args.first()?, node.args.get(1)?);
        let Some(text) = path.text() else {
            self.not_a_name(&codes::NOT_A_CONTROL, path, "what is set");
            return None;
        };
        let end = Endpoint::new(text, path.span);
        let CableTarget::Control(control) = place.target(self, end)? else {
            self.report(
                fault(
                    &codes::NOT_A_CONTROL,
                    end,
                    format!("{} takes a signal: it has no value", quoted(text)),
                )
                .label("not a control")
                .help("name a parameter, a knob, or the gain of a route that has an `id`"),
            );
            return None;
        };
        let facts = place.known(self, control, end)?;
        let range = place.second_name(text).and_then(|name| name.range).unwrap_or(facts.range);
        let value = self.number(value, ValueSlot::arg("value"), facts.unit, range)?;
        Some((control, value))
    }
}

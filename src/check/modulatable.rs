//! What automation and locks may move: its unit, its range, and where it stands when nothing moves it.

use crate::check::context::Context;
use crate::check::endpoints::{Endpoint, LookupScope, fault, split};
use crate::check::name_table::NamedThing;
use crate::check::patch_builder::{PatchBuilder, SecondName};
use crate::diagnostic::codes::{automation as codes, names};
use crate::diagnostic::quote::quoted;
use crate::model::controls::ControlFacts;
use crate::model::patch::{CableControl, CableTarget, ControlId, ParameterBase};
use crate::units::unit::Unit;

/// A control that has a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modulatable {
    pub(super) control: ControlId,
    pub(super) facts: ControlFacts,
}

impl LookupScope<'_, '_, '_> {
    /// The patch of an instrument, or of the top level.
    fn builder_of(&self, instrument: Option<usize>) -> Option<&PatchBuilder<'_, '_>> {
        match instrument {
            Some(index) if self.builder.instrument != instrument => {
                self.instruments.get(index).map(|built| &built.builder)
            }
            _ => Some(self.builder),
        }
    }

    /// The first instrument that has what is unknown here.
    fn whose(&self, end: Endpoint<'_>) -> Option<&str> {
        let (head, rest) = split(end.path);
        let unknown = rest.is_some() && self.builder.names.find(head).is_none();
        let aliased = self.builder.second_name(end.path).is_some();
        let mut owners = self.instruments.iter().filter(|built| built.builder.names.find(head).is_some());
        owners.find(|_| unknown && !aliased).map(|built| built.id.as_str())
    }

    /// What `end` names, if it can be moved. What is wrong is reported.
    pub(super) fn modulatable(&self, cx: &mut Context, end: Endpoint<'_>) -> Option<Modulatable> {
        if let Some(whose) = self.whose(end) {
            cx.report(
                fault(&names::UNKNOWN_ID, end, format!("{} is inside an instrument", quoted(end.path)))
                    .label("not seen from here")
                    .suggest(end.write(&format!("{whose}.{}", end.path)), |write| {
                        format!("say whose: {write}")
                    }),
            );
            return None;
        }
        let control = match self.target(cx, end)? {
            CableTarget::Control(control) => control,
            CableTarget::Input { .. } | CableTarget::Out => {
                cx.report(
                    fault(
                        &codes::NOT_A_CONTROL,
                        end,
                        format!("{} takes a signal: it has no value that could be set", quoted(end.path)),
                    )
                    .label("not a control")
                    .help("name a parameter, a knob, or the gain of a route that has an `id`"),
                );
                return None;
            }
        };
        let facts = self.known(cx, control, end)?;
        if facts.declared == ParameterBase::Follow {
            self.follows(cx, control, end);
            return None;
        }
        let range = self.second_name(end.path).and_then(|name| name.range);
        Some(Modulatable { control, facts: ControlFacts { range: range.unwrap_or(facts.range), ..facts } })
    }

    /// The second name `path`, of this patch or inside an instrument.
    pub(super) fn second_name(&self, path: &str) -> Option<&SecondName<'_, '_>> {
        self.builder.second_name(path).or_else(|| {
            let (head, rest) = split(path);
            let Some(NamedThing::Instrument(instrument)) = self.builder.names.find(head) else { return None };
            self.instruments.get(instrument)?.builder.second_name(rest?)
        })
    }

    /// What is known of `control`, which is called `end`. What a route doesn't have is reported.
    pub(super) fn known(
        &self,
        cx: &mut Context,
        control: ControlId,
        end: Endpoint<'_>,
    ) -> Option<ControlFacts> {
        match control {
            ControlId::Param { instrument, module, param } => {
                Some(self.builder_of(instrument)?.modules[module].facts(param))
            }
            ControlId::Knob { instrument, knob } => Some(self.builder_of(instrument)?.knobs[knob].facts()),
            ControlId::Instrument { instrument, which } => {
                let built = self.instruments.get(instrument)?;
                Some(which.facts(built.gain, built.pan, built.glide))
            }
            ControlId::Cable { instrument, cable, which } => {
                let builder = self.builder_of(instrument)?;
                let line = builder.cable_nodes.get(cable).map(|(node, _)| *node);
                let cable = builder.cables.get(cable)?;
                let facts = cable.facts(which, cable.moves().map(|moved| self.unit(moved)));
                if facts.is_none() {
                    let what = if which == CableControl::Pan { "pan" } else { "by" };
                    let id = cable.id.as_deref().unwrap_or_default();
                    cx.report(
                        fault(
                            &names::UNKNOWN_PORT,
                            end,
                            format!("the route {} has no `{what}` that could be moved", quoted(id)),
                        )
                        .label("not given")
                        .mend(
                            line.map(|line| line.add(what, "0")),
                            format!("write `{what}=0` behind the route, and it can be moved"),
                        ),
                    );
                }
                facts
            }
        }
    }

    /// Says that a parameter goes with the note.
    fn follows(&self, cx: &mut Context, control: ControlId, end: Endpoint<'_>) {
        let ControlId::Param { instrument, module, param } = control else { return };
        let Some(module) = self.builder_of(instrument).map(|builder| &builder.modules[module]) else {
            return;
        };
        let declared = &module.spec.params[param];
        let interval = |unit: Unit| unit == Unit::Semitones || unit == Unit::Cents;
        let other = module.spec.params.iter().find(|param| interval(param.unit));
        let said = fault(&codes::NOT_A_CONTROL, end, format!("{} follows the played note", quoted(end.path)))
            .label("another value for each note");
        cx.report(match (other, end.path.rsplit_once('.')) {
            (Some(tune), Some((path, _))) => said
                .suggest(end.write(&format!("{path}.{}", tune.name)), |write| {
                    format!("move {write}, or give it a `{}=` of its own", declared.name)
                }),
            _ => said.help(format!("give it a `{}=` of its own", declared.name)),
        });
    }
}

impl Modulatable {
    /// Where it stands when nothing moves it, at `tempo` quarter notes a minute.
    pub(super) fn declared(&self, tempo: f64) -> f64 {
        self.facts.default(tempo).unwrap_or(self.facts.range.0)
    }
}

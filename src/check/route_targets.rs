//! Where signals go: names and paths at the end of routes.

use crate::check::context::Context;
use crate::check::control_suggestions;
use crate::check::endpoints::{Endpoint, LookupScope, fault, paths, ports, split};
use crate::check::fields::meant_or_not;
use crate::check::name_table::{NamedThing, OF_VOICE};
use crate::check::nearest::nearest;
use crate::diagnostic::codes::{names, routes};
use crate::diagnostic::quote::quoted;
use crate::model::controls::{OF_CABLE, OF_INSTRUMENT};
use crate::model::patch::{CableTarget, ControlId};
use crate::units::unit::Unit;

impl LookupScope<'_, '_, '_> {
    /// Where a signal goes. What is wrong is reported.
    pub(super) fn target(&self, cx: &mut Context, end: Endpoint<'_>) -> Option<CableTarget> {
        let (head, rest) = split(end.path);
        if end.path == "out" {
            return Some(CableTarget::Out);
        }
        if let Some(name) = self.builder.second_name(end.path) {
            return Some(CableTarget::Control(name.control));
        }
        if self.inside() && self.builder.names.find(head).is_none() {
            let of_instrument = OF_INSTRUMENT.iter().any(|(name, _)| *name == head);
            if of_instrument || OF_VOICE.iter().any(|(name, _)| *name == head) {
                let (what, help) = if of_instrument {
                    (
                        format!("{} belongs to the instrument as a whole, not to a voice", quoted(head)),
                        "move it from the top level of the song, or give the route to `out` a `vca` or `pan`",
                    )
                } else {
                    (
                        format!("{} comes from the note: nothing goes into it", quoted(head)),
                        "it stands at the start of a route",
                    )
                };
                cx.report(fault(&routes::WRONG_END, end, what).label("not a target").help(help));
                return None;
            }
        }
        match self.builder.names.find(head) {
            Some(NamedThing::Module(module)) => self.module_port(cx, module, head, rest, end),
            Some(NamedThing::Knob(knob)) if rest.is_none() => {
                Some(CableTarget::Control(ControlId::Knob { instrument: self.builder.instrument, knob }))
            }
            Some(NamedThing::Alias(control)) if rest.is_none() => Some(CableTarget::Control(control)),
            Some(NamedThing::Cable(cable)) => self.cable_control(cx, cable, head, rest, end),
            Some(NamedThing::Instrument(instrument)) => {
                self.instrument_control(cx, instrument, head, rest, end)
            }
            Some(NamedThing::Knob(_) | NamedThing::Alias(_)) => {
                cx.report(
                    fault(&names::UNKNOWN_PORT, end, format!("{} has no parts", quoted(head)))
                        .label("nothing behind the dot")
                        .write(end.write(head)),
                );
                None
            }
            Some(NamedThing::Broken) => None,
            None => {
                self.unknown(cx, head, end, true);
                None
            }
        }
    }

    fn module_port(
        &self,
        cx: &mut Context,
        module: usize,
        id: &str,
        port: Option<&str>,
        end: Endpoint<'_>,
    ) -> Option<CableTarget> {
        let spec = self.builder.modules[module].spec;
        let Some(port) = port else {
            if spec.has_main_input() {
                return Some(CableTarget::Input { module, input: 0 });
            }
            cx.report(
                fault(&routes::NO_MAIN_PORT, end, format!("{} has no main input", quoted(id)))
                    .label(format!("a `{}` takes no signal as a whole", spec.kind))
                    .help(format!("name what to move: {}", paths(id, &ports(spec)))),
            );
            return None;
        };
        if let Some(input) = spec.inputs.iter().position(|input| input.name == port) {
            return Some(CableTarget::Input { module, input });
        }
        if let Some(param) = spec.params.iter().position(|param| param.name == port) {
            return Some(CableTarget::Control(self.builder.param(module, param)));
        }
        let diagnostic = if spec.settings.iter().any(|setting| setting.name == port) {
            fault(
                &names::UNKNOWN_PORT,
                end,
                format!("{} stands when the song starts and never moves", quoted(end.path)),
            )
            .label("a setting, not a parameter")
            .help(format!("what can be moved is {}", paths(id, &ports(spec))))
        } else if spec.outputs.iter().any(|output| output.name == port) {
            fault(&routes::WRONG_END, end, format!("{} gives a signal, it takes none", quoted(end.path)))
                .label("an output")
                .help("it stands at the start of a route")
        } else {
            let said = fault(
                &names::UNKNOWN_PORT,
                end,
                format!("{} has no input or parameter {}", quoted(id), quoted(port)),
            )
            .label(format!("a `{}` has no such port", spec.kind));
            let pitch = matches!(port, "pitch" | "frequency" | "hz");
            let hertz = spec.params.iter().find(|param| pitch && param.unit == Unit::Hertz);
            match self.of_route(said, end, module, port) {
                Ok(said) => said,
                Err(said) => match nearest(port, ports(spec)).or(hertz.map(|param| param.name)) {
                    Some(meant) => said.suggest(end.write(&format!("{id}.{meant}")), meant_or_not),
                    None => said.help(format!("it has {}", paths(id, &ports(spec)))),
                },
            }
        };
        cx.report(diagnostic);
        None
    }

    fn cable_control(
        &self,
        cx: &mut Context,
        cable: usize,
        id: &str,
        rest: Option<&str>,
        end: Endpoint<'_>,
    ) -> Option<CableTarget> {
        let which = OF_CABLE.iter().find(|(name, _)| Some(*name) == rest).map(|(_, which)| *which);
        let Some(which) = which else {
            cx.report(
                fault(
                    &names::UNKNOWN_PORT,
                    end,
                    format!("{} is a route: what it has to move is its gain, pan and depth", quoted(id)),
                )
                .label("not a control of a route")
                .suggest(end.write(&format!("{id}.gain")), |write| {
                    format!("write {write}, `{id}.pan` or `{id}.by`")
                }),
            );
            return None;
        };
        Some(CableTarget::Control(ControlId::Cable { instrument: self.builder.instrument, cable, which }))
    }

    fn instrument_control(
        &self,
        cx: &mut Context,
        instrument: usize,
        id: &str,
        rest: Option<&str>,
        end: Endpoint<'_>,
    ) -> Option<CableTarget> {
        let Some(rest) = rest else {
            cx.report(
                fault(
                    &routes::NO_MAIN_PORT,
                    end,
                    format!("{} is an instrument: no signal goes into it as a whole", quoted(id)),
                )
                .label("tracks play it")
                .help(format!("name what to move, such as `{id}.gain`")),
            );
            return None;
        };
        if let Some((_, which)) = OF_INSTRUMENT.iter().find(|(name, _)| *name == rest) {
            return Some(CableTarget::Control(ControlId::Instrument { instrument, which: *which }));
        }
        let built = self.instruments.get(instrument)?;
        let inner = LookupScope { builder: &built.builder, instruments: &[] };
        if let Some(name) = built.builder.second_name(rest) {
            return Some(CableTarget::Control(name.control));
        }
        let (head, _) = split(rest);
        if built.builder.names.find(head).is_none() {
            let said =
                fault(&names::UNKNOWN_ID, end, format!("{} has nothing called {}", quoted(id), quoted(head)))
                    .label("unknown");
            let of_instrument = ["gain", "pan", "glide"];
            cx.report(match built.builder.names.nearest(head, &of_instrument) {
                // Only the first word of a longer path is a slip.
                Some(meant) if rest.contains('.') => {
                    said.suggest(end.write(&format!("{id}.{meant}{}", &rest[head.len()..])), meant_or_not)
                }
                _ => control_suggestions::suggestion(
                    said,
                    end,
                    &built.builder,
                    &format!("{id}."),
                    rest,
                    &of_instrument,
                ),
            });
            return None;
        }
        let owner = format!("{}{id}.", end.owner);
        match inner.target(cx, Endpoint { path: rest, span: end.span, owner: &owner })? {
            target @ CableTarget::Control(_) => Some(target),
            CableTarget::Input { .. } | CableTarget::Out => {
                let fault = fault(
                    &routes::BORDER,
                    end,
                    format!("no signal goes into the voices of {} from outside", quoted(id)),
                )
                .label("a signal input inside the instrument");
                let spec = match built.builder.names.find(head) {
                    Some(NamedThing::Module(module)) => Some(built.builder.modules[module].spec),
                    _ => None,
                };
                let params: Vec<&str> =
                    spec.iter().flat_map(|spec| spec.params).map(|param| param.name).collect();
                cx.report(if params.is_empty() {
                    fault.help("only parameters inside an instrument can be moved from outside")
                } else {
                    fault.help(format!(
                        "its parameters can be moved: {}",
                        paths(&format!("{id}.{head}"), &params)
                    ))
                });
                None
            }
        }
    }
}

//! Where signals come from: names and paths at the start of routes.

use crate::check::context::Context;
use crate::check::endpoints::{Endpoint, LookupScope, fault, ports, split};
use crate::check::fields::meant_or_not;
use crate::check::name_table::{NamedThing, OF_VOICE};
use crate::check::nearest::nearest;
use crate::diagnostic::codes::{names, routes};
use crate::diagnostic::quote::quoted;
use crate::model::patch::{CableSource, ControlId, NoteSignal};
use crate::modules::spec::ModuleSpec;

impl LookupScope<'_, '_, '_> {
    /// Where a signal comes from. What is wrong is reported.
    pub(super) fn source(&self, cx: &mut Context, end: Endpoint<'_>) -> Option<CableSource> {
        let (head, rest) = split(end.path);
        if head == "out" {
            cx.report(
                fault(
                    &routes::WRONG_END,
                    end,
                    "nothing comes out of `out`: it is where the sound leaves".into(),
                )
                .label("only the end of a route")
                .help("name the module that the signal comes from"),
            );
            return None;
        }
        if self.inside()
            && let Some((_, signal)) = OF_VOICE.iter().find(|(name, _)| *name == head)
            && rest.is_none()
        {
            return Some(CableSource::Voice(*signal));
        }
        match self.builder.names.find(head) {
            Some(NamedThing::Module(module)) => {
                let spec = self.builder.modules[module].spec;
                let output = Self::output(cx, spec, head, rest, end)?;
                Some(CableSource::Module { module, output })
            }
            Some(NamedThing::Knob(knob)) if rest.is_none() => Some(CableSource::Knob(knob)),
            Some(NamedThing::Alias(ControlId::Knob { knob, .. })) if rest.is_none() => {
                Some(CableSource::Knob(knob))
            }
            Some(NamedThing::Instrument(instrument)) => {
                self.instrument_signal(cx, instrument, head, rest, end)
            }
            Some(NamedThing::Knob(_) | NamedThing::Cable(_) | NamedThing::Alias(_)) => {
                let what = match rest {
                    Some(rest) => format!("{} has no output {}", quoted(head), quoted(rest)),
                    None => format!("{} gives no signal: it is moved, not heard", quoted(head)),
                };
                cx.report(
                    fault(&routes::WRONG_END, end, what)
                        .label("not a source")
                        .help("begin the route at a module or a knob"),
                );
                None
            }
            Some(NamedThing::Broken) => None,
            None => {
                self.unknown(cx, head, end, false);
                None
            }
        }
    }

    fn output(
        cx: &mut Context,
        spec: &ModuleSpec,
        id: &str,
        port: Option<&str>,
        end: Endpoint<'_>,
    ) -> Option<usize> {
        let Some(port) = port else {
            if spec.outputs.is_empty() {
                cx.report(
                    fault(&routes::NO_MAIN_PORT, end, format!("{} has no output", quoted(id)))
                        .label(format!("a `{}` only takes signals", spec.kind)),
                );
                return None;
            }
            return Some(0);
        };
        let found = spec.outputs.iter().position(|output| output.name == port);
        if found.is_none() {
            let outputs: Vec<&str> = spec.outputs.iter().map(|output| output.name).collect();
            let diagnostic = if ports(spec).contains(&port) {
                fault(&routes::WRONG_END, end, format!("{} takes signals, it gives none", quoted(end.path)))
                    .label("an input")
                    .suggest(end.write(id), |write| format!("write {write} for what the module puts out"))
            } else {
                let said = fault(
                    &names::UNKNOWN_PORT,
                    end,
                    format!("{} has no output {}", quoted(id), quoted(port)),
                )
                .label(format!("a `{}` has no such output", spec.kind));
                match nearest(port, outputs.iter().copied()) {
                    Some(meant) => said.suggest(end.write(&format!("{id}.{meant}")), meant_or_not),
                    None => said.help(format!("its outputs are {}", outputs.join(", "))),
                }
            };
            cx.report(diagnostic);
        }
        found
    }

    fn instrument_signal(
        &self,
        cx: &mut Context,
        instrument: usize,
        id: &str,
        rest: Option<&str>,
        end: Endpoint<'_>,
    ) -> Option<CableSource> {
        let Some(rest) = rest else {
            return Some(CableSource::Instrument(instrument));
        };
        let signal = OF_VOICE.iter().find(|(name, _)| *name == rest).map(|(_, signal)| *signal);
        match signal {
            Some(NoteSignal::Random) | None => {
                let known = self
                    .instruments
                    .get(instrument)
                    .is_some_and(|built| built.builder.names.find(split(rest).0).is_some());
                let what = if known || signal.is_some() {
                    format!("{} can't be read from outside: each voice has its own", quoted(end.path))
                } else {
                    format!("{} has nothing called {} to be read", quoted(id), quoted(rest))
                };
                cx.report(
                    fault(&routes::BORDER, end, what)
                        .label("inside the instrument")
                        .suggest(end.write(id), |write| {
                            format!("write {write} for its sound, or `{id}.gate`, `{id}.note`, `{id}.velocity` of its newest note")
                        }),
                );
                None
            }
            Some(signal) => Some(CableSource::Newest(instrument, signal)),
        }
    }
}

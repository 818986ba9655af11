//! The ends of routes: the place in which their names are looked up, and the units of what they move.

use crate::check::context::Context;
use crate::check::fields::meant_or_not;
use crate::check::instrument::CheckedInstrument;
use crate::check::name_table::OF_VOICE;
use crate::check::patch_builder::PatchBuilder;
use crate::diagnostic::codes::names;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::patch::{CableControl, ControlId, Depth, InstrumentControl};
use crate::modules::spec::ModuleSpec;
use crate::modules::{self, synonyms};
use crate::units::unit::Unit;

/// A word at the end of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint<'v> {
    pub(super) path: &'v str,
    pub(super) span: Span,
    /// What stands before the path in the same word: the instrument inside of which it is looked up, with its point.
    pub(super) owner: &'v str,
}

impl<'v> Endpoint<'v> {
    /// The word `path` at `span`.
    pub(super) const fn new(path: &'v str, span: Span) -> Self {
        Self { path, span, owner: "" }
    }

    /// Writes `path` in its place.
    pub(super) fn write(self, path: &str) -> Edit {
        Edit::replace(self.span, format!("{}{path}", self.owner))
    }
}

/// The place in which names are looked up: a patch, and at the top level the instruments.
pub(super) struct LookupScope<'p, 'a, 't> {
    pub(super) builder: &'p PatchBuilder<'a, 't>,
    pub(super) instruments: &'p [CheckedInstrument<'a, 't>],
}

pub(super) fn fault(
    code: &'static crate::diagnostic::code::Code,
    end: Endpoint<'_>,
    message: String,
) -> Diagnostic {
    Diagnostic::new(code, end.span, message)
}

/// `name.port`, or the name alone.
pub(super) fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)))
}

pub(super) fn ports(spec: &ModuleSpec) -> Vec<&'static str> {
    let inputs = spec.inputs.iter().map(|port| port.name);
    inputs.chain(spec.params.iter().map(|param| param.name)).collect()
}

impl LookupScope<'_, '_, '_> {
    pub(super) fn inside(&self) -> bool {
        self.builder.instrument.is_some()
    }

    /// Says that nothing has this name here.
    pub(super) fn unknown(&self, cx: &mut Context, head: &str, end: Endpoint<'_>, target: bool) {
        let more: &[&'static str] = match (self.inside(), target) {
            (_, true) => &["out"],
            (true, false) => &["gate", "note", "velocity", "random"],
            (false, false) => &[],
        };
        let of_voice = OF_VOICE.iter().any(|(name, _)| *name == head);
        let said = fault(&names::UNKNOWN_ID, end, format!("nothing is called {} here", quoted(head)))
            .label("unknown");
        cx.report(if of_voice && !self.inside() {
            match self.instruments.first() {
                Some(first) => said.suggest(end.write(&format!("{}.{}", first.id, end.path)), |write| {
                    format!("outside an instrument say whose: {write}")
                }),
                None => said.help(format!("outside an instrument say whose: `bass.{head}`")),
            }
        } else {
            let near = self.builder.names.nearest(head, more);
            match near.or((target && synonyms::is_out(head)).then_some("out")) {
                Some(meant) => {
                    said.suggest(end.write(&format!("{meant}{}", &end.path[head.len()..])), meant_or_not)
                }
                None if modules::find(head).is_some() => {
                    said.help(format!("`{head}` is a kind: make one with a line `{head} {head}`"))
                }
                None if self.inside() => said.help("inside an instrument only its own modules are seen"),
                None => said.help(format!("declare it: `<kind> {head}`")),
            }
        });
    }

    /// The unit in which `control` is moved.
    pub(super) fn unit(&self, control: ControlId) -> Unit {
        let builder = |instrument: Option<usize>| match instrument {
            Some(i) if self.builder.instrument != instrument => {
                self.instruments.get(i).map(|built| &built.builder)
            }
            _ => Some(self.builder),
        };
        match control {
            ControlId::Param { instrument, module, param } => builder(instrument)
                .map_or(Unit::Number, |builder| builder.modules[module].spec.params[param].unit),
            ControlId::Knob { .. } => Unit::Number,
            ControlId::Instrument { which, .. } => match which {
                InstrumentControl::Gain => Unit::Gain,
                InstrumentControl::Pan => Unit::Share,
                InstrumentControl::Glide => Unit::Seconds,
            },
            ControlId::Cable { instrument, cable, which } => match which {
                CableControl::Gain => Unit::Gain,
                CableControl::Pan => Unit::Share,
                CableControl::By => match builder(instrument).and_then(|builder| builder.cables.get(cable)) {
                    Some(cable) if matches!(cable.by, Some(Depth::Octaves(_))) => Unit::Octaves,
                    _ => Unit::Number,
                },
            },
        }
    }
}

/// `a.x, a.y or a.z`, the first few.
pub(super) fn paths(id: &str, ports: &[&str]) -> String {
    const MOST: usize = 8;
    let mut words: Vec<String> = ports.iter().take(MOST).map(|port| format!("`{id}.{port}`")).collect();
    if ports.len() > MOST {
        words.push("…".into());
    }
    crate::diagnostic::quote::list(&words)
}

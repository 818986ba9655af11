//! The ends of routes: the place in which their names are looked up, and the units of what they move.

use crate::check::context::Context;
use crate::check::fields::meant_or_not;
use crate::check::instrument::Built;
use crate::check::names::OF_VOICE;
use crate::check::patch::Draft;
use crate::diagnostic::codes::names;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::patch::{CableControl, Control, Depth, InstrumentControl};
use crate::modules::spec::ModuleSpec;
use crate::modules::{self, synonyms};
use crate::units::unit::Unit;

/// A word at the end of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct End<'v> {
    pub(super) path: &'v str,
    pub(super) span: Span,
    /// What stands before the path in the same word: the instrument inside of which it is looked up, with its point.
    pub(super) owner: &'v str,
}

impl<'v> End<'v> {
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
pub(super) struct Place<'p, 'a, 't> {
    pub(super) draft: &'p Draft<'a, 't>,
    pub(super) instruments: &'p [Built<'a, 't>],
}

pub(super) fn fault(
    code: &'static crate::diagnostic::code::Code,
    end: End<'_>,
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

impl Place<'_, '_, '_> {
    pub(super) fn inside(&self) -> bool {
        self.draft.instrument.is_some()
    }

    /// Says that nothing has this name here.
    pub(super) fn unknown(&self, cx: &mut Context, head: &str, end: End<'_>, target: bool) {
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
            let near = self.draft.names.nearest(head, more);
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
    pub(super) fn unit(&self, control: Control) -> Unit {
        let draft = |instrument: Option<usize>| match instrument {
            Some(i) if self.draft.instrument != instrument => {
                self.instruments.get(i).map(|built| &built.draft)
            }
            _ => Some(self.draft),
        };
        match control {
            Control::Param { instrument, module, param } => {
                draft(instrument).map_or(Unit::Number, |draft| draft.modules[module].spec.params[param].unit)
            }
            Control::Knob { .. } => Unit::Number,
            Control::Instrument { which, .. } => match which {
                InstrumentControl::Gain => Unit::Gain,
                InstrumentControl::Pan => Unit::Share,
                InstrumentControl::Glide => Unit::Seconds,
            },
            Control::Cable { instrument, cable, which } => match which {
                CableControl::Gain => Unit::Gain,
                CableControl::Pan => Unit::Share,
                CableControl::By => match draft(instrument).and_then(|draft| draft.cables.get(cable)) {
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

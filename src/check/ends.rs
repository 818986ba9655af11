//! The ends of routes: from names and paths to sources and targets.

use crate::check::context::Context;
use crate::check::instrument::Built;
use crate::check::names::{OF_VOICE, Thing};
use crate::check::nearest::nearest;
use crate::check::patch::Draft;
use crate::diagnostic::codes::{names, routes};
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::patch::{CableControl, Control, Depth, InstrumentControl, NoteSignal, Source, Target};
use crate::modules::spec::ModuleSpec;
use crate::units::unit::Unit;

/// A word at the end of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct End<'v> {
    pub(super) path: &'v str,
    pub(super) span: Span,
}

/// The place in which names are looked up: a patch, and at the top level the instruments.
pub(super) struct Place<'p, 'a, 't> {
    pub(super) draft: &'p Draft<'a, 't>,
    pub(super) instruments: &'p [Built<'a, 't>],
}

/// What every instrument has for routes and automation to move.
const OF_INSTRUMENT: &[(&str, InstrumentControl)] = &[
    ("gain", InstrumentControl::Gain),
    ("pan", InstrumentControl::Pan),
    ("glide", InstrumentControl::Glide),
];

/// What every named route has.
const OF_CABLE: &[(&str, CableControl)] =
    &[("gain", CableControl::Gain), ("pan", CableControl::Pan), ("by", CableControl::By)];

fn fault(code: &'static crate::diagnostic::code::Code, end: End<'_>, message: String) -> Diagnostic {
    Diagnostic::new(code, end.span, message)
}

/// `name.port`, or the name alone.
fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)))
}

fn ports(spec: &ModuleSpec) -> Vec<&'static str> {
    let inputs = spec.inputs.iter().map(|port| port.name);
    inputs.chain(spec.params.iter().map(|param| param.name)).collect()
}

impl Place<'_, '_, '_> {
    fn inside(&self) -> bool {
        self.draft.instrument.is_some()
    }

    /// Where a signal comes from. What is wrong is reported.
    pub(super) fn source(&self, cx: &mut Context, end: End<'_>) -> Option<Source> {
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
            return Some(Source::Voice(*signal));
        }
        match self.draft.names.find(head) {
            Some(Thing::Module(module)) => {
                let spec = self.draft.modules[module].spec;
                let output = Self::output(cx, spec, head, rest, end)?;
                Some(Source::Module { module, output })
            }
            Some(Thing::Knob(knob)) if rest.is_none() => Some(Source::Knob(knob)),
            Some(Thing::Alias(Control::Knob { knob, .. })) if rest.is_none() => Some(Source::Knob(knob)),
            Some(Thing::Instrument(instrument)) => self.from_instrument(cx, instrument, head, rest, end),
            Some(Thing::Knob(_) | Thing::Cable(_) | Thing::Alias(_)) => {
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
            Some(Thing::Broken) => None,
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
        end: End<'_>,
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
                    .help(format!("write `{id}` for what the module puts out"))
            } else {
                let help = match nearest(port, outputs.iter().copied()) {
                    Some(meant) => format!("did you mean `{id}.{meant}`?"),
                    None => format!("its outputs are {}", outputs.join(", ")),
                };
                fault(&names::UNKNOWN_PORT, end, format!("{} has no output {}", quoted(id), quoted(port)))
                    .label(format!("a `{}` has no such output", spec.kind))
                    .help(help)
            };
            cx.report(diagnostic);
        }
        found
    }

    fn from_instrument(
        &self,
        cx: &mut Context,
        instrument: usize,
        id: &str,
        rest: Option<&str>,
        end: End<'_>,
    ) -> Option<Source> {
        let Some(rest) = rest else {
            return Some(Source::Instrument(instrument));
        };
        let signal = OF_VOICE.iter().find(|(name, _)| *name == rest).map(|(_, signal)| *signal);
        match signal {
            Some(NoteSignal::Random) | None => {
                let known = self
                    .instruments
                    .get(instrument)
                    .is_some_and(|built| built.draft.names.find(split(rest).0).is_some());
                let what = if known || signal.is_some() {
                    format!("{} can't be read from outside: each voice has its own", quoted(end.path))
                } else {
                    format!("{} has nothing called {} to be read", quoted(id), quoted(rest))
                };
                cx.report(
                    fault(&routes::BORDER, end, what)
                        .label("inside the instrument")
                        .help(format!("write `{id}` for its sound, or `{id}.gate`, `{id}.note`, `{id}.velocity` of its newest note")),
                );
                None
            }
            Some(signal) => Some(Source::Newest(instrument, signal)),
        }
    }

    /// Where a signal goes. What is wrong is reported.
    pub(super) fn target(&self, cx: &mut Context, end: End<'_>) -> Option<Target> {
        let (head, rest) = split(end.path);
        if end.path == "out" {
            return Some(Target::Out);
        }
        if let Some((_, control)) = self.draft.second_names.iter().find(|(path, _)| path == end.path) {
            return Some(Target::Control(*control));
        }
        if self.inside() && self.draft.names.find(head).is_none() {
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
        match self.draft.names.find(head) {
            Some(Thing::Module(module)) => self.into_module(cx, module, head, rest, end),
            Some(Thing::Knob(knob)) if rest.is_none() => {
                Some(Target::Control(Control::Knob { instrument: self.draft.instrument, knob }))
            }
            Some(Thing::Alias(control)) if rest.is_none() => Some(Target::Control(control)),
            Some(Thing::Cable(cable)) => self.into_cable(cx, cable, head, rest, end),
            Some(Thing::Instrument(instrument)) => self.into_instrument(cx, instrument, head, rest, end),
            Some(Thing::Knob(_) | Thing::Alias(_)) => {
                cx.report(
                    fault(&names::UNKNOWN_PORT, end, format!("{} has no parts", quoted(head)))
                        .label("nothing behind the dot")
                        .help(format!("write `{head}`")),
                );
                None
            }
            Some(Thing::Broken) => None,
            None => {
                self.unknown(cx, head, end, true);
                None
            }
        }
    }

    fn into_module(
        &self,
        cx: &mut Context,
        module: usize,
        id: &str,
        port: Option<&str>,
        end: End<'_>,
    ) -> Option<Target> {
        let spec = self.draft.modules[module].spec;
        let Some(port) = port else {
            if spec.has_main_input() {
                return Some(Target::Input { module, input: 0 });
            }
            cx.report(
                fault(&routes::NO_MAIN_PORT, end, format!("{} has no main input", quoted(id)))
                    .label(format!("a `{}` takes no signal as a whole", spec.kind))
                    .help(format!("name what to move: {}", paths(id, &ports(spec)))),
            );
            return None;
        };
        if let Some(input) = spec.inputs.iter().position(|input| input.name == port) {
            return Some(Target::Input { module, input });
        }
        if let Some(param) = spec.params.iter().position(|param| param.name == port) {
            return Some(Target::Control(self.draft.param(module, param)));
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
            let help = match nearest(port, ports(spec)) {
                Some(meant) => format!("did you mean `{id}.{meant}`?"),
                None => format!("it has {}", paths(id, &ports(spec))),
            };
            fault(
                &names::UNKNOWN_PORT,
                end,
                format!("{} has no input or parameter {}", quoted(id), quoted(port)),
            )
            .label(format!("a `{}` has no such port", spec.kind))
            .help(help)
        };
        cx.report(diagnostic);
        None
    }

    fn into_cable(
        &self,
        cx: &mut Context,
        cable: usize,
        id: &str,
        rest: Option<&str>,
        end: End<'_>,
    ) -> Option<Target> {
        let which = OF_CABLE.iter().find(|(name, _)| Some(*name) == rest).map(|(_, which)| *which);
        let Some(which) = which else {
            cx.report(
                fault(
                    &names::UNKNOWN_PORT,
                    end,
                    format!("{} is a route: what it has to move is its gain, pan and depth", quoted(id)),
                )
                .label("not a control of a route")
                .help(format!("write `{id}.gain`, `{id}.pan` or `{id}.by`")),
            );
            return None;
        };
        Some(Target::Control(Control::Cable { instrument: self.draft.instrument, cable, which }))
    }

    fn into_instrument(
        &self,
        cx: &mut Context,
        instrument: usize,
        id: &str,
        rest: Option<&str>,
        end: End<'_>,
    ) -> Option<Target> {
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
            return Some(Target::Control(Control::Instrument { instrument, which: *which }));
        }
        let built = self.instruments.get(instrument)?;
        let inner = Place { draft: &built.draft, instruments: &[] };
        if let Some((_, control)) = built.draft.second_names.iter().find(|(path, _)| path == rest) {
            return Some(Target::Control(*control));
        }
        let (head, _) = split(rest);
        if built.draft.names.find(head).is_none() {
            let help = match built.draft.names.nearest(head, &["gain", "pan", "glide"]) {
                Some(meant) => {
                    format!("did you mean `{id}.{meant}{}`?", &rest[head.len()..])
                }
                None => format!("it has {}", paths(id, &["gain", "pan", "glide"])),
            };
            cx.report(
                fault(&names::UNKNOWN_ID, end, format!("{} has nothing called {}", quoted(id), quoted(head)))
                    .label("unknown")
                    .help(help),
            );
            return None;
        }
        match inner.target(cx, End { path: rest, span: end.span })? {
            target @ Target::Control(_) => Some(target),
            Target::Input { .. } | Target::Out => {
                cx.report(
                    fault(
                        &routes::BORDER,
                        end,
                        format!("no signal goes into the voices of {} from outside", quoted(id)),
                    )
                    .label("a signal input inside the instrument")
                    .help("only parameters inside an instrument can be moved from outside"),
                );
                None
            }
        }
    }

    /// Says that nothing has this name here.
    fn unknown(&self, cx: &mut Context, head: &str, end: End<'_>, target: bool) {
        let more: &[&'static str] = match (self.inside(), target) {
            (_, true) => &["out"],
            (true, false) => &["gate", "note", "velocity", "random"],
            (false, false) => &[],
        };
        let of_voice = OF_VOICE.iter().any(|(name, _)| *name == head);
        let help = if of_voice && !self.inside() {
            format!("outside an instrument say whose: `bass.{head}`")
        } else {
            match self.draft.names.nearest(head, more) {
                Some(meant) => format!("did you mean `{meant}{}`?", &end.path[head.len()..]),
                None if self.inside() => "inside an instrument only its own modules are seen".into(),
                None => format!("declare it: `<kind> {head}`"),
            }
        };
        cx.report(
            fault(&names::UNKNOWN_ID, end, format!("nothing is called {} here", quoted(head)))
                .label("unknown")
                .help(help),
        );
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
fn paths(id: &str, ports: &[&str]) -> String {
    const MOST: usize = 8;
    let mut words: Vec<String> = ports.iter().take(MOST).map(|port| format!("`{id}.{port}`")).collect();
    if ports.len() > MOST {
        words.push("…".into());
    }
    crate::diagnostic::quote::list(&words)
}

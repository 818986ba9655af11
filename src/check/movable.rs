//! What automation and locks may move: its unit, its range, and where it stands when nothing moves it.

use crate::check::context::Context;
use crate::check::ends::{End, Place, fault, split};
use crate::check::patch::Draft;
use crate::diagnostic::codes::{automation as codes, names};
use crate::diagnostic::quote::quoted;
use crate::model::patch::{Base, CableControl, Control, Depth, InstrumentControl, Target};
use crate::model::song::Glide;
use crate::units::unit::Unit;

/// A control that has a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movable {
    pub(super) control: Control,
    pub(super) unit: Unit,
    pub(super) range: (f64, f64),
    pub(super) declared: Base,
}

/// The range of a gain that may turn a signal over.
const SIGNED: (f64, f64) = (-16.0, 16.0);

impl Place<'_, '_, '_> {
    /// The patch of an instrument, or of the top level.
    fn draft_of(&self, instrument: Option<usize>) -> Option<&Draft<'_, '_>> {
        match instrument {
            Some(index) if self.draft.instrument != instrument => {
                self.instruments.get(index).map(|built| &built.draft)
            }
            _ => Some(self.draft),
        }
    }

    /// The first instrument that has what is unknown here.
    fn whose(&self, end: End<'_>) -> Option<&str> {
        let (head, rest) = split(end.path);
        let unknown = rest.is_some() && self.draft.names.find(head).is_none();
        let aliased = self.draft.second_names.iter().any(|(path, _)| path == end.path);
        let mut owners = self.instruments.iter().filter(|built| built.draft.names.find(head).is_some());
        owners.find(|_| unknown && !aliased).map(|built| built.id.as_str())
    }

    /// What `end` names, if it can be moved. What is wrong is reported.
    pub(super) fn movable(&self, cx: &mut Context, end: End<'_>) -> Option<Movable> {
        if let Some(whose) = self.whose(end) {
            cx.report(
                fault(&names::UNKNOWN_ID, end, format!("{} is inside an instrument", quoted(end.path)))
                    .label("not seen from here")
                    .help(format!("say whose: `{whose}.{}`", end.path)),
            );
            return None;
        }
        let control = match self.target(cx, end)? {
            Target::Control(control) => control,
            Target::Input { .. } | Target::Out => {
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
        match control {
            Control::Param { instrument, module, param } => {
                let module = &self.draft_of(instrument)?.modules[module];
                let declared = &module.spec.params[param];
                let base = module.params[param];
                if base == Base::Follow {
                    let interval = |unit: Unit| unit == Unit::Semitones || unit == Unit::Cents;
                    let other = module.spec.params.iter().find(|param| interval(param.unit));
                    let help = match (other, end.path.rsplit_once('.')) {
                        (Some(tune), Some((path, _))) => {
                            format!(
                                "move `{path}.{}`, or give it a `{}=` of its own",
                                tune.name, declared.name
                            )
                        }
                        _ => format!("give it a `{}=` of its own", declared.name),
                    };
                    cx.report(
                        fault(
                            &codes::NOT_A_CONTROL,
                            end,
                            format!("{} follows the played note", quoted(end.path)),
                        )
                        .label("another value for each note")
                        .help(help),
                    );
                    return None;
                }
                let range = (declared.min, declared.max);
                Some(Movable { control, unit: declared.unit, range, declared: base })
            }
            Control::Knob { instrument, knob } => {
                let knob = &self.draft_of(instrument)?.knobs[knob];
                let declared = Base::Number(knob.default);
                Some(Movable { control, unit: Unit::Number, range: (knob.min, knob.max), declared })
            }
            Control::Instrument { instrument, which } => {
                let built = self.instruments.get(instrument)?;
                let (range, declared) = match which {
                    InstrumentControl::Gain => ((0.0, 16.0), Base::Number(built.gain)),
                    InstrumentControl::Pan => ((-1.0, 1.0), Base::Number(built.pan)),
                    InstrumentControl::Glide => (
                        (0.0, 60.0),
                        match built.glide {
                            Glide::Seconds(seconds) => Base::Number(seconds),
                            Glide::Note(length) => Base::Note(length),
                        },
                    ),
                };
                Some(Movable { control, unit: self.unit(control), range, declared })
            }
            Control::Cable { .. } => self.movable_cable(cx, control, end),
        }
    }

    /// What a named route has.
    fn movable_cable(&self, cx: &mut Context, control: Control, end: End<'_>) -> Option<Movable> {
        let Control::Cable { instrument, cable, which } = control else { return None };
        let cable = self.draft_of(instrument)?.cables.get(cable)?;
        let found = match which {
            CableControl::Gain => Some((Unit::Gain, SIGNED, cable.gain)),
            CableControl::Pan => cable.pan.map(|pan| (Unit::Share, (-1.0, 1.0), pan)),
            CableControl::By => cable.by.map(|by| match by {
                Depth::Octaves(octaves) => (Unit::Octaves, (-20.0, 20.0), octaves),
                Depth::Linear(amount) => {
                    let unit = match cable.to {
                        Target::Control(moved) => self.unit(moved),
                        Target::Input { .. } | Target::Out => Unit::Number,
                    };
                    (unit, (-1e6, 1e6), amount)
                }
            }),
        };
        let Some((unit, range, declared)) = found else {
            let what = if which == CableControl::Pan { "pan" } else { "by" };
            let id = cable.id.as_deref().unwrap_or_default();
            cx.report(
                fault(
                    &names::UNKNOWN_PORT,
                    end,
                    format!("the route {} has no `{what}` that could be moved", quoted(id)),
                )
                .label("not given")
                .help(format!("write `{what}=0` behind the route, and it can be moved")),
            );
            return None;
        };
        Some(Movable { control, unit, range, declared: Base::Number(declared) })
    }
}

impl Movable {
    /// Where it stands when nothing moves it, at `tempo` quarter notes a minute.
    pub(super) fn declared(&self, tempo: f64) -> f64 {
        match self.declared {
            Base::Number(value) => value,
            Base::Note(length) => {
                let seconds = length.seconds(tempo);
                let value = if self.unit == Unit::Hertz { 1.0 / seconds } else { seconds };
                value.clamp(self.range.0, self.range.1)
            }
            Base::Follow => self.range.0,
        }
    }
}

//! Modules and knobs: their parameters and settings against the table of kinds.

use crate::check::context::Context;
use crate::check::fields::Fields;
use crate::check::nearest::nearest;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::{routes, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::model::patch::{Knob, Module, ParameterBase};
use crate::modules::spec::{LATE, ModuleSpec, Normal, Options, Setting};
use crate::syntax::tree::{Node, Value};
use crate::units::number::short_number;
use crate::units::unit::Unit;

/// The pitches in Hz at which recordings can have been made.
pub(crate) const ROOTS: (f64, f64) = (1.0, 24_000.0);

/// What a song may set of a kind, parameters first.
pub(super) fn settable(spec: &'static ModuleSpec) -> impl Iterator<Item = &'static str> + Clone {
    let settings = spec.settings.iter().map(|setting| setting.name).filter(|name| *name != LATE);
    spec.params.iter().map(|param| param.name).chain(settings)
}

impl Context {
    /// Reads a module's parameters and settings. What is wrong with them is reported, and they stand at their
    /// defaults. `in_instrument` decides what follows the note.
    pub(super) fn module(
        &mut self,
        node: &Node<'_>,
        spec: &'static ModuleSpec,
        in_instrument: bool,
    ) -> Module {
        let id = node.args.first().and_then(|id| id.text()).unwrap_or_default().to_owned();
        let misplaced = self.setting_among_arguments(node, 1);
        if !misplaced {
            self.extra_arguments(node, 1);
        }
        self.no_block(node);
        let all = settable(spec);
        self.properties(node, spec.kind, &all, |name| all.clone().any(|known| known == name), |_| None);
        let params: Vec<ParameterBase> = spec
            .params
            .iter()
            .map(|param| {
                if let Some(prop) = node.prop(param.name) {
                    let slot = ValueSlot::prop(param.name).usually(Some(param.default));
                    let read = self.amount(&prop.value, slot, param.unit, (param.min, param.max));
                    return read.unwrap_or(ParameterBase::Number(param.default));
                }
                if param.normal == Normal::Note {
                    if in_instrument {
                        return ParameterBase::Follow;
                    }
                    if !node.broken && !node.args.is_empty() && !misplaced {
                        self.no_note(node, param.name, &param.unit.written(220.0));
                    }
                }
                ParameterBase::Number(param.default)
            })
            .collect();
        if let Some(sound) = spec.sound() {
            self.part_of_sound(node, spec, sound, &params);
        }
        let mut sound = None;
        let settings: Vec<f32> = spec
            .settings
            .iter()
            .map(|setting| {
                let given = node.prop(setting.name).filter(|_| setting.name != LATE);
                if let Options::Sound(_) = setting.options {
                    match given {
                        Some(prop) => sound = self.sound(&prop.value),
                        None => self.no_sound(node, setting.name),
                    }
                }
                let read = given.and_then(|prop| self.setting(&prop.value, setting));
                let root = matches!(setting.options, Options::Root).then_some(self.c4);
                read.or(root).unwrap_or_else(|| setting.default()) as f32
            })
            .collect();
        let round = spec.cut().and_then(|cut| cut(&settings).round);
        if let Some(round) = round.filter(|[from, to]| from >= to) {
            // The settings of which it begins and ends: those that move one or the other.
            let moves = |end: usize, index: usize| {
                let mut other = settings.clone();
                other[index] += 0.125;
                spec.cut().and_then(|cut| cut(&other).round).is_some_and(|moved| moved[end] != round[end])
            };
            let named = |end| {
                let found = (0..settings.len()).find(|index| moves(end, *index));
                found.and_then(|index| node.prop(spec.settings[index].name))
            };
            self.no_round(node.span, round, [named(0), named(1)]);
        }
        Module { id, spec, params, settings, sound }
    }

    fn no_note(&mut self, node: &Node<'_>, param: &str, example: &str) {
        let id = node.args.first().and_then(|id| id.text()).unwrap_or_default();
        self.report(
            Diagnostic::new(
                &routes::MISSING_PARAMETER,
                node.span,
                format!("{} needs `{param}`: at the top level there is no note to follow", quoted(id)),
            )
            .label(format!("`{param}` is missing"))
            .suggest(node.add(param, example), |write| format!("write {write} behind it")),
        );
    }

    fn no_sound(&mut self, node: &Node<'_>, setting: &str) {
        if node.broken || node.args.is_empty() {
            return;
        }
        let id = node.args.first().and_then(|id| id.text()).unwrap_or_default();
        self.report(
            Diagnostic::new(
                &routes::MISSING_PARAMETER,
                node.span,
                format!("{} needs `{setting}`: the sound that it plays", quoted(id)),
            )
            .label(format!("`{setting}` is missing"))
            .suggest(node.add(setting, "\"./sound.wav\""), |write| {
                format!("write {write} behind it, with the path of a sound")
            }),
        );
    }

    /// A setting as the kernel reads it.
    fn setting(&mut self, value: &Value<'_>, setting: &'static Setting) -> Option<f64> {
        let slot = ValueSlot::prop(setting.name).usually(Some(setting.default()));
        match setting.options {
            Options::Flag => self.flag(value, slot).map(|on| if on { 1.0 } else { 0.0 }),
            Options::Count { min, max, .. } => {
                self.whole(value, slot, (min.into(), max.into())).map(|count| count as f64)
            }
            Options::Amount { unit, min, max, .. } => self.number(value, slot, unit, (min, max)),
            Options::Root => self.number(value, slot, Unit::Hertz, ROOTS),
            Options::Sound(_) => None,
            Options::Choice(names) => {
                let word = value.text().unwrap_or(value.raw);
                if let Some(index) = names.iter().position(|(name, _)| *name == word) {
                    return Some(index as f64);
                }
                let all: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
                let meant = nearest(word, all.iter().copied());
                let usual = names.get(setting.default() as usize).map_or(all[0], |(name, _)| name);
                let more = if meant.is_some() {
                    String::new()
                } else {
                    format!("; the choices are {}", all.join(", "))
                };
                let write = meant.unwrap_or(usual);
                self.report(
                    Diagnostic::new(
                        &values::BAD_VALUE,
                        value.span,
                        format!("`{}` can't be {}", setting.name, quoted(word)),
                    )
                    .label("not one of its choices")
                    .suggest(slot.write(value, write), |write| match meant {
                        Some(_) => format!("did you mean {write}?"),
                        None => format!("write {write}{more}"),
                    }),
                );
                None
            }
        }
    }

    /// Reads a knob.
    pub(super) fn knob(&mut self, fields: &Fields<'_, '_>) -> Knob {
        let node = fields.node;
        let id = node.args.first().and_then(|id| id.text()).unwrap_or_default().to_owned();
        let min = fields.number(self, "min").unwrap_or(0.0);
        let max = fields.number(self, "max").unwrap_or(1.0);
        if min >= max {
            let place = node.prop("max").or(node.prop("min")).map_or(node.span, |prop| prop.value.span);
            let (least, most) = (short_number(max.min(0.0)), short_number(min.max(1.0)));
            let ends = [("min", &least), ("max", &most)];
            let given = ends.iter().filter_map(|(name, end)| {
                node.prop(name).map(|prop| Edit::replace(prop.value.span, (*end).clone()))
            });
            let other = ends.iter().filter(|(name, _)| node.prop(name).is_none());
            let other = other.fold(String::new(), |all, (name, end)| format!("{all} {name}={end}"));
            let other = (!other.is_empty()).then(|| Edit::after(node.span, other));
            let edits: Vec<Edit> = given.chain(other).collect();
            self.report(
                Diagnostic::new(
                    &values::OUT_OF_RANGE,
                    place,
                    format!("the knob {} has no room to turn", quoted(&id)),
                )
                .label("`min` must be below `max`")
                .mend(edits, format!("write `min={least}` and `max={most}`")),
            );
            return Knob { id, min: 0.0, max: 1.0, default: 0.0 };
        }
        let slot = ValueSlot::arg("default");
        let default = node.args.get(1).and_then(|value| self.number(value, slot, Unit::Number, (min, max)));
        Knob { id, min, max, default: default.unwrap_or(min) }
    }
}

//! Locks: values of the played instrument's controls, step by step.

use crate::check::context::Context;
use crate::check::endpoints::{Endpoint, LookupScope, paths, ports, split};
use crate::check::fields::{NodeMeaning, meant_or_not};
use crate::check::instrument::CheckedInstrument;
use crate::check::modulatable::Modulatable;
use crate::check::name_table::OF_INSTRUMENT;
use crate::check::pitch::write_out;
use crate::check::slot::ValueSlot;
use crate::check::step_lowering::{can_sound, of_track};
use crate::diagnostic::codes::{automation as codes, tracks};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::song::{Lock, Track};
use crate::model::steps::{LaneItem, ValueLane};
use crate::syntax::tree::{Data, Node, Value};
use crate::syntax::value_lanes::words;
use crate::syntax::vocabulary::{NodeForm, NodeScope};
use crate::units::number::leading;

/// Where a lock stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct LockPlace {
    pub(super) path: Span,
    pub(super) line: Span,
}

impl Context {
    /// Reads what stands between a track's braces: its locks, each with the place of its path.
    pub(super) fn locks(
        &mut self,
        node: &Node<'_>,
        built: Option<&CheckedInstrument<'_, '_>>,
    ) -> Vec<(Lock, LockPlace)> {
        let mut locks: Vec<(Lock, LockPlace)> = Vec::new();
        for inner in node.block() {
            if self.enough() {
                break;
            }
            let Some(NodeMeaning::Form(form)) = self.meaning(inner, NodeScope::Track) else { continue };
            let Some((lock, span)) = self.lock(inner, form, built) else { continue };
            let place = LockPlace { path: span, line: inner.whole() };
            if let Some((_, first)) = locks.iter().find(|(other, _)| other.control == lock.control) {
                self.report(
                    Diagnostic::new(&codes::DOUBLE_LOCK, span, "this track locks it already".to_owned())
                        .label("the second time")
                        .mend([Edit::remove(place.line)], "take it out, and put all values into one lane")
                        .also(first.path, "the first time"),
                );
                continue;
            }
            locks.push((lock, place));
        }
        locks
    }

    fn lock(
        &mut self,
        node: &Node<'_>,
        form: &'static NodeForm,
        built: Option<&CheckedInstrument<'_, '_>>,
    ) -> Option<(Lock, Span)> {
        self.fields(node, form);
        let (path, value) = (node.args.first()?, node.args.get(1)?);
        let Some(text) = path.text() else {
            self.not_a_name(&codes::NOT_A_CONTROL, path, "what is locked");
            return None;
        };
        // Lanes without quotes fall apart into arguments that nobody meant.
        let built = built.filter(|_| !node.broken)?;
        let (head, rest) = split(text);
        if head == built.id && built.builder.names.find(head).is_none() {
            let said = Diagnostic::new(
                &codes::FOREIGN_LOCK,
                path.span,
                format!("a lock names what is inside {}", quoted(&built.id)),
            )
            .label("seen from outside");
            self.report(match rest {
                Some(rest) if rest.contains('.') => said.write(Edit::replace(path.span, rest)),
                _ => said
                    .help("the gain, pan and glide of an instrument belong to all its voices: automate them"),
            });
            return None;
        }
        let known = built.builder.names.find(head).is_some() || built.builder.second_name(text).is_some();
        if !known && let Some(which) = OF_INSTRUMENT.iter().find(|name| **name == text) {
            self.report(
                Diagnostic::new(
                    &codes::FOREIGN_LOCK,
                    path.span,
                    format!("`{which}` belongs to the instrument as a whole, not to a voice"),
                )
                .label("not of one note")
                .help(format!("automate it: `automate {}.{which} to=…`", built.id)),
            );
            return None;
        }
        if !known {
            let controls = || {
                built.builder.modules.iter().flat_map(|module| {
                    ports(module.spec).into_iter().map(move |port| format!("{}.{port}", module.id))
                })
            };
            let meant = controls().find(|path| split(path).1 == Some(text));
            let said = Diagnostic::new(
                &codes::FOREIGN_LOCK,
                path.span,
                format!("{} has nothing called {}", quoted(&built.id), quoted(head)),
            )
            .label("not in the played instrument");
            let near =
                built.builder.names.nearest(head, &[]).map(|near| format!("{near}{}", &text[head.len()..]));
            self.report(match (meant.or(near), built.builder.modules.first()) {
                (Some(meant), _) => said.suggest(Edit::replace(path.span, meant), meant_or_not),
                (None, Some(module)) => {
                    said.help(format!("it has {}", paths(&module.id, &ports(module.spec))))
                }
                (None, None) => said.help("it has nothing to lock"),
            });
            return None;
        }
        let place = LookupScope { builder: &built.builder, instruments: &[] };
        let found = place.modulatable(self, Endpoint::new(text, path.span))?;
        let values = self.lock_values(value, text, &found)?;
        Some((Lock { control: found.control, values }, path.span))
    }

    fn lock_values(
        &mut self,
        value: &Value<'_>,
        name: &str,
        found: &Modulatable,
    ) -> Option<ValueLane<Option<f64>>> {
        let Some(text) = value.text() else {
            if value.number().is_none() {
                self.report(
                    Diagnostic::new(
                        &tracks::BAD_LANE,
                        value.span,
                        format!("a lock takes a text, not {}", value.noun()),
                    )
                    .label("not a lane")
                    .help("a lane is values with spaces between, such as `\"200 . 900 .\"`"),
                );
                return None;
            }
            let number = self.number(value, ValueSlot::arg(name), found.facts.unit, found.facts.range)?;
            return Some(ValueLane { items: vec![LaneItem::One(Some(number))] });
        };
        let lane = words(value, name, &mut self.bag)?;
        let mut fine = true;
        let mut read = |word: &Option<std::ops::Range<usize>>| {
            let at = word.clone()?;
            let raw = &text[at.clone()];
            let data = match leading(raw) {
                Some((number, "")) => Data::Float(number),
                _ => Data::Text(raw.into()),
            };
            let slot = ValueSlot::lane(name, value, &at);
            let word = Value { data, raw, span: value.place(at) };
            let number = self.number(&word, slot, found.facts.unit, found.facts.range);
            fine &= number.is_some();
            number
        };
        let mut items = Vec::new();
        write_out(&lane, &mut items, &mut read);
        fine.then_some(ValueLane { items })
    }

    /// Warns of locks that never meet a note in the `steps` steps of a section.
    pub(super) fn idle_locks(&mut self, track: &Track, places: &[LockPlace], steps: u64) {
        let sounds = |cell| can_sound(std::slice::from_ref(cell));
        let Some(first) = track.steps.cells.iter().position(sounds).map(|first| first as u64) else {
            return;
        };
        for (lock, place) in track.locks.iter().zip(places) {
            let items = &lock.values.items;
            let says = |item: &LaneItem<Option<f64>>| match item {
                LaneItem::One(value) => value.is_some(),
                LaneItem::Alternate(values) => values.iter().any(Option::is_some),
            };
            let last = steps.min(first + items.len() as u64);
            if (first..last).any(|step| says(&items[(step % items.len() as u64) as usize])) {
                continue;
            }
            self.report(
                Diagnostic::new(
                    &codes::IDLE_LOCK,
                    place.path,
                    format!("this lock of {} never meets a note", of_track(&track.id)),
                )
                .label("sets nothing")
                .mend(
                    [Edit::remove(place.line)],
                    "take it out, or put its values on steps with hits, or behind them",
                ),
            );
        }
    }
}

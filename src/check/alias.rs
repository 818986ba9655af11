//! Aliases: second names for controls.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::context::Context;
use crate::check::endpoints::{Endpoint, LookupScope};
use crate::check::instrument::CheckedInstrument;
use crate::check::name_table::{NamedThing, TEMPO, is_reserved, repaired};
use crate::check::patch_builder::{PatchBuilder, SecondName};
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::{names, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::model::identifiers::is_name;
use crate::model::patch::CableTarget;
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::NodeForm;

impl<'a, 't> PatchBuilder<'a, 't> {
    /// Resolves every alias of this patch, what an alias names before the alias itself.
    pub(super) fn name_aliases(&mut self, cx: &mut Context, instruments: &[CheckedInstrument<'a, 't>]) {
        let aliases = std::mem::take(&mut self.aliases);
        for (node, form) in in_turn(cx, &aliases).into_iter().map(|index| aliases[index]) {
            cx.fields(node, form);
            let (Some(new), Some(old)) = (node.args.first(), node.args.get(1)) else {
                continue;
            };
            let Some(path) = old.text() else {
                cx.not_a_name(&names::BAD_ALIAS, old, "what an alias stands for");
                continue;
            };
            let place = LookupScope { builder: self, instruments };
            let target = place.target(cx, Endpoint::new(path, old.span));
            let Some(new_path) = self.free_path(cx, new, instruments) else {
                continue;
            };
            match target {
                Some(CableTarget::Control(control)) => {
                    if !new_path.contains('.') {
                        self.names.add(new_path, NamedThing::Alias(control), new.span);
                    }
                    let path = new_path.to_owned();
                    self.second_names.push(SecondName { path, control, node, range: None });
                }
                Some(CableTarget::Input { .. } | CableTarget::Out) => cx.report(
                    Diagnostic::new(
                        &names::BAD_ALIAS,
                        old.span,
                        format!("{} takes a signal: it is no control", quoted(path)),
                    )
                    .label("not a control")
                    .help("name a parameter or a knob"),
                ),
                None => {}
            }
        }
    }

    /// Finds out what can be set under each second name, once cables are laid: an alias of a route knows its cable only
    /// then.
    pub(super) fn bound_aliases(&mut self, cx: &mut Context, instruments: &[CheckedInstrument<'a, 't>]) {
        for index in 0..self.second_names.len() {
            let place = LookupScope { builder: self, instruments };
            let range = place.bounds(cx, &self.second_names[index]);
            self.second_names[index].range = range;
        }
    }

    /// The new path of an alias, if it is made of names and free.
    fn free_path<'v>(
        &self,
        cx: &mut Context,
        new: &'v Value<'_>,
        instruments: &[CheckedInstrument<'a, 't>],
    ) -> Option<&'v str> {
        let Some(path) = new.text() else {
            cx.not_a_name(&names::BAD_ALIAS, new, "an alias");
            return None;
        };
        if !path.split('.').all(is_name) {
            let repaired = path.split('.').map(repaired).collect::<Vec<_>>().join(".");
            let said =
                Diagnostic::new(&names::BAD_ALIAS, new.span, format!("{} can't be a path", quoted(path)))
                    .label("small letters, digits, `_` and `-`, with dots between");
            cx.report(if repaired.split('.').all(is_name) {
                said.write(Edit::replace(new.span, repaired))
            } else {
                said.help("a path is made of words such as `filter.brightness`")
            });
            return None;
        }
        // Addresses end with `/auto` to hand controls back, and `automate tempo` moves the tempo of the song.
        let taken = match path.rsplit('.').next() {
            Some(last) if is_reserved(last) && last != "out" => Some("it hands controls back to the song"),
            _ if path == TEMPO && self.instrument.is_none() => Some("it is the tempo of the song"),
            _ => None,
        };
        if let Some(why) = taken {
            cx.report(
                Diagnostic::new(
                    &names::BAD_ALIAS,
                    new.span,
                    format!("{} has a meaning already: {why}", quoted(path)),
                )
                .label("not free")
                .suggest(Edit::replace(new.span, format!("{path}1")), |write| {
                    format!("write {write}, or any other path")
                }),
            );
            return None;
        }
        // Looked up with a bag of its own: that the path means nothing yet is what is wanted.
        let mut quiet = Context::new(crate::diagnostic::bag::Bag::default());
        let place = LookupScope { builder: self, instruments };
        let mut taken = |path: &str| {
            let end = Endpoint::new(path, new.span);
            path == "out"
                || place.target(&mut quiet, end).is_some()
                || place.source(&mut quiet, end).is_some()
                || (!path.contains('.') && self.names.find(path).is_some())
        };
        if taken(path) {
            let mut numbered = (1..100).map(|number| format!("{path}{number}"));
            let free = numbered.find(|path| !taken(path)).unwrap_or_default();
            cx.report(
                Diagnostic::new(
                    &names::BAD_ALIAS,
                    new.span,
                    format!("{} has a meaning already", quoted(path)),
                )
                .label("not free")
                .suggest(Edit::replace(new.span, free), |free| {
                    format!("choose another path for the alias, such as {free}")
                }),
            );
            return None;
        }
        Some(path)
    }
}

/// The order in which aliases can be resolved: that of the song, but each after the one that it names. Aliases that name
/// each other in a circle are reported and left out.
fn in_turn(cx: &mut Context, aliases: &[(&Node<'_>, &NodeForm)]) -> Vec<usize> {
    let path = |index: usize, arg: usize| aliases[index].0.args.get(arg).and_then(|path| path.text());
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for index in 0..aliases.len() {
        if let Some(new) = path(index, 0) {
            first.entry(new).or_insert(index);
        }
    }
    let mut order = Vec::with_capacity(aliases.len());
    let mut done = vec![false; aliases.len()];
    for index in 0..aliases.len() {
        if done[index] {
            continue;
        }
        // From each alias to the one that it names, until there is one that names something else.
        let mut chain = vec![index];
        let mut seen = BTreeSet::from([index]);
        let mut circle = None;
        while let Some(&next) = chain.last().and_then(|last| first.get(path(*last, 1)?)) {
            if done[next] {
                break;
            }
            if !seen.insert(next) {
                circle = Some(next);
                break;
            }
            chain.push(next);
        }
        if let Some(old) = circle.and_then(|_| aliases[index].0.args.get(1)) {
            cx.report(
                Diagnostic::new(
                    &names::BAD_ALIAS,
                    old.span,
                    format!("{} stands for itself in the end", quoted(old.text().unwrap_or(old.raw))),
                )
                .label("goes round")
                .help("name a parameter, a knob or the gain of a route in one of these aliases"),
            );
            chain.iter().for_each(|alias| done[*alias] = true);
            continue;
        }
        for alias in chain.into_iter().rev() {
            if !std::mem::replace(&mut done[alias], true) {
                order.push(alias);
            }
        }
    }
    order
}

impl LookupScope<'_, '_, '_> {
    /// The least and the greatest value that can be set under `name`. What is wrong with them is reported.
    fn bounds(&self, cx: &mut Context, name: &SecondName<'_, '_>) -> Option<(f64, f64)> {
        let old = name.node.args.get(1)?;
        let end = Endpoint::new(old.text()?, old.span);
        let facts = self.known(cx, name.control, end)?;
        // What it stands for may be a second name itself, with bounds of its own.
        let outer = self.second_name(end.path).and_then(|old| old.range).unwrap_or(facts.range);
        let mut bound = |which: &'static str, otherwise: f64| match name.node.prop(which) {
            Some(prop) => cx.number(&prop.value, ValueSlot::prop(which), facts.unit, outer),
            None => Some(otherwise),
        };
        let (min, max) = (bound("min", outer.0), bound("max", outer.1));
        let (mut min, mut max) = (min?, max?);
        let place =
            || name.node.prop("max").or(name.node.prop("min")).map_or(name.node.span, |prop| prop.value.span);
        if min >= max {
            cx.report(
                Diagnostic::new(
                    &values::OUT_OF_RANGE,
                    place(),
                    format!("the alias {} has no room to move", quoted(&name.path)),
                )
                .label("`min` must be below `max`")
                .mend(
                    turned(name.node, min == max),
                    "write the least value behind `min=` and the greatest behind `max=`",
                ),
            );
            return None;
        }
        let stands = facts.default(cx.tempo);
        // As with every limit, a bound is the value that it is printed as, though its figures are rounded.
        let bound =
            |bound: f64| stands.filter(|stands| facts.unit.spoken(*stands) == facts.unit.spoken(bound));
        min = bound(min).map_or(min, |stands| stands.min(min));
        max = bound(max).map_or(max, |stands| stands.max(max));
        if let Some(stands) = stands.filter(|stands| !(min..=max).contains(stands)) {
            let (side, which) = if stands < min { ("below", "min") } else { ("above", "max") };
            cx.report(
                Diagnostic::new(
                    &values::OUT_OF_RANGE,
                    name.node.prop(which).map_or(name.node.span, |prop| prop.value.span),
                    format!(
                        "{} stands at {}, {side} what {} can be",
                        quoted(end.path),
                        facts.unit.spoken(stands),
                        quoted(&name.path)
                    ),
                )
                .label(format!("it stands {side} this"))
                .suggest(
                    match name.node.prop(which) {
                        Some(prop) => ValueSlot::prop(which).write(&prop.value, &facts.unit.written(stands)),
                        None => name.node.add(which, &facts.unit.written(stands)),
                    },
                    |write| format!("write {write}, or let it stand elsewhere"),
                ),
            );
            return None;
        }
        Some((min, max))
    }
}

/// Gives `min` and `max` each other's values; takes one of them out where only one is given, or both are the `same`.
fn turned(node: &Node<'_>, same: bool) -> Vec<Edit> {
    match (node.prop("min"), node.prop("max")) {
        (Some(min), Some(max)) if !same => {
            vec![Edit::replace(min.value.span, max.value.raw), Edit::replace(max.value.span, min.value.raw)]
        }
        (min, max) => max.or(min).map(|prop| node.cut(prop.span())).into_iter().collect(),
    }
}

//! What there is to move where a path names nothing: nearest first.

use crate::check::endpoints::{Endpoint, LookupScope};
use crate::check::nearest::nearest;
use crate::check::patch_builder::PatchBuilder;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::list;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::patch::{CableSource, ParameterBase};

/// How many are named.
const MOST: usize = 8;
/// Controls that are looked at: a long song with many slips must stay quick.
const LOOKED_AT: usize = 2_000;

/// What people call the level or place of a module's sound, which routes have, and the control of a route for it.
const OF_ROUTES: &[(&str, &str)] = &[
    ("gain", "gain"),
    ("level", "gain"),
    ("volume", "gain"),
    ("vol", "gain"),
    ("amp", "gain"),
    ("amplitude", "gain"),
    ("pan", "pan"),
    ("balance", "pan"),
];

/// A control with a value, as it is called in its patch, and the kind of its module if it is what that is mostly for.
struct ControlSuggestion {
    path: String,
    kind: &'static str,
}

/// Everything with a value in `builder`: knobs and second names first, for they are meant to be moved.
fn suggestions(builder: &PatchBuilder<'_, '_>) -> Vec<ControlSuggestion> {
    let plain = |path: String| ControlSuggestion { path, kind: "" };
    let knobs = builder.knobs.iter().map(|knob| plain(knob.id.clone()));
    let second = builder.second_names.iter().map(|name| plain(name.path.clone()));
    let params = builder.modules.iter().flat_map(|module| {
        let all = module.spec.params.iter().zip(&module.params).enumerate();
        // What follows the note has no value of its own.
        all.filter(|(_, (_, base))| **base != ParameterBase::Follow).map(move |(place, (param, _))| {
            ControlSuggestion {
                path: format!("{}.{}", module.id, param.name),
                kind: if place == 0 { module.spec.kind } else { "" },
            }
        })
    });
    let gains = builder.cables.iter().filter_map(|cable| Some(plain(format!("{}.gain", cable.id.as_ref()?))));
    knobs.chain(second).chain(params).chain(gains).take(LOOKED_AT).collect()
}

/// How far `suggestion` is from `wanted`: 0 has its last word, 1 is of a module or kind of that name, 2 looks alike, 3 is anything
/// else.
fn distance(wanted: &str, suggestion: &ControlSuggestion) -> u8 {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let (word, own) = (last(wanted), last(&suggestion.path));
    let first = wanted.split('.').next().unwrap_or_default();
    if own == word {
        0
    } else if suggestion.kind == word
        || suggestion.kind == first
        || suggestion.path.split('.').next() == Some(first)
    {
        1
    } else if nearest(&word, [own.as_str()]).is_some() {
        2
    } else {
        3
    }
}

/// Completes `fault`: nothing at `end` is called `wanted` in `builder`, whose controls are called `prefix` and their path. Says what there
/// is, and proposes it where one is nearer than all others.
pub(super) fn suggestion(
    fault: Diagnostic,
    end: Endpoint<'_>,
    builder: &PatchBuilder<'_, '_>,
    prefix: &str,
    wanted: &str,
    more: &[&str],
) -> Diagnostic {
    // Of equally near ones the shorter path is the likelier: a knob stands for what it moves.
    let words = |path: &str| path.matches('.').count();
    let mut all: Vec<((u8, usize), String)> = suggestions(builder)
        .iter()
        .map(|suggestion| {
            ((distance(wanted, suggestion), words(&suggestion.path)), format!("{prefix}{}", suggestion.path))
        })
        .chain(more.iter().map(|name| {
            let near = nearest(wanted, [*name]).is_some();
            ((if near { 2 } else { 3 }, 2), format!("{prefix}{name}"))
        }))
        .collect();
    all.sort_by_key(|(distance, _)| *distance);
    let best = all.first().filter(|((distance, _), _)| *distance < 3).map(|(distance, _)| *distance);
    let of_best = all.iter().filter(|(distance, _)| Some(*distance) == best).count();
    let mut names: Vec<String> = all.iter().take(MOST).map(|(_, path)| format!("`{path}`")).collect();
    if all.len() > MOST {
        names.push("…".into());
    }
    match all.first().filter(|_| of_best == 1) {
        Some((_, path)) => {
            let rest = if names.len() > 1 { format!("; it has {}", list(&names)) } else { String::new() };
            fault.suggest(Edit::replace(end.span, path.as_str()), |written| {
                format!("did you mean {written}?{rest}")
            })
        }
        None if names.is_empty() => fault.help("it has nothing to move"),
        None => fault.help(format!("it has {}", list(&names))),
    }
}

impl LookupScope<'_, '_, '_> {
    /// Completes `fault`: `port` of module `module` at `end` isn't its own, but of the route that leads on from it. `None`
    /// where it is nothing of the kind.
    pub(super) fn of_route(
        &self,
        fault: Diagnostic,
        end: Endpoint<'_>,
        module: usize,
        port: &str,
    ) -> Result<Diagnostic, Diagnostic> {
        let Some((_, which)) = OF_ROUTES.iter().find(|(word, _)| *word == port) else { return Err(fault) };
        let id = &self.builder.modules[module].id;
        let leads = |cable: usize| matches!(self.builder.cables[cable].from, CableSource::Module { module: from, .. } if from == module);
        let mut cables = (0..self.builder.cables.len()).filter(|cable| leads(*cable));
        let words = format!(
            "a route has a {which}: give the one that leads on from `{id}` an `id`, and move the {which} of that"
        );
        let (Some(cable), None) = (cables.next(), cables.next()) else { return Ok(fault.help(words)) };
        let laid = &self.builder.cables[cable];
        if let Some(name) = laid.id.as_ref().filter(|_| *which == "gain" || laid.pan.is_some()) {
            let edit = end.write(&format!("{name}.{which}"));
            return Ok(fault.suggest(edit, |written| format!("a route has a {which}: write {written}")));
        }
        let free = (1..).map(|n| if n == 1 { format!("{id}-out") } else { format!("{id}-out{n}") });
        let name = free.into_iter().find(|name| self.builder.names.find(name).is_none());
        match (self.line_of(cable), name) {
            (Some(route), Some(name)) if route.source == end.span.source => {
                let pan = if *which == "pan" && laid.pan.is_none() { " pan=0" } else { "" };
                let edits =
                    [Edit::after(route, format!(" id={name}{pan}")), end.write(&format!("{name}.{which}"))];
                let help = format!(
                    "a route has a {which}: write `id={name}{pan}` behind the one that leads on from `{id}`, and `{name}.{which}` here"
                );
                Ok(fault.mend(edits, help))
            }
            _ => Ok(fault.help(words)),
        }
    }

    /// The line that lays `cable`, if that is its last hop alone and it has no `id` yet.
    fn line_of(&self, cable: usize) -> Option<Span> {
        let (line, last) = self.builder.cable_nodes.get(cable)?;
        let same = self.builder.cable_nodes.iter().filter(|(other, last)| *last && other.span == line.span);
        (*last && line.prop("id").is_none() && same.count() == 1).then_some(line.span)
    }
}

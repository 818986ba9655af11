//! Loops: each needs a delay.

use crate::check::context::Context;
use crate::check::graph::{GraphEdge, GraphNode, PatchGraph, PatchPart, SHORTEST_DELAY, components};
use crate::check::instrument::CheckedInstrument;
use crate::check::patch_builder::PatchBuilder;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::routes;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::model::patch::ParameterBase;
use crate::units::unit::Unit;

/// Reports every loop without delay, delays that are too short for their loop, and feedback that closes no loop. Returns whether there
/// are loops.
pub(super) fn check(
    cx: &mut Context,
    builder: &PatchBuilder<'_, '_>,
    instruments: &[CheckedInstrument<'_, '_>],
) -> bool {
    let seen = if builder.instrument.is_some() { &[] } else { instruments };
    let graph = PatchGraph::new(builder, seen.len());
    let leaving = graph.leaving();
    let name = |node: GraphNode| match graph.part(node) {
        PatchPart::Instrument(i) => seen[i].id.as_str(),
        PatchPart::Knob(i) => builder.knobs[i].id.as_str(),
        PatchPart::Module(i) => builder.modules[i].id.as_str(),
    };
    let round = components(&leaving, |_| false);
    let looped = |edge: &GraphEdge| edge.to.is_some_and(|to| round[to] == round[edge.from]);
    let mut closing = vec![false; builder.cables.len()];
    for edge in graph.edges.iter().filter(|edge| looped(edge)) {
        closing[edge.cable] = true;
    }
    for (index, cable) in builder.cables.iter().enumerate() {
        // A line with several ends is marked for all its cables, even where only one of them closes a loop.
        let line = builder.cable_nodes.get(index).map(|(line, _)| line.span);
        let same = |other: usize| {
            line.is_some() && builder.cable_nodes.get(other).map(|(line, _)| line.span) == line
        };
        if cable.feedback && !closing[index] && !(0..closing.len()).any(|other| closing[other] && same(other))
        {
            cx.report(
                Diagnostic::new(
                    &routes::NEEDLESS_FEEDBACK,
                    builder.cable_spans[index],
                    "this route closes no loop: `feedback` only delays it".to_owned(),
                )
                .label("marked as feedback")
                .mend(
                    builder.cable_nodes.get(index).and_then(|(line, _)| line.cut_prop("feedback")),
                    "take `feedback=#true` out",
                ),
            );
        }
    }
    if !closing.contains(&true) {
        return false;
    }
    // Where feedback breaks the loop already, a delay in it may be as short as it likes.
    let unbroken = components(&leaving, |edge| edge.feedback);
    let waits =
        |edge: &GraphEdge| !edge.feedback && edge.to.is_some_and(|to| unbroken[to] == unbroken[edge.from]);
    short_delays(cx, builder, &graph, waits);
    let stuck = components(&leaving, |edge| edge.breaks);
    let mut told = vec![false; graph.nodes];
    for start in 0..graph.nodes {
        if told[stuck[start]] || cx.enough() {
            continue;
        }
        let Some(way) = way_round(&leaving, &stuck, start) else {
            continue;
        };
        told[stuck[start]] = true;
        report(cx, builder, &way, name);
    }
    true
}

/// The shortest way from `start` back to itself, as edges.
fn way_round(leaving: &[Vec<GraphEdge>], component: &[usize], start: GraphNode) -> Option<Vec<GraphEdge>> {
    let inside =
        |edge: &&GraphEdge| !edge.breaks && edge.to.is_some_and(|to| component[to] == component[start]);
    if !leaving[start].iter().any(|edge| inside(&edge)) {
        return None;
    }
    let mut came: Vec<Option<GraphEdge>> = vec![None; leaving.len()];
    let mut front = vec![start];
    while !front.is_empty() {
        let mut next = Vec::new();
        for node in front {
            for edge in leaving[node].iter().filter(inside) {
                let Some(to) = edge.to else { continue };
                if came[to].is_some() {
                    continue;
                }
                came[to] = Some(*edge);
                next.push(to);
            }
        }
        if came[start].is_some() {
            break;
        }
        front = next;
    }
    let mut way = Vec::new();
    let mut at = start;
    while let Some(edge) = came[at] {
        way.push(edge);
        at = edge.from;
        if at == start {
            way.reverse();
            return Some(way);
        }
    }
    None
}

fn report<'n>(
    cx: &mut Context,
    builder: &PatchBuilder<'_, '_>,
    way: &[GraphEdge],
    name: impl Fn(GraphNode) -> &'n str,
) {
    let mut ids: Vec<&str> = way.iter().map(|edge| name(edge.from)).collect();
    ids.extend(ids.first().copied());
    let spans = |edge: &GraphEdge| builder.cable_spans[edge.cable];
    // What a line says of feedback holds for its last hop.
    let ends = |edge: &GraphEdge| {
        builder.cable_nodes.get(edge.cable).filter(|(_, last)| *last).map(|(line, _)| *line)
    };
    let Some(last) = way.iter().max_by_key(|edge| (ends(edge).is_some(), spans(edge))) else {
        return;
    };
    let edit = ends(last).map(|line| match line.prop("feedback") {
        // It says so already, but means another of its hops.
        Some(prop) if prop.value.raw == "#true" => None,
        Some(prop) => Some(Edit::replace(prop.value.span, "#true")),
        None => Some(line.add("feedback", "#true")),
    });
    let edit = edit.flatten();
    let mut diagnostic = Diagnostic::new(
        &routes::LOOP,
        spans(last),
        format!("this loop takes no time: {}", ids.join(" -> ")),
    )
    .label("closes the loop")
    .mend(
        edit,
        "lead it through a delay, or mark this route `feedback=#true`, which costs one block (64 frames)",
    );
    for edge in way.iter().filter(|edge| spans(edge) != spans(last)).take(8) {
        diagnostic = diagnostic.also(spans(edge), "part of it");
    }
    cx.report(diagnostic);
}

/// A delay in a loop must last a block at least.
fn short_delays(
    cx: &mut Context,
    builder: &PatchBuilder<'_, '_>,
    graph: &PatchGraph,
    looped: impl Fn(&GraphEdge) -> bool,
) {
    for (index, module) in builder.modules.iter().enumerate() {
        let node = graph.node(PatchPart::Module(index));
        let enters = |edge: &&GraphEdge| edge.to == Some(node) && edge.main && looped(edge);
        if !module.spec.can_be_late() || !graph.edges.iter().any(|edge| enters(&edge)) {
            continue;
        }
        let Some(param) = module.spec.params.iter().position(|param| param.unit == Unit::Seconds) else {
            continue;
        };
        let seconds = match module.params[param] {
            ParameterBase::Number(seconds) => seconds,
            ParameterBase::Note(length) => length.seconds(cx.tempo),
            ParameterBase::Follow => continue,
        };
        if seconds < SHORTEST_DELAY {
            let name = module.spec.params[param].name;
            let (line, least) = (builder.module_nodes[index], Unit::Seconds.written(0.001_34));
            cx.report(
                Diagnostic::new(
                    &routes::LOOP,
                    builder.module_spans[index],
                    format!(
                        "{} stands in a loop, and its `{name}` of {} is shorter than a block",
                        quoted(&module.id),
                        Unit::Seconds.spoken(seconds)
                    ),
                )
                .label("part of a loop")
                .suggest(
                    match line.prop(name) {
                        Some(prop) => ValueSlot::prop(name).write(&prop.value, &least),
                        None => line.add(name, &least),
                    },
                    |write| format!("write {write} or more: 64 frames at 48 kHz"),
                ),
            );
        }
    }
}

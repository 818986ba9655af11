//! What never reaches `out`.

use crate::check::context::Context;
use crate::check::graph::{PatchGraph, PatchPart};
use crate::check::instrument::CheckedInstrument;
use crate::check::patch_builder::PatchBuilder;
use crate::diagnostic::codes::routes;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::model::patch::{CableSource, CableTarget};
use crate::model::rounds::components;

/// Warns of every module, knob and instrument from which nothing reaches `out`: of a chain of them only the last, whose
/// route to `out` makes all of them heard.
pub(super) fn check(
    cx: &mut Context,
    builder: &PatchBuilder<'_, '_>,
    instruments: &[CheckedInstrument<'_, '_>],
) {
    let graph = PatchGraph::new(builder, instruments.len());
    let mut entering: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes];
    let mut heard = vec![false; graph.nodes];
    let mut front = Vec::new();
    for edge in &graph.edges {
        match edge.to {
            Some(to) => entering[to].push(edge.from),
            None => front.push(edge.from),
        }
    }
    // An instrument whose notes are listened to has its use, even if its sound has none.
    for cable in &builder.cables {
        for source in [Some(cable.from), cable.vca].into_iter().flatten() {
            if let CableSource::Newest(instrument, _) = source {
                front.push(graph.node(PatchPart::Instrument(instrument)));
            }
        }
    }
    while let Some(node) = front.pop() {
        if !heard[node] {
            heard[node] = true;
            front.append(&mut entering[node]);
        }
    }
    let of_instrument = builder.instrument.is_some();
    if of_instrument && !builder.cables.iter().any(|cable| cable.to == CableTarget::Out) {
        return;
    }
    for node in ends(&graph, &heard) {
        let (id, span, what) = match graph.part(node) {
            PatchPart::Instrument(i) => (&instruments[i].id, instruments[i].span, "is never heard"),
            PatchPart::Knob(i) => {
                (&builder.knobs[i].id, builder.knob_spans[i], "moves nothing that is heard")
            }
            PatchPart::Module(i) => (&builder.modules[i].id, builder.module_spans[i], "never reaches `out`"),
        };
        let said = Diagnostic::new(&routes::UNHEARD, span, format!("{} {what}", quoted(id)))
            .label("no route leads from here to `out`");
        let line = format!("route {id} -> out");
        let edit = match builder.end {
            _ if matches!(graph.part(node), PatchPart::Knob(_)) => None,
            Some(end) => Some(Edit::after(end, format!("\n    {line}"))),
            None => (!of_instrument).then(|| cx.at_end(&line)),
        };
        cx.report(match edit {
            Some(edit) => said.suggest(edit, |write| format!("write {write}, or take it out")),
            None => said.help("lead it with a `route` to where it is to be heard, or take it out"),
        });
    }
}

/// The nodes from which no other node is reached that isn't heard; of those that reach each other, the first.
fn ends(graph: &PatchGraph, heard: &[bool]) -> Vec<usize> {
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes];
    for edge in &graph.edges {
        leaving[edge.from].extend(edge.to.filter(|to| !heard[*to]));
    }
    let component = components(&leaving);
    let mut last = vec![true; component.len()];
    for (from, to) in leaving.iter().enumerate().flat_map(|(from, to)| to.iter().map(move |to| (from, *to))) {
        last[component[from]] &= component[from] == component[to];
    }
    // Each component is reported once.
    (0..graph.nodes).filter(|&node| !heard[node] && std::mem::take(&mut last[component[node]])).collect()
}

/// Warns of an instrument in which nothing goes to `out`.
pub(super) fn silent(cx: &mut Context, built: &CheckedInstrument<'_, '_>) {
    if !built.builder.cables.iter().any(|cable| cable.to == CableTarget::Out) {
        cx.report(
            Diagnostic::new(
                &routes::UNHEARD,
                built.span,
                format!("nothing in {} reaches `out`", quoted(&built.id)),
            )
            .label("a silent instrument")
            .help("end one of its routes with `-> out`"),
        );
    }
}

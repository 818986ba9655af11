//! Which part of a patch feeds which.

use crate::check::patch_builder::PatchBuilder;
use crate::model::patch::{CableSource, CableTarget, ControlId};
use crate::model::rounds;
use crate::modules::spec::BLOCK;

/// A part of a patch: its instruments first, then its knobs, then its modules.
pub(super) type GraphNode = usize;

/// One cable, or one cable's `vca`.
#[derive(Clone, Copy, Debug)]
pub(super) struct GraphEdge {
    pub(super) from: GraphNode,
    /// `None` is `out`.
    pub(super) to: Option<GraphNode>,
    pub(super) cable: usize,
    /// Whether a signal that goes this way may come back a block later: by `feedback`, or into the main input of a
    /// module that can be late.
    pub(super) breaks: bool,
    /// Whether it enters the main input of a module.
    pub(super) main: bool,
    /// Whether it is marked as feedback.
    pub(super) feedback: bool,
}

/// The edges of a patch.
pub(super) struct PatchGraph {
    pub(super) edges: Vec<GraphEdge>,
    instruments: usize,
    knobs: usize,
    pub(super) nodes: usize,
}

/// The least time, in seconds, of a delay that may stand in a loop: one block at 48 kHz.
pub(super) const SHORTEST_DELAY: f64 = BLOCK as f64 / 48_000.0;

/// A part of a patch, by what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PatchPart {
    Instrument(usize),
    Knob(usize),
    Module(usize),
}

impl PatchGraph {
    /// The graph of a patch that sees so many instruments.
    pub(super) fn new(builder: &PatchBuilder<'_, '_>, instruments: usize) -> Self {
        let (knobs, modules) = (builder.knobs.len(), builder.modules.len());
        let mut graph = Self { edges: Vec::new(), instruments, knobs, nodes: instruments + knobs + modules };
        for (index, cable) in builder.cables.iter().enumerate() {
            let (to, main) = graph.target(builder, cable.to);
            let late = match (main, to.map(|node| graph.part(node))) {
                (true, Some(PatchPart::Module(module))) => builder.modules[module].spec.can_be_late(),
                _ => false,
            };
            if let Some(from) = graph.source(cable.from) {
                let (breaks, feedback) = (late || cable.feedback, cable.feedback);
                graph.edges.push(GraphEdge { from, to, cable: index, breaks, main, feedback });
            }
            if let Some(from) = cable.vca.and_then(|vca| graph.source(vca)) {
                graph.edges.push(GraphEdge { from, to, cable: index, breaks: late, main, feedback: false });
            }
        }
        graph
    }

    /// What a node is.
    pub(super) fn part(&self, node: GraphNode) -> PatchPart {
        if node < self.instruments {
            PatchPart::Instrument(node)
        } else if node < self.instruments + self.knobs {
            PatchPart::Knob(node - self.instruments)
        } else {
            PatchPart::Module(node - self.instruments - self.knobs)
        }
    }

    /// The node of a part.
    pub(super) fn node(&self, part: PatchPart) -> GraphNode {
        match part {
            PatchPart::Instrument(i) => i,
            PatchPart::Knob(i) => self.instruments + i,
            PatchPart::Module(i) => self.instruments + self.knobs + i,
        }
    }

    fn source(&self, source: CableSource) -> Option<GraphNode> {
        match source {
            CableSource::Module { module, .. } => Some(self.node(PatchPart::Module(module))),
            CableSource::Knob(knob) => Some(self.node(PatchPart::Knob(knob))),
            CableSource::Instrument(instrument) => Some(self.node(PatchPart::Instrument(instrument))),
            CableSource::Voice(_) | CableSource::Newest(..) => None,
        }
    }

    /// Where a cable ends, and whether that is the main input of a module.
    fn target(&self, builder: &PatchBuilder<'_, '_>, to: CableTarget) -> (Option<GraphNode>, bool) {
        let mut to = to;
        // A cable may move another one's gain, and that one a third's: follow them, but not for ever.
        for _ in 0..=builder.cables.len() {
            return match to {
                CableTarget::Out => (None, false),
                CableTarget::Input { module, input } => {
                    let main = input == 0 && builder.modules[module].spec.has_main_input();
                    (Some(self.node(PatchPart::Module(module))), main)
                }
                CableTarget::Control(control) => match control {
                    ControlId::Instrument { instrument, .. } => {
                        (Some(self.node(PatchPart::Instrument(instrument))), false)
                    }
                    ControlId::Param { instrument: Some(i), .. }
                    | ControlId::Knob { instrument: Some(i), .. }
                    | ControlId::Cable { instrument: Some(i), .. }
                        if builder.instrument.is_none() =>
                    {
                        (Some(self.node(PatchPart::Instrument(i))), false)
                    }
                    ControlId::Param { module, .. } => (Some(self.node(PatchPart::Module(module))), false),
                    ControlId::Knob { knob, .. } => (Some(self.node(PatchPart::Knob(knob))), false),
                    ControlId::Cable { cable, .. } => match builder.cables.get(cable) {
                        Some(moved) => {
                            to = moved.to;
                            continue;
                        }
                        None => (None, false),
                    },
                },
            };
        }
        (None, false)
    }

    /// For each node, the edges that leave it, in song order.
    pub(super) fn leaving(&self) -> Vec<Vec<GraphEdge>> {
        let mut leaving = vec![Vec::new(); self.nodes];
        for edge in &self.edges {
            leaving[edge.from].push(*edge);
        }
        leaving
    }
}

/// The strongly connected component of each node. Edges for which `cut` holds don't count.
pub(super) fn components(leaving: &[Vec<GraphEdge>], cut: impl Fn(&GraphEdge) -> bool) -> Vec<usize> {
    let lead =
        |edges: &Vec<GraphEdge>| edges.iter().filter(|edge| !cut(edge)).filter_map(|edge| edge.to).collect();
    rounds::components(&leaving.iter().map(lead).collect::<Vec<_>>())
}

//! Which part of a patch feeds which.

use crate::check::patch::Draft;
use crate::model::patch::{Control, Source, Target};
use crate::model::rounds;
use crate::modules::spec::BLOCK;

/// A part of a patch: its instruments first, then its knobs, then its modules.
pub(super) type Node = usize;

/// One cable, or one cable's `vca`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: Node,
    /// `None` is `out`.
    pub(super) to: Option<Node>,
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
pub(super) struct Graph {
    pub(super) edges: Vec<Edge>,
    instruments: usize,
    knobs: usize,
    pub(super) nodes: usize,
}

/// The least time, in seconds, of a delay that may stand in a loop: one block at 48 kHz.
pub(super) const SHORTEST_DELAY: f64 = BLOCK as f64 / 48_000.0;

/// A part of a patch, by what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Instrument(usize),
    Knob(usize),
    Module(usize),
}

impl Graph {
    /// The graph of a patch that sees so many instruments.
    pub(super) fn new(draft: &Draft<'_, '_>, instruments: usize) -> Self {
        let (knobs, modules) = (draft.knobs.len(), draft.modules.len());
        let mut graph = Self { edges: Vec::new(), instruments, knobs, nodes: instruments + knobs + modules };
        for (index, cable) in draft.cables.iter().enumerate() {
            let (to, main) = graph.target(draft, cable.to);
            let late = match (main, to.map(|node| graph.part(node))) {
                (true, Some(Part::Module(module))) => draft.modules[module].spec.can_be_late(),
                _ => false,
            };
            if let Some(from) = graph.source(cable.from) {
                let (breaks, feedback) = (late || cable.feedback, cable.feedback);
                graph.edges.push(Edge { from, to, cable: index, breaks, main, feedback });
            }
            if let Some(from) = cable.vca.and_then(|vca| graph.source(vca)) {
                graph.edges.push(Edge { from, to, cable: index, breaks: late, main, feedback: false });
            }
        }
        graph
    }

    /// What a node is.
    pub(super) fn part(&self, node: Node) -> Part {
        if node < self.instruments {
            Part::Instrument(node)
        } else if node < self.instruments + self.knobs {
            Part::Knob(node - self.instruments)
        } else {
            Part::Module(node - self.instruments - self.knobs)
        }
    }

    /// The node of a part.
    pub(super) fn node(&self, part: Part) -> Node {
        match part {
            Part::Instrument(i) => i,
            Part::Knob(i) => self.instruments + i,
            Part::Module(i) => self.instruments + self.knobs + i,
        }
    }

    fn source(&self, source: Source) -> Option<Node> {
        match source {
            Source::Module { module, .. } => Some(self.node(Part::Module(module))),
            Source::Knob(knob) => Some(self.node(Part::Knob(knob))),
            Source::Instrument(instrument) => Some(self.node(Part::Instrument(instrument))),
            Source::Voice(_) | Source::Newest(..) => None,
        }
    }

    /// Where a cable ends, and whether that is the main input of a module.
    fn target(&self, draft: &Draft<'_, '_>, to: Target) -> (Option<Node>, bool) {
        let mut to = to;
        // A cable may move another one's gain, and that one a third's: follow them, but not for ever.
        for _ in 0..=draft.cables.len() {
            return match to {
                Target::Out => (None, false),
                Target::Input { module, input } => {
                    let main = input == 0 && draft.modules[module].spec.has_main_input();
                    (Some(self.node(Part::Module(module))), main)
                }
                Target::Control(control) => match control {
                    Control::Instrument { instrument, .. } => {
                        (Some(self.node(Part::Instrument(instrument))), false)
                    }
                    Control::Param { instrument: Some(i), .. }
                    | Control::Knob { instrument: Some(i), .. }
                    | Control::Cable { instrument: Some(i), .. }
                        if draft.instrument.is_none() =>
                    {
                        (Some(self.node(Part::Instrument(i))), false)
                    }
                    Control::Param { module, .. } => (Some(self.node(Part::Module(module))), false),
                    Control::Knob { knob, .. } => (Some(self.node(Part::Knob(knob))), false),
                    Control::Cable { cable, .. } => match draft.cables.get(cable) {
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
    pub(super) fn leaving(&self) -> Vec<Vec<Edge>> {
        let mut leaving = vec![Vec::new(); self.nodes];
        for edge in &self.edges {
            leaving[edge.from].push(*edge);
        }
        leaving
    }
}

/// The strongly connected component of each node. Edges for which `cut` holds don't count.
pub(super) fn components(leaving: &[Vec<Edge>], cut: impl Fn(&Edge) -> bool) -> Vec<usize> {
    let lead =
        |edges: &Vec<Edge>| edges.iter().filter(|edge| !cut(edge)).filter_map(|edge| edge.to).collect();
    rounds::components(&leaving.iter().map(lead).collect::<Vec<_>>())
}

//! Which part of a patch feeds which: loops are cut where they may be, then everything gets its level.

use crate::model::patch::{Cable, CableSource, CableTarget, ControlId, InstrumentControl, Patch};
use crate::model::rounds;

/// A part of a patch that is computed as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum NetworkNode {
    /// All voices of an instrument.
    Voices(usize),
    /// The gain and balance of an instrument.
    Output(usize),
    /// A knob.
    Knob(usize),
    /// A module.
    Module(usize),
}

/// The nodes of a patch in an order in which each comes after all that feed it.
#[derive(Debug)]
pub(super) struct Network {
    /// With its level: the length of the longest way to it. Ties follow song order, so the plan never depends on hash
    /// order.
    pub(super) order: Vec<(usize, NetworkNode)>,
    /// Modules whose main input comes one block late, because a loop goes through it.
    pub(super) late: Vec<usize>,
}

/// A loop with nothing in it that may delay by a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayFreeLoop {
    /// The ids on the way round.
    pub ids: Vec<String>,
}

struct NetworkGraph {
    nodes: Vec<NetworkNode>,
    /// For each node, the nodes it feeds; `main` marks what enters the main input of a module.
    edges: Vec<Vec<NetworkEdge>>,
}

/// What of a cable is in a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    Nothing,
    /// Its `vca` only.
    Control,
    /// Its source too.
    All,
}

/// What of a patch can hear itself, at once or later.
#[derive(Debug)]
pub(super) struct Looped {
    /// For each module.
    pub(super) modules: Vec<bool>,
    /// For each instrument that the patch sees.
    pub(super) instruments: Vec<bool>,
}

/// What of `patch`, which sees so many instruments, stands in a loop of any kind, with feedback or without.
pub(super) fn looped(patch: &Patch, instruments: usize) -> Looped {
    // A loop takes time, by one or the other.
    let may = patch.cables.iter().any(|cable| cable.feedback)
        || patch.modules.iter().any(|module| module.spec.can_be_late());
    if !may {
        return Looped { modules: vec![false; patch.modules.len()], instruments: vec![false; instruments] };
    }
    let graph = NetworkGraph::new(patch, instruments, |_| Counts::All);
    let component = components(&graph, &vec![false; graph.nodes.len()]);
    let mut sizes = vec![0_usize; graph.nodes.len()];
    component.iter().for_each(|&c| sizes[c] += 1);
    let mut looped =
        Looped { modules: vec![false; patch.modules.len()], instruments: vec![false; instruments] };
    for (index, node) in graph.nodes.iter().enumerate() {
        let is = sizes[component[index]] > 1 || graph.edges[index].iter().any(|edge| edge.to == index);
        match node {
            NetworkNode::Module(module) => looped.modules[*module] = is,
            NetworkNode::Voices(instrument) => looped.instruments[*instrument] = is,
            NetworkNode::Output(_) | NetworkNode::Knob(_) => {}
        }
    }
    looped
}

#[derive(Clone, Copy)]
struct NetworkEdge {
    to: usize,
    main: bool,
}

impl Network {
    /// The network of `patch`, which is `instrument`'s or the top level's with `instruments` of them.
    pub(super) fn new(patch: &Patch, instruments: usize) -> Result<Self, DelayFreeLoop> {
        let graph = NetworkGraph::new(patch, instruments, |cable| match cable {
            Cable { muted: true, .. } => Counts::Nothing,
            Cable { feedback: true, .. } => Counts::Control,
            _ => Counts::All,
        });
        let mut late: Vec<usize> = Vec::new();
        let mut cut = vec![false; graph.nodes.len()];
        loop {
            let component = components(&graph, &cut);
            let mut sizes = vec![0_usize; graph.nodes.len()];
            component.iter().for_each(|&c| sizes[c] += 1);
            let in_loop = |node: usize| {
                sizes[component[node]] > 1
                    || graph.edges[node].iter().any(|edge| edge.to == node && !(edge.main && cut[node]))
            };
            let looped: Vec<usize> = (0..graph.nodes.len()).filter(|&n| in_loop(n)).collect();
            if looped.is_empty() {
                break;
            }
            let breakable = looped.iter().copied().find(|&node| match graph.nodes[node] {
                NetworkNode::Module(module) => !cut[node] && patch.modules[module].spec.can_be_late(),
                _ => false,
            });
            let Some(node) = breakable else {
                let first = component[looped[0]];
                let ids = looped.iter().filter(|&&n| component[n] == first);
                return Err(DelayFreeLoop { ids: ids.map(|&n| graph.nodes[n].id(patch)).collect() });
            };
            cut[node] = true;
            if let NetworkNode::Module(module) = graph.nodes[node] {
                late.push(module);
            }
        }
        late.sort_unstable();
        Ok(Self { order: graph.levels(&cut), late })
    }
}

impl NetworkNode {
    fn id(self, patch: &Patch) -> String {
        match self {
            Self::Voices(i) | Self::Output(i) => format!("instrument {}", i + 1),
            Self::Knob(knob) => patch.knobs[knob].id.clone(),
            Self::Module(module) => patch.modules[module].id.clone(),
        }
    }
}

/// Where a cable of a patch ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct CableEnd {
    /// The node whose input or control it is.
    pub(super) node: NetworkNode,
    /// Whether it is the main input of a module (or moves a cable into it).
    pub(super) main: bool,
}

/// Where `cable` of `patch` ends; `None` at the patch's own end.
pub(super) fn end(patch: &Patch, top: bool, cable: &Cable) -> Option<CableEnd> {
    let mut to = cable.to;
    // A cable may move a named cable's gain, and that one another's: follow them, but not for ever.
    for _ in 0..=patch.cables.len() {
        let node = match to {
            CableTarget::Out => return None,
            CableTarget::Input { module, input } => {
                let main = input == 0 && patch.modules[module].spec.has_main_input();
                return Some(CableEnd { node: NetworkNode::Module(module), main });
            }
            CableTarget::Control(control) => match control {
                ControlId::Instrument { instrument, which: InstrumentControl::Glide } => {
                    NetworkNode::Voices(instrument)
                }
                ControlId::Instrument { instrument, .. } => NetworkNode::Output(instrument),
                ControlId::Param { instrument: Some(instrument), .. }
                | ControlId::Knob { instrument: Some(instrument), .. }
                | ControlId::Cable { instrument: Some(instrument), .. }
                    if top =>
                {
                    NetworkNode::Voices(instrument)
                }
                ControlId::Param { module, .. } => NetworkNode::Module(module),
                ControlId::Knob { knob, .. } => NetworkNode::Knob(knob),
                ControlId::Cable { cable, .. } => {
                    to = patch.cables[cable].to;
                    continue;
                }
            },
        };
        return Some(CableEnd { node, main: false });
    }
    None
}

fn source_node(source: CableSource) -> Option<NetworkNode> {
    match source {
        CableSource::Module { module, .. } => Some(NetworkNode::Module(module)),
        CableSource::Knob(knob) => Some(NetworkNode::Knob(knob)),
        CableSource::Instrument(instrument) => Some(NetworkNode::Output(instrument)),
        CableSource::Voice(_) | CableSource::Newest(..) => None,
    }
}

impl NetworkGraph {
    fn new(patch: &Patch, instruments: usize, counts: impl Fn(&Cable) -> Counts) -> Self {
        let mut nodes: Vec<NetworkNode> = (0..instruments).map(NetworkNode::Voices).collect();
        nodes.extend((0..instruments).map(NetworkNode::Output));
        nodes.extend((0..patch.knobs.len()).map(NetworkNode::Knob));
        nodes.extend((0..patch.modules.len()).map(NetworkNode::Module));
        let index = |node: NetworkNode| match node {
            NetworkNode::Voices(i) => i,
            NetworkNode::Output(i) => instruments + i,
            NetworkNode::Knob(i) => 2 * instruments + i,
            NetworkNode::Module(i) => 2 * instruments + patch.knobs.len() + i,
        };
        let mut edges = vec![Vec::new(); nodes.len()];
        for i in 0..instruments {
            edges[index(NetworkNode::Voices(i))]
                .push(NetworkEdge { to: index(NetworkNode::Output(i)), main: false });
        }
        for cable in &patch.cables {
            let counts = counts(cable);
            if counts == Counts::Nothing {
                continue;
            }
            let Some(end) = end(patch, instruments > 0, cable) else { continue };
            let edge = NetworkEdge { to: index(end.node), main: end.main };
            let from = source_node(cable.from).filter(|_| counts == Counts::All);
            let sources = from.into_iter().chain(cable.vca.and_then(source_node));
            sources.for_each(|from| edges[index(from)].push(edge));
        }
        Self { nodes, edges }
    }

    /// All nodes with their levels, by level, then by index.
    fn levels(&self, cut: &[bool]) -> Vec<(usize, NetworkNode)> {
        let mut waiting = vec![0_usize; self.nodes.len()];
        let kept = |edge: &NetworkEdge| !(edge.main && cut[edge.to]);
        self.edges.iter().flatten().filter(|edge| kept(edge)).for_each(|edge| waiting[edge.to] += 1);
        let mut level = vec![0_usize; self.nodes.len()];
        let mut ready: Vec<usize> = (0..self.nodes.len()).filter(|&n| waiting[n] == 0).collect();
        while let Some(node) = ready.pop() {
            for edge in self.edges[node].iter().filter(|edge| kept(edge)) {
                level[edge.to] = level[edge.to].max(level[node] + 1);
                waiting[edge.to] -= 1;
                if waiting[edge.to] == 0 {
                    ready.push(edge.to);
                }
            }
        }
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|&n| (level[n], n));
        order.into_iter().map(|n| (level[n], self.nodes[n])).collect()
    }
}

/// The strongly connected component of each node. Edges into the main inputs of nodes that are `cut` don't count.
fn components(graph: &NetworkGraph, cut: &[bool]) -> Vec<usize> {
    let lead = |edges: &Vec<NetworkEdge>| {
        edges.iter().filter(|edge| !(edge.main && cut[edge.to])).map(|edge| edge.to).collect()
    };
    rounds::components(&graph.edges.iter().map(lead).collect::<Vec<_>>())
}

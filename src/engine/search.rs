//! Looks for the module that was the first to go past the bound, where only the song's output was seen to: a chain of gains
//! without a loop, whose modules nobody watches otherwise.

use std::sync::Arc;

use crate::dsp::loudest::{LOUDEST, is_within};
use crate::engine::block_loop::Engine;
use crate::engine::guard::{Culprit, Fault};
use crate::engine::observer::{BlockObserver, BlockPhase};
use crate::modules::buffer::Buffer;
use crate::modules::dispatch::Compilation;
use crate::plan::compiled_plan::{KernelPlan, Plan};

/// Blocks in which the output has to go past the bound again for a song that is played: half a second.
const PATIENCE: u32 = 375;

/// Looks at the outputs of all modules, in the order in which they are computed.
#[derive(Debug, Default)]
pub(super) struct Search {
    found: Option<usize>,
}

impl BlockObserver for Search {
    fn begins(&mut self) {
        self.found = None;
    }

    fn ends(&mut self, _: BlockPhase) {}

    fn of_steps(&mut self) -> Option<&mut dyn BlockObserver> {
        Some(self)
    }

    fn puts_out(&mut self, kernel: &KernelPlan, buffers: &[Buffer], heard: &dyn Fn(usize) -> bool) {
        if self.found.is_some() {
            return;
        }
        let past = |lane: &usize| {
            let samples = |out: &usize| buffers[*out].content().iter().skip(*lane).step_by(kernel.width);
            heard(*lane) && kernel.outs.iter().flat_map(samples).any(|x| !is_within(*x, LOUDEST))
        };
        self.found = (0..kernel.lanes.len()).find(past).map(|lane| kernel.lanes[lane].path);
    }
}

/// The same `faults` of `plan`, with the first module past the bound in place of the output. The song is rendered again up to there.
pub fn named(plan: &Arc<Plan>, compilation: Compilation, mut faults: Vec<Fault>) -> Vec<Fault> {
    if let Some(fault) = faults.iter_mut().find(|fault| fault.culprit == Culprit::Output) {
        let mut engine = Engine::new(Arc::clone(plan), compilation);
        while engine.frame() < fault.frame {
            engine.block();
        }
        let mut search = Search::default();
        engine.block_watched(&mut search);
        fault.culprit = search.found.map_or(fault.culprit, Culprit::Chain);
    }
    faults
}

/// The same of a song that is played: its past can't be heard again, so the blocks to come are looked at.
#[derive(Debug)]
pub(super) struct LiveSearch {
    search: Search,
    fault: Fault,
    left: u32,
    found: Option<usize>,
}

impl LiveSearch {
    /// For what `fault` says of the output.
    pub(super) fn new(fault: Fault) -> Self {
        Self { search: Search::default(), fault, left: PATIENCE, found: None }
    }

    /// What watches the next block; `None` if there is nothing to look for any more.
    pub(super) fn watch(&mut self) -> Option<&mut Search> {
        (!self.is_over()).then_some(&mut self.search)
    }

    /// A block was watched. `loud` says whether the output was past the bound in it.
    pub(super) fn seen(&mut self, loud: bool) {
        self.left = self.left.saturating_sub(1);
        self.found = self.search.found.filter(|_| loud);
    }

    /// Whether nothing more is to be looked for.
    pub(super) fn is_over(&self) -> bool {
        self.found.is_some() || self.left == 0
    }

    /// The fault, by the name of the module that was found; of the output if there was none.
    pub(super) fn fault(&self) -> Fault {
        Fault { culprit: self.found.map_or(self.fault.culprit, Culprit::Chain), ..self.fault }
    }
}

//! Which cables of a patch go where.

use std::collections::BTreeMap;

use crate::model::patch::{CableTarget, ControlId, Patch};

/// The cables of one patch by what they go to.
#[derive(Debug)]
pub(super) struct Targets<'a> {
    patch: &'a Patch,
    /// The instrument whose patch it is; `None` for the top level.
    instrument: Option<usize>,
    /// For each module of the patch, the cables to its inputs and parameters. They are few, and asked for many times.
    modules: Vec<Vec<usize>>,
    /// All others.
    others: BTreeMap<CableTarget, Vec<usize>>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(patch: &'a Patch, instrument: Option<usize>) -> Self {
        let modules = vec![Vec::new(); patch.modules.len()];
        let mut targets = Self { patch, instrument, modules, others: BTreeMap::new() };
        for (index, cable) in patch.cables.iter().enumerate().filter(|(_, cable)| !cable.muted) {
            match targets.module(cable.to) {
                Some(module) => targets.modules[module].push(index),
                None => targets.others.entry(cable.to).or_default().push(index),
            }
        }
        targets
    }

    /// The module of this patch that `target` belongs to.
    fn module(&self, target: CableTarget) -> Option<usize> {
        match target {
            CableTarget::Input { module, .. } => Some(module),
            CableTarget::Control(ControlId::Param { instrument, module, .. })
                if instrument == self.instrument =>
            {
                Some(module)
            }
            _ => None,
        }
    }

    /// The cables that go to `target`, in song order.
    pub(super) fn cables(&self, target: CableTarget) -> Vec<usize> {
        match self.module(target) {
            Some(module) => {
                let cables = self.modules[module].iter().copied();
                cables.filter(|&cable| self.patch.cables[cable].to == target).collect()
            }
            None => self.others.get(&target).cloned().unwrap_or_default(),
        }
    }
}

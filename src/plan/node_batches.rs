//! Which modules of the top level share lanes: equal ones that don't hear each other, in the order of the song.

use std::collections::BTreeMap;

use crate::modules::kernel::Kernel;
use crate::plan::shape::{Op, Shape, Slot, TermSource};
use crate::plan::voice_batches::WIDEST;

/// What is done next: one operation, or several equal kernels side by side, by their places in [`Shape::ops`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BatchTurn {
    One(usize),
    NodeBatch(Vec<usize>),
}

/// The operations of a shape in an order in which equal kernels stand together. Apart from that they stay where the
/// song has them.
pub(super) fn turns(shape: &Shape) -> Vec<BatchTurn> {
    let before = Dependencies::new(shape);
    let groups = groups(shape, &before.depth);
    let mut group_of = vec![None; shape.ops.len()];
    for (index, group) in groups.iter().enumerate() {
        group.iter().for_each(|&op| group_of[op] = Some(index));
    }
    let mut done = vec![false; shape.ops.len()];
    let mut turns = Vec::with_capacity(shape.ops.len());
    for first in 0..shape.ops.len() {
        // What an operation needs comes before it. Depths fall on the way, so this ends.
        let mut wanted = vec![first];
        while let Some(&op) = wanted.last() {
            if done[op] {
                wanted.pop();
                continue;
            }
            let together = group_of[op].map_or(std::slice::from_ref(&op), |group| groups[group].as_slice());
            let missing: Vec<usize> = together
                .iter()
                .flat_map(|&member| before.needs[member].iter().copied())
                .filter(|&need| !done[need])
                .collect();
            if !missing.is_empty() {
                wanted.extend(missing);
                continue;
            }
            together.iter().for_each(|&member| done[member] = true);
            turns.push(if together.len() > 1 {
                BatchTurn::NodeBatch(together.to_vec())
            } else {
                BatchTurn::One(op)
            });
        }
    }
    turns
}

/// What kernels must have in common to share lanes.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct BatchKey<'a> {
    depth: usize,
    kind: &'a str,
    settings: Vec<u32>,
    clip: Option<[u8; 32]>,
    pays: usize,
    guard: (bool, u32),
}

/// Equal kernels, eight together at most, where that pays.
fn groups(shape: &Shape, depth: &[usize]) -> Vec<Vec<usize>> {
    let mut equals: BTreeMap<BatchKey<'_>, Vec<usize>> = BTreeMap::new();
    for (place, op) in shape.ops.iter().enumerate() {
        let Op::Kernel(kernel) = op else { continue };
        let Kernel::Lanes { pays, .. } = kernel.spec.kernel else { continue };
        let settings = kernel.settings.iter().map(|setting| setting.to_bits()).collect();
        let clip = kernel.clip.as_ref().map(|clip| *clip.name.as_bytes());
        let guard = (kernel.guard.looped, kernel.guard.bound.to_bits());
        let likeness = BatchKey { depth: depth[place], kind: kernel.spec.kind, settings, clip, pays, guard };
        equals.entry(likeness).or_default().push(place);
    }
    let mut groups = Vec::new();
    for (likeness, members) in equals.into_iter().filter(|(likeness, _)| likeness.pays > 0) {
        let enough = members.chunks(WIDEST).filter(|members| members.len() >= likeness.pays);
        groups.extend(enough.map(<[usize]>::to_vec));
    }
    groups
}

/// What must have been done before each operation.
struct Dependencies {
    needs: Vec<Vec<usize>>,
    /// How many operations stand after one another before it.
    depth: Vec<usize>,
}

/// Who has touched a slot so far.
#[derive(Clone, Default)]
struct SlotAccess {
    written: Option<usize>,
    read: Vec<usize>,
}

impl Dependencies {
    fn new(shape: &Shape) -> Self {
        let mut slots = vec![SlotAccess::default(); shape.roles.len()];
        let mut before = Self { needs: Vec::new(), depth: Vec::new() };
        // Voices read and write what isn't seen here: nothing passes them.
        let mut fence = None;
        let mut outputs: BTreeMap<usize, usize> = BTreeMap::new();
        for (place, op) in shape.ops.iter().enumerate() {
            let mut needs: Vec<usize> = fence.into_iter().collect();
            match op {
                Op::Output { instrument, .. } => drop(outputs.insert(*instrument, place)),
                Op::Sum { terms, .. } => needs.extend(terms.iter().filter_map(|term| match term.from {
                    TermSource::Instrument { instrument, .. } => outputs.get(&instrument),
                    TermSource::Slot(_) => None,
                })),
                _ => {}
            }
            if let Op::Voices { .. } = op {
                needs = (fence.unwrap_or(0)..place).collect();
                fence = Some(place);
            } else {
                let (reads, writes) = touches(op);
                for &slot in &reads {
                    needs.extend(slots[slot].written);
                }
                for &slot in &writes {
                    needs.extend(slots[slot].written);
                    needs.append(&mut slots[slot].read);
                    slots[slot].written = Some(place);
                }
                reads.into_iter().for_each(|slot| slots[slot].read.push(place));
            }
            needs.sort_unstable();
            needs.dedup();
            needs.retain(|&need| need != place);
            let deepest = needs.iter().map(|&need| before.depth[need]).max();
            // An output does nothing itself.
            let step = usize::from(!matches!(op, Op::Output { .. }));
            before.depth.push(deepest.map_or(0, |deepest| deepest + step));
            before.needs.push(needs);
        }
        before
    }
}

/// The slots that an operation reads and those that it writes.
fn touches(op: &Op) -> (Vec<Slot>, Vec<Slot>) {
    match op {
        Op::Kernel(kernel) => (kernel.ins.clone(), kernel.outs.clone()),
        Op::Sum { terms, out } => {
            let mut reads = Vec::new();
            for term in terms {
                if let TermSource::Slot(slot) = term.from {
                    reads.push(slot);
                }
                reads.extend(&term.factors);
            }
            (reads, vec![*out])
        }
        Op::Move { base, terms, out, .. } => {
            let moving = terms.iter().flat_map(|term| [term.from, term.depth]);
            ([*base].into_iter().chain(moving).collect(), vec![*out])
        }
        Op::Pan { pan, left, right, .. } => (vec![*pan], vec![*left, *right]),
        Op::Latch { from, to } => (vec![*from], vec![*to]),
        Op::Pad { from, out, .. } => (vec![*from], vec![*out]),
        Op::Fade { slot, by } => (vec![*slot, *by], vec![*slot]),
        Op::Voices { .. } => (Vec::new(), Vec::new()),
        Op::Output { factors, .. } => (factors.clone(), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::{BatchTurn, turns};
    use crate::modules::find;
    use crate::plan::shape::{KernelOp, Op, Role, Shape};

    /// A shape of kernels of `kind`, each with one input and one output.
    fn shape(kind: &str, wires: &[(usize, usize)]) -> Shape {
        let mut shape = Shape::default();
        for _ in 0..20 {
            shape.slot(Role::Computed, 0.0);
        }
        for &(from, to) in wires {
            shape.ops.push(Op::Kernel(KernelOp {
                module: 0,
                spec: find(kind).unwrap(),
                channel: 0,
                guard: crate::plan::guards::ModuleGuard { looped: false, bound: 1.0 },
                settings: Vec::new(),
                clip: None,
                ins: vec![from],
                outs: vec![to],
            }));
        }
        shape
    }

    #[test]
    fn what_hears_each_other_is_not_packed() {
        let chain = shape("ladder", &[(0, 1), (1, 2), (2, 3)]);
        assert_eq!(turns(&chain), [BatchTurn::One(0), BatchTurn::One(1), BatchTurn::One(2)]);
    }

    #[test]
    fn equals_are_packed_and_wait_for_what_they_need() {
        // Two chains of two: the first of each together, then the second of each.
        let pair = shape("ladder", &[(0, 1), (1, 2), (10, 11), (11, 12)]);
        assert_eq!(turns(&pair), [BatchTurn::NodeBatch(vec![0, 2]), BatchTurn::NodeBatch(vec![1, 3])]);
        // Where lanes don't pay, everything stays.
        let pair = shape("limiter", &[(0, 1), (1, 2), (10, 11), (11, 12)]);
        assert_eq!(turns(&pair).len(), 4);
    }

    #[test]
    fn a_late_reader_stays_before_the_writer() {
        // The latch keeps what the last block left in slot 2, which the second kernel writes anew.
        let mut late = shape("ladder", &[(0, 1), (3, 2)]);
        late.ops.insert(0, Op::Latch { from: 2, to: 3 });
        assert_eq!(turns(&late)[0], BatchTurn::One(0));
        let mut crossed = shape("ladder", &[(0, 1), (5, 2)]);
        crossed.ops.insert(1, Op::Latch { from: 2, to: 4 });
        crossed.ops.insert(2, Op::Fade { slot: 1, by: 6 });
        let places: Vec<BatchTurn> = turns(&crossed);
        let at = |turn: &BatchTurn| places.iter().position(|t| t == turn).unwrap();
        assert!(
            at(&BatchTurn::One(1)) < at(&BatchTurn::One(3))
                && at(&BatchTurn::One(0)) < at(&BatchTurn::One(2))
        );
    }
}

//! Rows in which what is the same keeps its order: what lies between.

use std::hash::Hash;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A stretch of two rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
    /// Both say the same, place by place.
    pub(super) same: bool,
}

/// Two rows as stretches that are the same and others, in order.
pub(super) fn runs<T: Hash + Eq + Ord>(old: &[T], new: &[T]) -> Vec<Run> {
    let mut all = Vec::new();
    let (mut one, mut two) = (0, 0);
    let gap = |all: &mut Vec<Run>, old: Range<usize>, new: Range<usize>| {
        if !(old.is_empty() && new.is_empty()) {
            all.push(Run { old, new, same: false });
        }
    };
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        // Only what is equal is taken from it: the places of what was inserted can be off where it was joined with others.
        let DiffOp::Equal { old_index, new_index, len } = op else { continue };
        if old_index < one || new_index < two {
            continue;
        }
        gap(&mut all, one..old_index, two..new_index);
        (one, two) = (old_index + len, new_index + len);
        all.push(Run { old: old_index..one, new: new_index..two, same: true });
    }
    gap(&mut all, one..old.len(), two..new.len());
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::runs;

    proptest! {
        #[test]
        fn runs_are_the_rows(old in "[a-d]{0,12}", new in "[a-d]{0,12}") {
            let (old, new) = (old.as_bytes(), new.as_bytes());
            let (mut one, mut two) = (0, 0);
            for run in runs(old, new) {
                prop_assert_eq!((run.old.start, run.new.start), (one, two));
                prop_assert_eq!(run.same, old[run.old.clone()] == new[run.new.clone()]);
                (one, two) = (run.old.end, run.new.end);
            }
            prop_assert_eq!((one, two), (old.len(), new.len()));
        }
    }
}

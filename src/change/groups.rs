//! Changes that can't be made alone: a module and the route to it. They are tried together with what they need.

use std::collections::BTreeSet;

use crate::change::effect::{Bisector, FingerprintKey, TrialDirection};
use crate::change::pairs::ChangeId;

/// What change `number`, which can't be made or taken back alone, alters together with what it needs; `None` if that
/// would take too long to find out.
pub(super) fn effect(bisector: &mut Bisector<'_, '_>, number: ChangeId) -> Option<BTreeSet<FingerprintKey>> {
    for way in [TrialDirection::There, TrialDirection::Back] {
        if bisector.is_song(way, &[number]) {
            continue;
        }
        let group = needed(bisector, way, number)?;
        if let Some(ears) = bisector.effect(way, &group).filter(|ears| !ears.is_empty()) {
            return Some(ears);
        }
    }
    Some(BTreeSet::new())
}

/// The fewest changes, `number` among them, that can be made together.
fn needed(bisector: &mut Bisector<'_, '_>, way: TrialDirection, number: ChangeId) -> Option<Vec<ChangeId>> {
    let changes = &bisector.between.changes;
    let names = &changes[number].names;
    let near = |other: &ChangeId| {
        let theirs = &changes[*other].names;
        *other != number && theirs.iter().any(|name| names.contains(name))
    };
    let close: Vec<ChangeId> = (0..changes.len()).filter(near).collect();
    let all: Vec<ChangeId> = (0..changes.len()).filter(|other| *other != number).collect();
    let mut rest = None;
    for others in [close, all] {
        if bisector.is_song(way, &with(number, &others)) {
            rest = Some(others);
            break;
        }
    }
    let mut rest = rest?;
    // Halves first, then smaller parts: most of what is there isn't needed.
    let mut size = rest.len().div_ceil(2);
    while size > 0 && !rest.is_empty() {
        let mut at = 0;
        while at < rest.len() {
            if bisector.is_over() {
                return None;
            }
            let end = (at + size).min(rest.len());
            let fewer: Vec<ChangeId> = rest[..at].iter().chain(&rest[end..]).copied().collect();
            if bisector.is_song(way, &with(number, &fewer)) {
                rest = fewer;
            } else {
                at = end;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    Some(with(number, &rest))
}

fn with(number: ChangeId, others: &[ChangeId]) -> Vec<ChangeId> {
    let mut all = others.to_vec();
    all.push(number);
    all.sort_unstable();
    all
}

//! Changes that can't be made alone: a module and the route to it. They are tried together with what they need.

use std::collections::BTreeSet;

use crate::change::effect::{Ear, Lab, Way};
use crate::change::pairs::Number;

/// What change `number`, which can't be made or taken back alone, alters together with what it needs; `None` if that
/// would take too long to find out.
pub(super) fn effect(lab: &mut Lab<'_, '_>, number: Number) -> Option<BTreeSet<Ear>> {
    for way in [Way::There, Way::Back] {
        if lab.is_song(way, &[number]) {
            continue;
        }
        let group = needed(lab, way, number)?;
        if let Some(ears) = lab.effect(way, &group).filter(|ears| !ears.is_empty()) {
            return Some(ears);
        }
    }
    Some(BTreeSet::new())
}

/// The fewest changes, `number` among them, that can be made together.
fn needed(lab: &mut Lab<'_, '_>, way: Way, number: Number) -> Option<Vec<Number>> {
    let changes = &lab.between.changes;
    let names = &changes[number].names;
    let near = |other: &Number| {
        let theirs = &changes[*other].names;
        *other != number && theirs.iter().any(|name| names.contains(name))
    };
    let close: Vec<Number> = (0..changes.len()).filter(near).collect();
    let all: Vec<Number> = (0..changes.len()).filter(|other| *other != number).collect();
    let mut rest = None;
    for others in [close, all] {
        if lab.is_song(way, &with(number, &others)) {
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
            if lab.is_over() {
                return None;
            }
            let end = (at + size).min(rest.len());
            let fewer: Vec<Number> = rest[..at].iter().chain(&rest[end..]).copied().collect();
            if lab.is_song(way, &with(number, &fewer)) {
                rest = fewer;
            } else {
                at = end;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    Some(with(number, &rest))
}

fn with(number: Number, others: &[Number]) -> Vec<Number> {
    let mut all = others.to_vec();
    all.push(number);
    all.sort_unstable();
    all
}

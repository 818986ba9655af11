//! Changes that can't be made alone: a module and the route to it. They are tried together with what they need.

use std::collections::BTreeSet;

use crate::change::effect::{Ear, Lab, Way};
use crate::change::pairs::Number;

/// What change `number`, which can't be made or taken back alone, alters together with what it needs.
pub(super) fn effect(lab: &mut Lab<'_, '_>, number: Number) -> BTreeSet<Ear> {
    for way in [Way::There, Way::Back] {
        if lab.is_song(way, &[number]) {
            continue;
        }
        if let Some(ears) = needed(lab, way, number).and_then(|group| lab.effect(way, &group))
            && !ears.is_empty()
        {
            return ears;
        }
    }
    BTreeSet::new()
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
        while at < rest.len() && !lab.is_over() {
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

/// Goes from the first song to the second change by change, and puts what is `left` down to those at which it turns.
pub(super) fn walk(lab: &mut Lab<'_, '_>, left: &BTreeSet<Ear>, found: &mut [BTreeSet<Ear>]) {
    let Some(mut before) = lab.prints(Way::There, &[]) else { return };
    let mut since = 0;
    for number in 0..found.len() {
        if lab.is_over() {
            return;
        }
        let which: Vec<Number> = (0..=number).collect();
        let Some(now) = lab.prints(Way::There, &which) else { continue };
        for ear in lab.differ(&before, &now).intersection(left) {
            for cause in &mut found[since..=number] {
                cause.insert(ear.clone());
            }
        }
        before = now;
        since = number + 1;
    }
}

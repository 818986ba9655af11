//! Statements of two texts side by side: which is which, what came, what went, what stands elsewhere.

use std::collections::BTreeMap;

use crate::change::naming::NamingScope;
use crate::change::statement::Statement;
use crate::change::statement_parts::{StatementPart, parts};
use crate::change::text_changes::{ChangeKind, ChangedThing, TextChange};

/// The number of a change.
pub(super) type ChangeId = usize;

/// A statement of the first song, of the second, or of both.
#[derive(Clone, Debug)]
pub(super) struct StatementPair {
    pub(super) old: Option<Statement>,
    pub(super) new: Option<Statement>,
    /// That it came or went.
    pub(super) presence: Option<ChangeId>,
    /// That it stands elsewhere.
    pub(super) moved: Option<ChangeId>,
    /// That its first word is another.
    pub(super) kind: Option<ChangeId>,
    /// Its arguments and properties, where both have it.
    pub(super) parts: Vec<StatementPart>,
    /// What is in its block, where both have it.
    pub(super) block: StatementList,
}

/// Statements in a row.
#[derive(Clone, Debug, Default)]
pub(super) struct StatementList {
    pub(super) pairs: Vec<StatementPair>,
    /// Places in `pairs`, in the order of the first song.
    pub(super) old: Vec<usize>,
    /// Places in `pairs`, in the order of the second song.
    pub(super) new: Vec<usize>,
}

/// Puts the statements of two texts side by side. What is otherwise goes into `changes`.
pub(super) fn pair(
    old: &[Statement],
    new: &[Statement],
    scope: &NamingScope,
    changes: &mut Vec<TextChange>,
) -> StatementList {
    let partner = partners(old, new);
    let mut list = StatementList::default();
    let mut taken = vec![None; new.len()];
    for (place, one) in old.iter().enumerate() {
        list.old.push(list.pairs.len());
        if let Some(other) = partner[place] {
            taken[other] = Some(list.pairs.len());
        }
        list.pairs.push(side_by_side(one, partner[place].map(|other| &new[other]), scope, changes));
    }
    for (other, taken) in new.iter().zip(&taken) {
        list.new.push(taken.unwrap_or(list.pairs.len()));
        if taken.is_none() {
            let change = whole(other, ChangeKind::Added, scope);
            list.pairs.push(alone(None, Some(other), Some(note(changes, change))));
        }
    }
    let kept: Vec<usize> = taken.into_iter().flatten().collect();
    let stay = longest_rise(&kept);
    for &place in &kept {
        let pair = &mut list.pairs[place];
        if let (Err(_), Some(one), Some(other)) = (stay.binary_search(&place), &pair.old, &pair.new) {
            let change = TextChange { new: Some(other.span), ..whole(one, ChangeKind::Moved, scope) };
            pair.moved = Some(note(changes, change));
        }
    }
    list
}

/// Takes a change in.
pub(super) fn note(changes: &mut Vec<TextChange>, change: TextChange) -> ChangeId {
    changes.push(change);
    changes.len() - 1
}

fn alone(old: Option<&Statement>, new: Option<&Statement>, presence: Option<ChangeId>) -> StatementPair {
    StatementPair {
        old: old.cloned(),
        new: new.cloned(),
        presence,
        moved: None,
        kind: None,
        parts: Vec::new(),
        block: StatementList::default(),
    }
}

/// That a statement as a whole came, went or was moved.
fn whole(statement: &Statement, kind: ChangeKind, scope: &NamingScope) -> TextChange {
    let written = || Some(format!("{} {}", statement.kind, statement.words()));
    TextChange {
        kind,
        thing: ChangedThing::Statement,
        path: scope.name(statement),
        before: if kind == ChangeKind::Added { None } else { written() },
        after: if kind == ChangeKind::Removed { None } else { written() },
        old: (kind != ChangeKind::Added).then_some(statement.span),
        new: (kind == ChangeKind::Added).then_some(statement.span),
        names: scope.names(statement),
    }
}

fn side_by_side(
    old: &Statement,
    new: Option<&Statement>,
    scope: &NamingScope,
    changes: &mut Vec<TextChange>,
) -> StatementPair {
    let Some(new) = new else {
        let change = whole(old, ChangeKind::Removed, scope);
        return alone(Some(old), None, Some(note(changes, change)));
    };
    let mut pair = alone(Some(old), Some(new), None);
    if old.kind != new.kind {
        let change = TextChange {
            kind: ChangeKind::Altered,
            thing: ChangedThing::Value,
            path: scope.name(old),
            before: Some(old.kind.clone()),
            after: Some(new.kind.clone()),
            old: Some(old.kind_span),
            new: Some(new.kind_span),
            names: scope.names(old),
        };
        pair.kind = Some(note(changes, change));
    }
    pair.parts = parts(old, new, scope, changes);
    let block = |statement: &Statement| statement.block.is_some();
    if block(old) || block(new) {
        let inner = |statement: &Statement| statement.block.clone().unwrap_or_default();
        pair.block = self::pair(&inner(old), &inner(new), &scope.inside([old, new]), changes);
    }
    pair
}

/// For each statement of `old` which of `new` it is: by key, those first that say the same; then by looser keys.
fn partners(old: &[Statement], new: &[Statement]) -> Vec<Option<usize>> {
    let mut partner = vec![None; old.len()];
    let mut free = vec![true; new.len()];
    let keys = |all: &[Statement]| all.iter().map(|one| Some(one.key())).collect::<Vec<_>>();
    let loose = |all: &[Statement]| all.iter().map(Statement::loose_key).collect::<Vec<_>>();
    let (by_key, by_ends) = ((keys(old), keys(new)), (loose(old), loose(new)));
    for (olds, news, equal) in
        [(&by_key.0, &by_key.1, true), (&by_key.0, &by_key.1, false), (&by_ends.0, &by_ends.1, false)]
    {
        let mut waiting: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, key) in news.iter().enumerate().rev().filter(|(place, _)| free[*place]) {
            if let Some(key) = key {
                waiting.entry(key).or_default().push(place);
            }
        }
        for (place, key) in olds.iter().enumerate() {
            let Some(found) = key.as_ref().filter(|_| partner[place].is_none()) else { continue };
            let Some(places) = waiting.get_mut(found.as_str()) else { continue };
            let fits = |other: &usize| !equal || old[place].same(&new[*other]);
            if let Some(at) = places.iter().rposition(fits) {
                let other = places.remove(at);
                partner[place] = Some(other);
                free[other] = false;
            }
        }
    }
    partner
}

/// The longest run of `places` that rises, sorted.
fn longest_rise(places: &[usize]) -> Vec<usize> {
    // Patience: for each length the run of it that ends lowest, by the place of its last.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(places.len());
    for (at, place) in places.iter().enumerate() {
        let length = ends.partition_point(|&end| places[end] < *place);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(place) = at {
        run.push(places[place]);
        at = before[place];
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::longest_rise;

    #[test]
    fn the_fewest_are_moved() {
        assert_eq!(longest_rise(&[0, 3, 1, 2, 4]), [0, 1, 2, 4]);
        assert_eq!(longest_rise(&[2, 1, 0]).len(), 1);
        assert!(longest_rise(&[]).is_empty());
    }
}

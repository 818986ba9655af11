//! A text between two songs: the first one's with some of the changes, written out anew.

use std::fmt::Write;

use crate::change::pairs::{List, Number, Pair};
use crate::change::parts::{Edit, Part, Places};
use crate::change::statement::Statement;

/// Which changes are made.
pub(super) type Made<'a> = &'a dyn Fn(Number) -> bool;

/// The text of `list` with the changes that are `made`.
pub(super) fn text(list: &List, made: Made<'_>) -> String {
    let mut out = String::new();
    statements(list, made, &mut out);
    out
}

fn statements(list: &List, made: Made<'_>, out: &mut String) {
    for place in order(list, made) {
        pair(&list.pairs[place], made, out);
    }
}

/// The pairs that are there, in their order: the first song's, and what came or was moved behind what it stands behind in
/// the second.
fn order(list: &List, made: Made<'_>) -> Vec<usize> {
    let on = |number: Option<Number>| number.is_some_and(made);
    let pairs = &list.pairs;
    let stands = |place: usize| match (&pairs[place].old, &pairs[place].new) {
        (Some(_), None) => !on(pairs[place].presence),
        (None, _) => false,
        _ => !on(pairs[place].moved),
    };
    let comes = |place: usize| match pairs[place].old {
        None => on(pairs[place].presence),
        Some(_) => on(pairs[place].moved),
    };
    // What follows each; the row begins behind the last place.
    let start = pairs.len();
    let mut next = vec![usize::MAX; start + 1];
    let mut last = start;
    for &place in list.old.iter().filter(|place| stands(**place)) {
        next[last] = place;
        last = place;
    }
    let mut before = start;
    for &place in &list.new {
        if comes(place) {
            next[place] = next[before];
            next[before] = place;
            before = place;
        } else if stands(place) {
            before = place;
        }
    }
    let mut all = Vec::new();
    let mut at = next[start];
    while at != usize::MAX && all.len() <= start {
        all.push(at);
        at = next[at];
    }
    all
}

fn pair(pair: &Pair, made: Made<'_>, out: &mut String) {
    let (Some(old), Some(new)) = (&pair.old, &pair.new) else {
        if let Some(one) = pair.old.as_ref().or(pair.new.as_ref()) {
            statement(one, out);
        }
        return;
    };
    let kind = if pair.kind.is_some_and(made) { &new.kind } else { &old.kind };
    out.push_str(kind);
    pair.parts.iter().for_each(|one| part(one, made, out));
    if !pair.block.pairs.is_empty() {
        out.push_str(" {\n");
        statements(&pair.block, made, out);
        out.push('}');
    }
    out.push('\n');
}

fn part(part: &Part, made: Made<'_>, out: &mut String) {
    let written = match &part.edit {
        Edit::Whole(number) if made(*number) => &part.new,
        Edit::Same | Edit::Whole(_) => &part.old,
        Edit::Places(places) => {
            out.push(' ');
            lane(places, made, out);
            return;
        }
    };
    if let Some(written) = written {
        out.push(' ');
        out.push_str(written);
    }
}

fn lane(places: &Places, made: Made<'_>, out: &mut String) {
    let mut text = String::new();
    let mut at = 0;
    for (hunk, number) in places.hunks.iter().filter(|(_, number)| made(*number)) {
        debug_assert!(hunk.old.start >= at, "change {number} goes back");
        text.push_str(places.old.get(at..hunk.old.start).unwrap_or_default());
        let point = hunk.old.is_empty();
        text.push_str(if point { " " } else { "" });
        text.push_str(&places.new[hunk.new.clone()]);
        text.push_str(if point { " " } else { "" });
        at = hunk.old.end;
    }
    text.push_str(places.old.get(at..).unwrap_or_default());
    out.push_str(&places.before);
    quote(&text, out);
}

/// A whole statement as it is written, without comments.
fn statement(one: &Statement, out: &mut String) {
    out.push_str(&one.kind);
    for word in &one.args {
        out.push(' ');
        out.push_str(&word.raw);
    }
    for prop in &one.props {
        let _ = write!(out, " {}={}", prop.name, prop.value.raw);
    }
    if let Some(block) = &one.block {
        out.push_str(" {\n");
        block.iter().for_each(|inner| statement(inner, out));
        out.push('}');
    }
    out.push('\n');
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ => out.push(c),
        }
    }
    out.push('"');
}

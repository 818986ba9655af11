//! A text between two songs: the first one's with some of the changes, written out anew.

use std::fmt::Write;

use crate::change::pairs::{ChangeId, StatementList, StatementPair};
use crate::change::statement::Statement;
use crate::change::statement_parts::{LaneEdit, PartEdit, StatementPart};

/// Which changes are made.
pub(super) type MergedSong<'a> = &'a dyn Fn(ChangeId) -> bool;

/// The text of `list` with the changes that are `made`.
pub(super) fn text(list: &StatementList, made: MergedSong<'_>) -> String {
    let mut out = String::new();
    statements(list, made, &mut out);
    out
}

fn statements(list: &StatementList, made: MergedSong<'_>, out: &mut String) {
    for place in order(list, made) {
        pair(&list.pairs[place], made, out);
    }
}

/// The pairs that are there, in their order: the first song's, and what came or was moved after what it stands after in
/// the second.
fn order(list: &StatementList, made: MergedSong<'_>) -> Vec<usize> {
    let on = |number: Option<ChangeId>| number.is_some_and(made);
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
    // What follows each; the row begins after the last place.
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

fn pair(pair: &StatementPair, made: MergedSong<'_>, out: &mut String) {
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

fn part(part: &StatementPart, made: MergedSong<'_>, out: &mut String) {
    let written = match &part.edit {
        PartEdit::Whole(number) if made(*number) => &part.new,
        PartEdit::Same | PartEdit::Whole(_) => &part.old,
        PartEdit::Places(places) => {
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

fn lane(places: &LaneEdit, made: MergedSong<'_>, out: &mut String) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::text;
    use crate::change::naming::NamingScope;
    use crate::change::pairs::{StatementList, pair};
    use crate::change::statement::Statement;
    use crate::change::text_changes::TextChange;
    use crate::diagnostic::span::SourceId;

    fn between(old: &str, new: &str) -> (StatementList, Vec<TextChange>) {
        let [old, new] = [old, new].map(|text| Statement::all(SourceId(0), text));
        let mut changes = Vec::new();
        let list = pair(&old, &new, &NamingScope::top([&old, &new]), &mut changes);
        (list, changes)
    }

    /// A song's lines, most of them about the same few names.
    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "track [ab] \"[Xxg.]{1,9}\" \"[Xxg._ ]{1,6}x\"( chance=0\\.[1-9])?",
            "track [ab] \"\\{[2-4] [Xxg.]{1,4}\\}[Xx.](\\*3|\\?50|~x|\\(3,8\\))?\"( notes=\"[a-c]1 [a-c]2( [a-c]3)?\")?",
            "(saw|square|lowpass) [cd]( tune=[1-3])?( octave=[1-2])?",
            "route [ab](-> [cd] )? -> out( gain=0\\.[1-3])?( id=[e-f])?",
            "arrange( [st](\\*2)?){1,5}",
            "automate [ab]\\.gain to=[1-3]( bars=\"[1-2]\")?",
            "use \"std/kit\" (kick|hat|snare|kick hat|hat kick|snare hat|hat kick snare|snare hat kick)",
            "section [st] bars=[1-3] \\{\n track [ab] \"[Xx.]{4}\"\n automate tempo to=1[0-3]0\n\\}",
            "instrument [ab]( gain=0\\.[1-3])? \\{\n saw osc( tune=[1-2])?\n route osc -> out( pan=0\\.[1-2])?\n\\}",
        ];
        // Names that are taken twice are an error, and which of them moved can't be told.
        let once = |lines: Vec<String>| {
            let mut used = false;
            let kept = lines.into_iter().filter(|line| {
                let uses = line.starts_with("use");
                let again = uses && used;
                used |= uses;
                !again
            });
            kept.collect::<Vec<_>>().join("\n")
        };
        proptest::collection::vec(line, 0..7).prop_map(once)
    }

    proptest! {
        #[test]
        fn all_changes_make_the_other_text(old in lines(), new in lines()) {
            let (list, changes) = between(&old, &new);
            let (_, none) = between(&text(&list, &|_| false), &old);
            prop_assert!(none.is_empty(), "{none:#?}");
            let (_, rest) = between(&text(&list, &|_| true), &new);
            prop_assert!(rest.is_empty(), "{}\n{rest:#?}", text(&list, &|_| true));
            let same = between(&old, &new).1;
            prop_assert_eq!(changes, same);
            prop_assert!(between(&new, &new).1.is_empty());
        }

        #[test]
        fn no_pair_of_texts_panics(old in "\\PC{0,60}", new in "\\PC{0,60}", like in lines(), seed in any::<u64>()) {
            for (old, new) in [(&old, &new), (&old, &like), (&like, &new)] {
                let (list, changes) = between(old, new);
                changes.iter().for_each(|change| assert!(!change.sentence().is_empty()));
                text(&list, &|number| (seed >> (number % 64)) & 1 == 1);
            }
        }
    }
}

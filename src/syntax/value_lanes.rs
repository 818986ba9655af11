//! Lanes of values: `notes`, `vel`, `nudge`, locks. Repetitions stay as they are written, so that a text takes no more
//! room than its length.

use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::{text, tracks};
use crate::diagnostic::quote::quoted;
use crate::syntax::lane::{LONGEST_LANE, LaneCursor};
use crate::syntax::lane_slips;
use crate::syntax::reader::DEEPEST;
use crate::syntax::signs;
use crate::syntax::tree::Value;
use crate::units::number;

/// A lane that loops on its own.
pub type WrittenLane<T> = Vec<WrittenItem<T>>;

/// One place in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenItem<T> {
    /// The same each time round.
    One(T),
    /// The next of these each time round.
    Turns(Vec<T>),
    /// These, so many times in a row; at least one, at least once.
    Repeat(usize, Vec<WrittenItem<T>>),
}

/// How much room `items` take once they are written out, held at the greatest that fits; `weigh` says it of one value.
pub fn size<T>(items: &[WrittenItem<T>], weigh: &impl Fn(&T) -> u64) -> u64 {
    let of = |item: &WrittenItem<T>| match item {
        WrittenItem::One(value) => weigh(value),
        WrittenItem::Turns(all) => all.iter().map(weigh).fold(0, u64::saturating_add),
        WrittenItem::Repeat(count, inner) => size(inner, weigh).saturating_mul(*count as u64),
    };
    items.iter().map(of).fold(0, u64::saturating_add)
}

/// Every value as it is written, alternatives too, each once.
pub fn each<'l, T>(items: &'l [WrittenItem<T>], take: &mut dyn FnMut(&'l T)) {
    for item in items {
        match item {
            WrittenItem::One(value) => take(value),
            WrittenItem::Turns(all) => all.iter().for_each(&mut *take),
            WrittenItem::Repeat(_, inner) => each(inner, take),
        }
    }
}

/// Reads a `vel` lane: digits 0 to 9, as shares of 1.
pub fn velocities(value: &Value<'_>, bag: &mut Bag) -> Option<WrittenLane<f64>> {
    let mut cursor = LaneCursor::new(value, bag)?;
    read_lane(&mut cursor, "vel", &|_| 1, |cursor| {
        let at = cursor.run(|c| !c.is_whitespace() && !matches!(c, '<' | '>' | '{' | '}'));
        if commas(cursor, &at) {
            return None;
        }
        let word = &cursor.text[at.clone()];
        if let Some(digit) = word.parse::<u8>().ok().filter(|_| word.len() == 1) {
            return Some(f64::from(digit) / 9.0);
        }
        let meant = lane_slips::velocity(word, cursor.text);
        let (write, more) =
            meant.unwrap_or(("5".to_owned(), ", or another digit from 0 (silent) to 9 (full)"));
        let fault = cursor
            .fault(&tracks::BAD_LANE, at.clone(), format!("{} isn't a velocity", quoted(word)))
            .label("not one digit")
            .suggest(cursor.edit(at, &write), |write| format!("write {write}{more}"));
        cursor.report(fault);
        None
    })
}

/// The lane of one value that is meant by `number` in place of a `vel` lane, if it is a velocity of another program.
pub fn meant_velocity(number: &str) -> Option<String> {
    lane_slips::velocity(number, number).map(|(digits, _)| digits)
}

/// Reads a `nudge` lane: percent of a step, 0 to 100, as shares of a step.
pub fn nudges(value: &Value<'_>, bag: &mut Bag) -> Option<WrittenLane<f64>> {
    let mut cursor = LaneCursor::new(value, bag)?;
    read_lane(&mut cursor, "nudge", &|_| 1, |cursor| {
        let at = cursor.run(|c| !c.is_whitespace() && !matches!(c, '<' | '>' | '{' | '}'));
        if commas(cursor, &at) {
            return None;
        }
        let word = &cursor.text[at.clone()];
        let percent = number::leading(word).filter(|(_, rest)| rest.is_empty() || *rest == "%");
        if let Some((percent, _)) = percent.filter(|(percent, _)| (0.0..=100.0).contains(percent)) {
            return Some(percent / 100.0);
        }
        let near = number::leading(word).map_or(0.0, |(percent, _)| percent.clamp(0.0, 100.0));
        let fault = cursor
            .fault(&tracks::BAD_LANE, at.clone(), format!("{} isn't a nudge", quoted(word)))
            .label("not a percentage of a step")
            .suggest(cursor.edit(at, &number::short_number(near)), |write| {
                format!("write {write}: 0 to 100 says how many percent of a step the hit comes late")
            });
        cursor.report(fault);
        None
    })
}

/// Reports commas among the values at `at`; false where there are none.
fn commas(cursor: &mut LaneCursor<'_>, at: &std::ops::Range<usize>) -> bool {
    let word = &cursor.text[at.clone()];
    let Some(values) = lane_slips::without_commas(word) else {
        return false;
    };
    let fault = cursor
        .fault(&tracks::BAD_LANE, at.clone(), format!("{} has a comma", quoted(word)))
        .label("spaces stand between values")
        .write(cursor.edit(at.clone(), &values));
    cursor.report(fault);
    true
}

/// Reads a lane of values whose units are known later: where each stands in the text, `None` for a rest.
pub fn words(
    value: &Value<'_>,
    name: &str,
    bag: &mut Bag,
) -> Option<WrittenLane<Option<std::ops::Range<usize>>>> {
    let mut cursor = LaneCursor::new(value, bag)?;
    read_lane(&mut cursor, name, &|_| 1, |cursor| {
        let at = cursor.run(|c| !c.is_whitespace() && !matches!(c, '<' | '>' | '{' | '}' | '[' | ']'));
        if commas(cursor, &at) {
            return None;
        }
        let rest = matches!(&cursor.text[at.clone()], "." | "-");
        Some((!rest).then_some(at))
    })
}

/// Reads items between blanks, `{n …}` and `<…>` to the end of the text. `weigh` says how much room a value takes. `None`
/// if anything was wrong or it is empty.
pub(super) fn read_lane<T: Clone>(
    cursor: &mut LaneCursor<'_>,
    name: &str,
    weigh: &impl Fn(&T) -> u64,
    mut one: impl FnMut(&mut LaneCursor<'_>) -> Option<T>,
) -> Option<WrittenLane<T>> {
    let items = read_items(cursor, name, weigh, &mut one);
    if items.is_empty() && cursor.clean() {
        let fault = cursor
            .fault(&tracks::BAD_LANE, 0..cursor.text.len(), format!("`{name}` is empty"))
            .label("nothing in it")
            .help(format!("write values with spaces between, or leave `{name}` out"));
        cursor.report(fault);
    }
    cursor.clean().then_some(items)
}

/// Says that a lane comes to too much, and goes to its end.
pub(super) fn too_many(cursor: &mut LaneCursor<'_>, at: std::ops::Range<usize>) {
    let fault = cursor
        .fault(
            &tracks::TOO_MANY_STEPS,
            at,
            "this comes to more than 65,536 steps, with its alternatives and the notes of its chords".into(),
        )
        .label("too many")
        .help("the limit for a lane is 65,536 after its repetitions are written out: repeat it fewer times");
    cursor.report(fault);
    cursor.give_up();
}

/// Says that brackets stand too deep; true if they do.
pub(super) fn too_deep(cursor: &mut LaneCursor<'_>, at: usize) -> bool {
    if cursor.open.len() < DEEPEST {
        return false;
    }
    let fault = cursor
        .fault(&text::TOO_DEEP, at..at + 1, format!("brackets stand more than {DEEPEST} deep in each other"))
        .label(format!("level {}", DEEPEST + 1))
        .help(format!("the limit is {DEEPEST} levels"));
    cursor.report(fault);
    cursor.give_up();
    true
}

/// Reads the count after `{`, 1 to the longest lane.
pub(super) fn repeat_count(cursor: &mut LaneCursor<'_>, open: usize) -> usize {
    cursor.blanks();
    let start = cursor.at;
    match cursor.number() {
        Some(count) if count > 0 => count as usize,
        count => {
            let end = if count.is_some() { cursor.at } else { open + 1 };
            let edit = match count {
                Some(_) => cursor.edit(start..end, "4"),
                None => cursor.edit(end..end, "4 "),
            };
            let fault = cursor
                .fault(
                    &tracks::BAD_STEP,
                    if count.is_some() { start..end } else { open..end },
                    "a repetition says first how many times".into(),
                )
                .label("how many times?")
                .mend([edit], "write `{4 …}` for four times");
            cursor.report(fault);
            1
        }
    }
}

/// Whether `c`, a closing bracket at the cursor, ends a bracket that is open. It need not be the innermost one, which then is
/// never closed; or it stands in the place of what closes the innermost one, if nothing else does.
pub(super) fn closes_one(cursor: &LaneCursor<'_>, c: char) -> bool {
    let Some(&close) = cursor.open.last() else { return false };
    // Looking ahead takes time, and more faults aren't told.
    cursor.open.contains(&c)
        || !cursor.enough() && !closed_later(&cursor.text[cursor.at + c.len_utf8()..], close)
}

/// Whether `text`, what follows inside a bracket, has the `close` that ends it.
fn closed_later(text: &str, close: char) -> bool {
    let mut depth = 0_usize;
    for c in text.chars() {
        if signs::opens(c) {
            depth += 1;
        } else if signs::closes(c) && depth > 0 {
            depth -= 1;
        } else if c == close {
            return true;
        }
    }
    false
}

/// Ends the bracket at `open`, whose closing one should stand at the cursor: what stands there otherwise ends another open
/// bracket, or is a wrong one in its place.
pub(super) fn end_bracket(cursor: &mut LaneCursor<'_>, open: usize, close: char) {
    if cursor.take(close) {
        return;
    }
    match cursor.peek() {
        Some(c) if !cursor.open.contains(&c) => {
            let start = cursor.at;
            cursor.bump();
            let at = start..cursor.at;
            let (wrong, opened) = (quoted(&cursor.text[at.clone()]), quoted(&cursor.text[open..=open]));
            let fault = cursor
                .fault(&tracks::BAD_STEP, at.clone(), format!("this {wrong} doesn't close {opened}"))
                .label("another bracket")
                .write(cursor.edit(at, &close.to_string()));
            cursor.report(fault);
        }
        _ => unclosed(cursor, open, close),
    }
}

/// Says that the bracket at `open` is never closed.
fn unclosed(cursor: &mut LaneCursor<'_>, open: usize, close: char) {
    let fault = cursor
        .fault(
            &tracks::BAD_STEP,
            open..open + 1,
            format!("this {} is never closed", quoted(&cursor.text[open..=open])),
        )
        .label("opened here")
        .suggest(cursor.edit(cursor.at..cursor.at, &close.to_string()), |write| {
            format!("write {write} where it ends")
        });
    cursor.report(fault);
}

/// Says that a closing bracket closes nothing, and skips it.
pub(super) fn stray_close(cursor: &mut LaneCursor<'_>) {
    let start = cursor.at;
    cursor.bump();
    let at = start..cursor.at;
    let fault = cursor
        .fault(
            &tracks::BAD_STEP,
            at.clone(),
            format!("this {} closes nothing", quoted(&cursor.text[at.clone()])),
        )
        .label("one too many")
        .mend([cursor.edit(at, "")], "take it out, or open the bracket before");
    cursor.report(fault);
}

fn read_items<T: Clone>(
    cursor: &mut LaneCursor<'_>,
    name: &str,
    weigh: &impl Fn(&T) -> u64,
    one: &mut impl FnMut(&mut LaneCursor<'_>) -> Option<T>,
) -> WrittenLane<T> {
    let mut items = Vec::new();
    let mut total = 0_u64;
    loop {
        cursor.blanks();
        let start = cursor.at;
        let Some(c) = cursor.peek() else {
            return items;
        };
        let before = items.len();
        match c {
            '>' | '}' if closes_one(cursor, c) => return items,
            '>' | '}' => stray_close(cursor),
            '<' | '{' => {
                if too_deep(cursor, start) {
                    return items;
                }
                cursor.bump();
                let count = if c == '{' { repeat_count(cursor, start) } else { 1 };
                let close = if c == '{' { '}' } else { '>' };
                cursor.open.push(close);
                let inner = read_items(cursor, name, weigh, one);
                cursor.open.pop();
                end_bracket(cursor, start, close);
                if inner.is_empty() && cursor.clean() {
                    let fault = cursor
                        .fault(
                            &tracks::BAD_LANE,
                            start..cursor.at,
                            "there is nothing in these brackets".into(),
                        )
                        .label("empty")
                        .mend([cursor.edit(start..cursor.at, "")], "take them out");
                    cursor.report(fault);
                }
                if c == '<' {
                    items.extend(turns(cursor, inner, start));
                } else if !inner.is_empty() {
                    items.push(WrittenItem::Repeat(count, inner));
                }
            }
            '[' | ']' => {
                cursor.bump();
                let fault = cursor
                    .fault(&tracks::BAD_LANE, start..start + 1, format!("`{name}` has no groups"))
                    .label("groups belong to the steps")
                    .mend([cursor.edit(start..start + 1, "")], "take the bracket out: values go one by one");
                cursor.report(fault);
            }
            _ => {
                if let Some(value) = one(cursor) {
                    items.push(WrittenItem::One(value));
                }
                if cursor.at == start {
                    // Whatever it is, it has been reported and must not be read for ever.
                    cursor.bump();
                }
            }
        }
        total = size(&items[before..], weigh).saturating_add(total);
        if total > LONGEST_LANE as u64 {
            too_many(cursor, start..cursor.at);
            return items;
        }
    }
}

/// The alternatives of `<…>`.
fn turns<T: Clone>(
    cursor: &mut LaneCursor<'_>,
    inner: WrittenLane<T>,
    start: usize,
) -> Option<WrittenItem<T>> {
    let mut all = Vec::new();
    for item in inner {
        match item {
            WrittenItem::One(value) => all.push(value),
            WrittenItem::Repeat(count, again) => {
                let WrittenItem::Turns(again) = turns(cursor, again, start)? else { continue };
                cursor.written_out = again.len().saturating_mul(count).saturating_add(cursor.written_out);
                if cursor.written_out > LONGEST_LANE {
                    too_many(cursor, start..cursor.at);
                    return None;
                }
                for _ in 0..count {
                    all.extend(again.iter().cloned());
                }
            }
            WrittenItem::Turns(_) => {
                let fault = cursor
                    .fault(
                        &tracks::BAD_LANE,
                        start..cursor.at,
                        "`<…>` can't stand inside `<…>` in a lane".into(),
                    )
                    .label("write the turns in one list");
                cursor.report(fault);
                return None;
            }
        }
    }
    (!all.is_empty()).then_some(WrittenItem::Turns(all))
}

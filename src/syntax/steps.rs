//! Steps as written, by signs (`X..x[xx].`) or as a melody (`a4 . c5 _`). Repetitions and rhythms stay as they are
//! written, so that a text takes no more room than its length.

use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::tracks;
use crate::diagnostic::quote::quoted;
use crate::syntax::lane::{LONGEST_LANE, LaneCursor};
use crate::syntax::pitches::{in_pitch, read_chord};
use crate::syntax::signs::{self, SignMeaning, Strength};
use crate::syntax::step::{Extent, StepContent, WrittenStep, last};
use crate::syntax::step_slips::{again, alone, group_in_parentheses, rhythm_of_nothing, unknown};
use crate::syntax::suffixes::{Suffixes, suffixes};
use crate::syntax::tree::Value;
use crate::syntax::value_lanes::{closes_one, end_bracket, repeat_count, stray_close, too_deep, too_many};

/// Reads steps by signs. `None` if anything is wrong with them.
pub fn read(value: &Value<'_>, bag: &mut Bag) -> Option<Vec<WrittenStep>> {
    all(&mut LaneCursor::new(value, bag)?, false)
}

/// Reads a melody: steps with their pitches. `None` if anything is wrong with it.
pub fn read_melody(value: &Value<'_>, bag: &mut Bag) -> Option<Vec<WrittenStep>> {
    all(&mut LaneCursor::new(value, bag)?, true)
}

fn all(cursor: &mut LaneCursor<'_>, melody: bool) -> Option<Vec<WrittenStep>> {
    let steps = items(cursor, melody);
    if cursor.clean() && !steps.iter().any(|step| step.what != StepContent::Bar) {
        let fault = cursor
            .fault(&tracks::BAD_STEP, 0..cursor.text.len(), "there are no steps in this text".into())
            .label("empty")
            .suggest(cursor.edit(0..cursor.text.len(), if melody { "a4 . c5 ." } else { "X..." }), |write| {
                if melody {
                    format!("write {write}")
                } else {
                    format!("write {write}, or `....` for a bar's rest")
                }
            });
        cursor.report(fault);
    }
    cursor.clean().then_some(steps)
}

fn items(cursor: &mut LaneCursor<'_>, melody: bool) -> Vec<WrittenStep> {
    let mut steps = Vec::new();
    let mut total = 0_u64;
    let mut apart = true;
    loop {
        apart |= cursor.blanks();
        let start = cursor.at;
        let Some(c) = cursor.peek() else {
            return steps;
        };
        if signs::closes(c) {
            if closes_one(cursor, c) {
                return steps;
            }
            stray_close(cursor);
            continue;
        }
        if melody && !apart && in_pitch(c) {
            let fault = cursor
                .fault(
                    &tracks::BAD_STEP,
                    start..start + c.len_utf8(),
                    "a space is missing in this melody".into(),
                )
                .label("the next note begins here")
                .mend([cursor.edit(start..start, " ")], "write spaces between the notes of a melody");
            cursor.report(fault);
        }
        let before = steps.len();
        step(cursor, melody, &mut steps);
        total = Extent::of(&steps[before..]).size.saturating_add(total);
        if total > LONGEST_LANE as u64 {
            too_many(cursor, start..cursor.at);
            return steps;
        }
        // A bracket or a slur may be followed at once; a note of a melody may not.
        apart = !matches!(
            last(&steps),
            Some(WrittenStep { what: StepContent::Hit(..), suffixes: Suffixes { slur: false, .. }, .. })
        );
    }
}

/// Reads one step with its suffixes; what can't be one is reported and skipped.
fn step(cursor: &mut LaneCursor<'_>, melody: bool, steps: &mut Vec<WrittenStep>) {
    let start = cursor.at;
    let Some(c) = cursor.peek() else {
        return;
    };
    let meaning = signs::find(c).map(|sign| sign.meaning);
    let what = match meaning {
        Some(SignMeaning::Rest) if c == '.' || !melody || !pitch_follows(cursor) => {
            simple(cursor, StepContent::Rest)
        }
        Some(SignMeaning::Hold) => simple(cursor, StepContent::Hold),
        Some(SignMeaning::Bar) => {
            cursor.bump();
            if !cursor.open.is_empty() {
                let fault = cursor
                    .fault(&tracks::BAD_STEP, start..cursor.at, "a bar can't end inside brackets".into())
                    .label("a bar check")
                    .mend([cursor.edit(start..cursor.at, "")], "take the `|` out of the brackets");
                cursor.report(fault);
            }
            steps.push(WrittenStep {
                what: StepContent::Bar,
                suffixes: Suffixes::default(),
                at: start..cursor.at,
            });
            return;
        }
        Some(SignMeaning::Hit(strength)) if !melody => simple(cursor, StepContent::Hit(strength, None)),
        Some(SignMeaning::Group | SignMeaning::Turns) => {
            let Some(inner) = bracket(cursor, melody, if c == '[' { ']' } else { '>' }) else {
                return;
            };
            if c == '[' { StepContent::Group(inner) } else { StepContent::Turns(inner) }
        }
        Some(SignMeaning::Repeat) => {
            repeat(cursor, melody, steps);
            return;
        }
        Some(SignMeaning::Slur)
            if alone(cursor)
                || last(steps).is_none_or(|last| {
                    matches!(
                        last.what,
                        StepContent::Rest | StepContent::Hold | StepContent::Bar | StepContent::Euclid(..)
                    )
                }) =>
        {
            cursor.bump();
            let held =
                !alone(cursor) && matches!(last(steps), Some(WrittenStep { what: StepContent::Hold, .. }));
            let at = start..cursor.at;
            let fault = cursor
                .fault(&tracks::BAD_STEP, at.clone(), "a `~` alone slurs nothing".into())
                .label("stands behind no hit");
            let fault = if held {
                fault.mend([cursor.edit(at, "")], "take it out, and put it right after the hit: `x~_x`")
            } else {
                fault.suggest(cursor.edit(at, "."), |write| {
                    format!("write {write} for a rest, `x~x` for a slur")
                })
            };
            cursor.report(fault);
            return;
        }
        Some(SignMeaning::Accent) if !melody && !steps.is_empty() => {
            again(cursor, steps);
            return;
        }
        Some(SignMeaning::Euclid) if group_in_parentheses(cursor) => return,
        Some(SignMeaning::Euclid) if !melody && rhythm_of_nothing(cursor, steps) => return,
        Some(
            SignMeaning::Ratchet
            | SignMeaning::Chance
            | SignMeaning::Condition
            | SignMeaning::Euclid
            | SignMeaning::Slur
            | SignMeaning::Accent,
        ) => {
            let mut ignored = Suffixes::default();
            let mut euclid = None;
            suffixes(cursor, melody, &mut ignored, &mut euclid);
            if cursor.at == start {
                cursor.bump();
            }
            let at = start..cursor.at;
            let blank = cursor.text[..start].trim_end().len();
            let hit = steps.last().is_some_and(|last| {
                matches!(last.what, StepContent::Hit(..) | StepContent::Group(_) | StepContent::Turns(_))
            });
            let (edit, help) = if hit && blank < start {
                (cursor.edit(blank..start, ""), "write it without a space before it")
            } else {
                (cursor.edit(at.clone(), ""), "take it out, or write a hit before it")
            };
            let fault = cursor
                .fault(
                    &tracks::BAD_STEP,
                    at.clone(),
                    format!("{} stands behind nothing", quoted(&cursor.text[at])),
                )
                .label("belongs right behind a hit or a group")
                .mend([edit], help);
            cursor.report(fault);
            return;
        }
        _ if melody => {
            let chord = read_chord(cursor);
            if cursor.at == start {
                cursor.bump();
            }
            match chord {
                Some(chord) => StepContent::Hit(Strength::Hit, Some(chord)),
                // A rest in its place, so that what follows is not said to be missing.
                None => StepContent::Rest,
            }
        }
        _ => {
            unknown(cursor);
            return;
        }
    };
    let mut found = Suffixes::default();
    let mut euclid = None;
    let behind = cursor.at;
    suffixes(cursor, melody, &mut found, &mut euclid);
    if cursor.at > behind && matches!(what, StepContent::Rest | StepContent::Hold) && cursor.clean() {
        let at = behind..cursor.at;
        let noun = if what == StepContent::Rest { "rest" } else { "hold" };
        let fault = cursor
            .fault(
                &tracks::BAD_STEP,
                at.clone(),
                format!("{} stands behind a {noun}", quoted(&cursor.text[at.clone()])),
            )
            .label("has no meaning here")
            .mend([cursor.edit(at, "")], "take it out, or write it after a hit or a group");
        cursor.report(fault);
    }
    let one = WrittenStep { what, suffixes: found, at: start..cursor.at };
    match euclid {
        None => steps.push(one),
        Some(rhythm) => {
            let at = one.at.clone();
            steps.push(WrittenStep {
                what: StepContent::Euclid(rhythm, Box::new(one)),
                suffixes: Suffixes::default(),
                at,
            });
        }
    }
}

/// Whether a `-` at the cursor begins something longer.
fn pitch_follows(cursor: &LaneCursor<'_>) -> bool {
    cursor.text[cursor.at + 1..].starts_with(in_pitch)
}

fn simple(cursor: &mut LaneCursor<'_>, what: StepContent) -> StepContent {
    cursor.bump();
    what
}

/// Reads what stands in brackets; the cursor is at the opening one.
fn bracket(cursor: &mut LaneCursor<'_>, melody: bool, close: char) -> Option<Vec<WrittenStep>> {
    let start = cursor.at;
    if too_deep(cursor, start) {
        return None;
    }
    cursor.bump();
    let inner = inside(cursor, melody, start, close);
    if inner.is_empty() && cursor.clean() {
        let fault = cursor
            .fault(&tracks::BAD_STEP, start..cursor.at, "there is nothing in these brackets".into())
            .label("empty")
            .suggest(cursor.edit(start..cursor.at, "."), |write| format!("write {write} for a rest"));
        cursor.report(fault);
    }
    (!inner.is_empty()).then_some(inner)
}

fn inside(cursor: &mut LaneCursor<'_>, melody: bool, open: usize, close: char) -> Vec<WrittenStep> {
    cursor.open.push(close);
    let inner = items(cursor, melody);
    cursor.open.pop();
    end_bracket(cursor, open, close);
    inner
}

fn repeat(cursor: &mut LaneCursor<'_>, melody: bool, steps: &mut Vec<WrittenStep>) {
    let start = cursor.at;
    if too_deep(cursor, start) {
        return;
    }
    cursor.bump();
    let count = repeat_count(cursor, start);
    let inner = inside(cursor, melody, start, '}');
    if !inner.is_empty() {
        let what = StepContent::Repeat(count, inner);
        steps.push(WrittenStep { what, suffixes: Suffixes::default(), at: start..cursor.at });
    }
    let behind = cursor.at;
    let mut ignored = Suffixes::default();
    let mut euclid = None;
    suffixes(cursor, melody, &mut ignored, &mut euclid);
    if cursor.at > behind {
        let at = behind..cursor.at;
        let fault = cursor
            .fault(
                &tracks::BAD_STEP,
                at.clone(),
                format!("{} stands behind a repetition", quoted(&cursor.text[at.clone()])),
            )
            .label("has no meaning here")
            .mend([cursor.edit(at, "")], "take it out, or write it after the hits inside the braces");
        cursor.report(fault);
    }
}

#[cfg(test)]
mod tests {
    use super::{read, read_melody};
    use crate::diagnostic::bag::Bag;
    use crate::diagnostic::span::{SourceId, Span};
    use crate::syntax::signs::SIGNS;
    use crate::syntax::step::{Extent, StepContent};
    use crate::syntax::tree::{Data, Value};

    fn value(text: &str) -> Value<'_> {
        Value { data: Data::Text(text.into()), raw: text, span: Span::new(SourceId(0), 0, text.len()) }
    }

    #[test]
    fn every_sign_has_an_example_that_is_read() {
        for sign in SIGNS {
            let mut bag = Bag::default();
            let one = value(sign.example);
            let steps = if sign.sign == '!' { read_melody(&one, &mut bag) } else { read(&one, &mut bag) };
            assert!(steps.is_some(), "{}", sign.example);
        }
    }

    #[test]
    fn repetitions_are_counted_not_written_out() {
        let mut bag = Bag::default();
        let steps = read(&value("{2 x{3 .}}[xx]*2?40x(3,8)"), &mut bag).unwrap();
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[1].suffixes.ratchet, Some(2));
        assert!(matches!(&steps[1].what, StepContent::Group(inner) if inner.len() == 2));
        let Extent { steps, size, notes, visits, .. } = Extent::of(&steps);
        assert_eq!((steps, size, notes, visits), (17, 19, 2 + 4 + 3, 8 + 4 + 8));
    }

    #[test]
    fn what_a_lane_comes_to_is_limited_before_it_is_written_out() {
        for text in ["{65537 .}", "{60000 <x .>}", "{60000 [x.]}", "{300 x(3,256)}", "{1 {65000 .}}{600 x}"] {
            let mut bag = Bag::default();
            assert!(read(&value(text), &mut bag).is_none(), "{text}");
            assert_eq!(bag.into_sorted()[0].code.id, "too-many-steps", "{text}");
        }
        for text in ["{65536 .}", "{16384 [x..]}", "{256 x(3,256)}"] {
            assert!(read(&value(text), &mut Bag::default()).is_some(), "{text}");
        }
        let (wide, fits) = ("{20000 a4:min7}", "{16384 a4:min7}");
        assert!(read_melody(&value(wide), &mut Bag::default()).is_none());
        assert!(read_melody(&value(fits), &mut Bag::default()).is_some());
    }

    #[test]
    fn faults_are_placed_to_the_character() {
        for (text, start, end) in [
            ("X..o", 3, 4),
            ("X.~.", 2, 3),
            ("x*", 1, 2),
            ("x*99", 1, 4),
            ("x?200", 1, 5),
            ("x(17,16)", 1, 8),
            ("[xx", 0, 1),
            ("xx]", 2, 3),
            ("x:2", 1, 3),
            ("x*2*3", 3, 5),
            ("..?5", 2, 4),
            ("{x}", 0, 1),
            ("x []", 2, 4),
            ("x *3", 2, 4),
            ("[x|]", 2, 3),
            ("{2 x}*3", 5, 7),
        ] {
            let mut bag = Bag::default();
            assert!(read(&value(text), &mut bag).is_none(), "{text}");
            let found = bag.into_sorted();
            let span = found[0].span.unwrap();
            assert_eq!((span.start, span.end), (start, end), "{text}: {}", found[0].message);
        }
    }

    #[test]
    fn a_melody_has_steps_and_pitches() {
        let mut bag = Bag::default();
        let steps =
            read_melody(&value("a4 . c5 _ [e5 d5]! . 1' 5, a3:min7:2/4 c4~ d4~e4"), &mut bag).unwrap();
        assert_eq!(steps.len(), 12);
        assert_eq!(steps[8].suffixes.condition, Some((2, 4)));
        assert!(read_melody(&value("a4c4 x"), &mut Bag::default()).is_none());
    }
}

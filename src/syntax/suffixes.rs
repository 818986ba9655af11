//! What may stand behind a step: ratchet, chance, condition, euclidean rhythm, slur, accent.

use crate::diagnostic::codes::tracks;
use crate::diagnostic::quote::quoted;
use crate::syntax::euclid::{LONGEST_CYCLE, Rhythm, euclid_numbers};
use crate::syntax::lane::Cursor;
use crate::syntax::signs::{self, Meaning};

/// What may stand behind a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suffixes {
    /// `*3`: so many in this step, 2 to 64.
    pub ratchet: Option<u32>,
    /// `?40`: percent, 0 to 100.
    pub chance: Option<u32>,
    /// `:2/4`: the n-th of every m passes.
    pub condition: Option<(u32, u32)>,
    /// `~`: the pitch glides to the next hit.
    pub slur: bool,
    /// `!`: accented.
    pub accent: bool,
}

/// The most that `*` can put in a step.
pub const MOST_RATCHETS: u32 = 64;

/// Reads suffixes, in any order, each once.
pub(super) fn suffixes(
    cursor: &mut Cursor<'_>,
    melody: bool,
    found: &mut Suffixes,
    euclid: &mut Option<Rhythm>,
) {
    loop {
        let start = cursor.at;
        let Some(c) = cursor.peek() else {
            return;
        };
        let twice = match signs::find(c).map(|sign| sign.meaning) {
            Some(Meaning::Ratchet) => {
                cursor.bump();
                let count = count(cursor, start, 1, MOST_RATCHETS, "how many in this step", "x*3");
                std::mem::replace(&mut found.ratchet, count.or(Some(1))).is_some()
            }
            Some(Meaning::Chance) => {
                cursor.bump();
                let percent = count(cursor, start, 0, 100, "with how many percent chance", "x?50");
                if percent.is_some() {
                    cursor.take('%');
                }
                std::mem::replace(&mut found.chance, percent.or(Some(100))).is_some()
            }
            Some(Meaning::Condition) => {
                cursor.bump();
                let condition = condition(cursor, start);
                std::mem::replace(&mut found.condition, condition.or(Some((1, 1)))).is_some()
            }
            Some(Meaning::Euclid) => {
                let rhythm = euclid_numbers(cursor);
                std::mem::replace(euclid, rhythm.or(Some(Rhythm::ONE))).is_some()
            }
            Some(Meaning::Slur) => {
                cursor.bump();
                std::mem::replace(&mut found.slur, true)
            }
            Some(Meaning::Accent) if melody => {
                cursor.bump();
                std::mem::replace(&mut found.accent, true)
            }
            _ => return,
        };
        if twice {
            let at = start..cursor.at;
            let fault = cursor
                .fault(
                    &tracks::BAD_STEP,
                    at.clone(),
                    format!("{} is the second of its kind", quoted(&cursor.text[at.clone()])),
                )
                .label("each suffix stands once")
                .mend([cursor.edit(at, "")], "take one of them out");
            cursor.report(fault);
        }
    }
}

/// A number behind a suffix's sign, `least` to `most`.
fn count(
    cursor: &mut Cursor<'_>,
    start: usize,
    least: u32,
    most: u32,
    what: &str,
    example: &str,
) -> Option<u32> {
    let sign = &cursor.text[start..cursor.at];
    match cursor.number() {
        Some(number) if (least..=most).contains(&number) => Some(number),
        Some(number) => {
            let at = start..cursor.at;
            let near = format!("{sign}{}", number.clamp(least, most));
            let fault = cursor
                .fault(
                    &tracks::BAD_STEP,
                    at.clone(),
                    format!("{} is out of range", quoted(&cursor.text[at.clone()])),
                )
                .label(format!("{least} to {most}"))
                .suggest(cursor.edit(at, &near), |write| {
                    format!("write {write}: `{sign}` takes a number from {least} to {most}")
                });
            cursor.report(fault);
            None
        }
        None => {
            let fault = cursor
                .fault(&tracks::BAD_STEP, start..cursor.at, format!("`{sign}` doesn't say {what}"))
                .label("a number is missing")
                .write(cursor.edit(start..cursor.at, example.trim_start_matches('x')));
            cursor.report(fault);
            None
        }
    }
}

fn condition(cursor: &mut Cursor<'_>, start: usize) -> Option<(u32, u32)> {
    let nth = cursor.number();
    let slash = cursor.take('/');
    let of = cursor.number();
    match (nth, slash, of) {
        (Some(nth), true, Some(of)) if (1..=LONGEST_CYCLE).contains(&of) => return Some((nth, of)),
        (Some(_), true, Some(_)) => {
            let fault = cursor
                .fault(
                    &tracks::BAD_STEP,
                    start..cursor.at,
                    "the cycle of this condition is out of range".into(),
                )
                .label(format!("of 1 to {LONGEST_CYCLE}"))
                .suggest(cursor.edit(start..cursor.at, ":2/4"), |write| {
                    format!("write {write} for the 2nd of every 4 passes")
                });
            cursor.report(fault);
        }
        _ => {
            let fault = cursor
                .fault(
                    &tracks::BAD_STEP,
                    start..cursor.at,
                    "this condition doesn't say which pass of how many".into(),
                )
                .label("not a condition")
                .suggest(cursor.edit(start..cursor.at, ":2/4"), |write| {
                    format!("write {write} for the 2nd of every 4 passes")
                });
            cursor.report(fault);
        }
    }
    None
}

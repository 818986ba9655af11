//! What may stand after a step: ratchet, chance, condition, euclidean rhythm, slur, accent.

use crate::diagnostic::codes::tracks;
use crate::diagnostic::quote::quoted;
use crate::syntax::euclid::{LONGEST_CYCLE, Rhythm, euclid_numbers};
use crate::syntax::lane::LaneCursor;
use crate::syntax::signs::{self, SignMeaning};

/// What may stand after a step.
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
    cursor: &mut LaneCursor<'_>,
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
            Some(SignMeaning::Ratchet) => {
                cursor.bump();
                if fraction(cursor, start, ratchet) {
                    found.ratchet = found.ratchet.or(Some(1));
                    continue;
                }
                let count = count(cursor, start, 1, MOST_RATCHETS, "how many in this step", "x*3");
                std::mem::replace(&mut found.ratchet, count.or(Some(1))).is_some()
            }
            Some(SignMeaning::Chance) => {
                cursor.bump();
                if fraction(cursor, start, chance) {
                    found.chance = found.chance.or(Some(100));
                    continue;
                }
                let percent = count(cursor, start, 0, 100, "with how many percent chance", "x?50");
                if percent.is_some() {
                    cursor.take('%');
                }
                std::mem::replace(&mut found.chance, percent.or(Some(100))).is_some()
            }
            Some(SignMeaning::Condition) => {
                cursor.bump();
                let condition = condition(cursor, start);
                std::mem::replace(&mut found.condition, condition.or(Some((1, 1)))).is_some()
            }
            Some(SignMeaning::Euclid) => {
                let rhythm = euclid_numbers(cursor);
                std::mem::replace(euclid, rhythm.or(Some(Rhythm::ONE))).is_some()
            }
            Some(SignMeaning::Slur) => {
                cursor.bump();
                std::mem::replace(&mut found.slur, true)
            }
            Some(SignMeaning::Accent) if melody => {
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

/// Whether a number with a point stands after a suffix's sign, as it does in other languages; it is reported with what it
/// means here.
fn fraction(cursor: &mut LaneCursor<'_>, start: usize, meant: fn(f64) -> String) -> bool {
    let rest = &cursor.text[cursor.at..];
    let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
    let digits = match rest[whole..].strip_prefix('.') {
        Some(behind) => behind.bytes().take_while(u8::is_ascii_digit).count(),
        None => 0,
    };
    let number = &rest[..whole + if digits > 0 { 1 + digits } else { 0 }];
    // Rests may follow: `x*2.` is a ratchet and a rest.
    let Some(value) = format!("0{number}").parse::<f64>().ok().filter(|_| digits > 0) else {
        return false;
    };
    cursor.at += number.len();
    let at = start..cursor.at;
    let fault = cursor
        .fault(
            &tracks::BAD_STEP,
            at.clone(),
            format!("{} isn't a whole number", quoted(&cursor.text[at.clone()])),
        )
        .label("no points behind signs")
        .write(cursor.edit(at, &meant(value)));
    cursor.report(fault);
    true
}

/// `*2.5`; less than one is every other time, or more seldom still.
fn ratchet(times: f64) -> String {
    if times < 0.75 {
        let passes = libm::round(1.0 / times.max(1.0 / f64::from(LONGEST_CYCLE)));
        return format!(":1/{passes}");
    }
    format!("*{}", libm::round(times).min(f64::from(MOST_RATCHETS)))
}

/// `?0.4` as a share, `?12.5` in percent.
fn chance(share: f64) -> String {
    let percent = if share <= 1.0 { share * 100.0 } else { share };
    format!("?{}", libm::round(percent).min(100.0))
}

/// A number after a suffix's sign, `least` to `most`.
fn count(
    cursor: &mut LaneCursor<'_>,
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

fn condition(cursor: &mut LaneCursor<'_>, start: usize) -> Option<(u32, u32)> {
    let nth = cursor.number();
    let slash = cursor.take('/');
    let of = cursor.number();
    match (nth, slash, of) {
        (Some(nth), true, Some(of)) if (1..=LONGEST_CYCLE).contains(&of) => return Some((nth, of)),
        (Some(nth), true, Some(of)) => {
            let at = start..cursor.at;
            let of = of.clamp(1, LONGEST_CYCLE);
            let fault = cursor
                .fault(&tracks::BAD_STEP, at.clone(), "the cycle of this condition is out of range".into())
                .label(format!("of 1 to {LONGEST_CYCLE}"))
                .suggest(cursor.edit(at, &format!(":{}/{of}", nth.clamp(1, of))), |write| {
                    format!("write {write}: the n-th of every m passes")
                });
            cursor.report(fault);
        }
        _ => {
            // `:4` alone is every fourth pass, as is `:0.25`.
            let fraction = cursor.peek() == Some('.')
                && cursor.text[cursor.at + 1..].starts_with(|c: char| c.is_ascii_digit());
            if fraction {
                cursor.bump();
                cursor.number();
            }
            let at = start..cursor.at;
            let share: Option<f64> = cursor.text[start + 1..cursor.at].parse().ok();
            let passes = match (fraction, share, nth) {
                (true, Some(share), _) => libm::round(1.0 / share.max(0.01)) as u32,
                (false, _, Some(nth)) => nth,
                _ => 2,
            };
            let passes = passes.clamp(1, LONGEST_CYCLE);
            let fault = cursor
                .fault(
                    &tracks::BAD_STEP,
                    at.clone(),
                    "this condition doesn't say which pass of how many".into(),
                )
                .label("not a condition")
                .suggest(cursor.edit(at, &format!(":{passes}/{passes}")), |write| {
                    format!("write {write} for the last of every {passes} passes")
                });
            cursor.report(fault);
        }
    }
    None
}

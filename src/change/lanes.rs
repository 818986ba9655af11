//! Lanes of steps and of values, sign by sign: what differs in one than in another, and where.

use std::ops::Range;

use crate::change::runs::runs;
use crate::change::statement::StatementValue;
use crate::diagnostic::bag::Bag;
use crate::syntax::signs::closes;
use crate::syntax::step::{StepContent, written_out};
use crate::syntax::steps;

/// The most places of a lane that are reported one by one; beyond, the lane as a whole is another.
const MOST: usize = 8;

/// What a lane is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signs {
    /// Steps by signs, such as `X..g`.
    Steps,
    /// Words with blanks between.
    Words,
}

/// A place at which two lanes differ: bytes of what each says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// Where lanes differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LaneDifference {
    /// In these places, each of which could be otherwise by itself.
    Places(Vec<Hunk>),
    /// From the first place to the last, which hang together.
    Whole(Hunk),
}

/// The signs of a lane, each with what stands right after it.
fn tokens(text: &str, signs: Signs) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = 0;
    let next = |at: usize| text[at..].chars().next();
    let run = |at: usize, which: &dyn Fn(char) -> bool| {
        at + text[at..].find(|c| !which(c)).unwrap_or(text.len() - at)
    };
    while let Some(c) = next(at) {
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        if signs == Signs::Words {
            at = run(at, &|c| !c.is_whitespace());
        } else {
            at += c.len_utf8();
            if c == '{' {
                at = run(run(at, &char::is_whitespace), &|c| c.is_ascii_digit());
            }
            while let Some(suffix) = next(at) {
                at = match suffix {
                    '*' | '?' | ':' => run(at + 1, &|c| c.is_ascii_digit() || matches!(c, '/' | '%')),
                    '(' => (run(at, &|c| c != ')') + 1).min(text.len()),
                    '~' => at + 1,
                    _ => break,
                };
            }
        }
        all.push(start..at);
    }
    all
}

/// Whether a token opens or closes something: then it can't be changed alone.
fn holds(token: &str) -> bool {
    token.contains(['{', '[', '<']) || token.chars().any(closes)
}

/// Where `old` and `new` differ; `None` if they have the same signs.
pub(super) fn difference(old: &str, new: &str, signs: Signs) -> Option<LaneDifference> {
    let (olds, news) = (tokens(old, signs), tokens(new, signs));
    let one: Vec<&str> = olds.iter().map(|token| &old[token.clone()]).collect();
    let two: Vec<&str> = news.iter().map(|token| &new[token.clone()]).collect();
    if one == two {
        return None;
    }
    // Where nothing came in or went out, signs are compared place by place: the steps stand where they stood.
    let same = |(one, two): (&&str, &&str)| one == two;
    let apart = one.iter().zip(&two).filter(|pair| !same(*pair)).count();
    let ops = if one.len() == two.len() && apart <= MOST {
        let differ = one.iter().zip(&two).enumerate().filter(|(_, pair)| !same(*pair));
        differ.map(|(at, _)| (at..at + 1, at..at + 1)).collect()
    } else {
        diff(&one, &two)
    };
    let hunk =
        |(from, to): &(Range<usize>, Range<usize>)| Hunk { old: bytes(&olds, from), new: bytes(&news, to) };
    let hangs = |(from, to): &(Range<usize>, Range<usize>)| {
        one[from.clone()].iter().chain(&two[to.clone()]).any(|token| holds(token))
    };
    if ops.len() <= MOST && !ops.iter().any(hangs) {
        return Some(LaneDifference::Places(ops.iter().map(hunk).collect()));
    }
    let (first, last) = (ops.first()?, ops.last()?);
    let whole = (first.0.start..last.0.end, first.1.start..last.1.end);
    Some(LaneDifference::Whole(hunk(&whole)))
}

/// Runs of places that differ, those of equal length taken apart.
fn diff(one: &[&str], two: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut all = Vec::new();
    for run in runs(one, two).into_iter().filter(|run| !run.same) {
        if run.old.len() == run.new.len() {
            all.extend(run.old.zip(run.new).map(|(from, to)| (from..from + 1, to..to + 1)));
        } else {
            all.push((run.old, run.new));
        }
    }
    all
}

/// The bytes of some tokens; of none, the point after those before.
fn bytes(tokens: &[Range<usize>], which: &Range<usize>) -> Range<usize> {
    match (tokens.get(which.start), which.end.checked_sub(1).and_then(|last| tokens.get(last))) {
        (Some(first), Some(last)) if !which.is_empty() => first.start..last.end,
        (_, Some(before)) => before.end..before.end,
        _ => 0..0,
    }
}

/// Which step of a lane of steps, counted from 0 with repetitions written out, byte `at` belongs to.
pub(super) fn step_at(word: &StatementValue, at: usize) -> Option<usize> {
    let value = word.value()?;
    let steps = steps::read(&value, &mut Bag::default())?;
    let (mut place, mut here, mut before) = (0, None, None);
    written_out(&steps, &mut |step| {
        if step.what == StepContent::Bar {
            return;
        }
        if step.at.contains(&at) && here.is_none() {
            here = Some(place);
        }
        if step.at.end <= at {
            before = Some(place + 1);
        }
        place += 1;
    });
    here.or(before)
}

/// Which word of a lane, counted from 0, stands at byte `at`.
pub(super) fn word_at(text: &str, at: usize) -> usize {
    tokens(text, Signs::Words).iter().filter(|token| token.end <= at).count()
}

#[cfg(test)]
mod tests {
    use super::{Hunk, LaneDifference, Signs, difference, tokens, word_at};

    #[test]
    fn signs_keep_what_stands_behind_them() {
        let text = "X*2x?40 [x x]~{4 x:2/4}x(3,8)";
        let all: Vec<&str> = tokens(text, Signs::Steps).into_iter().map(|token| &text[token]).collect();
        assert_eq!(all, ["X*2", "x?40", "[", "x", "x", "]~", "{4", "x:2/4", "}", "x(3,8)"]);
    }

    #[test]
    fn one_sign_is_one_place() {
        let found = difference("X..g ....", "X... ....", Signs::Steps);
        assert_eq!(found, Some(LaneDifference::Places(vec![Hunk { old: 3..4, new: 3..4 }])));
        assert_eq!(difference("X..g", "X. .g", Signs::Steps), None);
    }

    #[test]
    fn brackets_hang_together() {
        let found = difference("{4 x.}x", "{3 x.}x", Signs::Steps);
        assert_eq!(found, Some(LaneDifference::Whole(Hunk { old: 0..2, new: 0..2 })));
    }

    #[test]
    fn words_come_and_go() {
        let found = difference("a1 c2 e2", "a1 e2", Signs::Words);
        assert_eq!(found, Some(LaneDifference::Places(vec![Hunk { old: 3..5, new: 2..2 }])));
        assert_eq!(word_at("a1 c2 e2", 3), 1);
    }
}

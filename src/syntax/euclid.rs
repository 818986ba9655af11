//! Euclidean rhythms: hits spread as evenly as steps allow.

use crate::diagnostic::codes::tracks;
use crate::syntax::lane::LaneCursor;

/// The most steps of a euclidean rhythm, and the longest cycle of a condition.
pub(super) const LONGEST_CYCLE: u32 = 256;

/// Hits in steps, beginning some steps into the plain rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    hits: usize,
    length: usize,
    start: usize,
}

/// Reads `(5,16,2)`.
pub(super) fn euclid_numbers(cursor: &mut LaneCursor<'_>) -> Option<Rhythm> {
    let start = cursor.at;
    cursor.bump();
    let mut numbers = Vec::new();
    loop {
        cursor.blanks();
        let Some(number) = cursor.number() else {
            break;
        };
        numbers.push(number);
        cursor.blanks();
        if !cursor.take(',') {
            break;
        }
    }
    let closed = cursor.take(')');
    let (what, write, more) = match (closed, numbers.as_slice()) {
        (true, [hits, length] | [hits, length, _])
            if (1..=LONGEST_CYCLE).contains(length) && hits <= length =>
        {
            let start = numbers.get(2).map_or(0, |start| start % length);
            return Some(Rhythm { hits: *hits as usize, length: *length as usize, start: start as usize });
        }
        (true, [hits, length, ..]) if numbers.len() < 4 && hits > length && *hits <= LONGEST_CYCLE => (
            format!("{hits} hits don't fit in {length} steps"),
            format!("({length},{hits})"),
            format!(" if you mean {length} hits in {hits} steps"),
        ),
        (true, [hits, ..]) if numbers.len() < 4 && numbers.len() > 1 => (
            format!("a euclidean rhythm has 1 to {LONGEST_CYCLE} steps"),
            format!("({},{LONGEST_CYCLE})", hits.min(&LONGEST_CYCLE)),
            ", or fewer".to_owned(),
        ),
        _ => {
            if !closed {
                cursor.run(|c| !matches!(c, ')' | ']' | '>' | '}' | '|') && !c.is_alphabetic());
                cursor.take(')');
            }
            let (write, more) = meant(&cursor.text[start..cursor.at]);
            ("this isn't a euclidean rhythm".into(), write, more)
        }
    };
    let at = start..cursor.at;
    let fault = cursor
        .fault(&tracks::BAD_STEP, at.clone(), what)
        .label("hits, steps, and where to start")
        .suggest(cursor.edit(at, &write), |write| format!("write {write}{more}"));
    cursor.report(fault);
    None
}

/// What is meant by `text`, which begins with `(` and is no rhythm, and more to say of it.
fn meant(text: &str) -> (String, String) {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u32>().ok());
    let numbers: Vec<u32> = numbers.take(3).collect();
    let fits = |hits: u32, length: u32| (1..=LONGEST_CYCLE).contains(&length) && hits <= length;
    let write = match numbers[..] {
        [hits, length] if fits(hits, length) => format!("({hits},{length})"),
        [hits, length, start] if fits(hits, length) => format!("({hits},{length},{start})"),
        [hits] if fits(hits, 16) => format!("({hits},16)"),
        _ => {
            let more = " for 5 hits in 16 steps, `(5,16,2)` to start at the third of them";
            return ("(5,16)".to_owned(), more.to_owned());
        }
    };
    (write, format!(" for {} hits in {} steps", numbers[0], numbers.get(1).unwrap_or(&16)))
}

impl Rhythm {
    /// What stands in for a rhythm that can't be read.
    pub(super) const ONE: Self = Self { hits: 1, length: 1, start: 0 };

    /// How many of its steps have a hit.
    pub fn hits(self) -> usize {
        self.hits
    }

    /// How many of its steps have none.
    pub fn rests(self) -> usize {
        self.length - self.hits
    }

    /// Step by step, whether there is a hit.
    pub fn steps(self) -> impl Iterator<Item = bool> {
        let plain = euclidean(self.hits, self.length);
        (0..self.length).map(move |i| plain[(i + self.start) % self.length])
    }
}

/// The plain rhythm of `hits` in `length` steps: Bjorklund's algorithm, as Toussaint gives it in "The Euclidean
/// Algorithm Generates Traditional Musical Rhythms" (2005).
fn euclidean(hits: usize, length: usize) -> Vec<bool> {
    let mut heads = vec![vec![true]; hits];
    let mut tails = vec![vec![false]; length - hits];
    while heads.len().min(tails.len()) > 1 {
        let pairs = heads.len().min(tails.len());
        let left = if heads.len() > pairs { heads.split_off(pairs) } else { tails.split_off(pairs) };
        for (head, tail) in heads.iter_mut().zip(tails) {
            head.extend(tail);
        }
        tails = left;
    }
    heads.into_iter().chain(tails).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::{euclidean, meant};

    fn rhythm(hits: usize, length: usize) -> String {
        euclidean(hits, length).into_iter().map(|hit| if hit { 'x' } else { '.' }).collect()
    }

    #[test]
    fn rhythms_of_elsewhere_are_read() {
        for (text, write) in [
            ("(3 8)", "(3,8)"),
            ("(3/8)", "(3,8)"),
            ("(3:8", "(3,8)"),
            ("(3,8,2,1)", "(3,8,2)"),
            ("(5)", "(5,16)"),
            ("(many)", "(5,16)"),
            ("(9 8)", "(5,16)"),
        ] {
            assert_eq!(meant(text).0, write, "{text}");
        }
    }

    #[test]
    fn euclidean_rhythms_are_the_known_ones() {
        assert_eq!(rhythm(3, 8), "x..x..x.");
        assert_eq!(rhythm(5, 8), "x.xx.xx.");
        assert_eq!(rhythm(4, 16), "x...x...x...x...");
        assert_eq!(rhythm(0, 4), "....");
        assert_eq!(rhythm(4, 4), "xxxx");
        assert_eq!(rhythm(1, 3), "x..");
    }
}

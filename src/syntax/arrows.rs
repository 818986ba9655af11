//! The arrows of routes, and those of other languages.

use std::ops::Range;

use crate::diagnostic::codes::routes;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::syntax::scanner::Reader;
use crate::syntax::tree::{Data, Node, Value};

/// What stands between two hops.
pub const ARROW: &str = "->";

/// A part of a word in a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrowPiece {
    /// A name or path.
    Name,
    /// An arrow in the direction of the signal, not always a right one.
    Arrow,
    /// An arrow against it.
    Backwards,
}

/// Whether `c` may be part of an arrow.
const fn in_arrow(c: char) -> bool {
    matches!(c, '-' | '=' | '~' | '|' | ':' | '–' | '—') || to_right(c) || to_left(c)
}

const fn to_right(c: char) -> bool {
    matches!(c, '>' | '→' | '⇒' | '➔' | '➜' | '⟶' | '↦' | '»' | '›' | '▶')
}

const fn to_left(c: char) -> bool {
    matches!(c, '<' | '←' | '⇐' | '⟵' | '«' | '‹')
}

/// Whether `word` is one name, as most words of routes are. Others may be, too.
pub fn is_one_name(word: &str) -> bool {
    let in_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    word != "to" && word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.bytes().all(in_name)
}

/// The names and arrows that `word` is made of, without spaces around them. A word of dashes alone is an arrow too, as are other
/// signs that join names elsewhere, and so is `to`.
pub fn pieces(word: &str) -> Vec<(Range<usize>, ArrowPiece)> {
    let joins = word.chars().all(|c| matches!(c, '-' | '–' | '—' | '~' | '.' | '/' | '|' | ':'));
    if joins && !word.is_empty() || word == "to" {
        return vec![(0..word.len(), ArrowPiece::Arrow)];
    }
    let mut pieces: Vec<(Range<usize>, ArrowPiece)> = Vec::new();
    let mut at = 0;
    let mut name = 0;
    while let Some(c) = word[at..].chars().next() {
        let run: usize = word[at..].chars().take_while(|c| in_arrow(*c)).map(char::len_utf8).sum();
        let text = &word[at..at + run];
        let joins = !text.is_empty() && text.chars().all(|c| matches!(c, '|' | ':'));
        let piece = if text.contains(to_right) || joins {
            ArrowPiece::Arrow
        } else if text.contains(to_left) {
            ArrowPiece::Backwards
        } else {
            at += run.max(c.len_utf8());
            continue;
        };
        pieces.extend(named(word, name..at));
        pieces.push((at..at + run, piece));
        at += run;
        name = at;
    }
    pieces.extend(named(word, name..at));
    pieces
}

/// The name at bytes `at` of `word`, if there is more than spaces.
fn named(word: &str, at: Range<usize>) -> Option<(Range<usize>, ArrowPiece)> {
    let text = &word[at.clone()];
    let start = at.start + text.len() - text.trim_start().len();
    let name = text.trim();
    (!name.is_empty()).then_some((start..start + name.len(), ArrowPiece::Name))
}

/// The words of a route as they should be written: with right arrows, in the direction of the signal. `None` where it has
/// none or both directions, where a hop is empty, or where a name is no word.
pub fn rewritten(words: &[&str]) -> Option<String> {
    let mut hops: Vec<Vec<&str>> = vec![Vec::new()];
    let (mut forwards, mut backwards) = (false, false);
    for word in words {
        for (at, piece) in pieces(word) {
            if word[at.clone()].contains(to_left) && word[at.clone()].contains(to_right) {
                return None;
            }
            match piece {
                ArrowPiece::Name => hops
                    .last_mut()?
                    .extend(Some(word[at].trim_end_matches(',')).filter(|name| !name.is_empty())),
                ArrowPiece::Arrow => {
                    forwards = true;
                    hops.push(Vec::new());
                }
                ArrowPiece::Backwards => {
                    backwards = true;
                    hops.push(Vec::new());
                }
            }
        }
    }
    // A name that is no word would have to stay a text.
    let word =
        |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if forwards == backwards || hops.iter().any(Vec::is_empty) || !hops.iter().flatten().all(word) {
        return None;
    }
    if backwards {
        hops.reverse();
    }
    Some(hops.iter().map(|hop| hop.join(" ")).collect::<Vec<_>>().join(" -> "))
}

impl<'t> Reader<'t> {
    /// Reports the arrows of a route that KDL reads as properties (`a => b`, `a=>b`, `a <= b`), and goes on with the route
    /// that is meant. `before` is how many diagnostics there were before this node.
    pub(super) fn mend_arrows(&mut self, node: &mut Node<'t>, before: usize) {
        if node.name.text != "route" || node.props.is_empty() {
            return;
        }
        let start = node.name.span.end as usize;
        let text = &self.text[start..self.at];
        if !text.as_bytes().windows(2).any(|pair| matches!(pair, b"=>" | b"<=")) {
            return;
        }
        let odd = |word: &str| word.contains("=>") || word.contains("<=");
        let mut words: Vec<(usize, &'t str)> = Vec::new();
        let mut at = 0;
        for word in text.split_inclusive(char::is_whitespace) {
            let plain = word.trim_end();
            if plain.contains('=') && !odd(plain) || plain.contains(['"', '{', '\\', '/']) {
                break;
            }
            words.extend((!plain.is_empty()).then_some((start + at, plain)));
            at += word.len();
        }
        let (Some((first, _)), Some((last, word))) = (words.first(), words.last()) else { return };
        let whole = self.span(*first, last + word.len());
        let arrow = words.iter().find(|(_, word)| odd(word)).and_then(|(at, word)| {
            let (found, _) = pieces(word).into_iter().find(|(_, piece)| *piece != ArrowPiece::Name)?;
            Some(at + found.start..at + found.end)
        });
        let texts: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
        let (Some(arrow), Some(route)) = (arrow, rewritten(&texts)) else { return };
        let inside = |at: u32| (whole.start..whole.end).contains(&at);
        let kept = self.found.split_off(before);
        self.found.extend(kept.into_iter().filter(|fault| fault.span.is_none_or(|span| !inside(span.start))));
        let message = format!("{} isn't an arrow", quoted(&self.text[arrow.clone()]));
        let fault = self
            .fault(&routes::BAD_ROUTE, arrow.start, arrow.end, message)
            .label("not an arrow")
            .write(Edit::replace(whole, route.as_str()).showing("route "));
        self.report(fault);
        node.props.retain(|prop| !inside(prop.name.span.start));
        let raw = &self.text[whole.start as usize..whole.end as usize];
        let words = route.split(' ').map(|word| word.to_owned().into());
        node.args = words.map(|word| Value { data: Data::Text(word), raw, span: whole }).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    fn route(text: &str) -> Option<String> {
        rewritten(&text.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn arrows_of_other_languages_are_read() {
        for text in
            ["a --> out", "a-->out", "a → out", "a→out", "a > out", "a to out", "a >> out", "a |> out"]
        {
            assert_eq!(route(text).as_deref(), Some("a -> out"), "{text}");
        }
        for text in ["out <- a", "out<-a", "out <-- a", "out ← a", "out << a", "out <= a", "out < a"] {
            assert_eq!(route(text).as_deref(), Some("a -> out"), "{text}");
        }
        for text in ["a | out", "a . out", "a:out", "a :: out", "a » out", "a / out"] {
            assert_eq!(route(text).as_deref(), Some("a -> out"), "{text}");
        }
        assert_eq!(rewritten(&["a -> d -> out"]).as_deref(), Some("a -> d -> out"));
        for text in ["a — out", "a - out", "a -> out", "a =>> out"] {
            assert_eq!(route(text).as_deref(), Some("a -> out"), "{text}");
        }
        assert_eq!(route("out <- mix <- a, b").as_deref(), Some("a b -> mix -> out"));
        assert_eq!(route("a-b->c-d -> out").as_deref(), Some("a-b -> c-d -> out"));
    }

    #[test]
    fn what_points_nowhere_stays() {
        for text in ["a -> out <- b", "a <-> b", "-> out", "a ->", "a b", ""] {
            assert_eq!(route(text), None, "{text}");
        }
    }
}

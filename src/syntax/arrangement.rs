//! Orders of sections as other languages write them, read as what they mean: `(verse chorus)*2`, `2*verse`, `verse!2`.

use crate::diagnostic::codes::arrangement as codes;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::as_text;
use crate::syntax::scanner::Reader;
use crate::syntax::tree::{Data, Node, Value};

/// How often a section can be played in a row with one `*`.
pub const MOST_TIMES: u32 = 10_000;
/// The most entries that are proposed for a group that is written out.
const MOST_ENTRIES: usize = 64;
/// The deepest that groups are followed.
const DEEPEST: usize = 16;

/// What an order is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OrderToken<'t> {
    Name(&'t str),
    Number(u32),
    Times,
    Open,
    Close,
}

/// `text` as `arrange` takes it: names, each with `*` and a count where it is played more than once. `known` says which
/// words are sections. `None` if it can't be understood.
pub fn rewritten(text: &str, known: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let tokens = tokens(text, known)?;
    let mut at = 0;
    let entries = sequence(&tokens, &mut at, 0)?;
    if at < tokens.len() || entries.is_empty() {
        return None;
    }
    let word = |(name, times): &(&str, u32)| {
        if *times == 1 { (*name).to_owned() } else { format!("{name}*{times}") }
    };
    Some(entries.iter().map(word).collect())
}

/// `entries` of an order as KDL has them: in quotes where a bare word would be a number or a keyword.
pub fn written(entries: &[String]) -> String {
    let bare = |entry: &String| {
        let name = entry.split('*').next().unwrap_or_default();
        name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !matches!(name, "true" | "false" | "null" | "inf" | "nan")
    };
    let word = |entry: &String| if bare(entry) { entry.clone() } else { as_text(entry) };
    entries.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn tokens(text: &str, known: impl Fn(&str) -> bool) -> Option<Vec<OrderToken<'_>>> {
    let in_word = |c: char| c.is_alphanumeric() && c != '×' || c == '_' || c == '-';
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix("->") {
            rest = behind;
            continue;
        }
        if !in_word(c) {
            rest = &rest[c.len_utf8()..];
            match c {
                '*' | '!' | ':' | '×' if tokens.last() == Some(&OrderToken::Times) => {}
                '*' | '!' | ':' | '×' => tokens.push(OrderToken::Times),
                '(' | '[' => tokens.push(OrderToken::Open),
                ')' | ']' => tokens.push(OrderToken::Close),
                ',' | '+' | '>' | '|' | '"' | '\'' => {}
                c if c.is_whitespace() => {}
                _ => return None,
            }
            continue;
        }
        let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        let end =
            rest[..end].strip_suffix('-').filter(|_| rest[end..].starts_with('>')).map_or(end, str::len);
        let (word, behind) = rest.split_at(end);
        rest = behind;
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let times = |word: &str| matches!(word, "x" | "X" | "times");
        if known(word) {
            tokens.push(OrderToken::Name(word));
        } else if times(word) {
            tokens.push(OrderToken::Times);
        } else if digits > 0 {
            tokens.push(OrderToken::Number(word[..digits].parse().ok()?));
            match &word[digits..] {
                "" => {}
                sign if times(sign) => tokens.push(OrderToken::Times),
                tail => tokens.extend([OrderToken::Times, OrderToken::Name(tail.strip_prefix(['x', 'X'])?)]),
            }
        } else if let Some(count) = word.strip_prefix(['x', 'X']).and_then(|count| count.parse().ok()) {
            tokens.extend([OrderToken::Times, OrderToken::Number(count)]);
        } else {
            tokens.push(OrderToken::Name(word));
        }
    }
    Some(tokens)
}

/// Reads what stands up to a closing bracket or the end.
fn sequence<'t>(tokens: &[OrderToken<'t>], at: &mut usize, depth: usize) -> Option<Vec<(&'t str, u32)>> {
    let mut entries = Vec::new();
    // Where the last name or group begins.
    let mut last: Option<usize> = None;
    if depth > DEEPEST {
        return None;
    }
    while let Some(token) = tokens.get(*at) {
        let next = tokens.get(*at + 1);
        match (*token, next) {
            (OrderToken::Close, _) => return Some(entries),
            (OrderToken::Times, Some(OrderToken::Number(count))) => {
                *at += 2;
                repeat(&mut entries, last.take()?, *count)?;
            }
            // A number before what it counts: `2*verse`, or `2 verse` where nothing stands before it.
            (OrderToken::Number(count), Some(OrderToken::Times)) => {
                *at += 2;
                last = Some(entries.len());
                unit(tokens, at, depth, &mut entries)?;
                repeat(&mut entries, last.take()?, count)?;
            }
            (OrderToken::Number(count), _) => {
                *at += 1;
                let start = entries.len();
                if let Some(last) = last.take() {
                    repeat(&mut entries, last, count)?;
                } else {
                    unit(tokens, at, depth, &mut entries)?;
                    repeat(&mut entries, start, count)?;
                }
            }
            (OrderToken::Times, _) => return None,
            (OrderToken::Name(_) | OrderToken::Open, _) => {
                last = Some(entries.len());
                unit(tokens, at, depth, &mut entries)?;
            }
        }
    }
    Some(entries)
}

/// Reads one name or group.
fn unit<'t>(
    tokens: &[OrderToken<'t>],
    at: &mut usize,
    depth: usize,
    entries: &mut Vec<(&'t str, u32)>,
) -> Option<()> {
    match tokens.get(*at)? {
        OrderToken::Name(name) => {
            *at += 1;
            entries.push((name, 1));
        }
        OrderToken::Open => {
            *at += 1;
            entries.extend(sequence(tokens, at, depth + 1)?);
            if tokens.get(*at) != Some(&OrderToken::Close) {
                return None;
            }
            *at += 1;
        }
        _ => return None,
    }
    (entries.len() <= MOST_ENTRIES).then_some(())
}

/// Plays the entries from `start` on `times` times.
fn repeat(entries: &mut Vec<(&str, u32)>, start: usize, times: u32) -> Option<()> {
    if !(1..=MOST_TIMES).contains(&times) {
        return None;
    }
    if let [(_, one)] = &mut entries[start..] {
        *one = one.checked_mul(times).filter(|times| *times <= MOST_TIMES)?;
        return Some(());
    }
    let group = entries[start..].to_vec();
    if group.is_empty() || start + group.len().saturating_mul(times as usize) > MOST_ENTRIES {
        return None;
    }
    for _ in 1..times {
        entries.extend_from_slice(&group);
    }
    Some(())
}

impl<'t> Reader<'t> {
    /// Makes one diagnostic of those about an `arrange` whose order isn't KDL, and goes on with the order that is meant.
    /// `before` is how many there were before this node.
    pub(super) fn mend_order(&mut self, node: &mut Node<'t>, before: usize) {
        if node.name.text != "arrange" || self.found.len() == before || node.children.is_some() {
            return;
        }
        let start = node.name.span.end as usize;
        let text = &self.text[start..self.at];
        let (start, text) = (start + text.len() - text.trim_start().len(), text.trim());
        // Where only quotes are missing, that has been said.
        let Some(entries) = rewritten(text, |_| false).filter(|entries| entries.join(" ") != text) else {
            return;
        };
        self.found.truncate(before);
        let span = self.span(start, start + text.len());
        let fault = self
            .fault(
                &codes::BAD_ARRANGEMENT,
                start,
                start + text.len(),
                "this order isn't written as sections, each with how often it is played".into(),
            )
            .label("not sections to play")
            .write(Edit::replace(span, written(&entries)).showing("arrange "));
        self.report(fault);
        node.props.clear();
        node.args = entries
            .into_iter()
            .map(|word| Value { data: Data::Text(word.into()), raw: text, span })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::{rewritten, written};

    #[test]
    fn orders_of_other_languages_are_read() {
        for (text, order) in [
            ("verse *2", "verse*2"),
            ("2*verse", "verse*2"),
            ("2 verse", "verse*2"),
            ("2x verse", "verse*2"),
            ("2xverse", "verse*2"),
            ("verse x2 end", "verse*2 end"),
            ("verse x 2", "verse*2"),
            ("verse 2 end", "verse*2 end"),
            ("verse!2", "verse*2"),
            ("verse:2", "verse*2"),
            ("verse×2", "verse*2"),
            ("(one two)*2", "one two one two"),
            ("[one two]*2 end", "one two one two end"),
            ("2*(one two)", "one two one two"),
            ("(one)*3", "one*3"),
            ("(one*2 two)!2", "one*2 two one*2 two"),
            ("one, two, one", "one two one"),
            ("one -> two->one", "one two one"),
            ("one + two", "one two"),
            ("[\"one\", \"two\"] * 2", "one two one two"),
            ("one, -6dB", "one \"-6dB\""),
            ("2 true", "\"true*2\""),
        ] {
            assert_eq!(rewritten(text, |_| false).as_deref().map(written).as_deref(), Some(order), "{text}");
        }
        let entries = rewritten("verse x2", |word| word == "x2");
        assert_eq!(entries, Some(vec!["verse".to_owned(), "x2".to_owned()]));
    }

    #[test]
    fn what_means_nothing_stays() {
        for text in ["", "*2", "one*", "one*0", "one*99999", "(one two", "one)", "one*two", "{one}"] {
            assert_eq!(rewritten(text, |_| false), None, "{text}");
        }
        let deep = format!("{}one{}", "(".repeat(1000), ")".repeat(1000));
        assert_eq!(rewritten(&deep, |_| false), None);
        assert_eq!(rewritten("((one two)*8)*8*8", |_| false), None);
    }
}

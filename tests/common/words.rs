//! Phrases that prose doesn't use, each with the usual term, and where a text has them. One list for documents and source.

/// A phrase in lower case, and what to write instead.
pub(crate) const AVOIDED: &[(&str, &str)] = &[
    ("at the most", "at most"),
    ("behind", "after"),
    ("in front of", "before"),
    ("free line", "blank line"),
    ("free blank", "blank"),
    ("small letters", "lower case"),
    ("without a wish", "by default"),
    ("unless said otherwise", "by default"),
    ("unless told otherwise", "by default"),
    ("put out", "output, write"),
    ("puts out", "outputs, writes"),
    ("stays at the border", "is clamped"),
    ("held in its range", "is clamped"),
    ("goes over in", "is smoothed over"),
    ("is told", "is reported"),
    ("are told", "are reported"),
    ("was told", "was reported"),
    ("tells of", "reports"),
    ("rings rings", "tails ring on"),
    ("goes round", "loops"),
    ("go round", "loop"),
    ("round and round", "in a loop"),
    ("stands otherwise", "differs"),
    ("the news", "messages"),
    ("news are", "messages are"),
    ("reckon", "compute"),
    ("hands on it", "live control"),
    ("hands on a", "live control"),
    ("with hands on", "with live control"),
    ("other hands", "overrides"),
    ("rules of the house", "rules"),
    ("floors", "layers"),
    ("roofs", "modules, `mod.rs`"),
    ("taken down", "recorded"),
    ("the one before that", "the previous one"),
    ("counts so", "counts as such"),
    ("by turns", "in turn"),
    ("may be as it likes", "is not limited"),
    ("looks how", "describes"),
    ("is had from", "is read from"),
];

/// A document's phrases to avoid: `name:line: phrase -> term`.
pub(crate) fn faults(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(|c: char| c.is_alphabetic()) {
        // Only where a word begins.
        if text[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        for (phrase, term) in AVOIDED {
            if let Some(rest) = strip(&text[at..], phrase)
                && !rest.chars().next().is_some_and(char::is_alphanumeric)
            {
                let line = 1 + text[..at].matches('\n').count();
                found.push(format!("{name}:{line}: \"{phrase}\" -> {term}"));
            }
        }
    }
    found
}

/// What follows `phrase` at the start of `text`, in any case, with any white space (a line's end too) as its spaces.
fn strip<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let mut rest = text;
    for (index, word) in phrase.split(' ').enumerate() {
        if index > 0 {
            let trimmed = rest.trim_start_matches([' ', '\n', '/', '!']);
            if trimmed.len() == rest.len() {
                return None;
            }
            rest = trimmed;
        }
        let head = rest.get(..word.len())?;
        if !head.eq_ignore_ascii_case(word) {
            return None;
        }
        rest = &rest[word.len()..];
    }
    Some(rest)
}

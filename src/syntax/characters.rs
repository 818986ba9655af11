//! The classes of characters of KDL 2.0.

/// A blank inside a line.
pub(super) const fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// The end of a line.
pub(super) const fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A character that may stand nowhere in a document.
pub(super) const fn is_forbidden(c: char) -> bool {
    is_control(c) || is_direction(c) || c == '\u{feff}'
}

/// A control character that may stand nowhere.
pub(super) const fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}')
}

/// A character that turns the direction of what is shown round: a text with one may say something else than it shows.
pub(super) const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A character of a word without quotes.
pub(super) const fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return !matches!(
            c,
            '\0'..=' ' | '\u{7f}' | '\\' | '/' | '(' | ')' | '{' | '}' | '[' | ']' | ';' | '"' | '#' | '='
        );
    }
    !is_space(c) && !is_newline(c) && !is_forbidden(c)
}

/// Where a value or a name must have ended: a blank, the end of a line or node, or a brace.
pub(super) const fn ends_token(c: char) -> bool {
    is_space(c) || is_newline(c) || matches!(c, ';' | '{' | '}')
}

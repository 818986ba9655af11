//! How a user's words stand in a sentence.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` in backticks, on one line, without control characters, cut where it is long. A path is quoted by [`path`].
pub fn quoted(text: &str) -> String {
    within(text, 40)
}

/// A path as [`quoted`], in full: where there is no room for it, whoever shows it cuts its front (see [`front_cut`]).
pub fn path(path: &str) -> String {
    // No system knows longer ones.
    within(path, 4_096)
}

/// `text` with the fronts of its long paths cut: what stands in backticks and is longer than `most` characters.
pub fn front_cut(text: &str, most: usize) -> Cow<'_, str> {
    let mut parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let mut out = String::new();
    let mut cut = false;
    for (index, part) in parts.drain(..).enumerate() {
        if index > 0 {
            out.push('`');
        }
        let long = part.chars().count();
        let inside = index % 2 == 1 && index < last;
        match part.char_indices().nth(long.saturating_sub(most)) {
            Some((from, _)) if inside && long > most => {
                out.push('…');
                out.push_str(&part[from..]);
                cut = true;
            }
            _ => out.push_str(part),
        }
    }
    if cut { Cow::Owned(out) } else { Cow::Borrowed(text) }
}

fn within(text: &str, longest: usize) -> String {
    let mut out = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == longest {
            out.push('…');
            break;
        }
        if dangerous(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out.push('`');
    out
}

/// `text` without control characters: a terminal must never get any from a song or a file's name.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, dangerous)
}

/// `text` of several lines without control characters but line breaks and tabs.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| dangerous(c) && !matches!(c, '\n' | '\t'))
}

fn escaped(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    // Of most texts that is seen by the byte.
    let fine = |b: u8| b.is_ascii() && !hidden(char::from(b));
    if text.bytes().all(fine) || !text.chars().any(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// JSON without characters that a terminal would obey: `\u009b` means the same to whoever reads JSON.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    let hidden = |c: char| c != '\n' && dangerous(c);
    if !json.chars().any(hidden) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if hidden(c) {
            // Writing to a text can't fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether `c` moves the cursor, changes colours, or turns the direction of what follows: a control character, or one of
/// Unicode's bidirectional controls.
pub fn dangerous(c: char) -> bool {
    c.is_control() || is_bidi_control(c)
}

/// Whether `c` is one of Unicode's bidirectional controls (property `Bidi_Control`).
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` as a KDL text with its quotes, escaped where it must be.
pub fn as_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if dangerous(c) => {
                // A string takes all.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `1 error`, `2 errors`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{as_text, front_cut, list, path, printable, printable_json, printable_lines, quoted};

    #[test]
    fn a_terminal_gets_no_orders() {
        for hidden in
            ['\0', '\u{7}', '\u{1b}', '\r', '\u{7f}', '\u{9b}', '\u{61c}', '\u{200f}', '\u{202e}', '\u{2066}']
        {
            let text = format!("a{hidden}b\nc");
            let written = hidden.escape_unicode();
            assert_eq!(printable(&text), format!("a{written}b\\u{{a}}c"));
            assert_eq!(printable_lines(&text), format!("a{written}b\nc"));
            let json = serde_json::Value::from(text.as_str()).to_string();
            let shown = printable_json(&json);
            assert!(shown.is_ascii(), "{shown:?}");
            assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
        assert_eq!(printable("s\u{f6}ng \u{1f3b5}"), "s\u{f6}ng \u{1f3b5}");
    }

    #[test]
    fn words_are_shown_safely() {
        assert_eq!(quoted("a\nb"), "`a\\u{a}b`");
        assert_eq!(quoted(&"x".repeat(50)), format!("`{}…`", "x".repeat(40)));
        assert_eq!(path(&"x".repeat(50)), format!("`{}`", "x".repeat(50)));
        assert_eq!(as_text("say \"hi\""), "\"say \\\"hi\\\"\"");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }

    #[test]
    fn long_paths_lose_their_front() {
        let long = format!("there is no file {}", path("/home/me/music/songs/kick.wav"));
        assert_eq!(front_cut(&long, 14), "there is no file `…songs/kick.wav`");
        assert_eq!(front_cut(&long, 40), long);
        assert_eq!(
            front_cut("a ` alone and much longer than that", 4),
            "a ` alone and much longer than that"
        );
        assert_eq!(front_cut("`ééééé`", 2), "`…éé`");
    }
}

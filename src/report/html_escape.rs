//! Words in HTML: what comes from songs is text and never becomes anything else.

use std::fmt::Write;
use std::ops::Range;

use crate::compare::measurements::Measurement;
use crate::compare::verdict::Verdict;
use crate::diagnostic::quote::dangerous;
use crate::report::facts::{ReportCause, SourcePlace};

/// `text` without what can't be seen: control characters, and those that turn the direction of all that follows, so that a line
/// reads as it is.
pub(crate) fn plain(text: &str) -> String {
    let hidden = |x: char| dangerous(x) && !matches!(x, '\t' | '\n' | '\r');
    text.chars().map(|x| if hidden(x) { '\u{fffd}' } else { x }).collect()
}

/// `text` within HTML, or within an attribute in double quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in plain(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(character),
        }
    }
    safe
}

/// A verdict as a label; `None` if there is none.
pub(crate) fn chip(verdict: Option<Verdict>) -> String {
    let class = match verdict {
        Some(Verdict::Identical) => "identical",
        Some(Verdict::Inaudible) => "inaudible",
        Some(Verdict::Within) => "within",
        Some(Verdict::Different) => "different",
        None => "unsaid",
    };
    let word = verdict.map_or("can't say", Verdict::word);
    format!("<span class=\"chip {class}\">{}</span>", escaped(word))
}

/// Sentences, one a line.
pub(crate) fn sentences(sentences: &[String]) -> String {
    if sentences.is_empty() {
        return String::new();
    }
    let lines: Vec<String> =
        sentences.iter().map(|sentence| format!("<li>{}</li>", escaped(sentence))).collect();
    format!("<ul class=\"said\">{}</ul>\n", lines.concat())
}

/// A number as short as it can be told: three figures or more.
fn figure(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        "–".to_owned()
    } else if value.is_infinite() {
        (if value > 0.0 { "∞" } else { "−∞" }).to_owned()
    } else {
        let digits = if size >= 100.0 {
            0
        } else if size >= 10.0 {
            1
        } else {
            2
        };
        let text = format!("{value:.digits$}");
        match text.strip_prefix('-') {
            // Nothing is less than nothing.
            Some(digits) if digits.trim_matches(['0', '.']).is_empty() => digits.to_owned(),
            Some(digits) => format!("−{digits}"),
            None => text,
        }
    }
}

/// By how much a figure has changed.
fn change(values: [f64; 2]) -> String {
    let [a, b] = values;
    if a == b {
        return "same".to_owned();
    }
    let change = b - a;
    let text = figure(change);
    match text.as_str() {
        "0.00" => "same".to_owned(),
        _ if change.is_nan() || change < 0.0 => text,
        _ => format!("+{text}"),
    }
}

/// The figures of A and B as a table.
pub(crate) fn table(figures: &[Measurement]) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let rows: Vec<String> = figures
        .iter()
        .map(|told| {
            let (name, unit) = (escaped(told.name), escaped(told.unit));
            let unit = if unit.is_empty() { unit } else { format!(" <small>{unit}</small>") };
            let [a, b] = told.values.map(figure);
            format!(
                "<tr><th scope=\"row\">{name}{unit}</th><td>{a}</td><td>{b}</td><td>{}</td></tr>\n",
                change(told.values)
            )
        })
        .collect();
    let rows = rows.concat();
    format!(
        "<table class=\"figures\"><thead><tr><th scope=\"col\">Figure</th><th scope=\"col\">A</th><th scope=\"col\">B</th>\
         <th scope=\"col\">Change</th></tr></thead><tbody>\n{rows}</tbody></table>\n"
    )
}

/// Where a place is, as editors read it.
fn address(place: &SourcePlace) -> String {
    escaped(&format!("{}:{}:{}", place.file, place.line, place.column))
}

/// A change in the text, with the lines.
pub(crate) fn cause(cause: &ReportCause) -> String {
    let mut text = format!("<li class=\"cause\"><p>{}</p>\n", escaped(&cause.sentence));
    let signs = ["−", "+"];
    let labels = ["in A", "in B"];
    let addresses: Vec<String> = cause.places.iter().flatten().map(address).collect();
    if addresses.len() == 2 && addresses[0] == addresses[1] {
        let _ = writeln!(text, "<p class=\"where\">{}</p>", addresses[0]);
    } else {
        for (place, label) in cause.places.iter().zip(labels) {
            if let Some(place) = place {
                let _ = writeln!(text, "<p class=\"where\">{} <small>{label}</small></p>", address(place));
            }
        }
    }
    text.push_str("<pre>");
    for ((place, sign), label) in cause.places.iter().zip(signs).zip(labels) {
        let Some(place) = place else { continue };
        let class = if sign == "+" { "new" } else { "old" };
        let [before, inside, behind] = parts(&place.text, &place.underline).map(escaped);
        let _ = write!(
            text,
            "<span class=\"{class}\"><i aria-label=\"{label}\">{sign}</i> <b>{}</b> {before}<u>{inside}</u>{behind}</span>",
            place.line
        );
    }
    text.push_str("</pre></li>\n");
    text
}

/// A line in three: what is underlined is the middle.
fn parts<'a>(text: &'a str, underline: &Range<usize>) -> [&'a str; 3] {
    let at = |place: usize| {
        let place = place.min(text.len());
        (0..=place).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
    };
    let (start, end) = (at(underline.start), at(underline.end.max(underline.start)));
    [&text[..start], &text[start..end], &text[end..]]
}

#[cfg(test)]
mod tests {
    use super::{cause, change, escaped, figure, parts};
    use crate::report::facts::{ReportCause, SourcePlace};

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escaped("gain \u{202e}0\u{2069}\t"), "gain \u{fffd}0\u{fffd}\t");
        assert_eq!(escaped("<a b=\"c\" d='e'>&\0"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\u{fffd}");
    }

    #[test]
    fn figures_are_short() {
        let texts = [0.0, -0.001, -3.456, 12.34, 12_345.6, f64::NAN, f64::NEG_INFINITY].map(figure);
        assert_eq!(texts, ["0.00", "0.00", "−3.46", "12.3", "12346", "–", "−∞"]);
        assert_eq!(
            [[1.0, 1.0], [1.0, 3.5], [2.0, 1.0], [f64::NAN, 1.0]].map(change),
            ["same", "+2.50", "−1.00", "–"]
        );
    }

    #[test]
    fn what_is_underlined_never_cuts_a_character() {
        assert_eq!(parts("aéb", &(1..3)), ["a", "é", "b"]);
        assert_eq!(parts("aéb", &(2..99)), ["a", "éb", ""]);
        let backwards = std::ops::Range { start: 9, end: 2 };
        assert_eq!(parts("aéb", &backwards), ["aéb", "", ""]);
    }

    #[test]
    fn one_place_is_told_once() {
        let place = |text: &str| {
            let (file, text) = ("a<b.kdl".to_owned(), text.to_owned());
            Some(SourcePlace { file, line: 9, column: 2, text, underline: 1..2 })
        };
        let text =
            cause(&ReportCause { sentence: "x -> y".to_owned(), places: [place("<x>"), place("<y>")] });
        assert_eq!(text.matches("a&lt;b.kdl:9:2").count(), 1);
        assert!(text.contains("&lt;<u>x</u>&gt;") && text.contains("&lt;<u>y</u>&gt;"));
        let added = cause(&ReportCause { sentence: "x".to_owned(), places: [None, place("<x>")] });
        assert!(added.contains("in B") && !added.contains("in A"));
    }
}

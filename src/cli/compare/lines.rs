//! A comparison as lines on a terminal.

use std::fmt::Write;

use crate::cli::compare::compare_result::{ChangeCause, CompareResult, ComparedPart, Measured};
use crate::compare::measurements::figures;
use crate::compare::verdict::Verdict;
use crate::compare::wording::{hertz, tenth};
use crate::diagnostic::quote::printable;

/// Causes of one part that are told; the others are counted.
const MOST: usize = 8;
/// Sentences on what is played otherwise that are told.
const MOST_EVENTS: usize = 4;

/// Everything that is said of a comparison, each line indented by `by` blanks. `measures` adds what was measured.
pub(crate) fn lines(comparison: &CompareResult, by: usize, measures: bool) -> String {
    let mut out = String::new();
    let indent = " ".repeat(by);
    // Writing to a text can't fail.
    if let Some(lag) = comparison.aligned {
        let how = if lag > 0 { "later" } else { "earlier" };
        let _ =
            writeln!(out, "{indent}compared after moving: the second is {} frames {how}", lag.unsigned_abs());
    }
    let mut shown = Vec::new();
    for part in comparison.parts.iter().filter(|part| part.verdict != Verdict::Identical) {
        let _ = writeln!(out, "{indent}{}", printable(&part.sentence()));
        for event in part.events.iter().take(MOST_EVENTS) {
            let _ = writeln!(out, "{indent}  {}", printable(event));
        }
        if part.events.len() > MOST_EVENTS {
            let _ = writeln!(out, "{indent}  … and {} more of this kind", part.events.len() - MOST_EVENTS);
        }
        if measures {
            write_measures(&mut out, &indent, part);
        }
        write_causes(&mut out, &indent, comparison, part, &mut shown);
    }
    for sentence in comparison.lonely() {
        let _ = writeln!(out, "{indent}{}", printable(&sentence));
    }
    if let Some(rest) = comparison.rest() {
        let _ = writeln!(out, "{indent}{rest}");
    }
    let unheard: Vec<&ChangeCause> = comparison.causes.iter().filter(|cause| !cause.heard).collect();
    for cause in unheard.iter().take(MOST) {
        let _ = writeln!(out, "{indent}not heard: {}{}", printable(&cause.said), place(cause));
    }
    if unheard.len() > MOST {
        let _ = writeln!(out, "{indent}… and {} more changes that are not heard", unheard.len() - MOST);
    }
    out
}

fn place(cause: &ChangeCause) -> String {
    let Some(place) = cause.place() else { return String::new() };
    format!(" ({}:{}:{})", printable(&place.file), place.line, place.column)
}

/// The causes of a part. Where the stems have them, the mix doesn't say them again. Of those that were `shown` only the place is
/// told.
fn write_causes(
    out: &mut String,
    indent: &str,
    comparison: &CompareResult,
    part: &ComparedPart,
    shown: &mut Vec<usize>,
) {
    let of_stem = |cause: &usize| {
        comparison.parts.iter().any(|other| !other.id.is_empty() && other.causes.contains(cause))
    };
    let causes: Vec<(usize, &ChangeCause)> = part
        .causes
        .iter()
        .filter(|cause| !part.id.is_empty() || !of_stem(cause))
        .filter_map(|cause| Some((*cause, comparison.causes.get(*cause)?)))
        .collect();
    for (number, cause) in causes.iter().take(MOST) {
        if shown.contains(number) {
            let _ = writeln!(out, "{indent}  because {}{}", printable(&cause.said), place(cause));
            continue;
        }
        shown.push(*number);
        let _ = writeln!(out, "{indent}  because {}", printable(&cause.said));
        if let Some(place) = cause.place() {
            let number = place.line.to_string();
            let (line, mark) = excerpt(&place.text, place.column, place.length);
            let blank = " ".repeat(number.len());
            let _ = writeln!(
                out,
                "{indent}    {blank}--> {}:{}:{}",
                printable(&place.file),
                place.line,
                place.column
            );
            let _ = writeln!(out, "{indent}    {number} | {}", printable(&line));
            let _ = writeln!(out, "{indent}    {blank} | {mark}");
        }
    }
    if causes.len() > MOST {
        let _ = writeln!(out, "{indent}  … and {} more changes", causes.len() - MOST);
    }
}

/// Characters of a line that are shown.
const WIDTH: usize = 100;

/// A line and the mark under its part; of a long one only what is around that.
fn excerpt(text: &str, column: usize, length: usize) -> (String, String) {
    let characters: Vec<char> = text.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let start = column - 1;
    let from = if characters.len() <= WIDTH { 0 } else { start.saturating_sub(WIDTH / 4) };
    let to = characters.len().min(from + WIDTH);
    let line: String = characters[from.min(to)..to].iter().collect();
    let most = to.saturating_sub(start).max(1);
    (line.trim_end().to_owned(), format!("{}{}", " ".repeat(start - from), "^".repeat(length.min(most))))
}

fn write_measures(out: &mut String, indent: &str, part: &ComparedPart) {
    let Measured::Sounds { pair, .. } = &part.measured else { return };
    for figure in figures(pair).into_iter().filter(|figure| !figure.is_none()) {
        let name = match figure.unit {
            // Told with each value.
            "" | "Hz" => figure.name.to_owned(),
            unit => format!("{}, {unit}", figure.name),
        };
        let [before, after] = figure.values.map(|value| told(figure.unit, value));
        let _ = writeln!(out, "{indent}    {name:<22} {before:>12} {after:>12}");
    }
}

/// A value of a figure as exactly as it can be heard.
fn told(unit: &str, value: f64) -> String {
    match unit {
        _ if value.is_nan() => "-".to_owned(),
        _ if value == f64::INFINITY => "inf".to_owned(),
        "Hz" => hertz(value),
        "dB/octave" => format!("{value:.2}"),
        "s" | "" => format!("{value:.3}"),
        _ => tenth(value),
    }
}

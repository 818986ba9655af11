//! The page: one file that needs nothing else, with what a browser lets it do.

use std::fmt::Write;

use serde_json::Value;

use crate::compare::verdict::Verdict;
use crate::io::file_kind::PAGE_MARK;
use crate::report::data::{Shown, show};
use crate::report::facts::{Limits, ReportComparison, ReportData, ReportPart};
use crate::report::html_escape::{cause, chip, escaped, sentences, table};
use crate::report::strip::strip;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What a comparison gets at the least, as long as there is some: a little of everything helps nobody, and the first are the
/// worst.
const LEAST: Limits = Limits { sound: 700_000, pictures: 150_000 };

/// The page of a report, as HTML. The same report gives the same bytes.
///
/// `limits` are for all comparisons together; what the first ones don't need is left to the others.
pub fn page(report: &ReportData, limits: Limits) -> String {
    let mut left = limits;
    let mut data: Vec<Value> = Vec::with_capacity(report.comparisons.len());
    let mut body = String::new();
    let alone = report.comparisons.len() == 1;
    for (number, comparison) in report.comparisons.iter().enumerate() {
        // What has nothing to show needs no room.
        let shows = |comparison: &&ReportComparison| !comparison.parts.is_empty();
        let waiting = report.comparisons[number..].iter().filter(shows).count().max(1);
        let share = |left: usize, least: usize| (left / waiting).max(least.min(left));
        let share =
            Limits { sound: share(left.sound, LEAST.sound), pictures: share(left.pictures, LEAST.pictures) };
        let shown = show(comparison, share);
        left.sound = left.sound + shown.left.sound - share.sound;
        left.pictures = left.pictures + shown.left.pictures - share.pictures;
        body.push_str(&compared(comparison, &shown, number, alone));
        data.push(shown.data);
    }
    let data = Value::from(data).to_string().replace('<', "\\u003c");
    let top = top(report);
    // Nothing within the page can know it, because it is a hash of all that is in it.
    let nonce = {
        let mut hasher = blake3::Hasher::new();
        for text in [PAGE, STYLE, SCRIPT, &report.title, &top, &body, &data] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    };
    let pieces = [
        ("MARK", PAGE_MARK.to_owned()),
        ("TITLE", escaped(&report.title)),
        ("STYLE", STYLE.to_owned()),
        ("TOP", top),
        ("BODY", body),
        ("DATA", data),
        ("SCRIPT", SCRIPT.to_owned()),
    ];
    let mut page =
        String::with_capacity(pieces.iter().map(|piece| piece.1.len()).sum::<usize>() + PAGE.len());
    // Marks are looked for in the page as it is written, never in what was put in.
    let mut rest = PAGE;
    while let Some((before, behind)) = rest.split_once("{{") {
        page.push_str(before);
        let Some((mark, behind)) = behind.split_once("}}") else { break };
        let piece = pieces.iter().find(|piece| piece.0 == mark);
        page.push_str(piece.map_or(&nonce, |piece| &piece.1));
        rest = behind;
    }
    page.push_str(rest);
    page
}

/// What stands above all comparisons.
fn top(report: &ReportData) -> String {
    let verdicts = report.comparisons.iter().map(|comparison| comparison.verdict);
    let worst = verdicts.max_by_key(|verdict| (verdict.is_none(), *verdict));
    let mut text = format!("<h1>{}</h1>\n", escaped(&report.title));
    if let Some(worst) = worst {
        let _ = writeln!(text, "<p class=\"verdict\">{}</p>", chip(worst));
    }
    text.push_str(&sentences(&report.sentences));
    if let [comparison] = report.comparisons.as_slice() {
        text.push_str(&names(comparison));
        text.push_str(&sentences(&comparison.sentences));
    } else if !report.comparisons.is_empty() {
        text.push_str("<ol class=\"index\">\n");
        for (number, comparison) in report.comparisons.iter().enumerate() {
            let said = comparison.sentences.first().map(|said| format!("<small>{}</small>", escaped(said)));
            let _ = writeln!(
                text,
                "<li><a href=\"#c{number}\">{}</a> {} {}</li>",
                escaped(&comparison.title),
                chip(comparison.verdict),
                said.unwrap_or_default()
            );
        }
        text.push_str("</ol>\n");
    }
    text
}

/// What A and B are.
fn names(comparison: &ReportComparison) -> String {
    let [a, b] = &comparison.names;
    format!(
        "<dl class=\"names\"><div><dt class=\"a\">A</dt><dd>{}</dd></div><div><dt class=\"b\">B</dt><dd>{}</dd></div></dl>\n",
        escaped(a),
        escaped(b)
    )
}

fn compared(comparison: &ReportComparison, shown: &Shown, number: usize, alone: bool) -> String {
    let mut text = String::new();
    if alone {
        let _ = writeln!(text, "<section class=\"compared\" id=\"c{number}\">");
    } else {
        let _ = writeln!(
            text,
            "<details class=\"compared\" id=\"c{number}\" open>\n<summary><h2>{}</h2> {}</summary>",
            escaped(&comparison.title),
            chip(comparison.verdict)
        );
        text.push_str(&names(comparison));
        text.push_str(&sentences(&comparison.sentences));
    }
    if !comparison.parts.is_empty() {
        text.push_str(&strip(comparison, &shown.grid, &shown.severity, number));
    }
    for (place, part) in comparison.parts.iter().enumerate() {
        text.push_str(&of_part(comparison, part, number, place));
    }
    let told = |index: &usize| comparison.parts.iter().any(|part| part.causes.contains(index));
    let others: Vec<usize> = (0..comparison.causes.len()).filter(|index| !told(index)).collect();
    if !others.is_empty() {
        text.push_str("<section class=\"others\"><h3>Also changed</h3>\n");
        text.push_str(&causes(comparison, &others));
        text.push_str("</section>\n");
    }
    // Elsewhere they are a row of the strip.
    if !comparison.identical.is_empty() && comparison.parts.is_empty() {
        let names = escaped(&comparison.identical.join(", "));
        let _ = writeln!(
            text,
            "<p class=\"identical\">{} <span>{names}</span></p>",
            chip(Some(Verdict::Identical))
        );
    }
    text.push_str(if alone { "</section>\n" } else { "</details>\n" });
    text
}

/// A part: what is said of it, and a stage for what the script draws.
fn of_part(comparison: &ReportComparison, part: &ReportPart, number: usize, place: usize) -> String {
    let mut text = format!(
        "<details class=\"part\" id=\"c{number}p{place}\" open>\n<summary><h3>{}</h3> {} <span class=\"gist\">{}</span></summary>\n<div class=\"stage\"></div>\n",
        escaped(&part.id),
        chip(Some(part.verdict)),
        escaped(&part.sentences.join("; "))
    );
    text.push_str("<div class=\"facts\">\n");
    let figures = table(&part.figures);
    if !figures.is_empty() {
        let _ = writeln!(text, "<div class=\"wide\">{figures}</div>");
    }
    let known: Vec<usize> =
        part.causes.iter().copied().filter(|index| *index < comparison.causes.len()).collect();
    if !known.is_empty() {
        text.push_str("<div><h4>Because</h4>\n");
        text.push_str(&causes(comparison, &known));
        text.push_str("</div>\n");
    }
    text.push_str("</div>\n</details>\n");
    text
}

fn causes(comparison: &ReportComparison, indices: &[usize]) -> String {
    let all: String = indices.iter().map(|index| cause(&comparison.causes[*index])).collect();
    format!("<ul class=\"causes\">\n{all}</ul>\n")
}

#[cfg(test)]
mod tests {
    use super::{PAGE, SCRIPT, STYLE, page};
    use crate::report::facts::{Limits, ReportData};

    #[test]
    fn the_page_stands_alone() {
        assert!(PAGE.len() + STYLE.len() + SCRIPT.len() < 60_000);
        assert!(PAGE.matches("{{NONCE}}").count() == 4);
        for text in [PAGE, STYLE, SCRIPT] {
            assert!(!text.contains("://") && !text.contains(" src=") && !text.contains("innerHTML"));
            assert!(!text.contains("@import") && !text.contains("url("));
        }
        assert!(!SCRIPT.contains("fetch(") && !SCRIPT.contains("</") && !STYLE.contains("</"));
    }

    #[test]
    fn titles_are_text_and_pages_repeat() {
        let title = "</title><script>alert(1)</script>{{DATA}}".to_owned();
        let report = ReportData { title, ..ReportData::default() };
        let made = page(&report, Limits::default());
        assert_eq!(made.matches("<script").count(), 2);
        assert!(made.contains("{{DATA}}") && !made.contains("NONCE"));
        assert_eq!(made, page(&report, Limits::default()));
    }
}

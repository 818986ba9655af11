//! Outcomes for other programs: JSON, `JUnit`, SARIF and the annotations of GitHub.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::compare::compare_result::{ChangeCause, CompareResult, ComparedPart, Measured};
use crate::cli::compare::lines::lines;
use crate::cli::compare::test_outcome::{TestOutcome, TestStatus};
use crate::compare::measurements::{Measurement, figures};
use crate::diagnostic::json::value;
use crate::diagnostic::quote::{dangerous, printable, printable_lines};
use crate::diagnostic::report::Diagnostic;

/// The code under which causes are told.
const RULE: &str = "sound-changed";

/// An outcome as JSON.
pub(crate) fn json(outcome: &TestOutcome) -> Value {
    let status = match outcome.status {
        TestStatus::Passed => "passed",
        TestStatus::Blessed => "blessed",
        TestStatus::Failed => "failed",
        TestStatus::Broken => "broken",
    };
    let said = outcome.said.iter().map(|said| value(said, &outcome.sources, &outcome.name));
    json!({
        "name": outcome.name,
        "status": status,
        "verdict": outcome.word(),
        "comparison": outcome.comparison.as_ref().map(comparison),
        "diagnostics": said.collect::<Vec<_>>(),
        "kept": outcome.kept,
        "notes": outcome.notes,
    })
}

fn comparison(comparison: &CompareResult) -> Value {
    json!({
        "a": comparison.names[0],
        "b": comparison.names[1],
        "aligned": comparison.aligned,
        "parts": comparison.parts.iter().map(|part| self::part(comparison, part)).collect::<Vec<_>>(),
        "identical": comparison.same,
        "only_in_a": comparison.only[0],
        "only_in_b": comparison.only[1],
        "causes": comparison.causes.iter().map(cause).collect::<Vec<_>>(),
    })
}

fn cause(cause: &ChangeCause) -> Value {
    let place = cause.place();
    json!({
        "said": cause.said,
        "heard": cause.heard,
        "file": place.map(|place| &place.file),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
    })
}

fn part(comparison: &CompareResult, part: &ComparedPart) -> Value {
    let (mut bars, mut measures) = (Value::Array(Vec::new()), Value::Null);
    if let Measured::Sounds { pair, .. } = &part.measured {
        let grid = &comparison.grids[1];
        let bar = |bar: &crate::compare::pair::DifferentBar| {
            json!({
                "place": if bar.index < grid.len() { grid.name(bar.index) } else { format!("bar {}", bar.index + 1) },
                "residual": bar.residual,
                "level": bar.levels,
                "distance": bar.distance,
                "centroid": bar.centroids,
                "balance": bar.balances,
            })
        };
        bars = pair.bars.iter().map(bar).collect();
        measures = json!({
            "frames": pair.measures.each_ref().map(|measures| measures.levels.frames),
            "blake3": pair.measures.each_ref().map(|measures| measures.levels.hash.to_hex().to_string()),
            "first_frame": pair.residual.and_then(|residual| residual.differs).map(|(first, _)| first),
        });
        for Measurement { key, values, .. } in figures(pair) {
            measures[key] = if values[0].is_nan() { json!(values[1]) } else { json!(values) };
        }
    }
    json!({
        "id": part.id,
        "verdict": part.verdict.word(),
        "sentence": part.sentence(),
        "places": part.places,
        "effects": part.effects,
        "events": part.events,
        "causes": part.causes,
        "measures": measures,
        "bars": bars,
    })
}

/// Outcomes as `JUnit`: a test case for each.
pub(crate) fn junit(suite: &str, outcomes: &[TestOutcome]) -> String {
    let count = |status: TestStatus| outcomes.iter().filter(|outcome| outcome.status == status).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a text can't fail.
    let _ = writeln!(
        out,
        "<testsuites>\n  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        escaped(suite),
        outcomes.len(),
        count(TestStatus::Failed),
        count(TestStatus::Broken)
    );
    for outcome in outcomes {
        let (name, word) = (escaped(&outcome.name), escaped(outcome.word()));
        let _ = write!(out, "    <testcase classname=\"{}\" name=\"{name}\"", escaped(suite));
        let tag = match outcome.status {
            TestStatus::Passed | TestStatus::Blessed => {
                out.push_str("/>\n");
                continue;
            }
            TestStatus::Failed => "failure",
            TestStatus::Broken => "error",
        };
        let _ = writeln!(out, ">\n      <{tag} message=\"{word}\">{}</{tag}>", escaped(&text(outcome)));
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>");
    out
}

/// Everything that is said of an outcome, as plain text.
pub(crate) fn text(outcome: &TestOutcome) -> String {
    let mut out = String::new();
    if let Some(comparison) = &outcome.comparison {
        out.push_str(&lines(comparison, 0, false));
    }
    for said in &outcome.said {
        let _ = writeln!(out, "{}", message(said));
    }
    outcome.notes.iter().chain(&outcome.kept).for_each(|line| {
        let _ = writeln!(out, "{line}");
    });
    out.truncate(out.trim_end().len());
    out
}

fn message(said: &Diagnostic) -> String {
    let help = said.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{}: {}{help}", said.code.id, said.message)
}

/// For XML: signs that mean something there, and none that may not stand there at all.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c if dangerous(c) => {
                // Writing to a text can't fail.
                let _ = write!(out, "&#x{:x};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Something at a place: what is annotated.
struct Remark {
    code: String,
    message: String,
    place: Option<(String, usize, usize)>,
    fails: bool,
}

/// Each cause of what fails, each fault, and what fails without a known cause.
fn remarks(outcomes: &[TestOutcome]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for outcome in outcomes {
        let fails = matches!(outcome.status, TestStatus::Failed | TestStatus::Broken);
        let causes = outcome.causes();
        if causes.is_empty() {
            let alone = |part: &ComparedPart| Remark {
                code: RULE.to_owned(),
                message: part.sentence(),
                place: Some((outcome.name.clone(), 1, 1)),
                fails,
            };
            remarks.extend(outcome.parts().map(alone));
        }
        for (cause, sentences) in causes {
            let place = cause.place().map(|place| (place.file.clone(), place.line, place.column));
            let message = format!("{}: {}", cause.said, sentences.join("; "));
            remarks.push(Remark { code: RULE.to_owned(), message, place, fails });
        }
        for said in &outcome.said {
            let at = said.span.and_then(|span| {
                let source = outcome.sources.get(span.source)?;
                let position = source.position(span.start as usize);
                Some((source.name().to_owned(), position.line, position.column))
            });
            let place = at.or_else(|| Some((outcome.name.clone(), 1, 1)));
            let help = said.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            let message = format!("{}{help}", said.message);
            remarks.push(Remark { code: said.code.id.to_owned(), message, place, fails: said.is_error() });
        }
    }
    remarks
}

/// Outcomes as SARIF 2.1.0.
pub(crate) fn sarif(outcomes: &[TestOutcome]) -> Value {
    let result = |remark: &Remark| {
        let location = remark.place.as_ref().map(|(file, line, column)| {
            json!({
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(file) },
                    "region": { "startLine": line, "startColumn": column },
                },
            })
        });
        json!({
            "ruleId": remark.code,
            "level": if remark.fails { "error" } else { "note" },
            "message": { "text": remark.message },
            "locations": location.into_iter().collect::<Vec<_>>(),
        })
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "chronus",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://docs.rs/chronus",
            } },
            "results": remarks(outcomes).iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

/// A path as a relative reference (RFC 3986): slashes between its parts, everything but unreserved characters as bytes.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Outcomes as commands that GitHub turns into annotations of lines.
pub(crate) fn annotations(outcomes: &[TestOutcome]) -> String {
    let mut out = String::new();
    for Remark { code, message, place, fails } in remarks(outcomes) {
        let level = if fails { "error" } else { "notice" };
        // GitHub takes line breaks in this form and hands the rest on to a terminal as it is.
        let data = |text: &str| {
            let text = printable_lines(text);
            text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
        };
        let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
        let place = place.map(|(file, line, column)| {
            format!(" file={},line={line},col={column},title={}", property(&file), property(&code))
        });
        let _ = writeln!(out, "::{level}{}::{}", place.unwrap_or_default(), data(&message));
    }
    out
}

/// Outcomes as a page of Markdown: what a reviewer sees beside the run.
pub(crate) fn markdown(title: &str, outcomes: &[TestOutcome]) -> String {
    let mut out = format!("## {title}\n\n| | song | what is heard |\n|---|---|---|\n");
    for outcome in outcomes {
        let sign = match outcome.status {
            TestStatus::Passed | TestStatus::Blessed => "✅",
            TestStatus::Failed => "❌",
            TestStatus::Broken => "⚠️",
        };
        let mut heard: Vec<String> = outcome.parts().map(ComparedPart::sentence).collect();
        heard.extend(outcome.said.iter().map(message));
        if heard.is_empty() {
            heard.push(outcome.word().to_owned());
        }
        let heard: Vec<String> = heard.iter().map(|line| cell(line)).collect();
        let _ = writeln!(out, "| {sign} | {} | {} |", cell(&outcome.name), heard.join("<br>"));
    }
    for outcome in outcomes.iter().filter(|outcome| !outcome.causes().is_empty()) {
        let _ = writeln!(out, "\n### {}\n", cell(&outcome.name));
        for (cause, sentences) in outcome.causes() {
            let place = cause
                .place()
                .map(|place| format!(" — `{}:{}`", printable(&place.file).replace('`', "'"), place.line));
            let _ = writeln!(
                out,
                "- **{}**{}: {}",
                cell(&cause.said),
                place.unwrap_or_default(),
                cell(&sentences.join("; "))
            );
        }
    }
    out
}

/// Text that Markdown leaves as it is.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            c if dangerous(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

//! Outcomes told in the format that was asked for.

use std::path::Path;

use clap::ValueEnum;
use serde_json::json;

use crate::cli::compare::formats::{annotations, json, junit, markdown, sarif};
use crate::cli::compare::lines::lines;
use crate::cli::compare::test_outcome::{TestOutcome, TestStatus};
use crate::cli::output::{self, line, note, report};
use crate::diagnostic::quote::{counted, printable};
use crate::io::output_claims::Outputs;

/// How outcomes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Human,
    /// One object.
    Json,
    /// XML that most CI services read.
    Junit,
    /// Results at lines, for code scanning.
    Sarif,
    /// Annotations of lines, and the step's summary.
    Github,
}

/// Tells outcomes on standard output; what went wrong goes to standard error if people read it.
pub(crate) fn tell(title: &str, outcomes: &[TestOutcome], format: ReportFormat, measures: bool) {
    match format {
        ReportFormat::Human => outcomes.iter().for_each(|outcome| human(outcome, measures)),
        ReportFormat::Json => {
            output::json(&json!({ "outcomes": outcomes.iter().map(json).collect::<Vec<_>>() }).to_string());
        }
        ReportFormat::Junit => line(&junit(title, outcomes)),
        ReportFormat::Sarif => output::json(&sarif(outcomes).to_string()),
        ReportFormat::Github => {
            let said = annotations(outcomes);
            if !said.is_empty() {
                line(said.trim_end());
            }
            summary(&markdown(title, outcomes), outcomes);
        }
    }
}

/// Adds to the summary of the step, if GitHub has one.
fn summary(text: &str, outcomes: &[TestOutcome]) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        line(text.trim_end());
        return;
    };
    let mut outputs = Outputs::default();
    outputs.reads(outcomes.iter().flat_map(|outcome| &outcome.read));
    if let Err(why) = outputs.append(Path::new(&path), text.as_bytes()) {
        note(&format!("the step's summary isn't written: {why}"));
    }
}

fn human(outcome: &TestOutcome, measures: bool) {
    line(&format!("{:<17} {}", outcome.word(), printable(&outcome.name)));
    if let Some(comparison) = &outcome.comparison {
        let text = lines(comparison, 2, measures);
        if !text.is_empty() {
            line(text.trim_end());
        }
    }
    for text in &outcome.notes {
        line(&format!("  {}", printable(text)));
    }
    for path in &outcome.kept {
        line(&format!("  kept {}", printable(path)));
    }
    for said in &outcome.said {
        report(said, &outcome.sources);
    }
}

/// `3 songs: 2 identical, 1 different`.
pub(crate) fn tally(outcomes: &[TestOutcome]) -> String {
    let mut words: Vec<(&str, usize)> = Vec::new();
    for outcome in outcomes {
        match words.iter_mut().find(|(word, _)| *word == outcome.word()) {
            Some((_, count)) => *count += 1,
            None => words.push((outcome.word(), 1)),
        }
    }
    let words: Vec<String> = words.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("{}: {}", counted(outcomes.len(), "song"), words.join(", "))
}

/// The exit code: 0 if all passed, 1 if something sounds otherwise, 2 if something could not be compared.
pub(crate) fn code(outcomes: &[TestOutcome]) -> u8 {
    let code = |outcome: &TestOutcome| match outcome.status {
        TestStatus::Passed | TestStatus::Blessed => crate::cli::output::FINE,
        TestStatus::Failed => crate::cli::output::SONG_AT_FAULT,
        TestStatus::Broken => crate::cli::output::FAILED,
    };
    outcomes.iter().map(code).max().unwrap_or(crate::cli::output::FINE)
}

//! Outcomes as a page: handed to the report, and written.

use std::path::Path;

use crate::cli::compare::compare_result::{ChangeCause, ComparedPart, Measured, TextPlace};
use crate::cli::compare::formats::text;
use crate::cli::compare::test_outcome::{TestOutcome, TestStatus};
use crate::cli::unwritable::{refused, unwritable};
use crate::compare::bar_grid::BarGrid;
use crate::compare::measurements::figures;
use crate::compare::verdict::Verdict;
use crate::diagnostic::report::Diagnostic;
use crate::engine::block_loop::Frame;
use crate::io::file_kind::PAGE;
use crate::io::output_claims::{Claim, OutputRefused, Outputs};
use crate::report::facts::{self, Limits, ReportData};
use crate::report::page::page;

/// The place of a page at `path`, before anything is rendered for it.
///
/// # Errors
/// If it may not be written.
pub(crate) fn claimed(path: &Path, outputs: &mut Outputs) -> Result<Claim, Diagnostic> {
    outputs.claim(path, PAGE).map_err(|why| refused(&why))
}

/// Writes the page of these outcomes, the worst first, to `place`.
///
/// # Errors
/// If it can't be written.
pub(crate) fn write(
    place: &Claim,
    outputs: &mut Outputs,
    title: &str,
    sentences: Vec<String>,
    outcomes: &[TestOutcome],
) -> Result<(), Diagnostic> {
    let mut worst: Vec<&TestOutcome> = outcomes.iter().collect();
    worst.sort_by(|a, b| badness(b).total_cmp(&badness(a)));
    let comparisons = worst.into_iter().map(comparison).collect();
    let report = ReportData { title: title.to_owned(), sentences, comparisons };
    let page = page(&report, Limits::default());
    // What songs use is known by now.
    outputs.reads(outcomes.iter().flat_map(|outcome| &outcome.read));
    if outputs.is_read(place.path()) {
        let path = place.path().to_path_buf();
        return Err(refused(&OutputRefused::Read(path.clone(), path)));
    }
    place.write(page.as_bytes()).map_err(|error| unwritable(place.path(), &error))
}

fn badness(outcome: &TestOutcome) -> f64 {
    let parts = outcome.comparison.iter().flat_map(|comparison| &comparison.parts);
    match outcome.status {
        TestStatus::Broken => f64::INFINITY,
        TestStatus::Failed => parts.map(ComparedPart::badness).fold(-1_000.0, f64::max),
        TestStatus::Passed | TestStatus::Blessed => f64::NEG_INFINITY,
    }
}

fn comparison(outcome: &TestOutcome) -> facts::ReportComparison<'_> {
    let plain = facts::ReportComparison {
        title: outcome.name.clone(),
        names: Default::default(),
        verdict: match outcome.status {
            TestStatus::Broken | TestStatus::Failed => None,
            TestStatus::Passed | TestStatus::Blessed => Some(Verdict::Identical),
        },
        sentences: Vec::new(),
        rate: 48_000,
        bars: Default::default(),
        parts: Vec::new(),
        identical: Vec::new(),
        causes: Vec::new(),
    };
    let Some(comparison) = &outcome.comparison else {
        return facts::ReportComparison {
            sentences: text(outcome).lines().map(str::to_owned).collect(),
            ..plain
        };
    };
    let lonely = comparison.lonely();
    let heard = outcome.parts().map(ComparedPart::sentence).chain(lonely).chain(comparison.rest());
    facts::ReportComparison {
        names: comparison.names.clone(),
        verdict: Some(comparison.verdict),
        sentences: heard.chain(outcome.notes.iter().cloned()).collect(),
        rate: comparison.grids[0].rate,
        bars: comparison.grids.each_ref().map(bars),
        parts: outcome.parts().map(|part| self::part(outcome, part)).collect(),
        identical: comparison.same.clone(),
        causes: comparison.causes.iter().map(cause).collect(),
        ..plain
    }
}

/// The bars of a grid; none if it has only seconds.
fn bars(grid: &BarGrid) -> Vec<facts::BarStart> {
    let bar = |index: usize| facts::BarStart {
        frame: grid.starts[index] as usize,
        name: if grid.tail && index + 1 == grid.len() { "tail".to_owned() } else { (index + 1).to_string() },
        section: grid.sections.get(index).map(|(section, _)| section.clone()).unwrap_or_default(),
    };
    if grid.has_bars() { (0..grid.len()).map(bar).collect() } else { Vec::new() }
}

fn part<'a>(outcome: &'a TestOutcome, part: &'a ComparedPart) -> facts::ReportPart<'a> {
    let (mut sounds, mut told): ([Option<&[Frame]>; 2], _) = (Default::default(), Vec::new());
    if let Measured::Sounds { sounds: heard, pair } = &part.measured {
        if let Some(heard) = heard {
            sounds = heard.each_ref().map(|sound| Some(&sound.frames[..]));
        }
        told = figures(pair);
        told.retain(|figure| !figure.is_none());
    }
    let mut severity = Vec::new();
    if let (Measured::Golden(drift), Some(comparison)) = (&part.measured, &outcome.comparison) {
        severity = vec![0.0; comparison.grids[0].len()];
        drift.bars.iter().filter_map(|bar| severity.get_mut(*bar).map(|cell| *cell = 0.7)).for_each(drop);
    }
    let mut said = part.effects.clone();
    said.extend(part.events.iter().cloned());
    let kept = |end: &str| {
        let file = outcome.kept.iter().find(|path| path.ends_with(end)).cloned();
        file.filter(|_| part.id.is_empty())
    };
    facts::ReportPart {
        id: part.name().to_owned(),
        verdict: part.verdict,
        sentences: said,
        figures: told,
        severity,
        sounds,
        kept: [kept("was.wav"), kept("is.wav")],
        causes: part.causes.clone(),
    }
}

fn cause(cause: &ChangeCause) -> facts::ReportCause {
    facts::ReportCause {
        sentence: cause.said.clone(),
        places: cause.places.each_ref().map(|place| place.as_ref().map(self::place)),
    }
}

fn place(place: &TextPlace) -> facts::SourcePlace {
    let at = |character: usize| {
        place.text.char_indices().nth(character).map_or(place.text.len(), |(byte, _)| byte)
    };
    facts::SourcePlace {
        file: place.file.clone(),
        line: place.line,
        column: place.column,
        text: place.text.clone(),
        underline: at(place.column - 1)..at(place.column - 1 + place.length),
    }
}

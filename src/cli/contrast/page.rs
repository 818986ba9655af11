//! Outcomes as a page: handed to the report, and written.

use std::path::Path;

use crate::cli::contrast::comparison::{Cause, Measured, Part, Place};
use crate::cli::contrast::formats::text;
use crate::cli::contrast::outcome::{Outcome, Status};
use crate::cli::unwritable::{refused, unwritable};
use crate::compare::figures::figures;
use crate::compare::grid::Grid;
use crate::compare::verdict::Verdict;
use crate::diagnostic::report::Diagnostic;
use crate::engine::block_loop::Frame;
use crate::io::file_kind::PAGE;
use crate::io::outputs::{Claim, OutputRefused, Outputs};
use crate::report::facts::{self, Limits, Report};
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
    outcomes: &[Outcome],
) -> Result<(), Diagnostic> {
    let mut worst: Vec<&Outcome> = outcomes.iter().collect();
    worst.sort_by(|a, b| badness(b).total_cmp(&badness(a)));
    let comparisons = worst.into_iter().map(comparison).collect();
    let report = Report { title: title.to_owned(), sentences, comparisons };
    let page = page(&report, Limits::default());
    // What songs use is known by now.
    outputs.reads(outcomes.iter().flat_map(|outcome| &outcome.read));
    if outputs.is_read(place.path()) {
        let path = place.path().to_path_buf();
        return Err(refused(&OutputRefused::Read(path.clone(), path)));
    }
    place.write(page.as_bytes()).map_err(|error| unwritable(place.path(), &error))
}

fn badness(outcome: &Outcome) -> f64 {
    let parts = outcome.comparison.iter().flat_map(|comparison| &comparison.parts);
    match outcome.status {
        Status::Broken => f64::INFINITY,
        Status::Failed => parts.map(Part::badness).fold(-1_000.0, f64::max),
        Status::Passed | Status::Blessed => f64::NEG_INFINITY,
    }
}

fn comparison(outcome: &Outcome) -> facts::Comparison<'_> {
    let plain = facts::Comparison {
        title: outcome.name.clone(),
        names: Default::default(),
        verdict: match outcome.status {
            Status::Broken | Status::Failed => None,
            Status::Passed | Status::Blessed => Some(Verdict::Identical),
        },
        sentences: Vec::new(),
        rate: 48_000,
        bars: Default::default(),
        parts: Vec::new(),
        identical: Vec::new(),
        causes: Vec::new(),
    };
    let Some(comparison) = &outcome.comparison else {
        return facts::Comparison { sentences: text(outcome).lines().map(str::to_owned).collect(), ..plain };
    };
    let lonely = comparison.lonely();
    let heard = outcome.parts().map(Part::sentence).chain(lonely).chain(comparison.rest());
    facts::Comparison {
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
fn bars(grid: &Grid) -> Vec<facts::Bar> {
    let bar = |index: usize| facts::Bar {
        frame: grid.starts[index] as usize,
        name: if grid.tail && index + 1 == grid.len() { "tail".to_owned() } else { (index + 1).to_string() },
        section: grid.sections.get(index).map(|(section, _)| section.clone()).unwrap_or_default(),
    };
    if grid.has_bars() { (0..grid.len()).map(bar).collect() } else { Vec::new() }
}

fn part<'a>(outcome: &'a Outcome, part: &'a Part) -> facts::Part<'a> {
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
    facts::Part {
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

fn cause(cause: &Cause) -> facts::Cause {
    facts::Cause {
        sentence: cause.said.clone(),
        places: cause.places.each_ref().map(|place| place.as_ref().map(self::place)),
    }
}

fn place(place: &Place) -> facts::Place {
    let at = |character: usize| {
        place.text.char_indices().nth(character).map_or(place.text.len(), |(byte, _)| byte)
    };
    facts::Place {
        file: place.file.clone(),
        line: place.line,
        column: place.column,
        text: place.text.clone(),
        underline: at(place.column - 1)..at(place.column - 1 + place.length),
    }
}

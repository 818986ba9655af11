//! `chronus diff`: what changed in the sound, where, and because of which line.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::check::tolerance::tolerance;
use crate::cli::compare::against::{CompareOptions, KeepSounds, comparer};
use crate::cli::compare::compare_input::{CompareInput, InputRefused};
use crate::cli::compare::compare_output::{ReportFormat, code, tell};
use crate::cli::compare::first::first;
use crate::cli::compare::renderer::Renderer;
use crate::cli::compare::report_page;
use crate::cli::compare::test_outcome::{TestOutcome, TestStatus};
use crate::cli::jobs::jobs;
use crate::cli::output::{FAILED, diagnostics, report_all, report_alone};
use crate::compare::pair::joined;
use crate::diagnostic::source::{SourceText, Sources};
use crate::io::cache::Cache;
use crate::io::folder::open;
use crate::io::output_claims::Outputs;
use crate::model::tolerance::Tolerance;

/// Say what changed in the sound, where, and because of which line.
///
/// Each side is a song, a sound file (WAV, FLAC, MP3), a folder of stems, a golden file, or any of these as it was in git:
/// `HEAD~1:song.kdl`. The exit code is 0 if nothing that can be heard differs, 1 if something does, 2 if that can't be said.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
pub(super) struct Diff {
    /// What it was; `-` is a song on standard input.
    #[arg(value_name = "A")]
    before: PathBuf,

    /// What it is.
    #[arg(value_name = "B")]
    after: PathBuf,

    /// Fail if any sample differs, even inaudibly.
    #[arg(long)]
    exact: bool,

    /// A file with a `test` line that says how far they may be apart; by default what song B says.
    #[arg(long, value_name = "FILE")]
    tolerance: Option<PathBuf>,

    /// Move B to where it is most like A before comparing, by two seconds at the most.
    #[arg(long)]
    align: bool,

    /// Say only where the first difference is. Nothing behind it is rendered.
    #[arg(long, conflicts_with_all = ["align", "measures", "report"])]
    stop_at_first: bool,

    /// Also print what was measured of both sides.
    #[arg(long)]
    measures: bool,

    /// Frames a second at which songs are rendered.
    #[arg(long, value_parser = clap::value_parser!(u32).range(8_000..=192_000))]
    rate: Option<u32>,

    /// Threads to use at the most, by default as many as there are cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    jobs: Option<u16>,

    /// How to tell it.
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    format: ReportFormat,

    /// Also write a page to look at and listen to, which needs nothing but a browser.
    #[arg(long, value_name = "OUT.html")]
    report: Option<PathBuf>,

    /// Replace a file that has the report's name and is none. Files that are compared are never replaced.
    #[arg(long)]
    force: bool,

    /// Render everything, and keep nothing for the next time.
    #[arg(long)]
    no_cache: bool,

    /// Let songs use files outside of their folders.
    #[arg(long)]
    allow_outside: bool,
}

impl Diff {
    pub(super) fn run(&self) -> u8 {
        // Both at once: long files take their time.
        let read = |path: &Path| CompareInput::read(path, self.allow_outside);
        let (before, after) = std::thread::scope(|scope| {
            let before = scope.spawn(|| read(&self.before));
            let after = read(&self.after);
            (joined(before), after)
        });
        let told = |side: Result<CompareInput, InputRefused>| side.map_err(|refused| say(&refused));
        let (before, after) = (told(before), told(after));
        let (Ok(before), Ok(after)) = (before, after) else { return FAILED };
        let Ok(tolerance) = self.tolerance.as_deref().map(read_tolerance).transpose() else { return FAILED };
        let mut outputs = Outputs::new(self.force);
        outputs.reads(before.read.iter().chain(&after.read).chain(&self.tolerance));
        let place =
            match self.report.as_deref().map(|path| report_page::claimed(path, &mut outputs)).transpose() {
                Ok(place) => place,
                Err(said) => {
                    report_alone(&said);
                    return FAILED;
                }
            };
        let cache = cache(self.no_cache);
        let options = CompareOptions {
            rate: self.rate,
            tolerance,
            align: self.align,
            renderer: Renderer { jobs: jobs(self.jobs), cache: cache.as_ref() },
            keep: if self.report.is_some() { KeepSounds::All } else { KeepSounds::Nothing },
        };
        let name = format!("{} -> {}", before.name, after.name);
        let sides = [&before, &after];
        let compared = if self.stop_at_first { first(sides, &options) } else { comparer(sides, &options) };
        let outcome = match compared {
            Ok(comparison) => {
                let passes = comparison.verdict.passes(self.exact);
                let status = if passes { TestStatus::Passed } else { TestStatus::Failed };
                let notes = comparison.blow_ups.clone();
                TestOutcome { comparison: Some(comparison), notes, ..TestOutcome::new(name, status) }
            }
            Err(said) => TestOutcome { said: vec![said], ..TestOutcome::new(name, TestStatus::Broken) },
        };
        let outcomes = [outcome];
        tell("chronus diff", &outcomes, self.format, self.measures);
        let name = &outcomes[0].name;
        let written =
            place.map(|place| report_page::write(&place, &mut outputs, name, Vec::new(), &outcomes));
        if let Some(Err(said)) = written {
            report_alone(&said);
            return FAILED;
        }
        code(&outcomes)
    }
}

/// The user's cache, unless it isn't wanted. Without one everything is rendered.
pub(super) fn cache(unwanted: bool) -> Option<Cache> {
    if unwanted { None } else { Cache::of_user().ok() }
}

/// Says why there is nothing to compare.
pub(super) fn say(refused: &InputRefused) {
    match refused {
        InputRefused::Song(loaded) => diagnostics(loaded),
        InputRefused::Said(said) => report_alone(said),
    }
}

/// Reads a file of tolerances; says what is wrong with it.
pub(super) fn read_tolerance(path: &Path) -> Result<Tolerance, ()> {
    let name = path.display().to_string();
    let mut sources = Sources::default();
    let said = match open(path) {
        Ok(text) => {
            let (read, said) = tolerance(sources.add(SourceText::new(name, text.clone())), &text);
            if let Some(read) = read {
                return Ok(read);
            }
            said
        }
        Err(refusal) => vec![refusal.diagnostic(&name)],
    };
    report_all(&said, &sources);
    Err(())
}

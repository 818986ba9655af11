//! `chronus test`: whether songs sound as their golden files say.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;

use crate::cli::compare::compare_output::{ReportFormat, code, tally, tell};
use crate::cli::compare::goldens::{GoldenTest, trial};
use crate::cli::compare::renderer::Renderer;
use crate::cli::compare::report_page;
use crate::cli::compare::songs::find;
use crate::cli::compare::test_outcome::{TestOutcome, TestStatus};
use crate::cli::diff::{cache, read_tolerance};
use crate::cli::jobs::jobs;
use crate::cli::lasting::lasting;
use crate::cli::output::{FAILED, line, report_alone};
use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::io::output_claims::{Claim, Outputs};

/// Test whether songs sound as their golden files say.
///
/// A golden file stands beside its song: `song.golden`, a small text with hashes and levels, written by `--bless`. If a song
/// sounds otherwise, its stems and bars are named, and, where the song is in git, the lines that did it. The exit code is 0
/// if all sound as they should, 1 if one doesn't or has no golden file, 2 if one could not be tested.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
pub(super) struct Test {
    /// Songs, and folders of songs; by default the folder `songs`, else this one.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write golden files of all these songs as they sound now, and say what was accepted by that.
    #[arg(long)]
    bless: bool,

    /// Only songs whose path has this in it.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// Fail if any sample differs, even inaudibly.
    #[arg(long, conflicts_with = "bless")]
    exact: bool,

    /// A file with a `test` line that says how far they may be apart; by default what each song says.
    #[arg(long, value_name = "FILE", conflicts_with = "bless")]
    tolerance: Option<PathBuf>,

    /// Also print what was measured.
    #[arg(long)]
    measures: bool,

    /// Where renders that failed are kept: as it was, as it is, and the difference. By default with the caches of the user.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,

    /// Replace files of another kind that have the name of an output. Files that the songs use are never replaced.
    #[arg(long)]
    force: bool,

    /// Threads to use at the most, by default as many as there are cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    jobs: Option<u16>,

    /// How to tell it.
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    format: ReportFormat,

    /// Also write a page to look at and listen to, which needs nothing but a browser.
    #[arg(long, value_name = "OUT.html", conflicts_with = "bless")]
    report: Option<PathBuf>,

    /// Render everything, and keep nothing for the next time.
    #[arg(long)]
    no_cache: bool,

    /// How long songs without end are rendered, such as `30s`; in whole bars.
    #[arg(long = "for", value_name = "TIME", value_parser = lasting)]
    length: Option<f64>,

    /// Let songs use files outside of their folders.
    #[arg(long)]
    allow_outside: bool,
}

impl Test {
    pub(super) fn run(&self) -> u8 {
        let Ok(tolerance) = self.tolerance.as_deref().map(read_tolerance).transpose() else { return FAILED };
        let found = match find(&self.paths, self.only.as_deref()) {
            Ok(found) => found,
            Err(said) => {
                report_alone(&said);
                return FAILED;
            }
        };
        let jobs = jobs(self.jobs);
        let threads = jobs.min(found.songs.len()).max(1);
        let cache = cache(self.no_cache);
        let how = GoldenTest {
            bless: self.bless,
            exact: self.exact,
            tolerance,
            keep: self.keep.as_deref(),
            renderer: Renderer { jobs: (jobs / threads).max(1), cache: cache.as_ref() },
            report: self.report.is_some(),
            outside: self.allow_outside,
            force: self.force,
            length: self.length,
        };
        let mut outputs = Outputs::new(self.force);
        outputs.reads(found.songs.iter().chain(&found.orphans).chain(&self.tolerance));
        let place = self.report.as_deref().map(|path| report_page::claimed(path, &mut outputs)).transpose();
        let place = match place {
            Ok(place) => place,
            Err(said) => {
                report_alone(&said);
                return FAILED;
            }
        };
        let mut outcomes = all(&found.songs, threads, &|song| trial(song, &how));
        outcomes.extend(found.orphans.iter().map(|path| orphan(path)));
        tell("chronus test", &outcomes, self.format, self.measures);
        if self.format == ReportFormat::Human {
            line(&tally(&outcomes));
        }
        let write = |place: &Claim| {
            report_page::write(place, &mut outputs, "chronus test", vec![tally(&outcomes)], &outcomes)
        };
        if let Some(Err(said)) = place.as_ref().map(write) {
            report_alone(&said);
            return FAILED;
        }
        code(&outcomes)
    }
}

/// The outcome of every song, in their order, on so many threads.
fn all(songs: &[PathBuf], threads: usize, test: &(dyn Fn(&Path) -> TestOutcome + Sync)) -> Vec<TestOutcome> {
    let next = AtomicUsize::new(0);
    let slots: Vec<Mutex<Option<TestOutcome>>> = songs.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((song, slot)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    songs.get(place).zip(slots.get(place))
                } {
                    let outcome = test(song);
                    if let Ok(mut slot) = slot.lock() {
                        *slot = Some(outcome);
                    }
                }
            });
        }
    });
    slots.into_iter().filter_map(|slot| slot.into_inner().ok().flatten()).collect()
}

fn orphan(path: &Path) -> TestOutcome {
    let name = path.display().to_string();
    let message = format!("{} has no song beside it", quoted(&name));
    let said = Diagnostic::of_file(&comparing::ORPHAN_GOLDEN, message)
        .help("take it out, or give it the name that the song has now");
    TestOutcome { said: vec![said], ..TestOutcome::new(name, TestStatus::Failed) }
}

//! A song against its golden file: tested, or blessed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::song_files::FileRefusal;
use crate::cli::compare::against::{CompareOptions, KeepSounds, comparer};
use crate::cli::compare::compare_input::{CompareInput, GOLDEN, InputContent, InputRefused, golden};
use crate::cli::compare::compare_result::{CompareResult, ComparedPart, Measured};
use crate::cli::compare::golden_input::{ENGINE, kept};
use crate::cli::compare::renderer::{Renderer, compiled};
use crate::cli::compare::test_outcome::{TestOutcome, TestStatus};
use crate::cli::unwritable::{refused, unwritable};
use crate::compare::golden::Golden;
use crate::compare::golden_text::written;
use crate::diagnostic::codes::{comparing, rendering};
use crate::diagnostic::quote::{self, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::engine::block_loop::Frame;
use crate::io::cache::{KEPT_NAMES, folder_for};
use crate::io::file_identity::folder_of;
use crate::io::file_kind::{GOLDEN as GOLDEN_FILE, WAV};
use crate::io::folder;
use crate::io::git::{Revision, SHALLOW, is_shallow};
use crate::io::output_claims::{Claim, Outputs};
use crate::io::wav::{WavFormat, WavWriter};
use crate::model::song::Song;
use crate::model::tolerance::Tolerance;
use crate::plan::compiled_plan::Plan;

/// The most bytes of a golden file: far more than one of a song of four hours has.
const MOST: u64 = 64 << 20;

/// How songs are tested.
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
pub(crate) struct GoldenTest<'a> {
    /// Whether golden files are written.
    pub(crate) bless: bool,
    /// Whether inaudible differences fail.
    pub(crate) exact: bool,
    /// How far they may be apart; by default what the song says.
    pub(crate) tolerance: Option<Tolerance>,
    /// Where renders that failed are kept; by default with the user's caches.
    pub(crate) keep: Option<&'a Path>,
    /// What renders.
    pub(crate) renderer: Renderer<'a>,
    /// Whether sounds are kept for a report.
    pub(crate) report: bool,
    /// Whether songs may use files outside of their folders.
    pub(crate) outside: bool,
    /// Whether files of another kind are replaced.
    pub(crate) force: bool,
    /// How long songs without end are rendered, in seconds.
    pub(crate) length: Option<f64>,
}

/// Tests or blesses the song at `path`.
pub(crate) fn trial(path: &Path, how: &GoldenTest<'_>) -> TestOutcome {
    let name = path.display().to_string();
    let side = match CompareInput::read(path, how.outside) {
        Ok(side) => side,
        Err(InputRefused::Song(loaded)) => {
            let status = if loaded.readable { TestStatus::Failed } else { TestStatus::Broken };
            return TestOutcome {
                said: loaded.diagnostics,
                sources: loaded.sources,
                ..TestOutcome::new(name, status)
            };
        }
        Err(InputRefused::Said(said)) => {
            return TestOutcome { said: vec![*said], ..TestOutcome::new(name, TestStatus::Broken) };
        }
    };
    let length = how.length.filter(|_| side.song().is_some_and(|song| song.endless));
    let side = side.lasting(length);
    let done = if how.bless { bless(path, &side, how) } else { test(path, &side, how) };
    let outcome = done.unwrap_or_else(|mut said| {
        // What is to be typed has the length too.
        if let (Some(length), Some(help)) = (length, &mut said.help) {
            *help = help.replace("chronus test --bless", &format!("chronus test --for {length}s --bless"));
        }
        let of_song = [comparing::NO_GOLDEN.id, comparing::BLEW_UP.id].contains(&said.code.id);
        let status = if of_song { TestStatus::Failed } else { TestStatus::Broken };
        TestOutcome { said: vec![said], ..TestOutcome::new(name, status) }
    });
    let read = side.read.into_iter().chain([beside(path)]).collect();
    TestOutcome { read, ..outcome }
}

fn song(side: &CompareInput) -> Result<&Song, Diagnostic> {
    side.song().ok_or_else(|| {
        let message = format!("{} is no song", quoted(&side.name));
        Diagnostic::of_file(&comparing::CANNOT_COMPARE, message).help("name a file that ends in `.kdl`")
    })
}

/// The golden file of the song at `path`.
fn beside(path: &Path) -> PathBuf {
    path.with_extension(GOLDEN)
}

fn options<'a>(how: &GoldenTest<'a>, keep: KeepSounds) -> CompareOptions<'a> {
    CompareOptions { rate: None, tolerance: how.tolerance, align: false, renderer: how.renderer, keep }
}

/// Writes the golden file, and tells what is accepted by that.
fn bless(path: &Path, side: &CompareInput, how: &GoldenTest<'_>) -> Result<TestOutcome, Diagnostic> {
    let song = song(side)?;
    let name = path.display().to_string();
    let file = beside(path);
    let there = folder::bytes(&file, MOST).ok();
    let before = there.as_deref().and_then(|bytes| golden(&file.display().to_string(), bytes).ok());
    let (now, blow_ups) = kept(song, song.output_settings.rate(), how.renderer)?;
    if let Some(blow_up) = blow_ups.first() {
        let message = format!("{} isn't blessed: {blow_up}", quoted(&name));
        let help =
            "mend the song first; `chronus render` says everything that blows up in it, and what to do";
        return Err(Diagnostic::of_file(&comparing::BLEW_UP, message).help(help));
    }
    let text = written(&now);
    if there.is_some_and(|bytes| bytes == text.as_bytes()) {
        return Ok(TestOutcome::new(name, TestStatus::Passed));
    }
    let mut outputs = Outputs::new(how.force);
    outputs.reads(&side.read);
    let place = outputs.claim(&file, GOLDEN_FILE).map_err(|why| refused(&why))?;
    place.write(text.as_bytes()).map_err(|error| unwritable(&file, &error))?;
    let mut outcome = TestOutcome::new(name, TestStatus::Blessed);
    match before {
        Some(before) if before.rate == now.rate => {
            let of = |golden| CompareInput {
                name: file.display().to_string(),
                what: InputContent::Golden(golden),
                read: Vec::new(),
            };
            let (old, new) = (of(before), of(now));
            outcome.comparison = Some(comparer([&old, &new], &options(how, KeepSounds::Nothing))?);
        }
        Some(_) => outcome.notes.push("accepted at another rate".to_owned()),
        None => outcome.notes.push(format!("{} is new", file.display())),
    }
    Ok(outcome)
}

/// Holds the song against its golden file.
fn test(path: &Path, side: &CompareInput, how: &GoldenTest<'_>) -> Result<TestOutcome, Diagnostic> {
    let song = song(side)?;
    let name = path.display().to_string();
    let kept = read(path, song)?;
    let plan = compiled(song, kept.rate)?.plan;
    if how.renderer.hash(&plan).to_hex().as_str() == kept.song.hash {
        return Ok(TestOutcome::new(name, TestStatus::Passed));
    }
    let mut notes = Vec::new();
    let old = before(path, &kept, how).unwrap_or_else(|why| {
        notes.push(format!("the lines that did it aren't known: {why}"));
        let file = beside(path);
        CompareInput { name: file.display().to_string(), what: InputContent::Golden(kept), read: vec![file] }
    });
    let options = CompareOptions {
        rate: Some(plan.rate),
        ..options(how, if how.report { KeepSounds::All } else { KeepSounds::Mix })
    };
    let comparison = comparer([&old, side], &options)?;
    let status = if comparison.verdict.passes(how.exact) { TestStatus::Passed } else { TestStatus::Failed };
    notes.extend_from_slice(&comparison.blow_ups);
    let mut outcome = TestOutcome { notes, ..TestOutcome::new(name, status) };
    if status == TestStatus::Failed {
        match keep(path, &side.read, &plan, &comparison, how) {
            Ok(files) => outcome.kept = files,
            // What is wrong with the song is what was asked.
            Err(said) => outcome.notes.push(format!("the sounds aren't kept: {}", said.message)),
        }
    }
    Ok(TestOutcome { comparison: Some(comparison), ..outcome })
}

/// The song's golden file.
fn read(path: &Path, song: &Song) -> Result<Golden, Diagnostic> {
    let file = beside(path);
    let name = file.display().to_string();
    let bytes = folder::bytes(&file, MOST).map_err(|refusal| {
        if refusal == FileRefusal::Missing {
            let message = format!("there is no golden file {}", quote::path(&name));
            let help = format!("write it with `chronus test --bless {}`", path.display());
            return Diagnostic::of_file(&comparing::NO_GOLDEN, message).help(help);
        }
        refusal.diagnostic(&name)
    })?;
    let kept = golden(&name, &bytes)?;
    let rate = song.output_settings.rate();
    if kept.rate != rate || kept.engine != ENGINE {
        let message = format!(
            "{} was made by engine {} at {} Hz, the song is of engine {} at {rate} Hz",
            quoted(&name),
            kept.engine,
            kept.rate,
            ENGINE
        );
        let help = format!("if that is meant, write it anew with `chronus test --bless {}`", path.display());
        return Err(Diagnostic::of_file(&comparing::OTHER_ENGINE, message).help(help));
    }
    Ok(kept)
}

/// The song as it was when its golden file was written last, if git has it and it sounds like that; or why not.
fn before(path: &Path, kept: &Golden, how: &GoldenTest<'_>) -> Result<CompareInput, String> {
    let golden = beside(path);
    let (revision, then) = Revision::of_last_change(&golden)?;
    // Song and golden file are renamed together.
    let end = path.extension().unwrap_or_default();
    let song = Path::new(&then).with_extension(end).display().to_string();
    let side = CompareInput::from_git(&revision, &song).ok();
    let plan = side
        .as_ref()
        .and_then(CompareInput::song)
        .and_then(|song| Some(compiled(song, kept.rate).ok()?.plan));
    match (side, plan) {
        (Some(side), Some(plan)) if how.renderer.hash(&plan).to_hex().as_str() == kept.song.hash => Ok(side),
        // The oldest revision of such a clone has every file as it was then, not as it was added.
        _ if is_shallow(folder_of(&golden)) => {
            Err(format!("{SHALLOW}; fetch all of it (`git fetch --unshallow`, or `fetch-depth: 0` in CI)"))
        }
        (Some(_), Some(_)) => {
            Err(format!("{} sounded otherwise in {}", quoted(&song), quoted(revision.name())))
        }
        _ => Err(format!("{} is no song in {}", quoted(&song), quoted(revision.name()))),
    }
}

/// Keeps what failed: the song as it was, as it is, and what is between them.
fn keep(
    path: &Path,
    read: &[PathBuf],
    plan: &Arc<Plan>,
    comparison: &CompareResult,
    how: &GoldenTest<'_>,
) -> Result<Vec<String>, Diagnostic> {
    let plain = path.with_extension("");
    let parts = plain.components().filter_map(|part| match part {
        std::path::Component::Normal(name) => Some(name),
        _ => None,
    });
    let folder = match how.keep {
        Some(folder) => folder.join(parts.collect::<PathBuf>()),
        None => folder_for(path).ok_or_else(|| {
            let message = "the sound can't be kept: there is no folder for a cache".to_owned();
            Diagnostic::of_file(&rendering::CANNOT_WRITE, message).help("name a folder with `--keep`")
        })?,
    };
    std::fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
    let mut outputs = Outputs::new(how.force);
    outputs.reads(read);
    let mut save = |name: &str, frames: &[Frame]| {
        let place = outputs.claim(&folder.join(name), WAV).map_err(|why| refused(&why))?;
        write(&place, plan.rate, frames)
    };
    let [is, was, between] = KEPT_NAMES;
    let whole = comparison.parts.iter().find(|part| part.id.is_empty());
    let Some(ComparedPart { measured: Measured::Sounds { sounds: Some(sounds), .. }, .. }) = whole else {
        return Ok(vec![save(is, &how.renderer.sound(plan, None).sound.frames)?]);
    };
    let [before, now] = sounds.each_ref().map(|sound| &sound.frames);
    let at = |frames: &[Frame], place: usize| frames.get(place).copied().unwrap_or_default();
    let difference: Vec<Frame> = (0..before.len().max(now.len()))
        .map(|place| {
            let (a, b) = (at(before, place), at(now, place));
            [b[0] - a[0], b[1] - a[1]]
        })
        .collect();
    Ok(vec![save(is, now)?, save(was, before)?, save(between, &difference)?])
}

fn write(place: &Claim, rate: u32, frames: &[Frame]) -> Result<String, Diagnostic> {
    let path = place.path();
    let written = place.open().and_then(|output| {
        let mut wav = WavWriter::new(output, rate, WavFormat::Float32, 0)?;
        wav.push(frames)?;
        wav.finish()
    });
    written.map_err(|error| unwritable(path, &error))?;
    Ok(path.display().to_string())
}

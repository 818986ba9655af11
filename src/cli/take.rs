//! `chronus render --take`: renders what was played, with everything that was done to it.

use std::path::Path;
use std::sync::atomic::Ordering;

use crate::cli::blow_up::blow_up;
use crate::cli::input::load;
use crate::cli::output::report_all;
use crate::cli::stop_signals::stop;
use crate::cli::unwritable::{interrupted, refused, unwritable};
use crate::diagnostic::codes::{playing, rendering};
use crate::diagnostic::quote::{self, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;
use crate::engine::probe::{Probe, ProbeLevels};
use crate::io::file_kind::WAV;
use crate::io::folder::open;
use crate::io::output_claims::{OutputRefused, Outputs};
use crate::io::wav::{WavFormat, WavWriter, most_frames};
use crate::live::replay::Replay;
use crate::live::session::{SessionConfig, Unplayable};
use crate::live::take::Take;
use crate::modules::spec::BLOCK;

/// How a take is rendered.
pub(super) struct TakeOptions<'a> {
    /// The song's file; what the take's songs use is looked for beside it.
    pub(super) song: &'a Path,
    /// Whether songs may use files outside of the folder.
    pub(super) outside: bool,
    pub(super) format: WavFormat,
    /// Whether levels are measured.
    pub(super) measure: bool,
    /// Whether a file of another kind is replaced.
    pub(super) force: bool,
}

/// What came of it.
pub(super) struct RenderedTake {
    pub(super) levels: Option<ProbeLevels>,
    pub(super) rate: u32,
}

/// Renders the take at `path` into `output`.
pub(super) fn render(path: &Path, output: &Path, how: &TakeOptions<'_>) -> Result<RenderedTake, Diagnostic> {
    let TakeOptions { song, outside, format, measure, force } = *how;
    let name = path.display().to_string();
    let bad = |message: String| Diagnostic::of_file(&playing::BAD_TAKE, message);
    let text = open(path).map_err(|refusal| refusal.diagnostic(&name))?;
    let take = Take::read(&text).map_err(|(line, why)| {
        bad(format!("{} can't be read as a take: line {line}: {why}", quoted(&name)))
            .help("takes are written by `chronus play SONG --take FILE`")
    })?;
    let mut outputs = Outputs::new(force);
    outputs.reads([path, song]);
    // The song of the take may be an older one; what the file uses today stays too.
    outputs.reads(load(song, outside).read);
    let config = SessionConfig { path: song.to_owned(), outside, ..SessionConfig::default() };
    let mut replay = Replay::new(take, path, config).map_err(|unplayable| said(&unplayable, &name))?;
    let rate = replay.rate();
    outputs.reads(replay.read());
    let place = outputs.claim(output, WAV).map_err(|why| refused(&why))?;
    let most = if place.is_stdout() { u64::MAX } else { most_frames(format) };
    let stop = stop();
    let fails = |error| unwritable(output, &error);
    let mut wav = place.open().and_then(|file| WavWriter::new(file, rate, format, 0)).map_err(fails)?;
    let mut probe = measure.then(|| Probe::new(rate));
    let mut over = false;
    let mut block = [[0.0; 2]; BLOCK];
    while !replay.is_over(over) {
        if stop.load(Ordering::Relaxed) {
            return Err(interrupted(output));
        }
        if replay.frame() + BLOCK as u64 > most {
            let message = format!("what was played doesn't fit into a WAV file at {rate} Hz");
            return Err(Diagnostic::of_file(&rendering::TOO_LONG_FOR_WAV, message)
                .help("use fewer bits: `--bits 16`"));
        }
        let (count, rung_out) = replay.block(&mut block).map_err(|unplayable| said(&unplayable, &name))?;
        over = rung_out;
        if let Some(why) = replay.refused() {
            return Err(bad(format!("a line of {} does nothing, {why}", quoted(&name)))
                .help("take the line out, or bring back what it names in the song"));
        }
        wav.push(&block[..count]).map_err(fails)?;
        if let Some(probe) = &mut probe {
            probe.push(&block[..count]);
        }
    }
    // Songs that came in later may have used more.
    outputs.reads(replay.read());
    if outputs.is_read(output) {
        return Err(refused(&OutputRefused::Read(output.to_owned(), output.to_owned())));
    }
    wav.finish().map_err(fails)?;
    let blow_ups: Vec<Diagnostic> =
        replay.faults().iter().map(|(plan, fault)| blow_up(fault, fault.words(&plan.paths))).collect();
    report_all(&blow_ups, &Sources::default());
    let others = replay.others().iter().map(|file| {
        let message =
            format!("{} isn't what it was when {} was played", quote::path(file), quote::path(&name));
        Diagnostic::of_file(&playing::TAKE_FILE_CHANGED, message)
            .help("bring back the version of then, from git for example, and render again")
    });
    report_all(&others.collect::<Vec<_>>(), &Sources::default());
    Ok(RenderedTake { levels: probe.map(Probe::finish), rate })
}

/// What is wrong with a song in a take.
fn said(unplayable: &Unplayable, name: &str) -> Diagnostic {
    report_all(unplayable.diagnostics.iter().filter(|one| one.is_error()), &unplayable.sources);
    Diagnostic::of_file(&playing::BAD_TAKE, format!("a song in {} has errors", quote::path(name)))
        .help("what it uses may have changed since: files beside it, or the version of chronus")
}

//! `chronus render --take`: renders what was played, with everything that was done to it.

use std::path::Path;

use crate::cli::blow_up::blow_up;
use crate::cli::output::report_all;
use crate::cli::unwritable::unwritable;
use crate::diagnostic::codes::playing;
use crate::diagnostic::quote::{self, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;
use crate::engine::probe::{Levels, Probe};
use crate::io::folder::open;
use crate::io::output::Output;
use crate::io::wav::{Format, WavWriter};
use crate::live::session::{Stage, Unplayable};
use crate::live::take::{Replay, Take};
use crate::modules::spec::BLOCK;

/// What came of it.
pub(super) struct Rendered {
    pub(super) levels: Option<Levels>,
    pub(super) rate: u32,
}

/// Renders the take at `path` of the song at `song` into `output`.
pub(super) fn render(
    song: &Path,
    outside: bool,
    path: &Path,
    output: &Path,
    format: Format,
    measure: bool,
) -> Result<Rendered, Diagnostic> {
    let name = path.display().to_string();
    let bad = |message: String| Diagnostic::of_file(&playing::BAD_TAKE, message);
    let text = open(path).map_err(|refusal| refusal.diagnostic(&name))?;
    let take = Take::read(&text).map_err(|(line, why)| {
        bad(format!("{} can't be read as a take: line {line}: {why}", quoted(&name)))
            .help("takes are written by `chronus play SONG --take FILE`")
    })?;
    let stage = Stage { path: song.to_owned(), outside, rate: take.rate, ends: take.ends };
    let mut replay = Replay::new(take, stage).map_err(|unplayable| said(&unplayable, &name))?;
    let rate = replay.rate();
    let mut wav = Output::create(output)
        .and_then(|file| WavWriter::new(file, rate, format, 0))
        .map_err(|error| unwritable(output, &error))?;
    let mut probe = measure.then(|| Probe::new(rate));
    let mut over = false;
    let mut block = [[0.0; 2]; BLOCK];
    while !replay.is_over(over) {
        let (count, rung_out) = replay.block(&mut block).map_err(|unplayable| said(&unplayable, &name))?;
        over = rung_out;
        if let Some(why) = replay.refused() {
            return Err(bad(format!("a line of {} does nothing, {why}", quoted(&name)))
                .help("take the line out, or bring back what it names in the song"));
        }
        wav.push(&block[..count]).map_err(|error| unwritable(output, &error))?;
        if let Some(probe) = &mut probe {
            probe.push(&block[..count]);
        }
    }
    wav.finish().map_err(|error| unwritable(output, &error))?;
    let blow_ups: Vec<Diagnostic> =
        replay.faults().iter().map(|(plan, fault)| blow_up(fault, fault.words(&plan.paths))).collect();
    report_all(&blow_ups, &Sources::default());
    Ok(Rendered { levels: probe.map(Probe::finish), rate })
}

/// What is wrong with a song in a take.
fn said(unplayable: &Unplayable, name: &str) -> Diagnostic {
    report_all(unplayable.diagnostics.iter().filter(|one| one.is_error()), &unplayable.sources);
    Diagnostic::of_file(&playing::BAD_TAKE, format!("a song in {} has errors", quote::path(name)))
        .help("what it uses may have changed since: files beside it, or the version of chronus")
}

//! `chronus render`: makes a WAV of a song.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::blow_up::blow_up;
use crate::cli::cache::opened;
use crate::cli::input::{Loaded, audition, load};
use crate::cli::jobs::jobs;
use crate::cli::lasting::{last, lasting};
use crate::cli::output::{FAILED, FINE, SONG_AT_FAULT, diagnostics, is_drawable, line, note, report_alone};
use crate::cli::profile::table;
use crate::cli::song_selection::SongSelection;
use crate::cli::stop_signals::stop;
use crate::cli::take;
use crate::cli::unwritable::{interrupted, refused, unwritable};
use crate::diagnostic::codes::rendering;
use crate::diagnostic::quote::{counted, printable};
use crate::diagnostic::report::Diagnostic;
use crate::dsp::math::decibels;
use crate::engine::offline_render::Excerpt;
use crate::engine::optimize::{folded, lean};
use crate::engine::probe::{Overs, ProbeLevels};
use crate::io::bounce::{Bounce, Bounced, Stopped};
use crate::io::cache::Cache;
use crate::io::file_kind::WAV;
use crate::io::output_claims::{Claim, Outputs};
use crate::io::wav::{WavFormat, WavWriter, most_frames};
use crate::model::song::Song;
use crate::plan::compile::compile;
use crate::plan::compiled_plan::Plan;
use crate::units::number::{self, clock};

/// Make a WAV of a song.
///
/// The same song gives the same samples on every machine. The exit code is 0 if the file is there, 1 if the song has
/// errors, 2 if the file could not be written.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Render {
    /// The song; `-` is standard input. `std/kit` plays a file of the library, `std/kit#kick` one of its instruments.
    #[arg(value_name = "FILE")]
    song: PathBuf,

    /// The WAV to write; `-` is standard output. It is written under another name and renamed when it is whole.
    #[arg(short, long, value_name = "OUT.wav", required_unless_present = "stems")]
    output: Option<PathBuf>,

    /// Write a WAV of each stem into this folder: every instrument, bus and return of an effect that meets where the song
    /// is mixed, before the modules behind that. All are as long as the song; together they are the mix.
    #[arg(long, value_name = "FOLDER")]
    stems: Option<PathBuf>,

    /// Frames a second, 8000 to 192000. By default what the song's `render` says, else 48000.
    #[arg(long, value_parser = clap::value_parser!(u32).range(8_000..=192_000))]
    rate: Option<u32>,

    /// Bits a sample: 16 (dithered), 24, or 32f for floats. By default what the song's `render` says, else 24.
    #[arg(long, value_enum)]
    bits: Option<Bits>,

    /// Threads to use at the most, by default as many as there are cores. The samples are the same for any number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    jobs: Option<u16>,

    /// Let the song use files outside of its folder.
    #[arg(long)]
    allow_outside: bool,

    /// Compute only what has changed since the last render: the sound of every voice is kept in a folder of the user, which
    /// `chronus cache` shows. The samples are the same. Opt-in, because the files are large: 11 MB for a minute of each
    /// channel of a voice. They take 2 GiB at most; `CHRONUS_CACHE_SIZE` sets another bound, such as `500M` or `10G`.
    #[arg(long, conflicts_with_all = ["profile", "take"])]
    cache: bool,

    /// Replace files of another kind that have the name of an output. Files that the song reads are never replaced.
    #[arg(long)]
    force: bool,

    /// Print nothing but errors, and measure nothing.
    #[arg(long)]
    quiet: bool,

    #[command(flatten)]
    parts: SongSelection,

    /// How long a song without end is rendered, such as `30s`; in whole bars.
    #[arg(long = "for", value_name = "TIME", value_parser = lasting, conflicts_with = "take")]
    length: Option<f64>,

    /// Render what was played: a take that `chronus play --take` wrote. It has the song as it was then; files that the song
    /// uses are looked for beside FILE. The samples are those that were heard.
    #[arg(long, value_name = "TAKE", conflicts_with_all = ["stems", "rate", "from", "to", "solo", "mute"])]
    take: Option<PathBuf>,

    /// Print what each module costs, on standard error: its share of the time and nanoseconds a frame. The samples are the
    /// same, but rendering takes longer, on one thread.
    #[arg(long, conflicts_with_all = ["quiet", "stems"])]
    profile: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Bits {
    #[value(name = "16")]
    Int16,
    #[value(name = "24")]
    Int24,
    #[value(name = "32f")]
    Float32,
}

impl From<Bits> for WavFormat {
    fn from(bits: Bits) -> Self {
        match bits {
            Bits::Int16 => Self::Int16,
            Bits::Int24 => Self::Int24,
            Bits::Float32 => Self::Float32,
        }
    }
}

impl Render {
    pub(super) fn run(mut self) -> u8 {
        let started = Instant::now();
        if let (Some(path), Some(output)) = (&self.take, &self.output) {
            return self.take(started, path, output);
        }
        let mut loaded = audition(&self.song).unwrap_or_else(|| load(&self.song, self.allow_outside));
        let Some(mut song) = loaded.song.take() else {
            diagnostics(&loaded);
            return if loaded.readable { SONG_AT_FAULT } else { FAILED };
        };
        if let Err(said) = last(&mut song, self.length) {
            return self.end(loaded, said, FAILED);
        }
        self.bits = self.bits.or(song.output_settings.bits.and_then(|bits| Bits::from_str(bits, false).ok()));
        self.rate = self.rate.or(song.output_settings.rate);
        let cache = if self.cache { opened(&mut loaded) } else { None };
        let plan = match self.plan(&song, cache.as_ref()) {
            Ok(plan) => plan,
            Err(said) => return self.end(loaded, said, if song.endless { FAILED } else { SONG_AT_FAULT }),
        };
        match self.files(started, &mut loaded, &mut song, &plan, cache.as_ref()) {
            Ok(lines) => {
                if !self.quiet {
                    diagnostics(&loaded);
                }
                for text in lines {
                    if self.to_pipe() {
                        note(&text);
                    } else {
                        line(&text);
                    }
                }
                FINE
            }
            Err(said) => self.end(loaded, said, FAILED),
        }
    }

    /// Renders a take.
    fn take(&self, started: Instant, path: &Path, output: &Path) -> u8 {
        let how = take::TakeOptions {
            song: &self.song,
            outside: self.allow_outside,
            format: self.format(),
            measure: !self.quiet,
            force: self.force,
        };
        let rendered = take::render(path, output, &how);
        match rendered {
            Ok(take::RenderedTake { levels: Some(levels), rate, .. }) => {
                let said = summary(output, rate, &levels, started.elapsed());
                if self.to_pipe() {
                    note(&said);
                } else {
                    line(&said);
                }
                FINE
            }
            Ok(_) => FINE,
            Err(said) => {
                report_alone(&said);
                FAILED
            }
        }
    }

    /// Writes all files that are asked for. Gives what is to be said of each.
    fn files(
        &self,
        started: Instant,
        loaded: &mut Loaded,
        song: &mut Song,
        whole: &Arc<Plan>,
        cache: Option<&Arc<Cache>>,
    ) -> Result<Vec<String>, Diagnostic> {
        let mut lines = Vec::new();
        self.parts.choose(song)?;
        let muted = self.parts.mutes().then(|| self.plan(song, cache)).transpose()?;
        let plan_of_all = muted.as_ref().unwrap_or(whole);
        let stems = if self.stems.is_some() { song.stems() } else { Vec::new() };
        if self.stems.is_some() && stems.is_empty() {
            let message = "nothing comes to `out`, so there are no stems".to_owned();
            return Err(Diagnostic::of_file(&rendering::NO_STEMS, message)
                .help("lead something to `out`, or mute less"));
        }
        let mut excerpt = self.parts.excerpt(song, &whole.timeline)?;
        // All places first: nothing is rendered for minutes and then refused, or written by halves.
        let mut outputs = Outputs::new(self.force);
        outputs.reads(&loaded.read);
        let mut claim = |path: &Path| outputs.claim(path, WAV).map_err(|why| refused(&why));
        let place = self.output.as_deref().map(&mut claim).transpose()?;
        let stem_path = |id: &str| self.stems.as_ref().map(|folder| folder.join(format!("{id}.wav")));
        let stem_places = stems.iter().filter_map(|stem| stem_path(&stem.id)).map(|path| claim(&path));
        let stem_places = stem_places.collect::<Result<Vec<_>, _>>()?;
        drop(stop());
        let wav = place.as_ref().map(|place| self.writer(place, plan_of_all, song.seed)).transpose()?;
        let bounced = self.bounce(plan_of_all, excerpt, self.output.as_deref(), wav, cache)?;
        self.warn(loaded, plan_of_all, excerpt, &bounced);
        if let (Some(path), Some(levels)) = (&self.output, &bounced.levels) {
            lines.push(summary(path, self.rate(), levels, started.elapsed()));
        }
        if let Some(costs) = &bounced.costs {
            note(&table(costs, bounced.frames));
        }
        let Some(folder) = &self.stems else { return Ok(lines) };
        excerpt.fades = excerpt.to.is_none();
        excerpt.to = Some(excerpt.from + bounced.frames);
        std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        for (stem, place) in stems.iter().zip(&stem_places) {
            let started = Instant::now();
            let plan = self.plan(&stem.song, cache)?;
            let wav = self.writer(place, &plan, song.seed)?;
            let bounced = self.bounce(&plan, excerpt, Some(place.path()), Some(wav), cache)?;
            if let Some(levels) = &bounced.levels {
                lines.push(summary(place.path(), self.rate(), levels, started.elapsed()));
            }
        }
        Ok(lines)
    }

    /// The plan of a song as it is rendered.
    fn plan(&self, song: &Song, cache: Option<&Arc<Cache>>) -> Result<Arc<Plan>, Diagnostic> {
        let plan = compile(song, self.rate()).map_err(|refusal| refusal.diagnostic())?;
        Ok(Arc::new(if cache.is_some() { folded(plan) } else { lean(plan) }))
    }

    /// Frames a second.
    fn rate(&self) -> u32 {
        self.rate.unwrap_or(48_000)
    }

    fn format(&self) -> WavFormat {
        WavFormat::from(self.bits.unwrap_or(Bits::Int24))
    }

    fn to_pipe(&self) -> bool {
        self.output.as_ref().is_some_and(|output| output.as_os_str() == "-")
    }

    /// Prints what went wrong, with the song's own warnings unless they aren't wanted.
    fn end(&self, mut loaded: Loaded, said: Diagnostic, code: u8) -> u8 {
        if self.quiet {
            loaded.diagnostics.clear();
        }
        loaded.diagnostics.push(said);
        diagnostics(&loaded);
        code
    }

    fn writer(&self, place: &Claim, plan: &Plan, seed: u64) -> Result<WavWriter, Diagnostic> {
        let format = self.format();
        let most = plan.timeline.end_frame() + plan.tail;
        if !place.is_stdout() && most > most_frames(format) {
            let message = format!(
                "the song may last {} and doesn't fit into a WAV file at {} Hz",
                duration(most, plan.rate),
                plan.rate
            );
            let help = "use fewer bits (`--bits 16`) or a lower `--rate`";
            return Err(Diagnostic::of_file(&rendering::TOO_LONG_FOR_WAV, message).help(help));
        }
        let wav = place.open().and_then(|output| WavWriter::new(output, plan.rate, format, seed));
        wav.map_err(|error| unwritable(place.path(), &error))
    }

    fn bounce(
        &self,
        plan: &Arc<Plan>,
        excerpt: Excerpt,
        path: Option<&Path>,
        wav: Option<WavWriter>,
        cache: Option<&Arc<Cache>>,
    ) -> Result<Bounced, Diagnostic> {
        let path = path.unwrap_or(Path::new(""));
        let stop = stop();
        let end = excerpt.to.unwrap_or(plan.timeline.end_frame());
        let bar = self.bar(end.saturating_sub(excerpt.from));
        let result = Bounce {
            excerpt,
            jobs: jobs(self.jobs),
            measure: !self.quiet,
            profile: self.profile,
            cache,
            sums: self.stems.is_none(),
            stop: &stop,
            progress: &mut |frames| {
                if let Some(bar) = &bar {
                    bar.set_position(frames);
                }
            },
        }
        .run(plan, wav);
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        result.map_err(|stopped| match stopped {
            Stopped::Failed(error) => unwritable(path, &error),
            Stopped::Asked => interrupted(path),
        })
    }

    /// A progress bar, on a terminal.
    fn bar(&self, frames: u64) -> Option<ProgressBar> {
        if self.quiet || !is_drawable(&std::io::stderr()) {
            return None;
        }
        let bar = ProgressBar::with_draw_target(Some(frames), ProgressDrawTarget::stderr_with_hz(10));
        Some(match ProgressStyle::with_template("{bar:40} {percent:>3}%  {eta} left") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    /// What the render itself has to complain of.
    fn warn(&self, loaded: &mut Loaded, plan: &Plan, excerpt: Excerpt, bounced: &Bounced) {
        if let (true, Some(Overs { first, highest, peak, frames })) =
            (self.format().clips(), bounced.levels.as_ref().and_then(|levels| levels.overs))
        {
            let place = |frame: u64| {
                let position = plan.timeline.position(excerpt.from + frame);
                format!("bar {} beat {:.2}", position.bar, position.beat)
            };
            let message = format!(
                "{} over full scale, first at {}, highest at {} ({:+.1} dB)",
                counted(frames as usize, "frame"),
                place(first),
                place(highest),
                decibels(f64::from(peak))
            );
            let said = Diagnostic::of_file(&rendering::OVER_FULL_SCALE, message)
                .help("turn it down, put a limiter before `out`, or render with `--bits 32f`");
            loaded.diagnostics.push(said);
        }
        for fault in &bounced.faults {
            loaded.diagnostics.push(blow_up(fault, fault.told(plan)));
        }
    }
}

/// What is said of a file.
fn summary(path: &Path, rate: u32, levels: &ProbeLevels, elapsed: Duration) -> String {
    let name = if path.as_os_str() == "-" {
        "<stdout>".to_owned()
    } else {
        printable(&path.display().to_string()).into_owned()
    };
    let level = |value: f64, unit: &str| format!("{} {unit}", number::level(value));
    let seconds = levels.frames as f64 / f64::from(rate);
    format!(
        "{name}: {}, {}, {}, {:.0}x real time, {}",
        duration(levels.frames, rate),
        level(levels.true_peak, "dBTP"),
        level(levels.loudness, "LUFS"),
        seconds / elapsed.as_secs_f64(),
        &levels.hash.to_hex()[..16],
    )
}

/// Frames as minutes and seconds, to the nearest millisecond.
fn duration(frames: u64, rate: u32) -> String {
    let rate = u128::from(rate);
    clock(((u128::from(frames) * 1_000 + rate / 2) / rate) as u64)
}

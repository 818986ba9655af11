//! `chronus render`: makes a WAV of a song.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::input::{Loaded, audition, load};
use crate::cli::output::{FAILED, FINE, SONG_AT_FAULT, diagnostics, line, note};
use crate::cli::profile::table;
use crate::diagnostic::codes::rendering;
use crate::diagnostic::quote::{counted, printable, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::dsp::math::decibels;
use crate::engine::probe::{Levels, Overs};
use crate::io::bounce::{Bounce, Bounced, Stopped};
use crate::io::output::Output;
use crate::io::wav::{Format, WavWriter, most_frames};
use crate::plan::compile::compile;
use crate::plan::reuse::reuse;
use crate::plan::steps::Plan;

/// Make a WAV of a song.
///
/// The same song gives the same samples on every machine. The exit code is 0 if the file is there, 1 if the song has
/// errors, 2 if the file could not be written.
#[derive(Debug, Args)]
pub(super) struct Render {
    /// The song; `-` is standard input. `std/kit` plays a file of the library, `std/kit#kick` one of its instruments.
    #[arg(value_name = "FILE")]
    song: PathBuf,

    /// The WAV to write; `-` is standard output. It is written under another name and renamed when it is whole.
    #[arg(short, long, value_name = "OUT.wav")]
    output: PathBuf,

    /// Frames a second, 8000 to 192000.
    #[arg(long, default_value_t = 48_000, value_parser = clap::value_parser!(u32).range(8_000..=192_000))]
    rate: u32,

    /// Bits a sample: 16 (dithered), 24, or 32f for floats.
    #[arg(long, value_enum, default_value_t = Bits::Int24)]
    bits: Bits,

    /// Threads to use at the most, by default as many as there are cores. The samples are the same for any number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    jobs: Option<u16>,

    /// Let the song use files outside of its folder.
    #[arg(long)]
    allow_outside: bool,

    /// Print nothing but errors, and measure nothing.
    #[arg(long)]
    quiet: bool,

    /// Print what each module costs, on standard error: its share of the time and nanoseconds a frame. The samples are the
    /// same, but rendering takes longer, on one thread.
    #[arg(long, conflicts_with = "quiet")]
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

impl From<Bits> for Format {
    fn from(bits: Bits) -> Self {
        match bits {
            Bits::Int16 => Self::Int16,
            Bits::Int24 => Self::Int24,
            Bits::Float32 => Self::Float32,
        }
    }
}

impl Render {
    pub(super) fn run(&self) -> u8 {
        let started = Instant::now();
        let mut loaded = audition(&self.song).unwrap_or_else(|| load(&self.song, self.allow_outside));
        let Some(song) = loaded.song.take() else {
            diagnostics(&loaded);
            return if loaded.readable { SONG_AT_FAULT } else { FAILED };
        };
        let plan = match compile(&song, self.rate) {
            Ok(plan) => Arc::new(reuse(&plan)),
            Err(refusal) => {
                let said = Diagnostic::of_file(&rendering::NOT_COMPILED, refusal.to_string());
                return self.end(loaded, said, SONG_AT_FAULT);
            }
        };
        let written = self.writer(&plan, song.seed).and_then(|wav| self.bounce(&plan, wav));
        let bounced = match written {
            Ok(bounced) => bounced,
            Err(said) => return self.end(loaded, said, FAILED),
        };
        self.warn(&mut loaded, &plan, &bounced);
        if !self.quiet {
            diagnostics(&loaded);
        }
        if let Some(levels) = &bounced.levels {
            let text = self.summary(&plan, levels, started.elapsed());
            if self.to_pipe() { note(&text) } else { line(&text) }
        }
        if let Some(costs) = &bounced.costs {
            note(&table(costs, bounced.frames));
        }
        FINE
    }

    fn to_pipe(&self) -> bool {
        self.output.as_os_str() == "-"
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

    fn writer(&self, plan: &Plan, seed: u64) -> Result<WavWriter, Diagnostic> {
        let format = Format::from(self.bits);
        let name = quoted(&self.output.display().to_string());
        if same_file(&self.song, &self.output) {
            let message = format!("{name} is the song itself");
            let help = "name another file after `-o`, such as `-o song.wav`";
            return Err(Diagnostic::of_file(&rendering::OUTPUT_IS_SONG, message).help(help));
        }
        let most = plan.timeline.end_frame() + plan.tail;
        if !self.to_pipe() && most > most_frames(format) {
            let message = format!(
                "the song may last {} and doesn't fit into a WAV file at {} Hz",
                clock(most, plan.rate),
                plan.rate
            );
            let help = "use fewer bits (`--bits 16`) or a lower `--rate`";
            return Err(Diagnostic::of_file(&rendering::TOO_LONG_FOR_WAV, message).help(help));
        }
        let output = Output::create(&self.output).map_err(|error| self.unwritable(&error))?;
        WavWriter::new(output, plan.rate, format, seed).map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &std::io::Error) -> Diagnostic {
        let name = quoted(&self.output.display().to_string());
        let folder = self.output.parent().filter(|folder| *folder != Path::new("") && !folder.is_dir());
        let (message, help) = match (error.kind(), folder) {
            (std::io::ErrorKind::NotFound, Some(folder)) => (
                format!(
                    "{name} can't be written: there is no folder {}",
                    quoted(&folder.display().to_string())
                ),
                "make the folder first",
            ),
            (std::io::ErrorKind::IsADirectory, _) => {
                (format!("{name} is a folder"), "name a file in it after `-o`, such as `-o song.wav`")
            }
            (std::io::ErrorKind::PermissionDenied, _) => {
                (format!("{name} may not be written"), "change its permissions, or write somewhere else")
            }
            (std::io::ErrorKind::StorageFull, _) => {
                (format!("{name} can't be written: the disk is full"), "make room, or write somewhere else")
            }
            (std::io::ErrorKind::BrokenPipe, _) => {
                ("the program that reads the sound has ended".to_owned(), "let it read until the end")
            }
            _ => (format!("{name} can't be written: {error}"), "write somewhere else"),
        };
        Diagnostic::of_file(&rendering::CANNOT_WRITE, message).help(help)
    }

    fn bounce(&self, plan: &Arc<Plan>, wav: WavWriter) -> Result<Bounced, Diagnostic> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // Where signals can't be caught they end the program, which leaves the draft behind but no wrong file.
            drop(signal_hook::flag::register(signal, Arc::clone(&stop)));
        }
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let bar = self.bar(plan.timeline.end_frame());
        let result = Bounce {
            jobs: self.jobs.map_or_else(cores, usize::from),
            measure: !self.quiet,
            profile: self.profile,
            stop: &stop,
            progress: &mut |frames| bar.set_position(frames),
        }
        .run(plan, wav);
        bar.finish_and_clear();
        result.map_err(|stopped| match stopped {
            Stopped::Failed(error) => self.unwritable(&error),
            Stopped::Asked => {
                let name = quoted(&self.output.display().to_string());
                let message = format!("stopped before {name} was whole; nothing was written");
                Diagnostic::of_file(&rendering::INTERRUPTED, message)
            }
        })
    }

    /// A progress bar on a terminal, else one that nobody sees.
    fn bar(&self, frames: u64) -> ProgressBar {
        if self.quiet || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(frames), ProgressDrawTarget::stderr_with_hz(10));
        match ProgressStyle::with_template("{bar:40} {percent:>3}%  {eta} left") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// What the render itself has to complain of.
    fn warn(&self, loaded: &mut Loaded, plan: &Plan, bounced: &Bounced) {
        if let (true, Some(Overs { first, highest, peak, frames })) =
            (Format::from(self.bits).clips(), bounced.levels.as_ref().and_then(|levels| levels.overs))
        {
            let place = |frame: u64| {
                let position = plan.timeline.position(frame);
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
            let position = plan.timeline.position(fault.frame);
            let message = format!(
                "module `{}` broke down at bar {} and was reset",
                plan.paths[fault.path], position.bar
            );
            loaded.diagnostics.push(Diagnostic::of_file(&rendering::MODULE_BROKE_DOWN, message));
        }
    }

    fn summary(&self, plan: &Plan, levels: &Levels, elapsed: Duration) -> String {
        let name = if self.to_pipe() {
            "<stdout>".to_owned()
        } else {
            printable(&self.output.display().to_string()).into_owned()
        };
        let level = |value: f64, unit: &str| {
            if value.is_finite() { format!("{value:.1} {unit}") } else { format!("-inf {unit}") }
        };
        let seconds = levels.frames as f64 / f64::from(plan.rate);
        format!(
            "{name}: {}, {}, {}, {:.0}x real time, {}",
            clock(levels.frames, plan.rate),
            level(levels.true_peak, "dBTP"),
            level(levels.loudness, "LUFS"),
            seconds / elapsed.as_secs_f64(),
            &levels.hash.to_hex()[..16],
        )
    }
}

/// Frames as minutes and seconds.
fn clock(frames: u64, rate: u32) -> String {
    let seconds = frames as f64 / f64::from(rate);
    let minutes = (seconds / 60.0).floor();
    format!("{minutes}:{:06.3}", seconds - minutes * 60.0)
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

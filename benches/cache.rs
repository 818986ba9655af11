//! What the cache saves: a song of three minutes and eight instruments, rendered without it, into an empty one, again, and after an
//! edit of each track. Prints the table of docs/benchmarks.md, "The cache".
//!
//! `cargo bench --bench cache -- 5` takes medians of five rounds.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may stop, and prints")]

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use chronus::check::song::check_with;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::engine::offline_render::Excerpt;
use chronus::engine::optimize::{folded, lean};
use chronus::io::bounce::{Bounce, Bounced};
use chronus::io::cache::Cache;
use chronus::io::file_kind::WAV;
use chronus::io::folder::Folder;
use chronus::io::output_claims::Outputs;
use chronus::io::wav::{WavFormat, WavWriter};
use chronus::plan::compile::compile;
use rustix::time::{ClockId, clock_gettime};

/// Instruments of the library with what they play, and what they play after an edit.
const TRACKS: [[&str; 4]; 8] = [
    ["std/909", "kick", "", "X... X... X... X.x."],
    ["std/kit", "hat", "", "x.xx x.xx x.xx xxxx"],
    ["std/bass", "moog", "notes=\"a1 a1 c2 g1\"", "X..x ..x. X~x. x.x."],
    ["std/lead", "super", "notes=\"a4 c5 e5 g4\"", "X___ ..X_ __.. X___"],
    ["std/keys", "tines", "notes=\"a3/c4/e4 f3/a3/c4\"", "X.x. ..x. X_.. x..x"],
    ["std/pad", "warm", "notes=\"a3/c4/e4 g3/b3/d4\"", "X___ ____ ____ ____"],
    ["std/pluck", "harp", "notes=\"a4 c5 e5 a5 g5 e5\"", "x.x. x.x. x.x. x.x."],
    ["std/strings", "section", "notes=\"a2/e3 g2/d3\"", "X___ ____ X___ ____"],
];

/// The song, one of whose tracks is edited, another way in each round: its notes are softer.
fn text(edited: Option<(usize, usize)>) -> String {
    let mut text = String::from("song \"Eight\" tempo=120 bars=90 seed=1 tail=\"3s\"\n");
    for [volume, name, ..] in TRACKS {
        writeln!(text, "use \"{volume}\" {name}").unwrap();
    }
    text += "limiter master ceiling=\"-1dB\"\n";
    for (place, [_, name, notes, steps]) in TRACKS.into_iter().enumerate() {
        writeln!(text, "route {name} -> master gain=0.3").unwrap();
        let softer = edited.filter(|(which, _)| *which == place);
        let softer = softer.map_or(String::new(), |(_, round)| format!("vel=\"{} 7\"", round % 9 + 1));
        writeln!(text, "track {name} {notes} {softer} \"{steps}\"").unwrap();
    }
    text + "route master -> out\n"
}

/// How a song is rendered.
#[derive(Clone, Copy)]
struct How {
    jobs: usize,
    /// Measured and written, as `chronus render` does it.
    file: bool,
}

/// Milliseconds of the clock and of all processors, from the text to the last frame.
fn timed(text: &str, how: How, cache: Option<&Arc<Cache>>, folder: &Path) -> ([f64; 2], Bounced) {
    let cpu = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
    };
    let (began, spent) = (Instant::now(), cpu());
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("eight", text));
    let checked = check_with(&mut sources, id, &mut Folder::of(&folder.join("song.kdl"), false));
    let plan = compile(&checked.song.unwrap(), 48_000).unwrap();
    let plan = Arc::new(if cache.is_some() { folded(plan) } else { lean(plan) });
    let wav = how.file.then(|| {
        let output = Outputs::default().claim(&folder.join("out.wav"), WAV).unwrap().open().unwrap();
        WavWriter::new(output, plan.rate, WavFormat::Int24, 1).unwrap()
    });
    let bounced = Bounce {
        excerpt: Excerpt::default(),
        jobs: how.jobs,
        measure: how.file,
        profile: false,
        cache,
        sums: true,
        stop: &AtomicBool::new(false),
        progress: &mut |_| {},
    }
    .run(&plan, wav)
    .unwrap();
    ([began.elapsed().as_secs_f64() * 1e3, cpu() - spent], bounced)
}

fn median(mut times: Vec<[f64; 2]>) -> [f64; 2] {
    [0, 1].map(|which| {
        times.sort_by(|a, b| a[which].total_cmp(&b[which]));
        times[times.len() / 2][which]
    })
}

fn main() {
    let rounds: usize = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(5);
    let folder = tempfile::tempdir().unwrap();
    for how in [How { jobs: 1, file: false }, How { jobs: 2, file: false }, How { jobs: 1, file: true }] {
        let what = if how.file { "measured and written" } else { "frames alone" };
        println!(
            "{} jobs, {what}: ms of the clock, of the processors, and their shares of a render without cache",
            how.jobs
        );
        let fresh = || Arc::new(Cache::at(&folder.path().join("cache"), 8 << 30).unwrap());
        let round = |text: &str, cache: Option<&Arc<Cache>>| timed(text, how, cache, folder.path());
        let song = text(None);
        let without = median((0..rounds).map(|_| round(&song, None).0).collect());
        let row = |name: &str, times: [f64; 2], said: &str| {
            let [wall, cpu] = times;
            let shares = [wall / without[0], cpu / without[1]].map(|share| share * 100.0);
            println!("  {name:<24} {wall:>8.0} {cpu:>8.0} {:>6.1} % {:>6.1} %  {said}", shares[0], shares[1]);
        };
        row("without", without, "");
        let cold = |_| {
            let cache = fresh();
            cache.clear();
            round(&song, Some(&cache)).0
        };
        row("into an empty cache", median((0..rounds).map(cold).collect()), "");
        let cache = fresh();
        let held = cache.held();
        let warm = median((0..rounds).map(|_| round(&song, Some(&cache)).0).collect());
        row("again", warm, &format!("{} files, {} MiB", held.files, held.bytes >> 20));
        for (place, [_, name, ..]) in TRACKS.into_iter().enumerate() {
            let mut said = String::new();
            let edited = |round_number| {
                let (time, bounced) = round(&text(Some((place, round_number))), Some(&cache));
                said = bounced.report.map_or(String::new(), |report| format!("{report:?}"));
                time
            };
            let times = (0..rounds).map(edited).collect();
            row(&format!("{name} edited"), median(times), &said);
        }
    }
}

//! What comparing costs: songs of three minutes tested, rendered, tested again, and two of them compared. Prints the table of
//! docs/benchmarks.md, "Comparing".
//!
//! `cargo bench --bench compare -- 100` tests a hundred songs again; what takes as long as rendering is measured with ten.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may stop, and prints")]

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

#[path = "../tests/common/program.rs"]
mod program;

use program::program;

/// A song of three minutes with eight instruments of the library.
fn text(seed: usize) -> String {
    let tracks = [
        ("std/909", "kick", "X... X... X... X.x."),
        ("std/kit", "hat", "x.xx x.xx x.xx xxxx"),
        ("std/bass", "moog", "X..x ..x. X~x. x.x."),
        ("std/lead", "super", "X___ ..X_ __.. X___"),
        ("std/keys", "tines", "X.x. ..x. X_.. x..x"),
        ("std/pad", "warm", "X___ ____ ____ ____"),
        ("std/pluck", "harp", "x.x. x.x. x.x. x.x."),
        ("std/strings", "section", "X___ ____ X___ ____"),
    ];
    let uses: String = tracks.map(|(volume, name, _)| format!("use \"{volume}\" {name}\n")).concat();
    let lines =
        tracks.map(|(_, name, steps)| format!("route {name} -> mix gain=0.3\ntrack {name} \"{steps}\"\n"));
    let head = format!("song \"Many\" tempo=120 bars=90 seed={seed} tail=\"3s\"\n");
    format!("{head}{uses}sum mix\nlimiter master\nroute mix -> master -> out\n{}", lines.concat())
}

/// Seconds that `chronus` takes for `args`, on one thread of its own.
fn seconds(folder: &Path, args: &[&str]) -> f64 {
    let started = Instant::now();
    let status = program()
        .args(args)
        .current_dir(folder)
        .env("CHRONUS_CACHE", folder.join("cache"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.code().is_some_and(|code| code < 2), "{args:?}");
    started.elapsed().as_secs_f64()
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Songs that are rendered.
const FEW: usize = 10;

fn main() {
    let count = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(100).max(FEW);
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for song in 0..FEW {
        std::fs::write(at.join(format!("{song}.kdl")), text(song)).unwrap();
    }
    seconds(at, &["test", ".", "--bless", "--no-cache"]);
    let render = |song: usize| seconds(at, &["render", &format!("{song}.kdl"), "-o", "x.wav", "--jobs", "1"]);
    let rendered: f64 = (0..FEW).map(render).sum();
    let tested = seconds(at, &["test", ".", "--jobs", "1", "--no-cache"]);
    let first = seconds(at, &["test", ".", "--jobs", "1"]);
    println!("{FEW} songs of three minutes, one job, seconds");
    println!("rendered one by one            {rendered:8.2}");
    println!("tested without a cache         {tested:8.2}  {:.2} of that", tested / rendered);
    println!("tested into an empty cache     {first:8.2}  {:.2}", first / rendered);
    // The others are copies of these: each is read, checked and compiled like any other.
    for song in FEW..count {
        for end in ["kdl", "golden"] {
            std::fs::copy(at.join(format!("{}.{end}", song % FEW)), at.join(format!("{song}.{end}")))
                .unwrap();
        }
    }
    for jobs in ["1", "2"] {
        let again = median((0..5).map(|_| seconds(at, &["test", ".", "--jobs", jobs])).collect());
        println!("{count} songs tested again, {jobs} jobs  {again:8.2}");
    }
    std::fs::write(
        at.join("edited.kdl"),
        text(0).replace("route moog -> mix gain=0.3", "route moog -> mix gain=0.25"),
    )
    .unwrap();
    seconds(at, &["render", "0.kdl", "-o", "a.wav", "--quiet"]);
    seconds(at, &["render", "edited.kdl", "-o", "b.wav", "--quiet"]);
    let five = |args: &[&str]| median((0..5).map(|_| seconds(at, args)).collect());
    println!("two WAVs of three minutes compared  {:.2}", five(&["diff", "a.wav", "b.wav"]));
    println!(
        "two songs, one edited, in full      {:.2}",
        five(&["diff", "0.kdl", "edited.kdl", "--no-cache"])
    );
    println!("the same from the cache             {:.2}", five(&["diff", "0.kdl", "edited.kdl"]));
}

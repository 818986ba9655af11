//! What songs, examples and kinds sound like, as fingerprints: one line a module and one for the whole, so that the first
//! changed line names the culprit. After a reviewed change: `.ci/bless`.

#![allow(clippy::expect_used, reason = "a test may stop")]

#[path = "../common/skip.rs"]
mod skip;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chronus::check::library::{LIBRARY, LibraryEntry};
use chronus::check::song::check_with;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::engine::block_hook::NoHook;
use chronus::engine::block_loop::Engine;
use chronus::engine::observer::NoObserver;
use chronus::engine::offline_render::{Excerpt, Rendering};
use chronus::engine::optimize::lean;
use chronus::engine::probe::{Probe, ProbeLevels};
use chronus::io::folder::Folder;
use chronus::model::song::Song;
use chronus::modules::TABLE;
use chronus::modules::dispatch::Compilation;
use chronus::plan::compile::compile;
use chronus::plan::compiled_plan::Plan;
use chronus::plan::printer::describe;

const RATE: u32 = 48_000;

fn song(name: &str, text: &str) -> Song {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new(name, text));
    // Sounds lie beside the songs.
    let checked = check_with(&mut sources, id, &mut Folder::of(&root().join("songs/song.kdl"), false));
    assert!(checked.diagnostics.is_empty(), "{name}: {:#?}", checked.diagnostics);
    checked.song.expect("a song without errors")
}

fn plan(name: &str, text: &str) -> Arc<Plan> {
    Arc::new(compile(&song(name, text), RATE).expect("a song that compiles"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The songs in a folder, by name.
fn songs(folder: &str) -> Vec<(String, String)> {
    let mut songs: Vec<(String, String)> = std::fs::read_dir(root().join(folder))
        .expect("a folder of songs")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "kdl"))
        .map(|path| (stem(&path), std::fs::read_to_string(&path).expect("a readable song")))
        .collect();
    songs.sort();
    songs
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a file").to_string_lossy().into_owned()
}

/// What one module outputs, all its voices and outputs together.
#[derive(Clone)]
struct Print {
    peak: f32,
    squares: f64,
    samples: u64,
    hasher: blake3::Hasher,
}

/// One line for each module of `plan`, and one for what comes out in the end, whose levels come with it.
fn fingerprint(plan: &Arc<Plan>) -> (String, ProbeLevels) {
    let empty = Print { peak: 0.0, squares: 0.0, samples: 0, hasher: blake3::Hasher::new() };
    let mut prints = vec![empty; plan.paths.len()];
    let mut engine = Engine::new(Arc::clone(plan), Compilation::best());
    let mut bytes = Vec::new();
    while engine.frame() < plan.timeline.end_frame() {
        engine.block();
        engine.taps(|path, _, samples| {
            let print = &mut prints[path];
            bytes.clear();
            for sample in samples {
                print.peak = print.peak.max(sample.abs());
                print.squares += f64::from(sample) * f64::from(sample);
                print.samples += 1;
                bytes.extend_from_slice(&sample.to_le_bytes());
            }
            print.hasher.update(&bytes);
        });
    }
    let mut text = String::new();
    for (path, print) in plan.paths.iter().zip(&prints) {
        let rms = (print.squares / (print.samples.max(1) as f64)).sqrt();
        let hash = &print.hasher.finalize().to_hex()[..12];
        writeln!(text, "{path}  peak {:.4}  rms {rms:.4}  {hash}", print.peak).expect("a string takes all");
    }
    let levels = levels(plan);
    writeln!(text, "{}", whole(&levels)).expect("a string takes all");
    (text, levels)
}

/// Levels of the whole, as lean as it is rendered.
fn levels(plan: &Plan) -> ProbeLevels {
    let mut rendering = Rendering::new(Arc::new(lean(plan.clone())), Compilation::best());
    let mut probe = Probe::new(RATE);
    let (mut chunk, mut over) = (Vec::new(), false);
    while !over {
        over = rendering.next_chunk(&mut chunk, 64, &mut NoHook, &mut NoObserver);
        probe.push(&chunk);
    }
    assert!(rendering.faults().is_empty(), "modules broke down: {:?}", rendering.faults());
    let levels = probe.finish();
    assert!(levels.peak > 0.01, "nothing is heard");
    levels
}

/// Length, levels and hash of the whole.
fn whole(levels: &ProbeLevels) -> String {
    format!(
        "out  {} frames  peak {:.4}  {:.2} LUFS  {}",
        levels.frames, levels.peak, levels.loudness, levels.hash
    )
}

#[test]
fn songs_sound_as_they_did() {
    let prints = std::thread::scope(|scope| {
        let songs = songs("songs").into_iter().map(|(name, text)| {
            scope.spawn(move || (format!("song-{name}"), fingerprint(&plan(&name, &text))))
        });
        let running: Vec<_> = songs.collect();
        running.into_iter().map(|song| song.join().expect("a song that plays")).collect::<Vec<_>>()
    });
    for (name, (print, levels)) in prints {
        // A thousandth of a decibel for rounding.
        assert!(levels.true_peak < -0.999, "{name}: {} dBTP", levels.true_peak);
        insta::assert_snapshot!(name, print);
    }
}

/// For emulated processors, which take minutes for a whole song.
#[test]
fn songs_begin_as_they_did() {
    let mut all = String::new();
    for (name, text) in songs("songs") {
        let excerpt = Excerpt { from: 0, to: Some(12 * u64::from(RATE)), fades: false };
        let mut rendering =
            Rendering::of(Arc::new(lean(Plan::clone(&plan(&name, &text)))), Compilation::best(), excerpt);
        let (mut probe, mut chunk, mut over) = (Probe::new(RATE), Vec::new(), false);
        while !over {
            over = rendering.next_chunk(&mut chunk, 64, &mut NoHook, &mut NoObserver);
            probe.push(&chunk);
        }
        writeln!(all, "{name}  {}", probe.finish().hash).expect("a string takes all");
    }
    insta::assert_snapshot!("beginnings", all);
}

#[test]
fn plans_are_as_they_were() {
    for (name, text) in songs("songs") {
        insta::assert_snapshot!(format!("plan-{name}"), describe(&plan(&name, &text)));
    }
}

#[test]
fn examples_sound_as_they_did() {
    let mut all = String::new();
    for (name, text) in songs("examples") {
        write!(all, "== {name}\n{}", fingerprint(&plan(&name, &text)).0).expect("a string takes all");
    }
    insta::assert_snapshot!("examples", all);
}

#[test]
fn kinds_sound_as_they_did() {
    let mut all = String::new();
    for spec in TABLE {
        write!(all, "== {}\n{}", spec.kind, fingerprint(&plan(spec.kind, spec.example)).0)
            .expect("a string takes all");
    }
    insta::assert_snapshot!("kinds", all);
}

/// Each instrument of the library, as `chronus render std/file#instrument` plays it.
#[test]
fn the_library_sounds_as_it_did() {
    let prints = std::thread::scope(|scope| {
        let volumes = LIBRARY.iter().map(|volume| {
            scope.spawn(move || {
                let line = |entry: LibraryEntry| {
                    let song = volume.shown(song(volume.name, volume.text), Some(&entry.name));
                    let plan = compile(&song.expect("an instrument"), RATE).expect("a song that compiles");
                    format!("{}#{}  {}\n", volume.name, entry.name, whole(&levels(&plan)))
                };
                volume.entries().into_iter().map(line).collect::<String>()
            })
        });
        let running: Vec<_> = volumes.collect();
        running.into_iter().map(|volume| volume.join().expect("songs that play")).collect::<String>()
    });
    insta::assert_snapshot!("library", prints);
}

#[test]
fn both_compilations_give_the_same_bits() {
    skip::without_avx2("both_compilations_give_the_same_bits");
    for (name, text) in songs("songs") {
        let plan = plan(&name, &text);
        let hash = |compilation| {
            let mut rendering = Rendering::new(Arc::clone(&plan), compilation);
            let mut hasher = blake3::Hasher::new();
            // Eight seconds are enough for every module to have had its turn.
            while rendering.frames() < 8 * u64::from(RATE) {
                let Some(frames) = rendering.next_frames() else { break };
                frames.as_flattened().iter().for_each(|x| {
                    hasher.update(&x.to_le_bytes());
                });
            }
            hasher.finalize()
        };
        assert_eq!(hash(Compilation::BASELINE), hash(Compilation::best()), "{name}");
    }
}

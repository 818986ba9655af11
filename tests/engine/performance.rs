//! Performances: a song that nobody touches sounds as it is rendered; what is touched goes where it is put, without clicks.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chronus::check::song::{check, check_with};
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::diagnostic::span::SourceId;
use chronus::engine::block_loop::Frame;
use chronus::engine::commands::EngineReport;
use chronus::engine::deck::Deck;
use chronus::engine::offline_render::Rendering;
use chronus::engine::performance::Performance;
use chronus::io::folder::Folder;
use chronus::live::stable_ids::StableIds;
use chronus::model::song::Song;
use chronus::modules::dispatch::Compilation;
use chronus::modules::spec::BLOCK;
use chronus::plan::compile::{compile, playable};

/// The songs of a folder of the repository.
fn songs(folder: &str) -> Vec<(String, Song)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|kind| kind == "kdl")).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.display().to_string(), load(&path))).collect()
}

fn load(path: &Path) -> Song {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new(path.display().to_string(), std::fs::read_to_string(path).unwrap()));
    check_with(&mut sources, id, &mut Folder::of(path, false)).song.unwrap()
}

/// A performance of `song` that nobody has touched yet.
fn performance(song: &Song, rate: u32) -> Performance {
    let playable = playable(song, rate, &BTreeSet::new()).unwrap();
    let names = StableIds::default().names(song, &playable);
    Performance::new(Box::new(Deck::new(song, playable, Compilation::best(), names, Vec::new())), true)
}

fn frames(performance: &mut Performance, count: usize) -> Vec<Frame> {
    let mut block = [[0.0; 2]; BLOCK];
    let mut all = Vec::with_capacity(count + BLOCK);
    while all.len() < count {
        performance.block(&mut block);
        performance.reports().for_each(drop);
        all.extend_from_slice(&block);
    }
    all.truncate(count);
    all
}

/// Where a song that nobody touches is played differently from how it is rendered, if anywhere.
fn apart(song: &Song, rate: u32) -> Option<usize> {
    let plan = Arc::new(compile(song, rate).unwrap());
    let (latency, tail) = (plan.latency as usize, plan.tail);
    let mut rendering = Rendering::new(plan, Compilation::best());
    let mut rendered = Vec::new();
    while let Some(frames) = rendering.next_frames() {
        rendered.extend_from_slice(frames);
    }
    // Where a tail is cut, the rendering fades.
    rendered.truncate(rendered.len().saturating_sub(if tail > 0 { rate as usize / 40 } else { 0 }));
    let played = frames(&mut performance(song, rate), rendered.len() + latency);
    rendered.iter().zip(&played[latency..]).position(|(a, b)| a != b)
}

#[test]
fn instruments_tell_how_loud_they_are() {
    let text = "song bars=2 tempo=120\ninstrument a voices=4 {\n saw osc\n adsr env release=\"0.3s\"\n route osc -> out vca=env\n}\n\
                instrument b gain=0.5 pan=-0.5 {\n sine osc\n adsr env\n route osc -> out vca=env\n}\nreverb hall\n\
                route a -> out gain=0.4\nroute a -> hall -> out\nroute b -> out gain=0.1\n\
                track a notes=\"c3/e3/g3\" \"X...x...\"\ntrack b \"x.......\"\n";
    let alone = |id: &str| {
        // What is heard of it alone, before its routes.
        let routes = "route a -> out gain=0.4\nroute a -> hall -> out\nroute b -> out gain=0.1\n";
        let song = text.replace(routes, &format!("route {id} -> out\n")).replace("reverb hall\n", "");
        frames(&mut performance(&check(SourceId::default(), &song).song.unwrap(), 48_000), 96_000)
    };
    let song = check(SourceId::default(), text).song.unwrap();
    let playable = playable(&song, 48_000, &BTreeSet::new()).unwrap();
    let mut register = StableIds::default();
    let names = register.names(&song, &playable);
    let mut performance =
        Performance::new(Box::new(Deck::new(&song, playable, Compilation::best(), names, Vec::new())), true);
    let mut told: Vec<Vec<f32>> = vec![Vec::new(); 2];
    let mut block = [[0.0; 2]; BLOCK];
    for _ in 0..96_000 / BLOCK {
        performance.block(&mut block);
        for report in performance.reports() {
            if let EngineReport::Heard { instrument, peak } = report {
                told[usize::from(register.instrument_named(instrument) == Some("b"))].push(peak);
            }
        }
    }
    for (id, told) in ["a", "b"].into_iter().zip(told) {
        let frames = alone(id);
        let peaks: Vec<f32> = frames
            .chunks_exact(2_048)
            .map(|frames| frames.as_flattened().iter().fold(0.0, |peak, x| x.abs().max(peak)))
            .collect();
        assert_eq!(told.len(), peaks.len());
        assert!(peaks[0] > 0.1, "{id} is heard");
        for (told, peak) in told.iter().zip(&peaks) {
            assert!((told - peak).abs() <= 1e-6, "{id}: {told} {peak}");
        }
    }
}

#[test]
fn untouched_songs_sound_as_they_are_rendered() {
    std::thread::scope(|scope| {
        let songs = songs("songs").into_iter().chain(songs("examples"));
        let songs = songs.map(|(name, song)| (name, scope.spawn(move || apart(&song, 16_000))));
        for (name, apart) in songs.collect::<Vec<_>>() {
            assert_eq!(apart.join().unwrap(), None, "{name} differs from that frame on");
        }
    });
}

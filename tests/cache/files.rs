//! What can happen to the files of a cache.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop")]

use std::path::PathBuf;
use std::sync::Arc;

use chronus::engine::optimize::lean;
use chronus::io::cache::Cache;
use chronus::io::finished::{finished, hash};
use chronus::plan::compiled_plan::Plan;

use crate::listen::{BAND, Heard, WHOLE, cache, cached, cached_as, plain, plan};

fn files(cache: &Cache) -> Vec<PathBuf> {
    let files = std::fs::read_dir(cache.folder()).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files
}

#[test]
fn broken_files_are_computed_again_and_never_heard() {
    let plan = plan(BAND);
    let alone = plain(&plan, WHOLE);
    for sums in [false, true] {
        broken(sums, &plan, &alone);
    }
}

fn broken(sums: bool, plan: &Plan, alone: &Heard) {
    let (_folder, cache) = cache();
    let cached = |jobs: usize| cached_as(sums, plan, WHOLE, &cache, jobs);
    let all = cached(1).1.computed;
    let cached_voices = files(&cache);
    assert!(
        if sums { cached_voices.len() < all } else { cached_voices.len() == all },
        "{} of {all}",
        cached_voices.len()
    );
    let largest = cached_voices.iter().max_by_key(|path| path.metadata().unwrap().len()).unwrap().clone();
    let whole = std::fs::read(&largest).unwrap();
    assert!(whole.len() > 100_000);
    let middle = whole.len() / 2;
    let altered = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        bytes
    };
    let other = std::fs::read(cached_voices.iter().find(|path| **path != largest).unwrap()).unwrap();
    for (what, bytes) in [
        ("nothing in it", Vec::new()),
        ("one byte", vec![b'c']),
        ("its head alone", whole[..64].to_vec()),
        ("cut in the middle", whole[..middle].to_vec()),
        ("cut at its end", whole[..whole.len() - 1].to_vec()),
        ("more than it had", [&whole[..], b"more"].concat()),
        ("another version", altered(8)),
        ("another kind", altered(12)),
        ("another key", altered(20)),
        ("an altered sample", altered(middle)),
        ("an altered last byte", altered(whole.len() - 1)),
        ("another voice's sound", other),
        ("no sound at all", vec![0x5a; whole.len()]),
    ] {
        for jobs in [1, 2] {
            std::fs::write(&largest, &bytes).unwrap();
            let (heard, _) = cached(jobs);
            assert_eq!(heard, *alone, "{what}, {jobs} jobs");
            // It is whole again.
            assert_eq!(std::fs::read(&largest).ok().as_ref(), Some(&whole), "{what}");
            let (heard, report) = cached(jobs);
            assert_eq!((heard, report.computed), (alone.clone(), 0), "{what}");
        }
    }
    assert_eq!(files(&cache), cached_voices, "nothing else is left");
}

#[cfg(unix)]
#[test]
fn files_that_may_only_be_read_serve_and_such_that_may_not_are_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let plan = plan(BAND);
    let alone = plain(&plan, WHOLE);
    let (_folder, cache) = cache();
    cached(&plan, WHOLE, &cache, 1);
    let all = files(&cache);
    for (mode, all) in [(0o400, all.as_slice()), (0o000, &all[..2])] {
        all.iter().for_each(|path| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap());
        let (heard, report) = cached(&plan, WHOLE, &cache, 2);
        assert_eq!(heard, alone, "{mode:o}");
        assert!(mode == 0 || report.computed == 0, "{mode:o}: {report:?}");
    }
}

#[test]
fn two_at_once_share_a_folder() {
    let (folder, _) = cache();
    let texts: Vec<String> = ["400Hz", "401Hz"].map(|hertz| BAND.replace("400Hz", hertz)).into();
    let alone: Vec<_> = texts.iter().map(|text| plain(&plan(text), WHOLE)).collect();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (folder, texts, alone) = (folder.path(), &texts, &alone);
            scope.spawn(move || {
                // Some have room for half a song only, and take what others need.
                let most = if thread == 3 { 2 << 20 } else { 1 << 30 };
                for round in 0..4 {
                    let which = (thread + round) % 2;
                    let cache = Arc::new(Cache::at(folder, most).unwrap());
                    let (heard, _) = cached(&plan(&texts[which]), WHOLE, &cache, 2);
                    assert_eq!(heard, alone[which], "thread {thread}, round {round}");
                }
            });
        }
    });
    let cache = Cache::at(folder.path(), 1 << 30).unwrap();
    assert_eq!(files(&cache).len(), cache.held().files, "no draft is left");
}

#[test]
fn a_small_cache_keeps_its_bound() {
    let plan = plan(BAND);
    let alone = plain(&plan, WHOLE);
    let folder = tempfile::tempdir().unwrap();
    for most in [0, 50_000, 1 << 20, 3 << 20] {
        let cache = Arc::new(Cache::at(folder.path(), most).unwrap());
        for _ in 0..2 {
            let (heard, report) = cached(&plan, WHOLE, &cache, 1);
            assert_eq!(heard, alone, "{most}");
            assert!(cache.held().bytes <= most, "{:?} of {most}", cache.held());
            assert!(most > 0 || report.kept == 0);
        }
        assert_eq!(files(&cache).len(), cache.held().files, "no draft is left");
    }
}

#[test]
fn a_folder_that_vanishes_does_no_harm() {
    let plan = plan(BAND);
    let (folder, cache) = cache();
    cached(&plan, WHOLE, &cache, 1);
    folder.close().unwrap();
    let (heard, report) = cached(&plan, WHOLE, &cache, 2);
    assert_eq!(heard, plain(&plan, WHOLE));
    assert_eq!((report.played, report.kept), (0, 0));
}

#[test]
fn finished_songs_are_rendered_once() {
    let (_folder, cache) = cache();
    let (song, other) = (plan(BAND), plan(&BAND.replace("400Hz", "401Hz")));
    let [song, other] = [song, other].map(|plan| Arc::new(lean(plan)));
    let alone = finished(&song, None, 1, None);
    assert!(!alone.cached && alone.faults.is_empty() && !alone.frames.is_empty());
    let first = finished(&song, None, 2, Some(&cache));
    assert!(!first.cached && first.frames == alone.frames);
    let again = finished(&song, None, 1, Some(&cache));
    assert!(again.cached && again.frames == alone.frames);
    let edited = finished(&other, None, 1, Some(&cache));
    assert!(!edited.cached && edited.frames != alone.frames);
    // Their hashes are kept beside them, where what is altered isn't believed either.
    let (hashes, songs): (Vec<_>, Vec<_>) =
        files(&cache).into_iter().partition(|path| path.to_string_lossy().contains(".hash"));
    assert_eq!((hashes.len(), songs.len()), (2, 2));
    let [name, other_name] = [&song, &other].map(|plan| hash(plan, 1, None));
    for path in hashes {
        assert_eq!([&song, &other].map(|plan| hash(plan, 1, Some(&cache))), [name, other_name]);
        let mut altered = std::fs::read(&path).unwrap();
        let last = altered.len() - 1;
        altered[last] ^= 1;
        std::fs::write(&path, altered).unwrap();
        assert_eq!([&song, &other].map(|plan| hash(plan, 1, Some(&cache))), [name, other_name]);
    }
    // Altered, cut and emptied files are never heard.
    for path in songs {
        let whole = std::fs::read(&path).unwrap();
        let mut altered = whole.clone();
        altered[whole.len() / 3] ^= 1;
        for bytes in [altered, whole[..whole.len() / 2].to_vec(), Vec::new()] {
            std::fs::write(&path, bytes).unwrap();
            let (one, two) =
                (finished(&song, None, 1, Some(&cache)), finished(&other, None, 1, Some(&cache)));
            assert!(one.cached != two.cached, "one of them is rendered");
            assert!(one.frames == alone.frames && two.frames == edited.frames);
        }
    }
}

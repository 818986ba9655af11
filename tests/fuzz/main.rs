//! A short run of each fuzz target on a fixed seed, and on everything that was ever found. `.ci/fuzz` runs them for as long as
//! wanted under libFuzzer.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

mod mutator;
mod seeds;
#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutator::Mutator;
use targets::TARGETS;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What the inputs are made with, unless `CHRONUS_FUZZ_SEED` says another.
const SEED: u64 = 0x5eed;

/// Runs `target` on `runs` inputs made from its seeds, always the same ones. `CHRONUS_FUZZ_SECONDS` says how long instead.
fn short(target: &str, runs: u32) {
    let seeds = seeds::of(target);
    assert!(seeds.len() >= 3, "{} seeds", seeds.len());
    let tried = |input: &[u8], what: &str| {
        if catch_unwind(|| targets::run(target, input)).is_err() {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{target}"));
            fs::write(&path, input).unwrap();
            panic!("{what} of {target} fails: {} has it", path.display());
        }
    };
    for seed in &seeds {
        tried(seed, "a seed");
    }
    let wanted = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let mut mutator = Mutator::new(&seeds, wanted("CHRONUS_FUZZ_SEED").unwrap_or(SEED));
    let until = wanted("CHRONUS_FUZZ_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut number = 0;
    while until.map_or(number < runs, |until| Instant::now() < until) {
        tried(&mutator.input(), &format!("input {number}"));
        number += 1;
    }
    println!("{target}: {number} inputs");
}

#[test]
fn check_holds() {
    short("check", 400);
}

#[test]
fn fmt_holds() {
    short("fmt", 2_000);
}

#[test]
fn goldens_hold() {
    short("goldens", 2_000);
}

#[test]
fn lanes_hold() {
    short("lanes", 400);
}

#[test]
fn osc_holds() {
    short("osc", 8_000);
}

#[test]
fn scl_holds() {
    short("scl", 1_600);
}

#[test]
fn sounds_hold() {
    short("sounds", 1_500);
}

#[test]
fn takes_hold() {
    short("takes", 300);
}

/// Every target has a test above, a binary for libFuzzer, and a line in the list that runs them.
#[test]
fn every_target_is_run() {
    let here = fs::read_to_string(root().join("tests/fuzz/main.rs")).unwrap();
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let list = fs::read_to_string(root().join(".ci/fuzz")).unwrap();
    for target in TARGETS {
        let name = target.name;
        assert!(here.contains(&format!("    short(\"{name}\", ")), "{name}");
        assert!(
            manifest.contains(&format!("\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n")),
            "{name}"
        );
        assert!(
            list.lines().any(|line| line.trim_start_matches("targets='").starts_with(&format!("{name} "))),
            "{name}"
        );
        let binary = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(binary.contains(&format!("run(\"{name}\", data)")), "{name}");
    }
}

/// What was found once: `fuzz/found/TARGET/` has the inputs.
#[test]
fn what_was_found_stays_mended() {
    for target in TARGETS {
        let Ok(folder) = fs::read_dir(root().join("fuzz/found").join(target.name)) else { continue };
        for entry in folder {
            let path = entry.unwrap().path();
            let input = fs::read(&path).unwrap();
            assert!(catch_unwind(|| (target.run)(&input)).is_ok(), "{}", path.display());
        }
    }
}

/// Writes the seeds to where libFuzzer looks for them, for `.ci/fuzz`.
#[test]
#[ignore = "writes files, for .ci/fuzz"]
fn write_seeds() {
    let folder = PathBuf::from(std::env::var_os("CHRONUS_SEEDS").expect("CHRONUS_SEEDS says where to"));
    for target in TARGETS {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds::of(target.name).iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}

/// The short runs are worth something only if what they do differs and a target that panics is seen.
#[test]
fn the_mutator_repeats_itself_and_changes_its_seeds() {
    let seeds = seeds::of("fmt");
    let (mut one, mut other) = (Mutator::new(&seeds, SEED), Mutator::new(&seeds, SEED));
    let inputs: Vec<Vec<u8>> = (0..200).map(|_| one.input()).collect();
    assert!(inputs.iter().all(|input| *input == other.input()));
    let mut different = inputs.clone();
    different.sort();
    different.dedup();
    assert!(different.len() > 190, "{}", different.len());
    assert!(inputs.iter().filter(|input| seeds.contains(input)).count() < 10);
    let stops = |data: &[u8]| assert!(!data.windows(2).any(|two| two == b"//"));
    assert!(inputs.iter().any(|input| catch_unwind(|| stops(input)).is_err()));
}

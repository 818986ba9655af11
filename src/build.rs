//! Writes the band-limited waves that `dsp::bank` reads, since tabulating them at start would cost every render milliseconds,
//! and says how the program is linked.
//!
//! Each level is one cycle of a wave with as many harmonics as stay under half the rate at the highest frequency it
//! serves. The samples are prefiltered against the droop of linear interpolation, whose images then lie more than
//! 90 dB under the fundamental (82 dB under 23 Hz).

use std::f64::consts::{PI, TAU};
use std::path::{Path, PathBuf};

/// The octave of the fastest levels: phase increments from 2^30 up to half a turn.
const TOP: u32 = 30;
/// Levels an octave.
const STEPS: u32 = 4;

/// A wave, as `dsp::bank` knows it.
struct Wave {
    name: &'static str,
    /// The octave of the slowest levels.
    lowest: u32,
    /// The length of each level from there on, as a power of two.
    bits: &'static [u32],
    /// The amplitude of each harmonic, all of them sines.
    harmonic: fn(u32) -> f64,
}

const WAVES: [Wave; 2] = [
    // Rises through 0 at phase 0 and jumps down at half a turn: 1, -1/2, 1/3…
    Wave {
        name: "saw",
        lowest: 21,
        bits: &[13, 12, 12, 12, 12, 11, 10, 9, 8, 7],
        harmonic: |k| if k % 2 == 1 { 2.0 } else { -2.0 } / (PI * f64::from(k)),
    },
    // Turns at a quarter and three quarters: 1, -1/9, 1/25… So few are heard that it starts higher and is shorter.
    Wave {
        name: "triangle",
        lowest: 23,
        bits: &[10, 10, 10, 10, 10, 9, 8, 7],
        harmonic: |k| match k % 4 {
            1 => 8.0 / (PI * PI * f64::from(k * k)),
            3 => -8.0 / (PI * PI * f64::from(k * k)),
            _ => 0.0,
        },
    },
];

/// What decides how a song sounds, apart from the song.
const SOUND: [&str; 5] = ["src/dsp", "src/modules", "src/plan", "src/engine", "Cargo.lock"];

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rustc-env=CHRONUS_BUILD={:032x}", build());
    link();
    let folder = std::env::var("OUT_DIR").unwrap_or_default();
    for wave in WAVES {
        let path = Path::new(&folder).join(wave.name);
        if let Err(error) = std::fs::write(&path, levels(&wave)) {
            println!("cargo::error=cannot write {}: {error}", path.display());
        }
    }
}

/// How the program is linked for Linux with glibc. It listens on the network, so it lies at a random place in memory (PIE), and the
/// loader sets its 13,000 pointers at each start. Two things make up for most of that time (docs/benchmarks.md, "Start").
fn link() {
    let is = |key: &str, value: &str| std::env::var(key).is_ok_and(|set| set == value);
    if !is("CARGO_CFG_TARGET_OS", "linux")
        || !is("CARGO_CFG_TARGET_ENV", "gnu")
        || is("CARGO_CFG_TARGET_FEATURE", "crt-static")
    {
        return;
    }
    // Pointers as a bitmap, a hundredth of their size in the file. An older loader refuses such a program, so only where the C library
    // that it is linked against knows them: any other has to be as new as that one anyway.
    let packs = |path| std::fs::read(path).is_ok_and(|library| find(&library, b"GLIBC_ABI_DT_RELR"));
    if of_linker("libc.so.6").is_some_and(packs) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    // What unwinds from libgcc_eh.a: to find, map and bind libgcc_s.so.1 takes 0.1 ms. `-lgcc_s` finds this script first.
    if let (Some(unwinder), Some(rest)) = (of_linker("libgcc_eh.a"), of_linker("libgcc.a")) {
        let folder = Path::new(&std::env::var_os("OUT_DIR").unwrap_or_default()).join("unwinder");
        let script = format!("GROUP(\"{}\" \"{}\")\n", unwinder.display(), rest.display());
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join("libgcc_s.so"), script));
        if written.is_ok() {
            println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
        }
    }
}

/// Where the linker finds a file of the compiler or the C library.
fn of_linker(name: &str) -> Option<PathBuf> {
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let linker = std::env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let output = std::process::Command::new(linker).arg(format!("-print-file-name={name}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    // Where it finds none it gives the name back.
    (path.is_absolute() && path.is_file()).then_some(path)
}

/// Whether `part` is somewhere in `all`.
fn find(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

/// The hash of all that decides how a song sounds: a cache must not give one build what another has made.
fn build() -> u128 {
    // FNV-1a: nobody attacks it, and it needs no crate.
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    let mut add = |bytes: &[u8]| {
        for &byte in bytes {
            hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    };
    for root in SOUND {
        println!("cargo::rerun-if-changed={root}");
        for path in files(Path::new(root)) {
            add(path.to_string_lossy().as_bytes());
            add(&std::fs::read(&path).unwrap_or_default());
        }
    }
    hash
}

/// All files in `path`, or itself, in the order of their names.
fn files(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(path) else { return vec![path.to_path_buf()] };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| files(path)).collect()
}

/// Every level of `wave`, each with its first sample repeated at the end for the last interpolation; then nothing, up to
/// one sample more than a power of two.
fn levels(wave: &Wave) -> Vec<u8> {
    let mut bytes = Vec::new();
    for octave in wave.lowest..=TOP {
        for step in 1..=STEPS {
            let fastest = libm::exp2(f64::from(octave)) * f64::from(STEPS + step) / f64::from(STEPS);
            let harmonics = (libm::exp2(31.0) / fastest) as u32;
            let length = 1usize << wave.bits[(octave - wave.lowest) as usize];
            let sine: Vec<f64> = (0..length).map(|i| libm::sin(TAU * i as f64 / length as f64)).collect();
            let mut cycle = vec![0.0; length];
            for k in 1..=harmonics {
                let x = PI * f64::from(k) / length as f64;
                let droop = libm::sin(x) / x;
                let amplitude = (wave.harmonic)(k) / (droop * droop);
                for (i, sample) in cycle.iter_mut().enumerate() {
                    *sample += amplitude * sine[i * k as usize % length];
                }
            }
            for i in 0..=length {
                bytes.extend_from_slice(&(cycle[i % length] as f32).to_le_bytes());
            }
        }
    }
    bytes.resize(4 * (bytes.len() / 4 + 1).next_power_of_two() + 4, 0);
    bytes
}

//! What the fuzz targets do with any bytes: one function each, which libFuzzer calls (`fuzz_targets`) and, on a fixed seed, so does
//! `cargo test` (`tests/fuzz`). A target panics where something doesn't hold.

#![allow(unreachable_pub, reason = "this is a crate of its own for libFuzzer, and a module of tests/fuzz")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a target may stop")]

mod check;
mod fmt;
mod goldens;
mod lanes;
mod osc;
mod parts;
mod scl;
mod sounds;
mod takes;

/// A fuzz target.
pub struct Target {
    /// Its name, and that of its binary.
    pub name: &'static str,
    /// What it does with an input.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "check", run: check::check },
    Target { name: "fmt", run: fmt::fmt },
    Target { name: "goldens", run: goldens::goldens },
    Target { name: "lanes", run: lanes::lanes },
    Target { name: "osc", run: osc::osc },
    Target { name: "scl", run: scl::scl },
    Target { name: "sounds", run: sounds::sounds },
    Target { name: "takes", run: takes::takes },
];

/// Runs the target `name`.
///
/// # Panics
/// If there is none, or what it promises doesn't hold.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    (target.run)(data);
}

//! Stands in for the crate pkg-config, so that building chronus needs neither pkg-config nor ALSA's headers.
//!
//! Only alsa-sys asks, for ALSA alone, and uses nothing of the answer but that there is one. `src/io/alsa.rs` has the functions
//! of the library on x86-64 and aarch64, so nothing is linked there; elsewhere libasound is.

use std::env;
use std::process::Output;

/// What the crate can be asked to do differently. Nothing of it matters here.
#[derive(Debug, Default)]
pub struct Config;

/// What is known of a library: nothing that anybody asks for.
#[derive(Debug)]
pub struct Library;

/// Why a library can't be had.
#[derive(Debug)]
pub enum Error {
    /// As the crate declares it, for those who match on it. It doesn't come up here.
    Failure {
        /// What was run.
        command: String,
        /// What it said.
        output: Output,
    },
    /// A library that this crate knows nothing of.
    Unknown(String),
}

impl Config {
    /// As the crate does it.
    #[must_use]
    pub fn new() -> Self {
        Self
    }

    /// As the crate does it.
    pub fn statik(&mut self, _: bool) -> &mut Self {
        self
    }

    /// Says that ALSA is there.
    pub fn probe(&self, name: &str) -> Result<Library, Error> {
        if name != "alsa" {
            return Err(Error::Unknown(name.to_owned()));
        }
        let is = |key: &str, value: &str| env::var(key).is_ok_and(|set| set == value);
        let found_at_run_time = is("CARGO_CFG_TARGET_OS", "linux")
            && (is("CARGO_CFG_TARGET_ARCH", "x86_64") || is("CARGO_CFG_TARGET_ARCH", "aarch64"));
        if !found_at_run_time {
            println!("cargo::rustc-link-lib=asound");
        }
        Ok(Library)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failure { command, .. } => write!(f, "`{command}` failed"),
            Self::Unknown(name) => {
                write!(f, "{name} can't be looked for: chronus's stand-in for pkg-config knows ALSA alone (tools/pkg-config)")
            }
        }
    }
}

impl std::error::Error for Error {}

//! Checks that can't be made here: each is printed at once, and listed by name at the end of `cargo test` (`tests/without.rs`) and
//! of `.ci/run`. No check is left out in silence.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chronus::modules::dispatch::Compilation;

/// The variable that names the file which lists what was skipped; `.ci/run` sets it.
pub(crate) const LIST: &str = "CHRONUS_SKIPPED";

/// The file that lists what was skipped. Without [`LIST`] it is one for each run of `cargo test`, known by its process.
pub(crate) fn list() -> PathBuf {
    if let Some(path) = std::env::var_os(LIST) {
        return path.into();
    }
    #[cfg(unix)]
    let run = std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    let run = 0;
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("skipped-{run}"))
}

/// Skips the check `name`, because a program is missing that could be installed. `how` says what is missing and what installs it.
///
/// # Panics
/// With `CI=true`: there a missing program is a failure.
#[allow(dead_code, reason = "not every test binary needs programs")]
pub(crate) fn missing(name: &str, how: &str) {
    assert!(!is_ci(), "{name}: {how}; with CI=true nothing may be missing");
    skip(name, how);
}

/// Whether this is a run in CI, as most services say it.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| matches!(value.as_str(), "true" | "1"))
}

/// Skips the half of the check `name` that compares two compilations, where the processor can run only one of them.
#[allow(dead_code, reason = "not every test binary compares compilations")]
pub(crate) fn without_avx2(name: &str) {
    if Compilation::best() == Compilation::BASELINE {
        skip(name, "this processor has no AVX2: one compilation has nothing to be compared with");
    }
}

/// Skips the check `name`, because of what the machine itself doesn't have. A check may come here often; it is told once.
pub(crate) fn skip(name: &str, why: &str) {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.iter().any(|one| one == name) {
        return;
    }
    told.push(name.to_owned());
    let program = std::env::current_exe().ok();
    let binary = program.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    let binary = binary.as_deref().and_then(|stem| stem.rsplit_once('-')).map_or("", |(binary, _)| binary);
    let line = format!("{binary} {name}: {why}\n");
    // Past the capture of tests: what is left out must be seen.
    let _ = std::io::stderr().write_all(format!("SKIPPED {line}").as_bytes());
    let list = list();
    // One write for a line, so that test binaries that run side by side don't mix theirs.
    let written = OpenOptions::new().create(true).append(true).open(&list);
    written.and_then(|mut file| file.write_all(line.as_bytes())).unwrap_or_else(|error| {
        panic!("{} can't be written: {error}", list.display());
    });
}

//! Signals that ask a command to end: Ctrl-C, a terminal that closes, a service manager.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};

/// The signals that ask for an end, on this system and as this process was started.
pub(super) fn ending() -> Vec<i32> {
    let signals = [SIGINT, SIGTERM].into_iter();
    #[cfg(target_os = "linux")]
    let signals = signals.chain((!hangups_are_ignored()).then_some(signal_hook::consts::SIGHUP));
    signals.collect()
}

/// A flag that is set by a signal that asks for an end, from the first call on: call it before the first file is begun.
pub(super) fn stop() -> Arc<AtomicBool> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let stop = STOP.get_or_init(|| {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in ending() {
            // Where signals can't be caught they end the program, which leaves the draft behind but no wrong file.
            drop(signal_hook::flag::register(signal, Arc::clone(&stop)));
        }
        stop
    });
    Arc::clone(stop)
}

/// Whether the process was started to outlive its terminal, as by `nohup`. To catch the signal would undo that.
#[cfg(target_os = "linux")]
fn hangups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.split_once("\nSigIgn:").and_then(|(_, rest)| rest.lines().next());
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal_hook::consts::SIGHUP - 1) & 1 == 1
}

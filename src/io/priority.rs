//! Real-time priority of the audio thread: asked for once, from the thread itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::io::stats::{Meters, Priority};

/// How long a device has to show that it keeps time.
const TRIAL: Duration = Duration::from_millis(50);

/// Asks for the priority once the device has shown that it keeps time.
///
/// A device that takes frames as fast as they come, such as one that writes to a file, would never let other threads run.
pub(crate) struct Climb {
    meters: Arc<Meters>,
    rate: u32,
    began: Option<Instant>,
    frames: u64,
    done: bool,
}

impl Climb {
    pub(crate) fn new(meters: Arc<Meters>, rate: u32) -> Self {
        Self { meters, rate, began: None, frames: 0, done: false }
    }

    /// After each callback, of `frames` frames.
    pub(crate) fn step(&mut self, frames: u64) {
        if self.done {
            return;
        }
        let spent = self.began.get_or_insert_with(Instant::now).elapsed();
        self.frames += frames;
        if spent < TRIAL {
            return;
        }
        self.done = true;
        // At its start a device takes its whole buffer at once.
        let most = 2.0 * spent.as_secs_f64() * f64::from(self.rate) + 8_192.0;
        // Core Audio gives its threads real-time priority itself.
        let got = cfg!(target_os = "macos")
            || self.frames as f64 <= most
                && audio_thread_priority::promote_current_thread_to_real_time(frames as u32, self.rate)
                    .is_ok();
        self.meters.set_priority(if got { Priority::RealTime } else { Priority::Refused });
    }
}

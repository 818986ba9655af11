//! What can be read off a running speaker: counts and times, written by the audio thread and read by any other.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// How long the load is averaged over.
const LOAD_OVER: f32 = 0.5;

/// Whether the audio thread goes before others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// It has not been asked for: the device has not shown yet that it keeps time.
    Unasked,
    /// It has real-time priority.
    RealTime,
    /// The system refused, so that other programs can make it late.
    Refused,
}

/// What a running speaker has come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreamStats {
    /// How often the device asked for frames.
    pub callbacks: u64,
    /// Frames given to it, those of the player and silence.
    pub frames: u64,
    /// Times that the device ran dry.
    pub xruns: u64,
    /// Callbacks that came after more than twice as long as the frames before them last.
    pub late: u64,
    /// Share of its time that the audio thread takes for its frames, over the last half second: the player, and what the host
    /// computes around it on the same thread. From 1 on it is too slow.
    pub load: f32,
    /// The highest share that a single callback took.
    pub load_peak: f32,
    /// Frames of a callback: what was granted, not what was asked for.
    pub buffer: u32,
    /// Milliseconds from the end of a callback's frames to their end in the device: what is played now is heard by then.
    pub latency_ms: f32,
    /// Whether the audio thread goes before others.
    pub priority: Priority,
    /// How often the device was opened again.
    pub restarts: u64,
}

/// The same while it is written.
#[derive(Debug, Default)]
pub struct Meters {
    pub(crate) callbacks: AtomicU64,
    pub(crate) frames: AtomicU64,
    pub(crate) xruns: AtomicU64,
    pub(crate) late: AtomicU64,
    /// Bits of floats.
    load: AtomicU32,
    load_peak: AtomicU32,
    pub(crate) buffer: AtomicU32,
    latency_micros: AtomicU32,
    priority: AtomicU8,
    pub(crate) restarts: AtomicU64,
}

fn add(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

impl Meters {
    /// Counts a callback of `frames` frames that last `lasting`, were made in `took` and will have been heard after `latency`.
    pub(crate) fn callback(&self, frames: u64, lasting: Duration, took: Duration, latency: Duration) {
        add(&self.callbacks, 1);
        add(&self.frames, frames);
        let seconds = lasting.as_secs_f32();
        if seconds > 0.0 {
            let share = took.as_secs_f32() / seconds;
            let load = f32::from_bits(self.load.load(Ordering::Relaxed));
            let load = load + (share - load) * (seconds / LOAD_OVER).min(1.0);
            self.load.store(load.to_bits(), Ordering::Relaxed);
            // Positive floats are in the order of their bits.
            self.load_peak.fetch_max(share.to_bits(), Ordering::Relaxed);
        }
        self.latency_micros.store(latency.as_micros() as u32, Ordering::Relaxed);
    }

    /// Counts a callback that came late.
    pub(crate) fn late(&self) {
        add(&self.late, 1);
    }

    pub(crate) fn xrun(&self) {
        add(&self.xruns, 1);
    }

    pub(crate) fn restarted(&self) {
        add(&self.restarts, 1);
    }

    pub(crate) fn set_priority(&self, priority: Priority) {
        self.priority.store(priority as u8, Ordering::Relaxed);
    }

    /// What has come together.
    pub fn read(&self) -> StreamStats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let share = |share: &AtomicU32| f32::from_bits(share.load(Ordering::Relaxed));
        StreamStats {
            callbacks: count(&self.callbacks),
            frames: count(&self.frames),
            xruns: count(&self.xruns),
            late: count(&self.late),
            load: share(&self.load),
            load_peak: share(&self.load_peak),
            buffer: self.buffer.load(Ordering::Relaxed),
            latency_ms: self.latency_micros.load(Ordering::Relaxed) as f32 / 1_000.0,
            priority: match self.priority.load(Ordering::Relaxed) {
                0 => Priority::Unasked,
                1 => Priority::RealTime,
                _ => Priority::Refused,
            },
            restarts: count(&self.restarts),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Meters, Priority};

    #[test]
    fn load_settles_at_the_share_and_keeps_its_peak() {
        let meters = Meters::default();
        let (lasting, latency) = (Duration::from_millis(4), Duration::from_millis(8));
        meters.callback(192, lasting, Duration::from_millis(3), latency);
        (0..2_000).for_each(|_| meters.callback(192, lasting, Duration::from_millis(1), latency));
        let stats = meters.read();
        assert!((stats.load - 0.25).abs() < 0.001, "{stats:?}");
        assert!((stats.load_peak - 0.75).abs() < 0.001, "{stats:?}");
        assert_eq!((stats.callbacks, stats.frames), (2_001, 2_001 * 192));
        assert_eq!((stats.latency_ms, stats.priority), (8.0, Priority::Unasked));
        meters.set_priority(Priority::RealTime);
        assert_eq!(meters.read().priority, Priority::RealTime);
        meters.set_priority(Priority::Refused);
        assert_eq!(meters.read().priority, Priority::Refused);
    }
}

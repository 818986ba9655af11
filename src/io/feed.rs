//! What happens in a callback of the device: frames go from the player into the samples that it wants. Nothing here allocates,
//! waits, or can stop another thread.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use cpal::ErrorKind;

use crate::engine::block_loop::Frame;
use crate::io::figures::Meters;
use crate::io::samples::Samples;

/// Frames that the player is asked for together.
const CHUNK: usize = 256;

/// Makes what is heard.
pub trait Player: Send {
    /// Fills the next frames, any number of them, all of each. On the audio thread: it must not allocate, lock, wait or log.
    fn play(&mut self, frames: &mut [Frame]);
}

/// A player that streams share, one after another. Only audio threads reach for it, and only without waiting: a stream that
/// still holds it after its device has died must not keep the next one from opening.
pub type Shared = Arc<Mutex<Box<dyn Player>>>;

/// What the main thread and the callbacks of one stream tell each other.
#[derive(Debug, Default)]
pub struct Line {
    /// It is replaced: what it still asks for is silence.
    pub(crate) replaced: AtomicBool,
    /// It is about to end: the player isn't asked any more.
    pub(crate) ending: AtomicBool,
    /// Frames of silence since then.
    pub(crate) silence: AtomicU64,
    pub(crate) callbacks: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) xruns: AtomicU64,
    pub(crate) rerouted: AtomicBool,
    /// The player stopped half-way: it panicked.
    pub(crate) broken: AtomicBool,
    failed: AtomicU8,
}

/// How a stream can end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The device is gone.
    Device,
    /// The server that it belongs to is gone.
    Host,
    /// It must be opened again, for a reason of its own.
    Invalid,
}

impl Line {
    /// Counts an error of the stream, on whichever thread it comes up.
    pub(crate) fn error(&self, kind: ErrorKind, meters: &Meters) {
        let failed = match kind {
            ErrorKind::Xrun => {
                self.xruns.fetch_add(1, Ordering::Relaxed);
                if !self.replaced.load(Ordering::Relaxed) {
                    meters.xrun();
                }
                return;
            }
            ErrorKind::DeviceChanged => {
                self.rerouted.store(true, Ordering::Relaxed);
                return;
            }
            // Said of itself by the host; ours is told by `Figures::priority`.
            ErrorKind::RealtimeDenied => return,
            ErrorKind::DeviceNotAvailable => 1,
            ErrorKind::HostUnavailable => 2,
            ErrorKind::StreamInvalidated => 3,
            _ => 0,
        };
        self.errors.fetch_add(1, Ordering::Relaxed);
        if failed > 0 {
            self.failed.store(failed, Ordering::Relaxed);
        }
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        match self.failed.load(Ordering::Relaxed) {
            1 => Some(Failure::Device),
            2 => Some(Failure::Host),
            3 => Some(Failure::Invalid),
            _ => None,
        }
    }
}

/// The callback of one stream.
pub struct Feed {
    player: Shared,
    line: Arc<Line>,
    meters: Arc<Meters>,
    channels: usize,
    rate: u32,
    frames: [Frame; CHUNK],
    /// When the callback before began, and how long its frames last.
    before: Option<(Instant, Duration)>,
}

impl Feed {
    /// A callback for samples of `channels` channels, `rate` frames a second.
    pub fn new(player: Shared, line: Arc<Line>, meters: Arc<Meters>, channels: u16, rate: u32) -> Self {
        let channels = usize::from(channels).max(1);
        Self { player, line, meters, channels, rate, frames: [[0.0; 2]; CHUNK], before: None }
    }

    /// Fills `samples`, the first of which is heard after `delay`.
    pub fn fill(&mut self, samples: &mut Samples<'_>, delay: Duration) {
        let began = Instant::now();
        let count = samples.len() / self.channels;
        let lasting = Duration::from_secs_f64(count as f64 / f64::from(self.rate));
        if let Some((before, lasted)) = self.before.replace((began, lasting))
            && began.saturating_duration_since(before) > 2 * lasted
        {
            self.meters.late();
        }
        self.line.callbacks.fetch_add(1, Ordering::Relaxed);
        let ending = self.line.ending.load(Ordering::Acquire);
        if ending || self.line.replaced.load(Ordering::Acquire) {
            silence(samples, count, self.channels);
        } else {
            self.sound(samples, count);
        }
        if ending {
            self.line.silence.fetch_add(count as u64, Ordering::Release);
        }
        if !self.line.replaced.load(Ordering::Relaxed) {
            self.meters.callback(count as u64, lasting, began.elapsed(), delay + lasting);
        }
    }

    fn sound(&mut self, samples: &mut Samples<'_>, count: usize) {
        let mut player = match self.player.try_lock() {
            Ok(player) => player,
            // Another stream is in the middle of a callback and will see at its end that it is replaced.
            Err(TryLockError::WouldBlock) => return silence(samples, count, self.channels),
            Err(TryLockError::Poisoned(_)) => {
                self.line.broken.store(true, Ordering::Relaxed);
                return silence(samples, count, self.channels);
            }
        };
        let mut at = 0;
        while at < count {
            let frames = &mut self.frames[..CHUNK.min(count - at)];
            player.play(frames);
            samples.write(at, frames, self.channels);
            at += frames.len();
        }
    }
}

fn silence(samples: &mut Samples<'_>, count: usize, channels: usize) {
    for at in (0..count).step_by(CHUNK) {
        samples.write(at, &[[0.0; 2]; CHUNK], channels);
    }
}

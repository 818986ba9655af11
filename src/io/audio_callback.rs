//! What happens in a callback of the device: frames go from the player into the samples that it wants. Nothing here allocates,
//! waits, or can stop another thread.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use cpal::ErrorKind;

use crate::engine::block_loop::Frame;
use crate::io::player::Player;
use crate::io::samples::Samples;
use crate::io::stats::Meters;

/// Frames that the player is asked for together.
const CHUNK: usize = 256;

/// A player that streams share, one after another. Only audio threads reach for it, and only without waiting: a stream that
/// still holds it after its device has died must not keep the next one from opening.
pub type SharedPlayer = Arc<Mutex<Box<dyn Player>>>;

/// What the main thread and the callbacks of one stream tell each other.
#[derive(Debug, Default)]
pub struct StreamStatus {
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

impl StreamStatus {
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
            // Said of itself by the host; ours is reported by `Stats::priority`.
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
pub struct AudioCallback {
    player: SharedPlayer,
    line: Arc<StreamStatus>,
    meters: Arc<Meters>,
    channels: usize,
    rate: u32,
    frames: [Frame; CHUNK],
    /// When the callback before began, and how long its frames last.
    before: Option<(Instant, Duration)>,
    /// What this thread had computed when the callback before ended.
    computed: Option<Duration>,
}

/// How long the processor has worked for this thread so far; nothing where the system doesn't say.
fn computed() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
    }
    #[cfg(not(unix))]
    None
}

impl AudioCallback {
    /// A callback for samples of `channels` channels, `rate` frames a second.
    pub fn new(
        player: SharedPlayer,
        line: Arc<StreamStatus>,
        meters: Arc<Meters>,
        channels: u16,
        rate: u32,
    ) -> Self {
        let channels = usize::from(channels).max(1);
        Self { player, line, meters, channels, rate, frames: [[0.0; 2]; CHUNK], before: None, computed: None }
    }

    /// Fills `samples`, the first of which is heard after `delay`.
    pub fn fill(&mut self, samples: &mut Samples<'_>, delay: Duration) {
        let began = Instant::now();
        // The host works on this thread as well: it fetches what is wanted, mixes, sends.
        let of_host = self.computed.zip(computed()).map(|(before, now)| now.saturating_sub(before));
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
            let took = began.elapsed() + of_host.unwrap_or_default();
            self.meters.callback(count as u64, lasting, took, delay + lasting);
        }
        self.computed = computed();
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
        player.callback();
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::{AudioCallback, Player, StreamStatus};
    use crate::engine::block_loop::Frame;
    use crate::io::samples::Samples;
    use crate::io::stats::Meters;

    /// Plays 1/65536, 2/65536, … on both sides; panics at frame 10,000.
    struct CountingPlayer(u32);

    impl Player for CountingPlayer {
        fn play(&mut self, frames: &mut [Frame]) {
            for frame in frames {
                self.0 += 1;
                assert!(self.0 < 10_000);
                *frame = [self.0 as f32 / 65_536.0; 2];
            }
        }
    }

    fn feed(channels: u16) -> (AudioCallback, Arc<StreamStatus>, Arc<Meters>) {
        let (line, meters) = (Arc::new(StreamStatus::default()), Arc::new(Meters::default()));
        let player: super::SharedPlayer = Arc::new(Mutex::new(Box::new(CountingPlayer(0))));
        (AudioCallback::new(player, Arc::clone(&line), Arc::clone(&meters), channels, 48_000), line, meters)
    }

    #[test]
    fn callbacks_of_any_length_go_on_from_one_another() {
        for channels in [1_usize, 2, 6] {
            let (mut feed, line, meters) = feed(channels as u16);
            let mut heard = Vec::new();
            let lengths = [1, 64, 255, 256, 257, 1_000, 3_000];
            for length in lengths {
                let mut samples = vec![9.0_f32; length * channels];
                feed.fill(&mut Samples::F32(&mut samples), Duration::from_millis(3));
                heard.extend(samples.chunks(channels).map(|frame| frame[0]));
            }
            assert!(heard.iter().enumerate().all(|(i, heard)| *heard == (i + 1) as f32 / 65_536.0));
            let stats = meters.read();
            assert_eq!((stats.callbacks, stats.frames), (7, lengths.iter().sum::<usize>() as u64));
            assert_eq!(line.callbacks.load(Ordering::Relaxed), 7);
            assert_eq!(stats.latency_ms, 3.0 + 62.5);
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_the_host_computes_between_callbacks_is_load() {
        let (mut feed, _, meters) = feed(2);
        // 20 ms.
        let mut samples = [0.0_f32; 2 * 960];
        feed.fill(&mut Samples::F32(&mut samples), Duration::ZERO);
        let alone = meters.read().load_peak;
        // To wait costs nothing.
        std::thread::sleep(Duration::from_millis(30));
        feed.fill(&mut Samples::F32(&mut samples), Duration::ZERO);
        assert!(meters.read().load_peak < alone.max(0.25), "{}", meters.read().load_peak);
        let before = super::computed().unwrap();
        while super::computed().unwrap().saturating_sub(before) < Duration::from_millis(10) {
            std::hint::spin_loop();
        }
        feed.fill(&mut Samples::F32(&mut samples), Duration::ZERO);
        assert!(meters.read().load_peak >= 0.5, "{}", meters.read().load_peak);
    }

    #[test]
    fn a_stream_that_ends_or_is_replaced_is_silent_and_asks_no_more() {
        let (mut feed, line, meters) = feed(2);
        let mut samples = [9.0_f32; 200];
        line.ending.store(true, Ordering::Release);
        feed.fill(&mut Samples::F32(&mut samples), Duration::ZERO);
        assert!(samples.iter().all(|sample| *sample == 0.0));
        assert_eq!(line.silence.load(Ordering::Relaxed), 100);
        line.ending.store(false, Ordering::Release);
        feed.fill(&mut Samples::F32(&mut samples), Duration::ZERO);
        assert_eq!(samples[0], 1.0 / 65_536.0);
        line.replaced.store(true, Ordering::Release);
        feed.fill(&mut Samples::F32(&mut samples), Duration::ZERO);
        assert!(samples.iter().all(|sample| *sample == 0.0));
        assert_eq!(meters.read().callbacks, 2);
    }

    #[test]
    fn a_player_that_panics_leaves_silence() {
        let (mut feed, line, _) = feed(2);
        let mut samples = vec![9.0_f32; 30_000];
        let mut fill = || feed.fill(&mut Samples::F32(&mut samples), Duration::ZERO);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut fill)).unwrap_err();
        assert!(!line.broken.load(Ordering::Relaxed));
        fill();
        assert!(line.broken.load(Ordering::Relaxed));
        assert!(samples.iter().all(|sample| *sample == 0.0));
    }
}

//! A player at its device: watched, opened again when the device fails, and ended without cutting what is still on its way.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::io::audio_callback::{Failure, SharedPlayer, StreamStatus};
use crate::io::device_error::DeviceError;
use crate::io::speaker::{Ask, Open, Speaker};
use crate::io::stats::{Meters, StreamStats};

/// How long a device may be silent.
const SILENCE: Duration = Duration::from_secs(1);
/// More errors in a second than this mean that the device won't get better by itself.
const MOST_ERRORS: u64 = 20;
/// Between two tries to open it again.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a try may take before it is left to itself.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end waits for what is still on its way.
const LONGEST_END: Duration = Duration::from_secs(2);

/// What happened to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceMessage {
    /// It stopped. It is tried again from now on.
    Lost(Loss),
    /// It plays again: the player went on where it had been.
    Back,
    /// The system plays through another device now; nothing was lost.
    Rerouted,
    /// The player panicked. There is silence from now on; said once.
    Broken,
}

/// Why a device stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It said so.
    Failed(Failure),
    /// It asked for no frames for a second.
    Stalled,
    /// It had nothing but errors.
    Errors,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed(Failure::Device) => "it is gone",
            Self::Failed(Failure::Host) => "its sound server is gone",
            Self::Failed(Failure::Invalid) => "its stream ended",
            Self::Stalled => "it doesn't ask for sound any more",
            Self::Errors => "it reports one error after another",
        })
    }
}

enum PlayingState {
    Open {
        open: Open,
        watch: StallDetector,
        said_lost: bool,
    },
    /// Another thread opens it, because that can take seconds or for ever.
    Opening {
        done: Receiver<Result<Open, DeviceError>>,
        since: Instant,
    },
    Gone {
        since: Instant,
    },
}

/// What was seen of a stream, to tell when it fails.
struct StallDetector {
    callbacks: u64,
    /// When there was a callback that hadn't been there before.
    heard: Instant,
    /// Errors, xruns and callbacks at a time.
    window: (Instant, u64, u64, u64),
}

impl StallDetector {
    fn new(now: Instant) -> Self {
        Self { callbacks: 0, heard: now, window: (now, 0, 0, 0) }
    }

    fn failure(&mut self, line: &StreamStatus, now: Instant) -> Option<Loss> {
        if let Some(failure) = line.failure() {
            return Some(Loss::Failed(failure));
        }
        let callbacks = line.callbacks.load(Ordering::Relaxed);
        if callbacks != self.callbacks {
            (self.callbacks, self.heard) = (callbacks, now);
        }
        let (errors, xruns) = (line.errors.load(Ordering::Relaxed), line.xruns.load(Ordering::Relaxed));
        let (since, old_errors, old_xruns, old_callbacks) = self.window;
        // A song that is too heavy makes xruns as well, but frames between them.
        let dry = xruns - old_xruns > MOST_ERRORS.max(callbacks - old_callbacks);
        if errors - old_errors > MOST_ERRORS || dry {
            return Some(Loss::Errors);
        }
        if now - since >= Duration::from_secs(1) {
            self.window = (now, errors, xruns, callbacks);
        }
        (now - self.heard >= SILENCE).then_some(Loss::Stalled)
    }
}

/// A player at its device. Dropping it stops the player; what it has given is still played, as far as the host lets us.
pub struct Playing {
    ask: Ask,
    player: SharedPlayer,
    meters: Arc<Meters>,
    state: PlayingState,
    broken: bool,
    error: Option<DeviceError>,
}

impl Playing {
    pub(crate) fn new(ask: Ask, player: SharedPlayer, meters: Arc<Meters>, open: Open) -> Self {
        let watch = StallDetector::new(Instant::now());
        let state = PlayingState::Open { open, watch, said_lost: false };
        Self { ask, player, meters, state, broken: false, error: None }
    }

    /// What it has come to so far.
    pub fn stats(&self) -> StreamStats {
        self.meters.read()
    }

    /// Why the device didn't open at the last try, while it is lost.
    pub fn error(&self) -> Option<&DeviceError> {
        self.error.as_ref()
    }

    /// Looks after the device, without waiting: to be called every 100 ms or so. Says what has happened, if anything has.
    pub fn supervise(&mut self) -> Option<DeviceMessage> {
        let now = Instant::now();
        match &mut self.state {
            PlayingState::Open { open, watch, said_lost } => {
                let loss = watch.failure(&open.line, now);
                if open.line.broken.load(Ordering::Relaxed) && !self.broken {
                    self.broken = true;
                    return Some(DeviceMessage::Broken);
                }
                if let Some(loss) = loss {
                    let known = *said_lost;
                    open.line.replaced.store(true, Ordering::Release);
                    self.reopen(now, known);
                    return (!known).then_some(DeviceMessage::Lost(loss));
                }
                // It is back only when it asks for frames.
                if *said_lost && watch.callbacks > 0 {
                    *said_lost = false;
                    self.error = None;
                    self.meters.restarted();
                    return Some(DeviceMessage::Back);
                }
                open.line.rerouted.swap(false, Ordering::Relaxed).then_some(DeviceMessage::Rerouted)
            }
            PlayingState::Opening { done, since } => {
                match done.try_recv() {
                    Ok(Ok(open)) => {
                        self.state =
                            PlayingState::Open { open, watch: StallDetector::new(now), said_lost: true };
                    }
                    Ok(Err(error)) => {
                        self.error = Some(error);
                        self.state = PlayingState::Gone { since: now };
                    }
                    Err(TryRecvError::Empty) if now - *since < PATIENCE => {}
                    Err(_) => self.state = PlayingState::Gone { since: now },
                }
                None
            }
            PlayingState::Gone { since } => {
                if now - *since >= PAUSE {
                    self.reopen(now, false);
                }
                None
            }
        }
    }

    /// Closes what is open and opens it again, on another thread; `later` after a pause.
    fn reopen(&mut self, now: Instant, later: bool) {
        let (tell, done) = channel();
        let old = std::mem::replace(&mut self.state, PlayingState::Opening { done, since: now });
        let (ask, player, meters) = (self.ask.clone(), Arc::clone(&self.player), Arc::clone(&self.meters));
        thread::spawn(move || {
            // A device may belong to one stream at a time. Closing waits for its thread, which may hang in the host.
            drop(old);
            if later {
                thread::sleep(PAUSE);
            }
            let open = Speaker::find(&ask).and_then(|speaker| speaker.open(&player, &meters));
            // If nobody waits any more the stream is closed right here.
            drop(tell.send(open));
        });
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        let now = Instant::now();
        let PlayingState::Open { open, .. } =
            std::mem::replace(&mut self.state, PlayingState::Gone { since: now })
        else {
            return;
        };
        let stats = self.stats();
        open.line.ending.store(true, Ordering::Release);
        // cpal closes a device with what is still in it. So silence goes after it first, until all before that has been heard.
        let seconds = 1.0 / f64::from(self.ask.rate.unwrap_or(48_000));
        let behind = f64::from(stats.latency_ms) * 1e-3 / seconds;
        let enough = behind as u64 + 2 * u64::from(stats.buffer);
        let gone = |open: &Open| open.line.failure().is_some() || self.broken;
        while open.line.silence.load(Ordering::Acquire) < enough
            && !gone(&open)
            && now.elapsed() < LONGEST_END
        {
            thread::sleep(Duration::from_millis(2));
        }
        // Closing a device whose server has died can hang.
        let (tell, done) = channel::<()>();
        thread::spawn(move || {
            drop(open);
            drop(tell);
        });
        // Either it is closed, or it takes too long to wait for.
        let _ = done.recv_timeout(LONGEST_END);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::{Duration, Instant};

    use cpal::ErrorKind;

    use super::{Loss, StallDetector};
    use crate::io::audio_callback::{Failure, StreamStatus};
    use crate::io::stats::Meters;

    /// What is found out within 3 s of a stream that does `each` every 100 ms.
    fn found(each: impl Fn(&StreamStatus, &Meters)) -> Option<(u64, Loss)> {
        let (line, meters, start) = (StreamStatus::default(), Meters::default(), Instant::now());
        let mut watch = StallDetector::new(start);
        (1..=30).find_map(|tenth| {
            each(&line, &meters);
            let loss = watch.failure(&line, start + Duration::from_millis(100 * tenth));
            loss.map(|loss| (tenth, loss))
        })
    }

    fn frames(line: &StreamStatus, callbacks: u64) {
        line.callbacks.fetch_add(callbacks, Ordering::Relaxed);
    }

    #[test]
    fn a_stream_that_runs_is_left_alone() {
        assert_eq!(found(|line, _| frames(line, 25)), None);
        // Now and then an error, and a song that is too heavy for the machine: an xrun at every second callback.
        assert_eq!(
            found(|line, meters| {
                frames(line, 25);
                line.error(ErrorKind::BackendError, meters);
                (0..12).for_each(|_| line.error(ErrorKind::Xrun, meters));
            }),
            None
        );
    }

    #[test]
    fn a_stream_that_fails_is_found_out() {
        assert_eq!(found(|_, _| ()), Some((10, Loss::Stalled)));
        let gone = |line: &StreamStatus, meters: &Meters| line.error(ErrorKind::DeviceNotAvailable, meters);
        assert_eq!(found(gone), Some((1, Loss::Failed(Failure::Device))));
        let storm = |kind| {
            found(move |line, meters| {
                frames(line, 1);
                (0..9_000).for_each(|_| line.error(kind, meters));
            })
        };
        assert_eq!(storm(ErrorKind::Xrun), Some((1, Loss::Errors)));
        assert_eq!(storm(ErrorKind::BackendError), Some((1, Loss::Errors)));
        let slow = found(|line, meters| {
            frames(line, 25);
            (0..3).for_each(|_| line.error(ErrorKind::Other, meters));
        });
        assert_eq!(slow, Some((7, Loss::Errors)));
    }

    #[test]
    fn every_loss_is_said_in_words() {
        let failures = [Failure::Device, Failure::Host, Failure::Invalid].map(Loss::Failed);
        let mut words: Vec<String> =
            failures.into_iter().chain([Loss::Stalled, Loss::Errors]).map(|loss| loss.to_string()).collect();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), 5);
    }
}

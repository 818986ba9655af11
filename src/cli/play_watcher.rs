//! Watches over a song that is played, by lines or by the screen, until it is over or somebody wants it to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::cli::output::{note, report_all};
use crate::cli::screen::keys::KeyAction;
use crate::cli::screen::scene::Scene;
use crate::cli::screen::terminal::Screen;
use crate::cli::stop_signals::ending;
use crate::io::playing::{DeviceMessage, Playing};
use crate::io::stats::StreamStats;
use crate::io::unfinished::CutOff;
use crate::live::control_thread::{ThreadCommand, ThreadHandle};
use crate::osc::message::Message;

/// How often the device is looked after where there are lines.
const LOOK: Duration = Duration::from_millis(50);
/// The same where there is a screen, and how often that is drawn.
const FRAME: Duration = Duration::from_millis(33);
/// Milliseconds from which on it is told how late is heard what is played.
const LATE: f32 = 150.0;
/// How long the sound takes to fade at the end.
const FADE: Duration = Duration::from_millis(60);

/// What is watched.
pub(super) struct PlayWatcher {
    pub(super) playing: Playing,
    pub(super) thread: ThreadHandle,
    /// Whether it goes on when the song is over.
    pub(super) stays: bool,
    /// Frames by which what is heard lags behind.
    pub(super) latency: u64,
    /// Frames a second.
    pub(super) rate: u32,
    /// Recordings that were cut off, of which the first lines tell. Where nobody can read those, the next start tells again.
    pub(super) cut_off: Vec<CutOff>,
    /// What the device was asked for, until it has shown what it granted.
    pub(super) granted: Option<Granted>,
}

/// What the device was asked for, until it is known what it granted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted {
    /// Frames of a callback.
    pub(super) buffer: Option<u32>,
    /// Frames a second, if somebody asked for them.
    pub(super) rate: Option<u32>,
    /// Whether somebody asked for that buffer.
    pub(super) asked: bool,
}

impl Granted {
    /// What is to be said of what it granted, `rate` frames a second among it: that it isn't what was asked for, or that it is
    /// heard late.
    fn words(self, stats: &StreamStats, rate: u32) -> Option<String> {
        let StreamStats { buffer, latency_ms, .. } = *stats;
        let late = format!("what is played is heard {latency_ms:.0} ms later");
        if let Some(asked) = self.rate.filter(|asked| *asked != rate) {
            return Some(format!(
                "the device plays at {rate} Hz, not at the {asked} Hz that were asked for; {late}"
            ));
        }
        let wanted = self.buffer.filter(|wanted| buffer != *wanted)?;
        (self.asked || latency_ms > LATE).then(|| {
            format!(
                "the device takes {buffer} frames at a time, not the {wanted} that were asked for: {late}"
            )
        })
    }
}

impl PlayWatcher {
    /// Watches, and ends it.
    pub(super) fn over(mut self, mut screen: Option<Screen>) {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in ending() {
            // The first asks for the end, the second ends at once. Where signals can't be caught they end the program. A recording
            // is whole whatever happens.
            drop(signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked)));
            drop(signal_hook::flag::register(signal, Arc::clone(&asked)));
        }
        let mut said = 0;
        loop {
            let (goes_on, seen) = match &mut screen {
                None => {
                    std::thread::sleep(LOOK);
                    (true, self.look(&mut said))
                }
                Some(screen) => {
                    let goes_on = self.show(screen, &mut said);
                    (goes_on, goes_on)
                }
            };
            let told = std::mem::take(&mut self.cut_off);
            if seen {
                told.into_iter().for_each(CutOff::told);
            }
            let over = self.thread.view(|view| view.over) && !self.stays;
            if !goes_on || over || asked.load(Ordering::Relaxed) {
                break;
            }
        }
        // What is said from here on is said in lines, and the next Ctrl-C is a signal.
        drop(screen);
        // Faded before it is cut.
        self.say(Message::new("/engine/stop", []));
        let buffers = 3 * u64::from(self.playing.stats().buffer);
        let lag = Duration::from_secs_f64((self.latency + buffers) as f64 / f64::from(self.rate));
        std::thread::sleep((FADE + lag).min(Duration::from_secs(1)));
        let Self { playing, thread, .. } = self;
        drop(playing);
        let view = Arc::clone(&thread.view);
        thread.end();
        let view = view.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for line in view.new_lines(&mut said) {
            note(&line);
        }
    }

    fn say(&self, message: Message) {
        // Its thread runs until it is told to end.
        drop(self.thread.say.send(ThreadCommand::Message(message)));
    }

    /// What is to be said of what the device granted, once it has asked for frames a few times.
    fn granted(&mut self, stats: &StreamStats) -> Option<String> {
        let granted = self.granted.take_if(|_| stats.callbacks >= 4)?;
        granted.words(stats, self.rate)
    }

    /// What has become of the device.
    fn supervise(&mut self) -> Option<String> {
        self.playing.supervise().map(|log| match log {
            DeviceMessage::Lost(loss) => format!("the device stopped: {loss}; waiting for it to return"),
            DeviceMessage::Back => "the device is back".to_owned(),
            DeviceMessage::Rerouted => "the system plays through another device now".to_owned(),
            DeviceMessage::Broken => "the engine broke down; this is a fault in chronus".to_owned(),
        })
    }

    /// Prints what has happened. Gives whether anybody can read that.
    fn look(&mut self, said: &mut u64) -> bool {
        let supervised = self.supervise().is_none_or(|line| note(&line));
        let stats = self.playing.stats();
        let granted = self.granted(&stats);
        let (lines, errors) = self.thread.view(|view| {
            view.stats = Some(stats);
            granted.into_iter().for_each(|line| view.say(line));
            (view.new_lines(said), view.unplayable.take())
        });
        let seen = lines.iter().fold(supervised, |seen, text| note(text) && seen);
        if let Some(unplayable) = errors {
            report_all(&unplayable.diagnostics, &unplayable.sources);
        }
        seen
    }

    /// Shows what is to be seen and does what keys want; gives whether it goes on.
    fn show(&mut self, screen: &mut Screen, said: &mut u64) -> bool {
        let log = self.supervise();
        let stats = self.playing.stats();
        let granted = self.granted(&stats);
        let scene = self.thread.view(|view| {
            view.stats = Some(stats);
            granted.into_iter().for_each(|line| view.say(line));
            if let Some(line) = log {
                view.say(line);
            }
            drop(view.new_lines(said));
            Scene::of(view)
        });
        // A terminal that has gone takes its user with it.
        let Ok(keys) = screen.show(scene).and_then(|()| screen.keys(FRAME)) else { return false };
        for wanted in keys {
            match wanted {
                KeyAction::Nothing => {}
                KeyAction::Say(message) => self.say(message),
                KeyAction::Quit => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Granted;
    use crate::io::stats::{Priority, StreamStats};

    #[test]
    fn what_isnt_granted_is_told() {
        let stats = |buffer, latency_ms| StreamStats {
            callbacks: 4,
            frames: 4,
            xruns: 0,
            late: 0,
            load: 0.0,
            load_peak: 0.0,
            buffer,
            latency_ms,
            priority: Priority::Unasked,
            restarts: 0,
        };
        let granted = |asked, rate| Granted { buffer: Some(192), asked, rate };
        let told = |granted: Granted, stats: &StreamStats| granted.words(stats, 44_100).unwrap_or_default();
        let late = stats(32_768, 743.0);
        assert_eq!(
            told(granted(true, Some(44_100)), &late),
            "the device takes 32768 frames at a time, not the 192 that were asked for: what is played is heard 743 ms later"
        );
        assert!(told(granted(false, None), &late).contains("743 ms"));
        assert!(
            told(granted(true, Some(48_000)), &stats(192, 8.0))
                .starts_with("the device plays at 44100 Hz, not at the 48000")
        );
        for (asked, buffer) in [(true, 192), (false, 512)] {
            assert_eq!(told(granted(asked, None), &stats(buffer, 20.0)), "", "{buffer}");
        }
        assert!(!told(granted(true, None), &stats(256, 20.0)).is_empty());
    }
}

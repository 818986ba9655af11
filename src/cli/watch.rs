//! Watches over a song that is played, by lines or by the screen, until it is over or somebody wants it to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::cli::output::{note, report_all};
use crate::cli::screen::keys::Wanted;
use crate::cli::screen::scene::Scene;
use crate::cli::screen::terminal::Screen;
use crate::cli::signals::ending;
use crate::io::playing::{News, Playing};
use crate::io::unfinished::CutOff;
use crate::live::running::{Said, Thread};
use crate::osc::message::Message;

/// How often the device is looked after where there are lines.
const LOOK: Duration = Duration::from_millis(50);
/// The same where there is a screen, and how often that is drawn.
const FRAME: Duration = Duration::from_millis(33);
/// How long the sound takes to fade at the end.
const FADE: Duration = Duration::from_millis(60);

/// What is watched.
pub(super) struct Watch {
    pub(super) playing: Playing,
    pub(super) thread: Thread,
    /// Whether it goes on when the song is over.
    pub(super) stays: bool,
    /// Frames by which what is heard lags behind.
    pub(super) latency: u64,
    /// Frames a second.
    pub(super) rate: u32,
    /// Recordings that were cut off, of which the first lines tell. Where nobody can read those, the next start tells again.
    pub(super) cut_off: Vec<CutOff>,
}

impl Watch {
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
        let buffers = 3 * u64::from(self.playing.figures().buffer);
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
        drop(self.thread.say.send(Said::Message(message)));
    }

    /// What has become of the device.
    fn supervise(&mut self) -> Option<String> {
        self.playing.supervise().map(|news| match news {
            News::Lost(loss) => format!("the device stopped: {loss}; waiting for it to return"),
            News::Back => "the device is back".to_owned(),
            News::Rerouted => "the system plays through another device now".to_owned(),
            News::Broken => "the engine broke down; this is a fault in chronus".to_owned(),
        })
    }

    /// Prints what has happened. Gives whether anybody can read that.
    fn look(&mut self, said: &mut u64) -> bool {
        let supervised = self.supervise().is_none_or(|line| note(&line));
        let figures = self.playing.figures();
        let (lines, errors) = self.thread.view(|view| {
            view.figures = Some(figures);
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
        let news = self.supervise();
        let figures = self.playing.figures();
        let scene = self.thread.view(|view| {
            view.figures = Some(figures);
            if let Some(line) = news {
                view.say(line);
            }
            drop(view.new_lines(said));
            Scene::of(view)
        });
        // A terminal that has gone takes its user with it.
        let Ok(keys) = screen.show(scene).and_then(|()| screen.keys(FRAME)) else { return false };
        for wanted in keys {
            match wanted {
                Wanted::Nothing => {}
                Wanted::Say(message) => self.say(message),
                Wanted::Quit => return false,
            }
        }
        true
    }
}

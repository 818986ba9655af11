//! The song's file while it is played: what changes in it comes in at the next bar.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::diagnostic::source::Sources;
use crate::io::folder;
use crate::live::edits::Edit;
use crate::live::running::Control;
use crate::live::session::Unplayable;

/// How often the song's file is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// The song's file while it is followed.
pub(super) struct Watched {
    looked: Instant,
    /// When it was changed last, and its length, when it was looked at last.
    stamp: Option<(std::time::SystemTime, u64)>,
    /// It was changed, and may still be being written.
    changing: bool,
}

impl Watched {
    pub(super) fn new() -> Self {
        Self { looked: Instant::now(), stamp: None, changing: false }
    }
}

impl Control {
    /// Plays another text of the song from the next bar on, once it is ready.
    pub(super) fn play_text(&mut self, text: String) {
        let path = self.session.stage().path.clone();
        self.edit(Edit { text, at_bar: true, fresh: false, frame: 0, path, asked: None, number: 0 });
    }

    pub(super) fn show_errors(&self, unplayable: Unplayable) {
        self.see(|view| {
            view.errors += 1;
            (view.unplayable, view.flawed) = (Some(Arc::new(unplayable)), true);
            view.say("the edit has errors: the song before plays on".to_owned());
        });
    }

    /// Looks whether the song's file has changed.
    pub(super) fn follow(&mut self) {
        let path = self.session.stage().path.clone();
        let Some(watched) = &mut self.watch else { return };
        if watched.looked.elapsed() < LOOK {
            return;
        }
        watched.looked = Instant::now();
        // A file that is gone for a moment is being written anew.
        let Ok(facts) = std::fs::metadata(&path) else { return };
        let stamp = facts.modified().ok().map(|time| (time, facts.len()));
        if std::mem::replace(&mut watched.stamp, stamp) != stamp {
            watched.changing = true;
            return;
        }
        if std::mem::take(&mut watched.changing) {
            match folder::open(&path) {
                Ok(text) if text == self.session.text() => {
                    self.forget_edits();
                    self.see(|view| {
                        if std::mem::take(&mut view.flawed) {
                            view.unplayable = None;
                            view.say("the file is again as it is played".to_owned());
                        }
                    });
                }
                Ok(text) => self.play_text(text),
                Err(why) => {
                    let name = path.display().to_string();
                    let said = why.diagnostic(&name);
                    let unplayable = Unplayable { sources: Sources::default(), diagnostics: vec![said] };
                    self.show_errors(unplayable);
                }
            }
        }
    }
}

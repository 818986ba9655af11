//! The song's file and those that it uses while it is played: what changes in them comes in at the next bar.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::check::song_files::FileRefusal;
use crate::diagnostic::source::Sources;
use crate::io::folder::{self, Stamp, stamp};
use crate::live::control_thread::ControlThread;
use crate::live::edits::PendingEdit;
use crate::live::session::Unplayable;
use crate::live::used::UsedFiles;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// The files of a song while they are followed.
pub(super) struct Watched {
    looked: Instant,
    /// The state of the song's file when it was looked at last.
    song: Stamp,
    /// It was changed, and may still be being written.
    changing: bool,
    /// The files that its last text uses, whether that could be played or not, each with its state when it was read or looked at last.
    used: BTreeMap<PathBuf, Stamp>,
    /// One of them was changed, and may still be being written.
    used_changing: bool,
}

impl Watched {
    pub(super) fn new(song: &Path, used: &UsedFiles) -> Self {
        let mut watched = Self {
            looked: Instant::now(),
            song: None,
            changing: false,
            used: BTreeMap::new(),
            used_changing: false,
        };
        watched.use_files(song, used);
        watched
    }

    /// From now on these are the files that the song uses.
    pub(super) fn use_files(&mut self, song: &Path, used: &UsedFiles) {
        let files = used.stamps().filter(|(path, _)| *path != song);
        self.used = files.map(|(path, stamp)| (path.to_owned(), stamp)).collect();
    }

    /// Whether one of the files that the song uses was changed and isn't being written any more.
    fn uses_others(&mut self) -> bool {
        let mut changed = false;
        for (path, known) in &mut self.used {
            let now = stamp(path);
            changed |= std::mem::replace(known, now) != now;
        }
        std::mem::replace(&mut self.used_changing, changed) && !changed
    }
}

impl ControlThread {
    /// Plays another text of the song from the next bar on, once it is ready.
    pub(super) fn play_text(&mut self, text: String) {
        let path = self.session.config().path.clone();
        self.edit(PendingEdit { text, at_bar: true, fresh: false, path, asked: None, number: 0 });
    }

    pub(super) fn show_errors(&self, unplayable: Unplayable) {
        self.see(|view| {
            view.errors += 1;
            let unplayable = Arc::new(unplayable);
            (view.flaw, view.flawed) = (Some(Arc::clone(&unplayable)), true);
            view.unplayable = Some(unplayable);
            view.say("the edit has errors: the song before plays on".to_owned());
        });
    }

    /// Looks whether the song's file has changed, or one that it uses.
    pub(super) fn follow(&mut self) {
        let path = self.session.config().path.clone();
        let Some(watched) = &mut self.watch else { return };
        if watched.looked.elapsed() < LOOK {
            return;
        }
        watched.looked = Instant::now();
        let others = watched.uses_others();
        let now = stamp(&path);
        let changed = std::mem::replace(&mut watched.song, now) != now;
        // A file that is gone for a moment is being written anew.
        let settled = std::mem::replace(&mut watched.changing, changed) && !changed;
        if !settled && !others {
            return;
        }
        match folder::open(&path) {
            Ok(text) if text == self.session.next_text() && !others => {
                // What an edit that came to nothing uses is followed no more. What of its own files has changed meanwhile is found then.
                watched.use_files(&path, &self.session.playing_used);
                self.forget_edits();
                self.see(|view| {
                    view.flaw = None;
                    if std::mem::take(&mut view.flawed) {
                        view.unplayable = None;
                        view.say("the file is again as it is played".to_owned());
                    }
                });
            }
            Ok(text) => self.play_text(text),
            Err(FileRefusal::Missing) if !settled => {}
            Err(why) => {
                let name = path.display().to_string();
                let said = why.diagnostic(&name);
                if why == FileRefusal::Missing {
                    self.forget_edits();
                    self.see(|view| {
                        view.flawed = true;
                        view.warn(format!("{name} is gone: what was played plays on, and the file is followed again once it is back"));
                    });
                    return;
                }
                let (sources, diagnostics) = (Sources::default(), vec![said]);
                self.show_errors(Unplayable { sources, diagnostics, used: UsedFiles::default() });
            }
        }
    }
}

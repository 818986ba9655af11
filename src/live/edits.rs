//! Other texts while a song is played: prepared one at a time on threads of their own, played when they are ready, given up
//! when they take too long.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::live::address_commands::Timing;
use crate::live::control_thread::ControlThread;
use crate::live::outcome::refusal;
use crate::live::preparing::{PrepareProgress, Prepared, Preparing};
use crate::live::session::Unplayable;
use crate::live::take::TakeEvent;
use crate::live::used::UsedFiles;
use crate::osc::message::{Arg, Message};
use crate::plan::memory_use::Reach;

/// How long a text may take until it is ready; then it is given up.
const LONGEST: Duration = Duration::from_secs(20);
/// How long messages wait for a text that a message asks for, so that those after it in order find it played.
const TOGETHER: Duration = Duration::from_millis(500);
/// Threads that were given up and still run, with which no more are begun.
const MOST_GIVEN_UP: usize = 3;
/// How often a text is prepared anew because what it goes on with has changed meanwhile.
const MOST_TRIES: u32 = 5;

/// What is said of a text that another one has come after.
const OVERTAKEN: &str = "another text has come after it";

/// A text that is to be played.
pub(super) struct PendingEdit {
    pub(super) text: String,
    /// Whether it waits for the next bar.
    pub(super) at_bar: bool,
    /// Whether all that was done before is undone by it.
    pub(super) fresh: bool,
    /// What messages call it.
    pub(super) path: PathBuf,
    /// The message that asked for it, where one did, and who gets the result.
    pub(super) asked: Option<(&'static str, Option<SocketAddr>)>,
    /// Which of those that messages have asked for it is, from 1; 0 for others.
    pub(super) number: u64,
}

/// What becomes of texts.
#[derive(Default)]
pub(super) struct EditQueue {
    running: Option<RunningEdit>,
    /// The next one; of several the last.
    next: Option<PendingEdit>,
    given_up: Vec<Preparing>,
    /// How many messages have asked for one.
    asked: u64,
}

struct RunningEdit {
    edit: PendingEdit,
    preparing: Preparing,
    since: Instant,
    tries: u32,
}

/// What has come of a text: what is said of it, or why it isn't played.
type EditResult = Result<String, String>;

impl ControlThread {
    /// Plays a text once it is ready; those before it that are not yet ready are given up.
    pub(super) fn edit(&mut self, edit: PendingEdit) {
        if let Some(before) = self.edits.next.replace(edit) {
            drop(self.told(&before, Err(OVERTAKEN.to_owned())));
        }
        self.edits();
    }

    /// The same for a text that a message asks for. Gives what has come of it; nothing if that isn't known at once, and
    /// the sender gets the answer later.
    pub(super) fn edit_at_once(&mut self, edit: PendingEdit) -> Option<EditResult> {
        let since = Instant::now();
        self.edits.asked += 1;
        let number = self.edits.asked;
        self.edit(PendingEdit { number, ..edit });
        while since.elapsed() < TOGETHER {
            match self.edits() {
                Some((done, told)) if done == number => return Some(told),
                Some(_) => {}
                None => {
                    // Messages whose time comes meanwhile don't wait for it.
                    self.fetch();
                    self.due(Timing::AtBar);
                    self.flush();
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        }
        None
    }

    /// Gives up every other text that comes from the song's file: it is again as it is played.
    pub(super) fn forget_edits(&mut self) {
        let playing = self.session.next_text();
        let other = |edit: &PendingEdit| edit.asked.is_none() && edit.text != playing;
        self.edits.next.take_if(|edit| other(edit));
        if let Some(running) = self.edits.running.take_if(|running| other(&running.edit)) {
            self.edits.given_up.push(running.preparing);
        }
    }

    /// Looks after texts on their way, and gives the number of one that is done and what has come of it.
    pub(super) fn edits(&mut self) -> Option<(u64, EditResult)> {
        self.edits.given_up.retain(|one| matches!(one.progress(), PrepareProgress::Running));
        let room = self.edits.given_up.len() < MOST_GIVEN_UP;
        if room
            && self.edits.next.is_some()
            && let Some(RunningEdit { edit, preparing, .. }) = self.edits.running.take()
        {
            self.edits.given_up.push(preparing);
            drop(self.told(&edit, Err(OVERTAKEN.to_owned())));
        }
        let done = self.finish_edit();
        if self.edits.running.is_none()
            && let Some(edit) = self.edits.next.take()
        {
            self.begin_edit(edit, 0);
        }
        done
    }

    fn begin_edit(&mut self, edit: PendingEdit, tries: u32) {
        let request = self.session.request(edit.text.clone(), edit.fresh);
        let room = self.edits.given_up.len() < MOST_GIVEN_UP;
        match room.then(|| Preparing::begin(request)).flatten() {
            Some(preparing) => {
                let since = Instant::now();
                self.edits.running = Some(RunningEdit { edit, preparing, since, tries });
            }
            None => drop(self.refuse_edit(&edit, "too many before it are still being checked")),
        }
    }

    fn finish_edit(&mut self) -> Option<(u64, EditResult)> {
        let running = self.edits.running.as_ref()?;
        let progress = running.preparing.progress();
        if matches!(progress, PrepareProgress::Running) && running.since.elapsed() < LONGEST {
            return None;
        }
        let RunningEdit { edit, preparing, tries, .. } = self.edits.running.take()?;
        let told = match progress {
            PrepareProgress::Running => {
                self.edits.given_up.push(preparing);
                self.refuse_edit(&edit, "it takes too long to check")
            }
            PrepareProgress::Broken => {
                self.refuse_edit(&edit, "checking it broke down; this is a fault in chronus")
            }
            PrepareProgress::Done(Ok(prepared)) if self.session.fits(&prepared) => {
                self.play_edit(&edit, *prepared)
            }
            PrepareProgress::Done(Ok(_)) if tries < MOST_TRIES => {
                self.begin_edit(edit, tries + 1);
                return None;
            }
            // Here and now, then nothing can change meanwhile.
            PrepareProgress::Done(Ok(_)) => {
                match self.session.request(edit.text.clone(), edit.fresh).prepare() {
                    Ok(prepared) => self.play_edit(&edit, prepared),
                    Err(unplayable) => self.unplayable_edit(&edit, unplayable),
                }
            }
            PrepareProgress::Done(Err(unplayable)) => self.unplayable_edit(&edit, unplayable),
        };
        Some((edit.number, told))
    }

    fn play_edit(&mut self, edit: &PendingEdit, prepared: Prepared) -> EditResult {
        self.watch_used(&prepared.used);
        let commands = self.session.adopt(prepared, edit.at_bar);
        let what = TakeEvent::Song { text: edit.text.clone(), at_bar: edit.at_bar, fresh: edit.fresh };
        self.command(commands, 0, Some(what));
        self.effects.expect_song(edit.at_bar.then_some(self.number));
        self.take_used(self.number);
        self.tell_room();
        let when = if edit.at_bar { "at the next bar" } else { "now" };
        let said = format!("{} comes in {when}", edit.path.display());
        self.see(|view| {
            if edit.asked.is_none() {
                (view.unplayable, view.flaw, view.flawed) = (None, None, false);
            }
            view.songs += u64::from(!edit.at_bar);
            view.say(said.clone());
        });
        self.show();
        self.told(edit, Ok(said))
    }

    /// Tells where delays can't be moved as far as their kind lets them, because that would take too much memory.
    pub(super) fn tell_room(&self) {
        if self.session.next_plan().reach == Reach::OfSong {
            let said = "delays have room for the times of the song only: longer ones, for all voices, would take more than 1 GiB";
            self.see(|view| view.say(said.to_owned()));
        }
    }

    /// Follows the files that the last text uses.
    fn watch_used(&mut self, used: &UsedFiles) {
        if let Some(watched) = &mut self.watch {
            watched.use_files(&self.session.config().path, used);
        }
    }

    fn unplayable_edit(&mut self, edit: &PendingEdit, unplayable: Unplayable) -> EditResult {
        let first = unplayable.diagnostics.iter().find(|one| one.is_error());
        let why = first.map(|one| one.message.clone()).unwrap_or_default();
        if edit.asked.is_none() {
            self.watch_used(&unplayable.used);
            self.show_errors(unplayable);
        }
        self.told(edit, Err(format!("{} is no song: {why}", edit.path.display())))
    }

    fn refuse_edit(&mut self, edit: &PendingEdit, why: &str) -> EditResult {
        let said = format!("{}: {why}; the song before plays on", edit.path.display());
        self.see(|view| {
            view.errors += 1;
            view.say(said.clone());
        });
        self.told(edit, Err(said))
    }

    /// Passes on what has come of a text, and tells who asked for it.
    fn told(&self, edit: &PendingEdit, told: EditResult) -> EditResult {
        // While messages are heard the port is theirs: they give the answer themselves.
        if let (Some((address, Some(from))), Some(port)) = (edit.asked, &self.port) {
            // Who has gone misses it.
            let _ = port.send(from, &answer(address, told.clone()));
        }
        told
    }
}

/// What is answered to the message at `address`.
pub(super) fn answer(address: &str, told: EditResult) -> Message {
    match told {
        Ok(said) => Message::new("/done", [Arg::from(address), Arg::from(said)]),
        Err(why) => refusal(address, &why),
    }
}

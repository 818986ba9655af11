//! Another text on its way to be played: checked, compiled and laid out apart from the session, on a thread that can be
//! given up, so that messages are answered and the song before plays on whatever the text is.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use crate::check::song::check_with;
use crate::diagnostic::source::{SourceText, Sources};
use crate::engine::deck::{Deck, MOST_LOOPS};
use crate::io::folder::Folder;
use crate::live::saved_state::SavedState;
use crate::live::session::{SessionConfig, Unplayable};
use crate::live::stable_ids::StableIds;
use crate::live::tracks::AddedTrack;
use crate::live::used::UsedFiles;
use crate::live::waiting::next_song;
use crate::model::controls::Controls;
use crate::model::patch::ControlId;
use crate::model::song::Song;
use crate::modules::dispatch::Compilation;
use crate::plan::compile::{Refusal, playable};
use crate::plan::compiled_plan::Plan;

/// What a deck depends on beside its text. If any of it has changed meanwhile, the deck is of no use.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Basis {
    pub(super) also: BTreeSet<ControlId>,
    pub(super) register: StableIds,
    pub(super) added: Vec<Option<AddedTrack>>,
    pub(super) swing: f64,
    /// The last decks of the song that is heard and of the one that waits.
    pub(super) decks: (u64, u64),
}

/// A text that is to be played, with everything that its deck depends on.
pub(super) struct Request {
    pub(super) config: SessionConfig,
    pub(super) text: String,
    pub(super) basis: Basis,
    /// Whether nothing of what was added goes on.
    pub(super) fresh: bool,
    /// What is played and what waits, which the text may go on with: the number of the deck, its plan and its song. The last one
    /// is what names of controls are of.
    pub(super) before: Vec<(u64, Plan, Song)>,
    /// The paths of the controls that have been put somewhere.
    pub(super) put: BTreeSet<String>,
}

/// A text that can be played from now on.
pub(super) struct Prepared {
    pub(super) text: String,
    pub(super) fresh: bool,
    pub(super) song: Song,
    pub(super) deck: Box<Deck>,
    /// Controls of the new song that can be moved beside those that always can.
    pub(super) also: BTreeSet<ControlId>,
    /// What it was made on.
    pub(super) basis: Basis,
    /// The names with those of the new song.
    pub(super) register: StableIds,
    /// The files that the song uses.
    pub(super) used: UsedFiles,
    /// What its text reports the session in which it was saved.
    pub(super) kept: SavedState,
}

impl Prepared {
    /// Whether each of these controls, if the song has it, can be moved in it.
    pub(super) fn can_move<'p>(&self, paths: impl Iterator<Item = &'p String>) -> bool {
        let controls = Controls::of(&self.song);
        let known: BTreeSet<ControlId> = self.deck.plan().controls.iter().map(|one| one.control).collect();
        paths.filter_map(|path| controls.at(path)).all(|named| known.contains(&named.control))
    }
}

impl Request {
    /// Checks and compiles the text, and lays it out.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn prepare(self) -> Result<Prepared, Unplayable> {
        let Self { config, mut text, basis, fresh, before, put } = self;
        let kept = if fresh { SavedState::read(&text) } else { SavedState::default() };
        if fresh {
            text.clone_from(&kept.text);
        }
        let (song, used) = song(&config, &text)?;
        let mut register = basis.register.clone();
        let none = vec![None; MOST_LOOPS];
        let added = if fresh { &none } else { &basis.added };
        let mut also =
            before.last().map_or_else(BTreeSet::new, |(.., last)| carried(&basis.also, [last, &song]));
        let controls = Controls::of(&song);
        also.extend(put.iter().filter_map(|path| Some(controls.at(path)?.control)));
        let mut deck = deck(&config, &song, &also, &mut register, added, basis.swing)
            .map_err(|why| unplayable(&config, &text, &used, &why))?;
        let number = next_song(basis.decks.1);
        deck.count(number, number);
        for (origin, plan, other) in &before {
            deck.keep(*origin, plan, [other, &song]);
        }
        Ok(Prepared { text, fresh, song, deck: Box::new(deck), also, basis, register, used, kept })
    }
}

/// Controls of a song in another one, where they have the same paths.
fn carried(controls: &BTreeSet<ControlId>, songs: [&Song; 2]) -> BTreeSet<ControlId> {
    let [before, now] = songs.map(Controls::of);
    let known = before.all().iter().filter(|named| controls.contains(&named.control));
    known.filter_map(|named| Some(now.at(&named.path)?.control)).collect()
}

/// A request on a thread of its own. Dropped, it is given up: what comes of it is lost.
pub(super) struct Preparing {
    done: Receiver<Result<Box<Prepared>, Unplayable>>,
}

/// How far it is.
pub(super) enum PrepareProgress {
    Running,
    Done(Result<Box<Prepared>, Unplayable>),
    /// The thread has broken down.
    Broken,
}

impl Preparing {
    /// Begins it; nothing if the system has no thread for it.
    pub(super) fn begin(request: Request) -> Option<Self> {
        let (send, done) = channel();
        let run = move || drop(send.send(request.prepare().map(Box::new)));
        std::thread::Builder::new().name("edit".to_owned()).spawn(run).ok()?;
        Some(Self { done })
    }

    /// How far it is now.
    pub(super) fn progress(&self) -> PrepareProgress {
        match self.done.try_recv() {
            Ok(done) => PrepareProgress::Done(done),
            Err(TryRecvError::Empty) => PrepareProgress::Running,
            Err(TryRecvError::Disconnected) => PrepareProgress::Broken,
        }
    }
}

/// The song that `text` is, and what it uses.
pub(super) fn song(config: &SessionConfig, text: &str) -> Result<(Song, UsedFiles), Unplayable> {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new(config.path.display().to_string(), text));
    let folder = Folder::of(&config.path, config.outside).with(&config.instead);
    let mut folder = if config.keeps { folder.keeping() } else { folder };
    let checked = check_with(&mut sources, id, &mut folder);
    let used = UsedFiles::of(&folder);
    match checked.song {
        Some(song) => Ok((song, used)),
        None => Err(Unplayable { sources, diagnostics: checked.diagnostics, used }),
    }
}

/// Why `text` can't be played though nothing is wrong with it.
pub(super) fn unplayable(config: &SessionConfig, text: &str, used: &UsedFiles, why: &Refusal) -> Unplayable {
    let mut sources = Sources::default();
    sources.add(SourceText::new(config.path.display().to_string(), text));
    Unplayable { sources, diagnostics: vec![why.diagnostic()], used: used.clone() }
}

/// `song`, ready to be played.
pub(super) fn deck(
    config: &SessionConfig,
    song: &Song,
    also: &BTreeSet<ControlId>,
    register: &mut StableIds,
    added: &[Option<AddedTrack>],
    swing: f64,
) -> Result<Deck, Refusal> {
    let playable = playable(song, config.rate, also)?;
    let names = register.names(song, &playable);
    let loops = added.iter().map(|slot| {
        let added = slot.as_ref()?;
        let track = register.track(&added.id);
        // What the new song has no instrument for rests.
        added.compile(track, song, &playable.plan, swing).ok().map(Box::new)
    });
    let loops = loops.collect();
    Ok(Deck::new(song, playable, Compilation::best(), names, loops))
}

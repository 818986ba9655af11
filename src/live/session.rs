//! A session: a song being played, and everything that has been done to it. It turns messages into commands; it knows no clock,
//! no socket and no device, so that a take gives the same commands again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::check::nearest::nearest;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;
use crate::engine::commands::{EngineCommand, TimedCommand};
use crate::engine::deck::MOST_LOOPS;
use crate::engine::performance::{Performance, TRACKS};
use crate::live::address_commands::{AddressCommand, COMMANDS};
use crate::live::changes::StateChange;
use crate::live::outcome::Outcome;
use crate::live::preparing::{deck, song, unplayable};
use crate::live::replies::is_reply;
use crate::live::stable_ids::StableIds;
use crate::live::tracks::AddedTrack;
use crate::live::used::{ChangedFile, UsedFiles};
use crate::live::waiting::SessionState;
use crate::model::controls::{Controls, NamedControl};
use crate::model::patch::{Cable, CableSource as Signal, CableTarget, ControlId, NoteSignal};
use crate::model::song::Song;
use crate::osc::message::Message;
use crate::osc::pattern::AddressPattern;
use crate::plan::compiled_plan::Plan;

/// The most addresses that one pattern can mean.
const MOST_MEANT: usize = 4_096;

/// What is played, and how.
#[derive(Clone, Debug, Default)]
pub struct SessionConfig {
    /// The song's file; what it uses is looked for beside it.
    pub path: PathBuf,
    /// Whether it may use files outside of its folder.
    pub outside: bool,
    /// Frames a second.
    pub rate: u32,
    /// Whether the song ends with its last bar.
    pub ends: bool,
    /// Whether what was in the files that it uses is kept, because it is written into a take or compared with one.
    pub keeps: bool,
    /// Files that are read in place of those that it uses, by their paths from its folder.
    pub instead: BTreeMap<String, PathBuf>,
}

/// A text that isn't a song, or can't be played.
#[derive(Debug)]
pub struct Unplayable {
    /// The texts that the diagnostics point into.
    pub sources: Sources,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that it would use.
    pub used: UsedFiles,
}

/// A song being played, and what has been done to it.
pub struct Session {
    pub(super) config: SessionConfig,
    pub(super) text: String,
    pub(super) song: Song,
    pub(super) controls: Controls,
    /// What runs.
    pub(super) plan: Plan,
    pub(super) register: StableIds,
    /// Controls that can be moved beside those that always can.
    pub(super) also: BTreeSet<ControlId>,
    /// Where controls have been put, by path.
    pub(super) put: BTreeMap<String, f64>,
    /// Under which of its names each control was put somewhere last, by path.
    pub(super) by: BTreeMap<String, String>,
    /// Tracks that were added, in their slots.
    pub(super) added: Vec<Option<AddedTrack>>,
    /// Those of them that are reported: the message that added them has taken effect.
    pub(super) listed: Vec<Option<AddedTrack>>,
    pub(super) muted: BTreeMap<String, bool>,
    /// What the text says of it.
    pub(super) written_mutes: BTreeMap<String, bool>,
    pub(super) solo: BTreeSet<String>,
    pub(super) tempo: Option<f64>,
    /// The frames of the song between which it loops.
    pub(super) loop_range: Option<(u64, u64)>,
    /// The swing of added tracks: where the second sixteenth falls, as a share of the pair.
    pub(super) swing: f64,
    pub(super) playing: bool,
    /// The number of the last deck that plays this song.
    pub(super) decks: u64,
    /// That of the first of them.
    pub(super) first_deck: u64,
    /// That of the first deck on the way that forgets what was done before.
    pub(super) forgets: Option<u64>,
    /// A song that waits for its bar, with what will be told from there on.
    pub(super) other: Option<Box<SessionState>>,
    /// Songs that waited and that another one has come after, as long as they may have come in before it all the same.
    pub(super) overtaken: Vec<SessionState>,
    /// Whether that is what the session reports just now, and what is heard is in its place.
    pub(super) is_next: bool,
    /// Notes played from outside, so that each has draws of its own.
    pub(super) notes: u64,
    /// Whether a message is read ahead of its time: what it changes is noted, and none of it is reported yet.
    pub(super) ahead: bool,
    /// What the message that is read changes.
    pub(super) changes: Vec<StateChange>,
    /// The files that its songs have used.
    pub(super) used: UsedFiles,
    /// Those of the song that is played.
    pub(super) playing_used: UsedFiles,
    /// Those of them that the text before used with another content, or not at all, until it is asked for.
    pub(super) changed: Vec<ChangedFile>,
}

impl Session {
    /// Checks and compiles `text`, and gives the session and its performance.
    ///
    /// # Errors
    /// Everything that is wrong with the text.
    pub fn begin(config: SessionConfig, text: &str) -> Result<(Self, Performance), Unplayable> {
        let (song, now) = song(&config, text)?;
        let mut register = StableIds::default();
        let deck = deck(&config, &song, &BTreeSet::new(), &mut register, &[], 0.5)
            .map_err(|why| unplayable(&config, text, &now, &why))?;
        let plan = deck.plan().clone();
        let ends = config.ends;
        let mut used = UsedFiles::default();
        let playing_used = now.clone();
        let changed = used.merge(now);
        let mut session = Self {
            controls: Controls::of(&song),
            text: text.to_owned(),
            song,
            plan,
            register,
            also: BTreeSet::new(),
            put: BTreeMap::new(),
            by: BTreeMap::new(),
            added: vec![None; MOST_LOOPS],
            listed: vec![None; MOST_LOOPS],
            muted: BTreeMap::new(),
            written_mutes: BTreeMap::new(),
            solo: BTreeSet::new(),
            tempo: None,
            loop_range: None,
            swing: 0.5,
            playing: true,
            decks: 0,
            first_deck: 0,
            forgets: None,
            other: None,
            overtaken: Vec::new(),
            is_next: false,
            notes: 0,
            used,
            playing_used,
            changed,
            ahead: false,
            changes: Vec::new(),
            config,
        };
        let mut performance = Performance::new(Box::new(deck), ends);
        session.read_mutes();
        for id in session.muted.iter().filter(|(_, on)| **on).map(|(id, _)| id) {
            let command = EngineCommand::Mute(session.register.track(id), true);
            performance.enqueue(TimedCommand { frame: 0, number: u64::MAX, command });
        }
        Ok((session, performance))
    }

    /// The text of the song that is played.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The song that is played.
    pub fn song(&self) -> &Song {
        &self.song
    }

    /// What runs.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The files that its songs use, or have used: nothing that is written may be one of them.
    pub fn read(&self) -> impl Iterator<Item = &Path> {
        [self.config.path.as_path()].into_iter().chain(self.used.paths())
    }

    /// How it is played.
    pub fn config(&self) -> &SessionConfig {
        &self.config
    }

    /// Where controls have been put, by path.
    pub fn put(&self) -> &BTreeMap<String, f64> {
        &self.put
    }

    /// Every control of the song.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Where the control at `path` stands now, if the song itself doesn't move it.
    pub fn value(&self, named: &NamedControl) -> Option<f64> {
        let first = if named.alias { self.path_of(named.control) } else { None };
        let path = first.unwrap_or(&named.path);
        self.put.get(path).copied().or_else(|| named.facts.default(self.plan.timeline.first_tempo()))
    }

    /// The first path of a control.
    pub(super) fn path_of(&self, control: ControlId) -> Option<&str> {
        self.controls.own().find(|named| named.control == control).map(|named| named.path.as_str())
    }

    /// Mutes what the song's text newly mutes, and lets be heard what it mutes no more.
    pub(super) fn read_mutes(&mut self) {
        let mut written: BTreeMap<String, bool> = BTreeMap::new();
        for track in self.song.sections.iter().flat_map(|section| &section.tracks) {
            let muted = written.entry(track.id.clone()).or_insert(true);
            *muted = *muted && track.mute;
        }
        for (id, muted) in &written {
            if self.written_mutes.get(id).copied().unwrap_or(false) != *muted {
                self.muted.insert(id.clone(), *muted);
            }
        }
        self.written_mutes = written;
    }

    /// What comes of a message that is carried out at once.
    pub fn hear(&mut self, message: &Message) -> Outcome {
        let mut outcome = self.read_message(message);
        outcome.changes = std::mem::take(&mut self.changes);
        outcome
    }

    /// What will come of a message whose time is still to come: what it changes is reported once its commands are carried out
    /// ([`crate::live::changes::PendingEffects`]).
    pub fn hear_ahead(&mut self, message: &Message) -> Outcome {
        self.ahead = true;
        let outcome = self.hear(message);
        self.ahead = false;
        outcome
    }

    fn read_message(&mut self, message: &Message) -> Outcome {
        let mut outcome = Outcome::default();
        let address = message.address.as_str();
        if is_reply(address) {
            return outcome;
        }
        let pattern = AddressPattern::new(address);
        if pattern.is_plain() {
            if let Err(reason) = self.obey(address, message, &mut outcome) {
                outcome.refuse(address, reason);
            }
            return outcome;
        }
        if let Some(fault) = pattern.fault() {
            outcome.refuse(address, fault);
            return outcome;
        }
        let meant = self.meant(address);
        if meant.is_empty() {
            outcome.refuse(address, "no address matches");
        }
        for known in meant {
            if let Err(reason) = self.obey(&known, message, &mut outcome) {
                outcome.refuse(&known, reason);
            }
        }
        outcome
    }

    /// The addresses that `address` means: itself, or those that match if it is a pattern.
    pub(super) fn meant(&mut self, address: &str) -> Vec<String> {
        let pattern = AddressPattern::new(address);
        if pattern.is_plain() {
            return vec![address.to_owned()];
        }
        self.all_addresses().into_iter().filter(|known| pattern.matches(known)).take(MOST_MEANT).collect()
    }

    /// Every address that can be meant by a pattern.
    pub fn addresses(&self) -> Vec<String> {
        let controls = self.controls.all().iter().map(NamedControl::address);
        let gates = self.gates().into_iter().map(|id| format!("/gate/{id}"));
        let notes = self.song.instruments.iter().map(|one| format!("/note/{}", one.id));
        let commands =
            COMMANDS.iter().filter(|one| !one.address.contains('<')).map(|one| one.address.to_owned());
        let handed = self.controls.all().iter().map(|named| named.address() + "/auto");
        controls.chain(gates).chain(notes).chain(commands).chain(handed).collect()
    }

    /// The same, with those of a song that waits for its bar.
    fn all_addresses(&mut self) -> Vec<String> {
        let mut all = self.addresses();
        if self.has_next() {
            let more = self.with_next(|session| session.addresses());
            let known: BTreeSet<String> = all.iter().cloned().collect();
            all.extend(more.into_iter().filter(|address| !known.contains(address)));
        }
        all
    }

    /// What can be opened by `/gate/`.
    pub fn gates(&self) -> Vec<String> {
        let instruments = self.song.instruments.iter().map(|one| one.id.clone());
        let modules = self.plan.gates.iter().map(|(module, _)| self.song.patch.modules[*module].id.clone());
        let aliases =
            self.song.aliases.iter().filter_map(|alias| Some(alias.path.split_once('.')?.0.to_owned()));
        let mut all: Vec<String> = instruments.chain(modules).collect();
        for alias in aliases {
            if !all.contains(&alias) && self.song.gate_at(&alias).is_some() {
                all.push(alias);
            }
        }
        all
    }

    /// Does what a message says to the song that is heard, or, if there is no such thing in that, to the one that waits for its bar.
    /// What waits for a bar itself is for the song that is played from there on.
    fn obey(&mut self, address: &str, message: &Message, outcome: &mut Outcome) -> Result<(), String> {
        if AddressCommand::at(address).is_some_and(|(command, _)| command.waits()) {
            return self.with_next(|session| session.obey_now(address, message, outcome));
        }
        let done = self.obey_now(address, message, outcome);
        if done.is_err() && self.has_next() {
            let later = self.with_next(|session| session.obey_now(address, message, outcome));
            return later.or(done);
        }
        done
    }

    fn obey_now(&mut self, address: &str, message: &Message, outcome: &mut Outcome) -> Result<(), String> {
        if let Some((command, rest)) = AddressCommand::at(address) {
            return match command.taken(&message.args)? {
                Some(args) => (command.act)(self, rest, args, outcome),
                None => Ok(()),
            };
        }
        let known = self.all_addresses();
        let hint = nearest(address, known.iter().map(String::as_str));
        let hint = hint.map(|hint| format!("; did you mean {hint}?")).unwrap_or_default();
        Err(format!("no such address{hint}"))
    }

    /// Plays another text from the next bar on, or at once. What is put stays put where there still is such a control. One that
    /// waits for the bar is reported once it has come in ([`Session::come`]).
    ///
    /// # Errors
    /// Everything that is wrong with the text; the song goes on as it is.
    pub fn reload(&mut self, text: &str, at_bar: bool) -> Result<Vec<EngineCommand>, Unplayable> {
        let prepared = self.request(text.to_owned(), false).prepare()?;
        Ok(self.adopt(prepared, at_bar))
    }

    /// Plays another text from the next bar on, or at once, as if nothing had been done to it before.
    ///
    /// # Errors
    /// Everything that is wrong with the text; the song goes on as it is.
    pub fn load(&mut self, text: &str, at_bar: bool) -> Result<Vec<EngineCommand>, Unplayable> {
        let prepared = self.request(text.to_owned(), true).prepare()?;
        Ok(self.adopt(prepared, at_bar))
    }

    /// The swing of added tracks; 0 is straight.
    pub fn swing(&self) -> f64 {
        (self.swing - 0.5) * 2.0
    }

    /// The slot of the added track `id`, or a free one.
    pub(super) fn slot(&self, id: &str) -> Option<usize> {
        let same = |slot: &Option<AddedTrack>| slot.as_ref().is_some_and(|added| added.id == id);
        self.added.iter().position(same).or_else(|| self.added.iter().position(Option::is_none))
    }

    /// Whether there is a number left for another track.
    pub(super) fn has_track_names(&self) -> bool {
        self.register.tracks() + 1 < TRACKS
    }

    /// The paths of controls of an instrument that say at which pitch it sounds: they follow the note, or are moved by it.
    pub(super) fn pitch_paths(&self, instrument: usize) -> Vec<String> {
        let patch = &self.song.instruments[instrument].patch;
        let by_note = |cable: &Cable| match (cable.from, cable.to) {
            (Signal::Voice(NoteSignal::Note), CableTarget::Control(control)) => Some(control),
            _ => None,
        };
        let moved: Vec<ControlId> = patch.cables.iter().filter_map(by_note).collect();
        let follows = |named: &&NamedControl| {
            let own =
                matches!(named.control, ControlId::Param { instrument: Some(i), .. } if i == instrument);
            own && !named.alias && (named.facts.default(120.0).is_none() || moved.contains(&named.control))
        };
        self.controls.all().iter().filter(follows).map(|named| named.path.clone()).collect()
    }
}

/// The frames between which a loop goes on in the second plan: from the same bar to the same bar, as far as there are so many.
pub(super) fn moved((from, to): (u64, u64), [before, now]: [&Plan; 2]) -> Option<(u64, u64)> {
    let begins = |plan: &Plan, bar: u32| plan.timeline.bar(bar).map(|seconds| plan.timeline.frame(seconds));
    let there = |frame: u64| {
        let bar =
            (1..=before.timeline.bars()).find(|bar| begins(before, *bar).is_some_and(|begin| begin >= frame));
        bar.and_then(|bar| begins(now, bar)).unwrap_or_else(|| now.timeline.end_frame())
    };
    Some((there(from), there(to))).filter(|(from, to)| to > from)
}

/// Whether `name` is a plain word, fit for a file beside the song: never a path.
pub fn is_plain_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.len() <= 64 && name.chars().all(fits)
}

/// The file beside `song` in which what is kept under `name` stands.
pub fn saved_path(song: &Path, name: &str) -> PathBuf {
    let stem = song.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    song.with_file_name(format!("{stem}.{name}.kdl"))
}

//! Live control of time: tempo, places, tracks that are added, muted, solo.

#![allow(clippy::unnecessary_wraps, reason = "rows of one table have one form")]

use crate::diagnostic::quote::dangerous;
use crate::engine::commands::EngineCommand;
use crate::live::changes::StateChange;
use crate::live::controls::{free_pitch, put};
use crate::live::outcome::Outcome;
use crate::live::session::Session;
use crate::live::tracks::{AddedTrack, NUMBERS};
use crate::osc::message::Arg;

/// The tempo that can be asked for.
const TEMPO: (f64, f64) = (30.0, 300.0);
/// The swing that can be asked for: 0 is straight, 0.6 puts the second sixteenth at 80 % of the pair.
const SWING: (f64, f64) = (0.0, 0.6);

/// The keys of sends, and how they end.
const SENDS: [&str; 2] = ["reverb_send", "delay_send"];
const SEND: &str = "_send";

fn number(args: &[Arg], place: usize, what: &str) -> Result<f64, String> {
    args.get(place).and_then(Arg::number).ok_or_else(|| format!("{what} is wanted: a number"))
}

/// A text; a number becomes one.
fn text(args: &[Arg], place: usize, what: &str) -> Result<String, String> {
    match args.get(place) {
        Some(Arg::Text(text)) => Ok(text.clone()),
        Some(arg) => arg.number().map(|number| number.to_string()).ok_or_else(|| format!("{what} is wanted")),
        None => Err(format!("{what} is wanted")),
    }
}

/// `/seq/bpm`.
pub(super) fn tempo(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let tempo = number(args, 0, "a tempo")?.clamp(TEMPO.0, TEMPO.1);
    session.change(StateChange::Tempo(Some(tempo)));
    outcome.commands.push(EngineCommand::Tempo(Some(tempo)));
    Ok(())
}

/// `/seq/swing`.
pub(super) fn swing(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    session.swing = 0.5 + number(args, 0, "a swing")?.clamp(SWING.0, SWING.1) / 2.0;
    // It matters to tracks that are added later, so it must be in a take.
    outcome.commands.push(EngineCommand::NoOp);
    for slot in 0..session.added.len() {
        if let Some(added) = session.added[slot].clone() {
            play(session, slot, added, outcome)?;
        }
    }
    Ok(())
}

/// `/seq/add`.
pub(super) fn add(session: &mut Session, _: &str, args: &[Arg], outcome: &mut Outcome) -> Result<(), String> {
    let [id, instrument, pattern] =
        [(0, "a name"), (1, "an instrument"), (2, "a pattern")].map(|(place, what)| text(args, place, what));
    let (id, instrument, pattern) = (id?, instrument?, pattern?);
    if id.is_empty() || id.len() > 64 || id.chars().any(dangerous) {
        return Err("a track's name has 1 to 64 characters".to_owned());
    }
    let index = session.song.gate_at(&instrument);
    let Some(crate::model::controls::Gated::Instrument(index)) = index else {
        let known = session.song.instruments.iter().map(|one| one.id.as_str());
        let hint = crate::check::nearest::nearest(&instrument, known);
        let hint = hint.map(|hint| format!("; did you mean {hint}?")).unwrap_or_default();
        return Err(format!("no instrument `{instrument}`{hint}"));
    };
    let owner = session.song.instruments[index].id.clone();
    let mut added = AddedTrack::new(&id, &owner, &pattern);
    added.take_pattern(&pattern, &session.song);
    let mut sends = SENDS.map(|send| (send.trim_end_matches(SEND).to_owned(), 0.0)).to_vec();
    let mut places = ["base_freq", "filter_freq", "notes"].into_iter();
    for arg in &args[3..] {
        match arg {
            Arg::Text(text) if text.contains('=') => {
                let (key, value) = text.split_once('=').unwrap_or_default();
                set(&mut added, &mut sends, key, value)?;
            }
            Arg::Nil => drop(places.next()),
            other => {
                let key = places.next().ok_or("too many arguments")?;
                let value = match other {
                    Arg::Text(text) => text.clone(),
                    other => other.number().ok_or("an argument isn't a number")?.to_string(),
                };
                set(&mut added, &mut sends, key, &value)?;
            }
        }
    }
    let slot = session
        .slot(&id)
        .filter(|_| session.has_track_names())
        .ok_or("there are as many tracks as there can be")?;
    play(session, slot, added, outcome)?;
    free_pitch(session, index, outcome);
    for (send, value) in sends {
        let path = format!("{owner}.send.{send}");
        let alias = format!("{instrument}.send.{send}");
        let known = [path, alias].into_iter().find(|path| session.controls.at(path).is_some());
        // One that stands at 0 anyway needs no hand on it.
        let stands = |path: &String| session.controls.at(path).and_then(|named| session.value(named));
        if let Some(path) = known.filter(|path| value != 0.0 || stands(path) != Some(0.0)) {
            let range = session.controls.at(&path).map_or((0.0, 1.0), |named| named.facts.range);
            put(session, &path, f64::clamp(value, range.0, range.1), outcome)?;
        }
    }
    Ok(())
}

/// Sets one property of a track from its text.
fn set(added: &mut AddedTrack, sends: &mut [(String, f64)], key: &str, value: &str) -> Result<(), String> {
    let number = || {
        let number = value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| format!("{key} is a number, not `{value}`"))
    };
    match key {
        "notes" => added.notes = notes(value)?,
        send if SENDS.contains(&send) => {
            let send = key.trim_end_matches(SEND);
            let value = number()?.clamp(0.0, 1.0);
            sends.iter_mut().filter(|(name, _)| name == send).for_each(|(_, to)| *to = value);
        }
        _ if NUMBERS.contains(&key) => added.set(key, number()?),
        _ => return Err(format!("no such key: {key}")),
    }
    Ok(())
}

fn notes(text: &str) -> Result<Vec<f64>, String> {
    AddedTrack::read_notes(text)
        .map_err(|word| format!("`{word}` is no note: a name such as c4, a MIDI number, or Hz above 127"))
}

/// Has a track played in a slot from the next bar on.
fn play(
    session: &mut Session,
    slot: usize,
    mut added: AddedTrack,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let track = session.register.track(&added.id);
    let track = added.compile(track, &session.song, &session.plan, session.swing)?;
    added.read_cells(&session.song)?;
    session.change(StateChange::Track(slot, Some(Box::new(added.clone()))));
    session.added[slot] = Some(added);
    outcome.commands.push(EngineCommand::Track { slot, track: Some(Box::new(track)), deck: session.decks });
    Ok(())
}

fn slot_of(session: &Session, args: &[Arg]) -> Result<usize, String> {
    let id = text(args, 0, "a track")?;
    let same = |slot: &Option<AddedTrack>| slot.as_ref().is_some_and(|added| added.id == id);
    session.added.iter().position(same).ok_or_else(|| format!("no track `{id}` has been added"))
}

/// `/seq/remove`.
pub(super) fn remove(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let slot = slot_of(session, args)?;
    session.added[slot] = None;
    session.change(StateChange::Track(slot, None));
    outcome.commands.push(EngineCommand::Track { slot, track: None, deck: session.decks });
    Ok(())
}

/// `/seq/clear`.
pub(super) fn clear(session: &mut Session, _: &str, _: &[Arg], outcome: &mut Outcome) -> Result<(), String> {
    let decks = session.decks;
    for slot in 0..session.added.len() {
        if session.added[slot].take().is_some() {
            outcome.commands.push(EngineCommand::Track { slot, track: None, deck: decks });
            session.change(StateChange::Track(slot, None));
        }
    }
    Ok(())
}

/// `/seq/update/pattern`.
pub(super) fn update_pattern(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let slot = slot_of(session, args)?;
    let pattern = text(args, 1, "a pattern")?;
    let Some(mut added) = session.added[slot].clone() else { return Ok(()) };
    added.take_pattern(&pattern, &session.song);
    play(session, slot, added, outcome)
}

/// `/seq/update/notes`.
pub(super) fn update_notes(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let slot = slot_of(session, args)?;
    let notes = notes(&text(args, 1, "a list of notes")?)?;
    let Some(added) = session.added[slot].clone() else { return Ok(()) };
    play(session, slot, AddedTrack { notes, ..added }, outcome)
}

/// The name of a track, and whether it is switched on.
fn track(session: &Session, args: &[Arg]) -> Result<(String, bool), String> {
    let id = text(args, 0, "a track")?;
    let on = match args.get(1) {
        Some(arg) => arg.switch().ok_or("a switch is wanted: 0 or 1")?,
        None => true,
    };
    let of_song =
        session.song.sections.iter().flat_map(|section| &section.tracks).any(|track| track.id == id);
    let added = session.added.iter().flatten().any(|added| added.id == id);
    if of_song || added { Ok((id, on)) } else { Err(format!("no track `{id}`")) }
}

/// `/seq/mute`.
pub(super) fn mute(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let (id, on) = track(session, args)?;
    outcome.commands.push(EngineCommand::Mute(session.register.track(&id), on));
    session.change(StateChange::Mute(id, on));
    Ok(())
}

/// `/seq/solo`.
pub(super) fn solo(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let (id, on) = track(session, args)?;
    outcome.commands.push(EngineCommand::Solo(session.register.track(&id), on));
    session.change(StateChange::Solo(id, on));
    Ok(())
}

impl Session {
    /// The frames of the song at which a section or a bar begins, and at which it ends.
    ///
    /// # Errors
    /// If there is no such part.
    pub fn part(&self, name: &str) -> Result<(u64, u64), String> {
        let timeline = &self.plan.timeline;
        if let Ok(bar) = name.trim().parse::<u32>() {
            let [from, to] = [timeline.bar(bar), timeline.bar(bar.saturating_add(1))]
                .map(|seconds| seconds.map(|s| timeline.frame(s)));
            return from.zip(to).ok_or_else(|| format!("the song has bars 1 to {}", timeline.bars()));
        }
        let span = timeline.spans.iter().find(|span| self.song.sections[span.section].id == name);
        let Some(span) = span else {
            let known: Vec<&str> = self
                .song
                .sections
                .iter()
                .map(|section| section.id.as_str())
                .filter(|id| !id.is_empty())
                .collect();
            return Err(match known.as_slice() {
                [] => format!("no section `{name}`: the song has none, only bars 1 to {}", timeline.bars()),
                known => format!("no section `{name}`: there are {}", known.join(", ")),
            });
        };
        Ok((timeline.frame(span.start), timeline.frame(span.seconds(span.quarters))))
    }
}

/// `/seq/goto`.
pub(super) fn goto(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let (from, _) = session.part(&text(args, 0, "a section or a bar")?)?;
    outcome.commands.push(EngineCommand::Goto(from));
    Ok(())
}

/// `/seq/loop`.
pub(super) fn loop_range(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    if args.is_empty() {
        session.change(StateChange::Loop(None));
        outcome.commands.push(EngineCommand::Loop(None));
        return Ok(());
    }
    let (from, end) = session.part(&text(args, 0, "a section or a bar")?)?;
    let to = if args.len() > 1 { session.part(&text(args, 1, "a section or a bar")?)?.1 } else { end };
    if to <= from {
        return Err("the last part comes before the first".to_owned());
    }
    session.change(StateChange::Loop(Some((from, to))));
    outcome.commands.push(EngineCommand::Loop(Some((from, to))));
    Ok(())
}

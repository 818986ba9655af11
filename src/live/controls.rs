//! Live control of the sound: controls, gates, notes.

#![allow(clippy::unnecessary_wraps, reason = "rows of one table have one form")]

use crate::dsp::seed::Seed;
use crate::engine::commands::EngineCommand;
use crate::engine::overrides::OverrideAction;
use crate::live::address_commands::button;
use crate::live::changes::StateChange;
use crate::live::outcome::Outcome;
use crate::live::session::Session;
use crate::live::tracks::{AddedTrack, frequency, note_hertz};
use crate::model::controls::{Gated, address};
use crate::osc::message::{Arg, Message};
use crate::plan::score::Note;

/// The key of notes that were opened without one.
const NO_KEY: u8 = 60;
/// Seconds of a note that doesn't say.
const LENGTH: f64 = 0.5;

/// `/mod/…`.
pub(super) fn set(
    session: &mut Session,
    rest: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    if let Some(parent) = rest.strip_suffix("/auto") {
        return if button(args)? { free(session, &parent.replace('/', "."), outcome) } else { Ok(()) };
    }
    let path = rest.replace('/', ".");
    let Some(named) = session.controls.at(&path).cloned() else {
        let controls = session.controls.all().iter().map(|named| named.path.as_str());
        let hint = crate::check::nearest::nearest(&path, controls);
        return Err(match hint {
            Some(hint) => format!("no such control; did you mean {}?", address(hint)),
            None => "no such control".to_owned(),
        });
    };
    let Some(arg) = args.first() else {
        let value = session.value(&named).map_or(Arg::Nil, |value| Arg::Float(value as f32));
        outcome.answers.push(Message::new(named.address(), [value]));
        return Ok(());
    };
    let value = arg.number().ok_or("a number is wanted")?;
    let (least, most) = named.facts.range;
    put(session, &path, value.clamp(least, most), outcome)
}

/// Puts the control at `path` to a value in its range.
pub(super) fn put(
    session: &mut Session,
    path: &str,
    value: f64,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let control = session.controls.at(path).map(|named| named.control).ok_or("no such control")?;
    let by = path.to_owned();
    let path = session.path_of(control).unwrap_or(path).to_owned();
    let forms = session.make_movable(&path)?;
    // Those of the song in which it can be moved sound the same, so they needn't wait.
    if session.ahead { &mut outcome.first } else { &mut outcome.commands }.extend(forms);
    let control = session.register.control(&path);
    outcome.commands.push(EngineCommand::Override { control, action: OverrideAction::Set(value as f32) });
    session.change(StateChange::Put { path, by, value });
    Ok(())
}

/// Hands back the control at `path`, or all whose paths go on from there.
fn free(session: &mut Session, path: &str, outcome: &mut Outcome) -> Result<(), String> {
    let inside = format!("{path}.");
    let meant = |other: &str| other == path || other.starts_with(&inside);
    let controls: Vec<_> =
        session.controls.all().iter().filter(|named| meant(&named.path)).map(|named| named.control).collect();
    if controls.is_empty() {
        return Err("no such control".to_owned());
    }
    for control in controls {
        if let Some(path) = session.path_of(control).map(str::to_owned) {
            free_path(session, &path, outcome);
        }
    }
    Ok(())
}

fn free_path(session: &mut Session, path: &str, outcome: &mut Outcome) {
    // Ahead of its time nobody knows where it will have been put.
    if session.ahead || session.put.contains_key(path) || session.has_next() {
        let control = session.register.control(path);
        outcome.commands.push(EngineCommand::Override { control, action: OverrideAction::Release });
        session.change(StateChange::Free(path.to_owned()));
    }
}

/// `/engine/auto`.
pub(super) fn free_all(
    session: &mut Session,
    _: &str,
    _: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    session.change(StateChange::FreeAll);
    outcome.commands.extend([EngineCommand::ReleaseAll, EngineCommand::Tempo(None)]);
    Ok(())
}

/// What an argument says of a pitch: its frequency, and the key that it is opened and closed by.
fn pitch(arg: &Arg) -> Result<(f64, u8), String> {
    let hertz = match arg {
        Arg::Text(text) => match AddedTrack::read_notes(text).as_deref() {
            Ok([hertz]) => Some(*hertz),
            _ => None,
        },
        other => other.number().and_then(note_hertz),
    };
    let hertz = hertz.filter(|hertz| *hertz > 0.0);
    let hertz = hertz.ok_or("a note is a name such as c4, a MIDI number, or Hz above 127")?;
    let key = (libm::log2(hertz / 440.0) * 12.0 + 69.0 + 0.5).clamp(0.0, 127.0);
    Ok((hertz, key as u8))
}

/// The note that is played from outside.
fn note_of(session: &mut Session, hertz: Option<f64>, velocity: f64) -> Note {
    session.notes += 1;
    let pitch = hertz.map_or(0.0, |hertz| libm::log2(hertz / session.song.c4));
    Note {
        instrument: 0,
        lane: 0,
        start: 0,
        end: 0,
        velocity,
        level: 1.0,
        pitches: vec![pitch],
        slurred: false,
        seed: Seed::new(session.song.seed).name("played").number(session.notes),
        locks: Vec::new(),
        leads: false,
    }
}

/// Lets a note of so many Hz say where the instrument sounds: an instrument with a control `freq` is put there, and its note
/// has no pitch of its own any more.
fn pitch_of(
    session: &mut Session,
    instrument: usize,
    hertz: f64,
    outcome: &mut Outcome,
) -> Result<Option<f64>, String> {
    free_pitch(session, instrument, outcome);
    let id = &session.song.instruments[instrument].id;
    let Some(named) = frequency(&session.controls, id) else { return Ok(Some(hertz)) };
    let (path, (least, most)) = (named.path.clone(), named.facts.range);
    put(session, &path, hertz.clamp(least, most), outcome)?;
    Ok(None)
}

/// Lets a note with a pitch of its own say where the instrument sounds.
pub(super) fn free_pitch(session: &mut Session, instrument: usize, outcome: &mut Outcome) {
    for path in session.pitch_paths(instrument) {
        free_path(session, &path, outcome);
    }
}

impl Session {
    /// What `/gate/` opens by this name. A number is the instrument of that number, counted from 1 in the order of the song.
    fn gated(&self, id: &str) -> Option<Gated> {
        let numbered = || {
            let number: usize = id.parse().ok()?;
            (1..=self.song.instruments.len()).contains(&number).then(|| Gated::Instrument(number - 1))
        };
        self.song.gate_at(id).or_else(numbered)
    }
}

/// `/gate/…`.
pub(super) fn gate(
    session: &mut Session,
    id: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let value = match args.first() {
        Some(arg) => arg.number().ok_or("a switch or a velocity from 0 to 1 is wanted")?,
        None => return Err("a switch or a velocity from 0 to 1 is wanted".to_owned()),
    };
    let velocity = value.clamp(0.0, 1.0);
    match session.gated(id) {
        Some(Gated::Instrument(index)) => {
            let pitch = args.get(1).map(pitch).transpose()?;
            let name = session.song.instruments[index].id.clone();
            let instrument = session.register.instrument(&name);
            let key = pitch.map(|(_, key)| key);
            if velocity == 0.0 {
                outcome.commands.push(EngineCommand::Close { instrument, key });
                return Ok(());
            }
            let hertz = match pitch {
                Some((hertz, _)) => pitch_of(session, index, hertz, outcome)?,
                None => None,
            };
            let note = Box::new(note_of(session, hertz, velocity));
            let key = key.unwrap_or(NO_KEY);
            outcome.commands.push(EngineCommand::Close { instrument, key: Some(key) });
            outcome.commands.push(EngineCommand::Note { instrument, note, key, frames: None });
            Ok(())
        }
        Some(Gated::Module(module)) => {
            let id = session.song.patch.modules[module].id.clone();
            let gate = session.register.gate(&id);
            outcome.commands.push(EngineCommand::Gate { gate, value: velocity as f32 });
            Ok(())
        }
        None => {
            let known = session.gates();
            let hint = crate::check::nearest::nearest(id, known.iter().map(String::as_str));
            Err(hint.map_or_else(
                || "nothing here has such a gate".to_owned(),
                |hint| format!("no such gate; did you mean /gate/{hint}?"),
            ))
        }
    }
}

/// `/note/…`.
pub(super) fn note(
    session: &mut Session,
    id: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let Some(index) = session.song.instruments.iter().position(|one| one.id == id) else {
        let known = session.song.instruments.iter().map(|one| one.id.as_str());
        let hint = crate::check::nearest::nearest(id, known);
        return Err(hint.map_or_else(
            || "no such instrument".to_owned(),
            |hint| format!("no such instrument; did you mean {hint}?"),
        ));
    };
    let (hertz, key) = pitch(args.first().ok_or("a note is wanted")?)?;
    let number = |place: usize, default: f64| match args.get(place) {
        Some(arg) => arg.number().ok_or("velocity and seconds are numbers"),
        None => Ok(default),
    };
    let velocity = number(1, 0.8)?.clamp(0.0, 1.0);
    let seconds = number(2, LENGTH)?.clamp(0.001, 3_600.0);
    let hertz = pitch_of(session, index, hertz, outcome)?;
    let note = Box::new(note_of(session, hertz, velocity));
    let instrument = session.register.instrument(id);
    let frames = Some((seconds * f64::from(session.config.rate)) as u64);
    outcome.commands.push(EngineCommand::Note { instrument, note, key, frames });
    Ok(())
}

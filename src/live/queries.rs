//! Questions, and what only the program around can do.

#![allow(clippy::unnecessary_wraps, reason = "rows of one table have one form")]

use serde_json::{Value, json};

use crate::live::address_commands::COMMANDS;
use crate::live::outcome::{HostRequest, Outcome};
use crate::live::session::{Session, is_plain_name};
use crate::model::controls::{NamedControl, address};
use crate::model::patch::ControlId;
use crate::osc::message::{Arg, Message};
use crate::osc::pattern::AddressPattern;

/// The most bytes of JSON in one packet.
const PART: usize = 32_000;

/// What has more arguments than a question may have is the answer of another engine: to answer it would have no end.
fn question(args: &[Arg], most: usize) -> Result<(), String> {
    if args.len() > most { Err("a question has no such arguments".to_owned()) } else { Ok(()) }
}

macro_rules! wish {
    ($name:ident, $address:literal, $wish:expr) => {
        #[doc = concat!("`", $address, "`.")]
        pub(super) fn $name(
            _: &mut Session,
            _: &str,
            args: &[Arg],
            outcome: &mut Outcome,
        ) -> Result<(), String> {
            question(args, 0)?;
            outcome.host_requests.push($wish);
            Ok(())
        }
    };
}

wish!(song_status, "/seq/status", HostRequest::SongStatus);
wish!(engine_status, "/engine/status", HostRequest::EngineStatus);
wish!(record_status, "/engine/record/status", HostRequest::RecordStatus);
wish!(list_saved, "/pattern/list", HostRequest::ListSaved);

/// `/engine/record/stop`.
pub(super) fn end_record(_: &mut Session, _: &str, _: &[Arg], outcome: &mut Outcome) -> Result<(), String> {
    outcome.host_requests.push(HostRequest::EndRecord);
    Ok(())
}

/// `/ping`.
pub(super) fn ping(_: &mut Session, _: &str, args: &[Arg], outcome: &mut Outcome) -> Result<(), String> {
    outcome.answers.push(Message::new("/pong", args.to_vec()));
    Ok(())
}

/// A plain name: a slot's number, or a word.
fn name(arg: Option<&Arg>, what: &str) -> Result<String, String> {
    let name = match arg {
        Some(Arg::Text(text)) => text.clone(),
        Some(arg) => match arg.number() {
            Some(slot) if (1.0..=128.0).contains(&slot) && slot.fract() == 0.0 => format!("{slot:.0}"),
            Some(_) => return Err("slots are whole numbers from 1 to 128".to_owned()),
            None => return Err(format!("{what} is wanted")),
        },
        None => return Err(format!("{what} is wanted")),
    };
    if is_plain_name(&name) {
        Ok(name)
    } else {
        Err("a name has letters, digits, `-` and `_` only, 64 at the most".to_owned())
    }
}

/// `/engine/record/start`.
pub(super) fn record(_: &mut Session, _: &str, args: &[Arg], outcome: &mut Outcome) -> Result<(), String> {
    let plain = |arg: &Arg| arg.text().map_or_else(|| arg.clone(), |name| Arg::from(without_end(name)));
    let name = args.first().map(|arg| name(Some(&plain(arg)), "a name")).transpose()?;
    outcome.host_requests.push(HostRequest::Record(name));
    Ok(())
}

/// The name of a recording without the end of its file, which it has anyway.
fn without_end(name: &str) -> &str {
    let stem = name.len().checked_sub(4).and_then(|at| name.split_at_checked(at));
    stem.filter(|(_, end)| end.eq_ignore_ascii_case(".wav")).map_or(name, |(stem, _)| stem)
}

/// `/pattern/save`.
pub(super) fn save(_: &mut Session, _: &str, args: &[Arg], outcome: &mut Outcome) -> Result<(), String> {
    let title = match args.get(1) {
        None | Some(Arg::Nil) => None,
        Some(arg) => Some(arg.text().ok_or("a title is a text")?.to_owned()),
    };
    outcome.host_requests.push(HostRequest::Save(name(args.first(), "a slot or a name")?, title));
    Ok(())
}

/// `/pattern/load`.
pub(super) fn load(_: &mut Session, _: &str, args: &[Arg], outcome: &mut Outcome) -> Result<(), String> {
    let now = match args.get(1) {
        None | Some(Arg::Nil) => false,
        Some(arg) => arg.switch().ok_or("whether it comes in at once is a switch")?,
    };
    outcome.host_requests.push(HostRequest::Load(name(args.first(), "a slot or a name")?, now));
    Ok(())
}

/// A port to answer to, if one is given.
fn port(args: &[Arg]) -> Result<Option<u16>, String> {
    let Some(arg) = args.first() else { return Ok(None) };
    let port = arg.number().filter(|port| (1.0..=65_535.0).contains(port) && port.fract() == 0.0);
    port.map(|port| Some(port as u16)).ok_or_else(|| "a port is a number from 1 to 65535".to_owned())
}

/// `/subscribe`.
pub(super) fn subscribe(_: &mut Session, _: &str, args: &[Arg], outcome: &mut Outcome) -> Result<(), String> {
    outcome.host_requests.push(HostRequest::Subscribe(port(args)?));
    Ok(())
}

/// `/unsubscribe`.
pub(super) fn unsubscribe(
    _: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    outcome.host_requests.push(HostRequest::Unsubscribe(port(args)?));
    Ok(())
}

fn float(value: Option<f64>) -> Arg {
    value.map_or(Arg::Nil, |value| Arg::Float(value as f32))
}

/// Where a control stands in the list: what its song offers by an `alias` or a `knob` first, then what every instrument has,
/// then what modules and routes are made of.
fn meant_for_hands(named: &NamedControl) -> u8 {
    match named.control {
        _ if named.alias => 0,
        ControlId::Knob { .. } => 1,
        ControlId::Instrument { .. } => 2,
        ControlId::Param { .. } | ControlId::Cable { .. } => 3,
    }
}

/// `/engine/list`: gates, controls in the order of [`meant_for_hands`], then commands.
pub(super) fn list(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    question(args, 1)?;
    let pattern = match args.first() {
        Some(Arg::Text(text)) => Some(AddressPattern::new(text)),
        // Clients of old send a number that means nothing.
        Some(_) | None => None,
    };
    let wanted = |address: &str| pattern.as_ref().is_none_or(|pattern| pattern.matches(address));
    let mut count = 0;
    let mut tell = |address: String, row: [Arg; 6]| {
        if wanted(&address) {
            count += 1;
            let args = std::iter::once(Arg::from(address)).chain(row);
            outcome.answers.push(Message::new("/engine/list", args));
        }
    };
    let tempo = session.plan.timeline.first_tempo();
    for id in session.gates() {
        let row =
            [Arg::from("gate"), Arg::Float(0.0), Arg::Float(1.0), Arg::Float(0.0), Arg::from(""), Arg::Nil];
        tell(format!("/gate/{id}"), row);
    }
    let mut controls: Vec<&NamedControl> = session.controls.all().iter().collect();
    controls.sort_by_key(|named| meant_for_hands(named));
    for named in controls {
        let (least, most) = named.facts.range;
        let default = float(named.facts.default(tempo));
        let unit = Arg::from(named.facts.unit.sign());
        let value = float(session.value(named));
        tell(
            named.address(),
            [Arg::from("f"), Arg::Float(least as f32), Arg::Float(most as f32), default, unit, value],
        );
    }
    for command in COMMANDS.iter().filter(|command| !command.address.contains('<')) {
        let row = [Arg::from("command"), Arg::Nil, Arg::Nil, Arg::Nil, Arg::from(""), Arg::Nil];
        tell(command.address.to_owned(), row);
    }
    outcome.answers.push(Message::new("/engine/list/end", [Arg::Int(count)]));
    Ok(())
}

impl Session {
    /// Everything that can be set or said, one object each.
    pub fn schema(&self) -> Vec<Value> {
        let tempo = self.plan.timeline.first_tempo();
        // The address of what a second name stands for.
        let paths = self.controls.paths();
        let own = |named: &NamedControl| {
            paths.get(&named.control).filter(|_| named.alias).map(|path| address(path))
        };
        let control = |named: &NamedControl| {
            json!({
                "address": named.address(), "type": "f", "min": named.facts.range.0, "max": named.facts.range.1,
                "default": named.facts.default(tempo), "unit": named.facts.unit.sign(), "value": self.value(named),
                "about": about(self, named), "args": "value", "own": own(named),
            })
        };
        let gate = |id: String| {
            json!({
                "address": format!("/gate/{id}"), "type": "gate", "min": 0.0, "max": 1.0, "default": 0.0, "unit": "",
                "value": null, "about": "Opens and closes it.", "args": "switch or velocity, [note]", "own": null,
            })
        };
        let controls = self.controls.all().iter().map(control);
        let commands = COMMANDS.iter().filter(|command| !command.address.contains('<')).map(|command| {
            json!({
                "address": command.address, "type": "command", "min": null, "max": null, "default": null, "unit": "",
                "value": null, "about": command.about, "args": command.args, "own": null,
            })
        });
        controls.chain(self.gates().into_iter().map(gate)).chain(commands).collect()
    }
}

/// What a control is for: what its kind says of it.
fn about(session: &Session, named: &NamedControl) -> String {
    use crate::model::patch::ControlId;
    match named.control {
        ControlId::Param { instrument, module, param } => {
            let patch = session.song.patch_of(instrument);
            let spec = patch.and_then(|patch| patch.modules.get(module)).map(|module| module.spec);
            spec.map(|spec| spec.params[param].about.to_owned()).unwrap_or_default()
        }
        ControlId::Knob { .. } => "A knob of the song.".to_owned(),
        ControlId::Instrument { .. } => "Of the whole instrument.".to_owned(),
        ControlId::Cable { .. } => "Of a route.".to_owned(),
    }
}

/// `/engine/schema`.
pub(super) fn schema(
    session: &mut Session,
    _: &str,
    args: &[Arg],
    outcome: &mut Outcome,
) -> Result<(), String> {
    // Clients of old name a format.
    question(args, 1)?;
    let mut parts: Vec<String> = vec![String::new()];
    for row in session.schema() {
        let row = row.to_string();
        match parts.last_mut() {
            Some(last) if last.len() + row.len() < PART => {
                last.push_str(if last.is_empty() { "" } else { "," });
                last.push_str(&row);
            }
            _ => parts.push(row),
        }
    }
    let count = parts.len() as i32;
    for (number, part) in parts.into_iter().enumerate() {
        let args = [Arg::Int(number as i32), Arg::Int(count), Arg::from(format!("[{part}]"))];
        outcome.answers.push(Message::new("/engine/schema", args));
    }
    Ok(())
}

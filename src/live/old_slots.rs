//! Slots of the program that chronus replaces: `slot_001.json`, read as the messages that bring about what stands in it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::io::folder;
use crate::osc::message::{Arg, Message};

/// The longest such file.
const LONGEST: u64 = 1 << 20;
/// What is called otherwise there, module by module: `voice…` has these.
const RENAMED: [(&str, &str); 5] = [
    ("filter_freq", "filter/freq"),
    ("filter_q", "filter/q"),
    ("reverb_send", "send/reverb"),
    ("delay_send", "send/delay"),
    ("waveform", "osc/type"),
];

/// What a slot says.
pub(super) struct OldSlot {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// What brings it about, in order.
    pub(super) messages: Vec<Message>,
}

/// The slot that is called `name`, a number: beside `song`, or in the folder in which the program before kept them. `None` if there is none.
///
/// # Errors
/// What is wrong with it.
pub(super) fn old_slot(song: &Path, name: &str) -> Option<Result<OldSlot, String>> {
    let number: u32 = name.parse().ok()?;
    let file = format!("slot_{number:03}.json");
    let places = [song.with_file_name(&file), song.with_file_name(Path::new("patterns/slots").join(&file))];
    let path = places.into_iter().find(|path| path.exists())?;
    let read =
        folder::bytes(&path, LONGEST).map_err(|why| why.diagnostic(&path.display().to_string()).message);
    let read = read.and_then(|bytes| {
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|error| format!("{} is no slot: {error}", path.display()))?;
        messages(&value)
            .ok_or_else(|| format!("{} is no slot: it has no `modules` and no `sequencer`", path.display()))
    });
    Some(read.map(|messages| OldSlot { path, messages }))
}

/// A number as it was meant: what was a float of 32 bits has the figures of one.
fn number(value: f64) -> Arg {
    Arg::Float(value as f32)
}

fn messages(slot: &Value) -> Option<Vec<Message>> {
    let (modules, sequencer) = (slot.get("modules"), slot.get("sequencer"));
    modules.or(sequencer)?;
    let mut all = vec![Message::new("/seq/clear", [])];
    for (module, values) in modules.and_then(Value::as_object).into_iter().flatten() {
        put(&mut all, &format!("/mod/{module}"), values);
    }
    let play = |name: &str| sequencer.and_then(|sequencer| sequencer.get(name));
    for name in ["bpm", "swing"] {
        let value = play(name).and_then(Value::as_f64);
        all.extend(value.map(|value| Message::new(format!("/seq/{name}"), [number(value)])));
    }
    for (id, track) in play("tracks").and_then(Value::as_object).into_iter().flatten() {
        let text = |name: &str| track.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut args = vec![Arg::from(id.as_str()), Arg::from(text("voice_id")), Arg::from(text("pattern"))];
        for name in
            ["base_freq", "base_amp", "filter_freq", "accent_boost", "reverb_send", "delay_send", "gate_frac"]
        {
            let value = track.get(name).and_then(Value::as_f64);
            args.extend(value.map(|value| Arg::from(format!("{name}={}", value as f32))));
        }
        let notes = track.get("notes").and_then(Value::as_array);
        let notes: Vec<String> = notes
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .map(|hertz| format!("{}Hz", hertz as f32))
            .collect();
        if !notes.is_empty() {
            args.push(Arg::from(format!("notes={}", notes.join(" "))));
        }
        all.push(Message::new("/seq/add", args));
    }
    if play("running").and_then(Value::as_bool) == Some(true) {
        all.push(Message::new("/seq/start", []));
    }
    Some(all)
}

/// The messages that put everything below `address` where `values` says.
fn put(all: &mut Vec<Message>, address: &str, values: &Value) {
    for (name, value) in values.as_object().into_iter().flatten() {
        let name = RENAMED.iter().find(|(old, _)| old == name).map_or(name.as_str(), |(_, new)| new);
        let address = format!("{address}/{name}");
        match value {
            Value::Object(_) => put(all, &address, value),
            // Texts are names of the module itself.
            _ => all.extend(value.as_f64().map(|value| Message::new(address, [number(value)]))),
        }
    }
}

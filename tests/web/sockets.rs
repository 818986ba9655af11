//! OSC, listening and looking by WebSocket.

use std::time::{Duration, Instant};

use chronus::osc::message::{Arg, Message};
use chronus::osc::packet;
use serde_json::{Map, Value};
use tungstenite::Message as Frame;

use crate::client::Socket;
use crate::rig::{Rig, SONG};

const CUTOFF: &str = "/mod/bass/filter/cutoff";

#[test]
fn osc_goes_both_ways() {
    let rig = Rig::new(SONG);
    let mut socket = Socket::to(rig.address);
    socket.say("/ping", [Arg::Int(7)]);
    let pong = socket.heard(|message| (message.address == "/pong").then(|| message.clone()));
    assert_eq!(pong, Message::new("/pong", [Arg::Int(7)]));
    socket.say("/seq/mute", ["bass".into(), true.into()]);
    rig.wait("a mute", |view| view.tracks.iter().any(|track| track.id == "bass" && track.muted));
    socket.say("/seq/bpm", ["fast".into()]);
    let error = socket.heard(|message| (message.address == "/error").then(|| message.args[0].clone()));
    assert_eq!((error, rig.see(|view| view.refused)), ("/seq/bpm".into(), 1));
    socket.say("/subscribe", []);
    assert_eq!(socket.heard(|message| message.args.first().cloned()), "/subscribe".into());
}

#[test]
fn bundles_are_opened_and_their_times_honoured() {
    let rig = Rig::new(SONG);
    let mut socket = Socket::to(rig.address);
    let messages = [Message::new("/ping", [Arg::Int(1)]), Message::new("/ping", [Arg::Int(2)])];
    let bundle = |time, messages: &[Message]| packet::write_bundle(time, messages);
    socket.0.send(Frame::binary(bundle(chronus::osc::time::Time::Now, &messages))).unwrap();
    let mut pongs = Vec::new();
    while pongs.len() < 2 {
        pongs.push(socket.heard(|message| message.args.first().and_then(Arg::number)));
    }
    assert_eq!(pongs, [1.0, 2.0]);
    // Bundles so deep that reading them by recursion would end the program.
    let mut deep: Vec<u8> = Vec::new();
    for _ in 0..1_000 {
        let inside = deep;
        deep = b"#bundle\0\0\0\0\0\0\0\0\x01".to_vec();
        if !inside.is_empty() {
            deep.extend((inside.len() as u32).to_be_bytes());
            deep.extend(inside);
        }
    }
    socket.0.send(Frame::binary(deep)).unwrap();
    assert!(socket.heard(|message| (message.address == "/error").then_some(true)));
    socket.say("/ping", []);
    assert!(socket.heard(|message| (message.address == "/pong").then_some(true)));
}

#[test]
fn listened_values_are_pushed_when_they_change() {
    let rig = Rig::new(SONG);
    let (mut one, mut other) = (Socket::to(rig.address), Socket::to(rig.address));
    one.command("LISTEN", CUTOFF);
    one.command("LISTEN", "/seq/start");
    assert_eq!(one.heard(|message| message.args.get(1).cloned()), "it has no value to listen to".into());
    other.say(CUTOFF, [Arg::Int(1250)]);
    let value = |socket: &mut Socket| {
        socket.heard(|message| (message.address == CUTOFF).then(|| message.args.clone()))
    };
    assert_eq!(value(&mut one), [Arg::Float(1250.0)]);
    other.say(&format!("{CUTOFF}/auto"), []);
    assert_eq!(value(&mut one), [Arg::Float(800.0)]);
    one.command("IGNORE", CUTOFF);
    // What was said is heard in order: by now it is ignored.
    one.say("/ping", []);
    one.heard(|message| (message.address == "/pong").then_some(()));
    other.say(CUTOFF, [Arg::Int(500)]);
    rig.wait("the cutoff", |view| view.put.iter().any(|put| put.value == 500.0));
    std::thread::sleep(Duration::from_millis(200));
    one.say("/ping", [Arg::Int(9)]);
    assert_eq!(one.heard(|message| Some(message.address.clone())), "/pong");
    rig.song("song\ninstrument lead {\n saw osc\n route osc -> out\n}\ntrack lead \"X...\"\n");
    assert_eq!(
        one.told(|command, data| Some((command.to_owned(), data.clone()))),
        ("PATH_CHANGED".to_owned(), "/".into())
    );
}

#[test]
fn commands_that_are_none_are_refused() {
    let rig = Rig::new(SONG);
    let mut socket = Socket::to(rig.address);
    for text in [
        "",
        "hello",
        "[]",
        "{}",
        r#"{"COMMAND":"DANCE"}"#,
        r#"{"COMMAND":"LISTEN"}"#,
        r#"{"COMMAND":"STATE","DATA":3}"#,
    ] {
        socket.0.send(Frame::text(text)).unwrap();
        assert_eq!(
            socket.heard(|message| Some((message.address.clone(), message.args[0].clone()))),
            ("/error".to_owned(), text.into())
        );
    }
}

/// What of `value` isn't as the schema says.
fn fault(schema: &Value, value: &Value) -> Option<String> {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    if !kinds.iter().any(|one| one == kind || (one == "number" && kind == "integer")) {
        return Some(format!("{value} is no {}", schema["type"]));
    }
    let items = value.as_array().into_iter().flatten().filter_map(|item| fault(&schema["items"], item));
    let fields = value.as_object().into_iter().flatten().filter_map(|(name, value)| {
        fault(&schema["properties"][name], value).map(|fault| format!("{name}: {fault}"))
    });
    let needed = schema["required"].as_array().into_iter().flatten();
    let missing =
        needed.filter(|name| value.get(name.as_str().unwrap()).is_none()).map(|name| format!("no {name}"));
    items.chain(fields).chain(missing).next()
}

#[test]
fn what_is_seen_is_told_as_it_changes() {
    let rig = Rig::new(SONG);
    let mut socket = Socket::to(rig.address);
    socket.command("STATE", true);
    let mut state = Map::new();
    let start = Instant::now();
    let (mut beats, mut told, mut lit, mut bytes) = (0, 0, Vec::new(), 0);
    while start.elapsed() < Duration::from_millis(1_500) {
        socket.told(|command, data| {
            assert_eq!(command, "STATE");
            let new = data.as_object().unwrap().clone();
            beats += usize::from(new.contains_key("beat"));
            if let Some(now) = new.get("lit") {
                lit.push(now[0].clone());
            }
            bytes += data.to_string().len();
            state.extend(new);
            told += 1;
            Some(())
        });
    }
    let schema = include_str!("../../schema/page-state.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    assert_eq!(fault(&schema, &Value::Object(state.clone())), None);
    assert_eq!(state.len(), schema["properties"].as_object().unwrap().len());
    assert!((6..45).contains(&told) && beats >= 1 && lit.len() >= 4, "{told} {beats} {lit:?}");
    assert!(bytes < 40_000, "{bytes} bytes");
    assert_eq!(state["title"], "<script>alert(1)</script> & <b>co");
    assert_eq!(
        (&state["section"], &state["bars"], &state["bpm"]),
        (&"verse".into(), &4.into(), &120.0.into())
    );
    assert_eq!(
        (&state["tracks"][0]["track"], &state["tracks"][0]["marks"]),
        (&"bass".into(), &"X..x..x.X..x..x.".into())
    );
    assert_eq!(state["sections"][1], serde_json::json!({ "section": "drop", "bar": 3 }));
    assert!(
        state["levels"][0]["level"].as_f64().unwrap() > 0.0 && state["bands"].as_array().unwrap().len() == 8
    );
    assert!(state["out"][0].as_f64().unwrap() > 0.0, "{}", state["out"]);
    assert_eq!((&state["loop"], &state["bpm_put"]), (&Value::Null, &false.into()));
    socket.say("/seq/loop", ["drop".into()]);
    socket.say("/seq/bpm", [140.0.into()]);
    while state["loop"] != serde_json::json!([3, 4]) || state["bpm_put"] != true || state["bpm"] != 140.0 {
        let new = socket.told(|_, data| data.as_object().cloned());
        state.extend(new);
    }
    socket.command("STATE", false);
    socket.say("/ping", []);
    socket.heard(|message| (message.address == "/pong").then_some(()));
    socket.say("/ping", []);
    assert!(socket.0.read().expect("an answer").is_binary());
}

#[test]
fn gates_close_when_whoever_opened_them_is_gone() {
    let quiet =
        "song bars=1\ninstrument lead {\n saw osc\n adsr env release=10ms\n route osc -> out vca=env\n}\n";
    let rig = Rig::new(&quiet.replace("=10ms", "=\"10ms\""));
    let mut socket = Socket::to(rig.address);
    socket.say("/gate/lead", [Arg::Float(1.0), "c4".into()]);
    rig.wait("a note", |view| view.peak[0] > 0.01);
    drop(socket);
    rig.wait("silence", |view| view.peak[0] < 0.001);
}

#[test]
fn sockets_close_when_the_server_ends() {
    let mut rig = Rig::new(SONG);
    let mut socket = Socket::to(rig.address);
    socket.command("STATE", true);
    let start = Instant::now();
    drop(rig.server.take());
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(socket.end(), Some(1001));
    assert!(std::net::TcpStream::connect(rig.address).is_err());
    rig.serve();
    Socket::to(rig.address).say("/ping", []);
}

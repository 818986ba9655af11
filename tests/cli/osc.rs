//! `chronus osc` against engines that answer rightly, wrongly, too much or not at all.

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chronus::osc::message::{Arg, Message};
use chronus::osc::packet::{read, write};
use chronus::osc::pattern::AddressPattern;
use chronus::osc::time::Time;
use serde_json::Value;

use super::program::{Running, program};
use super::schema::{fault, schema};
use super::{chronus, stderr, stdout};

/// What an engine answers to a message.
pub(super) type Manner = fn(&Message) -> Vec<Message>;

/// What is sent back as it is.
const MARK: &str = "/mark";

/// An engine that speaks the protocol but makes no sound.
pub(super) struct Engine {
    pub(super) to: String,
    heard: Arc<Mutex<Vec<(Time, Message)>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    pub(super) fn start(manner: Manner) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        let to = socket.local_addr().expect("an address").to_string();
        let (heard, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (log, end) = (Arc::clone(&heard), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while !end.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                for timed in read(&buffer[..length]).expect("the controller writes packets").messages {
                    if timed.message.address == MARK {
                        let _ = socket.send_to(&buffer[..length], from);
                        continue;
                    }
                    // Before it is answered: whoever was answered may look here at once.
                    log.lock().expect("nobody panicked").push((timed.time, timed.message.clone()));
                    for answer in manner(&timed.message) {
                        // What isn't OSC at all.
                        let bytes =
                            if answer.address.is_empty() { b"hello".to_vec() } else { write(&answer) };
                        let _ = socket.send_to(&bytes, from);
                    }
                }
            }
        });
        Self { to, heard, stop, thread: Some(thread) }
    }

    /// Where it listens.
    pub(super) fn to(&self) -> &str {
        &self.to
    }

    /// Everything that has been sent to it so far: what was sent last has come back.
    fn heard(&self) -> Vec<Message> {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        socket.send_to(&write(&message(MARK, &[])), &self.to).expect("it is sent");
        socket.recv_from(&mut [0; 64]).expect("it comes back");
        self.heard.lock().expect("nobody panicked").iter().map(|(_, message)| message.clone()).collect()
    }

    pub(super) fn osc(&self, args: &[&str]) -> Output {
        let all: Vec<&str> = ["osc", "--to", &self.to].into_iter().chain(args.iter().copied()).collect();
        chronus(Path::new(env!("CARGO_TARGET_TMPDIR")), &all)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().expect("it ran").join().expect("it ended well");
    }
}

pub(super) fn message(address: &str, args: &[Arg]) -> Message {
    Message::new(address, args.to_vec())
}

/// The rows of `/engine/list`.
fn rows() -> Vec<Message> {
    let row = |address: &str, takes: &str, min: Arg, max: Arg, default: Arg, unit: &str, value: Arg| {
        message("/engine/list", &[address.into(), takes.into(), min, max, default, unit.into(), value])
    };
    let command = |address: &str| row(address, "command", Arg::Nil, Arg::Nil, Arg::Nil, "", Arg::Nil);
    vec![
        row("/mod/bass/filter/cutoff", "f", 20.0.into(), 20_000.0.into(), 300.0.into(), "Hz", 1250.0.into()),
        row("/mod/bass/gain", "f", 0.0.into(), 16.0.into(), 1.0.into(), "x", 1.0.into()),
        row("/mod/bass/osc/freq", "f", 0.1.into(), 20_000.0.into(), Arg::Nil, "Hz", Arg::Nil),
        row("/seq/mute", "T", 0.0.into(), 1.0.into(), 0.0.into(), "", 1.0.into()),
        row("/gate/bass", "gate", 0.0.into(), 1.0.into(), Arg::Nil, "", Arg::Nil),
        command("/seq/start"),
    ]
}

/// As an engine should.
pub(super) fn proper(said: &Message) -> Vec<Message> {
    let text = |place: usize| said.args.get(place).and_then(Arg::text).unwrap_or_default();
    let json = |json: &str| vec![message(&said.address, &[json.into()])];
    let done = |what: &str| vec![message("/done", &[said.address.as_str().into(), what.into()])];
    let error = |why: &str| vec![message("/error", &[said.address.as_str().into(), why.into()])];
    match said.address.as_str() {
        "/ping" => vec![message("/pong", &said.args)],
        "/engine/list" => {
            let pattern = AddressPattern::new(if said.args.is_empty() { "//" } else { text(0) });
            let mut rows = rows();
            rows.retain(|row| row.args[0].text().is_some_and(|address| pattern.matches(address)));
            let count = rows.len() as i32;
            rows.push(message("/engine/list/end", &[count.into()]));
            rows
        }
        "/engine/schema" => {
            let part = |number: i32, address: &str| {
                let rows = serde_json::json!([{ "address": address, "type": "f", "min": 0, "max": 1, "default": 1,
                    "unit": "", "value": 1, "about": "x", "args": [] }]);
                message("/engine/schema", &[number.into(), 2.into(), rows.to_string().into()])
            };
            // Out of order, as packets may arrive.
            vec![part(1, "/b"), part(0, "/a")]
        }
        "/engine/status" => json(r#"{"rate": 48000, "latency_ms": 5.3, "xruns": 0}"#),
        "/seq/status" => {
            json(r#"{"playing": true, "section": "verse", "tracks": ["bass", "kick"], "key": null}"#)
        }
        "/engine/record/status" => json(r#"{"recording": false}"#),
        "/engine/record/start" if text(0).contains('/') => error("a name, never a path"),
        "/engine/record/start" => done("recording night.wav"),
        "/engine/record/stop" => done("night.wav, 12.5 s"),
        "/pattern/save" => done("saved as 3"),
        "/pattern/load" if said.args.first() == Some(&Arg::Int(9)) => error("nothing is saved as 9"),
        "/pattern/load" => done("loaded 3"),
        "/seq/bpm" if said.args[0].number().is_none() => error("`fast` is no number"),
        "/subscribe" => vec![
            message("/beat", &[1.into(), 2.into()]),
            message("/section", &["verse".into()]),
            message("/param", &["/mod/bass/gain".into(), 0.5.into()]),
            message("/param", &["/mod/pad/gain".into(), Arg::Nil]),
            message("/level", &["bass".into(), 0.25.into()]),
        ],
        _ => Vec::new(),
    }
}

fn check(output: &Output, code: i32, out: &str, err: &str) {
    assert_eq!((stdout(output), stderr(output), output.status.code()), (out, err, Some(code)));
}

#[test]
fn values_arrive_as_they_are_written() {
    let engine = Engine::start(proper);
    let args = ["0.5", "3", "-2", "true", "F", "c3", "f:3", "d:0.1", "h:7", "s:3", "X..x ..x."];
    check(&engine.osc(&[&["send", "/x"], &args[..]].concat()), 0, "", "");
    let meant = [
        0.5.into(),
        3.into(),
        (-2).into(),
        true.into(),
        false.into(),
        "c3".into(),
        3.0.into(),
        Arg::Double(0.1),
        Arg::Long(7),
        "3".into(),
        "X..x ..x.".into(),
    ];
    assert_eq!(engine.heard(), [message("/x", &meant)]);
    check(&engine.osc(&["send", "/x", "--", "--to", "-x"]), 0, "", "");
    assert_eq!(engine.heard()[1], message("/x", &["--to".into(), "-x".into()]));
}

#[test]
fn a_message_may_be_meant_for_later() {
    let engine = Engine::start(proper);
    let before = chronus::io::port::now();
    check(&engine.osc(&["send", "/seq/start", "--at", "0.5"]), 0, "", "");
    drop(engine.heard());
    let heard = engine.heard.lock().unwrap().clone();
    let [(time, message)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!(message.address, "/seq/start");
    assert!((0.5..30.0).contains(&time.seconds_from(before)), "{time:?}");
}

#[test]
fn refusals_and_answers_are_shown() {
    let engine = Engine::start(proper);
    let refused = "not-honoured\n\n  × the engine refused `/seq/bpm`: `fast` is no number\n";
    check(&engine.osc(&["send", "/seq/bpm", "fast"]), 1, "", refused);
    check(&engine.osc(&["send", "/ping", "7", "two words"]), 0, "/pong 7 \"two words\"\n", "");
    let refused = "not-honoured\n\n  × the engine refused `/pattern/load`: nothing is saved as 9\n";
    check(&engine.osc(&["load", "9"]), 1, "", refused);
    let refused = "not-honoured\n\n  × the engine refused `/engine/record/start`: a name, never a path\n";
    check(&engine.osc(&["record", "start", "../x"]), 1, "", refused);
}

#[test]
fn orders_say_what_was_done() {
    let engine = Engine::start(proper);
    check(&engine.osc(&["record", "start", "night"]), 0, "recording night.wav\n", "");
    check(&engine.osc(&["record", "stop"]), 0, "night.wav, 12.5 s\n", "");
    check(&engine.osc(&["record", "status"]), 0, "  recording  no\n", "");
    check(&engine.osc(&["save", "3", "Night drive"]), 0, "saved as 3\n", "");
    check(&engine.osc(&["load", "3", "--now"]), 0, "loaded 3\n", "");
    check(&engine.osc(&["panic"]), 0, "", "");
    let mut heard = engine.heard();
    heard.retain(|message| message.address != "/ping");
    assert_eq!(
        heard,
        [
            message("/engine/record/start", &["night".into()]),
            message("/engine/record/stop", &[]),
            message("/engine/record/status", &[]),
            message("/pattern/save", &[3.into(), "Night drive".into()]),
            message("/pattern/load", &[3.into(), true.into()]),
            message("/engine/panic", &[]),
        ]
    );
    let ping = engine.osc(&["ping"]);
    assert!(stdout(&ping).starts_with(&format!("{} answers after ", engine.to)) && ping.status.success());
}

#[test]
fn addresses_are_listed() {
    let engine = Engine::start(proper);
    let listed = "\
/mod/bass/filter/cutoff  1.25 kHz  20 Hz to 20 kHz, declared 300 Hz
/mod/bass/gain                  1  0 to 16
/mod/bass/osc/freq                 0.1 Hz to 20 kHz
/seq/mute                      on  on or off, declared off
/gate/bass                         gate
/seq/start                         command
";
    check(&engine.osc(&["list"]), 0, listed, "");
    check(&engine.osc(&["list", "//gain", "--format=addresses"]), 0, "/mod/bass/gain\n", "");
    let none = "no address matches `/mod/pad//`; `chronus osc list` lists them all\n";
    check(&engine.osc(&["list", "/mod/pad//"]), 1, "", none);
    let json = engine.osc(&["list", "--format=json"]);
    let schema = schema("osc-list");
    assert_eq!(stdout(&json).lines().count(), rows().len());
    for line in stdout(&json).lines() {
        assert_eq!(fault(&schema, &serde_json::from_str(line).unwrap()), None);
    }
}

#[test]
fn status_is_for_people_and_programs() {
    let engine = Engine::start(proper);
    let said = "\
engine
  latency ms  5.3
  rate        48000
  xruns       0
song
  key      -
  playing  yes
  section  verse
  tracks   bass, kick
";
    check(&engine.osc(&["status"]), 0, said, "");
    let json: Value = serde_json::from_str(stdout(&engine.osc(&["status", "--format=json"]))).unwrap();
    assert_eq!(fault(&schema("osc-status"), &json), None);
    assert_eq!(json["engine"]["rate"], 48000);
}

#[test]
fn a_schema_is_put_together() {
    let engine = Engine::start(proper);
    let output = engine.osc(&["schema"]);
    let json: Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(fault(&schema("osc-schema"), &json), None);
    let addresses: Vec<&Value> = json.as_array().unwrap().iter().map(|row| &row["address"]).collect();
    assert_eq!(
        (addresses, stdout(&output).lines().count()),
        (vec![&Value::from("/a"), &Value::from("/b")], 4)
    );
}

#[test]
fn what_happens_is_watched() {
    let engine = Engine::start(proper);
    let all =
        "/beat 1 2\n/section verse\n/param /mod/bass/gain 0.5\n/param /mod/pad/gain nil\n/level bass 0.25\n";
    check(&engine.osc(&["watch", "--for", "0.4"]), 0, all, "");
    check(&engine.osc(&["watch", "/beat", "--for", "0.4"]), 0, "/beat 1 2\n", "");
    check(&engine.osc(&["watch", "/mod/bass//", "--for", "0.4"]), 0, "/param /mod/bass/gain 0.5\n", "");
    assert_eq!(engine.heard().iter().filter(|message| message.address == "/unsubscribe").count(), 3);
    let json = engine.osc(&["watch", "--for", "0.4", "--format=json"]);
    let schema = schema("osc-watch");
    for line in stdout(&json).lines() {
        assert_eq!(fault(&schema, &serde_json::from_str(line).unwrap()), None);
    }
    assert!(stdout(&json).starts_with("{\"address\":\"/beat\",\"args\":[1,2]}\n"), "{}", stdout(&json));
}

#[cfg(unix)]
#[test]
fn control_c_ends_a_watch_well() {
    let engine = Engine::start(proper);
    let mut child =
        Running::start(program().args(["osc", "watch", "--to", &engine.to]).stdout(Stdio::piped()));
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "/beat 1 2\n");
    child.interrupt();
    assert_eq!(child.end().code(), Some(0));
    assert_eq!(engine.heard().last(), Some(&message("/unsubscribe", &[])));
}

const ALL: [&[&str]; 10] = [
    &["ping"],
    &["list"],
    &["status"],
    &["schema"],
    &["watch"],
    &["record", "start"],
    &["record", "status"],
    &["save", "1"],
    &["load", "1"],
    &["panic"],
];

#[test]
fn an_engine_that_is_not_there_is_code_two() {
    let gone = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let said = format!(
        "nothing-listens\n\n  × nobody listens at {gone}\n  help: start `chronus play SONG`, or say with `--to HOST:PORT` where the\n        \
         engine listens\n"
    );
    for command in ALL.into_iter().chain([&["send", "/seq/start"][..]]) {
        let output = chronus(Path::new("."), &[&["osc", "--to", &gone], command].concat());
        check(&output, 2, "", &said);
    }
}

#[test]
fn silence_is_code_two_and_soon() {
    let engine = Engine::start(|_| Vec::new());
    let said = format!(
        "no-answer\n\n  × {} doesn't answer\n  help: is it a playing engine? `--timeout SECONDS` waits longer\n",
        engine.to
    );
    for command in ALL {
        let start = Instant::now();
        check(&engine.osc(&[command, &["--timeout", "0.1"]].concat()), 2, "", &said);
        assert!(start.elapsed() < Duration::from_secs(10));
    }
    // Other programs don't answer what they are sent.
    check(&engine.osc(&["send", "/seq/start"]), 0, "", "");
}

#[test]
fn strange_answers_are_code_two() {
    let strange = |manner: Manner, command: &[&str], what: &str| {
        let engine = Engine::start(manner);
        let output = engine.osc(command);
        let said: String = stderr(&output).split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
        let wanted = format!("strange-answer × {} doesn't answer as an engine does: {what}", engine.to);
        assert!(said.starts_with(&wanted), "{said}");
        assert_eq!((stdout(&output), output.status.code()), ("", Some(2)));
    };
    let junk: Manner = |_| vec![message("", &[])];
    strange(junk, &["ping"], "what comes back is no OSC");
    strange(junk, &["list"], "what comes back is no OSC");
    strange(|said| vec![said.clone()], &["status"], "`/engine/status` brings no JSON");
    strange(
        |said| vec![message(&said.address, &["{".into()])],
        &["status"],
        "`/engine/status` brings no JSON",
    );
    strange(|said| vec![said.clone()], &["list"], "a row of its list has other cells");
    let lost: Manner = |_| vec![rows().remove(0), message("/engine/list/end", &[3.into()])];
    strange(lost, &["list"], "1 rows of its list arrived, others were lost");
    strange(|said| vec![said.clone()], &["schema"], "a part of its schema has other cells");
    strange(
        |_| vec![message("/engine/schema", &[0.into(), 1.into(), "[".into()])],
        &["schema"],
        "a part of its schema is no JSON",
    );
    strange(
        |_| vec![message("/engine/schema", &[5.into(), 2.into(), "[]".into()])],
        &["schema"],
        "its schema has more parts than it says",
    );
    strange(
        |_| vec![message("/engine/schema", &[(-1).into(), i32::MAX.into(), "[]".into()])],
        &["schema"],
        "a part of its schema is no JSON",
    );
}

#[test]
fn long_answers_arrive_whole() {
    let long: Manner = |said| {
        if said.address != "/engine/list" {
            return proper(said);
        }
        let mut rows: Vec<Message> = (0..1500)
            .map(|number| {
                let mut row = rows().remove(0);
                row.args[0] = format!("/mod/{}/{number}", "x".repeat(200)).into();
                row
            })
            .collect();
        rows.push(message("/engine/list/end", &[1500.into()]));
        rows
    };
    let engine = Engine::start(long);
    let output = engine.osc(&["list", "--timeout", "5"]);
    assert_eq!((stderr(&output), stdout(&output).lines().count()), ("", 1500));
    // A terminal gets no control characters from an engine.
    let rude = Engine::start(|_| {
        let order = "\u{1b}[2J";
        vec![message("/y\u{1b}[2J", &[order.into()]), message("/x", &[order.into()])]
    });
    let output = rude.osc(&["send", "/seq/start"]);
    assert_eq!(stdout(&output), "/x \"\\u{1b}[2J\"\n");
}

#[test]
fn orders_may_wait_for_the_next_bar() {
    /// Done with the third ping.
    fn late(said: &Message) -> Vec<Message> {
        use std::sync::atomic::AtomicUsize;
        static PINGS: AtomicUsize = AtomicUsize::new(0);
        if said.address != "/ping" {
            return Vec::new();
        }
        let mut answers = vec![message("/pong", &[])];
        if PINGS.fetch_add(1, Ordering::Relaxed) == 2 {
            answers.push(message("/done", &["/pattern/load".into(), "loaded 3".into()]));
        }
        answers
    }
    check(&Engine::start(late).osc(&["load", "3", "--timeout", "0.3"]), 0, "loaded 3\n", "");
}

#[test]
fn what_is_written_wrongly_is_never_sent() {
    let engine = Engine::start(proper);
    let wrong = |args: &[&str], code: &str| {
        let output = engine.osc(args);
        assert!(stderr(&output).starts_with(code), "{}", stderr(&output));
        assert_eq!((stdout(&output), output.status.code()), ("", Some(2)));
    };
    wrong(&["send", "mod/bass/gain", "1"], "bad-address");
    wrong(&["list", "/a[b"], "bad-address");
    wrong(&["watch", "bass"], "bad-address");
    wrong(&["send", "/x", "i:fast"], "bad-osc-value");
    wrong(&["send", "/x", &"x".repeat(70_000)], "cannot-send");
    wrong(&["send", "/x", "--at", "soon"], "error: invalid value 'soon' for '--at <SECONDS>': write seconds");
    wrong(&["load"], "error: the following required arguments were not provided");
    assert_eq!(engine.heard(), []);
    let output = chronus(Path::new("."), &["osc", "ping", "--to", "127.0.0.1"]);
    let said =
        "bad-host\n\n  × `127.0.0.1` has no port\n  help: write `HOST:PORT`, such as `127.0.0.1:5005`\n";
    check(&output, 2, "", said);
    let output = chronus(Path::new("."), &["osc", "send", "bass.gain", "1"]);
    let said = "bad-address\n\n  × the address `bass.gain` doesn't begin with `/`\n  help: perhaps `/mod/bass/gain`; `chronus osc list` shows every address\n";
    check(&output, 2, "", said);
}

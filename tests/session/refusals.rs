//! Nothing is passed over in silence: what has too many arguments, what is no slot, what has blown up.

use std::net::UdpSocket;
use std::path::Path;
use std::time::{Duration, Instant};

use chronus::live::address_commands::COMMANDS;
use chronus::live::replay::Replay;
use chronus::live::take::Take;
use chronus::modules::spec::BLOCK;
use chronus::osc::message::{Arg, Message};
use chronus::osc::packet::{read, write};

use crate::peers::Engine;
use crate::rig::{Rig, config, f, s};

const SONG: &str =
    "song bars=8\ninstrument a {\n saw osc\n adsr env\n route osc -> out vca=env\n}\ntrack a X...\n";
/// A loop that runs away at once.
const RUNAWAY: &str = "song bars=64\nsine a freq=220\nsum r\nroute a -> r -> out gain=0.1\nroute r -> r gain=8 feedback=#true\n";

#[test]
fn arguments_too_many_are_refused_and_nothing_is_done() {
    let mut rig = Rig::new(SONG);
    let many = || (0..9).map(|_| Arg::Int(1)).collect::<Vec<_>>();
    for command in COMMANDS {
        let any = command.args.contains("anything") || command.args.contains("key=value");
        // `/seq/loop` and `/seq/goto` take a place in several forms; what is wrong with those is said of the place.
        let address =
            command.address.replace("<control>", "a/gain").replace("<instrument>", "a").replace("<id>", "a");
        let (host_requests, lines, errors) =
            (rig.host_requests.len(), rig.take.lines.len(), rig.errors.len());
        rig.say(&address, &many());
        if any {
            continue;
        }
        assert_eq!(rig.errors.len(), errors + 1, "{address}: {:?}", rig.errors.last());
        assert_eq!(
            (rig.host_requests.len(), rig.take.lines.len()),
            (host_requests, lines),
            "{address} does something"
        );
        let error = rig.errors.last().unwrap();
        assert!(error.contains("too many arguments"), "{address}: {error}");
    }
    // One more than the most is too many already, and as many as there may be are fine.
    for (address, args, fine) in [
        ("/mod/a/gain", vec![f(0.5)], true),
        ("/mod/a/gain", vec![f(0.5), f(0.1)], false),
        ("/note/a", vec![s("c4"), f(0.5), f(0.1)], true),
        ("/note/a", vec![s("c4"), f(0.5), f(0.1), f(0.1)], false),
        ("/seq/bpm", vec![f(100.0), f(1.0)], false),
        ("/engine/panic", vec![], true),
        ("/engine/panic", vec![Arg::Int(1), Arg::Int(1)], false),
    ] {
        let errors = rig.errors.len();
        rig.say(address, &args);
        assert_eq!(rig.errors.len() == errors, fine, "{address} {args:?}: {:?}", rig.errors.last());
    }
}

#[test]
fn a_slot_is_a_whole_number() {
    let mut rig = Rig::new(SONG);
    for slot in [1.5, -1.0, 0.25, 1e9, f64::NAN, f64::INFINITY] {
        let errors = rig.errors.len();
        for address in ["/pattern/save", "/pattern/load"] {
            rig.say(address, &[Arg::Float(slot as f32)]);
            rig.say(address, &[Arg::Double(slot)]);
        }
        assert_eq!(rig.errors.len(), errors + 4, "{slot}: {:?}", rig.errors);
        assert!(rig.host_requests.is_empty(), "{slot}");
    }
    assert!(rig.errors[0].contains("/pattern/save"), "{:?}", rig.errors);
    rig.say("/pattern/save", &[Arg::Float(2.0)]);
    assert_eq!(rig.host_requests.len(), 1);
}

/// A line of a take that does nothing in its song is no take of it: the first is named, by its frame, what it says and why.
#[test]
fn lines_of_takes_that_do_nothing_are_named() {
    let replay = |line: &str| {
        let text = format!(
            "take \"s.kdl\" rate=48000 from=0 ends=#false #\"\"\"\n{SONG}\n\"\"\"#\nat 64 \"/mod/a/gain\" 0.5\n{line}\nend 640\n"
        );
        let take = Take::read(&text).map_err(|(line, why)| format!("line {line}: {why}"))?;
        let mut replay =
            Replay::new(take, Path::new("test.take.kdl"), config()).unwrap_or_else(|_| panic!("a song"));
        let mut block = [[0.0; 2]; BLOCK];
        while !replay.is_over(false) {
            replay.block(&mut block).unwrap_or_else(|_| panic!("a song"));
            if let Some(why) = replay.refused() {
                return Err(why.to_owned());
            }
        }
        Ok(())
    };
    assert_eq!(replay("at 128 \"/seq/mute\" \"a\" #true"), Ok(()));
    for (line, why) in [
        ("at 128 \"/mod/a/nothing\" 1", "at 128: `/mod/a/nothing 1`: no such control"),
        ("at 128 \"/nowhere\"", "no such address"),
        ("at 128 \"/mod/a/gain\" \"loud\"", "at 128"),
        ("at 128 \"/seq/bpm\" 100 1", "too many arguments"),
        ("at 128 \"/seq/mute\" \"b\" #true", "at 128"),
    ] {
        let said = replay(line).expect_err(line);
        assert!(said.contains(why), "{line}: {said}");
    }
}

/// Whoever has subscribed gets the blow-up of a loop, once, from the engine's port, and the engine plays on.
#[test]
fn a_blow_up_is_told_to_subscribers_once() {
    let engine = Engine::playing(RUNAWAY);
    let client = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    client.set_read_timeout(Some(Duration::from_millis(50))).expect("a limit");
    let say =
        |address: &str| client.send_to(&write(&Message::new(address, [])), engine.at).expect("it is sent");
    say("/subscribe");
    let mut buffer = vec![0; 65_536];
    let mut errors = Vec::new();
    let mut heard = |until: Duration, enough: &dyn Fn(&[Message], &Message) -> bool| {
        let start = Instant::now();
        while start.elapsed() < until {
            let Ok((length, from)) = client.recv_from(&mut buffer) else { continue };
            assert_eq!(from, engine.at);
            for timed in read(&buffer[..length]).expect("a packet").messages {
                if timed.message.address == "/error" {
                    errors.push(timed.message.clone());
                }
                if enough(&errors, &timed.message) {
                    return errors.clone();
                }
            }
        }
        errors.clone()
    };
    let told = heard(Duration::from_secs(20), &|errors, _| !errors.is_empty());
    assert_eq!(told.len(), 1, "nothing is told");
    let text = |place: usize| told[0].args[place].text().unwrap_or_default();
    assert_eq!(text(0), "r");
    assert!(
        text(1).starts_with("module `r` blew up (past +60 dBFS") && text(1).contains("turn down"),
        "{told:?}"
    );
    // It blows up again hundreds of times in a second, and goes on.
    let told = heard(Duration::from_secs(1), &|_, _| false);
    assert_eq!(told.len(), 1, "{told:?}");
    say("/ping");
    heard(Duration::from_secs(20), &|_, message| message.address == "/pong");
    assert_eq!(engine.thread.view(|view| view.errors), 1);
    engine.end();
}

/// Of a chain without a loop the module is named that passes the bound first, though it is only looked for when the output has.
#[test]
fn the_module_in_a_chain_is_named_live() {
    let chain = "song bars=64\nsine o freq=220\nvca a gain=16\nvca b gain=16\nvca c gain=1\nsum d\nroute o -> a -> b -> c -> d -> out\n";
    let mut rig = Rig::new(chain);
    rig.play_to(20_032);
    assert!(rig.faults.is_empty(), "{:?}", rig.faults);
    rig.say("/mod/c/gain", &[f(16.0)]);
    rig.play_to(60_032);
    assert_eq!(rig.faults, ["c: module `c` went past +60 dBFS, and `out` was silenced"]);
    assert!(rig.heard.iter().flatten().all(|x| x.abs() <= 1_000.0));
    let rendered = crate::takes::again(&rig.take());
    assert!(rendered == rig.heard, "the take differs");
}

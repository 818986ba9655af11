//! `osc`: any bytes go through the whole way of a packet without a panic: read, matched as a pattern, written and read again, heard by a
//! session that plays, carried out by its performance. What is heard stays finite, and no name leads out of the song's folder.

use std::cell::RefCell;

use chronus::engine::commands::TimedCommand;
use chronus::engine::performance::Performance;
use chronus::live::outcome::HostRequest;
use chronus::live::session::{Session, SessionConfig, is_plain_name};
use chronus::modules::spec::BLOCK;
use chronus::osc::message::Arg;
use chronus::osc::packet::{read, write, write_bundle};
use chronus::osc::pattern::AddressPattern;

const SONG: &str = "song tempo=240\nknob level 0.5\ninstrument a voices=2 {\n saw osc\n lowpass tone\n adsr env\n \
                    route osc -> tone -> out vca=env\n}\ndelay echo time=\"1/8\"\nadsr swell\nroute a -> out\nroute a -> echo -> out\n\
                    route level -> echo.mix by=0.1\nsection one bars=1 {\n track a \"X.x<x .>\"\n}\nsection two bars=1 {\n track a \"x\"\n}\n\
                    arrange one two\n";

thread_local! {
    /// What plays, and how many packets it has heard.
    static PLAYED: RefCell<Option<(Session, Performance, u32)>> = const { RefCell::new(None) };
}

fn begin() -> (Session, Performance, u32) {
    let config = SessionConfig {
        path: "fuzz.kdl".into(),
        outside: false,
        rate: 8_000,
        ends: false,
        ..SessionConfig::default()
    };
    let (session, performance) = Session::begin(config, SONG).unwrap_or_else(|_| panic!("a song"));
    (session, performance, 0)
}

/// Hears `data`.
pub fn osc(data: &[u8]) {
    let Ok(packet) = read(data) else { return };
    for timed in &packet.messages {
        let message = &timed.message;
        assert!(timed.time.seconds_from(0).is_finite() && !message.to_string().is_empty());
        let pattern = AddressPattern::new(&message.address);
        let matched = pattern.matches(&message.address);
        assert!(matched || !pattern.is_plain());
        assert!(!matched || pattern.fault().is_none());
        assert!(message.args.iter().all(|arg| arg.number().is_none_or(f64::is_finite)));
        let whole = !message.args.iter().any(|arg| matches!(arg, Arg::Other(_)));
        // NaN isn't itself, so what is compared are the bytes.
        let written = write(message);
        let again = read(&written).expect("what was written can be read");
        assert!(!whole || write(&again.messages[0].message) == written);
        read(&write_bundle(timed.time, std::slice::from_ref(message))).expect("so can a bundle");
    }
    PLAYED.with_borrow_mut(|played| {
        // Begun anew now and then, so that what is found can be found again.
        if played.as_ref().is_some_and(|(.., heard)| *heard == 64) {
            *played = None;
        }
        let (session, performance, count) = played.get_or_insert_with(begin);
        *count += 1;
        for (number, timed) in packet.messages.iter().take(64).enumerate() {
            let heard = session.hear(&timed.message);
            for wish in heard.host_requests {
                match wish {
                    HostRequest::Save(name, _)
                    | HostRequest::Load(name, _)
                    | HostRequest::Record(Some(name)) => {
                        assert!(is_plain_name(&name), "{name}");
                    }
                    _ => {}
                }
            }
            for command in heard.commands {
                performance.enqueue(TimedCommand { frame: 0, number: number as u64, command });
            }
        }
        let mut block = [[0.0; 2]; BLOCK];
        for _ in 0..4 {
            performance.block(&mut block);
            performance.reports().for_each(drop);
            assert!(block.as_flattened().iter().all(|sample| sample.is_finite()));
        }
    });
}

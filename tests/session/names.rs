//! Second names of controls: whatever name is used, every name is told.

use std::time::{Duration, Instant};

use chronus::osc::message::{Arg, Message};

use crate::peers::Engine;
use crate::rig::{Rig, f};
use crate::times::Client;

const SONG: &str = "song bars=400 tempo=240\ninstrument a {\n saw osc\n lowpass tone cutoff=\"2kHz\"\n adsr env\n route osc -> tone -> out vca=env\n \
                    alias filter.freq tone.cutoff min=50 max=8000\n}\nalias bright.freq a.filter.freq\ntrack a X...\n";

/// What is reported controls until each of `addresses` was told of with `value`.
fn told(client: &Client, addresses: &[&str], value: Option<f64>) {
    let until = Instant::now() + Duration::from_secs(10);
    let mut missing: Vec<&str> = addresses.to_vec();
    while !missing.is_empty() {
        assert!(Instant::now() < until, "{missing:?} with {value:?}");
        let Message { address, args } = client.hear();
        if address == "/param" && args[1].number() == value {
            missing.retain(|wanted| args[0].text() != Some(wanted));
        }
    }
}

#[test]
fn a_control_is_told_under_each_of_its_names() {
    let engine = Engine::in_time(SONG);
    let (subscriber, client) = (Client::of(&engine), Client::of(&engine));
    subscriber.say("/subscribe", &[]);
    let names = ["/mod/a/tone/cutoff", "/mod/a/filter/freq", "/mod/bright/freq"];
    for (place, used) in names.into_iter().enumerate() {
        let value = 500.0 + 100.0 * place as f32;
        client.say(used, &[f(value)]);
        told(&subscriber, &names, Some(f64::from(value)));
        for name in names {
            assert_eq!(client.stands(name), Some(f64::from(value)), "{name}");
        }
        // The name that was used comes first.
        let path = used.trim_start_matches("/mod/").replace('/', ".");
        let until = Instant::now() + Duration::from_secs(10);
        while engine.thread.view(|view| view.put.first().is_none_or(|put| put.path != path)) {
            assert!(Instant::now() < until, "{path}: {:?}", engine.thread.view(|view| view.put.clone()));
            std::thread::sleep(Duration::from_millis(5));
        }
        let put = engine.thread.view(|view| view.put.clone());
        assert_eq!((put.len(), put[0].others.len()), (1, 2), "{put:?}");
        assert!(place == 0 || put[0].others[0] == "a.tone.cutoff", "{put:?}");
        assert_eq!(put[0].range, if place == 0 { (20.0, 20_000.0) } else { (50.0, 8_000.0) });
    }
    client.say("/mod/a/filter/freq/auto", &[]);
    told(&subscriber, &names, Some(2_000.0));
    engine.end();
}

#[test]
fn second_names_say_what_they_stand_for() {
    let rig = Rig::new(SONG);
    let own = |address: &str| {
        let rows = rig.session.schema();
        let row = rows.iter().find(|row| row["address"] == address);
        row.expect("it is listed")["own"].clone()
    };
    assert_eq!(own("/mod/a/filter/freq"), "/mod/a/tone/cutoff");
    assert_eq!(own("/mod/bright/freq"), "/mod/a/tone/cutoff");
    assert!(own("/mod/a/tone/cutoff").is_null() && own("/ping").is_null());
    let mut rig = rig;
    rig.say("/mod/bright/freq", &[Arg::Float(0.9)]);
    assert!(rig.session.saved(None).unwrap().contains("\nset a.tone.cutoff 50\n"));
}

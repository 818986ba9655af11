//! Blow-ups while a song is played: held, told once, healed by turning it down; a take of them gives the same samples.

use chronus::dsp::loudest::{LOUDEST, is_within};

use crate::rig::{Rig, f};
use crate::takes::again;

/// A bus that hears itself by a named route, whose gain can be played.
fn song(gain: f64) -> String {
    format!(
        "song bars=64 tempo=120\nsine a freq=220\nsum r\nroute a -> r gain=0.1\nroute r -> out\nroute r -> r gain={gain} feedback=#true id=back\n"
    )
}

#[test]
fn turning_it_down_heals() {
    let mut calm = Rig::new(&song(0.25));
    calm.play_to(300_032);
    assert!(calm.faults.is_empty());
    let mut rig = Rig::new(&song(0.25));
    rig.play_to(50_048);
    rig.say("/mod/back/gain", &[f(16.0)]);
    rig.play_to(100_032);
    rig.say("/mod/back/gain", &[f(0.25)]);
    rig.play_to(200_000);
    rig.say("/mod/back/gain", &[f(16.0)]);
    rig.play_to(220_032);
    rig.say("/mod/back/gain", &[f(0.25)]);
    rig.play_to(300_032);
    // Once, however often it happens.
    assert_eq!(rig.faults.len(), 1, "{:?}", rig.faults);
    assert!(rig.faults[0].starts_with("r: module `r` blew up"), "{:?}", rig.faults);
    assert!(rig.heard.iter().flatten().all(|x| is_within(*x, LOUDEST)));
    // A knob takes 20 ms to get there, and the loop a few rounds more.
    let same = |range: std::ops::Range<usize>| {
        range.clone().all(|at| (rig.heard[at][0] - calm.heard[at][0]).abs() < 1e-4)
    };
    assert!(same(0..50_048) && !same(60_000..61_000));
    assert!(same(110_000..200_000) && same(230_000..300_032));
    let rendered = again(&rig.take());
    assert!(rendered == rig.heard, "the take differs");
}

#[test]
fn an_edit_heals_too() {
    let mut rig = Rig::new(&song(16.0));
    rig.play_to(48_000);
    assert_eq!(rig.faults.len(), 1);
    rig.reload(&song(0.25), false);
    rig.play_to(200_000);
    let mut calm = Rig::new(&song(0.25));
    calm.play_to(200_000);
    assert!((100_000..200_000).all(|at| (rig.heard[at][0] - calm.heard[at][0]).abs() < 1e-4));
    assert_eq!(rig.faults.len(), 1, "{:?}", rig.faults);
    // A song that blows up anew tells anew.
    rig.reload(&song(15.0), false);
    rig.play_to(300_032);
    assert_eq!(rig.faults.len(), 2, "{:?}", rig.faults);
}

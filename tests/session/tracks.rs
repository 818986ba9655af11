//! Tracks that are added, changed, muted and taken away while a song plays.

use chronus::osc::message::Arg;

use crate::rig::{Rig, onsets, s};

const SONG: &str = "song bars=16 tempo=120 tail=0\ninstrument a velocity=0 {\n noise hiss\n decay env time=0.004\n vca level gain=1\n \
    route hiss -> level -> out vca=env\n alias amp level.gain min=0 max=1\n}\ninstrument b velocity=0 {\n noise hiss\n decay env time=0.004\n \
    route hiss -> out vca=env\n}\ntrack b grid=\"1/4\" \"....\" \"....\"\n";

/// A sixteenth at 120 quarter notes a minute.
const STEP: usize = 6_000;

fn hits(rig: &Rig, from: usize) -> Vec<usize> {
    onsets(&rig.heard[from..], 2_500)
}

#[test]
fn a_track_comes_in_at_the_next_bar_and_loops() {
    let mut rig = Rig::new(SONG);
    rig.play_to(10_048);
    rig.say("/seq/add", &[s("hat"), s("a"), s("X..X.")]);
    assert_eq!(rig.errors, Vec::<String>::new());
    rig.play_to(96_000 * 2 - 3_200);
    let found = hits(&rig, 0);
    let wanted: Vec<usize> =
        (0..16).filter(|step| [0, 3].contains(&(step % 5))).map(|step| 96_000 + step * STEP).collect();
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    assert!(
        found.iter().zip(&wanted).all(|(found, wanted)| (*wanted..wanted + 10).contains(found)),
        "{found:?}"
    );
    rig.say("/seq/update/pattern", &[s("hat"), s("X...............")]);
    rig.say("/seq/update/pattern", &[s("hat"), s("X..{y")]);
    assert_eq!(rig.errors.len(), 1, "{:?}", rig.errors);
    rig.play_to(96_000 * 4 - 6_400);
    let found = hits(&rig, 96_000 * 2 - 1_000);
    assert_eq!(found.len(), 2, "{found:?}");
    rig.say("/seq/remove", &[s("hat")]);
    rig.play_to(96_000 * 6);
    assert_eq!(hits(&rig, 96_000 * 4 + 12_000), Vec::<usize>::new());
    rig.say("/seq/remove", &[s("hat")]);
    assert_eq!(rig.errors.len(), 2);
}

#[test]
fn hits_set_the_level_of_their_voice() {
    let mut rig = Rig::new(SONG);
    rig.say("/seq/add", &[s("t"), s("a"), s("X..............."), s("base_amp=0.25")]);
    rig.play_to(96_000);
    let peak = rig.left(0..96_000).iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    assert!((0.1..=0.26).contains(&peak), "{peak}");
}

#[test]
fn muted_tracks_rest_and_solo_ones_are_alone() {
    let mut rig = Rig::new(SONG);
    rig.say("/seq/add", &[s("one"), s("a"), s("X...............")]);
    rig.say("/seq/add", &[s("two"), s("b"), s("........X.......")]);
    rig.play_to(90_048);
    assert_eq!(hits(&rig, 0).len(), 2);
    rig.say("/seq/mute", &[s("one"), Arg::Int(1)]);
    rig.play_to(96_000 * 2 - 6_400);
    assert_eq!(hits(&rig, 90_000).len(), 1);
    rig.say("/seq/solo", &[s("one"), Arg::Bool(true)]);
    rig.play_to(96_000 * 3 - 6_400);
    let found = hits(&rig, 96_000 * 2 - 2_000);
    assert_eq!(found.len(), 1);
    assert!(found[0] < 2_100, "{found:?}");
    rig.say("/seq/solo", &[s("nobody"), Arg::Bool(true)]);
    assert_eq!(rig.errors.len(), 1);
}

#[test]
fn what_is_wrong_with_a_track_is_said() {
    let mut rig = Rig::new(SONG);
    rig.say("/seq/add", &[s("t"), s("aa"), s("X")]);
    rig.say("/seq/add", &[s("t"), s("a")]);
    rig.say("/seq/add", &[s("t"), s("a"), s("X"), s("loudness=3")]);
    rig.say("/seq/add", &[s("t"), s("a"), s("X"), s("notes=c4 h7")]);
    rig.say("/seq/add", &[s("t"), s("a"), s("")]);
    rig.say("/seq/add", &[s("t"), s("a"), s("X\" bars=4 \"")]);
    let told = rig.errors.join("\n");
    assert_eq!(rig.errors.len(), 6, "{told}");
    assert!(told.contains("did you mean a?") && told.contains("no such key: loudness"), "{told}");
    for number in 0..200 {
        rig.say("/seq/add", &[s(&format!("t{number}")), s("a"), s("X")]);
    }
    assert!(rig.errors.last().unwrap().contains("as many tracks as there can be"), "{:?}", rig.errors.last());
}

#[test]
fn swing_moves_every_second_sixteenth() {
    let mut rig = Rig::new(SONG);
    rig.say("/seq/swing", &[Arg::Float(0.5)]);
    rig.say("/seq/add", &[s("t"), s("a"), s("XX..............")]);
    rig.play_to(96_000);
    let found = hits(&rig, 0);
    assert_eq!(found.len(), 2);
    // Half way to the next eighth and half of the rest: 75 % of 12,000 frames.
    assert!((8_990..9_012).contains(&(found[1] - found[0])), "{found:?}");
}

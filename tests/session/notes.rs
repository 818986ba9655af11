//! Gates and notes from outside.

use chronus::osc::message::Arg;

use crate::rig::{Rig, f, onset, onsets, roughness, s};

const SONG: &str = "song bars=16 tempo=120 tail=0\ninstrument a voices=4 velocity=0 {\n sine tone\n adsr env attack=0.001 decay=0 sustain=1 \
    release=0.01\n route tone -> out vca=env\n}\ninstrument mono velocity=0 {\n sine tone\n adsr env attack=0.001 decay=0 sustain=1 release=0.01\n \
    route tone -> out vca=env\n}\nadsr swell attack=0.001 release=0.01\nsine drone freq=100\nroute drone -> out vca=swell\nroute a -> out\nroute mono -> out\n";

#[test]
fn a_gate_opens_at_once_and_closes_at_once() {
    let mut rig = Rig::new(SONG);
    rig.play_to(6_400);
    assert!(rig.heard.iter().all(|frame| frame[0] == 0.0));
    rig.say("/gate/a", &[Arg::Int(1), s("a4")]);
    rig.play_to(12_800);
    assert!((6_400..6_410).contains(&onset(&rig.heard, 0)), "{}", onset(&rig.heard, 0));
    rig.say("/gate/a", &[Arg::Bool(false)]);
    rig.play_to(19_200);
    let last = rig.heard.iter().rposition(|frame| frame[0].abs() > 1e-4).unwrap();
    assert!((12_800..12_800 + 4_000).contains(&last), "{last}");
    assert!(roughness(&rig.left(0..19_200)) < 0.1);
}

#[test]
fn a_whole_note_lasts_as_long_as_it_says() {
    let mut rig = Rig::new(SONG);
    rig.say_at(1_000, "/note/mono", &[Arg::Int(69), f(1.0), f(0.1)]);
    rig.play_to(12_800);
    assert!((1_000..1_010).contains(&onset(&rig.heard, 0)));
    let sounding = rig.left(2_000..5_700).iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    assert!(sounding > 0.9);
    // Its gate closes at frame 5,800; the release is 10 ms.
    assert!(rig.left(5_800 + 2_500..12_800).iter().all(|x| x.abs() < 1e-4));
}

#[test]
fn notes_are_opened_and_closed_by_key() {
    let mut rig = Rig::new(SONG);
    rig.say("/gate/a", &[f(1.0), Arg::Int(57)]);
    rig.say("/gate/a", &[f(1.0), Arg::Int(69)]);
    rig.play_to(9_600);
    rig.say("/gate/a", &[f(0.0), Arg::Int(57)]);
    rig.play_to(24_000);
    // What is left is 440 Hz alone.
    let heard = rig.left(19_200..24_000);
    let crossings = heard.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    assert!((43..=45).contains(&crossings), "{crossings}");
    rig.say("/gate/a", &[Arg::Int(0)]);
    rig.play_to(30_400);
    assert!(rig.left(28_000..30_400).iter().all(|x| x.abs() < 1e-4));
}

#[test]
fn more_notes_than_voices_click_nowhere() {
    let mut rig = Rig::new(SONG);
    for number in 0..40_u64 {
        rig.say_at(1_000 + number * 700, "/note/a", &[Arg::Int(50 + number as i32 % 13), f(0.5), f(2.0)]);
    }
    rig.play_to(38_400);
    assert_eq!(rig.errors, Vec::<String>::new());
    assert!(roughness(&rig.left(0..38_400)) < 0.35, "{}", roughness(&rig.left(0..38_400)));
}

#[test]
fn a_gate_of_the_top_level_opens_and_closes() {
    let mut rig = Rig::new(SONG);
    rig.say("/gate/swell", &[Arg::Int(1)]);
    rig.play_to(9_600);
    assert!(rig.left(2_000..9_600).iter().any(|x| x.abs() > 0.3));
    rig.say("/gate/swell", &[Arg::Int(0)]);
    rig.play_to(19_200);
    assert!(rig.left(14_400..19_200).iter().all(|x| x.abs() < 1e-4));
}

#[test]
fn strangers_are_told_what_there_is() {
    let mut rig = Rig::new(SONG);
    rig.say("/gate/sweel", &[Arg::Int(1)]);
    rig.say("/note/mona", &[Arg::Int(60)]);
    rig.say("/note/a", &[s("h9")]);
    rig.say("/gate/a", &[]);
    rig.say("/nonsense", &[]);
    assert_eq!(rig.errors[0], "/error /gate/sweel \"no such gate; did you mean /gate/swell?\"");
    assert_eq!(rig.errors[1], "/error /note/mona \"no such instrument; did you mean mono?\"");
    assert_eq!(rig.errors.len(), 5);
    rig.play_to(3_200);
    assert!(onsets(&rig.heard, 100).is_empty());
}

#[test]
fn the_studio_answers_clients_of_old() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/songs/studio.kdl")).unwrap();
    let mut rig = Rig::new(&text);
    rig.say("/seq/stop", &[]);
    rig.say("/mod/voice1/osc/type", &[Arg::Int(0)]);
    rig.say("/mod/sine1/freq", &[Arg::Int(440)]);
    rig.say("/mod/voice1/filter/freq", &[f(8_000.0)]);
    rig.say("/mod/voice1/amp", &[f(0.9)]);
    rig.say("/gate/voice1", &[Arg::Bool(true)]);
    rig.play_to(48_000);
    assert_eq!(rig.errors, Vec::<String>::new());
    let heard = rig.left(24_000..48_000);
    let crossings = heard.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    assert!((218..=222).contains(&crossings), "{crossings} cycles in half a second");
    // A note of its own brings its own pitch.
    rig.say("/gate/voice1", &[Arg::Int(1), s("a3")]);
    rig.play_to(96_000);
    let heard = rig.left(72_000..96_000);
    let crossings = heard.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    assert!((108..=112).contains(&crossings), "{crossings} cycles in half a second");
}

#[test]
fn a_gate_that_closes_in_the_block_in_which_it_opens_doesnt_hang() {
    let mut rig = Rig::new(SONG);
    for _ in 0..6 {
        rig.say("/gate/a", &[Arg::Int(1)]);
        rig.say("/gate/a", &[Arg::Int(0)]);
        rig.say("/gate/mono", &[Arg::Int(1)]);
        rig.say("/gate/mono", &[Arg::Int(0)]);
        let next = rig.performance.frame() + 320;
        rig.play_to(next);
    }
    rig.play_to(48_000);
    assert!(rig.left(40_000..48_000).iter().all(|x| x.abs() < 1e-4), "a note hangs");
}

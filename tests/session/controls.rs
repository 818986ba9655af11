//! Controls taken over and handed back.

use chronus::osc::message::Arg;

use crate::rig::{Rig, f, roughness, s};

/// A level that can be read off the output: a knob, which is led there.
fn steady() -> String {
    "song bars=8 tempo=120 tail=0\nknob level 0.5\nroute level -> out\n".to_owned()
}

#[test]
fn a_control_goes_where_it_is_put_in_twenty_milliseconds() {
    let mut rig = Rig::new(&steady());
    rig.play_to(6_400);
    rig.say("/mod/level", &[f(1.0)]);
    rig.play_to(12_800);
    let heard = rig.left(0..12_800);
    assert_eq!(heard[6_399], 0.5);
    // A straight line of 960 frames, and then exactly there.
    assert!((heard[6_400 + 480] - 0.75).abs() < 0.001, "{}", heard[6_880]);
    assert_eq!(heard[6_400 + 960..], vec![1.0; 12_800 - 7_360]);
    assert!(roughness(&heard) < 0.5 / 950.0);
    rig.say("/mod/level/auto", &[]);
    rig.play_to(19_200);
    assert_eq!(rig.left(12_800 + 960..19_200), vec![0.5; 19_200 - 13_760]);
    assert!(roughness(&rig.left(0..19_200)) < 0.5 / 950.0);
}

#[test]
fn values_are_held_in_their_range_and_nonsense_changes_nothing() {
    let mut rig = Rig::new(&steady());
    rig.say("/mod/level", &[Arg::Int(7)]);
    rig.play_to(6_400);
    assert_eq!(rig.heard.last().unwrap()[0], 1.0);
    for arg in [f(f32::NAN), f(f32::INFINITY), s("0.3"), Arg::Nil, Arg::Blob(vec![1, 2])] {
        rig.say("/mod/level", &[arg]);
    }
    assert_eq!(rig.errors.len(), 5, "{:?}", rig.errors);
    rig.say("/mod/levle", &[f(0.1)]);
    assert_eq!(rig.errors[5], "/error /mod/levle \"no such control; did you mean /mod/level?\"");
    rig.play_to(12_800);
    assert_eq!(rig.heard.last().unwrap()[0], 1.0);
}

#[test]
fn a_action_meant_for_a_frame_begins_there() {
    let mut rig = Rig::new(&steady());
    rig.say_at(10_007, "/mod/level", &[f(0.9)]);
    rig.play_to(12_800);
    let heard = rig.left(0..12_800);
    assert_eq!(heard[10_006], 0.5);
    assert!(heard[10_008] > 0.5, "{}", heard[10_008]);
}

#[test]
fn patterns_mean_all_that_match() {
    let song = "song bars=8 tail=0\nknob a 0.1\nknob b 0.2\nknob other 0.3\nroute a -> out\nroute b -> out\nroute other -> out\n";
    let mut rig = Rig::new(song);
    rig.say("/mod/[ab]", &[f(0.0)]);
    rig.play_to(6_400);
    assert_eq!(rig.heard.last().unwrap()[0], 0.3);
    rig.say("/engine/auto", &[]);
    rig.play_to(12_800);
    assert!((rig.heard.last().unwrap()[0] - 0.6).abs() < 1e-6);
    rig.say("/mod/zz*", &[f(0.0)]);
    assert_eq!(rig.errors.len(), 1);
}

#[test]
fn what_is_put_stays_put_against_automation_until_it_is_handed_back() {
    let song = "song bars=4 tempo=120 tail=0\nknob level 0.0\nroute level -> out\nautomate level from=0 to=1 bars=\"1..4\"\n";
    let mut rig = Rig::new(song);
    rig.play_to(96_000);
    rig.say("/mod/level", &[f(0.5)]);
    rig.play_to(192_000);
    assert_eq!(rig.left(97_000..192_000), vec![0.5; 95_000]);
    rig.say("/mod/level/auto", &[]);
    rig.play_to(288_000);
    // Half of the way was gone meanwhile.
    assert!((rig.heard[240_000][0] - 0.625).abs() < 1e-4, "{}", rig.heard[240_000][0]);
    assert!(roughness(&rig.left(0..288_000)) < 0.002);
}

#[test]
fn the_balance_of_an_instrument_in_the_middle_can_be_moved() {
    let song = "song bars=8 tempo=120 tail=0\ninstrument a {\n sine tone freq=200\n route tone -> out\n}\ntrack a X\n";
    let mut rig = Rig::new(song);
    rig.play_to(9_600);
    rig.say("/mod/a/pan", &[f(-1.0)]);
    rig.say("/note/a", &[Arg::Int(60), f(1.0), f(1.0)]);
    rig.play_to(24_000);
    assert_eq!(rig.errors, Vec::<String>::new());
    let right = rig.heard[14_400..24_000].iter().fold(0.0_f32, |most, frame| most.max(frame[1].abs()));
    let left = rig.heard[14_400..24_000].iter().fold(0.0_f32, |most, frame| most.max(frame[0].abs()));
    assert!(right < 1e-4 && left > 0.5, "{left} {right}");
}

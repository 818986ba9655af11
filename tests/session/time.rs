//! Tempo, places, loops, start and stop.

use chronus::osc::message::Arg;

use crate::rig::{Rig, f, onsets, s};

/// A click each quarter note.
const CLICKS: &str = "song bars=4 tempo=120 tail=0\ninstrument a velocity=0 {\n noise hiss\n decay env time=0.005\n route hiss -> out vca=env\n}\n\
    track a grid=\"1/4\" \"X X X X\"\n";

fn clicks(rig: &Rig) -> Vec<usize> {
    onsets(&rig.heard, 4_000)
}

/// Whether each of `found` is where it is wanted, but for the few frames in which a click isn't heard yet.
#[track_caller]
fn fall(found: &[usize], wanted: &[usize]) {
    assert_eq!(found.len(), wanted.len(), "{found:?} {wanted:?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((*wanted..wanted + 12).contains(found), "{found} for {wanted}");
    }
}

#[test]
fn tempo_changes_keep_the_phase() {
    let mut rig = Rig::new(CLICKS);
    rig.play_to(36_096);
    rig.say("/seq/bpm", &[Arg::Int(240)]);
    rig.play_to(120_000);
    // The change is heard from where the next notes aren't decided yet.
    let found = clicks(&rig);
    fall(&found[..2], &[0, 24_000]);
    let second = found[2] - found[1];
    assert!((18_000..18_400).contains(&second), "{found:?}");
    for pair in found[2..].windows(2) {
        assert!((11_990..=12_010).contains(&(pair[1] - pair[0])), "{found:?}");
    }
    rig.say("/seq/bpm/auto", &[]);
    rig.play_to(180_000);
    let pair: Vec<usize> = clicks(&rig).into_iter().rev().take(2).collect();
    assert!((23_990..=24_010).contains(&(pair[0] - pair[1])));
}

#[test]
fn standing_still_and_going_on() {
    let mut rig = Rig::new(CLICKS);
    rig.play_to(30_016);
    rig.say("/seq/stop", &[]);
    rig.play_to(100_032);
    rig.say("/seq/start", &[]);
    rig.play_to(160_000);
    let found = clicks(&rig);
    fall(&found[..2], &[0, 24_000]);
    // 18,000 frames were left of the beat, give or take what was decided already.
    assert!((117_500..118_100).contains(&found[2]), "{found:?}");
}

#[test]
fn goto_waits_for_the_bar_and_a_loop_goes_loop_range_on_its_frame() {
    let mut rig = Rig::new(CLICKS);
    rig.say("/seq/goto", &[Arg::Int(3)]);
    rig.play_to(96_000 * 3);
    // The bar that begins at frame 0 is where it goes from: two bars are left.
    assert!(rig.over.is_none_or(|over| over >= 192_000), "{:?}", rig.over);
    let mut rig = Rig::new(CLICKS);
    rig.say("/seq/loop", &[Arg::Int(1), Arg::Int(1)]);
    rig.play_to(96_000 * 5);
    fall(&clicks(&rig), &(0..20).map(|beat| beat * 24_000).collect::<Vec<_>>());
    assert_eq!(rig.over, None);
    rig.say("/seq/loop", &[]);
    rig.play_to(96_000 * 10);
    assert!(rig.over.is_some());
    rig.say("/seq/start", &[]);
    let count = clicks(&rig).len();
    rig.play_to(96_000 * 11);
    assert!(clicks(&rig).len() >= count + 3);
}

#[test]
fn sections_are_places() {
    let song = "song tempo=120 tail=0\nknob which 0\nroute which -> out\nsection one bars=2 {\n automate which to=0.1 bars=1 curve=step\n}\n\
        section two bars=2 {\n automate which from=0.5 to=0.5 bars=\"1..2\" curve=step\n}\narrange one two\n";
    let mut rig = Rig::new(song);
    rig.play_to(6_400);
    rig.say("/seq/goto", &[s("two")]);
    rig.play_to(96_000 + 9_600);
    assert_eq!(rig.errors, Vec::<String>::new());
    assert!((rig.heard[96_000 + 5_000][0] - 0.5).abs() < 1e-6, "{}", rig.heard[101_000][0]);
    rig.say("/seq/goto", &[s("three")]);
    assert_eq!(rig.errors, ["/error /seq/goto \"no section `three`: there are one, two\""]);
}

#[test]
fn note_lengths_go_with_the_tempo() {
    let song = "song bars=16 tempo=120 tail=0\ninstrument a velocity=0 {\n noise hiss\n decay env time=0.005\n route hiss -> out vca=env\n}\n\
        delay echo time=\"1/4\" feedback=0 mix=1\nroute a -> echo -> out\n";
    let mut rig = Rig::new(song);
    rig.say("/note/a", &[Arg::Int(60), f(1.0), f(0.01)]);
    rig.play_to(48_000);
    fall(&clicks(&rig), &[24_000]);
    rig.say("/seq/bpm", &[Arg::Int(240)]);
    rig.play_to(96_000);
    rig.say("/note/a", &[Arg::Int(60), f(1.0), f(0.01)]);
    rig.play_to(144_000);
    let last = *clicks(&rig).last().unwrap() as i64 - 96_000;
    assert!((12_000..12_020).contains(&last), "{last}");
}

#[test]
fn the_end_is_the_end() {
    let mut rig = Rig::new(CLICKS);
    rig.play_to(96_000 * 6);
    assert!(rig.over.is_some_and(|over| (384_000..460_000).contains(&over)), "{:?}", rig.over);
}

#[test]
fn nothing_drifts_in_eight_hours() {
    // A bar of four at 120 again and again, at a low rate: 14,400 bars.
    let mut config = crate::rig::config();
    config.rate = 8_000;
    let (mut session, mut performance) =
        chronus::live::session::Session::begin(config, CLICKS).unwrap_or_else(|_| panic!("a song"));
    let heard = session.hear(&chronus::osc::message::Message::new("/seq/loop", [Arg::Int(1), Arg::Int(1)]));
    for command in heard.commands {
        performance.enqueue(chronus::engine::commands::TimedCommand { frame: 0, number: 0, command });
    }
    let mut block = [[0.0; 2]; chronus::modules::spec::BLOCK];
    let (end, mut last, mut at) = (8_000_u64 * 3_600 * 8, 0, 0_u64);
    let mut quiet = 0;
    while at < end {
        performance.block(&mut block);
        performance.reports().for_each(drop);
        for frame in block {
            let sounds = frame[0].abs() > 1e-4;
            if sounds && quiet > 600 {
                last = at;
            }
            quiet = if sounds { 0 } else { quiet + 1 };
            at += 1;
        }
    }
    let beat = 4_000;
    assert!(last % beat < 4, "the last click is {} frames from its beat", last % beat);
    assert!(last + beat >= end - 64, "{last} of {end}");
}

#[test]
fn a_loop_holds_when_something_waits_for_its_end() {
    let mut rig = Rig::new(CLICKS);
    rig.say("/seq/loop", &[Arg::Int(2), Arg::Int(2)]);
    rig.play_to(96_000 + 48_000);
    rig.say("/seq/add", &[s("t"), s("a"), s("....")]);
    rig.play_to(96_000 * 8);
    assert_eq!(rig.errors, Vec::<String>::new());
    assert_eq!(rig.over, None);
}

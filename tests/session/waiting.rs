//! Songs that wait for their bar: what is told meanwhile, what hands do meanwhile, and that they wait whatever that is.

use chronus::modules::spec::BLOCK;
use chronus::osc::message::Arg;

use crate::rig::{Rig, f, roughness, s};
use crate::takes::again;

/// Two levels that can be read off the output, left and right, and something to be played.
fn levels(left: f64, right: f64, other: &str) -> String {
    format!(
        "song \"{left} {right}\" bars=64 tempo=120 tail=0\nknob left {left}\nknob right {right}\npan to-left pan=-1\npan to-right pan=1\n\
         vca halves gain=0.5\nroute left -> to-left -> halves -> out\nroute right -> to-right -> halves\n\
         instrument a velocity=0 {{\n sine osc\n adsr env\n route osc -> out vca=env gain=0\n}}\ntrack song play=a \"X...\"{other}\n"
    )
}

/// Where a control is told to stand.
fn stands(rig: &mut Rig, address: &str) -> Option<f64> {
    rig.answers.clear();
    rig.say(address, &[]);
    rig.answers.pop().and_then(|answer| answer.args[0].number())
}

/// The take gives what was heard.
fn is_repeatable(rig: &Rig) {
    let rendered = again(&rig.take());
    assert_eq!(
        rendered.iter().zip(&rig.heard).position(|(a, b)| a != b),
        None,
        "the take differs from there on"
    );
}

#[test]
fn an_edit_is_told_of_from_its_bar_on() {
    let mut rig = Rig::new(&levels(0.25, 0.25, ""));
    let heard = |rig: &Rig, frame: usize| rig.heard[frame];
    rig.play_to(9_600);
    let before = heard(&rig, 9_000);
    rig.reload(&levels(0.5, 0.25, " mute=#true\ntrack more play=a \"X.\"\nknob third 0.125"), true);
    rig.play_to(48_000);
    assert_eq!(rig.session.song().title, "0.25 0.25");
    assert_eq!((stands(&mut rig, "/mod/left"), rig.session.tracks().len()), (Some(0.25), 1));
    assert!(!rig.session.is_muted("song"));
    assert!(rig.session.saved(None).unwrap().contains("knob left 0.25"));
    // What only the edit has can be moved already, and is reported from the bar on as well.
    rig.say("/mod/third", &[f(0.75)]);
    rig.say("/seq/add", &[s("top"), s("a"), s("X...")]);
    rig.say("/seq/mute", &[s("more"), Arg::Bool(true)]);
    assert_eq!(
        (rig.errors.len(), rig.session.tracks().len(), rig.session.put().len()),
        (0, 1, 0),
        "{:?}",
        rig.errors
    );
    rig.play_to(95_936);
    assert_eq!((heard(&rig, 95_900), rig.session.song().title.as_str()), (before, "0.25 0.25"));
    rig.play_to(96_064);
    assert_eq!(rig.session.song().title, "0.5 0.25");
    assert_eq!((stands(&mut rig, "/mod/left"), stands(&mut rig, "/mod/third")), (Some(0.5), Some(0.75)));
    assert_eq!(rig.session.tracks().len(), 3);
    assert!(rig.session.is_muted("song") && rig.session.is_muted("more") && !rig.session.is_muted("top"));
    rig.play_to(120_000);
    assert!(heard(&rig, 119_000)[0] > 1.9 * before[0], "{:?} {before:?}", heard(&rig, 119_000));
    is_repeatable(&rig);
}

#[test]
fn what_a_hand_does_while_a_load_waits_stays() {
    let song = levels(0.25, 0.25, "");
    let mut rig = Rig::new(&song);
    rig.say("/mod/left", &[f(1.0)]);
    rig.say("/mod/right", &[f(1.0)]);
    rig.say("/seq/bpm", &[f(150.0)]);
    rig.say("/seq/mute", &[s("song"), Arg::Bool(true)]);
    rig.play_to(9_600);
    rig.load(&song, true);
    rig.play_to(19_200);
    rig.say("/mod/left", &[f(0.5)]);
    rig.say("/mod/a/pan", &[f(-0.5)]);
    rig.say("/seq/solo", &[s("song"), Arg::Bool(true)]);
    assert_eq!((stands(&mut rig, "/mod/left"), stands(&mut rig, "/mod/right")), (Some(0.5), Some(1.0)));
    assert!(rig.session.is_muted("song"));
    // The bar of the tempo that is undone there.
    rig.play_to(76_800 + 64);
    assert_eq!((stands(&mut rig, "/mod/left"), stands(&mut rig, "/mod/right")), (Some(0.5), Some(0.25)));
    assert_eq!((stands(&mut rig, "/mod/a/pan"), rig.session.is_muted("song")), (Some(-0.5), false));
    assert!(rig.session.is_solo("song") && rig.session.saved(None).unwrap().contains("tempo=120"));
    rig.play_to(96_000);
    // The left side is still where the hand has put it, and never was anywhere else.
    let left = rig.left(30_000..96_000);
    assert!(left.iter().all(|sample| (sample - left[0]).abs() < 1e-6), "{}", roughness(&left));
    let right = |frame: usize| rig.heard[frame][1];
    assert!((right(95_000) / right(70_000) - 0.25).abs() < 1e-3, "{} {}", right(95_000), right(70_000));
    is_repeatable(&rig);
}

/// An edit of a level waits for its bar though a balance is moved for the first time before it, which takes another form of both
/// songs, and though the session may not know yet that the bar has come.
#[test]
fn an_edit_waits_for_its_bar_whatever_is_moved_meanwhile() {
    let [before, after] = [0.25, 0.5].map(|left| levels(left, 0.25, ""));
    for late in [false, true] {
        let mut rig = Rig::new(&before);
        rig.play_to(9_600);
        rig.reload(&after, true);
        rig.play_to(19_200);
        rig.say("/seq/add", &[s("top"), s("a"), s("X...")]);
        if late {
            let mut block = [[0.0; 2]; BLOCK];
            while rig.performance.frame() < 96_640 {
                rig.performance.block(&mut block);
                rig.heard.extend_from_slice(&block);
            }
        }
        for (address, value) in [("/mod/a/pan", 0.5), ("/mod/a/osc/tune", 3.0), ("/mod/a/pan", -0.25)] {
            rig.say(address, &[f(value)]);
        }
        rig.play_to(120_000);
        assert_eq!(rig.errors, Vec::<String>::new());
        let left = rig.left(0..120_000);
        let [first, last] = [left[9_000], left[119_000]];
        assert!((last / first - 2.0).abs() < 1e-3, "{first} {last}");
        assert!(left[2_000..96_000].iter().all(|sample| *sample == first), "it came in early");
        assert!(left[96_600..].iter().all(|sample| (sample - last).abs() < 1e-6), "it came in late");
        assert_eq!(
            (stands(&mut rig, "/mod/a/pan"), stands(&mut rig, "/mod/a/osc/tune")),
            (Some(-0.25), Some(3.0))
        );
        if !late {
            is_repeatable(&rig);
        }
    }
}

#[test]
fn of_two_edits_in_a_bar_the_last_comes_in_at_it() {
    let mut rig = Rig::new(&levels(0.25, 0.25, ""));
    rig.say("/mod/right", &[f(1.0)]);
    rig.play_to(9_600);
    let before = rig.heard[9_000];
    rig.load(&levels(1.0, 0.25, ""), true);
    rig.play_to(19_200);
    rig.reload(&levels(0.5, 0.25, "\nknob third 0.1"), true);
    rig.say("/mod/a/pan", &[f(0.5)]);
    rig.play_to(95_936);
    assert_eq!((rig.heard[95_900], rig.session.song().title.as_str()), (before, "0.25 0.25"));
    rig.play_to(120_000);
    assert_eq!(rig.session.song().title, "0.5 0.25");
    // What the load would have undone is undone.
    assert!((rig.heard[119_000][0] / before[0] - 2.0).abs() < 1e-3);
    assert!((rig.heard[119_000][1] / before[1] - 0.25).abs() < 1e-3);
    assert_eq!(stands(&mut rig, "/mod/right"), Some(0.25));
    is_repeatable(&rig);
}

/// Tracks that wait for the bar begin there as they do without edits, whatever else waits.
#[test]
fn tracks_begin_at_their_bar_whatever_waits_there() {
    let song = "song bars=64 tempo=240 tail=0\ninstrument a velocity=0 {\n saw osc\n lowpass filter cutoff=\"2kHz\"\n vca level gain=1\n decay env time=0.1\n \
                alias amp level.gain min=0 max=1\n route osc -> filter -> level -> out vca=env\n}\n";
    let [mut plain, mut rig] = [(); 2].map(|()| Rig::new(song));
    let mut edits = 0;
    // What is said in turn, some of it again and again within a bar.
    for turn in 0..90_u64 {
        for rig in [&mut plain, &mut rig] {
            rig.play_to(turn * 7_040);
            match turn % 9 {
                0 => rig
                    .say("/seq/add", &[s("top"), s("a"), s(["X..x.", "Xx.", "X......"][turn as usize % 3])]),
                2 => rig.say("/mod/a/pan", &[f(turn as f32 / 90.0)]),
                4 => rig.say("/mod/a/osc/tune", &[f(turn as f32 / 9.0)]),
                5 => rig.say("/seq/add", &[s("more"), s("a"), s("..X"), f(100.0 + turn as f32)]),
                6 => rig.say("/mod/a/amp", &[f(0.5)]),
                7 if turn > 50 => rig.say("/seq/remove", &[s("more")]),
                _ => {}
            }
        }
        if turn % 4 != 1 {
            edits += 1;
            rig.reload(&format!("// {edits}\n{song}"), true);
        }
    }
    assert_eq!(rig.errors, plain.errors);
    let apart = rig.heard.iter().zip(&plain.heard).position(|(a, b)| a != b);
    assert_eq!(apart, None, "an edit of a comment is heard from that frame on");
}

/// What is played by hand after the end of a song isn't over until it has rung out.
#[test]
fn what_sounds_after_the_end_is_reported() {
    let mut rig = Rig::new(
        "song bars=1 tempo=240 tail=0\ninstrument a velocity=0 {\n sine osc\n adsr env release=0.1\n route osc -> out vca=env\n}\n",
    );
    rig.play_to(96_000);
    let over = rig.over.expect("it is over");
    assert!(over < 60_000, "{over}");
    rig.say("/gate/a", &[Arg::Int(1)]);
    rig.play_to(192_000);
    assert_eq!(rig.over, Some(over), "a note that is held is over");
    rig.say("/gate/a", &[Arg::Int(0)]);
    rig.play_to(288_000);
    assert!(rig.over.is_some_and(|again| again > 192_000), "{:?}", rig.over);
}

/// A control that a message has put, and that a hit has led since, is reported where the hit has put it, and saved so.
#[test]
fn a_control_is_reported_where_a_hit_has_led_it() {
    let mut rig = Rig::new(
        "song bars=8 tempo=240 tail=0\ninstrument a velocity=0 {\n sine osc\n vca level gain=1\n alias amp level.gain min=0 max=1\n route osc -> level -> out\n}\n",
    );
    rig.say("/mod/a/amp", &[f(0.9)]);
    rig.say("/seq/add", &[s("t"), s("a"), s("X...............")]);
    rig.play_to(40_000);
    assert_eq!(stands(&mut rig, "/mod/a/amp"), Some(0.9));
    rig.play_to(56_000);
    assert_eq!(stands(&mut rig, "/mod/a/amp"), Some(0.3));
    assert!(rig.session.saved(None).unwrap().contains("set a.level.gain 0.3"));
    rig.say("/mod/a/amp", &[f(0.7)]);
    rig.play_to(90_000);
    assert_eq!(stands(&mut rig, "/mod/a/amp"), Some(0.7));
}

#[test]
fn a_track_with_a_time_is_listed_when_that_comes() {
    let mut rig = Rig::new(&levels(0.25, 0.25, ""));
    rig.say_at(20_000, "/seq/add", &[s("t"), s("a"), s("X...")]);
    rig.play_to(19_968);
    assert_eq!(rig.session.tracks().len(), 1);
    rig.play_to(20_032);
    assert_eq!(rig.session.tracks().len(), 2);
    is_repeatable(&rig);
}

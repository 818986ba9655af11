//! Edits that come in while a song plays, saving, loading.

use chronus::diagnostic::report::Diagnostic;
use chronus::osc::message::Arg;

use crate::rig::{Rig, f, roughness, s};

/// A drone that never ends, beside something that an edit changes.
fn drone(other: &str) -> String {
    format!(
        "// A drone.\nsong bars=64 tempo=120 tail=0\nsine low freq=110 // stays\nknob gain 0.25\nvca level gain=0\nroute low -> level -> out\nroute gain -> level.gain by=1\n{other}"
    )
}

#[test]
fn what_an_edit_leaves_alone_rings_on() {
    let other = "sine high freq=550\nroute high -> out gain=0.1\n";
    let mut plain = Rig::new(&drone(other));
    plain.play_to(96_000 * 2);
    let mut rig = Rig::new(&drone(other));
    rig.play_to(48_000);
    // The same song with a comment: nothing at all is heard of the change.
    rig.reload(&drone(&format!("// changed\n{other}")), true);
    rig.play_to(96_000 * 2);
    assert!(rig.heard == plain.heard, "an edit of a comment is heard");
    // Without the high tone: it fades in 10 ms, and the drone goes on as it was.
    rig.reload(&drone(""), true);
    rig.play_to(96_000 * 4);
    let mut alone = Rig::new(&drone(""));
    alone.play_to(96_000 * 4);
    let from = 96_000 * 3 + 2_000;
    let [heard, wanted] = [&rig, &alone].map(|rig| rig.left(from..from + 40_000));
    let apart = heard.iter().zip(wanted).map(|(a, b)| (a - b).abs());
    assert!(apart.fold(0.0, f32::max) < 1e-6);
    assert!(roughness(&rig.left(0..96_000 * 4)) < 0.02, "{}", roughness(&rig.left(0..96_000 * 4)));
}

#[test]
fn locked_notes_and_padded_paths_go_on_as_they_were() {
    let song = |comment: &str| {
        format!(
            "{comment}song bars=64 tempo=120 tail=0\ninstrument a voices=2 {{\n saw osc\n lowpass tone cutoff=3000\n adsr env\n \
             route osc -> tone -> out vca=env\n}}\nlimiter safe\nroute a -> safe -> out\nroute a -> out gain=0.3\n\
             track a notes=\"c3 g3\" length=15 \"X_______ ________ ________ ________\" {{\n lock tone.cutoff \"400 900\"\n}}\n"
        )
    };
    let mut plain = Rig::new(&song(""));
    plain.play_to(96_000 * 3);
    let mut rig = Rig::new(&song(""));
    for (edit, second) in [1, 3, 5].into_iter().enumerate() {
        rig.play_to(48_000 * second);
        rig.reload(&song(&format!("// {edit}\n")), true);
    }
    rig.play_to(96_000 * 3);
    let apart = (0..rig.heard.len()).find(|&frame| rig.heard[frame] != plain.heard[frame]);
    assert_eq!(apart, None, "an edit of a comment is heard from that frame on");
}

#[test]
fn held_notes_and_overrides_outlast_an_edit() {
    let song = |cutoff: &str| {
        format!(
            "song bars=64 tempo=120 tail=0\ninstrument a voices=2 velocity=0 {{\n saw osc\n lowpass tone cutoff={cutoff}\n adsr env attack=0.01 decay=0 \
             sustain=1 release=0.05\n route osc -> tone -> out vca=env\n}}\n"
        )
    };
    let mut rig = Rig::new(&song("500"));
    rig.say("/gate/a", &[Arg::Int(1), s("a2")]);
    rig.say("/mod/a/tone/cutoff", &[f(300.0)]);
    rig.play_to(48_000);
    rig.reload(&song("2000"), true);
    rig.play_to(96_000 * 2);
    let heard = rig.left(0..96_000 * 2);
    let loud = |from: usize| heard[from..from + 4_800].iter().map(|x| x * x).sum::<f32>();
    // Still sounding, still as dark.
    assert!((loud(150_000) / loud(80_000) - 1.0).abs() < 0.1, "{} {}", loud(80_000), loud(150_000));
    assert!(roughness(&heard[40_000..]) < 0.1);
    rig.say("/gate/a", &[Arg::Int(0)]);
    rig.play_to(96_000 * 3);
    assert!(rig.left(96_000 * 2 + 24_000..96_000 * 3).iter().all(|x| x.abs() < 1e-4), "a note hangs");
}

#[test]
fn an_edit_with_errors_changes_nothing() {
    let mut rig = Rig::new(&drone(""));
    rig.play_to(9_600);
    let refused = rig.session.reload("song bars=1\nsine x cutoff=3\n", true);
    assert!(refused.is_err_and(|why| why.diagnostics.iter().any(Diagnostic::is_error)));
    rig.play_to(96_000 * 2);
    let mut alone = Rig::new(&drone(""));
    alone.play_to(96_000 * 2);
    assert!(rig.heard == alone.heard);
}

#[test]
fn panic_cuts_everything() {
    let song = "song bars=64 tempo=120\ninstrument a velocity=0 {\n sine osc\n adsr env sustain=1 release=10\n route osc -> out vca=env\n}\n\
        reverb hall time=20\nroute a -> hall -> out\n";
    let mut rig = Rig::new(song);
    rig.say("/gate/a", &[Arg::Int(1)]);
    rig.play_to(48_000);
    rig.say("/engine/panic", &[]);
    rig.play_to(96_000);
    assert!(rig.left(52_000..96_000).iter().all(|x| x.abs() < 1e-6));
    assert!(roughness(&rig.left(0..96_000)) < 0.1);
}

#[test]
fn what_is_saved_is_a_song_that_sounds_as_it_did() {
    let song = "// My song.\nsong \"Mine\" bars=4 tempo=120 seed=3 // fast\n\ninstrument a voices=2 { // a lead\n    saw     osc\n    lowpass tone cutoff=\"2kHz\"\n    \
        adsr    env\n    route osc -> tone -> out vca=env\n    knob bite 0.5\n    route bite -> tone.cutoff by=\"1oct\"\n}\ntrack a notes=\"c4 e4\" \"X.x. X.x. X... ....\"\n\
        track quiet play=a \"..X.\"\n";
    let mut rig = Rig::new(song);
    rig.say("/mod/a/tone/cutoff", &[f(700.0)]);
    rig.say("/mod/a/bite", &[f(0.1)]);
    rig.say("/mod/a/gain", &[f(0.5)]);
    rig.say("/seq/bpm", &[Arg::Int(150)]);
    rig.say("/seq/mute", &[s("quiet"), Arg::Int(1)]);
    rig.say("/seq/add", &[s("Hat 1"), s("a"), s("X.x. ..X."), s("notes=a4 c5")]);
    assert_eq!(rig.errors, Vec::<String>::new());
    let saved = rig.session.saved(Some("Night")).unwrap();
    for kept in [
        "// My song.",
        "// fast",
        "// a lead",
        "song \"Night\" bars=4 tempo=150 seed=3",
        "set a.tone.cutoff 700",
        "mute=#true",
    ] {
        assert!(saved.contains(kept), "{kept} is missing in\n{saved}");
    }
    // Said again, it stands there once.
    let mut again = Rig::new(&saved);
    again.say("/mod/a/tone/cutoff", &[f(800.0)]);
    let twice = again.session.saved(None).unwrap();
    assert_eq!(twice.matches("set a.tone.cutoff").count(), 1, "{twice}");
    // It sounds as the session does, from the bar on where the track had come in.
    let mut heard = Rig::new(&saved);
    heard.play_to(40_000);
    rig.play_to(40_000);
    let apart = heard
        .left(4_000..40_000)
        .iter()
        .zip(rig.left(4_000..40_000))
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(apart < 1e-3, "{apart}");
}

#[test]
fn loading_undoes_what_was_done() {
    let mut rig = Rig::new(&drone(""));
    rig.say("/mod/gain", &[f(1.0)]);
    rig.say("/seq/bpm", &[Arg::Int(60)]);
    rig.play_to(48_000);
    rig.load(&drone(""), false);
    rig.play_to(96_000);
    let peak = rig.left(60_000..96_000).iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    assert!((peak - 0.25).abs() < 1e-3 && rig.session.put().is_empty(), "{peak}");
    assert!(roughness(&rig.left(0..96_000)) < 0.05);
}

#[test]
fn decks_may_come_in_any_command() {
    let other = "sine high freq=550\nroute high -> out gain=0.1\n";
    let instrument = "instrument b {\n sine osc\n route osc -> out\n}\ntrack b X...\n";
    let mut rig = Rig::new(&format!("{}instrument a {{\n sine osc\n route osc -> out\n}}\n", drone(other)));
    rig.play_to(48_000);
    // One waits for the bar; others don't.
    rig.reload(
        &format!("{}{instrument}instrument a {{\n sine osc\n route osc -> out\n}}\n", drone("")),
        true,
    );
    rig.say("/mod/a/pan", &[f(0.5)]);
    rig.say("/seq/add", &[s("t"), s("b"), s("X...")]);
    rig.play_to(60_000);
    rig.reload(&drone(other), true);
    rig.say("/engine/panic", &[]);
    rig.play_to(70_000);
    rig.reload(&format!("{}{instrument}", drone("")), false);
    rig.reload(&drone(""), false);
    rig.play_to(96_000 * 3);
    assert!(rig.heard.iter().flatten().all(|x| x.is_finite()));
    let peak = rig.left(200_000..288_000).iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    assert!((peak - 0.25).abs() < 1e-3, "{peak}");
}

#[test]
fn a_loop_that_an_edit_leaves_behind_the_end_ends() {
    let song =
        |bars: u32| format!("song bars={bars} tempo=240 tail=0\nsine low freq=110\nroute low -> out\n");
    let mut rig = Rig::new(&song(16));
    rig.say("/seq/loop", &[Arg::Int(15), Arg::Int(16)]);
    rig.play_to(9_600);
    rig.reload(&song(2), true);
    rig.play_to(48_000 * 6);
    assert!(rig.over.is_some());
    rig.say("/seq/start", &[]);
    rig.play_to(48_000 * 7);
}

#[test]
fn a_gate_of_the_top_level_stays_open_over_an_edit() {
    let song = |comment: &str| {
        format!(
            "// {comment}\nsong bars=64 tempo=240 tail=0\nadsr env attack=0.01 sustain=1\nsine low freq=110\nroute low -> out vca=env\n"
        )
    };
    let mut rig = Rig::new(&song("one"));
    rig.say("/gate/env", &[Arg::Int(1)]);
    rig.play_to(24_000);
    rig.reload(&song("two"), true);
    rig.play_to(96_000 * 2);
    let peak = rig.left(180_000..192_000).iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    assert!(peak > 0.9, "{peak}");
}

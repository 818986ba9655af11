//! What survives saving and loading, and what is shown of added tracks.

use std::time::{Duration, Instant};

use chronus::osc::message::Arg;

use crate::peers::Engine;
use crate::rig::{Rig, f, onsets, s};
use crate::times::Client;

const SONG: &str = "song bars=16 tempo=120 tail=0\ninstrument a velocity=0 {\n noise hiss\n decay env time=0.004\n vca level gain=1\n \
    route hiss -> level -> out vca=env\n alias amp level.gain min=0 max=1\n}\ntrack song play=a \"..............X.\"\n";

#[test]
fn added_tracks_and_solo_survive_a_load() {
    let mut rig = Rig::new(SONG);
    rig.say("/seq/swing", &[f(0.2)]);
    rig.say(
        "/seq/add",
        &[s("Hat 1"), s("a"), s("X...X..."), f(220.5), s("base_amp=0.9"), s("gate_frac=0.3")],
    );
    rig.say("/seq/add", &[s("two"), s("a"), s("..X."), s("notes=a4 c5")]);
    rig.say("/seq/mute", &[s("song"), Arg::Int(1)]);
    rig.say("/seq/solo", &[s("Hat 1"), Arg::Int(1)]);
    rig.say("/mod/a/level/gain", &[f(0.9)]);
    assert_eq!(rig.errors, Vec::<String>::new());
    let saved = rig.session.saved(None).unwrap();
    assert!(saved.contains("\nset a.level.gain 0.9\n"), "{saved}");
    assert!(!saved.contains("99999") && !saved.contains("00000"), "{saved}");

    let mut again = Rig::new(SONG);
    again.play_to(9_600);
    again.load(&saved, true);
    again.play_to(96_064);
    let tracks: Vec<(String, bool)> =
        again.session.tracks().into_iter().map(|(id, _, added)| (id, added)).collect();
    assert_eq!(tracks, [("song".into(), false), ("Hat 1".into(), true), ("two".into(), true)]);
    assert!(
        again.session.is_solo("Hat 1") && !again.session.is_solo("two") && again.session.is_muted("song")
    );
    assert!((again.session.swing() - 0.2).abs() < 1e-6);
    // What is saved again tells the same.
    let told = |text: &str| {
        text.lines().filter(|line| line.contains("// session: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(told(&again.session.saved(None).unwrap()), told(&saved));
    again.play_to(96_000 * 2 - 6_400);
    // Its own bar has two hits of the track that is solo, in each half one.
    let hits = onsets(&again.heard[95_000..180_000], 2_500);
    assert_eq!(hits.len(), 4, "{hits:?}");
    again.say("/seq/update/pattern", &[s("Hat 1"), s("X...............")]);
    again.play_to(96_000 * 3);
    assert_eq!(onsets(&again.heard[96_000 * 2 - 1_000..96_000 * 3 - 2_000], 2_500).len(), 1);
    again.say("/seq/remove", &[s("Hat 1")]);
    again.say("/seq/solo", &[s("two"), Arg::Int(0)]);
    assert_eq!(again.errors, Vec::<String>::new());
    assert_eq!(again.session.tracks().len(), 2);
}

#[test]
fn a_loop_is_told_where_an_edit_has_moved_it() {
    let song = |tempo: u32, bars: u32| {
        format!("song bars={bars} tempo={tempo} tail=0\nsine low freq=110\nroute low -> out\n")
    };
    let engine = Engine::in_time(&song(240, 16));
    let client = Client::of(&engine);
    client.say("/seq/loop", &[Arg::Int(3), Arg::Int(4)]);
    let seen = |wanted: Option<(u32, u32)>| {
        let until = Instant::now() + Duration::from_secs(20);
        while engine.thread.view(|view| view.loop_range != wanted) {
            assert!(
                Instant::now() < until,
                "{:?}, not {wanted:?}",
                engine.thread.view(|view| view.loop_range)
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    seen(Some((3, 4)));
    let play = |text: String| {
        engine.thread.say.send(chronus::live::control_thread::ThreadCommand::Song(text)).unwrap();
    };
    play(song(100, 16));
    std::thread::sleep(Duration::from_millis(400));
    seen(Some((3, 4)));
    // Where it would lie after the end it is none.
    play(song(100, 2));
    seen(None);
    engine.end();
}

/// Every bar of an added track begins with its first step, and it is shown after the end of the song as well, where it sounds on.
#[test]
fn added_tracks_are_drawn_on_their_own_step() {
    let engine = Engine::in_time(
        "song bars=3 tempo=300 tail=0\ninstrument a velocity=0 {\n noise hiss\n decay env time=0.004\n route hiss -> out vca=env\n}\ntrack song play=a \"....\"\n",
    );
    let client = Client::of(&engine);
    // Not in the very first bar, which begins where everything does.
    std::thread::sleep(Duration::from_millis(900));
    client.say("/seq/add", &[s("t"), s("a"), s("X..x............")]);
    let until = Instant::now() + Duration::from_secs(30);
    let (mut seen, mut after, mut steps) = (0, 0, std::collections::BTreeSet::new());
    while after < 200 {
        assert!(Instant::now() < until, "{seen} bars were seen, {after} after the end");
        std::thread::sleep(Duration::from_millis(3));
        let bar = engine.thread.view(|view| {
            let row = view.tracks.iter().find(|row| row.added)?;
            let begun = row.lanes.first().is_some_and(|lane| lane.origin > 0.0);
            Some((view.bar(row)?, view.here.is_some(), begun))
        });
        let Some((bar, inside, begun)) = bar.filter(|(.., begun)| *begun) else { continue };
        let marks: String = bar.marks.iter().map(|mark| mark.sign()).collect();
        assert!(begun && marks == "X..x............", "{marks} {inside}");
        steps.extend(bar.now);
        seen += 1;
        after += u32::from(!inside);
    }
    assert_eq!(steps.len(), 16, "{steps:?}");
    engine.end();
}

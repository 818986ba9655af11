//! What is heard of an edit while the song plays: nothing where it touches nothing, no step where it does.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use chronus::dsp::seed::Seed;
use chronus::live::session::SessionConfig;
use chronus::modules::TABLE;
use chronus::modules::spec::{Family, ModuleSpec};
use chronus::osc::message::Arg;

use crate::highs::highs;
use crate::rig::{Rig, config, f, roughness, s};

/// An instrument that plays nothing, in a song that may have routes or not.
fn beside(song: &str, name: &str) -> String {
    let route =
        if song.contains("\nroute ") { format!("route {name} -> out gain=0.1\n") } else { String::new() };
    format!(
        "instrument {name} {{\n sine osc\n adsr env\n route osc -> out vca=env\n}}\n{route}track {name} \"................\"\n"
    )
}

/// A song of a good length.
fn long(song: &str, bars: usize) -> String {
    let (head, rest) = song.split_once("bars=").expect("a song says how long it is");
    format!("{head}bars={bars}{}", rest.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}

/// The first frame from which edits that touch nothing of what is heard are heard, if there is one.
fn touched(song: &str, rate: u32) -> Option<(usize, &'static str)> {
    let other = beside(song, "silent");
    let first = format!("{}{other}", long(song, 16));
    let mut plain = Rig::at(&first, rate);
    let second = u64::from(rate);
    plain.play_to(4 * second);
    let mut rig = Rig::at(&first, rate);
    let commented = format!("// Nothing.\n{first}");
    let tracked = format!("{commented}track more play=silent \"................\"\n");
    let moduled = format!("{tracked}lfo extra rate=3\n");
    let longer = moduled.replacen("bars=16", "bars=17", 1);
    let renamed = longer.replace("silent", "renamed");
    // In the order of their places in a bar, where a file is read; at the bar and at once.
    let edits = [
        ("a comment", commented, 21, true),
        ("a track", tracked, 53, true),
        ("a module", moduled, 170, false),
        ("a length", longer, 199, true),
        ("a name", renamed, 287, false),
    ];
    let mut done = Vec::new();
    for (what, text, percent, at_bar) in edits {
        rig.play_to(second * percent / 100);
        done.push((rig.heard.len(), what));
        rig.reload(&text, at_bar);
    }
    rig.play_to(4 * second);
    let apart = rig.heard.iter().zip(&plain.heard).position(|(a, b)| a != b)?;
    let edit = done.iter().rfind(|(frame, _)| *frame <= apart).map_or("none", |(_, what)| what);
    Some((apart, edit))
}

/// Everything of `all` for which `found` finds something, tried side by side.
fn tried<T: Sync>(all: &[T], found: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            mine.extend(found(one));
        }
        mine
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..std::thread::available_parallelism().map_or(2, usize::from))
            .map(|_| scope.spawn(work))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("it ends")).collect()
    })
}

#[test]
fn an_edit_elsewhere_leaves_every_kind_as_it_is() {
    let found = tried(TABLE, |spec| {
        let (frame, edit) = touched(spec.example, 16_000)?;
        Some(format!("{}: {edit} is heard from frame {frame} on", spec.kind))
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn an_edit_elsewhere_leaves_every_chain_as_it_is() {
    let specs: Vec<&ModuleSpec> = TABLE
        .iter()
        .copied()
        .filter(|spec| spec.inputs.first().is_some_and(|port| port.name == "in"))
        .filter(|spec| spec.family != Family::Utility || spec.kind == "dcblock")
        .collect();
    assert!(specs.len() > 25, "{}", specs.len());
    let pairs: Vec<(&str, &str)> =
        specs.iter().flat_map(|one| specs.iter().map(|two| (one.kind, two.kind))).collect();
    let found = tried(&pairs, |(one, two)| {
        // The first chain at the top level, the second in three voices; both end in one sum.
        let [front, back] = [one, two].map(|kind| {
            let pitched =
                TABLE.iter().any(|spec| spec.kind == *kind && spec.params.iter().any(|p| p.name == "freq"));
            if pitched { " freq=220" } else { "" }
        });
        let song = format!(
            "song tempo=240 bars=4\ninstrument hit {{\n saw osc\n decay env time=0.15\n route osc -> out vca=env\n}}\n\
             instrument pad voices=2 {{\n saw osc\n {one} first\n {two} second\n adsr env release=0.2\n route osc -> first -> second -> out vca=env\n}}\n\
             {one} front{front}\n{two} back{back}\nroute hit -> front -> back -> out gain=0.2\nroute pad -> out gain=0.1\nroute pad -> front gain=0.1\n\
             track hit notes=\"a3 e4\" \"X...x..........X\"\ntrack pad notes=\"a2/c3 e2\" length=1 \"X_____..........x\"\n"
        );
        let (frame, edit) = touched(&song, 8_000)?;
        Some(format!("{one} -> {two}: {edit} is heard from frame {frame} on"))
    });
    assert!(found.is_empty(), "{found:#?}");
}

/// A calm sound through everything that keeps some of it.
const CALM: &str = "song tempo=120 bars=16 tail=0\ninstrument pad voices=2 {\n sine osc\n lowpass tone cutoff=900\n adsr env attack=0.2 sustain=0.9 release=0.5\n\
    route osc -> tone -> out vca=env\n}\ninstrument low {\n sine osc\n adsr env attack=0.1 sustain=1 release=0.2\n route osc -> out vca=env\n}\n\
    delay echo time=0.3 feedback=0.5\nreverb hall time=3\nsum mix\nroute pad -> echo gain=0.5\nroute pad -> mix\nroute low -> mix\nroute echo -> hall -> mix gain=0.5\n\
    route low -> hall gain=0.5\nroute mix -> out gain=0.3\n\
    track pad notes=\"a3/c4\" length=1 \"X_______________\" \"________________\"\ntrack low notes=\"a2\" length=1 \"X_______________\" \"________________\"\n";

#[test]
fn what_differs_passes_over_without_a_click() {
    let edits: &[(&str, &[(&str, &str)])] = &[
        ("a renamed instrument", &[("pad", "choir")]),
        ("another cutoff", &[("cutoff=900", "cutoff=300")]),
        ("another gain into the echo", &[("echo gain=0.5", "echo gain=0.1")]),
        ("another gain at the end", &[("out gain=0.3", "out gain=0.1")]),
        ("an instrument on one side", &[("instrument low {", "instrument low pan=-0.8 {")]),
        ("more voices", &[("voices=2", "voices=4")]),
        ("another wave", &[("sine osc\n lowpass", "triangle osc\n lowpass")]),
        ("another room", &[("time=3", "time=3 size=0.9")]),
        ("a limiter at the end", &[("sum mix", "limiter mix")]),
        (
            "a chorus before the room",
            &[("echo -> hall", "echo -> wide -> hall"), ("sum mix", "sum mix\nchorus wide")],
        ),
        (
            "no room",
            &[
                ("reverb hall time=3\n", ""),
                ("echo -> hall -> mix", "echo -> mix"),
                ("route low -> hall gain=0.5\n", ""),
            ],
        ),
        ("another echo", &[("time=0.3", "time=0.2")]),
        (
            "no echo",
            &[
                ("delay echo time=0.3 feedback=0.5\n", ""),
                ("route pad -> echo gain=0.5\n", ""),
                ("echo -> hall", "pad -> hall"),
            ],
        ),
        ("an instrument gone", &[("route low -> mix\n", ""), ("route low -> hall gain=0.5\n", "")]),
        ("another sustain", &[("sustain=0.9", "sustain=0.2")]),
        ("another seed", &[("tail=0", "tail=0 seed=9")]),
    ];
    let at = 48_000 * 5 / 2 + 777;
    let found = tried(edits, |(what, changes)| {
        let after = changes.iter().fold(CALM.to_owned(), |song, (from, to)| {
            assert!(song.contains(from), "{what}: {from}");
            song.replace(from, to)
        });
        let alone = [CALM, &after].map(|song| {
            let mut rig = Rig::new(song);
            rig.play_to(at + 48_000);
            rig.heard
        });
        let mut rig = Rig::new(CALM);
        rig.play_to(at);
        rig.reload(&after, false);
        rig.play_to(at + 48_000);
        // All windows of 43 ms around the edit, and later, when what came in rings on in the room.
        let mut worst = (0..40).rev().filter_map(|k| {
            let from = at as usize - 2_048 + k * 512;
            let high = |heard: &[[f32; 2]], side: usize| {
                highs(&heard[from..from + 2_048].iter().map(|frame| frame[side]).collect::<Vec<_>>())
            };
            (0..2)
                .map(|side| (high(&rig.heard, side), high(&alone[0], side).max(high(&alone[1], side))))
                .find(|(heard, before)| *heard > before + 3.0 && *heard > -120.0)
                .map(|(heard, before)| {
                    format!("{what}: {heard:.0} dB above 9 kHz, {before:.0} alone, {} ms later", k * 10)
                })
        });
        worst.next()
    });
    assert!(found.is_empty(), "{found:#?}");
}

/// The songs of the repository in these folders.
pub(crate) fn songs_in(folders: &[&str]) -> Vec<PathBuf> {
    let folders = folders.iter().map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).expect("a folder"));
    let paths = files.map(|file| file.expect("a file").path());
    let mut songs: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|kind| kind == "kdl")).collect();
    songs.sort();
    songs
}

/// Says something that a player might, drawn from `dice`.
fn play_about(rig: &mut Rig, dice: Seed) {
    let pick = |what: &str, count: usize| (dice.name(what).share() * count as f64) as usize;
    let at = rig.performance.frame() + pick("at", 400) as u64;
    let instruments: Vec<String> = rig.session.song().instruments.iter().map(|one| one.id.clone()).collect();
    let instrument = &instruments[pick("instrument", instruments.len()).min(instruments.len() - 1)];
    match pick("what", 10) {
        0 => rig.say_at(at, "/seq/bpm", &[f(90.0 + pick("bpm", 80) as f32)]),
        1 => rig.say_at(at, &format!("/note/{instrument}"), &[s("c4"), f(0.8), f(0.5)]),
        2 => rig.say_at(at, &format!("/gate/{instrument}"), &[f(pick("gate", 2) as f32)]),
        3 => rig.say_at(at, "/seq/add", &[s("top"), s(instrument), s("X..x.x.."), s("notes=c4 g4")]),
        4 => rig.say_at(at, "/seq/goto", &[Arg::Int(1 + pick("bar", 2) as i32)]),
        5 => rig.say_at(at, "/mod/*/auto", &[]),
        _ => {
            // Open: where an instrument with one channel feeds a loop, and its balance is moved for the first time while an edit
            // waits for its bar, what the loop holds differs from then on.
            let loops = rig.session.controls().own().any(|named| named.path == "thin.cutoff");
            let moved = rig.session.controls().own().filter(|named| !(loops && named.path == "ping.pan"));
            let moved: Vec<_> = moved.collect();
            let named = moved[pick("control", moved.len())];
            let (address, (least, most)) = (named.address(), named.facts.range);
            let value = least + (most - least).min(2_000.0) * dice.name("value").share();
            rig.say_at(at, &address, &[f(value as f32)]);
        }
    }
}

#[test]
fn hands_on_a_song_go_on_over_an_edit_of_nothing() {
    let found = tried(&songs_in(&["songs", "examples"]), |path| {
        let text = std::fs::read_to_string(path).expect("a song");
        if text.contains("instrument ") && !text.contains("\nsong ") && !text.starts_with("song ") {
            return None;
        }
        let config = SessionConfig { path: path.clone(), rate: 16_000, ..config() };
        let [mut plain, mut rig] = [(); 2].map(|()| Rig::on(config.clone(), &text));
        let dice = Seed::new(7).name(&path.display().to_string()[env!("CARGO_MANIFEST_DIR").len()..]);
        for turn in 0..40 {
            let dice = dice.number(turn);
            for rig in [&mut plain, &mut rig] {
                rig.play_to(2_400 * (turn + 1));
                play_about(rig, dice);
            }
            if turn % 5 == 2 {
                let later = rig.performance.frame() + (dice.name("edit").share() * 2_000.0) as u64;
                plain.play_to(later);
                rig.play_to(later);
                rig.reload(&format!("// {turn}\n{text}"), true);
            }
        }
        let frame = plain.performance.frame() + 8_000;
        plain.play_to(frame);
        rig.play_to(frame);
        let apart = rig.heard.iter().zip(&plain.heard).position(|(a, b)| a != b)?;
        Some(format!("{}: from frame {apart} on", path.display()))
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_balance_that_is_moved_for_the_first_time_steps_nowhere() {
    let song = "song tempo=120 bars=6\ninstrument pad {\n sine osc\n adsr env attack=0.3 sustain=0.8\n route osc -> out vca=env\n}\n\
                delay echo time=\"1/8.\"\nreverb hall\nroute pad -> echo -> out gain=0.3\nroute pad -> hall -> out gain=0.3\n\
                track pad \"X_______________\" notes=\"a3\" length=1\n";
    let mut still = Rig::new(song);
    still.play_to(200_000);
    let mut rig = Rig::new(song);
    rig.play_to(110_016);
    rig.say("/mod/pad/pan", &[f(0.3)]);
    rig.play_to(130_000);
    rig.say("/mod/pad/pan", &[f(-0.7)]);
    rig.play_to(200_000);
    let [steps, before] = [&rig, &still].map(|rig| {
        (0..2)
            .map(|side| roughness(&rig.heard.iter().map(|frame| frame[side]).collect::<Vec<_>>()))
            .fold(0.0, f32::max)
    });
    assert!(steps < 1.6 * before, "{steps} {before}");
    assert!(rig.heard[120_000..130_000].iter().any(|[left, right]| (left - right).abs() > 0.01));
}

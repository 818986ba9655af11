//! What is played otherwise, in sentences.

use crate::rig::{Beside, Pair, pair};

fn song(head: &str, tracks: &str) -> String {
    format!(
        "song {head}\ninstrument a {{ saw osc; route osc -> out }}\ninstrument b {{ sine osc; route osc -> out }}\n{tracks}\n"
    )
}

fn both(old: (&str, &str), new: (&str, &str)) -> Pair {
    let (old, new) = (song(old.0, old.1), song(new.0, new.1));
    let pair = pair((&old, &Beside::default()), (&new, &Beside::default()));
    pair.hold_together();
    pair
}

fn said(old: (&str, &str), new: (&str, &str)) -> Vec<String> {
    both(old, new).comparison.events.into_iter().map(|sentence| sentence.text).collect()
}

#[test]
fn notes_come_and_go() {
    let old = ("", "track a \"X... X... X... X...\"\ntrack b \"x.x.\"");
    assert_eq!(
        said(old, ("", "track a \"X... X... X... ....\"\ntrack b \"x.x.\"")),
        ["a: 1 note fewer, bar 1 beat 4"]
    );
    assert_eq!(
        said(old, ("", "track a \"X... X..x X... X.x.\"\ntrack b \"x.x.\"")),
        ["a: 2 notes more, bar 1 beats 2.75 and 4.5"]
    );
    assert_eq!(said(old, old), [""; 0]);
}

#[test]
fn notes_are_otherwise() {
    let old = ("", "track a \"X... X...\" notes=\"c4 e4\"\ntrack b \"x\"");
    for (new, meant) in [
        (
            "track a \"X... X...\" notes=\"c4 d4\"\ntrack b \"x\"",
            "a: 2 notes have other pitches, bar 1 beats 2 and 4",
        ),
        (
            "track a \"X... X...\" notes=\"c4 e4\" length=0.9\ntrack b \"x\"",
            "a: 4 notes longer by 50ms, bar 1",
        ),
        (
            "track a \"X... g...\" notes=\"c4 e4\"\ntrack b \"x\"",
            "a: 2 notes have other velocities, bar 1 beats 2 and 4",
        ),
        (
            "track a \"X... X...\" notes=\"c4 e4\" gain=0.5\ntrack b \"x\"",
            "a: 4 notes have other levels, bar 1",
        ),
        (
            "track a \"X... X...\" notes=\"c4 e4\" nudge=\"8\"\ntrack b \"x\"",
            "a: 4 notes later by 10ms, bar 1",
        ),
    ] {
        let said = said(old, ("", new));
        assert!(said.contains(&meant.to_owned()), "{said:?}, meant {meant}");
    }
}

#[test]
fn another_tempo_is_no_other_note() {
    let tracks = "track a \"X..x ..x. X~x. x*2.g.\"\ntrack b \"x(5,8)\" length=1";
    assert_eq!(said(("tempo=120 swing=57", tracks), ("tempo=123.4 swing=57", tracks)), [""; 0]);
    let other = "track a \"X..x ..x. X~x. x*2.g.\" nudge=\"0 0 0 0 0 0 50 0 0 0 0 0 0 0 0 0\"\ntrack b \"x(5,8)\" length=1";
    assert_eq!(
        said(("tempo=120", tracks), ("tempo=123.4", other)),
        ["a: 1 note later by 0.125 of a quarter note, bar 1 beat 2.63"]
    );
}

#[test]
fn a_section_that_comes_in_brings_its_notes() {
    let sections = |order: &str| {
        format!(
            "section one bars=2 {{ track a \"X...\" }}\nsection two bars=1 {{ track a \"X.X.\"; track b \"x\" }}\narrange {order}"
        )
    };
    let pair = both(("", &sections("one two")), ("", &sections("one one two")));
    let said: Vec<&str> = pair.comparison.events.iter().map(|sentence| sentence.text.as_str()).collect();
    assert_eq!(said, ["a: 8 notes more, bars 3 to 4"]);
    assert_eq!(pair.comparison.events_of("a").count(), 1);
    assert_eq!(pair.comparison.events_of("b").count(), 0);
}

#[test]
fn tracks_have_a_name_for_what_they_play() {
    let old = ("", "track a \"X... X...\"\ntrack b \"x.x.\"");
    let pair = both(old, ("", "track a \"X... X..x\"\ntrack b \"x.x.\""));
    let [one, two] = &pair.comparison.tracks;
    let triggers = |side: &[chronus::change::events::TrackEvents]| {
        side.iter().map(|track| track.triggers).collect::<Vec<_>>()
    };
    assert_eq!(triggers(one), [4, 8]);
    assert_eq!(triggers(two), [6, 8]);
    assert_ne!(one[0].hash, two[0].hash);
    assert_eq!(one[1], two[1]);
}

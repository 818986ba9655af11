//! The same bits with the cache and without; only what was edited is computed.

#![allow(clippy::expect_used, reason = "a test may stop")]

use std::path::Path;

use chronus::engine::offline_render::Excerpt;
use chronus::engine::optimize::folded;
use chronus::io::cached::CacheReport;
use chronus::plan::cached_voices::heard;
use chronus::plan::compiled_plan::Plan;

use crate::edits::edited;
use crate::listen::{BAND, RATE, WHOLE, cache, cached, cached_as, compiled, plain, plan, songs};

/// Voices that play and are heard.
fn playing(plan: &Plan) -> usize {
    heard(&folded(plan.clone())).iter().filter(|heard| **heard).count()
}

/// Cold, warm, and after an edit of one instrument.
fn holds(path: &Path, text: &str) {
    let name = path.display();
    let before = compiled(path, text).expect("a song without errors");
    let (_folder, cache) = cache();
    let alone = plain(&before, WHOLE);
    let voices = playing(&before);
    let (cold, report) = cached(&before, WHOLE, &cache, 1);
    assert_eq!(cold, alone, "{name}, cold");
    assert_eq!((report.played, report.computed, report.kept), (0, voices, voices), "{name}, cold");
    for jobs in [1, 3] {
        let (warm, report) = cached(&before, WHOLE, &cache, jobs);
        assert_eq!(warm, alone, "{name}, warm, {jobs} jobs");
        assert_eq!((report.played, report.computed), (voices, 0), "{name}, warm, {jobs} jobs");
    }
    // Voice by voice where there were sums, so that both are there.
    let (heard, report) = cached_as(false, &before, WHOLE, &cache, 1);
    assert_eq!((heard, report.computed), (alone, 0), "{name}");
    // The first number in an instrument that can be changed.
    let Some(at) = text.find("instrument ") else { return };
    let mut edits = (0..40).filter_map(|number| edited(text, at, number, 7));
    let Some((after, text)) = edits.find_map(|text| Some((compiled(path, &text)?, text))) else { return };
    let (heard, report) = cached(&after, WHOLE, &cache, 2);
    assert_eq!(heard, plain(&after, WHOLE), "{name}, edited:\n{text}");
    assert_eq!(report.played + report.computed, playing(&after), "{name}, edited");
}

#[test]
fn songs_sound_the_same() {
    std::thread::scope(|scope| {
        for (path, text) in songs("songs") {
            scope.spawn(move || holds(&path, &text));
        }
    });
}

#[test]
fn examples_sound_the_same() {
    songs("examples").iter().for_each(|(path, text)| holds(path, text));
}

/// What is played and computed after `from` has become `to` in the band.
fn after(from: &str, to: &str) -> CacheReport {
    let (_folder, cache) = cache();
    let before = plan(BAND);
    let (heard, report) = cached(&before, WHOLE, &cache, 1);
    assert_eq!(heard, plain(&before, WHOLE));
    assert_eq!((report.computed, report.kept), (playing(&before), playing(&before)));
    assert!(BAND.contains(from), "{from}");
    let edited = plan(&BAND.replacen(from, to, 1));
    let (heard, report) = cached(&edited, WHOLE, &cache, 1);
    assert_eq!(heard, plain(&edited, WHOLE), "{from} -> {to}");
    report
}

#[test]
fn only_the_edited_instrument_is_computed() {
    let all = playing(&plan(BAND));
    assert_eq!(all, 2 + 3 + 1 + 9 + 1 + 1, "low, mid, high, wide, swept, slide");
    for (from, to, computed) in [
        // One that shares its lanes with two others, and the tail of a voice in them.
        ("cutoff=\"900Hz\"\n decay", "cutoff=\"901Hz\"\n decay", 3),
        ("supersaw osc", "supersaw osc detune=0.3", 9),
        ("release=\"300ms\"", "release=\"310ms\"", 9),
        // A note more.
        ("..x. ..x. ..x. .xxx", "..x. ..x. ..x. xxxx", 1),
        // What the top level does to one.
        ("lfo slow rate=\"0.3Hz\"", "lfo slow rate=\"0.4Hz\"", 1),
        ("from=\"10ms\" to=\"80ms\"", "from=\"10ms\" to=\"90ms\"", 1),
        ("to=\"3kHz\"", "to=\"4kHz\"", 9),
        ("<2 8>", "<2 9>", 1),
        // Levels, places and effects of the mix aren't on the cached voices.
        ("pan=-0.3", "pan=-0.4", 0),
        ("reverb room time=\"1s\"", "reverb room time=\"3s\"", 0),
        ("route low mid high", "route high low mid", 0),
        // One more beside them all.
        (
            "lfo slow",
            "instrument new {\n saw osc\n ladder tone\n decay env\n route osc -> tone -> out vca=env\n}\n\
          route new -> out\ntrack new \"x...\"\nlfo slow",
            1,
        ),
    ] {
        let report = after(from, to);
        assert_eq!(
            (report.computed, report.played),
            (computed, if computed == 1 && to.contains("new") { all } else { all - computed }),
            "{from} -> {to}"
        );
    }
}

#[test]
fn another_seed_changes_what_is_drawn() {
    let report = after("seed=4", "seed=5");
    assert_eq!(report.played, 0);
}

#[test]
fn excerpts_share_cached_voices_with_the_whole() {
    let plan = plan(BAND);
    let (_folder, cache) = cache();
    let bar = u64::from(RATE) * 60 * 4 / 140;
    let begin = Excerpt { from: bar, to: Some(3 * bar), fades: false };
    let all = playing(&plan);
    // What ends early serves the same excerpt, not the whole.
    let (heard, report) = cached(&plan, begin, &cache, 1);
    assert_eq!(heard, plain(&plan, begin));
    assert_eq!(report.computed, all);
    let (heard, report) = cached(&plan, begin, &cache, 2);
    assert_eq!((heard, report.computed), (plain(&plan, begin), 0));
    let (heard, report) = cached(&plan, WHOLE, &cache, 1);
    assert_eq!((heard, report.computed), (plain(&plan, WHOLE), all));
    let (heard, report) = cached(&plan, WHOLE, &cache, 1);
    assert_eq!((heard, report.computed), (plain(&plan, WHOLE), 0));
    // The whole serves every excerpt.
    for excerpt in [
        begin,
        Excerpt { from: 4 * bar, to: None, fades: false },
        Excerpt { from: 0, to: Some(1), fades: false },
    ] {
        let (heard, report) = cached(&plan, excerpt, &cache, 3);
        assert_eq!((heard, report.computed), (plain(&plan, excerpt), 0));
    }
}

#[test]
fn a_longer_tail_than_the_cached_voices_is_heard_to_its_end() {
    // A voice that never sleeps, and an effect whose edit makes the song longer.
    let text = "song \"t\" tempo=120 bars=1 tail=\"20s\"\n\
        instrument drone {\n saw osc\n route osc -> out vca=velocity gain=0.2\n}\n\
        instrument bell {\n sine osc\n adsr env attack=0 release=\"9s\"\n route osc -> out vca=env gain=0.2\n}\n\
        reverb room time=\"300ms\"\n\
        route drone bell -> room -> out\n\
        track drone \"X...\"\n\
        track bell notes=\"a4\" \"...X\"\n";
    for (from, to) in [("300ms", "4s"), ("gain=0.2\n}\ninstrument", "gain=0.21\n}\ninstrument")] {
        let (_folder, cache) = cache();
        let (before, after) = (plan(text), plan(&text.replace(from, to)));
        let (heard, _) = cached(&before, WHOLE, &cache, 1);
        assert_eq!(heard, plain(&before, WHOLE));
        for jobs in [1, 2] {
            let (heard, _) = cached(&after, WHOLE, &cache, jobs);
            assert_eq!(heard, plain(&after, WHOLE), "{from} -> {to}");
        }
    }
}

#[test]
fn voices_serve_where_there_is_no_sum() {
    let (before, after) = (plan(BAND), plan(&BAND.replace("route mid wide -> room gain=0.2\n", "")));
    let all = playing(&before);
    let (alone, fewer) = (plain(&before, WHOLE), plain(&after, WHOLE));
    let (_folder, cache) = cache();
    // What is mixed with others is there voice by voice; nothing is mixed by itself without the send.
    let (heard, report) = cached(&after, WHOLE, &cache, 1);
    assert_eq!((heard, report.computed), (fewer.clone(), all));
    let (heard, report) = cached(&before, WHOLE, &cache, 2);
    assert_eq!((heard, report.computed), (alone.clone(), 0));
    // The other way round only a sum is there of `wide`.
    cache.clear();
    assert_eq!(cached(&before, WHOLE, &cache, 1).0, alone);
    let (heard, report) = cached(&after, WHOLE, &cache, 2);
    assert_eq!((heard, report.computed), (fewer, 9), "the voices of `wide`");
}

#[test]
fn a_balance_that_moves_is_in_the_key_of_a_sum() {
    // The voices are added before the balance of the block is known, so the sum hears that of the block before.
    let moves = |from: &str| plan(&format!("{BAND}automate wide.pan from={from} to=0.5 bars=\"1..8\"\n"));
    let (before, after) = (moves("-0.5"), moves("-0.4"));
    let (_folder, cache) = cache();
    assert_eq!(cached(&before, WHOLE, &cache, 1).0, plain(&before, WHOLE));
    assert_eq!(cached(&after, WHOLE, &cache, 1).0, plain(&after, WHOLE));
}

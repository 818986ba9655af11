//! Tunings: the frequencies of notes, degrees and chords.

use chronus::check::song::{Checked, check_with};
use chronus::check::song_files::MemoryFiles;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::model::song::Song;
use chronus::model::steps::LaneItem;
use chronus::plan::compile::compile;
use chronus::plan::printer::describe;

const PTOLEMY: &str = "Ptolemy\n7\n9/8\n5/4\n4/3\n3/2\n5/3\n15/8\n2/1\n";
/// The cents of a well-tempered keyboard, by keys.
const KEYBOARD: &str = "Werckmeister III\n12\n90.225\n192.18\n294.135\n390.225\n498.045\n588.27\n696.09\n792.18\n888.27\n996.09\n1092.18\n2/1\n";

/// What comes of checking `text` beside `x.scl`.
fn checked(text: &str, scale: &str) -> Checked {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", text));
    check_with(&mut sources, id, &mut MemoryFiles(&[("x.scl", scale)]))
}

fn song(head: &str, notes: &str, scale: &str) -> Song {
    let text = format!(
        "song bars=1 {head}\ninstrument a voices=8 {{\n sine osc\n route osc -> out\n}}\nsine b freq=220\nroute a b -> out\ntrack a xxxx notes=\"{notes}\"\n"
    );
    let checked = checked(&text, scale);
    checked.song.unwrap_or_else(|| panic!("{text}{:?}", checked.diagnostics))
}

/// The frequencies of all notes of a lane.
fn hertz(head: &str, notes: &str, scale: &str) -> Vec<f64> {
    let song = song(head, notes, scale);
    let lane = song.sections[0].tracks[0].notes.clone();
    let mut all = Vec::new();
    for item in lane.into_iter().flat_map(|lane| lane.items) {
        let LaneItem::One(pitches) = item else { panic!("turns") };
        all.extend(pitches.iter().map(|pitch| song.c4 * libm::exp2(pitch.0)));
    }
    all
}

fn near(found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found / wanted - 1.0).abs() < 1e-7, "{found} {wanted}");
    }
}

const C4: f64 = 261.625_565_300_598_6;

#[test]
fn equal_steps_count_from_a4() {
    let of = |steps: i32| 440.0 * libm::exp2(f64::from(steps) / 19.0);
    let head = "tuning=\"edo:19\"";
    near(&hertz(head, "a4 a#4 bb4 c5 a3/c4/e4", ""), &[of(0), of(1), of(2), of(5), of(-19), of(-14), of(-8)]);
    near(&hertz(head, "1 2 19 1'", ""), &[of(-14), of(-13), of(4), of(5)]);
    near(&hertz(&format!("{head} key=\"c minor\""), "1 3 5", ""), &[of(-14), of(-9), of(-3)]);
    near(&hertz(&format!("{head} a4=432"), "a4", ""), &[432.0]);
}

#[test]
fn twelve_equal_steps_are_as_without_a_tuning() {
    let plan = |head: &str| {
        let song = song(&format!("{head} key=\"f# dorian\" a4=443"), "1 3' c#4 bb3:min7", "");
        describe(&compile(&song, 48_000).expect("a plan"))
    };
    assert_eq!(plan(""), plan("tuning=\"edo:12\""));
    let even: Vec<String> = (1..=12).map(|i| format!("{i}00.")).collect();
    let song = song("tuning=\"x.scl\"", "a4", &format!("even\n12\n{}", even.join("\n")));
    assert_eq!(song.c4, C4);
}

#[test]
fn a_scale_of_twelve_tunes_the_keys() {
    let of = |cents: f64| 440.0 * libm::exp2((cents - 888.27) / 1200.0);
    let head = "tuning=\"x.scl\" key=\"d major\"";
    near(
        &hertz(head, "a4 c4 c#4 db4 c5 b3 1 3 c4:maj", KEYBOARD),
        &[
            440.0,
            of(0.0),
            of(90.225),
            of(90.225),
            of(1200.0),
            of(-107.82),
            of(192.18),
            of(588.27),
            of(0.0),
            of(390.225),
            of(696.09),
        ],
    );
}

#[test]
fn any_other_scale_counts_from_c4() {
    let head = "tuning=\"x.scl\"";
    near(
        &hertz(head, "1 2 5 7 1' 5, 1/3/5", PTOLEMY),
        &[1.0, 9.0 / 8.0, 1.5, 15.0 / 8.0, 2.0, 0.75, 1.0, 1.25, 1.5].map(|ratio| C4 * ratio),
    );
    near(&hertz(&format!("{head} a4=432"), "1", PTOLEMY), &[C4 * 432.0 / 440.0]);
    let tritave = "Bohlen-Pierce in short\n3\n9/7\n5/3\n3/1\n";
    near(&hertz(head, "1' 2, 3''", tritave), &[3.0, 3.0 / 7.0, 15.0].map(|ratio| C4 * ratio));
}

#[test]
fn named_frequencies_are_tuned_and_intervals_are_not() {
    let text = |tuning: &str| format!("song bars=1 {tuning}\nsine a freq=c5 tune=\"7st\"\nroute a -> out\n");
    let param = |text: &str| {
        let song = checked(text, "").song.expect("a song");
        format!("{:?}", song.patch.modules[0].params)
    };
    let (plain, tuned) = (param(&text("")), param(&text("tuning=\"edo:19\"")));
    assert!(plain.contains("523.25113") && !tuned.contains("523.25113"), "{plain} {tuned}");
    let c5 = 440.0 * libm::exp2(5.0 / 19.0);
    assert!(tuned.contains(&format!("{c5:.6}")[..9]), "{c5} {tuned}");
    assert!(plain.contains("7.0") && tuned.contains("7.0"), "{plain} {tuned}");
}

//! Faults planted in a real song, in its text and in its sound: each is named with its track, its bars and what it is.

use std::path::Path;

use serde_json::Value;

use super::{causes, ends, folder, frames, outcome, part, replaced, song, wav};

/// Renders and comparisons are quicker at this rate, and all faults are heard at it.
const RATE: &str = "24000";

/// Compares `lever.kdl` with itself after an edit.
fn edited(edits: &[(&str, &str)]) -> Value {
    let folder = folder();
    let text = song("lever.kdl");
    let after = edits.iter().fold(text.clone(), |text, (from, to)| replaced(&text, from, to));
    super::write(folder.path(), "a.kdl", &text);
    super::write(folder.path(), "b.kdl", &after);
    outcome(folder.path(), 1, &["diff", "a.kdl", "b.kdl", "--rate", RATE])
}

fn stems(outcome: &Value) -> Vec<&str> {
    let parts = outcome["comparison"]["parts"].as_array().expect("parts");
    parts.iter().map(|part| part["id"].as_str().expect("an id")).filter(|id| !id.is_empty()).collect()
}

fn effects(outcome: &Value, id: &str) -> String {
    part(outcome, id)["effects"].to_string()
}

#[test]
fn a_filter_three_percent_darker() {
    let outcome = edited(&[("cutoff=\"90Hz\"", "cutoff=\"87.3Hz\"")]);
    assert_eq!(stems(&outcome), ["bass"]);
    assert_eq!(causes(&outcome, "bass"), ["b.kdl:41 bass.filter.cutoff 90Hz -> 87.3Hz"]);
    assert_eq!(part(&outcome, "bass")["places"], "in bars 9 to 17 and 20 to 31");
    assert!(effects(&outcome, "bass").contains("duller"), "{}", effects(&outcome, "bass"));
}

#[test]
fn a_level_a_little_lower() {
    let outcome = edited(&[("route snare -> mix gain=\"-2dB\"", "route snare -> mix gain=\"-2.3dB\"")]);
    assert_eq!(stems(&outcome), ["snare"]);
    assert_eq!(causes(&outcome, "snare"), ["b.kdl:66 route snare -> mix, gain -2dB -> -2.3dB"]);
    assert_eq!(part(&outcome, "snare")["effects"], serde_json::json!(["0.30 dB quieter, and nothing else"]));
}

#[test]
fn a_removed_ghost_note() {
    let outcome = edited(&[("X.....g.X..g.XgX", "X.....g.X....XgX")]);
    assert_eq!(stems(&outcome), ["kick"]);
    assert_eq!(causes(&outcome, "kick"), ["b.kdl:77 track kick, bar 16 step 12: g -> ."]);
    assert!(
        part(&outcome, "kick")["events"][0]
            .as_str()
            .unwrap()
            .starts_with("kick: 1 note fewer, bar 16 beat 3")
    );
    assert!(part(&outcome, "kick")["places"].as_str().unwrap().starts_with("in bar"), "{outcome:#}");
}

#[test]
fn a_detune_of_five_cents() {
    let outcome = edited(&[("tune=\"-6ct\"", "tune=\"-11ct\"")]);
    assert_eq!(stems(&outcome), ["bass"]);
    assert_eq!(causes(&outcome, "bass"), ["b.kdl:40 bass.edge.tune -6ct -> -11ct"]);
}

#[test]
fn a_side_swapped() {
    let outcome = edited(&[("pan=-0.3", "pan=0.3")]);
    assert_eq!(stems(&outcome), ["hat"]);
    assert_eq!(causes(&outcome, "hat"), ["b.kdl:67 route hat -> mix, pan -0.3 -> 0.3"]);
    assert_eq!(
        part(&outcome, "hat")["effects"],
        serde_json::json!(["left and right are swapped, and nothing else"])
    );
}

#[test]
fn a_seed_and_a_move_by_one_frame() {
    // The noise of snare and hat, and the chances of hat, are drawn from the seed.
    let outcome = edited(&[("seed=21", "seed=22")]);
    for id in ["snare", "hat"] {
        assert_eq!(causes(&outcome, id), ["b.kdl:2 song.seed 21 -> 22"]);
    }
    assert!(!stems(&outcome).contains(&"kick"), "{:?}", stems(&outcome));
    // A step has 2,571 frames: one of them is 0.04 percent.
    let outcome =
        edited(&[("notes=\"f#3/a3/c#4/e4 ", "nudge=\"{96 0} 0.04 {700 0}\" notes=\"f#3/a3/c#4/e4 ")]);
    assert!(stems(&outcome).contains(&"stab"), "{:?}", stems(&outcome));
    assert!(causes(&outcome, "stab")[0].starts_with("b.kdl:81 track stab"), "{:?}", causes(&outcome, "stab"));
    let events = part(&outcome, "stab")["events"][0].as_str().unwrap();
    assert!(events.starts_with("stab: 1 note later by 1 frame") && events.contains("bar 7"), "{events}");
    assert!(part(&outcome, "stab")["places"].as_str().unwrap().starts_with("in bars 7"), "{outcome:#}");
}

/// The stems of `lever.kdl` as files, of which `of` changes the bass; compared with the song.
fn broken(of: impl Fn(&mut Vec<[f32; 2]>)) -> (tempfile::TempDir, Value) {
    let folder = folder();
    super::write(folder.path(), "a.kdl", &song("lever.kdl"));
    let stems = ["render", "a.kdl", "--stems", "stems", "--bits", "32f", "--rate", RATE, "--quiet"];
    ends(folder.path(), 0, &stems);
    let path = folder.path().join("stems/bass.wav");
    let mut sound = frames(&path);
    of(&mut sound);
    wav(&path, 24_000, &sound);
    let outcome = outcome_of(folder.path());
    (folder, outcome)
}

fn outcome_of(folder: &Path) -> Value {
    let args = ["diff", "a.kdl", "stems", "--rate", RATE, "--format", "json"];
    let output = super::chronus(folder, &args);
    let all: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    all["outcomes"][0].clone()
}

#[test]
fn faults_of_the_sound_itself() {
    // Bar 11 begins at 10 x 4 x 60 / 140 s; the bass is heard a little later.
    let heard = |sound: &[[f32; 2]]| {
        let heard = |at: &usize| sound[*at..at + 64].iter().all(|frame| frame[0] != 0.0);
        (411_500..450_000).find(heard).expect("the bass plays in bar 11")
    };
    let (_folder, outcome) = broken(|sound| {
        let at = heard(sound);
        sound.drain(at..at + 64);
    });
    assert_eq!((stems(&outcome), &outcome["verdict"]), (vec!["bass"], &Value::from("different")));
    assert!(effects(&outcome, "bass").contains("64 frames (2.7 ms) are missing in bar 11"), "{outcome:#}");
    let (_folder, outcome) = broken(|sound| {
        let at = heard(sound);
        sound[at..at + 64].fill([0.0; 2]);
    });
    assert!(effects(&outcome, "bass").contains("silent for 64 frames (2.7 ms) in bar 11"), "{outcome:#}");
    assert_eq!(part(&outcome, "bass")["places"], "in bar 11");
    let (_folder, outcome) = broken(|sound| sound.iter_mut().for_each(|frame| *frame = frame.map(|x| -x)));
    assert!(effects(&outcome, "bass").contains("its polarity is inverted, and nothing else"), "{outcome:#}");
    let (_folder, outcome) = broken(|sound| sound.insert(0, [0.0; 2]));
    assert!(effects(&outcome, "bass").contains("1 frame (0.04 ms) later, and nothing else"), "{outcome:#}");
    // Some of bar 30 and all after it is gone.
    let (_folder, outcome) = broken(|sound| sound.truncate(1_200_000));
    assert!(effects(&outcome, "bass").contains("s earlier"), "{outcome:#}");
    assert!(part(&outcome, "bass")["places"].as_str().unwrap().contains("30"), "{outcome:#}");
    assert_eq!(outcome["comparison"]["identical"].as_array().unwrap().len(), 7, "{outcome:#}");
}

#[test]
fn dither_is_inaudible() {
    let folder = folder();
    super::write(folder.path(), "a.kdl", &song("lever.kdl"));
    for bits in ["16", "24"] {
        let name = format!("{bits}.wav");
        ends(folder.path(), 0, &["render", "a.kdl", "-o", &name, "--bits", bits, "--rate", RATE, "--quiet"]);
        let outcome = outcome(folder.path(), 0, &["diff", "a.kdl", &name]);
        assert_eq!(outcome["verdict"], "inaudible", "{outcome:#}");
        let residual = part(&outcome, "")["measures"]["loudest_residual"].as_f64().unwrap();
        assert!(residual < if bits == "16" { -94.0 } else { -119.0 }, "{residual}");
        ends(folder.path(), 1, &["diff", "a.kdl", &name, "--exact"]);
    }
}

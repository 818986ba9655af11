//! Every sensible pair of sides.

use super::{SMALL, causes, chronus, ends, folder, frames, git, outcome, part, replaced, wav, write};

#[test]
fn equal_sides_of_every_kind_are_identical() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.kdl", SMALL);
    write(at, "b.kdl", &format!("// the same\n{}", SMALL.replace("    ", "\t")));
    ends(at, 0, &["render", "a.kdl", "-o", "a.wav", "--stems", "stems", "--bits", "32f", "--quiet"]);
    ends(at, 0, &["test", "a.kdl", "--bless"]);
    for (first, second) in [
        ("a.kdl", "b.kdl"),
        ("a.kdl", "a.wav"),
        ("a.wav", "b.kdl"),
        ("a.wav", "a.wav"),
        ("a.kdl", "stems"),
        ("stems", "stems"),
        ("a.golden", "b.kdl"),
        ("b.kdl", "a.golden"),
        ("a.golden", "a.golden"),
    ] {
        let outcome = outcome(at, 0, &["diff", first, second, "--exact"]);
        assert_eq!(outcome["verdict"], "identical", "{first} {second}");
    }
    let (out, _) = ends(at, 0, &["diff", "a.kdl", "b.kdl"]);
    assert!(out.contains("all is identical (3 stems)"), "{out}");
    ends(at, 0, &["diff", "a.kdl", "b.kdl", "--stop-at-first"]);
    for (first, second) in [("stems", "a.wav"), ("a.golden", "a.wav"), ("stems", "a.golden")] {
        let outcome = outcome(at, 2, &["diff", first, second]);
        assert_eq!(outcome["diagnostics"][0]["code"], "cannot-compare", "{first} {second}");
    }
}

#[test]
fn a_song_is_compared_with_itself_in_git() {
    let folder = folder();
    let at = folder.path();
    git(at, &["init"]);
    write(at, "songs/a.kdl", SMALL);
    git(at, &["add", "."]);
    git(at, &["commit", "-m", "one"]);
    write(at, "songs/a.kdl", &replaced(SMALL, "cutoff=\"400Hz\"", "cutoff=\"700Hz\""));
    let found = outcome(at, 1, &["diff", "HEAD:songs/a.kdl", "songs/a.kdl"]);
    assert_eq!(causes(&found, "bass"), ["songs/a.kdl:15 bass.filter.cutoff 400Hz -> 700Hz"]);
    assert!(part(&found, "bass")["effects"].to_string().contains("brighter"));
    // Paths begin where the command runs.
    let found = outcome(&at.join("songs"), 1, &["diff", "main:a.kdl", "a.kdl"]);
    assert_eq!(found["name"], "main:a.kdl -> a.kdl");
    // A line that is gone is shown where it was.
    write(at, "songs/a.kdl", &replaced(SMALL, "track hat \"..x...x...x...xg\"\n", ""));
    let (out, _) = ends(at, 1, &["diff", "HEAD:songs/a.kdl", "songs/a.kdl"]);
    assert!(out.contains("HEAD:songs/a.kdl:25:"), "{out}");
    for (side, code) in [
        ("nowhere:songs/a.kdl", "unknown-revision"),
        ("HEAD:songs/b.kdl", "not-in-revision"),
        ("HEAD:a.kdl", "not-in-revision"),
    ] {
        let (_, err) = ends(at, 2, &["diff", side, "songs/a.kdl"]);
        assert!(err.contains(code), "{side}: {err}");
    }
    let outside = super::folder();
    write(outside.path(), "a.kdl", SMALL);
    let (_, err) = ends(outside.path(), 2, &["diff", "HEAD:a.kdl", "a.kdl"]);
    assert!(err.contains("no-repository"), "{err}");
}

#[test]
fn what_is_too_much_can_be_said() {
    let folder = folder();
    let at = folder.path();
    let quieter = replaced(SMALL, "vca=env gain=\"-6dB\"", "vca=env gain=\"-6.2dB\"");
    write(at, "a.kdl", SMALL);
    write(at, "b.kdl", &quieter);
    write(at, "loose.kdl", "test loudness=\"0.5dB\"\n");
    write(at, "strict.kdl", "test loudness=\"0.5dB\" residual=\"-80dB\"\n");
    assert_eq!(outcome(at, 1, &["diff", "a.kdl", "b.kdl"])["verdict"], "different");
    let found = outcome(at, 0, &["diff", "a.kdl", "b.kdl", "--tolerance", "loose.kdl"]);
    assert_eq!(found["verdict"], "within tolerance");
    ends(at, 1, &["diff", "a.kdl", "b.kdl", "--tolerance", "loose.kdl", "--exact"]);
    ends(at, 1, &["diff", "a.kdl", "b.kdl", "--tolerance", "strict.kdl"]);
    write(at, "c.kdl", &format!("test loudness=\"0.5dB\"\n{quieter}"));
    ends(at, 0, &["diff", "a.kdl", "c.kdl"]);
    // What B says counts, not what A says.
    ends(at, 1, &["diff", "c.kdl", "a.kdl"]);
    write(at, "wrong.kdl", "test loudness=\"0.5dB\" colour=2\nsine x freq=1\n");
    let (_, err) = ends(at, 2, &["diff", "a.kdl", "b.kdl", "--tolerance", "wrong.kdl"]);
    assert!(err.contains("unknown-property") && err.contains("misplaced"), "{err}");
    ends(at, 2, &["diff", "a.kdl", "b.kdl", "--tolerance", "none.kdl"]);
}

#[test]
fn sounds_are_aligned_if_that_is_asked_for() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.kdl", SMALL);
    ends(at, 0, &["render", "a.kdl", "-o", "a.wav", "--bits", "32f", "--quiet"]);
    let sound = frames(&at.join("a.wav"));
    let late: Vec<[f32; 2]> = vec![[0.0; 2]; 12_345].into_iter().chain(sound).collect();
    wav(&at.join("late.wav"), 48_000, &late);
    ends(at, 1, &["diff", "a.wav", "late.wav"]);
    let found = outcome(at, 0, &["diff", "a.wav", "late.wav", "--align"]);
    assert_eq!((&found["verdict"], &found["comparison"]["aligned"]), (&"identical".into(), &12_345.into()));
}

#[test]
fn the_first_difference_is_found_without_rendering_on() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.kdl", SMALL);
    write(at, "b.kdl", &SMALL.replace("bars=4", "bars=4 seed=3").replacen("seed=3 ", "", 1));
    write(at, "c.kdl", &replaced(SMALL, "\"X...X...X...X...\"", "\"{2 X...X...X...X...} X...x...X...X...\""));
    ends(at, 0, &["diff", "a.kdl", "b.kdl", "--stop-at-first"]);
    let found = outcome(at, 1, &["diff", "a.kdl", "c.kdl", "--stop-at-first"]);
    let sentence = part(&found, "")["sentence"].as_str().unwrap();
    assert!(sentence.contains("first in bar 3, at 0:04.5"), "{sentence}");
    let gone = chronus(at, &["diff", "a.kdl", "c.kdl", "--stop-at-first", "--align"]);
    assert_eq!(gone.status.code(), Some(2));
}

#[test]
fn stems_that_only_one_has_are_named() {
    let folder = folder();
    let at = folder.path();
    write(at, "a.kdl", SMALL);
    let less =
        replaced(SMALL, "route hat -> mix pan=0.4\n", "").replace("track hat \"..x...x...x...xg\"\n", "");
    write(at, "b.kdl", &less);
    let (out, _) = ends(at, 1, &["diff", "a.kdl", "b.kdl"]);
    assert!(out.contains("hat is gone") && out.contains("everything else is identical (2 stems)"), "{out}");
    let (out, _) = ends(at, 1, &["diff", "b.kdl", "a.kdl"]);
    assert!(out.contains("hat is new"), "{out}");
}

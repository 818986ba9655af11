//! `chronus fmt`.

use std::fs;

use super::{chronus, chronus_with_input, folder, stderr, stdout};

const ROUGH: &str = "song   \"Rough\" bars = 1   // one\n\n\n\ninstrument a {\nsaw osc octave=-1 // low\n  ladder filter cutoff=\"300Hz\"\n\tadsr e\n// the way out\nroute osc   ->  filter -> out\n}\n;track a \"X.. x\" ;  /* more */ track b play=a x...\n";
const SMOOTH: &str = "song \"Rough\" bars=1  // one\n\ninstrument a {\n    saw    osc    octave=-1  // low\n    ladder filter cutoff=\"300Hz\"\n    adsr   e\n    // the way out\n    route osc -> filter -> out\n}\ntrack a \"X.. x\"\n/* more */ track b play=a x...\n";
const BROKEN: &str = "song  bars=1\nsine hum   freq=5Hz\n";

#[test]
fn a_song_is_formatted_where_it_stands() {
    let folder = folder("fmt");
    fs::write(folder.join("song.kdl"), ROUGH).unwrap();
    let output = chronus(&folder, &["fmt", "song.kdl"]);
    assert_eq!(
        (output.status.code(), stdout(&output), stderr(&output)),
        (Some(0), "song.kdl: formatted\n", "")
    );
    assert_eq!(fs::read_to_string(folder.join("song.kdl")).unwrap(), SMOOTH);
    // Nothing is left to do, and nothing else is left in the folder.
    let output = chronus(&folder, &["fmt", "song.kdl"]);
    assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(0), "", ""));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let output = chronus_with_input(&["fmt", "-"], ROUGH.as_bytes());
    assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(0), SMOOTH, ""));
    let output = chronus_with_input(&["fmt", "-"], SMOOTH.as_bytes());
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), SMOOTH));
}

#[test]
fn check_names_the_files_and_changes_nothing() {
    let folder = folder("fmt-check");
    fs::write(folder.join("rough.kdl"), ROUGH).unwrap();
    fs::write(folder.join("smooth.kdl"), SMOOTH).unwrap();
    let output = chronus(&folder, &["fmt", "--check", "rough.kdl", "smooth.kdl"]);
    assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(1), "rough.kdl\n", ""));
    assert_eq!(fs::read_to_string(folder.join("rough.kdl")).unwrap(), ROUGH);
    let output = chronus(&folder, &["fmt", "--check", "smooth.kdl"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), ""));
    let output = chronus_with_input(&["fmt", "--check", "-"], ROUGH.as_bytes());
    assert_eq!((output.status.code(), stdout(&output)), (Some(1), "<stdin>\n"));
}

#[test]
fn what_is_no_kdl_is_left_alone() {
    let folder = folder("fmt-broken");
    fs::write(folder.join("broken.kdl"), BROKEN).unwrap();
    fs::write(folder.join("rough.kdl"), ROUGH).unwrap();
    let output = chronus(&folder, &["fmt", "broken.kdl", "rough.kdl"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(1), "rough.kdl: formatted\n"));
    assert!(stderr(&output).starts_with("needs-quotes"), "{}", stderr(&output));
    assert!(stderr(&output).ends_with("1 error in broken.kdl\n"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(folder.join("broken.kdl")).unwrap(), BROKEN);
    let output = chronus_with_input(&["fmt", "-"], BROKEN.as_bytes());
    assert_eq!((output.status.code(), stdout(&output)), (Some(1), ""));
}

/// What is wrong with a song but not with its text is for `check` to say.
#[test]
fn a_song_with_other_errors_is_formatted() {
    let output = chronus_with_input(&["fmt", "-"], b"sin   hum\n");
    assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(0), "sin hum\n", ""));
}

#[test]
fn files_that_are_missing_are_code_two() {
    let folder = folder("fmt-missing");
    fs::write(folder.join("rough.kdl"), ROUGH).unwrap();
    let output = chronus(&folder, &["fmt", "missing.kdl", "rough.kdl"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), "rough.kdl: formatted\n"));
    assert!(stderr(&output).starts_with("missing-file"), "{}", stderr(&output));
    assert_eq!(chronus(&folder, &["fmt"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("fmt-links");
    let file = folder.join("song.kdl");
    fs::write(&file, ROUGH).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("song.kdl", folder.join("link.kdl")).unwrap();
    let output = chronus(&folder, &["fmt", "link.kdl"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), "link.kdl: formatted\n"));
    assert!(folder.join("link.kdl").is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), SMOOTH);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}

//! `chronus check`.

use std::fs;

use super::{chronus, chronus_with_input, folder, stderr, stdout};

const FINE: &str = "song bars=1\nsine hum freq=110\nroute hum -> out gain=\"-12dB\"\n";
const WARNED: &str = "song bars=1\nsine a freq=110\nsine b freq=220\nroute a -> out\n";
const WRONG: &str = "song bars=1 tempo=fast\nsin hum\n";

#[test]
fn a_fine_song_is_said_to_be_fine() {
    let folder = folder("fine");
    fs::write(folder.join("song.kdl"), FINE).unwrap();
    let output = chronus(&folder, &["check", "song.kdl"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "song.kdl: fine\n");
    assert_eq!(stderr(&output), "");
}

#[test]
fn errors_go_to_standard_error_and_are_counted() {
    let folder = folder("errors");
    fs::write(folder.join("song.kdl"), WRONG).unwrap();
    let output = chronus(&folder, &["check", "song.kdl"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    let text = stderr(&output);
    assert!(text.contains("song.kdl:1:19"), "{text}");
    assert!(text.contains("did you mean `sine`?"), "{text}");
    assert!(text.ends_with("\n2 errors in song.kdl\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour into a pipe");
}

#[test]
fn all_files_are_checked_in_one_go() {
    let folder = folder("several");
    fs::write(folder.join("a.kdl"), WRONG).unwrap();
    fs::write(folder.join("b.kdl"), FINE).unwrap();
    fs::write(folder.join("c.kdl"), WARNED).unwrap();
    let output = chronus(&folder, &["check", "a.kdl", "b.kdl", "c.kdl"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "b.kdl: fine\n");
    assert!(stderr(&output).contains("2 errors in a.kdl\n"));
    assert!(stderr(&output).ends_with("1 warning in c.kdl\n"));
}

#[test]
fn warnings_can_be_denied() {
    let folder = folder("warnings");
    fs::write(folder.join("song.kdl"), WARNED).unwrap();
    assert_eq!(chronus(&folder, &["check", "song.kdl"]).status.code(), Some(0));
    assert_eq!(chronus(&folder, &["check", "--deny", "warnings", "song.kdl"]).status.code(), Some(1));
}

#[test]
fn json_is_one_object_a_line_on_standard_output() {
    let folder = folder("json");
    fs::write(folder.join("song.kdl"), "song \"ä\" bars=1 tempo=fast\nsin hum\n").unwrap();
    let output = chronus(&folder, &["check", "--format", "json", "song.kdl"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "");
    let objects: Vec<serde_json::Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(objects.len(), 2);
    let first = &objects[0];
    assert_eq!(first["code"], "bad-value");
    assert_eq!(first["severity"], "error");
    assert_eq!(first["message"], "`fast` isn't a plain number");
    assert_eq!(first["file"], "song.kdl");
    assert_eq!((first["line"].as_u64(), first["column"].as_u64()), (Some(1), Some(23)));
    assert_eq!((first["end_line"].as_u64(), first["end_column"].as_u64()), (Some(1), Some(27)));
    assert_eq!((first["offset"].as_u64(), first["length"].as_u64()), (Some(23), Some(4)));
    assert_eq!(objects[1]["code"], "unknown-kind");
}

#[test]
fn standard_input_is_a_song_too() {
    let output = chronus_with_input(&["check", "-"], FINE.as_bytes());
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), "<stdin>: fine\n"));
    let output = chronus_with_input(&["check", "-"], WRONG.as_bytes());
    assert!(stderr(&output).ends_with("2 errors in <stdin>\n"));
}

#[test]
fn files_that_are_no_songs_have_codes() {
    let folder = folder("files");
    fs::create_dir(folder.join("dir")).unwrap();
    fs::write(folder.join("empty.kdl"), "").unwrap();
    fs::write(folder.join("latin.kdl"), b"song \"\xe4\"\n").unwrap();
    fs::write(folder.join("sound.wav"), b"RIFF\x00\x00\x00\x00WAVE").unwrap();
    fs::write(folder.join("zeros.kdl"), b"s\x00o\x00").unwrap();
    fs::write(folder.join("long.kdl"), "// long\n".repeat(140_000)).unwrap();
    for (file, code, exit) in [
        ("missing.kdl", "missing-file", 2),
        ("dir", "not-a-file", 2),
        ("empty.kdl", "empty-song", 1),
        ("latin.kdl", "not-text", 1),
        ("sound.wav", "not-text", 1),
        ("zeros.kdl", "not-text", 1),
        ("long.kdl", "too-large", 1),
    ] {
        let output = chronus(&folder, &["check", file]);
        let text = stderr(&output);
        assert!(text.starts_with(code), "{file}: {text}");
        assert!(text.contains(file), "{file}: {text}");
        assert!(text.ends_with(&format!("1 error in {file}\n")), "{file}: {text}");
        assert_eq!(output.status.code(), Some(exit), "{file}");
        let json = chronus(&folder, &["check", "--format=json", file]);
        let object: serde_json::Value = serde_json::from_str(stdout(&json)).expect("JSON");
        assert_eq!(object["code"], code);
        assert_eq!(object["file"], file);
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_said_to_be_unreadable() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("permission");
    let file = folder.join("song.kdl");
    fs::write(&file, FINE).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    // Who may read everything, as root may, sees a fine song.
    let may_read = fs::read(&file).is_ok();
    let output = chronus(&folder, &["check", "song.kdl"]);
    let expected = if may_read { Some(0) } else { Some(2) };
    assert_eq!(output.status.code(), expected);
    assert_eq!(stderr(&output).starts_with("unreadable-file"), !may_read);
}

#[test]
fn usage_errors_are_code_two() {
    let folder = folder("usage");
    assert_eq!(chronus(&folder, &["check"]).status.code(), Some(2));
    assert_eq!(chronus(&folder, &["chek", "a"]).status.code(), Some(2));
    let help = chronus(&folder, &["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(stdout(&help).contains("check"));
}

#[test]
fn a_song_never_puts_control_characters_on_the_terminal() {
    let output = chronus_with_input(&["check", "-"], b"song \"\x1b[31m\" x\x07y=1\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(!stderr(&output).contains('\u{1b}') && !stderr(&output).contains('\u{7}'));
}

#[test]
fn what_the_library_has_is_checked_by_its_name() {
    let folder = folder("library");
    let output = chronus(&folder, &["check", "std/rig", "std/kit", "std/kit#kick"]);
    let fine = "std/rig: fine\nstd/kit: fine\nstd/kit#kick: fine\n";
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), fine));
    // A file of that name comes first.
    fs::create_dir(folder.join("std")).unwrap();
    fs::write(folder.join("std/rig"), WRONG).unwrap();
    assert_eq!(chronus(&folder, &["check", "std/rig"]).status.code(), Some(1));
}

#[test]
fn a_take_is_told_as_one() {
    let folder = folder("take");
    let take = "// A take of chronus.\ntake \"song.kdl\" rate=48000 from=0 ends=#true #\"\"\"\nsong bars=1\n\"\"\"#\nend 0\n";
    fs::write(folder.join("night.take.kdl"), take).unwrap();
    for command in [&["check", "night.take.kdl"][..], &["render", "night.take.kdl", "-o", "night.wav"]] {
        let output = chronus(&folder, command);
        assert_eq!(output.status.code(), Some(1));
        let said = stderr(&output);
        assert!(
            said.starts_with("take-for-song\n\n  × this is a take of `song.kdl`, not a song\n"),
            "{said}"
        );
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("`chronus render song.kdl --take night.take.kdl -o take.wav`"), "{said}");
        assert!(said.contains("1 error in night.take.kdl"), "{said}");
    }
    // Also where its end was cut off.
    fs::write(folder.join("night.take.kdl"), &take[..70]).unwrap();
    assert!(stderr(&chronus(&folder, &["check", "night.take.kdl"])).contains("this is a take, not a song"));
}

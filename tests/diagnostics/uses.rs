//! Songs that use other files, as they go wrong.

use chronus::check::song::check_with;
use chronus::check::song_files::{FileRefusal, SongFiles};
use chronus::diagnostic::json::object;
use chronus::diagnostic::source::{SourceText, Sources};

use crate::fixes::help_helps;
use crate::{checked, codes, codes_with, said_with};

const KICK: &str = "instrument kick {\n    sine osc freq=50\n    route osc -> out\n}\n";

/// A file may use others, be a song itself, and its names may be changed.
#[test]
fn what_is_taken_plays() {
    let kit =
        format!("song \"Kit\" tempo=90 bars=7\nuse \"./deep/er.kdl\" hat=tick\n{KICK}track kick X...\n");
    let files = [
        ("kits/kit.kdl", kit.as_str()),
        (
            "kits/deep/er.kdl",
            "use \"../more.kdl\" four\ninstrument tick {\n    noise osc\n    route osc -> out\n}\n",
        ),
        ("kits/more.kdl", "pattern four X...X...\n"),
    ];
    let song = "use \"./kits/kit.kdl\" kick top=hat\nuse \"kits/deep/er.kdl\" beat=four\n\
                track kick pattern=beat\ntrack top x.\n";
    assert_eq!(said_with(song, &files), "");
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", song));
    let made = check_with(&mut sources, id, &mut chronus::check::song_files::MemoryFiles(&files))
        .song
        .expect("a song");
    assert_eq!(made.title, "", "its own header, not the file's");
    let names: Vec<&str> = made.instruments.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(names, ["kick", "top"]);
    assert_eq!(made.sections[0].tracks.len(), 2, "tracks stay behind");
}

/// An instrument sounds the same wherever it is written.
#[test]
fn a_file_means_what_its_text_means() {
    let files = [("kit.kdl", KICK)];
    let of = |text: &str| {
        let mut sources = Sources::default();
        let id = sources.add(SourceText::new("song.kdl", text));
        let song = check_with(&mut sources, id, &mut chronus::check::song_files::MemoryFiles(&files)).song;
        format!("{:?}", song.expect("a song"))
    };
    assert_eq!(of("use \"./kit.kdl\" kick\ntrack kick X...\n"), of(&format!("{KICK}track kick X...\n")));
}

/// The file's own text is shown, and by which lines it came in.
#[test]
fn faults_in_files_are_shown_there() {
    let files = [
        ("kit.kdl", "use \"./parts/deep.kdl\" kick\n"),
        ("parts/deep.kdl", "instrument kick {\n    sine osc frequency=50\n    route osc -> out\n}\n"),
    ];
    let song = "song \"Mine\"\nuse \"./kit.kdl\" kick\ntrack kick X...\n";
    insta::assert_snapshot!(said_with(song, &files));
    // It is mended in the file that it stands in.
    assert_eq!(help_helps(song, &files), [""; 0]);
    let (diagnostics, sources) = checked(song, &files);
    insta::assert_snapshot!(object(&diagnostics[0], &sources, "song.kdl"));
}

#[test]
fn slips_in_use_lines() {
    let files = [("kit.kdl", KICK), ("empty.kdl", ""), ("sub/kit.kdl", "use \"../../kit.kdl\" kick\n")];
    let song = r#"song bars=1
use "./kit.kdl" kik kick snare=kick 5
use "./kit.kdl" kick
use "std/kit.kdl" kick2=kick
use "std" kick3=kick
use "kit" kick4=kick
use "./empty.kdl" nothing
use "./sub/kit.kdl" kick5=kick
use 5 kick6
use
use "./kit.kdl"
use "" kick7=kick
use ".\\kit.kdl" kick8=kick
use "C:/kit.kdl" kick9=kick
use "./song.kdl" kick10=kick
use "./kit.kdl" Kick=kick { x; }
track kick X...
track kik X...
"#;
    insta::assert_snapshot!(said_with(song, &files));
    insta::assert_snapshot!(help_helps(song, &files).join("\n"));
}

/// What could not be had is not complained of again where it is played.
#[test]
fn nothing_follows_from_a_missing_file() {
    assert_eq!(
        codes("use \"./kit.kdl\" kick four\ntrack kick X...\ntrack four play=kick pattern=four\n"),
        ["missing-file"]
    );
}

/// Only what is taken is looked into, apart from what isn't KDL.
#[test]
fn what_is_not_taken_is_not_checked() {
    let kit = format!("{KICK}instrument bad {{\n    sine osc frequency=5\n}}\n");
    assert_eq!(codes_with("use \"./kit.kdl\" kick\ntrack kick X...\n", &[("kit.kdl", &kit)]), [""; 0]);
    let kit = format!("{KICK}instrument bad {{\n    sine osc freq=5ms\n}}\n");
    assert_eq!(
        codes_with("use \"./kit.kdl\" kick\ntrack kick X...\n", &[("kit.kdl", &kit)]),
        ["needs-quotes"]
    );
}

/// Any number of files, each of which uses another, with something long in it.
struct Endless(&'static str);

impl SongFiles for Endless {
    fn text(&mut self, path: &str) -> Result<String, FileRefusal> {
        Ok(format!("use \"./{}x.kdl\" kick\n{}", path.trim_end_matches(".kdl"), self.0))
    }

    fn bytes(&mut self, _: &str, _: u64) -> Result<Vec<u8>, FileRefusal> {
        Err(FileRefusal::Missing)
    }
}

#[test]
fn files_without_end_are_an_error() {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", "use \"./x.kdl\" kick\ntrack kick X...\n"));
    let said = check_with(&mut sources, id, &mut Endless("")).diagnostics;
    assert_eq!(said.iter().map(|one| one.code.id).collect::<Vec<_>>(), ["too-many-files"]);
    assert_eq!(sources.len(), 256);
    let long: &str = Box::leak(format!("//{}\n", "long ".repeat(200_000)).into_boxed_str());
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", "use \"./x.kdl\" kick\ntrack kick X...\n"));
    let said = check_with(&mut sources, id, &mut Endless(long)).diagnostics;
    assert_eq!(said.iter().map(|one| one.code.id).collect::<Vec<_>>(), ["too-large"]);
}

//! What reaches a terminal: no orders in the words of others, and plain text where that is wanted.

use std::path::Path;
use std::process::Output;

use super::program::program;
use super::{chronus, folder, stderr, stdout};

/// Characters that a terminal obeys or that turn the direction of what follows, but for line breaks and tabs.
fn orders(text: &str) -> Vec<char> {
    let bidi = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'];
    text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\t') || bidi.contains(c)).collect()
}

fn assert_harmless(output: &Output, what: &str) {
    for text in [stdout(output), stderr(output)] {
        assert_eq!(orders(text), Vec::<char>::new(), "{what}: {text:?}");
    }
}

/// Part of a file's name: an escape sequence, one in a single character, a line break, and a turn of direction.
const HOSTILE: &str = "\u{1b}[31m\u{9b}2J\n\r\u{202e}::error::x";

#[cfg(unix)]
#[test]
fn no_words_of_others_are_orders_to_a_terminal() {
    let folder = folder("plain-hostile");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        name.to_owned()
    };
    let song = format!("song {:?} bars=1\nsine tone freq=440\nroute tone -> out gain=0.1\n", "a\u{202e}b");
    let good = write(&format!("good{HOSTILE}.kdl"), &song);
    let changed = write(&format!("changed{HOSTILE}.kdl"), &song.replace("440", "330"));
    let bad = write(
        &format!("bad{HOSTILE}.kdl"),
        "song bars=1\n// \u{202e}\u{9b}31m\rx\n\nsin\u{200f}e tone freq=440 // \u{9b}\u{202e}\u{61c}\n/* \u{9b} */ route \"t\u{1b}[2J\u{9b}\u{2066}\" -> out\n",
    );
    let (good, changed, bad) = (good.as_str(), changed.as_str(), bad.as_str());
    let option = format!("--{HOSTILE}");
    let flag = option.as_str();
    let run = |args: &[&str]| {
        let output = chronus(&folder, args);
        assert_harmless(&output, &format!("{args:?}"));
        output
    };
    for args in [
        &["check", good][..],
        &["check", bad],
        &["check", "--format", "json", bad],
        &["check", &format!("no{HOSTILE}.kdl")],
        &["check", flag],
        &["fmt", "--check", good],
        &["fmt", "--check", bad],
        &["render", bad, "-o", "a.wav"],
        &["render", good, "-o", &format!("a{HOSTILE}.wav")],
        &["render", good, "-o", &format!("no{HOSTILE}/a.wav")],
        &["render", good, "-o", "a.wav", "--solo", HOSTILE],
        &["render", good, "-o", "a.wav", "--from", HOSTILE],
        &["render", good, "--take", bad, "-o", "b.wav"],
        &["diff", good, bad],
        &["diff", good, &format!("HEAD{HOSTILE}:a.kdl")],
        &["diff", good, changed, "--report", &format!("a{HOSTILE}.html")],
        &["test", HOSTILE],
        &["test", good, "--tolerance", bad],
        &["explain", HOSTILE],
        &["modules", HOSTILE],
        &["schema", HOSTILE],
        &["library", flag],
        &["devices", flag],
        &["osc", "--to", HOSTILE, "ping"],
        &["osc", "send", HOSTILE],
        &["osc", "send", "/a", &format!("i:{HOSTILE}")],
        &["play", bad],
        &["play", good, "--osc", HOSTILE],
        &["play", good, "--web", HOSTILE],
        &["play", good, "--host", HOSTILE],
        &[HOSTILE],
    ] {
        run(args);
    }
    for format in ["human", "json", "junit", "sarif", "github"] {
        let of_diff = run(&["diff", good, changed, "--format", format]);
        assert_eq!(of_diff.status.code(), Some(1), "{}", stderr(&of_diff));
        run(&["test", good, bad, "--format", format]);
        if format == "github" {
            // As its documentation says; what it doesn't decode is written out.
            let file =
                stdout(&of_diff).lines().find_map(|line| line.split_once(" file=")).expect("an annotation").1;
            assert!(file.starts_with(r"changed\u{1b}[31m\u{9b}2J%0A"), "{file}");
        }
        if format == "sarif" {
            let sarif: serde_json::Value = serde_json::from_str(stdout(&of_diff)).expect("JSON");
            let uri = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
                ["uri"];
            let uri = uri.as_str().expect("a place");
            assert!(uri.starts_with("changed%1B%5B31m%C2%9B2J%0A%0D%E2%80%AE%3A%3Aerror"), "{uri}");
        }
    }
    // JSON still says what it is.
    let json = run(&["check", "--format", "json", bad]);
    let first: serde_json::Value = serde_json::from_str(stdout(&json).lines().next().unwrap()).expect("JSON");
    assert_eq!(first["file"], bad);
    let page = std::fs::read_to_string(folder.join(format!("a{HOSTILE}.html"))).expect("the page");
    let mut told = orders(&page);
    told.retain(|c| *c != '\r');
    assert_eq!(told, Vec::<char>::new());
}

/// What a command prints to a terminal that calls itself `term`, byte by byte.
#[cfg(unix)]
fn on_terminal(folder: &Path, term: &str, set: &[(&str, &str)], args: &[&str]) -> String {
    use std::io::Read as _;
    use std::process::Stdio;

    use rustix::fs::OFlags;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("a terminal");
    let name = ptsname(&ours, Vec::new()).expect("a name");
    let theirs = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, rustix::fs::Mode::empty())
        .expect("its other end");
    let size = rustix::termios::Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&theirs, size).expect("a size");
    let end = || Stdio::from(theirs.try_clone().expect("another"));
    let mut command = program();
    command.args(args).current_dir(folder).env_remove("NO_COLOR").env("TERM", term).envs(set.iter().copied());
    let mut child = command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("the program starts");
    drop((theirs, command));
    if args[0] == "play" && args.len() > 3 {
        // A device that is none may take sound for ever.
        let pid = rustix::process::Pid::from_child(&child);
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_secs(2));
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        });
    }
    let mut text = Vec::new();
    let mut bytes = [0; 4096];
    let mut ours = std::fs::File::from(ours);
    // The other end is gone when the program is.
    while let Ok(count @ 1..) = ours.read(&mut bytes) {
        text.extend_from_slice(&bytes[..count]);
    }
    child.wait().expect("it ends");
    String::from_utf8_lossy(&text).into_owned()
}

/// Whether a text sets a colour.
#[cfg(unix)]
fn has_colours(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|rest| {
        let Some((codes, _)) =
            rest.split_once('m').filter(|(codes, _)| codes.chars().all(|c| c.is_ascii_digit() || c == ';'))
        else {
            return false;
        };
        codes.split(';').any(|code| {
            matches!(code, "38" | "48")
                || (code.len() == 2 && code.starts_with(['3', '4']) && !code.ends_with('9'))
        })
    })
}

#[cfg(unix)]
#[test]
fn terminals_get_plain_text_where_they_want_it() {
    let folder = folder("plain-terminal");
    let song = "song bars=2\nsine tone freq=440\nroute tone -> out gain=0.1\n";
    std::fs::write(folder.join("a.kdl"), song).unwrap();
    std::fs::write(folder.join("b.kdl"), song.replace("440", "330")).unwrap();
    std::fs::write(folder.join("bad.kdl"), song.replace("sine tone", "sin  tone")).unwrap();
    std::fs::write(
        folder.join("asound.conf"),
        "pcm.!default { type null }\nctl.!default { type hw card 0 }\n",
    )
    .unwrap();
    let commands = [
        &["check", "a.kdl", "bad.kdl"][..],
        &["render", "a.kdl", "-o", "a.wav"],
        &["diff", "a.kdl", "b.kdl"],
        &["test", "bad.kdl", "a.kdl"],
        &["explain", "unknown-kind"],
        &["explain", "nothing"],
        &["--help"],
        &["play", "--help"],
        &["render"],
        &["play", "bad.kdl"],
        &["fmt", "--check", "bad.kdl"],
    ];
    for args in commands {
        let dumb = on_terminal(&folder, "dumb", &[], args);
        assert!(!dumb.contains('\u{1b}') && !dumb.is_empty(), "{args:?}: {dumb:?}");
        // A bar that is drawn over itself is none.
        assert!(!dumb.replace("\r\n", "\n").contains('\r'), "{args:?}: {dumb:?}");
        let plain = on_terminal(&folder, "xterm-256color", &[("NO_COLOR", "1")], args);
        assert!(!has_colours(&plain), "{args:?}: {plain:?}");
    }
    // Otherwise there are colours, and a bar.
    assert!(has_colours(&on_terminal(&folder, "xterm-256color", &[("NO_COLOR", "")], commands[0])));
    assert!(on_terminal(&folder, "xterm-256color", &[], commands[1]).contains("\u{1b}["));
    // A device that takes everything at once.
    let conf = folder.join("asound.conf").display().to_string();
    let play = |term: &str, more: &[(&str, &str)]| {
        let set: Vec<(&str, &str)> =
            more.iter().copied().chain([("ALSA_CONFIG_PATH", conf.as_str())]).collect();
        on_terminal(&folder, term, &set, &["play", "a.kdl", "--no-osc", "--no-watch", "--host", "alsa"])
    };
    let dumb = play("dumb", &[]);
    if dumb.contains("can't be loaded") {
        super::skip::missing(
            "terminals_get_plain_text_where_they_want_it",
            "no libasound2; `.ci/live --install` installs it",
        );
        return;
    }
    assert!(dumb.starts_with("playing a.kdl on ") && !dumb.contains('\u{1b}'), "{dumb:?}");
    let plain = play("xterm-256color", &[("NO_COLOR", "1")]);
    assert!(
        plain.contains("\u{1b}[?1049h") && plain.contains("\u{1b}[?1049l") && !has_colours(&plain),
        "{plain:?}"
    );
    assert!(has_colours(&play("xterm-256color", &[])));
}

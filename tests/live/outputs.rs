//! What a player prints: libraries stay off the screen, and readers that go away are missed by nobody.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::checks::{ANY, control};
use crate::program::{LONGEST, Running, program};
use crate::rig::{Rig, Server};
use crate::screen::Terminal;

const SONG: &str = "song \"Quiet\" tempo=240\ninstrument a {\n saw osc\n adsr env\n route osc -> out vca=env\n}\ntrack a \"X...x...X...x...\"\n";

fn song(rig: &Rig) -> PathBuf {
    let file = rig.file("song.kdl");
    fs::write(&file, SONG).expect("a song");
    file
}

/// Whether a line is one of libjack's or of ALSA's, which they print by themselves when the server has gone.
fn is_of_library(line: &str) -> bool {
    line.contains("ALSA lib") || line.contains("Cannot connect to server") || line.contains("jack server is")
}

/// Writes a line where a library in `player` would: to its standard error, wherever that leads now.
fn as_a_library(player: &Running, line: &str) {
    let path = format!("/proc/{}/fd/2", player.id());
    let stderr = fs::File::options().write(true).open(path).expect("its standard error");
    writeln!(&stderr, "{line}").expect("it can be written");
}

/// Libraries print what they like on standard error. While there is a screen nobody sees it. libjack and ALSA are kept from it at all
/// times.
pub(crate) fn libraries_stay_off_the_screen() {
    let rig = Rig::start(Server::Jack, false);
    let file = song(&rig);
    let start = |words: &[&str]| {
        let mut command = program();
        rig.lead(&mut command, "alsa-jack.conf");
        command.args(["play", "--loop", "--no-osc", "--host", "alsa"]).args(words).arg(&file);
        Terminal::start(&mut command, [24, 80])
    };
    let printed = |terminal: &Terminal| String::from_utf8_lossy(&terminal.printed()).into_owned();
    // Without a screen it is seen, so there is something to keep off.
    let terminal = start(&["--headless"]);
    terminal.wait("a song", |text| text.contains("playing "));
    as_a_library(&terminal.child, "what a library prints");
    terminal.wait("what a library prints", |text| text.contains("what a library prints"));
    rig.kill();
    terminal.wait("the loss", |text| text.contains("the device stopped"));
    // It is looked for again and again.
    thread::sleep(Duration::from_secs(2));
    rig.again();
    terminal.wait("the return", |text| text.contains("the device is back"));
    assert!(!printed(&terminal).lines().any(is_of_library), "{}", printed(&terminal));
    drop(terminal);
    let mut terminal = start(&[]);
    terminal.wait("a track", |text| text.contains("X... x... X... x..."));
    as_a_library(&terminal.child, "what a library prints");
    rig.kill();
    terminal.wait("the loss", |text| text.contains("the device stopped"));
    thread::sleep(Duration::from_secs(2));
    rig.again();
    terminal.wait("the return", |text| text.contains("the device is back"));
    let all = printed(&terminal);
    assert!(!all.contains("what a library prints") && !all.lines().any(is_of_library), "{all}");
    terminal.press("q");
    let status = terminal.child.wait();
    assert!(status.success() && terminal.is_restored(), "{status} {}", terminal.text());
}

/// Whoever reads what is printed may go: the song plays on, everything is obeyed, and it ends well.
pub(crate) fn playing_outlives_its_readers() {
    let rig = Rig::start(Server::Jack, false);
    let file = song(&rig);
    let mut command = program();
    rig.lead(&mut command, "alsa-jack.conf");
    command.args(["play", "--headless", "--loop", "--host", "alsa", "--osc", ANY]).arg(&file);
    let mut player = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    drop(player.stderr.take());
    let lines = BufReader::new(player.stdout.take().expect("piped")).lines();
    let (tell, told) = channel();
    // The pipe is closed as soon as that line is read.
    thread::spawn(move || {
        let mut lines = lines.map_while(Result::ok);
        tell.send(lines.find_map(|line| line.strip_prefix("OSC at ").map(str::to_owned)))
    });
    let engine = told.recv_timeout(LONGEST).expect("a line").expect("where it listens");
    for (text, said) in [(SONG.replace("240", "200"), 200), (SONG.replace("240", "180"), 180)] {
        // What is refused, and what is edited, is printed.
        assert_eq!(control(&engine, &["send", "/mod/a/nowhere", "1"]).status.code(), Some(1));
        fs::write(&file, text).expect("an edit");
        thread::sleep(Duration::from_millis(2_500));
        let output = control(&engine, &["status", "--format", "json"]);
        let status = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && status.contains("\"playing\":true"), "{status}");
        assert!(status.contains(&format!("\"bpm\":{said}")), "{status}");
    }
    player.signal(Signal::TERM);
    assert_eq!(player.end().code(), Some(0));
}

//! What a player prints: libraries stay off the screen, and readers that go away are missed by nobody.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::checks::{ANY, control};
use crate::program::{LONGEST, Lines, Running, program};
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

/// libjack and ALSA print what they like on standard error. While there is a screen nobody sees it.
pub(crate) fn libraries_stay_off_the_screen() {
    let rig = Rig::start(Server::Jack, false);
    let file = song(&rig);
    // Without a screen it is seen, so there is something to keep off.
    let mut command = program();
    rig.lead(&mut command, "alsa-jack.conf");
    command.args(["play", "--headless", "--loop", "--no-osc", "--host", "alsa"]).arg(&file);
    let mut player = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    Lines::of(player.stdout.take()).with("playing");
    let lines = Lines::of(player.stderr.take());
    thread::sleep(Duration::from_secs(1));
    rig.kill();
    lines.find("a line of a library", |line| is_of_library(line).then_some(()));
    drop(player);
    rig.again();
    let mut command = program();
    rig.lead(&mut command, "alsa-jack.conf");
    command.args(["play", "--loop", "--no-osc", "--host", "alsa"]).arg(&file);
    let mut terminal = Terminal::start(&mut command, [24, 80]);
    terminal.wait("a track", |text| text.contains("X... x... X... x..."));
    rig.kill();
    terminal.wait("the loss", |text| text.contains("the device stopped"));
    // It is looked for again and again.
    thread::sleep(Duration::from_secs(3));
    rig.again();
    terminal.wait("the return", |text| text.contains("the device is back"));
    let printed = String::from_utf8_lossy(&terminal.printed()).into_owned();
    assert!(!printed.lines().any(is_of_library), "{printed}");
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

//! A disk that is full while a take and a recording are written: the music goes on, and it is told.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use chronus::io::feed::Player;
use chronus::live::audio::ends;
use chronus::live::running::{Running, Said, start};
use chronus::live::session::Session;
use chronus::osc::message::{Arg, Message};

use crate::rig::{RATE, stage};

#[test]
fn the_music_goes_on_where_the_disk_is_full() {
    let full = PathBuf::from("/dev/full");
    if !full.exists() {
        return;
    }
    let text = "song bars=400 tempo=240 tail=0\nsine tone freq=440\nroute tone -> out gain=0.5\n";
    let (session, performance) = Session::begin(stage(), text).unwrap_or_else(|_| panic!("a song"));
    let (mut audio, control) = ends(performance, RATE);
    let file = OpenOptions::new().write(true).open(&full).expect("a disk that is full");
    let running =
        Running { take: Some((full.clone(), file)), record: Some(full.clone()), ..Running::default() };
    let thread = start(session, control, running);
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    let player = thread::spawn(move || {
        let mut loud = 0_u64;
        let mut frames = [[0.0; 2]; 480];
        while !ended.load(Ordering::Relaxed) {
            audio.callback();
            audio.play(&mut frames);
            loud += u64::from(frames.iter().any(|frame| frame[0].abs() > 0.1));
            thread::sleep(Duration::from_millis(1));
        }
        loud
    });
    let until = Instant::now() + Duration::from_secs(20);
    let told = |what: &str| thread.view(|view| view.news.iter().any(|line| line.contains(what)));
    while !told("the take /dev/full can't be written any more")
        || !told("/dev/full can't be written: No space")
    {
        assert!(Instant::now() < until, "{:?}", thread.view(|view| view.news.clone()));
        thread::sleep(Duration::from_millis(5));
    }
    // It is told once, and everything else goes on.
    let ask = |message: Message| {
        let (to, answers) = channel();
        thread.say.send(Said::Ask(message, to)).expect("it runs");
        answers.recv_timeout(Duration::from_secs(10)).expect("an answer")
    };
    assert_eq!(ask(Message::new("/mod/tone/freq", [Arg::Float(220.0)])), []);
    let status = ask(Message::new("/engine/record/status", []));
    assert_eq!(status[0].args[0].text(), Some("{\"recording\":false}"));
    let lines = thread.view(|view| view.news.iter().filter(|line| line.contains("the take")).count());
    assert_eq!(lines, 1);
    over.store(true, Ordering::Relaxed);
    assert!(player.join().expect("it plays") > 0, "nothing is heard");
    thread.end();
}

//! The player process: plays counted frames through a speaker and tells on standard output what happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chronus::engine::block_loop::Frame;
use chronus::io::player::Player;
use chronus::io::speaker::{Ask, Speaker};

/// The variable that makes a player of this program: the host, and the number of frames to play.
pub(crate) const PART: &str = "CHRONUS_LIVE_PLAYER";
/// Frames a second.
pub(crate) const RATE: u32 = 48_000;
/// No player lives longer.
const LONGEST: Duration = Duration::from_mins(1);

/// Frame number `n`, from 1 on: exact in floats, and never silence.
pub(crate) fn frame(n: u64) -> Frame {
    [(n & 0xffff) as f32 / 65_536.0, (n >> 16) as f32 / 65_536.0]
}

/// Which number a frame has; 0 is silence.
pub(crate) fn number([low, high]: Frame) -> u64 {
    (low * 65_536.0) as u64 | ((high * 65_536.0) as u64) << 16
}

/// Plays the numbers from 1 to `last`, then silence.
struct Counter {
    last: u64,
    at: Arc<AtomicU64>,
}

impl Player for Counter {
    fn play(&mut self, frames: &mut [Frame]) {
        let mut at = self.at.load(Ordering::Relaxed);
        for slot in frames {
            *slot = if at < self.last {
                at += 1;
                frame(at)
            } else {
                [0.0; 2]
            };
        }
        self.at.store(at, Ordering::Release);
    }
}

pub(crate) fn run(part: &str) {
    let (host, last) = part.split_once(' ').expect("a host and a number");
    let last = last.parse().expect("a number");
    let ask = Ask { host: Some(host.to_owned()), rate: Some(RATE), ..Ask::default() };
    let speaker = Speaker::find(&ask).unwrap_or_else(|trouble| panic!("{}", trouble.diagnostic().message));
    println!("found {} {} {} {}", speaker.device(), speaker.rate(), speaker.channels(), speaker.format());
    let at = Arc::new(AtomicU64::new(0));
    let mut playing = speaker
        .start(Box::new(Counter { last, at: Arc::clone(&at) }))
        .unwrap_or_else(|trouble| panic!("{}", trouble.diagnostic().message));
    let began = Instant::now();
    let mut told = false;
    while at.load(Ordering::Acquire) < last && began.elapsed() < LONGEST {
        thread::sleep(Duration::from_millis(20));
        let here = at.load(Ordering::Acquire);
        if here > 0 && !told {
            told = true;
            println!("playing {here}");
        }
        if let Some(news) = playing.supervise() {
            println!("news {here} {news:?}");
        }
    }
    println!("played {} {}", at.load(Ordering::Acquire), began.elapsed().as_millis());
    println!("figures {:?}", playing.stats());
    let ending = Instant::now();
    drop(playing);
    println!("ended {}", ending.elapsed().as_millis());
}

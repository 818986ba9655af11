//! A session that runs, and its server, without a device: a thread asks for the frames in time.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chronus::io::player::Player as _;
use chronus::live::audio::ends;
use chronus::live::control_thread::{ThreadCommand, ThreadHandle, ThreadOptions, start};
use chronus::live::session::{Session, SessionConfig};
use chronus::live::view::View;
use chronus::web::server::{Listener, Server};

const RATE: u32 = 48_000;

/// A song with two instruments, two sections and names that would harm a careless page.
pub(crate) const SONG: &str = r#"song "<script>alert(1)</script> & <b>co" tempo=120
instrument bass {
    saw osc
    lowpass filter cutoff="800Hz"
    adsr env
    route osc -> filter -> out vca=env
}
instrument "hat" {
    noise hiss
    decay env
    route hiss -> out vca=env
}
reverb room
route bass -> room gain=0.2 id=wet
route room -> out
section verse bars=2 {
    track bass "X..x ..x. X..x ..x." notes=c2
    track hat "x.x. x.x. x.x. x.x."
}
section "drop" bars=2 {
    track bass "X.X. X.X. X.X. X.X."
    track hat "xxxx xxxx xxxx xxxx"
}
arrange verse drop
"#;

/// A session and its server. All ends with this.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) thread: Option<ThreadHandle>,
    pub(crate) server: Option<Server>,
    stop: Arc<AtomicBool>,
    audio: Option<JoinHandle<()>>,
    listener: Option<Listener>,
}

impl Rig {
    pub(crate) fn new(text: &str) -> Self {
        Self::at(text, SocketAddr::from(([127, 0, 0, 1], 0)), "127.0.0.1")
    }

    /// The same at an address.
    pub(crate) fn at(text: &str, address: SocketAddr, host: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("web").join("song.kdl");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let config =
            SessionConfig { path, outside: false, rate: RATE, ends: false, ..SessionConfig::default() };
        let (session, performance) = match Session::begin(config, text) {
            Ok(begun) => begun,
            Err(unplayable) => panic!("{:#?}", unplayable.diagnostics),
        };
        let (mut audio, control) = ends(performance, RATE);
        let thread = start(session, control, ThreadOptions::default());
        let stop = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&stop);
        let audio = std::thread::spawn(move || {
            let (begun, mut frames) = (Instant::now(), 0u64);
            let mut block = [[0.0; 2]; 256];
            while !over.load(Ordering::Relaxed) {
                while frames < (begun.elapsed().as_secs_f64() * f64::from(RATE)) as u64 {
                    audio.callback();
                    audio.play(&mut block);
                    frames += block.len() as u64;
                }
                std::thread::sleep(Duration::from_millis(3));
            }
        });
        let listener = Listener::open(address, host).expect("a free port");
        let mut rig = Self {
            address: listener.address(),
            thread: Some(thread),
            server: None,
            stop,
            audio: Some(audio),
            listener: Some(listener),
        };
        rig.serve();
        rig
    }

    /// Serves the page at the address that it had.
    pub(crate) fn serve(&mut self) {
        let listener = self.listener.take().unwrap_or_else(|| {
            let patience = Instant::now();
            loop {
                match Listener::open(self.address, "127.0.0.1") {
                    Ok(listener) => break listener,
                    Err(error) => assert!(patience.elapsed() < Duration::from_secs(10), "{error}"),
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let thread = self.thread.as_ref().unwrap();
        let osc = "127.0.0.1:5005".parse().ok();
        self.server = Some(listener.serve(thread.say.clone(), Arc::clone(&thread.view), osc));
    }

    pub(crate) fn see<T>(&self, look: impl FnOnce(&mut View) -> T) -> T {
        self.thread.as_ref().unwrap().view(look)
    }

    /// Waits until something is to be seen.
    pub(crate) fn wait(&self, what: &str, mut seen: impl FnMut(&View) -> bool) {
        let patience = Instant::now();
        while !self.see(|view| seen(view)) {
            assert!(patience.elapsed() < Duration::from_secs(20), "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Has another song played.
    pub(crate) fn song(&self, text: &str) {
        self.thread.as_ref().unwrap().say.send(ThreadCommand::Song(text.to_owned())).expect("it runs");
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        drop(self.server.take());
        self.thread.take().unwrap().end();
        self.stop.store(true, Ordering::Relaxed);
        self.audio.take().unwrap().join().expect("it ended well");
    }
}

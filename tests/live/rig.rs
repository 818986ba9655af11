//! The servers of the rig, started and stopped by its script.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use crate::program::{LONGEST, Running};

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Jack,
    Pulse,
}

impl Server {
    fn word(self) -> &'static str {
        match self {
            Self::Jack => "jack",
            Self::Pulse => "pulse",
        }
    }

    /// Whether it can be had here.
    pub(crate) fn installed(self) -> Result<(), String> {
        let mut have = script(Path::new(env!("CARGO_TARGET_TMPDIR")), &["have", self.word()]);
        if Running::start(have.stdout(Stdio::null()).stderr(Stdio::null())).end().success() {
            Ok(())
        } else {
            Err(format!("no {} here; `.ci/live` installs it", self.word()))
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/rig")
}

fn script(state: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command.arg(folder().join("rig.sh")).args(words).env("RIG_DIR", state);
    command
}

/// A server of our own. It ends with this.
pub(crate) struct Rig {
    server: Server,
    state: PathBuf,
    /// Whether it waits for a program that is late, so that nothing is lost.
    waits: bool,
}

impl Rig {
    pub(crate) fn start(server: Server, waits: bool) -> Self {
        // Sockets have short paths. JACK remembers the names of its servers for a while.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let state = std::env::temp_dir().join(format!("chronus-rig-{}-{count}", std::process::id()));
        let rig = Self { server, state, waits };
        rig.again();
        rig
    }

    /// Starts it, after it has been killed for example.
    pub(crate) fn again(&self) {
        let waits = if self.waits { "1" } else { "0" };
        // A name is taken for some seconds after its server was killed.
        for _ in 0..10 {
            let mut start = script(&self.state, &["start", self.server.word()]);
            if Running::start(start.env("RIG_SYNC", waits)).end().success() {
                return;
            }
            thread::sleep(Duration::from_secs(1));
        }
        panic!("the server did not start");
    }

    /// Lets it die without a word to anybody.
    pub(crate) fn kill(&self) {
        assert!(Running::start(&mut script(&self.state, &["kill", self.server.word()])).end().success());
    }

    /// A file of its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.state.join(name)
    }

    /// Lets `command` find this server, by ALSA with the device of `conf`.
    pub(crate) fn lead(&self, command: &mut Command, conf: &str) {
        let name = format!("chronus-{}", self.state.file_name().unwrap().to_string_lossy());
        command
            .env("JACK_DEFAULT_SERVER", name)
            .env("JACK_NO_START_SERVER", "1")
            .env("ALSA_CONFIG_PATH", folder().join(conf))
            .env("RIG_RAW", self.file("frames.raw"))
            .env("PULSE_SERVER", format!("unix:{}", self.file("pulse.sock").display()))
            .env("PULSE_COOKIE", self.file("cookie"))
            .env("XDG_RUNTIME_DIR", &self.state)
            .env("HOME", &self.state);
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // A panic here, while a check that failed is recorded, would end everything.
        if let Ok(stop) = script(&self.state, &["stop", self.server.word()]).spawn() {
            Running::of(stop).wait_at_most(LONGEST);
        }
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

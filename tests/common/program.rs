//! The program as the tests run it: apart from the user's files, and never longer than its test.

#![allow(dead_code, clippy::expect_used, reason = "no test uses all of it; a test may stop")]

use std::io::Read;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output};
use std::thread;

/// What a user or a CI service may have set that changes what `chronus` does or prints.
const SETTINGS: [&str; 3] = ["CHRONUS_CACHE_SIZE", "GITHUB_STEP_SUMMARY", "NO_COLOR"];

/// The cache of everything that the tests run: never the user's.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// A command that runs `chronus` with the cache of the tests and without the settings of the user.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chronus"));
    apart(&mut command);
    command
}

/// Lets `command`, which runs `chronus` by way of another program, use the cache of the tests and none of the user's settings.
pub(crate) fn apart(command: &mut Command) {
    command.env("CHRONUS_CACHE", cache());
    for setting in SETTINGS {
        command.env_remove(setting);
    }
}

/// Whether programs started from here ignore the end of their terminal, as under `nohup`: then it can't end them.
#[cfg(unix)]
pub(crate) fn hangups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// A running process that is killed when this is dropped: a test that fails leaves nothing running.
pub(crate) struct Running(Child);

impl Running {
    /// Starts `command`. On Linux no file that it writes grows past 1 GiB, even if the test itself is killed.
    pub(crate) fn start(command: &mut Command) -> Self {
        let running = Self(command.spawn().expect("the program starts"));
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{Resource, Rlimit, prlimit};
            let most = Rlimit { current: Some(1 << 30), maximum: Some(1 << 30) };
            // It may have ended already.
            let _ = prlimit(Some(running.pid()), Resource::Fsize, most);
        }
        running
    }

    #[cfg(unix)]
    fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.0)
    }

    /// Sends it `signal`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).expect("it runs");
    }

    /// Sends it what Ctrl-C sends.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    /// Waits until it ends.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.0.wait().expect("it ends")
    }

    /// Waits until it ends, reading what of its output is piped.
    pub(crate) fn output(mut self) -> Output {
        let stderr = self.0.stderr.take();
        let stderr = thread::spawn(move || rest(stderr));
        let stdout = rest(self.0.stdout.take());
        let status = self.0.wait().expect("it ends");
        Output { status, stdout, stderr: stderr.join().expect("it was read") }
    }
}

/// Everything that comes out of a pipe, if there is one.
fn rest(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes).expect("it can be read");
    }
    bytes
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

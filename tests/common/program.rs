//! The program as the tests run it: apart from the user's files, and never longer than its test.

#![allow(dead_code, clippy::expect_used, reason = "no test uses all of it; a test may stop")]

use std::io::{BufRead, BufReader, Read};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that a test waits for a program to end or to print something. A program that hangs is a test that fails.
pub(crate) const LONGEST: Duration = Duration::from_mins(2);

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
        Self::of(command.spawn().expect("the program starts"))
    }

    /// A process that was started.
    pub(crate) fn of(child: Child) -> Self {
        let running = Self(child);
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

    /// Sends it `signal`, unless it has ended.
    #[cfg(unix)]
    pub(crate) fn try_signal(&self, signal: rustix::process::Signal) {
        let _ = rustix::process::kill_process(self.pid(), signal);
    }

    /// Sends it what Ctrl-C sends.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    /// Waits until it ends.
    ///
    /// # Panics
    /// If that takes longer than [`LONGEST`].
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.wait_at_most(LONGEST).expect("the program ends")
    }

    /// Waits until it ends. `None` if that takes longer than `longest`.
    pub(crate) fn wait_at_most(&mut self, longest: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + longest;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// Waits until it ends, like [`Self::wait`].
    pub(crate) fn end(mut self) -> ExitStatus {
        self.wait()
    }

    /// Waits until it ends, like [`Self::wait`], and reads what of its output is piped.
    pub(crate) fn output(mut self) -> Output {
        let stderr = rest(self.0.stderr.take());
        let stdout = rest(self.0.stdout.take());
        let status = self.wait();
        // A program that it has started may hold the pipe open.
        let read = |pipe: Receiver<Vec<u8>>| pipe.recv_timeout(LONGEST).expect("the pipe is never closed");
        Output { status, stdout: read(stdout), stderr: read(stderr) }
    }
}

/// Everything that comes out of a pipe until it is closed, if there is one.
fn rest(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).expect("it can be read");
        }
        // The test may have failed meanwhile.
        drop(tell.send(bytes));
    });
    told
}

/// Runs `command` to its end, which must come within [`LONGEST`].
pub(crate) fn run(command: &mut Command) -> Output {
    Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped())).output()
}

/// The lines that come out of a pipe.
pub(crate) struct Lines(Receiver<String>);

impl Lines {
    /// Those of `pipe`, which are read as they come, so that the program never waits for the test.
    pub(crate) fn of(pipe: Option<impl Read + Send + 'static>) -> Self {
        let lines = BufReader::new(pipe.expect("piped")).lines();
        let (tell, told) = channel();
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        Self(told)
    }

    /// What `find` gives for the next line for which it gives anything. `what` names that where it never comes.
    ///
    /// # Panics
    /// If no such line comes within [`LONGEST`], or before the pipe is closed.
    pub(crate) fn find<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let until = Instant::now() + LONGEST;
        let mut before = Vec::new();
        loop {
            let Ok(line) = self.0.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                panic!("{what} never comes, but {before:?}");
            };
            match find(&line) {
                Some(found) => return found,
                None => before.push(line),
            }
        }
    }

    /// The next line that has `part` in it, with the same bounds as [`Self::find`].
    pub(crate) fn with(&self, part: &str) -> String {
        self.find(part, |line| line.contains(part).then(|| line.to_owned()))
    }

    /// All lines until the pipe is closed, each with its end.
    pub(crate) fn rest(&self) -> String {
        let mut all = String::new();
        loop {
            match self.0.recv_timeout(LONGEST) {
                Ok(line) => all.extend([line.as_str(), "\n"]),
                Err(RecvTimeoutError::Disconnected) => return all,
                Err(RecvTimeoutError::Timeout) => panic!("the pipe is never closed; so far: {all}"),
            }
        }
    }
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

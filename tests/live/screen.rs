//! The screen of `chronus play`, seen and used through a terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::program::Running;

/// A program in a terminal of its own.
pub(crate) struct Terminal {
    pub(crate) child: Running,
    keyboard: File,
    /// Kept open, so that what the program left after@ can be looked at.
    line: File,
    screen: Arc<Mutex<vt100::Parser>>,
    printed: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Starts `command` where `size` is rows and columns.
    pub(crate) fn start(command: &mut Command, [rows, columns]: [u16; 2]) -> Self {
        let cells = [rows, columns].map(|cells| NonZero::new(cells).expect("at least one"));
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("a terminal");
        let name = ptsname(&ours, Vec::new()).expect("a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let theirs = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).expect("its other end");
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, size).expect("a size");
        let line = File::from(theirs);
        let end = || line.try_clone().expect("another");
        command.stdin(end()).stdout(end()).stderr(end()).env("TERM", "xterm-256color");
        let child = Running::start(command);
        let keyboard = File::from(ours);
        let mut said = keyboard.try_clone().expect("another");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells[0], cells[1], 0)));
        let seen = Arc::clone(&screen);
        let printed = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&printed);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = said.read(&mut bytes) {
                seen.lock().unwrap().process(&bytes[..count]);
                all.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self { child, keyboard, line, screen, printed }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// What is to be seen.
    pub(crate) fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Every byte that has come to the terminal.
    pub(crate) fn printed(&self) -> Vec<u8> {
        self.printed.lock().unwrap().clone()
    }

    /// Waits until `shows` is so of what is to be seen.
    pub(crate) fn wait(&self, what: &str, shows: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let text = self.text();
            if shows(&text) {
                return text;
            }
            assert!(Instant::now() < until, "{what} is never seen:\n{text}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the terminal is as programs find it: lines, with an echo, and its own page.
    pub(crate) fn is_restored(&self) -> bool {
        let modes = tcgetattr(&self.line).expect("its modes").local_modes;
        let lines = modes.contains(LocalModes::ICANON | LocalModes::ECHO);
        lines && !self.screen.lock().unwrap().screen().alternate_screen()
    }
}

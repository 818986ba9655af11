//! The terminal while the screen is on it, and as it was before when it goes.

use std::io::{self, IsTerminal, Stdout};
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Cell;
use ratatui::crossterm::event::{Event, poll, read};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::style::Color;

use crate::cli::output::{has_colours, is_drawable};
use crate::cli::screen::draw::{ScreenState, draw};
use crate::cli::screen::keys::{KeyAction, wanted};
use crate::cli::screen::scene::Scene;

/// Keeps libraries that write to standard error by themselves off the screen: while this lives, what they write there is lost.
#[cfg(unix)]
struct Hush {
    before: std::sync::Arc<rustix::fd::OwnedFd>,
}

#[cfg(unix)]
impl Hush {
    /// `None` where standard error isn't on the terminal: then it can't get onto the screen.
    fn new() -> Option<Self> {
        let stderr = io::stderr();
        if !stderr.is_terminal() {
            return None;
        }
        let before = std::sync::Arc::new(rustix::io::dup(rustix::fd::AsFd::as_fd(&stderr)).ok()?);
        let nowhere =
            rustix::fs::open("/dev/null", rustix::fs::OFlags::WRONLY, rustix::fs::Mode::empty()).ok()?;
        rustix::stdio::dup2_stderr(&nowhere).ok()?;
        // A fault of ours has to be seen all the same.
        let (tell, there) = (std::panic::take_hook(), std::sync::Arc::downgrade(&before));
        std::panic::set_hook(Box::new(move |panic| {
            if let Some(there) = there.upgrade() {
                let _ = rustix::stdio::dup2_stderr(&*there);
            }
            tell(panic);
        }));
        Some(Self { before })
    }
}

#[cfg(unix)]
impl Drop for Hush {
    fn drop(&mut self) {
        // It was open before.
        let _ = rustix::stdio::dup2_stderr(&*self.before);
    }
}

/// A terminal with the screen on it.
pub(crate) struct Screen {
    #[cfg(unix)]
    _hush: Option<Hush>,
    terminal: Terminal<CrosstermBackend<Stdout>>,
    choice: ScreenState,
    scene: Scene,
}

impl Screen {
    /// Whether somebody sits before a terminal that can be drawn on.
    pub(crate) fn is_possible() -> bool {
        io::stdin().is_terminal() && is_drawable(&io::stdout())
    }

    /// Puts the screen on the terminal.
    ///
    /// # Errors
    /// If the terminal can't do it.
    pub(crate) fn open(places: String) -> io::Result<Self> {
        enable_raw_mode()?;
        // From here on what was changed is changed back, whatever happens.
        let mut out = io::stdout();
        let terminal = execute!(out, EnterAlternateScreen)
            .and_then(|()| Terminal::new(CrosstermBackend::new(out)))
            .inspect_err(|_| restore())?;
        Ok(Self {
            #[cfg(unix)]
            _hush: Hush::new(),
            terminal,
            choice: ScreenState { places, ..ScreenState::default() },
            scene: Scene::default(),
        })
    }

    /// Draws what is to be seen.
    ///
    /// # Errors
    /// If the terminal has gone.
    pub(crate) fn show(&mut self, scene: Scene) -> io::Result<()> {
        self.scene = scene;
        let colours = has_colours();
        let plain = |cell: &mut Cell| (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
        let drawn = self.terminal.draw(|frame| {
            draw(frame, &self.scene, &mut self.choice);
            if !colours {
                frame.buffer_mut().content.iter_mut().for_each(plain);
            }
        });
        drawn.map(drop)
    }

    /// What the keys want that are pressed within `patience`.
    ///
    /// # Errors
    /// If the terminal has gone.
    pub(crate) fn keys(&mut self, patience: Duration) -> io::Result<Vec<KeyAction>> {
        let until = Instant::now() + patience;
        let mut all = Vec::new();
        while poll(until.saturating_duration_since(Instant::now()))? {
            if let Event::Key(key) = read()? {
                all.push(wanted(key, &self.scene, &mut self.choice));
            }
        }
        Ok(all)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    // A terminal that has gone needs nothing.
    let _ = execute!(io::stdout(), LeaveAlternateScreen, ratatui::crossterm::cursor::Show);
    let _ = disable_raw_mode();
}

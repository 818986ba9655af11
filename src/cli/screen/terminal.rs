//! The terminal while the screen is on it, and as it was before when it goes.

use std::io::{self, IsTerminal, Stdout};
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{Event, poll, read};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use crate::cli::screen::draw::{Choice, draw};
use crate::cli::screen::keys::{Wanted, wanted};
use crate::cli::screen::scene::Scene;

/// A terminal with the screen on it.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    choice: Choice,
    scene: Scene,
}

impl Screen {
    /// Whether somebody sits before a terminal.
    pub(crate) fn is_possible() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
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
        Ok(Self { terminal, choice: Choice { places, ..Choice::default() }, scene: Scene::default() })
    }

    /// Draws what is to be seen.
    ///
    /// # Errors
    /// If the terminal has gone.
    pub(crate) fn show(&mut self, scene: Scene) -> io::Result<()> {
        self.scene = scene;
        self.terminal.draw(|frame| draw(frame, &self.scene, &mut self.choice)).map(drop)
    }

    /// What the keys want that are pressed within `patience`.
    ///
    /// # Errors
    /// If the terminal has gone.
    pub(crate) fn keys(&mut self, patience: Duration) -> io::Result<Vec<Wanted>> {
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

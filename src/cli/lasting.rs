//! `--for`: how long a song without end is rendered.

use crate::check::limits::LONGEST;
use crate::diagnostic::codes::song::ENDLESS_SONG;
use crate::diagnostic::report::Diagnostic;
use crate::model::song::Song;
use crate::units::quantity::{Amount, Quantity};
use crate::units::unit::Unit;

/// Reads a length in seconds.
///
/// # Errors
/// If it is none, in words.
pub(super) fn lasting(text: &str) -> Result<f64, String> {
    let amount = Quantity::parse(text).ok().and_then(|quantity| quantity.to(Unit::Seconds));
    let Some(Amount::Number(seconds)) = amount else {
        return Err("write a time, such as `30s`".to_owned());
    };
    if seconds > 0.0 && seconds <= LONGEST {
        Ok(seconds)
    } else {
        Err(format!("write a time of more than 0 and at most {LONGEST} s"))
    }
}

/// Gives `song` that length, if it is without end.
///
/// # Errors
/// If it has a length of its own.
pub(super) fn last(song: &mut Song, seconds: Option<f64>) -> Result<(), Diagnostic> {
    let Some(seconds) = seconds else { return Ok(()) };
    if !song.endless {
        let message = "the song has a length of its own, which `--for` can't change".to_owned();
        return Err(Diagnostic::of_file(&ENDLESS_SONG, message)
            .help("leave `--for` out; `--to BAR` renders less of it, and `song bars=` says how long it is"));
    }
    song.last(seconds);
    Ok(())
}

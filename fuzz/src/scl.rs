//! `scl`: any text is read as a Scala file or refused at one of its lines, and a song in what was read has notes that are heard.

use chronus::check::song_files::MemoryFiles;
use chronus::units::scala;

use super::parts::{checked, heard};

/// Reads `data`.
pub fn scl(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match scala::read(&text) {
        Ok(notes) => {
            assert!((1..=1024).contains(&notes.len()) && notes.iter().all(|note| note.is_finite()));
            assert!(notes.last().is_some_and(|period| *period > 0.0));
        }
        Err(fault) => {
            assert!((1..=text.lines().count().max(1)).contains(&fault.line), "{fault:?} of {text:?}");
            assert!(!fault.what.is_empty());
        }
    }
    for notes in ["1 2 3 5 8 -1 -4", "c4 e4 g#3 bb5", "1 2' 7,, 12"] {
        let song = format!(
            "song \"scl\" tuning=\"it.scl\" bars=1\ninstrument a {{\n sine osc\n route osc -> out\n}}\nroute a -> out\n\
             track a \"xxxx xxxx\" notes=\"{notes}\"\n"
        );
        if let Some(song) = checked(&song, &mut MemoryFiles(&[("it.scl", &text)])) {
            heard(&song, 8);
        }
    }
}

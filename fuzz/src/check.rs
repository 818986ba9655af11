//! `check`: any text, with any other file beside it after a null character, goes through reading, checking and drawing without a
//! panic, and every place is inside its text.

use chronus::check::song_files::MemoryFiles;

use super::parts::checked;

/// Checks `data`.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (text, other) = text.split_once('\0').unwrap_or((&text, ""));
    checked(text, &mut MemoryFiles(&[("kit.kdl", other)]));
}

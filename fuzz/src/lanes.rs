//! `lanes`: any steps, melody, notes, velocities, nudges and locks, a line each, are checked, laid out and compared with other ones
//! without a panic.

use chronus::change::compared_song::ComparedSong;
use chronus::change::song_diff::compare;
use chronus::check::song_files::Nowhere;
use chronus::diagnostic::source::{SourceText, Sources};

use super::parts::{checked, heard};

/// What stands where an input has no such line: steps, melody, notes, velocities, nudges, locks.
const USUAL: [&str; 6] =
    ["X..x {3 xg.} x?50", "a3 . c4~ d4 <e4 g4>", "1 3/5 <4 6>", "9 4", "0 8", "200 . 900 ."];

/// The longest lanes that are compared with others, in bytes: causes are found by trials.
const COMPARED: usize = 48;

/// Checks the lanes in `data`.
pub fn lanes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let song = song(text.lines());
    let Some(model) = checked(&song, &mut Nowhere) else { return };
    heard(&model, 8);
    if text.len() <= COMPARED {
        let mut sources = Sources::default();
        let mut side = |text: &str| {
            let id = sources.add(SourceText::new("song.kdl", text));
            ComparedSong::read(&mut sources, id, &mut Nowhere).expect("it has been checked")
        };
        let (one, other) = (side(&song), side(&self::song([].into_iter())));
        for (a, b) in [(&one, &other), (&other, &one), (&one, &one)] {
            // A song may still be too long to be laid out.
            if let Ok(told) = compare(a, b, 8_000) {
                assert!(!std::ptr::eq(a, b) || told.changes.is_empty());
            }
        }
    }
}

/// A song with these lanes, or the usual ones.
fn song<'t>(lanes: impl Iterator<Item = &'t str>) -> String {
    let mut of = USUAL.map(str::to_owned);
    for (lane, with) in of.iter_mut().zip(lanes) {
        *lane = with.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
    }
    let [steps, melody, notes, velocities, nudges, locks] = of;
    format!(
        "song \"lanes\" key=\"a minor\" bars=2\ninstrument a voices=3 {{\n saw osc\n lowpass tone cutoff=900\n adsr env\n \
         route osc -> tone -> out vca=env\n}}\nroute a -> out\ntrack a \"{steps}\" notes=\"{notes}\" vel=\"{velocities}\" \
         nudge=\"{nudges}\" {{\n lock tone.cutoff \"{locks}\"\n}}\ntrack b play=a melody=\"{melody}\" grid=\"1/8\"\n"
    )
}

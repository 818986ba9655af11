//! Faults planted in real songs.

use crate::rig::{pair, replaced, song, sounds};

#[test]
fn probe() {
    for (name, from, to) in [
        ("first-light", "cutoff=\"180Hz\"", "cutoff=\"175Hz\""),
        ("first-light", "route bass -> mix gain=\"-4dB\"", "route bass -> mix gain=\"-4.3dB\""),
        ("first-light", "X...X...X..xX.x. {3", "X...X...X..gX.x. {3"),
        ("first-light", "seed=7", "seed=8"),
        ("first-light", "tempo=112", "tempo=113"),
        ("first-light", "pan=0.25", "pan=-0.25"),
        ("first-light", "route snare -> hall gain=\"-15dB\"\n", ""),
        ("undertow", "door.cutoff from=\"250Hz\" to=\"2.2kHz\"", "door.cutoff from=\"250Hz\" to=\"2.1kHz\""),
        ("undertow", "arrange dawn roll break", "arrange dawn roll roll break"),
        ("undertow", "tempo=174", "tempo=175"),
        ("studio", "seed=", "swing=55 seed="),
        ("offcut", "reverse=#true start=0.25", "reverse=#true start=0.2"),
    ] {
        let old = song(name);
        if old.matches(from).count() != 1 {
            eprintln!("{name} {from}: no");
            continue;
        }
        let new = replaced(&old, from, to);
        let start = std::time::Instant::now();
        let pair = pair((&old, &sounds()), (&new, &sounds()));
        eprintln!("{name} {:?} trials {} {:?}", start.elapsed(), pair.comparison.effects.trials, pair.said());
        for sentence in &pair.comparison.events {
            eprintln!("   {}", sentence.text);
        }
        pair.hold_together();
    }
}

//! Named chords: `a3:min7`.

use crate::units::note_name::NoteName;
use crate::units::tuning::fifths;

/// A chord that has a name. No name begins with a digit: `:2/4` is a condition.
#[derive(Debug)]
pub struct NamedChord {
    /// Its name after the colon.
    pub name: &'static str,
    /// Its notes in semitones above the root.
    pub semitones: &'static [i32],
    /// What it is called elsewhere.
    pub also: &'static [&'static str],
}

/// Every named chord.
pub static SHAPES: &[NamedChord] = &[
    NamedChord { name: "maj", semitones: &[0, 4, 7], also: &["major", "M", "dur", "ma"] },
    NamedChord { name: "min", semitones: &[0, 3, 7], also: &["m", "minor", "moll", "mi"] },
    NamedChord { name: "dim", semitones: &[0, 3, 6], also: &["o", "°", "diminished", "mb5"] },
    NamedChord { name: "aug", semitones: &[0, 4, 8], also: &["+", "augmented", "aug5"] },
    NamedChord { name: "sus2", semitones: &[0, 2, 7], also: &["s2"] },
    NamedChord { name: "sus4", semitones: &[0, 5, 7], also: &["sus", "s4"] },
    NamedChord { name: "five", semitones: &[0, 7], also: &["5", "power"] },
    NamedChord { name: "maj6", semitones: &[0, 4, 7, 9], also: &["6", "M6"] },
    NamedChord { name: "min6", semitones: &[0, 3, 7, 9], also: &["m6"] },
    NamedChord { name: "dom7", semitones: &[0, 4, 7, 10], also: &["7", "dom"] },
    NamedChord { name: "maj7", semitones: &[0, 4, 7, 11], also: &["M7", "ma7", "Δ", "Δ7", "major7"] },
    NamedChord { name: "min7", semitones: &[0, 3, 7, 10], also: &["m7", "mi7", "minor7"] },
    NamedChord { name: "dim7", semitones: &[0, 3, 6, 9], also: &["o7", "°7"] },
    NamedChord { name: "hdim7", semitones: &[0, 3, 6, 10], also: &["m7b5", "m7-5", "ø", "ø7", "min7b5"] },
    NamedChord { name: "minmaj7", semitones: &[0, 3, 7, 11], also: &["mM7", "mmaj7", "minM7"] },
    NamedChord { name: "add9", semitones: &[0, 4, 7, 14], also: &["add2"] },
    NamedChord { name: "dom9", semitones: &[0, 4, 7, 10, 14], also: &["9"] },
    NamedChord { name: "maj9", semitones: &[0, 4, 7, 11, 14], also: &["M9", "ma9", "major9"] },
    NamedChord { name: "min9", semitones: &[0, 3, 7, 10, 14], also: &["m9", "mi9", "minor9"] },
];

impl NamedChord {
    /// Its notes on `root`, as they are spelled.
    pub fn on(&self, root: NoteName) -> Vec<NoteName> {
        let above = |semitones: &i32| {
            let fifths = root.fifths + fifths(semitones.rem_euclid(12), self.semitones);
            let octaves = (root.semitones() + semitones - 7 * fifths).div_euclid(12);
            NoteName { fifths, octaves }
        };
        self.semitones.iter().map(above).collect()
    }

    /// The same over another bass, each note above it; the bass itself is not played twice.
    pub fn over(&self, root: NoteName, bass: NoteName) -> Vec<NoteName> {
        let mut notes = self.on(root);
        notes.retain(|note| note.fifths != bass.fifths);
        for note in &mut notes {
            let below = bass.semitones() - note.semitones();
            // Those below it go up by as few octaves as it takes.
            note.octaves += if below < 0 { 0 } else { below.div_euclid(12) + 1 };
        }
        notes.push(bass);
        notes.sort_by_key(|note| note.semitones());
        notes
    }
}

/// The chord that is called `name` elsewhere.
pub fn meant(name: &str) -> Option<&'static NamedChord> {
    let word = name.strip_prefix('-').map_or_else(|| name.to_owned(), |rest| format!("m{rest}"));
    find(&word).or_else(|| SHAPES.iter().find(|shape| shape.also.contains(&word.as_str())))
}

/// The chord called `name`.
pub fn find(name: &str) -> Option<&'static NamedChord> {
    SHAPES.iter().find(|shape| shape.name == name)
}

#[cfg(test)]
mod tests {
    use super::{SHAPES, find, meant};
    use crate::units::note_name::NoteName;

    fn note(name: &str) -> NoteName {
        NoteName::read(name).unwrap()
    }

    fn names(notes: &[NoteName]) -> String {
        notes.iter().map(|note| note.name().unwrap()).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn names_of_elsewhere_are_of_one_chord() {
        let all = || SHAPES.iter().flat_map(|shape| shape.also.iter().copied().chain([shape.name]));
        for name in all() {
            assert_eq!(all().filter(|other| *other == name).count(), 1, "{name}");
        }
        assert_eq!(meant("7").map(|shape| shape.name), Some("dom7"));
        assert_eq!(meant("-7").map(|shape| shape.name), Some("min7"));
        assert_eq!(meant("maj7").map(|shape| shape.name), Some("maj7"));
        assert!(meant("13").is_none());
    }

    #[test]
    fn chords_are_written_out() {
        let of = |name: &str, root: &str| names(&find(name).unwrap().on(note(root)));
        assert_eq!(of("min7", "d3"), "d3/f3/a3/c4");
        assert_eq!(of("aug", "c4"), "c4/e4/g#4");
        assert_eq!(of("maj", "bb3"), "bb3/d4/f4");
        assert_eq!(of("dom9", "g3"), "g3/b3/d4/f4/a4");
        for shape in SHAPES {
            let semitones: Vec<i32> = shape.on(note("eb3")).iter().map(|note| note.semitones() + 9).collect();
            assert_eq!(semitones, shape.semitones, "{}", shape.name);
        }
    }

    #[test]
    fn a_bass_lies_below_all_others() {
        let over =
            |name: &str, root: &str, bass: &str| names(&find(name).unwrap().over(note(root), note(bass)));
        assert_eq!(over("min7", "d3", "f3"), "f3/a3/c4/d4");
        assert_eq!(over("maj", "c4", "g2"), "g2/c4/e4");
        assert_eq!(over("maj", "c3", "bb3"), "bb3/c4/e4/g4");
    }
}

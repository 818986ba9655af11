//! Named chords: `a3:min7`.

/// A chord that has a name. No name begins with a digit: `:2/4` is a condition.
#[derive(Debug)]
pub struct Shape {
    /// Its name behind the colon.
    pub name: &'static str,
    /// Its notes in semitones above the root.
    pub semitones: &'static [i32],
}

/// Every named chord.
pub static SHAPES: &[Shape] = &[
    Shape { name: "maj", semitones: &[0, 4, 7] },
    Shape { name: "min", semitones: &[0, 3, 7] },
    Shape { name: "dim", semitones: &[0, 3, 6] },
    Shape { name: "aug", semitones: &[0, 4, 8] },
    Shape { name: "sus2", semitones: &[0, 2, 7] },
    Shape { name: "sus4", semitones: &[0, 5, 7] },
    Shape { name: "five", semitones: &[0, 7] },
    Shape { name: "maj6", semitones: &[0, 4, 7, 9] },
    Shape { name: "min6", semitones: &[0, 3, 7, 9] },
    Shape { name: "dom7", semitones: &[0, 4, 7, 10] },
    Shape { name: "maj7", semitones: &[0, 4, 7, 11] },
    Shape { name: "min7", semitones: &[0, 3, 7, 10] },
    Shape { name: "dim7", semitones: &[0, 3, 6, 9] },
    Shape { name: "hdim7", semitones: &[0, 3, 6, 10] },
    Shape { name: "minmaj7", semitones: &[0, 3, 7, 11] },
    Shape { name: "add9", semitones: &[0, 4, 7, 14] },
    Shape { name: "dom9", semitones: &[0, 4, 7, 10, 14] },
    Shape { name: "maj9", semitones: &[0, 4, 7, 11, 14] },
    Shape { name: "min9", semitones: &[0, 3, 7, 10, 14] },
];

/// The chord called `name`.
pub fn find(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.name == name)
}

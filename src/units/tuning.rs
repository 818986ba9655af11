//! Tunings: where the notes of names, degrees and chords lie.

use crate::units::key::MusicalKey;
use crate::units::note_name::NoteName;

/// The most steps to the octave that an equal tuning can have.
pub const MOST_STEPS: u32 = 1200;

/// Where notes lie.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Tuning {
    /// Twelve equal steps to the octave.
    #[default]
    Twelve,
    /// Another number of equal steps to the octave. Names follow the chain of fifths.
    Equal {
        /// Steps to the octave.
        steps: u32,
        /// Steps of its best fifth.
        fifth: i32,
    },
    /// Any scale: octaves of its notes above the first, the last where it begins again.
    Scale(Vec<f64>),
}

impl Tuning {
    /// `steps` equal steps to the octave, 1 to [`MOST_STEPS`].
    pub fn equal(steps: u32) -> Self {
        if steps == 12 {
            return Self::Twelve;
        }
        let fifth = libm::round(f64::from(steps) * libm::log2(1.5)) as i32;
        Self::Equal { steps, fifth }
    }

    /// The scale of these notes; an equal one is known as such.
    pub fn scale(notes: Vec<f64>) -> Self {
        const NEAR: f64 = 1e-5;
        let count = notes.len() as f64;
        let equal = notes.iter().enumerate().all(|(i, note)| {
            let even = (i as f64 + 1.0) / count;
            (note - even).abs() < NEAR
        });
        if equal && notes.len() <= MOST_STEPS as usize {
            Self::equal(notes.len() as u32)
        } else {
            Self::Scale(notes)
        }
    }

    /// How many notes there are before the tuning begins again.
    pub fn notes(&self) -> usize {
        match self {
            Self::Twelve => 12,
            Self::Equal { steps, .. } => *steps as usize,
            Self::Scale(notes) => notes.len(),
        }
    }

    /// Whether names of notes, keys and chords mean anything in it.
    pub fn has_names(&self) -> bool {
        !matches!(self, Self::Scale(notes) if notes.len() != 12)
    }

    /// The step, from c4, of a note. Only where [`Self::has_names`].
    pub fn step(&self, name: NoteName) -> i32 {
        match self {
            Self::Twelve | Self::Scale(_) => name.semitones(),
            Self::Equal { steps, fifth } => name.fifths * fifth + name.octaves * *steps as i32,
        }
    }

    /// The steps of an interval that is counted in semitones; `set` are all those it belongs to, of a scale or a chord,
    /// which decide its name. Only where [`Self::has_names`].
    pub fn interval(&self, semitones: i32, set: &[i32]) -> i32 {
        match self {
            Self::Twelve | Self::Scale(_) => semitones,
            Self::Equal { steps, fifth } => {
                let within = (fifths(semitones.rem_euclid(12), set) * fifth).rem_euclid(*steps as i32);
                within + semitones.div_euclid(12) * *steps as i32
            }
        }
    }

    /// How many degrees there are: those of the key, or all notes of the tuning where none is given.
    pub fn degrees(&self, key: Option<MusicalKey>) -> usize {
        match (self, key) {
            (Self::Equal { .. }, Some(key)) if key.scale.steps.len() == 12 => self.notes(),
            (_, Some(key)) => key.scale.steps.len(),
            (_, None) => self.notes(),
        }
    }

    /// The step, from c4, of degree `number` (from 1), shifted by so many times the whole. `None` if there is no such
    /// degree.
    pub fn degree(&self, key: Option<MusicalKey>, number: u32, octaves: i32) -> Option<i32> {
        if number == 0 || number as usize > self.degrees(key) {
            return None;
        }
        let whole = octaves * self.notes() as i32;
        let Some(key) = key else {
            return Some(number as i32 - 1 + whole);
        };
        let Self::Equal { steps, fifth } = self else {
            return key.degree(number, octaves);
        };
        let tonic = (key.name.fifths * fifth).rem_euclid(*steps as i32);
        let scale = key.scale.steps;
        let above = if scale.len() == 12 {
            number as i32 - 1
        } else {
            self.interval(scale[number as usize - 1], scale)
        };
        Some(tonic + above + whole)
    }

    /// Octaves of a step above c4.
    pub fn octaves(&self, step: i32) -> f64 {
        match self {
            Self::Twelve => f64::from(step) / 12.0,
            Self::Equal { steps, .. } => f64::from(step) / f64::from(*steps),
            Self::Scale(notes) => {
                let count = notes.len() as i32;
                let period = notes.last().copied().unwrap_or(1.0);
                let within = step.rem_euclid(count);
                let inside = if within == 0 { 0.0 } else { notes[within as usize - 1] };
                f64::from(step.div_euclid(count)) * period + inside
            }
        }
    }

    /// The frequency of c4, or of the first degree, where the note a4 is at `a4` Hz. `equal` is that of c4 in twelve
    /// equal steps where a4 is 440 Hz.
    pub fn c4(&self, a4: f64, equal: f64) -> f64 {
        match self {
            Self::Twelve => equal * (a4 / 440.0),
            _ if self.has_names() => a4 / libm::exp2(self.octaves(self.step(NoteName::A4))),
            _ => equal * (a4 / 440.0),
        }
    }
}

/// An interval of 0 to 11 semitones as a number of fifths: a minor third is three fifths down, a major one four up. The
/// others of its `set` tell an augmented fourth from a diminished fifth, and so on.
pub(super) fn fifths(semitones: i32, set: &[i32]) -> i32 {
    let has = |other: i32| set.contains(&other);
    match semitones {
        1 => -5,
        2 => 2,
        3 => -3,
        4 => 4,
        5 => -1,
        6 if has(7) && !has(5) => 6,
        6 => -6,
        7 => 1,
        8 if has(4) && !has(7) => 8,
        8 => -4,
        9 if has(6) && !has(7) => -9,
        9 => 3,
        10 => -2,
        11 => 5,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Tuning;
    use crate::units::chord;
    use crate::units::key::{MusicalKey, SCALES};
    use crate::units::note_name::NoteName;

    fn step(tuning: &Tuning, name: &str) -> i32 {
        tuning.step(NoteName::read(name).unwrap())
    }

    fn steps(tuning: &Tuning, names: &str) -> Vec<i32> {
        names.split(' ').map(|name| step(tuning, name)).collect()
    }

    #[test]
    fn names_follow_the_chain_of_fifths() {
        let names = "c4 c#4 db4 d4 e4 f4 g4 a4 b4 c5 b3 cb4 b#4";
        assert_eq!(steps(&Tuning::Twelve, names), [0, 1, 1, 2, 4, 5, 7, 9, 11, 12, -1, -1, 12]);
        assert_eq!(steps(&Tuning::equal(19), names), [0, 1, 2, 3, 6, 8, 11, 14, 17, 19, -2, -1, 18]);
        assert_eq!(steps(&Tuning::equal(31), names), [0, 2, 3, 5, 10, 13, 18, 23, 28, 31, -3, -2, 30]);
        assert_eq!(steps(&Tuning::equal(53), names), [0, 5, 4, 9, 18, 22, 31, 40, 49, 53, -4, -5, 54]);
        assert_eq!(steps(&Tuning::equal(24), names), [0, 2, 2, 4, 8, 10, 14, 18, 22, 24, -2, -2, 24]);
    }

    #[test]
    fn degrees_follow_the_key_or_count_all_notes() {
        let nineteen = Tuning::equal(19);
        let of = |key: &str, tuning: &Tuning| -> Vec<i32> {
            let key = MusicalKey::parse(key).unwrap();
            (1..=7).map_while(|number| tuning.degree(Some(key), number, 0)).collect()
        };
        assert_eq!(of("c major", &nineteen), steps(&nineteen, "c4 d4 e4 f4 g4 a4 b4"));
        assert_eq!(of("a minor", &nineteen), steps(&nineteen, "a4 b4 c5 d5 e5 f5 g5"));
        assert_eq!(of("f lydian", &nineteen), steps(&nineteen, "f4 g4 a4 b4 c5 d5 e5"));
        assert_eq!(of("b locrian", &nineteen), steps(&nineteen, "b4 c5 d5 e5 f5 g5 a5"));
        assert_eq!(of("eb minor", &nineteen), steps(&nineteen, "eb4 f4 gb4 ab4 bb4 cb5 db5"));
        assert_eq!(of("a harmonic-minor", &nineteen), steps(&nineteen, "a4 b4 c5 d5 e5 f5 g#5"));
        assert_eq!(of("c blues", &nineteen), steps(&nineteen, "c4 eb4 f4 gb4 g4 bb4"));
        assert_eq!(nineteen.degree(None, 19, -1), Some(-1));
        assert_eq!(nineteen.degree(None, 20, 0), None);
        let chromatic = MusicalKey::parse("d chromatic").unwrap();
        assert_eq!(nineteen.degree(Some(chromatic), 19, 0), Some(21));
        // In twelve steps nothing is new.
        for scale in SCALES {
            let key = MusicalKey::parse(&format!("f# {}", scale.name)).unwrap();
            for number in 1..=13 {
                let degree = Tuning::Twelve.degree(Some(key), number, 1);
                assert_eq!(degree, key.degree(number, 1));
            }
        }
    }

    #[test]
    fn chords_are_spelled() {
        let nineteen = Tuning::equal(19);
        let of = |name: &str| -> Vec<i32> {
            let set = chord::find(name).unwrap().semitones;
            set.iter().map(|semitones| nineteen.interval(*semitones, set)).collect()
        };
        assert_eq!(of("maj"), steps(&nineteen, "c4 e4 g4"));
        assert_eq!(of("aug"), steps(&nineteen, "c4 e4 g#4"));
        assert_eq!(of("min7"), steps(&nineteen, "c4 eb4 g4 bb4"));
        assert_eq!(of("hdim7"), steps(&nineteen, "c4 eb4 gb4 bb4"));
        assert_eq!(of("dim7")[3], step(&nineteen, "bb4") - 1);
        assert_eq!(of("dom9"), steps(&nineteen, "c4 e4 g4 bb4 d5"));
        for shape in chord::SHAPES {
            for semitones in shape.semitones {
                assert_eq!(Tuning::Twelve.interval(*semitones, shape.semitones), *semitones);
            }
        }
    }

    #[test]
    fn scales_begin_again_at_their_last_note() {
        let just: Vec<f64> =
            [9.0 / 8.0, 5.0 / 4.0, 4.0 / 3.0, 3.0 / 2.0, 5.0 / 3.0, 15.0 / 8.0, 2.0].map(libm::log2).to_vec();
        let just = Tuning::scale(just);
        assert!(!just.has_names());
        assert_eq!(just.degree(None, 5, -1), Some(-3));
        assert!((libm::exp2(just.octaves(-3)) - 0.75).abs() < 1e-12);
        assert!((libm::exp2(just.octaves(9)) - 2.5).abs() < 1e-12);
        assert_eq!(just.c4(440.0, 261.0), 261.0);
        let tritave = Tuning::Scale(vec![0.5, libm::log2(3.0)]);
        assert!((libm::exp2(tritave.octaves(4)) - 9.0).abs() < 1e-12);
    }

    #[test]
    fn a4_is_where_it_is_put() {
        for tuning in
            [Tuning::equal(19), Tuning::equal(5), Tuning::Scale([0.9; 11].into_iter().chain([1.0]).collect())]
        {
            let c4 = tuning.c4(432.0, 261.0);
            let a4 = c4 * libm::exp2(tuning.octaves(tuning.step(NoteName::A4)));
            assert!((a4 - 432.0).abs() < 1e-9, "{tuning:?}");
        }
    }

    #[test]
    fn equal_scales_are_known() {
        let of = |count: u32| Tuning::scale((1..=count).map(|i| f64::from(i) / f64::from(count)).collect());
        assert_eq!(of(12), Tuning::Twelve);
        assert_eq!(of(31), Tuning::equal(31));
        assert!(matches!(Tuning::scale(vec![0.5, 0.9]), Tuning::Scale(_)));
    }
}

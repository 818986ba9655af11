//! What came of comparing two sides.

use crate::compare::bar_grid::BarGrid;
use crate::compare::compared_sound::ComparedSound;
use crate::compare::golden_pair::Drift;
use crate::compare::pair::SoundPair;
use crate::compare::verdict::Verdict;

/// Two sides compared.
pub(crate) struct CompareResult {
    /// What both are called.
    pub(crate) names: [String; 2],
    /// The verdict on all of it: the worst.
    pub(crate) verdict: Verdict,
    /// The bars of both.
    pub(crate) grids: [BarGrid; 2],
    /// The whole song first, if both sides have it, then the stems that differ, the worst first.
    pub(crate) parts: Vec<ComparedPart>,
    /// The stems that don't differ.
    pub(crate) same: Vec<String>,
    /// The stems that only one side has.
    pub(crate) only: [Vec<String>; 2],
    /// What was changed in the text, as far as that is known.
    pub(crate) causes: Vec<ChangeCause>,
    /// By how many frames the second was moved before they were compared.
    pub(crate) aligned: Option<i64>,
    /// What has blown up in either, in sentences.
    pub(crate) blow_ups: Vec<String>,
}

/// A part that was compared.
pub(crate) struct ComparedPart {
    /// The stem's name; empty for the whole song.
    pub(crate) id: String,
    /// The verdict on it.
    pub(crate) verdict: Verdict,
    /// Where it differs: `in bars 9 to 12`.
    pub(crate) places: String,
    /// What will be heard, the plainest words first.
    pub(crate) effects: Vec<String>,
    /// What is played otherwise.
    pub(crate) events: Vec<String>,
    /// Its causes, by their places among those of the comparison.
    pub(crate) causes: Vec<usize>,
    /// What was measured.
    pub(crate) measured: Measured,
}

/// What was measured of a part.
pub(crate) enum Measured {
    /// Both sounds.
    Sounds {
        /// Themselves, if they were to be kept.
        sounds: Option<Box<[ComparedSound; 2]>>,
        /// Side by side.
        pair: Box<SoundPair>,
    },
    /// One of them is only known by a golden file.
    Golden(Drift),
    /// They are known to be the same.
    Same,
}

/// Something that was changed in the text of a song.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangeCause {
    /// In one line: `bass.filter.cutoff 300Hz -> 180Hz`.
    pub(crate) said: String,
    /// Where it stood in the first song, and where it stands in the second.
    pub(crate) places: [Option<TextPlace>; 2],
    /// Whether it is heard anywhere.
    pub(crate) heard: bool,
}

impl ChangeCause {
    /// Where to point: at where it stands, or stood if it was taken out.
    pub(crate) fn place(&self) -> Option<&TextPlace> {
        let [old, new] = &self.places;
        new.as_ref().or(old.as_ref())
    }
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextPlace {
    /// What the text is called.
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
    /// Characters on that line, at least one.
    pub(crate) length: usize,
    /// The line.
    pub(crate) text: String,
}

impl ComparedPart {
    /// What it is called in sentences.
    pub(crate) fn name(&self) -> &str {
        if self.id.is_empty() { "the mix" } else { &self.id }
    }

    /// What is said of it in one line: `bass differs in bars 9 to 12: 2.1 dB quieter, duller (…)`.
    pub(crate) fn sentence(&self) -> String {
        let name = self.name();
        match self.verdict {
            Verdict::Identical => format!("{name} is identical"),
            verdict => {
                let how = match verdict {
                    Verdict::Inaudible => "differs inaudibly",
                    Verdict::Within => "differs within tolerance",
                    _ => "differs",
                };
                let places = if self.places.is_empty() { String::new() } else { format!(" {}", self.places) };
                let effects = if self.effects.is_empty() {
                    String::new()
                } else {
                    format!(": {}", self.effects.join(", "))
                };
                format!("{name} {how}{places}{effects}")
            }
        }
    }

    /// How bad it is: the level of the difference, in dBFS.
    pub(crate) fn badness(&self) -> f64 {
        match &self.measured {
            Measured::Sounds { pair, .. } => pair.loudest(),
            Measured::Golden(drift) => drift.loudness.max(drift.bands),
            Measured::Same => f64::NEG_INFINITY,
        }
    }
}

impl CompareResult {
    /// What is said of all that doesn't differ; nothing if there is nothing.
    pub(crate) fn rest(&self) -> Option<String> {
        let differs = self.parts.iter().any(|part| part.verdict != Verdict::Identical);
        let stems = match self.same.len() {
            0 => return None,
            1 => "1 stem".to_owned(),
            count => format!("{count} stems"),
        };
        Some(if differs {
            format!("everything else is identical ({stems})")
        } else {
            format!("all is identical ({stems})")
        })
    }

    /// Stems that only one side has, in sentences.
    pub(crate) fn lonely(&self) -> impl Iterator<Item = String> {
        let [first, second] = &self.only;
        let gone = first.iter().map(|id| format!("{id} is gone"));
        gone.chain(second.iter().map(|id| format!("{id} is new")))
    }
}

//! What the page tells, as plain data: the commands fill it in.

use std::ops::Range;

use crate::compare::measurements::Measurement;
use crate::compare::verdict::Verdict;
use crate::engine::block_loop::Frame;

/// One page: what was compared, the worst first.
#[derive(Clone, Debug, Default)]
pub struct ReportData<'a> {
    /// What stands on top of the page and in the browser's tab.
    pub title: String,
    /// A few sentences about all of it, as the terminal says them; may be empty.
    pub sentences: Vec<String>,
    /// Shown in this order.
    pub comparisons: Vec<ReportComparison<'a>>,
}

/// Two sounds and what is to be said of them.
#[derive(Clone, Debug)]
pub struct ReportComparison<'a> {
    /// What was compared: the name of a song.
    pub title: String,
    /// What A and B are: files, or revisions of one.
    pub names: [String; 2],
    /// Of the whole; `None` if they can't be compared.
    pub verdict: Option<Verdict>,
    /// A few sentences, as the terminal says them.
    pub sentences: Vec<String>,
    /// Frames a second of both; at least 1.
    pub rate: u32,
    /// Where the bars of A and B begin. The n-th of A is compared with the n-th of B. Where neither has any, the page cuts the
    /// time into even pieces.
    pub bars: [Vec<BarStart>; 2],
    /// The mix first, then the stems that differ, the worst first.
    pub parts: Vec<ReportPart<'a>>,
    /// The ids of stems that are identical.
    pub identical: Vec<String>,
    /// What was changed in the song.
    pub causes: Vec<ReportCause>,
}

/// The start of a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarStart {
    /// Its first frame. No less than that of the bar before.
    pub frame: usize,
    /// Its name within the whole: its number from 1.
    pub name: String,
    /// The section that it is in; may be empty.
    pub section: String,
}

/// The mix or a stem.
#[derive(Clone, Debug)]
pub struct ReportPart<'a> {
    /// `mix`, or the id of the stem.
    pub id: String,
    /// Of this part.
    pub verdict: Verdict,
    /// What is heard of it: `2.1 dB quieter, duller (centroid 1.9 kHz -> 1.2 kHz)`.
    pub sentences: Vec<String>,
    /// In the order in which they are shown.
    pub figures: Vec<Measurement>,
    /// How much each bar differs, from 0 (not at all) to 1. Where there isn't one for each bar, the page computes it from the level
    /// of the difference.
    pub severity: Vec<f32>,
    /// The sounds of A and B, in stereo; `None` where one isn't there to be heard (a golden file has figures only).
    pub sounds: [Option<&'a [Frame]>; 2],
    /// The names of files in which the whole of A and B are kept.
    pub kept: [Option<String>; 2],
    /// Indices into the causes of the comparison.
    pub causes: Vec<usize>,
}

/// A change in the text of a song.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportCause {
    /// `bass.filter.cutoff 300Hz -> 180Hz`.
    pub sentence: String,
    /// Where it stood in A and where it stands in B.
    pub places: [Option<SourcePlace>; 2],
}

/// A place in a file, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePlace {
    /// The path, as the terminal shows it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// The text of the line.
    pub text: String,
    /// What is underlined in it, in bytes of `text`. What lies outside of it or within a character is left out.
    pub underline: Range<usize>,
}

/// How large a page may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of sound, as they stand in the page (base64).
    pub sound: usize,
    /// Bytes of waveforms and spectrograms, as they stand in the page (base64).
    pub pictures: usize,
}

impl Default for Limits {
    /// A page of less than 10 MB.
    fn default() -> Self {
        Self { sound: 7_000_000, pictures: 2_200_000 }
    }
}

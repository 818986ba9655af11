//! What every part of the checking shares.

use std::collections::BTreeSet;

use crate::check::memory::MemoryPlaces;
use crate::check::name_table::NameTable;
use crate::check::sounds::Sounds;
use crate::diagnostic::bag::{Bag, MAX_ERRORS};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::song::Meter;
use crate::units::key::MusicalKey;
use crate::units::tuning::Tuning;

/// What is said so far, and what values need to be understood.
pub(super) struct Context {
    /// Everything said so far.
    pub(super) bag: Bag,
    /// Where the song's own text begins, and where its last line ends.
    pub(super) ends: (Span, Span),
    /// The `song` line, if there is one, and whether something in it could not be read.
    pub(super) header: Option<(Span, bool)>,
    /// The names of the tracks of the section that is read.
    pub(super) track_names: NameTable,
    /// Quarter notes a minute.
    pub(super) tempo: f64,
    /// Beats a bar.
    pub(super) meter: Meter,
    /// The frequency of c4 in Hz.
    pub(super) c4: f64,
    /// What degrees count in.
    pub(super) key: Option<MusicalKey>,
    /// Whether it has been said that there is no key: once is enough.
    pub(super) key_missed: bool,
    /// Where notes lie.
    pub(super) tuning: Tuning,
    /// Whether the song says so: then degrees count its notes where there is no key.
    pub(super) tuned: bool,
    /// Whether it has been said that the tuning has no names of notes.
    pub(super) names_missed: bool,
    /// The instruments of which it has been said that they lack voices.
    pub(super) too_narrow: Vec<Span>,
    /// The instruments that others of the song start from.
    pub(super) bases: BTreeSet<String>,
    /// The patterns that tracks play.
    pub(super) played_patterns: BTreeSet<String>,
    /// The sound files that the song names.
    pub(super) sounds: Sounds,
    /// Velocities of an accent, a hit and a ghost.
    pub(super) strengths: [f64; 3],
    /// Cables of the whole song so far.
    pub(super) cables: usize,
    /// Where the modules of the song stand.
    pub(super) places: MemoryPlaces,
}

impl Context {
    pub(super) fn new(bag: Bag) -> Self {
        Self {
            bag,
            ends: (Span::default(), Span::default()),
            header: None,
            track_names: NameTable::default(),
            tempo: 120.0,
            meter: Meter { beats: 4, note: 4 },
            c4: crate::dsp::math::C4,
            key: None,
            key_missed: false,
            tuning: Tuning::default(),
            tuned: false,
            names_missed: false,
            too_narrow: Vec::new(),
            bases: BTreeSet::new(),
            played_patterns: BTreeSet::new(),
            sounds: Sounds::default(),
            strengths: [1.0, 0.6, 0.3],
            cables: 0,
            places: MemoryPlaces::default(),
        }
    }

    /// Whether so much is wrong that looking on would help nobody.
    pub(super) fn enough(&self) -> bool {
        self.bag.errors() >= MAX_ERRORS
    }

    /// Writes `name=value` after `song`, or a `song` line where there is none.
    pub(super) fn of_song(&self, entry: &str) -> Option<Edit> {
        match self.header {
            // It may be there already, in what could not be read.
            Some((_, true)) => None,
            Some((header, false)) => Some(Edit::after(header, format!(" {entry}"))),
            None => Some(Edit::before(self.ends.0, format!("song {entry}\n"))),
        }
    }

    /// Writes `line` after all that the song has.
    pub(super) fn at_end(&self, line: &str) -> Edit {
        Edit::after(self.ends.1, format!("\n{line}"))
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.bag.push(diagnostic);
    }
}

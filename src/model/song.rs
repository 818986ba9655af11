//! The song as a whole: its instruments, sections and tracks.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::dsp::clip::Recording;
use crate::model::automation::{Automation, TempoMove};
use crate::model::pace::Pace;
use crate::model::patch::{ControlId, Patch};
use crate::model::steps::{Pitch, TrackSteps, ValueLane};
use crate::model::tolerance::Tolerance;
use crate::units::note_length::NoteLength;

/// The rates at which songs are rendered, in frames a second.
pub const RATES: RangeInclusive<u32> = 8_000..=192_000;

/// A song known to be valid.
#[derive(Clone, Debug)]
pub struct Song {
    /// Its name.
    pub title: String,
    /// What all chance and noise in it is drawn from.
    pub seed: u64,
    /// The frequency of c4 in Hz.
    pub c4: f64,
    /// How long the end may ring at most, in seconds; 0 ends on the frame.
    pub tail: f64,
    /// Whether it plays nothing by itself and doesn't end. Its one section has as many bars as a song can have.
    pub endless: bool,
    /// By how much the master chain raises the sound, where it has been left out; 1 in a song as it is written.
    pub master: f64,
    /// How it asks to be rendered.
    pub output_settings: OutputSettings,
    /// How far its sound may be from its golden file.
    pub tolerance: Tolerance,
    /// The modules, knobs and cables of the top level.
    pub patch: Patch,
    /// In the order of the song.
    pub instruments: Vec<Instrument>,
    /// In the order of the song; at least one.
    pub sections: Vec<Section>,
    /// Indices of sections, in the order in which they are played.
    pub arrangement: Vec<usize>,
    /// The recordings that modules play, each once.
    pub sounds: Vec<Arc<Recording>>,
    /// Second names: each stands for a control under its own path, such as `filter.freq`.
    pub aliases: Vec<Alias>,
}

/// How a song asks to be rendered where nobody says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputSettings {
    /// Frames a second, in [`RATES`].
    pub rate: Option<u32>,
    /// Bits a sample, as a song writes them: `16`, `24`, `32f`.
    pub bits: Option<&'static str>,
}

impl OutputSettings {
    /// Frames a second where nobody says otherwise.
    pub fn rate(&self) -> u32 {
        self.rate.unwrap_or(48_000)
    }
}

/// A second name for a control.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The path, with dots, from the top of the song.
    pub path: String,
    /// What it names.
    pub control: ControlId,
    /// The least and the greatest value that can be set under this name, in the control's unit.
    pub range: (f64, f64),
}

/// A patch that tracks play.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// Its name.
    pub id: String,
    /// How many of its notes can sound at once, 1 to 64.
    pub voices: usize,
    /// Seconds in which a pitch moves to the next one.
    pub glide: Glide,
    /// How much the velocity scales the output: 1 fully, 0 not at all.
    pub velocity: f64,
    /// Linear gain.
    pub gain: f64,
    /// Balance from -1 to 1.
    pub pan: f64,
    /// What one voice is made of.
    pub patch: Patch,
}

/// How long a glide takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Glide {
    /// In seconds.
    Seconds(f64),
    /// A note length, which follows the tempo.
    Note(NoteLength),
}

/// A part of the song that is complete in itself.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name; empty for the tracks of a song without sections.
    pub id: String,
    /// Its length.
    pub bars: u32,
    /// Quarter notes a minute.
    pub tempo: f64,
    /// Beats a bar, and which note a beat is.
    pub meter: Meter,
    /// Where the second of each pair of sixteenths falls, as a share of the pair: 0.5 is straight.
    pub swing: f64,
    /// In the order of the song.
    pub tracks: Vec<Track>,
    /// What moves controls, in the order of their bars; those of one control don't overlap.
    pub automations: Vec<Automation>,
    /// What moves the tempo, in the order of their bars; they don't overlap.
    pub tempo_moves: Vec<TempoMove>,
}

impl Section {
    /// When each of its quarter notes falls.
    pub fn pace(&self) -> Pace {
        Pace::new(self.bars, self.meter.quarters(), self.tempo, &self.tempo_moves)
    }
}

/// A time signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Beats a bar.
    pub beats: u32,
    /// Which note is a beat: 4 for a quarter.
    pub note: u32,
}

impl Meter {
    /// The length of a bar in quarter notes.
    pub fn quarters(self) -> f64 {
        4.0 * f64::from(self.beats) / f64::from(self.note)
    }
}

/// Steps that play one instrument.
#[derive(Clone, Debug)]
pub struct Track {
    /// Its name, the instrument's unless the song says otherwise.
    pub id: String,
    /// Index of the instrument.
    pub instrument: usize,
    /// What it plays; loops until the section ends.
    pub steps: TrackSteps,
    /// The length of a step.
    pub grid: NoteLength,
    /// How long a gate stays open, in steps.
    pub length: f64,
    /// Added to every pitch, in octaves.
    pub transpose: f64,
    /// In place of the section's swing.
    pub swing: Option<f64>,
    /// The share of hits that play, 0 to 1.
    pub chance: f64,
    /// By how much of a step timing strays at most, 0 to 1; velocity strays by as much of itself.
    pub humanize: f64,
    /// In place of the one derived from the song's.
    pub seed: Option<u64>,
    /// Linear gain of every note of the track; their velocities stay as they are.
    pub gain: f64,
    /// The track rests, but its passes go on.
    pub mute: bool,
    /// Chords of pitches, taken in turn by the hits; `None` where the steps carry their own, or c4.
    pub notes: Option<ValueLane<Vec<Pitch>>>,
    /// Velocities 0 to 1, taken in turn by the hits, in place of the signs'.
    pub vel: Option<ValueLane<f64>>,
    /// Delays in steps (0.5 is half a step), taken in turn by the steps.
    pub nudge: Option<ValueLane<f64>>,
    /// Values for single notes.
    pub locks: Vec<Lock>,
}

/// A lane that sets a control of the played instrument step by step.
#[derive(Clone, Debug)]
pub struct Lock {
    /// What it sets, inside the instrument that the track plays.
    pub control: ControlId,
    /// The value of each step, in the control's unit; `None` leaves the base.
    pub values: ValueLane<Option<f64>>,
}

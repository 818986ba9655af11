//! From steps to notes: passes, chance, conditions, ratchets, holds and slurs are decided here, once.

use crate::dsp::seed::Seed;
use crate::model::song::{Lock, Section, Song, Track};
use crate::model::steps::{Cell, CellContent, Pitch};
use crate::plan::automation::AutomationLanes;
use crate::plan::timeline::{SectionSpan, Timeline, swung};

/// A chord as a track plays it.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Index of the instrument.
    pub instrument: usize,
    /// Which track of which section's playing it belongs to; slurs stay inside one.
    pub lane: usize,
    /// The frame of its trigger.
    pub start: u64,
    /// The frame at which its gate closes, after `start`.
    pub end: u64,
    /// 0 to 1.
    pub velocity: f64,
    /// Linear gain of the note, beside its velocity.
    pub level: f64,
    /// In octaves above c4; at least one.
    pub pitches: Vec<f64>,
    /// It has no attack of its own: the note before it in its lane goes on at its pitch.
    pub slurred: bool,
    /// What its own draws come from.
    pub seed: Seed,
    /// The controls that its step locks, by their numbers in the voice, and their values.
    pub locks: Vec<(u32, f32)>,
    /// Whether its locks also move controls that somebody else has put somewhere.
    pub leads: bool,
}

/// Locks on a step without a note of its own: they move what sounds of their lane.
#[derive(Clone, Debug, PartialEq)]
pub struct LockMove {
    /// Index of the instrument.
    pub instrument: usize,
    /// As in [`Note`].
    pub lane: usize,
    /// The frame of the step.
    pub start: u64,
    /// As in [`Note`]; at least one.
    pub values: Vec<(u32, f32)>,
}

/// What all tracks play, each kind in the order of frames; ties follow song order.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Every note.
    pub notes: Vec<Note>,
    /// What locks do between notes.
    pub moves: Vec<LockMove>,
    /// The track of each lane: the section's index and the track's in it.
    pub lanes: Vec<(usize, usize)>,
}

/// What becomes of muted tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Muted {
    /// They play nothing.
    Left,
    /// They are in the score as all others.
    Played,
}

/// Everything that the tracks of the song play.
///
/// Stops after `limit` notes or moves of locks have been exceeded: the caller reports that.
pub(super) fn score(
    song: &Song,
    timeline: &Timeline,
    automation_lanes: &AutomationLanes,
    limit: usize,
    muted: Muted,
) -> Score {
    let mut score = Score::default();
    let mut lane = 0;
    for span in &timeline.spans {
        let section = &song.sections[span.section];
        for (index, track) in section.tracks.iter().enumerate() {
            score.lanes.push((span.section, index));
            let played = !track.mute || (muted == Muted::Played && rests_everywhere(song, &track.id));
            if played && score.notes.len() + score.moves.len() <= limit {
                let numbers = numbers(track, automation_lanes);
                let place = TrackPlaying { section, track, span, timeline, lane };
                track_notes(song, &place, &numbers, limit, &mut score);
            }
            lane += 1;
        }
    }
    score.notes.sort_by_key(|note| note.start);
    score.moves.sort_by_key(|lock| lock.start);
    score
}

/// Whether every track of that name is muted, so that it can be heard when it no longer is.
fn rests_everywhere(song: &Song, id: &str) -> bool {
    song.sections
        .iter()
        .flat_map(|section| &section.tracks)
        .filter(|track| track.id == id)
        .all(|track| track.mute)
}

/// The number of each lock's control in the voice.
fn numbers(track: &Track, automation_lanes: &AutomationLanes) -> Vec<u32> {
    let number =
        |lock: &Lock| automation_lanes.find(lock.control).map_or(u32::MAX, |(number, _)| number as u32);
    track.locks.iter().map(number).collect()
}

/// One track in one playing of its section.
struct TrackPlaying<'a> {
    section: &'a Section,
    track: &'a Track,
    span: &'a SectionSpan,
    timeline: &'a Timeline,
    lane: usize,
}

impl TrackPlaying<'_> {
    /// The frame of a place in steps from the start of the section, `shift` steps late.
    fn frame(&self, steps: f64, shift: f64) -> u64 {
        let grid = self.track.grid.quarters();
        let swing = self.track.swing.unwrap_or(self.section.swing);
        let quarters = (swung(steps * grid, swing, self.span.meter.quarters()) + shift * grid).max(0.0);
        self.timeline.frame(self.span.seconds(quarters.min(self.span.quarters)))
    }

    /// What the track's locks say on a step.
    fn locks(&self, numbers: &[u32], step: u64) -> Vec<(u32, f32)> {
        let locks = self.track.locks.iter().zip(numbers);
        locks.filter_map(|(lock, &number)| Some((number, (*lock.values.at(step))? as f32))).collect()
    }

    /// Moves what sounds on every step that strikes nothing but has a lock.
    fn moves(&self, numbers: &[u32], struck: &[bool], limit: usize, score: &mut Score) {
        if numbers.is_empty() {
            return;
        }
        let end = self.timeline.frame(self.span.seconds(self.span.quarters));
        for (step, _) in struck.iter().enumerate().filter(|(_, struck)| !**struck) {
            let values = self.locks(numbers, step as u64);
            let nudge = self.track.nudge.as_ref().map_or(0.0, |nudge| *nudge.at(step as u64));
            let start = self.frame(step as f64, nudge);
            if values.is_empty() || start >= end {
                continue;
            }
            let (instrument, lane) = (self.track.instrument, self.lane);
            score.moves.push(LockMove { instrument, lane, start, values });
            if score.notes.len() + score.moves.len() > limit {
                return;
            }
        }
    }
}

/// What a step or a part of it came to in one pass.
enum Atom {
    Rest,
    Hold,
    Hit { velocity: f64, slur: bool, pitches: Vec<f64>, seed: Seed, shift: f64 },
}

struct TimedAtom {
    /// In steps from the start of the section.
    start: f64,
    length: f64,
    /// The step that it stands in.
    step: u64,
    atom: Atom,
}

fn track_notes(song: &Song, place: &TrackPlaying<'_>, numbers: &[u32], limit: usize, score: &mut Score) {
    let TrackPlaying { section, track, span, timeline, lane } = *place;
    let notes = &mut score.notes;
    let grid = track.grid.quarters();
    let steps_in_section = span.quarters / grid;
    let steps_in_pass = track.steps.cells.len() as u64;
    let passes_in_section = (steps_in_section / steps_in_pass as f64).ceil() as u64;
    let seed = track.seed.map_or_else(|| Seed::new(song.seed).name(&track.id), Seed::new).name(&section.id);
    let mut walk = Walk {
        track,
        seed: seed.number(u64::from(span.playing)),
        pass: u64::from(span.repeat) * passes_in_section,
        step: 0,
        cell: 0,
        hit: 0,
        atoms: Vec::new(),
    };
    let frame = |steps: f64, shift: f64| place.frame(steps, shift);
    let end = timeline.frame(span.seconds(span.quarters));
    let mut struck = Vec::new();
    let mut sounding: Option<usize> = None;
    let mut slurred = false;
    let mut atoms = Vec::new();
    'passes: loop {
        for cell in &track.steps.cells {
            if walk.step as f64 >= steps_in_section - 1e-9 || notes.len() > limit {
                break 'passes;
            }
            walk.cell = 0;
            walk.cell(cell, walk.step as f64, 1.0, true);
            struck.push(false);
            // A step at a time: a song may have millions of rests.
            std::mem::swap(&mut atoms, &mut walk.atoms);
            for TimedAtom { start, length, step, atom } in atoms.drain(..) {
                match atom {
                    Atom::Rest => {
                        sounding = None;
                        slurred = false;
                    }
                    Atom::Hold => {
                        if let Some(note) = sounding {
                            let least = notes[note].start + 1;
                            notes[note].end = frame(start + length * track.length, 0.0).max(least);
                        }
                    }
                    Atom::Hit { velocity, slur, pitches, seed, shift } => {
                        let begin = frame(start, shift);
                        if let (true, Some(before)) = (slurred, sounding) {
                            notes[before].end = begin.max(notes[before].start + 1);
                        }
                        // A nudge past the end of the section leaves no time to sound.
                        if begin < end {
                            notes.push(Note {
                                instrument: track.instrument,
                                lane,
                                start: begin,
                                end: frame(start + length * track.length, shift).max(begin + 1),
                                velocity,
                                level: track.gain,
                                pitches,
                                slurred: slurred && sounding.is_some(),
                                seed,
                                locks: place.locks(numbers, step),
                                leads: false,
                            });
                            struck[step as usize] = true;
                            sounding = Some(notes.len() - 1);
                            slurred = slur;
                        }
                    }
                }
            }
            walk.step += 1;
        }
        walk.pass += 1;
    }
    place.moves(numbers, &struck, limit, score);
}

struct Walk<'a> {
    track: &'a Track,
    seed: Seed,
    pass: u64,
    /// Counted from the start of the section.
    step: u64,
    /// Cells visited in this step, so that each has draws of its own.
    cell: u64,
    /// Hits as written so far.
    hit: u64,
    atoms: Vec<TimedAtom>,
}

impl Walk<'_> {
    fn cell(&mut self, cell: &Cell, start: f64, length: f64, audible: bool) {
        let draws = self.seed.number(self.step).number(self.cell);
        self.cell += 1;
        let condition = cell.condition.is_none_or(|(n, m)| self.pass % u64::from(m) == u64::from(n - 1));
        let chance = cell.chance >= 1.0 || draws.name("chance").share() < f64::from(cell.chance);
        let audible = audible && condition && chance;
        match &cell.what {
            CellContent::Rest => self.push(start, length, Atom::Rest),
            CellContent::Hold => self.push(start, length, Atom::Hold),
            CellContent::Hit { velocity, slur, pitches } => {
                let hit = self.hit;
                self.hit += 1;
                let track = self.track;
                let audible =
                    audible && (track.chance >= 1.0 || draws.name("track chance").share() < track.chance);
                let velocity = track.vel.as_ref().map_or(f64::from(*velocity), |vel| *vel.at(hit));
                let each = length / f64::from(cell.ratchet);
                for ratchet in 0..cell.ratchet {
                    let draws = draws.number(u64::from(ratchet));
                    let begin = start + each * f64::from(ratchet);
                    if audible {
                        let atom = Atom::Hit {
                            velocity: self.strayed_velocity(velocity, draws),
                            slur: *slur,
                            pitches: self.pitches(pitches, hit),
                            seed: draws,
                            shift: self.shift(draws),
                        };
                        self.push(begin, each, atom);
                    } else {
                        self.push(begin, each, Atom::Rest);
                    }
                }
            }
            CellContent::Group(cells) => {
                let first_hit = self.hit;
                let each = length / f64::from(cell.ratchet);
                let part = each / cells.len() as f64;
                for ratchet in 0..cell.ratchet {
                    self.hit = first_hit;
                    let begin = start + each * f64::from(ratchet);
                    for (index, cell) in cells.iter().enumerate() {
                        self.cell(cell, begin + part * index as f64, part, audible);
                    }
                }
            }
            CellContent::Alternate(cells) => {
                let first_hit = self.hit;
                let each = length / f64::from(cell.ratchet);
                for ratchet in 0..cell.ratchet {
                    self.hit = first_hit;
                    let chosen = &cells[(self.pass % cells.len() as u64) as usize];
                    self.cell(chosen, start + each * f64::from(ratchet), each, audible);
                }
            }
        }
    }

    fn push(&mut self, start: f64, length: f64, atom: Atom) {
        self.atoms.push(TimedAtom { start, length, step: self.step, atom });
    }

    fn pitches(&self, own: &[Pitch], hit: u64) -> Vec<f64> {
        let pitches = match &self.track.notes {
            _ if !own.is_empty() => own,
            Some(notes) => notes.at(hit).as_slice(),
            None => &[Pitch(0.0)],
        };
        pitches.iter().map(|pitch| pitch.0 + self.track.transpose).collect()
    }

    /// By how many steps a hit is late: its nudge and its straying.
    fn shift(&self, draws: Seed) -> f64 {
        let nudge = self.track.nudge.as_ref().map_or(0.0, |nudge| *nudge.at(self.step));
        nudge + self.track.humanize * draws.name("timing").bipolar()
    }

    fn strayed_velocity(&self, velocity: f64, draws: Seed) -> f64 {
        (velocity * (1.0 + self.track.humanize * draws.name("velocity").bipolar())).clamp(0.0, 1.0)
    }
}

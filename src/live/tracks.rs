//! Tracks that are added while a song is played: their text becomes notes that loop beside the song.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::song::check;
use crate::diagnostic::span::SourceId;
use crate::dsp::seed::Seed;
use crate::engine::commands::StableId;
use crate::engine::deck::{AddedLoop, TICKS};
use crate::live::session::Session;
use crate::live::step_grid::StepLane;
use crate::model::controls::{Controls, NamedControl};
use crate::model::song::Song;
use crate::model::steps::Cell;
use crate::osc::message::shortest;
use crate::plan::compile::{Playable, playable};
use crate::plan::compiled_plan::Plan;
use crate::plan::score::Note;
use crate::units::note_name::NoteName;

/// The most steps of a pattern.
const MOST_STEPS: usize = 1_024;
/// The most passes that are worked out before a track begins anew; chance and conditions repeat after so many.
const PASSES: usize = 64;
/// The most notes that are worked out before a track begins anew.
const MOST_NOTES: usize = 32_768;
/// The controls of an instrument that hits set, as its path goes on.
const AMP: &str = ".amp";
const FILTER: &str = ".filter.freq";
const FREQ: &str = ".freq";
/// The numbers of an added track that can be set by name.
pub(super) const NUMBERS: [&str; 5] = ["base_freq", "base_amp", "filter_freq", "accent_boost", "gate_frac"];
/// Steps a quarter note.
const STEPS: f64 = 4.0;

/// A track that was added.
#[derive(Clone, Debug, PartialEq)]
pub struct AddedTrack {
    /// Its name.
    pub id: String,
    /// The instrument's name.
    pub instrument: String,
    /// Its steps, a sixteenth each.
    pub pattern: String,
    /// The same as cells, for displays.
    pub cells: Vec<Cell>,
    /// What hits play where there are no notes, in Hz; without it they play c4.
    pub base_freq: Option<f64>,
    /// What the hits play in turn.
    pub notes: Vec<f64>,
    /// What an instrument's `amp` is set to by a hit of full velocity.
    pub base_amp: f64,
    /// What its `filter.freq` is set to by a hit of half velocity, in Hz.
    pub filter_freq: f64,
    /// How much higher that is at full velocity than at none, in Hz.
    pub accent_boost: f64,
    /// How long gates stay open, in steps; they close with the end of a step.
    pub gate_frac: f64,
    /// Whether the track sets `amp` and `filter.freq` at all.
    pub sets_voice: bool,
}

impl AddedTrack {
    /// A track of `pattern` for an instrument, with everything else at its default.
    pub fn new(id: &str, instrument: &str, pattern: &str) -> Self {
        Self {
            id: id.to_owned(),
            instrument: instrument.to_owned(),
            pattern: pattern.to_owned(),
            cells: Vec::new(),
            base_freq: None,
            notes: Vec::new(),
            base_amp: 0.3,
            filter_freq: 1_000.0,
            accent_boost: 1_500.0,
            gate_frac: 0.5,
            sets_voice: true,
        }
    }

    /// Reads what its hits play: note names, MIDI numbers up to 127, or Hz, which are above, or have a point or their unit. Blanks or commas
    /// stand between.
    ///
    /// # Errors
    /// The word that is none of these.
    pub fn read_notes(text: &str) -> Result<Vec<f64>, String> {
        let words = text.split([' ', ',', '\t', '\n', '[', ']']).filter(|word| !word.is_empty());
        words.map(|word| read_note(word).ok_or_else(|| word.to_owned())).collect()
    }

    /// Sets the one of [`NUMBERS`] called `key`, clamped to its range.
    pub(super) fn set(&mut self, key: &str, value: f64) {
        match key {
            "base_freq" => self.base_freq = Some(value.clamp(1.0, 20_000.0)),
            "base_amp" => self.base_amp = value.clamp(0.0, 1.0),
            "filter_freq" => self.filter_freq = value.clamp(20.0, 20_000.0),
            "accent_boost" => self.accent_boost = value.clamp(-20_000.0, 20_000.0),
            "gate_frac" => self.gate_frac = value.clamp(0.01, 64.0),
            _ => {}
        }
    }

    /// What a hit of some velocity sets an instrument's `amp` to.
    fn amp(&self, velocity: f64) -> f64 {
        self.base_amp * velocity
    }

    /// The same of its `filter.freq`, in Hz.
    fn filter(&self, velocity: f64) -> f64 {
        self.filter_freq + self.accent_boost * (velocity - 0.5)
    }

    /// How many steps its gates stay open: they close with a step.
    pub(super) fn gate_steps(&self) -> f64 {
        libm::ceil(self.gate_frac.clamp(0.01, 64.0))
    }

    /// The track as it is played in `song`, which `plan` plays, with `swing` (0.5 is straight).
    ///
    /// # Errors
    /// What is wrong with its pattern, in a line.
    pub fn compile(
        &self,
        track: StableId,
        song: &Song,
        plan: &Plan,
        swing: f64,
    ) -> Result<AddedLoop, String> {
        let instrument = song.instruments.iter().position(|one| one.id == self.instrument);
        let instrument = instrument.ok_or_else(|| format!("no instrument `{}`", self.instrument))?;
        let AddedNotes { notes, steps, passes } = self.written(song, swing)?;
        let levels = self.sets_voice.then(|| HitLevels::of(song, plan, instrument));
        let notes = notes.into_iter().enumerate().map(|(hit, note)| {
            let hertz = match self.notes.as_slice() {
                [] => self.base_freq,
                notes => Some(notes[hit % notes.len()]),
            };
            let seed = Seed::new(song.seed).name("live").name(&self.id).number(hit as u64);
            let (locks, hertz) = match &levels {
                Some(levels) => levels.at(self, note.velocity, hertz),
                None => (Vec::new(), hertz),
            };
            let pitch = hertz.map_or(0.0, |hertz| libm::log2(hertz / song.c4));
            let level = note.level;
            Note { instrument, pitches: vec![pitch], slurred: false, seed, locks, leads: true, level, ..note }
        });
        Ok(AddedLoop::new(track, notes.collect(), steps as f64 * passes as f64 / STEPS))
    }

    /// Its steps as displays show them.
    pub(super) fn lane(&self, origin: f64) -> StepLane {
        StepLane { section: None, cells: self.cells.clone(), step: 1.0 / STEPS, origin }
    }

    /// Takes `pattern`. One that isn't of the language is read sign by sign, as clients of old mean theirs: `X` and `x` are hits, everything
    /// else is a rest. What has signs that only the language has in it is meant to be of it.
    pub(super) fn take_pattern(&mut self, pattern: &str, song: &Song) {
        pattern.clone_into(&mut self.pattern);
        let of_language = |c: char| c.is_ascii_digit() || "{}()[]<>?*:\"\\".contains(c);
        if !pattern.contains(of_language) && self.checked(song, 0.5, 1).is_err() {
            self.pattern = pattern.chars().map(|c| if matches!(c, 'X' | 'x') { c } else { '.' }).collect();
        }
    }

    /// Reads its steps, once for all displays.
    ///
    /// # Errors
    /// What is wrong with its pattern, in a line.
    pub(super) fn read_cells(&mut self, song: &Song) -> Result<(), String> {
        let checked = self.checked(song, 0.5, 1)?;
        self.cells =
            checked.sections[0].tracks.first().map(|track| track.steps.cells.clone()).unwrap_or_default();
        Ok(())
    }

    /// A song of this track alone, at 60 quarter notes a minute, so that at a frame a tick it says when its hits fall.
    fn checked(&self, song: &Song, swing: f64, bars: usize) -> Result<Song, String> {
        let quoted = self.pattern.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ");
        let text = format!(
            "song tempo=60 bars={bars} swing={swing} seed={seed}\ninstrument it {{\n sine tone\n route tone -> out\n}}\n\
             track it \"{quoted}\" length={length}\n",
            swing = (swing * 100.0).clamp(50.0, 75.0),
            seed = song.seed % 1_000_000,
            length = self.gate_steps(),
        );
        let checked = check(SourceId::default(), &text);
        checked.song.ok_or_else(|| {
            let first = checked.diagnostics.iter().find(|one| one.is_error());
            first.map_or_else(|| "the pattern can't be read".to_owned(), |one| one.message.clone())
        })
    }

    fn written(&self, song: &Song, swing: f64) -> Result<AddedNotes, String> {
        if self.pattern.len() > MOST_STEPS * 8 {
            return Err("the pattern is too long".to_owned());
        }
        let steps = self.checked(song, swing, 1)?.sections[0]
            .tracks
            .first()
            .map_or(0, |track| track.steps.cells.len());
        if steps == 0 || steps > MOST_STEPS {
            return Err("the pattern has no steps, or too many".to_owned());
        }
        let passes = PASSES.min((MOST_STEPS * 4 / steps).max(1));
        let song = self.checked(song, swing, (steps * passes).div_ceil(16))?;
        let Playable { score, .. } =
            playable(&song, TICKS as u32, &BTreeSet::new()).map_err(|why| why.to_string())?;
        let end = (steps * passes) as f64 / STEPS * TICKS;
        let notes: Vec<Note> =
            score.notes.into_iter().filter(|note| (note.start as f64) < end - 0.5).collect();
        if notes.len() > MOST_NOTES {
            return Err(format!("the pattern comes to more than {MOST_NOTES} notes before it goes round"));
        }
        Ok(AddedNotes { notes, steps, passes })
    }
}

/// What a track plays before it loops.
struct AddedNotes {
    /// In [`TICKS`] a quarter note.
    notes: Vec<Note>,
    /// Of a pass.
    steps: usize,
    passes: usize,
}

/// A note name, a MIDI number up to 127, or a frequency: above that, with a point (`55.0`), or with its unit (`55Hz`). In Hz, with c4 at
/// 261.63.
fn read_note(word: &str) -> Option<f64> {
    let hertz = word.strip_suffix("Hz").or_else(|| word.contains('.').then_some(word));
    if let Some(Ok(hertz)) = hertz.map(str::parse::<f64>) {
        return (hertz > 0.0 && hertz <= 20_000.0).then_some(hertz);
    }
    if let Ok(number) = word.parse::<f64>() {
        return number.is_finite().then(|| note_hertz(number)).flatten();
    }
    let name = NoteName::read(&word.to_ascii_lowercase())?;
    Some(440.0 * libm::exp2(f64::from(name.semitones() - 9) / 12.0))
}

/// The frequency of a MIDI number up to 127; above it, a number is a frequency itself.
pub fn note_hertz(number: f64) -> Option<f64> {
    if number > 127.0 {
        (number <= 20_000.0).then_some(number)
    } else {
        (number >= 0.0).then(|| 440.0 * libm::exp2((number - 69.0) / 12.0))
    }
}

/// The control that says where the instrument called `id` sounds without a note, if it has one that is called `freq`.
pub(super) fn frequency<'c>(controls: &'c Controls, id: &str) -> Option<&'c NamedControl> {
    controls.at(&format!("{id}{FREQ}")).filter(|named| named.facts.default(120.0).is_some())
}

/// The number of a control in its voice, and its range.
type Lockable = (u32, (f64, f64));

/// What hits set in their voice.
struct HitLevels {
    amp: Option<Lockable>,
    filter: Option<Lockable>,
    /// Where it doesn't follow the note, and where it stands by itself.
    freq: Option<(Lockable, f64)>,
}

impl HitLevels {
    fn of(song: &Song, plan: &Plan, instrument: usize) -> Self {
        let controls = Controls::of(song);
        // Each control of a voice has a number there, which every one of its bases has.
        let numbers: BTreeMap<usize, u32> =
            plan.bases.iter().filter_map(|base| Some((base.curve, base.voice?.1))).collect();
        let id = &song.instruments[instrument].id;
        let find = |name: &str| {
            let named = controls.at(&format!("{id}{name}"))?;
            let curve = plan.controls.iter().position(|driven| driven.control == named.control)?;
            Some((*numbers.get(&curve)?, named.facts.range))
        };
        let stands = frequency(&controls, id).and_then(|named| named.facts.default(120.0));
        Self { amp: find(AMP), filter: find(FILTER), freq: find(FREQ).zip(stands) }
    }

    /// The locks of a hit that sounds at so many Hz, and where its note sounds beside them.
    fn at(&self, added: &AddedTrack, velocity: f64, hertz: Option<f64>) -> (Vec<(u32, f32)>, Option<f64>) {
        let lock = |control: Option<Lockable>, value: f64| {
            control.map(|(number, (least, most))| (number, value.clamp(least, most) as f32))
        };
        let freq = self.freq.and_then(|(freq, stands)| lock(Some(freq), hertz.unwrap_or(stands)));
        let locks = [lock(self.amp, added.amp(velocity)), lock(self.filter, added.filter(velocity)), freq];
        (locks.into_iter().flatten().collect(), hertz.filter(|_| freq.is_none()))
    }
}

impl Session {
    /// What the hits of an added track set in their voice, as lanes: the control's path in the instrument, and its values step
    /// by step in the first pass.
    pub(super) fn levels(&self, added: &AddedTrack) -> Vec<(&'static str, String)> {
        let Ok(AddedNotes { notes, steps, .. }) = added.written(&self.song, 0.5) else { return Vec::new() };
        let known = |name: &str| {
            self.controls.at(&format!("{}{name}", added.instrument)).map(|named| named.facts.range)
        };
        let lane = |name: &'static str, value: &dyn Fn(f64) -> f64| {
            let (least, most) = known(name)?;
            let mut lane = vec![".".to_owned(); steps];
            for note in &notes {
                let step = (note.start as f64 * STEPS / TICKS + 0.01) as usize;
                if let Some(place) = lane.get_mut(step) {
                    *place = shortest(value(note.velocity).clamp(least, most) as f32)
                        .clamp(least, most)
                        .to_string();
                }
            }
            Some((&name[1..], lane.join(" ")))
        };
        // Notes go by their distance from c4, which is where that stands then.
        let stands =
            frequency(&self.controls, &added.instrument).and_then(|named| named.facts.default(120.0));
        let noted = added.base_freq.is_some() || !added.notes.is_empty();
        let freq = stands.map(|stands| if noted { self.song.c4 } else { stands });
        let freq = freq.and_then(|freq| lane(FREQ, &move |_| freq));
        let lanes =
            [lane(AMP, &|velocity| added.amp(velocity)), lane(FILTER, &|velocity| added.filter(velocity))];
        lanes.into_iter().chain([freq]).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::AddedTrack;

    #[test]
    fn notes_are_names_numbers_and_hertz() {
        let notes = AddedTrack::read_notes("a4, 69 440.0\tC4").unwrap();
        assert_eq!(&notes[..3], &[440.0; 3]);
        assert!((notes[3] - 261.625_565).abs() < 1e-4);
        assert_eq!(AddedTrack::read_notes("55.0 49Hz 41.2").unwrap(), [55.0, 49.0, 41.2]);
        assert_eq!(AddedTrack::read_notes("a4 x9"), Err("x9".to_owned()));
        assert!(AddedTrack::read_notes("nan").is_err() && AddedTrack::read_notes("-3").is_err());
    }
}

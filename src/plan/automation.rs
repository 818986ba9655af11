//! What moves by itself: from automation, tempo changes and locks to one curve for each control that they reach.

use std::collections::{BTreeMap, BTreeSet};

use crate::dsp::seed::Seed;
use crate::model::automation::{Automation, Bend};
use crate::model::pace::{PaceLaw, PacePiece};
use crate::model::patch::{CableControl, ControlId, Depth, InstrumentControl, ParameterBase, Patch};
use crate::model::song::{Glide, Song};
use crate::model::steps::LaneItem;
use crate::plan::curve::{APPROACH, Curve, CurveMove, Cycles, DrivenControl, Segment, TempoScaling};
use crate::plan::timeline::{SectionSpan, Timeline, nearest_frame};
use crate::units::note_length::NoteLength;
use crate::units::unit::Unit;

/// A control that the song itself moves.
#[derive(Clone, Debug)]
pub(super) struct AutomationLane {
    pub(super) control: ControlId,
    pub(super) curve: Curve,
    /// The highest value that it comes to, by automation or by a lock.
    pub(super) highest: f64,
    /// Where it stands when nothing moves it.
    declared: Declared,
}

impl AutomationLane {
    /// What the engine must know of it.
    fn driven(&self) -> DrivenControl {
        let pace = match (self.declared.base, self.declared.unit) {
            (ParameterBase::Note(_), Unit::Hertz) => Some(TempoScaling::Frequency),
            (ParameterBase::Note(_), _) => Some(TempoScaling::Time),
            (ParameterBase::Number(_) | ParameterBase::Follow, _) => None,
        };
        DrivenControl { control: self.control, pace }
    }

    /// Whether the note's frequency is what it stands at.
    pub(super) fn follows(&self) -> bool {
        matches!(self.declared.base, ParameterBase::Follow)
    }
}

/// All of them, each in the order of the controls, so that patches of equal shape number them alike.
#[derive(Clone, Debug, Default)]
pub(super) struct AutomationLanes {
    /// At the top level, the gain, pan and glide of instruments among them.
    pub(super) top: Vec<AutomationLane>,
    /// In the voices of each instrument.
    pub(super) instruments: Vec<Vec<AutomationLane>>,
}

/// The patch that a control is in: an instrument's, or `None` for the top level.
fn home(control: ControlId) -> Option<usize> {
    match control {
        ControlId::Param { instrument, .. }
        | ControlId::Knob { instrument, .. }
        | ControlId::Cable { instrument, .. } => instrument,
        ControlId::Instrument { .. } => None,
    }
}

impl AutomationLanes {
    /// What moves by itself in `song`, and what is `movable` from outside.
    pub(super) fn new(song: &Song, timeline: &Timeline, movable: &BTreeSet<ControlId>) -> Self {
        let mut automation_lanes =
            Self { top: Vec::new(), instruments: vec![Vec::new(); song.instruments.len()] };
        let mut sections: Vec<BTreeMap<ControlId, Vec<&Automation>>> = Vec::new();
        let mut controls = movable.clone();
        let mut locks: BTreeMap<ControlId, f64> = BTreeMap::new();
        let mut played = vec![false; song.sections.len()];
        song.arrangement.iter().for_each(|&section| played[section] = true);
        for (section, played) in song.sections.iter().zip(played) {
            let mut own: BTreeMap<ControlId, Vec<&Automation>> = BTreeMap::new();
            for automation in section.automations.iter().filter(|_| played) {
                own.entry(automation.control).or_default().push(automation);
            }
            controls.extend(own.keys().copied());
            sections.push(own);
            for lock in section.tracks.iter().filter(|_| played).flat_map(|track| &track.locks) {
                let highest = locks.entry(lock.control).or_insert(f64::MIN);
                for item in &lock.values.items {
                    let values = match item {
                        LaneItem::One(value) => std::slice::from_ref(value),
                        LaneItem::Alternate(values) => values,
                    };
                    *highest = values.iter().flatten().copied().fold(*highest, f64::max);
                }
            }
        }
        controls.extend(locks.keys().copied());
        let still = timeline.is_still();
        if !still {
            controls.extend(followers(song));
        }
        for control in controls {
            let Some(declared) = declared(song, control) else { continue };
            let mut builder = Builder::new(song, timeline, control, declared);
            // What nothing moves stands at its own value throughout, however many sections are played.
            let stands = match declared.base {
                ParameterBase::Number(_) | ParameterBase::Follow => true,
                ParameterBase::Note(_) => still,
            };
            if !stands || sections.iter().any(|own| own.contains_key(&control)) {
                for span in &timeline.spans {
                    builder.span(span, sections[span.section].get(&control).map_or(&[], Vec::as_slice));
                }
            }
            let mut automation_lane = builder.automation_lane;
            automation_lane.highest =
                automation_lane.highest.max(locks.get(&control).copied().unwrap_or(f64::MIN));
            match home(control) {
                Some(instrument) => automation_lanes.instruments[instrument].push(automation_lane),
                None => automation_lanes.top.push(automation_lane),
            }
        }
        automation_lanes
    }

    /// The drive of `control` and its number among those of its patch.
    pub(super) fn find(&self, control: ControlId) -> Option<(usize, &AutomationLane)> {
        let all = match home(control) {
            Some(instrument) => self.instruments.get(instrument)?,
            None => &self.top,
        };
        let place = all.binary_search_by_key(&control, |automation_lane| automation_lane.control).ok()?;
        Some((place, &all[place]))
    }

    /// All curves: those of the top level, then those of each instrument.
    pub(super) fn curves(&self) -> impl Iterator<Item = &Curve> {
        self.all().map(|automation_lane| &automation_lane.curve)
    }

    /// What each of the curves moves.
    pub(super) fn driven(&self) -> impl Iterator<Item = DrivenControl> {
        self.all().map(AutomationLane::driven)
    }

    /// Those of the top level, then those of each instrument.
    pub(super) fn all(&self) -> impl Iterator<Item = &AutomationLane> {
        self.top.iter().chain(self.instruments.iter().flatten())
    }
}

/// The controls that are declared as note lengths, which follow the tempo.
fn followers(song: &Song) -> Vec<ControlId> {
    let params = |instrument: Option<usize>, patch: &Patch| {
        let mut found = Vec::new();
        for (module, one) in patch.modules.iter().enumerate() {
            for (param, _) in
                one.params.iter().enumerate().filter(|(_, base)| matches!(base, ParameterBase::Note(_)))
            {
                found.push(ControlId::Param { instrument, module, param });
            }
        }
        found
    };
    let mut found = params(None, &song.patch);
    for (instrument, one) in song.instruments.iter().enumerate() {
        found.extend(params(Some(instrument), &one.patch));
        if matches!(one.glide, Glide::Note(_)) {
            found.push(ControlId::Instrument { instrument, which: InstrumentControl::Glide });
        }
    }
    found
}

/// Where a control stands when nothing moves it.
#[derive(Clone, Copy, Debug)]
struct Declared {
    base: ParameterBase,
    unit: Unit,
    range: (f64, f64),
}

impl Declared {
    fn at(self, length: NoteLength, tempo: f64) -> f64 {
        let seconds = length.seconds(tempo);
        if self.unit == Unit::Hertz { 1.0 / seconds } else { seconds }
    }
}

fn declared(song: &Song, control: ControlId) -> Option<Declared> {
    let patch = |instrument: Option<usize>| match instrument {
        Some(instrument) => song.instruments.get(instrument).map(|one| &one.patch),
        None => Some(&song.patch),
    };
    let number =
        |value: f64, range| Declared { base: ParameterBase::Number(value), unit: Unit::Number, range };
    Some(match control {
        ControlId::Param { instrument, module, param } => {
            let module = patch(instrument)?.modules.get(module)?;
            let row = &module.spec.params[param];
            Declared { base: module.params[param], unit: row.unit, range: (row.min, row.max) }
        }
        ControlId::Knob { instrument, knob } => {
            let knob = patch(instrument)?.knobs.get(knob)?;
            number(knob.default, (knob.min, knob.max))
        }
        ControlId::Instrument { instrument, which } => {
            let one = song.instruments.get(instrument)?;
            match (which, one.glide) {
                (InstrumentControl::Gain, _) => number(one.gain, (0.0, 16.0)),
                (InstrumentControl::Pan, _) => number(one.pan, (-1.0, 1.0)),
                (InstrumentControl::Glide, Glide::Seconds(seconds)) => number(seconds, (0.0, 60.0)),
                (InstrumentControl::Glide, Glide::Note(length)) => {
                    Declared { base: ParameterBase::Note(length), unit: Unit::Seconds, range: (0.0, 60.0) }
                }
            }
        }
        ControlId::Cable { instrument, cable, which } => {
            let cable = patch(instrument)?.cables.get(cable)?;
            match which {
                CableControl::Gain => number(cable.gain, (-16.0, 16.0)),
                CableControl::Pan => number(cable.pan?, (-1.0, 1.0)),
                CableControl::By => match cable.by? {
                    Depth::Octaves(octaves) => number(octaves, (-20.0, 20.0)),
                    Depth::Linear(amount) => number(amount, (-1e6, 1e6)),
                },
            }
        }
    })
}

/// What draws for a control are made from: names, so that nothing else in the song can change them.
fn seed(song: &Song, control: ControlId) -> Seed {
    let named = |instrument: Option<usize>| {
        let all = Seed::new(song.seed).name("automation");
        instrument.map_or((all, &song.patch), |index| {
            (all.name(&song.instruments[index].id), &song.instruments[index].patch)
        })
    };
    match control {
        ControlId::Param { instrument, module, param } => {
            let (seed, patch) = named(instrument);
            let module = &patch.modules[module];
            seed.name(&module.id).name(module.spec.params[param].name)
        }
        ControlId::Knob { instrument, knob } => {
            let (seed, patch) = named(instrument);
            seed.name(&patch.knobs[knob].id)
        }
        ControlId::Instrument { instrument, which } => named(Some(instrument)).0.number(which as u64),
        ControlId::Cable { instrument, cable, which } => {
            let (seed, patch) = named(instrument);
            seed.name(patch.cables[cable].id.as_deref().unwrap_or_default()).number(which as u64)
        }
    }
}

/// One curve on its way.
struct Builder<'a> {
    timeline: &'a Timeline,
    declared: Declared,
    seed: Seed,
    song: &'a Song,
    approach: u64,
    /// The frame at which the last way began.
    begun: u64,
    automation_lane: AutomationLane,
}

impl<'a> Builder<'a> {
    fn new(song: &'a Song, timeline: &'a Timeline, control: ControlId, declared: Declared) -> Self {
        let start = match declared.base {
            ParameterBase::Number(value) => value,
            ParameterBase::Note(length) => declared.at(length, timeline.first_tempo()),
            ParameterBase::Follow => declared.range.0,
        };
        let start = start.clamp(declared.range.0, declared.range.1);
        let curve = Curve { start: start as f32, segments: Vec::new(), range: declared.range };
        Self {
            timeline,
            declared,
            seed: seed(song, control),
            song,
            approach: nearest_frame(APPROACH, timeline.rate).max(1),
            begun: 0,
            automation_lane: AutomationLane { control, curve, highest: start, declared },
        }
    }

    /// One playing of a section.
    fn span(&mut self, span: &SectionSpan, automations: &[&Automation]) {
        let bar = span.meter.quarters();
        let (mut at, mut hold) = (0.0, None);
        for one in automations {
            let [first, last] = [one.bars.start, one.bars.end].map(|bars| f64::from(bars) * bar);
            self.rest(span, at, first, hold);
            self.moves(span, first, last, one);
            (at, hold) = (last, Some(one.to));
        }
        self.rest(span, at, span.quarters, hold);
    }

    /// What stands between automation: at `hold`, or where it is declared.
    fn rest(&mut self, span: &SectionSpan, from: f64, to: f64, hold: Option<f64>) {
        match (hold, self.declared.base) {
            (Some(value), _) | (None, ParameterBase::Number(value)) => {
                self.push(span, from, to, CurveMove::still(value));
            }
            (None, ParameterBase::Note(length)) => {
                let declared = self.declared;
                for (piece, first, last) in pieces(span, from, to) {
                    let [start, end] = [first, last].map(|place| piece.tempo_at(place));
                    let [v, w] = [start, end].map(|tempo| declared.at(length, tempo));
                    // A time is the inverse of the tempo, a frequency goes with it: both by equal ratios in the time
                    // in which the tempo itself goes by equal steps a quarter note.
                    let pace = match piece.law {
                        PaceLaw::Exponential => (PaceLaw::Exponential, start, end),
                        PaceLaw::Still | PaceLaw::Linear => (PaceLaw::Still, 1.0, 1.0),
                    };
                    let bend = if v == w { Bend::Linear } else { Bend::Exponential };
                    self.push(span, first, last, CurveMove { pace, ..CurveMove::straight(v, w, bend) });
                }
            }
            (None, ParameterBase::Follow) => {}
        }
    }

    fn moves(&mut self, span: &SectionSpan, from: f64, to: f64, one: &Automation) {
        if one.wave.is_none() && (one.bend == Bend::Step || one.from == one.to) {
            self.push(span, from, to, CurveMove::still(one.from));
            return;
        }
        let frames = self.frame(span, to).saturating_sub(self.frame(span, from)).max(1);
        let seed = self.seed.name(&self.song.sections[span.section].id).number(u64::from(span.playing));
        let cycles = one.wave.map(|(wave, count)| Cycles {
            wave,
            count,
            edge: self.approach as f64 / frames as f64,
            seed: seed.number(u64::from(one.bars.start)),
        });
        for (piece, first, last) in pieces(span, from, to) {
            let part = ((first - from) / (to - from), (last - from) / (to - from));
            let pace = (piece.law, piece.tempo_at(first), piece.tempo_at(last));
            let way = CurveMove {
                part,
                pace,
                cycles: cycles.clone(),
                ..CurveMove::straight(one.from, one.to, one.bend)
            };
            self.push(span, first, last, way);
        }
    }

    fn frame(&self, span: &SectionSpan, quarters: f64) -> u64 {
        self.timeline.frame(span.seconds(quarters.min(span.quarters)))
    }

    /// Goes `way` between two places of a section. Where it would jump there, what comes before goes over to it, so that it is
    /// exact from its first frame on.
    fn push(&mut self, span: &SectionSpan, from: f64, to: f64, way: CurveMove) {
        let [start, end] = [from, to].map(|quarters| self.frame(span, quarters));
        if end <= start {
            return;
        }
        let (least, most) = self.automation_lane.curve.range;
        let ends = [way.from, way.to].map(|value| value.clamp(least, most));
        self.automation_lane.highest = self.automation_lane.highest.max(ends[0]).max(ends[1]);
        let first = way.value(0.0).clamp(least, most) as f32;
        if start == 0 {
            self.automation_lane.curve.start = first;
        } else {
            self.approach(start, first);
        }
        self.begun = start;
        if way.cycles.is_none() && way.from == way.to {
            return;
        }
        let mut segment = Segment { start, end, after: 0.0, approach: 0, way };
        segment.after = segment.value(end, (least, most));
        self.automation_lane.curve.segments.push(segment);
    }

    /// Lets what comes before frame `start` go over to `next`, which follows.
    fn approach(&mut self, start: u64, next: f32) {
        let curve = &mut self.automation_lane.curve;
        let before = curve.value(start);
        if before == next {
            return;
        }
        let approach = self.approach.min(start - self.begun);
        match curve.segments.last_mut().filter(|last| last.end == start) {
            Some(last) => {
                last.approach = approach.min(last.end - last.start);
                last.after = next;
            }
            None => curve.segments.push(Segment {
                start: start - approach,
                end: start,
                after: next,
                approach,
                way: CurveMove::still(f64::from(before)),
            }),
        }
    }
}

/// The pieces of a span's pace between two of its quarter notes, each with its own two.
fn pieces(span: &SectionSpan, from: f64, to: f64) -> impl Iterator<Item = (&PacePiece, f64, f64)> {
    let all = span.pace.pieces();
    let first = all.partition_point(|piece| piece.quarters + piece.length <= from);
    all[first..]
        .iter()
        .take_while(move |piece| piece.quarters < to)
        .map(move |piece| (piece, from.max(piece.quarters), to.min(piece.quarters + piece.length)))
        .filter(|(_, first, last)| last > first)
}

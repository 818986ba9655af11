//! Which note of one song is which of another: in each track, by where they stand.

use std::collections::BTreeMap;

use crate::change::runs::runs;
use crate::model::song::Song;
use crate::plan::score::{Note, Score};
use crate::plan::timeline::{SectionSpan, Timeline};

/// How near notes must be to be the same one, in steps.
const NEAR: f64 = 0.75;

/// A song with what it plays.
#[derive(Clone, Copy)]
pub(super) struct NoteSide<'a> {
    pub(super) song: &'a Song,
    pub(super) timeline: &'a Timeline,
    pub(super) score: &'a Score,
}

/// A note of one side.
#[derive(Clone, Copy)]
pub(super) struct PlacedNote<'a> {
    pub(super) note: &'a Note,
    /// Index of the playing of the section that it is in.
    pub(super) span: usize,
    /// Quarter notes from the start of the section.
    pub(super) at: f64,
    /// Where it ends, counted the same way.
    pub(super) end: f64,
    /// The length of a step in quarter notes.
    grid: f64,
}

/// A track: its instrument and its own name.
pub(super) type TrackKey<'a> = (&'a str, &'a str);

/// A note of the first song, of the second, or of both.
pub(super) struct NoteMatch<'a> {
    pub(super) old: Option<PlacedNote<'a>>,
    pub(super) new: Option<PlacedNote<'a>>,
    /// Both sections begin on the same frame and keep the same pace: then frames can be compared.
    pub(super) exact: bool,
}

impl<'a> NoteSide<'a> {
    /// The track and the playing of each lane of the score.
    pub(super) fn lanes(self) -> Vec<(TrackKey<'a>, usize, f64)> {
        let mut lanes = Vec::new();
        for (place, span) in self.timeline.spans.iter().enumerate() {
            for track in &self.song.sections[span.section].tracks {
                let instrument = self.song.instruments[track.instrument].id.as_str();
                lanes.push(((instrument, track.id.as_str()), place, track.grid.quarters()));
            }
        }
        lanes
    }

    fn span(self, index: usize) -> &'a SectionSpan {
        &self.timeline.spans[index]
    }

    /// Notes by track and by playing.
    fn notes(self) -> BTreeMap<(TrackKey<'a>, usize), Vec<PlacedNote<'a>>> {
        let lanes = self.lanes();
        let mut all: BTreeMap<(TrackKey<'a>, usize), Vec<PlacedNote<'a>>> = BTreeMap::new();
        for note in &self.score.notes {
            let Some(&(name, place, grid)) = lanes.get(note.lane) else { continue };
            let span = self.span(place);
            let quarters = |frame: u64| {
                let seconds = frame as f64 / self.timeline.rate - span.start;
                span.pace.quarters_at(seconds.clamp(0.0, span.pace.seconds))
            };
            let placed =
                PlacedNote { note, span: place, at: quarters(note.start), end: quarters(note.end), grid };
            all.entry((name, place)).or_default().push(placed);
        }
        all
    }

    fn section(self, index: usize) -> &'a str {
        &self.song.sections[self.span(index).section].id
    }
}

/// The notes of two songs side by side, by track.
pub(super) fn matches<'a>(a: NoteSide<'a>, b: NoteSide<'a>) -> BTreeMap<TrackKey<'a>, Vec<NoteMatch<'a>>> {
    let mut found: BTreeMap<TrackKey<'a>, Vec<NoteMatch<'a>>> = BTreeMap::new();
    let (mut olds, mut news) = (a.notes(), b.notes());
    for (one, two) in playings(a, b) {
        let (first, second) = (a.span(one), b.span(two));
        let exact = first.start == second.start
            && first.pace.pieces() == second.pace.pieces()
            && a.timeline.rate == b.timeline.rate;
        // A frame and a half: both are rounded to frames.
        let frame = first.tempo.max(second.tempo) / 60.0 / a.timeline.rate;
        let names: Vec<TrackKey<'a>> = {
            let of = |place: usize, all: &BTreeMap<(TrackKey<'a>, usize), Vec<PlacedNote<'a>>>| {
                all.keys().filter(|key| key.1 == place).map(|key| key.0).collect::<Vec<_>>()
            };
            let mut names = of(one, &olds);
            names.extend(of(two, &news));
            names.sort_unstable();
            names.dedup();
            names
        };
        for name in names {
            let old = olds.remove(&(name, one)).unwrap_or_default();
            let new = news.remove(&(name, two)).unwrap_or_default();
            let slack = if exact { 0.0 } else { 1.5 * frame };
            let pairs = paired(&old, &new, slack);
            let all = pairs.into_iter().map(|(old, new)| NoteMatch { old, new, exact });
            found.entry(name).or_default().extend(all);
        }
    }
    for ((name, _), notes) in olds {
        let gone = notes.into_iter().map(|note| NoteMatch { old: Some(note), new: None, exact: false });
        found.entry(name).or_default().extend(gone);
    }
    for ((name, _), notes) in news {
        let come = notes.into_iter().map(|note| NoteMatch { old: None, new: Some(note), exact: false });
        found.entry(name).or_default().extend(come);
    }
    found
}

/// Which playing of a section of one song is which of the other.
pub(super) fn playings(a: NoteSide<'_>, b: NoteSide<'_>) -> Vec<(usize, usize)> {
    let ids = |side: NoteSide<'_>| {
        (0..side.timeline.spans.len()).map(|place| side.section(place).to_owned()).collect::<Vec<String>>()
    };
    let mut all = Vec::new();
    let (olds, news) = (ids(a), ids(b));
    for run in runs(&olds, &news).into_iter().filter(|run| run.same) {
        all.extend(run.old.zip(run.new));
    }
    all
}

type Paired<'a> = (Option<PlacedNote<'a>>, Option<PlacedNote<'a>>);

/// First those that stand at the same place, then those nearest to each other.
fn paired<'a>(old: &[PlacedNote<'a>], new: &[PlacedNote<'a>], slack: f64) -> Vec<Paired<'a>> {
    let mut partner: Vec<Option<usize>> = vec![None; old.len()];
    let mut free = vec![true; new.len()];
    let mut next = 0;
    for (place, one) in old.iter().enumerate() {
        while next < new.len() && new[next].at < one.at - slack {
            next += 1;
        }
        if next < new.len() && new[next].at <= one.at + slack {
            partner[place] = Some(next);
            free[next] = false;
            next += 1;
        }
    }
    let mut near: Vec<(f64, usize, usize)> = Vec::new();
    for (place, one) in old.iter().enumerate().filter(|(place, _)| partner[*place].is_none()) {
        let reach = NEAR * one.grid;
        let first = new.partition_point(|other| other.at < one.at - reach);
        for (other, two) in new.iter().enumerate().skip(first).take_while(|(_, two)| two.at <= one.at + reach)
        {
            if free[other] {
                near.push(((two.at - one.at).abs(), place, other));
            }
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    for (_, place, other) in near {
        if partner[place].is_none() && free[other] {
            partner[place] = Some(other);
            free[other] = false;
        }
    }
    let both = old.iter().zip(&partner).map(|(one, other)| (Some(*one), other.map(|other| new[other])));
    let come = new.iter().zip(&free).filter(|(_, free)| **free).map(|(two, _)| (None, Some(*two)));
    both.chain(come).collect()
}

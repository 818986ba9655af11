//! What two songs play, note by note: what came, what went, what is played otherwise, in sentences.

use std::collections::{BTreeMap, BTreeSet};

use blake3::{Hash, Hasher};

use crate::change::matching::{NoteMatch, NoteSide, PlacedNote, TrackKey, matches, playings};
use crate::change::reach::reach;
use crate::change::sentences::{frames, notes, places, position, quarters};
use crate::model::song::Song;
use crate::plan::score::Score;
use crate::plan::timeline::{SongPosition, Timeline};

/// What happened to notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventChange {
    /// They aren't played any more.
    Fewer,
    /// They weren't played before.
    More,
    /// They begin earlier.
    Earlier,
    /// They begin later.
    Later,
    /// They last longer.
    Longer,
    /// They last shorter.
    Shorter,
    /// They have other pitches.
    Pitch,
    /// They are struck harder or softer.
    Velocity,
    /// Their track has another gain.
    Level,
    /// They follow by a slur and didn't, or the other way round.
    Slur,
    /// Their steps lock other values.
    Locks,
    /// Steps without a note lock other values.
    Moves,
}

/// What happened to the notes of a track.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The track.
    pub track: String,
    /// The instrument that it plays.
    pub instrument: String,
    /// The stems that the instrument reaches in either song.
    pub stems: Vec<String>,
    /// What happened.
    pub event_change: EventChange,
    /// To how many notes.
    pub count: usize,
    /// The bars of the first and of the last of them, from 1: of the second song, or of the first for what isn't in it
    /// any more.
    pub bars: (u32, u32),
    /// One line: `hat: 1 note fewer, bar 3 beat 2.5`.
    pub text: String,
}

/// What a track plays in the whole song.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackEvents {
    /// The track.
    pub track: String,
    /// The instrument that it plays.
    pub instrument: String,
    /// Of everything that it plays, to the frame.
    pub hash: Hash,
    /// How many notes begin; a slurred one doesn't.
    pub triggers: usize,
}

/// What came together under a track and a happening.
#[derive(Default)]
struct EventGroup {
    /// Each with its order in the song.
    places: Vec<(usize, f64, SongPosition)>,
    /// By how much, in frames or in quarter notes.
    frames: Vec<u64>,
    quarters: Vec<f64>,
}

/// What is played otherwise in the second song, track by track.
pub fn compare(songs: [&Song; 2], scores: [(&Timeline, &Score); 2]) -> Vec<Sentence> {
    let side = |at: usize| NoteSide { song: songs[at], timeline: scores[at].0, score: scores[at].1 };
    let (a, b) = (side(0), side(1));
    let mut all: BTreeMap<(TrackKey<'_>, EventChange), EventGroup> = BTreeMap::new();
    for (name, matches) in matches(a, b) {
        for one in matches {
            compare_notes(a, b, name, &one, &mut all);
        }
    }
    moves(a, b, &mut all);
    let reaches = songs.map(reach);
    let order = |name: TrackKey<'_>| {
        let place = |song: &Song| song.instruments.iter().position(|instrument| instrument.id == name.0);
        place(b.song).unwrap_or(usize::MAX)
    };
    let mut sentences: Vec<(usize, Sentence)> = all
        .into_iter()
        .map(|((name, event_change), found)| {
            let reached = reaches.iter().filter_map(|all| all.get(name.0)).flatten();
            let stems = reached.collect::<BTreeSet<_>>().into_iter().cloned().collect();
            (order(name), found.sentence(name, event_change, stems, a.timeline.rate))
        })
        .collect();
    sentences.sort_by_key(|(order, _)| *order);
    sentences.into_iter().map(|(_, sentence)| sentence).collect()
}

fn compare_notes<'a>(
    a: NoteSide<'a>,
    b: NoteSide<'a>,
    name: TrackKey<'a>,
    one: &NoteMatch<'a>,
    all: &mut BTreeMap<(TrackKey<'a>, EventChange), EventGroup>,
) {
    let place = |side: NoteSide<'_>, placed: &PlacedNote<'_>| {
        (placed.span, placed.at, position(side.timeline, placed.span, placed.at))
    };
    let (old, new) = match (&one.old, &one.new) {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => {
            all.entry((name, EventChange::Fewer)).or_default().places.push(place(a, old));
            return;
        }
        (_, Some(new)) => {
            all.entry((name, EventChange::More)).or_default().places.push(place(b, new));
            return;
        }
        _ => return,
    };
    let at = place(b, new);
    let mut by = |event_change: EventChange, by: Option<MovedBy>| {
        let found = all.entry((name, event_change)).or_default();
        found.places.push(at);
        match by {
            Some(MovedBy::Frames(count)) => found.frames.push(count),
            Some(MovedBy::Quarters(count)) => found.quarters.push(count),
            None => {}
        }
    };
    let frame = b.timeline.spans[new.span].tempo / 60.0 / b.timeline.rate;
    let (one_note, two_note) = (old.note, new.note);
    let moved =
        if one.exact { one_note.start != two_note.start } else { (old.at - new.at).abs() > 1.5 * frame };
    if moved {
        let later = new.at > old.at;
        let amount = if one.exact {
            MovedBy::Frames(one_note.start.abs_diff(two_note.start))
        } else {
            MovedBy::Quarters((new.at - old.at).abs())
        };
        by(if later { EventChange::Later } else { EventChange::Earlier }, Some(amount));
    }
    let lengths = [old, new].map(|placed| placed.end - placed.at);
    let spans = [one_note, two_note].map(|note| note.end - note.start);
    // A note that was moved may have another length by a frame, because both its ends are rounded.
    let slack = if one.exact { u64::from(moved) as f64 * 1.5 } else { 3.0 } * frame;
    if (lengths[0] - lengths[1]).abs() > slack && spans[0] != spans[1] {
        let amount = if one.exact {
            MovedBy::Frames(spans[0].abs_diff(spans[1]))
        } else {
            MovedBy::Quarters((lengths[0] - lengths[1]).abs())
        };
        by(if lengths[1] > lengths[0] { EventChange::Longer } else { EventChange::Shorter }, Some(amount));
    }
    let values = |locks: &[(u32, f32)]| locks.iter().map(|lock| lock.1).collect::<Vec<f32>>();
    let others = [
        (EventChange::Pitch, one_note.pitches != two_note.pitches),
        (EventChange::Velocity, one_note.velocity != two_note.velocity),
        (EventChange::Level, one_note.level != two_note.level),
        (EventChange::Slur, one_note.slurred != two_note.slurred),
        (EventChange::Locks, values(&one_note.locks) != values(&two_note.locks)),
    ];
    for (event_change, _) in others.into_iter().filter(|(_, differs)| *differs) {
        by(event_change, None);
    }
}

enum MovedBy {
    Frames(u64),
    Quarters(f64),
}

/// Finds tracks whose locks differ between notes.
fn moves<'a>(a: NoteSide<'a>, b: NoteSide<'a>, all: &mut BTreeMap<(TrackKey<'a>, EventChange), EventGroup>) {
    type NoteMoves<'a> = BTreeMap<(TrackKey<'a>, usize), Vec<(i64, Vec<f32>)>>;
    fn of(side: NoteSide<'_>) -> NoteMoves<'_> {
        let lanes = side.lanes();
        let mut moves: NoteMoves<'_> = BTreeMap::new();
        for one in &side.score.moves {
            let Some(&(name, place, _)) = lanes.get(one.lane) else { continue };
            let span = &side.timeline.spans[place];
            let seconds = one.start as f64 / side.timeline.rate - span.start;
            let at = span.pace.quarters_at(seconds.clamp(0.0, span.pace.seconds));
            let values = one.values.iter().map(|value| value.1).collect();
            moves.entry((name, place)).or_default().push(((at * 1000.0 + 0.5) as i64, values));
        }
        moves
    }
    let (olds, news) = (of(a), of(b));
    for (one, two) in playings(a, b) {
        let names = olds.keys().filter(|key| key.1 == one).map(|key| key.0);
        let names = names.chain(news.keys().filter(|key| key.1 == two).map(|key| key.0));
        for name in names.collect::<BTreeSet<_>>() {
            let empty = Vec::new();
            let old = olds.get(&(name, one)).unwrap_or(&empty);
            let new = news.get(&(name, two)).unwrap_or(&empty);
            let differ = new
                .iter()
                .filter(|one| !old.contains(one))
                .chain(old.iter().filter(|one| !new.contains(one)));
            for (at, _) in differ {
                let at = *at as f64 / 1000.0;
                let place = (two, at, position(b.timeline, two, at));
                all.entry((name, EventChange::Moves)).or_default().places.push(place);
            }
        }
    }
}

impl EventGroup {
    fn sentence(
        mut self,
        name: TrackKey<'_>,
        event_change: EventChange,
        stems: Vec<String>,
        rate: f64,
    ) -> Sentence {
        self.places.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let all: Vec<SongPosition> = self.places.iter().map(|place| place.2).collect();
        let count = all.len();
        let (who, one) = (notes(count), count == 1);
        let has = if one { "has another" } else { "have other" };
        let said = match event_change {
            EventChange::Fewer => format!("{who} fewer"),
            EventChange::More => format!("{who} more"),
            EventChange::Earlier => format!("{who} earlier {}", self.amount(rate)),
            EventChange::Later => format!("{who} later {}", self.amount(rate)),
            EventChange::Longer => format!("{who} longer {}", self.amount(rate)),
            EventChange::Shorter => format!("{who} shorter {}", self.amount(rate)),
            EventChange::Pitch => format!("{who} {has} {}", if one { "pitch" } else { "pitches" }),
            EventChange::Velocity => format!("{who} {has} {}", if one { "velocity" } else { "velocities" }),
            EventChange::Level => format!("{who} {has} {}", if one { "level" } else { "levels" }),
            EventChange::Slur => format!("{who} slurred otherwise"),
            EventChange::Locks => format!("{who} {has} {}", if one { "lock" } else { "locks" }),
            EventChange::Moves => "other locks between notes".to_owned(),
        };
        let bars = (all.first().map_or(1, |place| place.bar), all.last().map_or(1, |place| place.bar));
        Sentence {
            track: name.1.to_owned(),
            instrument: name.0.to_owned(),
            stems,
            event_change,
            count,
            bars,
            text: format!("{}: {said}, {}", name.1, places(&all)),
        }
    }

    /// By how much: the same for all, or at most.
    fn amount(&self, rate: f64) -> String {
        let most = self.quarters.iter().copied().fold(0.0, f64::max);
        if most > 0.0 {
            let same = self.quarters.iter().all(|count| most - count < 1e-3) && self.frames.is_empty();
            return format!("by {}{}", if same { "" } else { "up to " }, quarters(most));
        }
        let most = self.frames.iter().copied().max().unwrap_or(0);
        // Equal times come to frames that differ by one.
        let same = self.frames.iter().all(|count| most - count <= 1);
        format!("by {}{}", if same { "" } else { "up to " }, frames(most, rate))
    }
}

/// What each track of `song` plays, in the order of the song's sections.
pub fn tracks(song: &Song, score: &Score) -> Vec<TrackEvents> {
    let mut order: Vec<(usize, &str)> = Vec::new();
    for track in song.sections.iter().flat_map(|section| &section.tracks) {
        let key = (track.instrument, track.id.as_str());
        if !order.contains(&key) {
            order.push(key);
        }
    }
    let track = |lane: usize| {
        let &(section, track) = score.lanes.get(lane)?;
        let track = &song.sections[section].tracks[track];
        order.iter().position(|key| *key == (track.instrument, track.id.as_str()))
    };
    let mut hashers: Vec<(Hasher, usize)> = order.iter().map(|_| (Hasher::new(), 0)).collect();
    for note in &score.notes {
        let Some((hasher, triggers)) = track(note.lane).map(|place| &mut hashers[place]) else { continue };
        hasher.update(&note.start.to_le_bytes()).update(&note.end.to_le_bytes());
        hasher.update(&note.velocity.to_bits().to_le_bytes()).update(&note.level.to_bits().to_le_bytes());
        hasher.update(&[u8::from(note.slurred)]).update(&(note.pitches.len() as u64).to_le_bytes());
        for pitch in &note.pitches {
            hasher.update(&pitch.to_bits().to_le_bytes());
        }
        locks(hasher, &note.locks);
        *triggers += usize::from(!note.slurred);
    }
    for one in &score.moves {
        let Some((hasher, _)) = track(one.lane).map(|place| &mut hashers[place]) else { continue };
        hasher.update(b"lock").update(&one.start.to_le_bytes());
        locks(hasher, &one.values);
    }
    let named = order.iter().zip(&hashers).map(|((instrument, id), (hasher, triggers))| TrackEvents {
        track: (*id).to_owned(),
        instrument: song.instruments[*instrument].id.clone(),
        hash: hasher.finalize(),
        triggers: *triggers,
    });
    named.collect()
}

/// Locks by their values: the numbers of controls depend on the rest of the song.
fn locks(hasher: &mut Hasher, values: &[(u32, f32)]) {
    hasher.update(&(values.len() as u64).to_le_bytes());
    for (_, value) in values {
        hasher.update(&value.to_bits().to_le_bytes());
    }
}

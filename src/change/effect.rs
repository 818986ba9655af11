//! Which change alters which stem: found out by making each alone, and by making all but each.

use std::collections::{BTreeMap, BTreeSet};

use blake3::Hash;

use crate::change::groups;
use crate::change::pairs::ChangeId;
use crate::change::reach::reach;
use crate::change::trial::{Fingerprints, SongPair, mix, stems};
use crate::model::song::Song;
use crate::plan::compile::Refusal;

/// How much is tried: songs checked and plans compiled, of which each takes some milliseconds.
const MOST: usize = 1_000;

/// Something that is heard, in both songs.
#[derive(Clone, Debug)]
pub struct AudibleChange {
    /// Its content hash in the first song and in the second, if it is there: equal hashes are equal sounds. Other hashes
    /// may still sound the same.
    pub hashes: [Option<Hash>; 2],
    /// The numbers of the changes that alter it, rising.
    pub causes: Vec<usize>,
}

/// A stem in both songs.
#[derive(Clone, Debug)]
pub struct ChangedStem {
    /// Its id, as in [`crate::model::mix_sources::Stem`].
    pub id: String,
    /// What is heard of it.
    pub heard: AudibleChange,
}

/// What the changes alter.
#[derive(Clone, Debug)]
pub struct ChangeEffects {
    /// Every stem of either song: those of the second in its order, then those that are only in the first.
    pub stems: Vec<ChangedStem>,
    /// The song as a whole.
    pub mix: AudibleChange,
    /// The numbers of the changes that were not tried, because there are too many: whether they are heard isn't known.
    pub untried: Vec<usize>,
    /// Songs checked and plans compiled to find out.
    pub trials: usize,
}

impl AudibleChange {
    /// Whether it may sound otherwise in the second song.
    pub fn differs(&self) -> bool {
        self.hashes[0] != self.hashes[1]
    }
}

impl ChangeEffects {
    /// The changes that alter the song as a whole and none of its stems: the master chain's.
    pub fn of_the_mix_alone(&self) -> Vec<usize> {
        let of_stem = |cause: &&usize| self.stems.iter().any(|stem| stem.heard.causes.contains(cause));
        self.mix.causes.iter().filter(|cause| !of_stem(cause)).copied().collect()
    }

    /// Whether change `number` is heard anywhere.
    pub fn is_heard(&self, number: usize) -> bool {
        let heard = |heard: &AudibleChange| heard.causes.contains(&number);
        heard(&self.mix) || self.stems.iter().any(|stem| heard(&stem.heard))
    }
}

/// What a song's prints may differ in: a stem, or the mix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FingerprintKey {
    Stem(String),
    Mix,
}

/// Trials between two songs, for what differs between them.
pub(super) struct Bisector<'b, 's> {
    pub(super) between: &'b SongPair<'s>,
    rate: u32,
    /// What both songs sound like.
    ends: [Fingerprints; 2],
    /// Where they differ.
    wanted: BTreeSet<String>,
    known: BTreeMap<Vec<ChangeId>, Option<Fingerprints>>,
    pub(super) spent: usize,
}

/// From which end a trial starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TrialDirection {
    /// From the first song: the changes are made.
    There,
    /// From the second: they are taken back.
    Back,
}

impl Bisector<'_, '_> {
    /// Whether there is nothing left to be spent.
    pub(super) fn is_over(&self) -> bool {
        self.spent >= MOST
    }

    /// Where both songs differ.
    pub(super) fn all(&self) -> BTreeSet<FingerprintKey> {
        let mix = (self.ends[0].mix != self.ends[1].mix).then_some(FingerprintKey::Mix);
        self.wanted.iter().cloned().map(FingerprintKey::Stem).chain(mix).collect()
    }

    fn made(&mut self, way: TrialDirection, which: &[ChangeId]) -> Option<Song> {
        self.spent += 1;
        self.between.song(&|number| which.binary_search(&number).is_ok() == (way == TrialDirection::There))
    }

    /// Whether `which`, rising, can be made, or taken back, by themselves.
    pub(super) fn is_song(&mut self, way: TrialDirection, which: &[ChangeId]) -> bool {
        self.made(way, which).is_some()
    }

    /// What is heard with `which`, rising; `None` if that is no song.
    pub(super) fn fingerprints(&mut self, way: TrialDirection, which: &[ChangeId]) -> Option<Fingerprints> {
        let key: Vec<ChangeId> = match way {
            TrialDirection::There => which.to_vec(),
            TrialDirection::Back => {
                let all = 0..self.between.changes.len();
                all.filter(|number| which.binary_search(number).is_err()).collect()
            }
        };
        if key.is_empty() {
            return Some(self.ends[0].clone());
        }
        if key.len() == self.between.changes.len() {
            return Some(self.ends[1].clone());
        }
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let fingerprints = self.made(way, which).and_then(|song| self.compiled(&song));
        self.known.insert(key, fingerprints.clone());
        fingerprints
    }

    fn compiled(&mut self, song: &Song) -> Option<Fingerprints> {
        self.spent += 1;
        let mix = mix(song, self.rate).ok()?;
        // What is the same in the end is the same all the way to it.
        if let Some(end) = self.ends.iter().find(|end| end.mix == mix) {
            return Some(end.clone());
        }
        self.spent += self.wanted.len();
        let stems = stems(song, self.rate, &|id| self.wanted.contains(id)).ok()?;
        Some(Fingerprints { mix, stems })
    }

    /// Where two songs differ that lie between those that are compared.
    pub(super) fn differ(&self, one: &Fingerprints, other: &Fingerprints) -> BTreeSet<FingerprintKey> {
        let stems = self.wanted.iter().filter(|id| one.stems.get(*id) != other.stems.get(*id));
        let mix = (one.mix != other.mix)
            .then_some(FingerprintKey::Mix)
            .filter(|_| self.ends[0].mix != self.ends[1].mix);
        stems.cloned().map(FingerprintKey::Stem).chain(mix).collect()
    }

    /// What `which` alter by themselves; `None` if they can't be made, or taken back.
    pub(super) fn effect(
        &mut self,
        way: TrialDirection,
        which: &[ChangeId],
    ) -> Option<BTreeSet<FingerprintKey>> {
        let fingerprints = self.fingerprints(way, which)?;
        Some(self.differ(&fingerprints, &self.ends[usize::from(way == TrialDirection::Back)]))
    }
}

/// Finds what the changes between two songs alter, both compiled for `rate` frames a second.
///
/// # Errors
/// If one of the songs can't be compiled.
pub(super) fn effects(
    between: &SongPair<'_>,
    songs: [&Song; 2],
    rate: u32,
) -> Result<ChangeEffects, Refusal> {
    let [a, b] = songs;
    let fingerprints = |song: &Song| {
        Ok::<Fingerprints, Refusal>(Fingerprints {
            mix: mix(song, rate)?,
            stems: stems(song, rate, &|_| true)?,
        })
    };
    let one = fingerprints(a)?;
    let other = if between.changes.is_empty() { one.clone() } else { fingerprints(b)? };
    let ends = [one, other];
    let ids = |fingerprints: &Fingerprints| fingerprints.stems.keys().cloned().collect::<BTreeSet<String>>();
    let every: BTreeSet<String> = ids(&ends[0]).union(&ids(&ends[1])).cloned().collect();
    let differs = |id: &&String| ends[0].stems.get(*id) != ends[1].stems.get(*id);
    let wanted: BTreeSet<String> = every.iter().filter(differs).cloned().collect();
    let mut bisector = Bisector { between, rate, ends, wanted, known: BTreeMap::new(), spent: 0 };
    let (found, untried) = causes(&mut bisector, songs);
    let causes = |key: &FingerprintKey| {
        let its = found.iter().enumerate().filter(|(_, ears)| ears.contains(key));
        its.map(|(number, _)| number).collect::<Vec<usize>>()
    };
    let mut order: Vec<String> = Vec::new();
    for song in [b, a] {
        for stem in song.stems() {
            if !order.contains(&stem.id) {
                order.push(stem.id);
            }
        }
    }
    let stem = |id: String| {
        let hashes = [0, 1].map(|side: usize| bisector.ends[side].stems.get(&id).copied());
        let causes = causes(&FingerprintKey::Stem(id.clone()));
        ChangedStem { id, heard: AudibleChange { hashes, causes } }
    };
    let mix = AudibleChange {
        hashes: [0, 1].map(|side: usize| Some(bisector.ends[side].mix)),
        causes: causes(&FingerprintKey::Mix),
    };
    Ok(ChangeEffects { stems: order.into_iter().map(stem).collect(), mix, untried, trials: bisector.spent })
}

/// What each change alters, and which were not tried.
fn causes(
    bisector: &mut Bisector<'_, '_>,
    songs: [&Song; 2],
) -> (Vec<BTreeSet<FingerprintKey>>, Vec<ChangeId>) {
    let count = bisector.between.changes.len();
    let all = bisector.all();
    let mut found = vec![BTreeSet::new(); count];
    if all.is_empty() {
        return (found, Vec::new());
    }
    if count == 1 {
        found[0] = all;
        return (found, Vec::new());
    }
    let mut waiting = Vec::new();
    let mut untried = Vec::new();
    for number in 0..count {
        if bisector.is_over() {
            untried.extend(number..count);
            break;
        }
        let there = bisector.effect(TrialDirection::There, &[number]);
        if there.as_ref() == Some(&all) {
            found[number].clone_from(&all);
            continue;
        }
        let back = bisector.effect(TrialDirection::Back, &[number]);
        let invalid = there.is_none() || back.is_none();
        found[number] = [there, back].into_iter().flatten().flatten().collect();
        if invalid && found[number].is_empty() {
            waiting.push(number);
        }
    }
    for number in waiting {
        let ears = if bisector.is_over() { None } else { groups::effect(bisector, number) };
        match ears {
            Some(ears) => found[number] = ears,
            None => untried.push(number),
        }
    }
    let covered = |key: &&FingerprintKey| found.iter().any(|ears| ears.contains(key));
    let left: BTreeSet<FingerprintKey> = all.iter().filter(|key| !covered(key)).cloned().collect();
    if !left.is_empty() {
        by_reach(bisector, &songs.map(reach), &left, &untried, &mut found);
    }
    (found, untried)
}

/// What nothing else is known of is put down to what can reach it: changes that were not tried, else any, and if nothing
/// can, to all.
fn by_reach(
    bisector: &Bisector<'_, '_>,
    reaches: &[BTreeMap<String, BTreeSet<String>>; 2],
    left: &BTreeSet<FingerprintKey>,
    untried: &[ChangeId],
    found: &mut [BTreeSet<FingerprintKey>],
) {
    let all: Vec<ChangeId> = (0..found.len()).collect();
    for key in left {
        let fits = |number: &&ChangeId| {
            let names = &bisector.between.changes[**number].names;
            let FingerprintKey::Stem(id) = key else { return true };
            let reached = |name: &String| {
                name == id || reaches.iter().any(|all| all.get(name).is_some_and(|ids| ids.contains(id)))
            };
            names.is_empty() || names.iter().any(reached)
        };
        let of = |which: &[ChangeId]| which.iter().filter(fits).copied().collect::<Vec<ChangeId>>();
        let its = [of(untried), of(&all)].into_iter().find(|its| !its.is_empty());
        for number in its.unwrap_or_else(|| all.clone()) {
            found[number].insert(key.clone());
        }
    }
}

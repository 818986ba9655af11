//! What goes on from one deck to the next.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::kernels::LanePair;
use crate::model::controls::Controls;
use crate::model::song::{Instrument, Song};
use crate::plan::compiled_plan::{KernelPlan, Plan, Signal, Step};
use crate::plan::lock_event::LockEvent;
use crate::plan::signal_identity::Identities;
use crate::plan::voices::first_voices;

/// Pairs of places there and here.
#[derive(Clone, Debug, Default)]
pub struct CarryOver {
    /// A kernel and its lane, in the order of those here.
    pub lanes: Vec<LanePair>,
    /// Voices.
    pub voices: Vec<(usize, usize)>,
    /// Instruments.
    pub instruments: Vec<(usize, usize)>,
    /// Controls that notes can lock.
    pub locks: Vec<LockPair>,
    /// What is delayed so that it fits what lags: the pad, its width and the lane.
    pub pads: Vec<([usize; 3], [usize; 3])>,
    /// What loops hear of the block before.
    pub late: Vec<(Signal, Signal)>,
    /// For each lane of the score there, the one here that plays the same track in the same section, as often played.
    pub tracks: Vec<Option<usize>>,
}

/// A control of a voice that notes can lock, there and here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockPair {
    /// The voice, and the control's number in there.
    pub before: (u32, u32),
    /// The same here.
    pub now: (u32, u32),
    /// The indices of the bases.
    pub bases: (usize, usize),
}

impl CarryOver {
    /// A voice of before, here.
    pub(super) fn voice_now(&self, before: u32) -> Option<u32> {
        self.voices.iter().find(|(from, _)| *from == before as usize).map(|(_, to)| *to as u32)
    }

    /// The voice here, before.
    pub(super) fn voice_before(&self, now: u32) -> Option<u32> {
        self.voices.iter().find(|(_, to)| *to == now as usize).map(|(from, _)| *from as u32)
    }

    /// A lock of before, here.
    pub(super) fn lock_now(&self, lock: &LockEvent) -> Option<LockEvent> {
        let pair = self.locks.iter().find(|pair| pair.before == (lock.voice, lock.control))?;
        let (voice, control) = pair.now;
        Some(LockEvent { voice, control, ..*lock })
    }

    /// A lock here, before.
    pub(super) fn lock_before(&self, lock: &LockEvent) -> Option<LockEvent> {
        let pair = self.locks.iter().find(|pair| pair.now == (lock.voice, lock.control))?;
        let (voice, control) = pair.before;
        Some(LockEvent { voice, control, ..*lock })
    }

    /// The lanes of a kernel here that go on.
    pub(super) fn lanes_of(&self, kernel: usize) -> &[LanePair] {
        let first = self.lanes.partition_point(|(_, (index, _))| *index < kernel);
        let count = self.lanes[first..].iter().take_while(|(_, (index, _))| *index == kernel).count();
        &self.lanes[first..first + count]
    }

    /// What of a plan goes on in another one: modules of the same name, kind and settings, voices of the same instruments.
    pub(super) fn between([before, now]: [&Plan; 2], songs: [&Song; 2]) -> Self {
        let mut known = BTreeMap::new();
        for (index, kernel) in before.kernels.iter().enumerate() {
            for (lane, own) in kernel.lanes.iter().enumerate() {
                known.insert((before.paths[own.path].as_str(), own.voice, own.channel), (index, lane));
            }
        }
        let mut kept = Self::default();
        for (index, kernel) in now.kernels.iter().enumerate() {
            for (lane, own) in kernel.lanes.iter().enumerate() {
                let path = now.paths[own.path].as_str();
                // A sound that was mono is the same on both sides.
                let found = [own.channel, 0].into_iter().find_map(|channel| {
                    let &(from, from_lane) = known.get(&(path, own.voice, channel))?;
                    let same_seed = before.kernels[from].lanes[from_lane].seed == own.seed;
                    let goes_on =
                        (same_seed || channel != own.channel) && is_same(&before.kernels[from], kernel);
                    goes_on.then_some((from, from_lane))
                });
                kept.lanes.extend(found.map(|there| (there, (index, lane))));
            }
        }
        let [first, here] = songs.map(first_voices);
        for (to, instrument) in songs[1].instruments.iter().enumerate() {
            let same = |other: &Instrument| other.id == instrument.id;
            let Some(from) = songs[0].instruments.iter().position(same) else { continue };
            kept.instruments.push((from, to));
            let voices = 0..instrument.voices.min(songs[0].instruments[from].voices);
            kept.voices.extend(voices.map(|voice| (first[from] as usize + voice, here[to] as usize + voice)));
        }
        let both = [(before, songs[0]), (now, songs[1])];
        let [there, there_too] = both.map(|(plan, song)| lockable(plan, song));
        let voices: BTreeMap<usize, usize> = kept.voices.iter().map(|&(from, to)| (to, from)).collect();
        for ((path, voice), (base, control)) in there_too {
            let Some(&from) = voices.get(&(voice as usize)) else { continue };
            if let Some(&(other, from_control)) = there.get(&(path, from as u32)) {
                let (before, now) = ((from as u32, from_control), (voice, control));
                kept.locks.push(LockPair { before, now, bases: (other, base) });
            }
        }
        let names = both.map(|(plan, song)| Identities::new(plan, song));
        kept.pads = pairs([pads(before, &names[0]), pads(now, &names[1])]);
        kept.late = pairs([late(before, &names[0]), late(now, &names[1])]);
        let lanes = both.map(|(plan, song)| tracks(plan, song));
        kept.tracks = vec![None; lanes[0].len()];
        for (from, to) in pairs(lanes) {
            kept.tracks[from] = Some(to);
        }
        kept
    }
}

/// The controls of voices, by path and voice: the index of the base, and the control's number in the voice.
fn lockable(plan: &Plan, song: &Song) -> BTreeMap<(String, u32), (usize, u32)> {
    let controls = Controls::of(song);
    let paths = controls.paths();
    let bases = plan.bases.iter().enumerate().filter_map(|(index, base)| {
        let (voice, control) = base.voice?;
        let path = paths.get(&plan.controls[base.curve].control)?;
        Some((((*path).to_owned(), voice), (index, control)))
    });
    bases.collect()
}

/// Whether a kernel can go on with the state of another.
fn is_same(before: &KernelPlan, now: &KernelPlan) -> bool {
    let clip = |kernel: &KernelPlan| kernel.clip.as_ref().map(|clip| clip.name);
    std::ptr::eq(before.spec, now.spec) && before.settings == now.settings && clip(before) == clip(now)
}

/// Every lane of every pad, by the name of what it delays and by how much.
fn pads(plan: &Plan, names: &Identities) -> Vec<((u64, usize), [usize; 3])> {
    let pads = plan.steps.iter().filter_map(|step| match step {
        Step::Pad { width, from, frames, pad, .. } => Some((*width, *from, *frames, *pad)),
        _ => None,
    });
    let lanes = pads.flat_map(|(width, from, frames, pad)| {
        (0..width).map(move |lane| ((names.of(Signal { buffer: from, lane }), frames), [pad, width, lane]))
    });
    lanes.collect()
}

/// Every lane of what latches read, by its name.
fn late(plan: &Plan, names: &Identities) -> Vec<(u64, Signal)> {
    let read = plan.steps.iter().filter_map(|step| match step {
        Step::Latch { from, .. } => Some(*from),
        _ => None,
    });
    let lanes =
        read.flat_map(|buffer| (0..plan.buffers[buffer].width).map(move |lane| Signal { buffer, lane }));
    lanes.map(|signal| (names.of(signal), signal)).collect()
}

/// Every lane of the score, by the section and the track.
fn tracks<'s>(plan: &Plan, song: &'s Song) -> Vec<((&'s str, &'s str), usize)> {
    let sections = plan.timeline.spans.iter().map(|span| &song.sections[span.section]);
    let tracks = sections
        .flat_map(|section| section.tracks.iter().map(|track| (section.id.as_str(), track.id.as_str())));
    tracks.enumerate().map(|(lane, name)| (name, lane)).collect()
}

/// Pairs what has the same name; where several have it, in their order.
fn pairs<K: Ord, T: Copy>([before, now]: [Vec<(K, T)>; 2]) -> Vec<(T, T)> {
    let mut known: BTreeMap<K, VecDeque<T>> = BTreeMap::new();
    for (name, place) in before {
        known.entry(name).or_default().push_back(place);
    }
    let found = now.into_iter().filter_map(|(name, place)| Some((known.get_mut(&name)?.pop_front()?, place)));
    found.collect()
}

//! What goes on from one deck to the next.

use std::collections::BTreeMap;

use crate::engine::kernels::LanePair;
use crate::model::controls::Controls;
use crate::model::patch::Control;
use crate::model::song::{Instrument, Song};
use crate::plan::steps::{LockEvent, Plan, Step};
use crate::plan::voices::first_voices;

/// Pairs of places there and here.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// A kernel and its lane.
    pub lanes: Vec<LanePair>,
    /// Voices.
    pub voices: Vec<(usize, usize)>,
    /// Instruments.
    pub instruments: Vec<(usize, usize)>,
    /// Controls that notes can lock.
    pub locks: Vec<LockPair>,
    /// Whether signals are padded alike in both.
    pub pads: bool,
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

impl Kept {
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

    /// What of a plan goes on in another one: modules of the same name, kind and settings, voices of the same instruments.
    pub(super) fn between([before, now]: [&Plan; 2], songs: [&Song; 2]) -> Self {
        let mut known = BTreeMap::new();
        for (index, kernel) in before.kernels.iter().enumerate() {
            for (lane, own) in kernel.lanes.iter().enumerate() {
                known.insert((before.paths[own.path].as_str(), own.seed), (index, lane));
            }
        }
        let mut kept = Self::default();
        for (index, kernel) in now.kernels.iter().enumerate() {
            for (lane, own) in kernel.lanes.iter().enumerate() {
                let Some(&(from, from_lane)) = known.get(&(now.paths[own.path].as_str(), own.seed)) else {
                    continue;
                };
                let other = &before.kernels[from];
                let same_sound =
                    other.clip.as_ref().map(|clip| clip.name) == kernel.clip.as_ref().map(|clip| clip.name);
                if std::ptr::eq(other.spec, kernel.spec) && other.settings == kernel.settings && same_sound {
                    kept.lanes.push(((from, from_lane), (index, lane)));
                }
            }
        }
        let [first, here] = songs.map(first_voices);
        for (to, instrument) in songs[1].instruments.iter().enumerate() {
            let same = |other: &Instrument| other.id == instrument.id && other.voices == instrument.voices;
            let Some(from) = songs[0].instruments.iter().position(same) else { continue };
            kept.instruments.push((from, to));
            let voices = 0..instrument.voices;
            kept.voices.extend(voices.map(|voice| (first[from] as usize + voice, here[to] as usize + voice)));
        }
        let [there, there_too] =
            [(before, songs[0]), (now, songs[1])].map(|(plan, song)| lockable(plan, song));
        let voices: BTreeMap<usize, usize> = kept.voices.iter().map(|&(from, to)| (to, from)).collect();
        for ((path, voice), (base, control)) in there_too {
            let Some(&from) = voices.get(&(voice as usize)) else { continue };
            if let Some(&(other, from_control)) = there.get(&(path, from as u32)) {
                let (before, now) = ((from as u32, from_control), (voice, control));
                kept.locks.push(LockPair { before, now, bases: (other, base) });
            }
        }
        let in_place = kept.voices.iter().all(|(from, to)| from == to);
        kept.pads = in_place && pads(before) == pads(now);
        kept
    }
}

/// The controls of voices, by path and voice: the index of the base, and the control's number in the voice.
fn lockable(plan: &Plan, song: &Song) -> BTreeMap<(String, u32), (usize, u32)> {
    let controls = Controls::of(song);
    let paths: BTreeMap<Control, &str> = controls
        .all()
        .iter()
        .filter(|named| !named.alias)
        .map(|named| (named.control, named.path.as_str()))
        .collect();
    let bases = plan.bases.iter().enumerate().filter_map(|(index, base)| {
        let (voice, control) = base.voice?;
        let path = paths.get(&plan.controls[base.curve].control)?;
        Some((((*path).to_owned(), voice), (index, control)))
    });
    bases.collect()
}

/// The width and the frames of every pad.
fn pads(plan: &Plan) -> Vec<(usize, usize)> {
    let pad = |step: &Step| match step {
        Step::Pad { width, frames, .. } => Some((*width, *frames)),
        _ => None,
    };
    plan.steps.iter().filter_map(pad).collect()
}

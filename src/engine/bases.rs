//! The base writer: what the song itself says of controls, by curves and by locks, is written before routes move it.

use std::ops::Range;

use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;
use crate::plan::steps::{BasePlan, BufferId, LockEvent, Plan, Signal};

/// All bases of a plan.
pub(super) struct Bases {
    /// The bases of each curve.
    places: Vec<Range<usize>>,
    /// For each base the value that its voice locks it at.
    locked: Vec<Option<f32>>,
    /// The bases of each voice, by the voice and by the control's number there.
    voices: Vec<((u32, u32), usize)>,
    /// Where each curve stood in the last frame.
    last: Vec<f32>,
    next_lock: usize,
    /// Buffers that vary in this block.
    unsettled: Vec<BufferId>,
}

impl Bases {
    /// The bases of `plan` at its start.
    pub(super) fn new(plan: &Plan) -> Self {
        let place = |curve: usize| {
            let first = plan.bases.partition_point(|base| base.curve < curve);
            first..plan.bases.partition_point(|base| base.curve <= curve)
        };
        let of_voice = |(index, base): (usize, &BasePlan)| Some((base.voice?, index));
        let mut voices: Vec<_> = plan.bases.iter().enumerate().filter_map(of_voice).collect();
        voices.sort_unstable();
        Self {
            places: (0..plan.curves.len()).map(place).collect(),
            locked: vec![None; plan.bases.len()],
            voices,
            last: plan.curves.iter().map(|curve| curve.start).collect(),
            next_lock: 0,
            unsettled: Vec::with_capacity(plan.bases.len()),
        }
    }

    /// Writes every base for the block that begins at `frame`.
    pub(super) fn write(&mut self, plan: &Plan, frame: u64, buffers: &mut [Buffer]) {
        for buffer in self.unsettled.drain(..) {
            buffers[buffer].settle();
        }
        for curve in 0..plan.curves.len() {
            if !self.places[curve].is_empty() {
                self.follow(plan, curve, frame, buffers);
            }
        }
        let end = frame + BLOCK as u64;
        while let Some(lock) = plan.locks.get(self.next_lock).filter(|lock| lock.frame < end) {
            self.next_lock += 1;
            self.lock(plan, lock, frame, buffers);
        }
    }

    /// Writes a curve to all of its bases that aren't locked.
    fn follow(&mut self, plan: &Plan, index: usize, frame: u64, buffers: &mut [Buffer]) {
        let curve = &plan.curves[index];
        let mut row = [0.0; BLOCK];
        let stands = if let Some(value) = curve.standing(frame, frame + BLOCK as u64) {
            if value.to_bits() == self.last[index].to_bits() {
                return;
            }
            row.fill(value);
            true
        } else {
            for (place, value) in row.iter_mut().enumerate() {
                *value = curve.value(frame + place as u64);
            }
            row.iter().all(|value| value.to_bits() == row[0].to_bits())
        };
        self.last[index] = row[BLOCK - 1];
        for base in self.places[index].clone().filter(|&base| self.locked[base].is_none()) {
            let at = plan.bases[base].at;
            if stands && buffers[at.buffer].is_constant() {
                buffers[at.buffer].set_lane(at.lane, row[0]);
            } else {
                write(buffers, &mut self.unsettled, at, 0, |place| row[place]);
            }
        }
    }

    /// Does what a lock says to the base of its voice.
    fn lock(&mut self, plan: &Plan, lock: &LockEvent, frame: u64, buffers: &mut [Buffer]) {
        let key = (lock.voice, lock.control);
        let Ok(found) = self.voices.binary_search_by_key(&key, |(key, _)| *key) else { return };
        let base = self.voices[found].1;
        self.locked[base] = lock.value;
        let (from, BasePlan { at, curve, .. }) = ((lock.frame - frame) as usize, plan.bases[base]);
        let curve = &plan.curves[curve];
        let value = lock.value.or_else(|| curve.standing(lock.frame, frame + BLOCK as u64));
        match value {
            Some(value) if from == 0 && buffers[at.buffer].is_constant() => {
                buffers[at.buffer].set_lane(at.lane, value);
            }
            Some(value) => write(buffers, &mut self.unsettled, at, from, |_| value),
            None => write(buffers, &mut self.unsettled, at, from, |place| curve.value(frame + place as u64)),
        }
    }
}

/// Writes a value a frame into one lane, from frame `from` of the block on.
fn write(
    buffers: &mut [Buffer],
    unsettled: &mut Vec<BufferId>,
    at: Signal,
    from: usize,
    value: impl Fn(usize) -> f32,
) {
    let buffer = &mut buffers[at.buffer];
    if buffer.is_constant() {
        buffer.expand();
        unsettled.push(at.buffer);
    }
    let width = buffer.width();
    let rows = buffer.samples_mut();
    for place in from..BLOCK {
        rows[place * width + at.lane] = value(place);
    }
}

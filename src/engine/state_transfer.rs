//! State carried over from another engine: kernels, rings, voices, and what has been done to controls.

use crate::engine::block_loop::Engine;
use crate::engine::carry_over::CarryOver;
use crate::engine::kernels::{KernelCode, Kernels, LanePair};
use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::KernelPlan;

/// Frames of rings that are copied in one block where nobody waits for them.
const OLDER: usize = 32_768;

impl Engine {
    /// Goes on with what is the same in another engine.
    pub(super) fn adopt(&mut self, other: &Self, kept: &CarryOver) {
        let (plans, others) = (&self.plan.kernels, &other.plan.kernels);
        self.kernels.adopt(plans, &other.kernels, others, &kept.lanes, &other.buffers);
        self.notes.adopt(&other.notes, (&other.plan, &other.buffers), &kept.voices, &kept.instruments);
        for lock in &kept.locks {
            self.bases.adopt_lock(&self.plan, &other.bases, lock.bases, &mut self.buffers);
        }
        for &([from, from_width, from_lane], [to, width, lane]) in &kept.pads {
            self.pads[to].adopt(&other.pads[from], [(from_width, from_lane), (width, lane)]);
        }
        for &(from, to) in &kept.late {
            self.buffers[to.buffer].copy_lane(to.lane, &other.buffers[from.buffer], from.lane);
        }
        for &(from, to) in &kept.instruments {
            for &(signal, buffer) in &self.plan.instruments[to].newest {
                let there = other.plan.instruments[from].newest.iter().find(|(same, _)| *same == signal);
                if let Some((_, there)) = there {
                    self.buffers[buffer].copy(&other.buffers[*there]);
                    self.buffers[buffer].settle();
                }
            }
        }
    }

    /// Goes on with what rings hold that nobody has heard yet, some of it at a time; whether that was all.
    pub(super) fn adopt_older(
        &mut self,
        other: &Self,
        kept: &CarryOver,
        cursor: &mut TransferCursor,
    ) -> bool {
        let now = [other, &*self].map(|engine| engine.clock.frame);
        let plans = [&other.plan.kernels[..], &self.plan.kernels[..]];
        self.kernels.adopt_older(&other.kernels, plans, &kept.lanes, cursor, now)
    }

    /// Begins at a frame instead of at 0.
    pub(super) fn start_at(&mut self, frame: u64) {
        self.clock.frame = frame;
    }

    /// Goes on with a gate of the top level: its number there and here.
    pub(super) fn adopt_gate(&mut self, other: &Self, from: usize, to: usize) {
        if let (Some(&(_, from)), Some(&(_, to))) = (other.plan.gates.get(from), self.plan.gates.get(to)) {
            self.buffers[to].copy(&other.buffers[from]);
            self.buffers[to].settle();
        }
    }

    /// Goes on with what has become of a control: its curve there and here.
    pub(super) fn adopt_control(&mut self, other: &Self, from: usize, to: usize) {
        self.bases.adopt(&self.plan, &other.bases, (from, to), &mut self.buffers);
    }
}

impl Kernels {
    /// Goes on with the state of lanes of another plan's kernels: pairs of a kernel and its lane, there and here. `buffers` are
    /// those of the other plan.
    pub(super) fn adopt(
        &mut self,
        plans: &[KernelPlan],
        other: &Self,
        others: &[KernelPlan],
        lanes: &[LanePair],
        buffers: &[Buffer],
    ) {
        for &((from, from_lane), (to, to_lane)) in lanes {
            let (there, here) = (&other.kernels[from], &mut self.kernels[to]);
            if let (KernelCode::Foreign(unit), KernelCode::Foreign(other)) = (&mut here.code, &there.code) {
                unit.adopt(other.as_ref());
            }
            let places = [(others[from].width, from_lane), (plans[to].width, to_lane)];
            let (a, b) = (there.rows.clone(), here.rows.clone());
            move_lane(&other.rows[a.clone()], &mut self.rows[b.clone()], places);
            move_lane(&other.asleep_rows[a], &mut self.asleep_rows[b], places);
            let (a, b) = (there.words.clone(), here.words.clone());
            move_lane(&other.words[a.clone()], &mut self.words[b.clone()], places);
            move_lane(&other.asleep_words[a], &mut self.asleep_words[b], places);
            here.silent[to_lane] = None;
            // What the song has no use for is heard at once only where a control has been put further than the song puts it.
            let beyond = reaches_beyond(&others[from], from_lane, buffers);
            for (index, (ring, other)) in here.rings.iter_mut().zip(&there.rings).enumerate() {
                let reach = if beyond { usize::MAX } else { reach([&here.reach, &there.reach], index) };
                let looped = index < plans[to].spec.state.loops;
                ring.copy_lane(other, places, 1..=reach, [0; 2], looped);
            }
        }
    }

    /// Goes on with what `adopt` has left out: older frames of long rings, so many at a time that no block takes long. `now` are
    /// the frames at which the other kernels and these stand. Returns whether that was all.
    pub(super) fn adopt_older(
        &mut self,
        other: &Self,
        [others, plans]: [&[KernelPlan]; 2],
        lanes: &[LanePair],
        cursor: &mut TransferCursor,
        now: [u64; 2],
    ) -> bool {
        let since = now.map(|frame| frame.saturating_sub(cursor.from) as usize);
        let mut left = OLDER;
        while let Some(&((from, from_lane), (to, to_lane))) = lanes.get(cursor.lane) {
            let (there, here) = (&other.kernels[from], &mut self.kernels[to]);
            // A lane that has been reset meanwhile has forgotten all of it.
            let rings = if here.silent[to_lane].is_none() { here.rings.len() } else { 0 };
            let Some(ring) = here.rings[..rings].get_mut(cursor.ring) else {
                (cursor.lane, cursor.ring, cursor.done) = (cursor.lane + 1, 0, 0);
                continue;
            };
            let first = reach([&here.reach, &there.reach], cursor.ring).saturating_add(cursor.done + 1);
            // Nothing is older than the performance.
            let oldest = ring.frames.min(cursor.from as usize);
            let looped = cursor.ring < plans[to].spec.state.loops;
            if looped || first > oldest {
                (cursor.ring, cursor.done) = (cursor.ring + 1, 0);
                continue;
            }
            if left == 0 {
                return false;
            }
            let places = [(others[from].width, from_lane), (plans[to].width, to_lane)];
            let last = oldest.min(first - 1 + left);
            ring.copy_lane(&there.rings[cursor.ring], places, first..=last, since, looped);
            cursor.done += last + 1 - first;
            left -= last + 1 - first;
        }
        true
    }
}

/// Where among the rings of lanes that go on older frames are copied next.
#[derive(Clone, Copy, Debug)]
pub(super) struct TransferCursor {
    /// The frame at which one plan went over into the other.
    from: u64,
    lane: usize,
    ring: usize,
    /// Frames of that ring that have been copied, from those on that had to be there at once.
    done: usize,
}

impl TransferCursor {
    pub(super) fn new(from: u64) -> Self {
        Self { from, lane: 0, ring: 0, done: 0 }
    }
}

/// The frames that have to be there at once: those for which either song has use.
fn reach(songs: [&[usize]; 2], ring: usize) -> usize {
    songs.into_iter().filter_map(|reach| reach.get(ring)).copied().max().unwrap_or(usize::MAX)
}

/// Whether a parameter of a lane stands higher than the song itself ever moves it.
fn reaches_beyond(plan: &KernelPlan, lane: usize, buffers: &[Buffer]) -> bool {
    let params = &plan.ins[plan.ins.len() - plan.spec.params.len()..];
    params.iter().zip(&plan.lanes[lane].highest).any(|(&param, highest)| {
        let buffer = &buffers[param];
        let last = if buffer.is_constant() { 0 } else { (BLOCK - 1) * buffer.width() };
        buffer.samples()[last + lane] > *highest
    })
}

/// Copies one lane into another of another width.
fn move_lane<T: Copy>(from: &[T], to: &mut [T], [(width, lane), (to_width, to_lane)]: [(usize, usize); 2]) {
    let to = to.iter_mut().skip(to_lane).step_by(to_width);
    from.iter().skip(lane).step_by(width).zip(to).for_each(|(from, to)| *to = *from);
}

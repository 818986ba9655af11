//! The base writer: where controls stand before routes move them, by what the song says and by who has taken them over.

use std::ops::Range;

use crate::engine::overrides::{Override, OverrideAction, OverrideEvent, smoothing};
use crate::engine::playhead::Playhead;
use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::{BufferId, ParameterBasePlan, Plan, Signal};
use crate::plan::curve::Curve;
use crate::plan::lock_event::LockEvent;

/// The most locks of one block that move controls which somebody has put somewhere.
const LED: usize = 256;

/// All bases of a plan.
pub(super) struct ParameterBases {
    /// The bases of each curve.
    places: Vec<Range<usize>>,
    /// For each base the value that its voice locks it at.
    locked: Vec<Option<f32>>,
    /// The bases of each voice, by the voice and by the control's number there.
    voices: Vec<((u32, u32), usize)>,
    /// Where each curve stood in the last frame.
    last: Vec<f32>,
    /// Buffers that vary in this block.
    unsettled: Vec<BufferId>,
    /// For each curve, who has taken its control over; empty if nobody can.
    overrides: Vec<Override>,
    /// The curves of which that is more than nobody.
    taken: Vec<usize>,
    /// Curves whose bases follow the notes of their voices.
    followers: Vec<usize>,
    /// Frames in which controls go over.
    smoothing: u32,
    /// What locks do in this block to controls that somebody has put somewhere.
    led: Vec<OverrideEvent>,
    /// The curves of those, and where they have been put at the end of the block.
    led_to: Vec<(usize, f32)>,
}

impl ParameterBases {
    /// The bases of `plan` at its start.
    pub(super) fn new(plan: &Plan) -> Self {
        let place = |curve: usize| {
            let first = plan.bases.partition_point(|base| base.curve < curve);
            first..plan.bases.partition_point(|base| base.curve <= curve)
        };
        let of_voice = |(index, base): (usize, &ParameterBasePlan)| Some((base.voice?, index));
        let mut voices: Vec<_> = plan.bases.iter().enumerate().filter_map(of_voice).collect();
        voices.sort_unstable();
        let places: Vec<Range<usize>> = (0..plan.curves.len()).map(place).collect();
        let follows = |curve: &usize| plan.bases[places[*curve].clone()].iter().any(|b| b.follows.is_some());
        let overrides = if plan.live { plan.curves.len() } else { 0 };
        Self {
            followers: (0..places.len()).filter(follows).collect(),
            places,
            locked: vec![None; plan.bases.len()],
            voices,
            last: plan.curves.iter().map(|curve| curve.start).collect(),
            unsettled: Vec::with_capacity(plan.bases.len()),
            overrides: vec![Override::NONE; overrides],
            taken: Vec::with_capacity(overrides),
            smoothing: smoothing(plan.rate),
            led: Vec::with_capacity(if plan.live { LED } else { 0 }),
            led_to: Vec::with_capacity(if plan.live { LED } else { 0 }),
        }
    }

    /// Writes every base that nobody has taken over for the block that begins at `frame`, at `place` of the song, in which
    /// `locks` set in or end.
    pub(super) fn write(
        &mut self,
        plan: &Plan,
        frame: u64,
        place: &Playhead,
        locks: &[LockEvent],
        buffers: &mut [Buffer],
    ) {
        for buffer in self.unsettled.drain(..) {
            buffers[buffer].settle();
        }
        for curve in 0..plan.curves.len() {
            if !self.places[curve].is_empty() && self.is_free(curve) {
                self.follow(plan, curve, frame, place, buffers);
            }
        }
        for lock in locks {
            self.lock(plan, lock, frame, place, buffers);
        }
    }

    fn is_free(&self, curve: usize) -> bool {
        self.overrides.get(curve).is_none_or(Override::is_none)
    }

    /// Writes a curve to all of its bases that aren't locked.
    fn follow(&mut self, plan: &Plan, index: usize, frame: u64, place: &Playhead, buffers: &mut [Buffer]) {
        let curve = &plan.curves[index];
        let mut row = [0.0; BLOCK];
        let stands = if let Some(value) = standing(curve, frame, place) {
            if value.to_bits() == self.last[index].to_bits() {
                return;
            }
            row.fill(value);
            true
        } else {
            for (i, value) in row.iter_mut().enumerate() {
                *value = curve.value(place.at(frame + i as u64) as u64);
            }
            row.iter().all(|value| value.to_bits() == row[0].to_bits())
        };
        self.last[index] = row[BLOCK - 1];
        let free = |base: &usize| self.locked[*base].is_none() && plan.bases[*base].follows.is_none();
        for base in self.places[index].clone().filter(free) {
            let at = plan.bases[base].at;
            if stands && buffers[at.buffer].is_constant() {
                buffers[at.buffer].set_lane(at.lane, row[0]);
            } else {
                write(buffers, &mut self.unsettled, at, 0, |place| row[place]);
            }
        }
    }

    /// Does what a lock says to the base of its voice.
    fn lock(&mut self, plan: &Plan, lock: &LockEvent, frame: u64, place: &Playhead, buffers: &mut [Buffer]) {
        let key = (lock.voice, lock.control);
        let Ok(found) = self.voices.binary_search_by_key(&key, |(key, _)| *key) else { return };
        let base = self.voices[found].1;
        self.locked[base] = lock.value;
        let (from, ParameterBasePlan { at, curve, follows, .. }) =
            ((lock.frame - frame) as usize, plan.bases[base]);
        if !self.is_free(curve) {
            self.overrides[curve].stir();
            if let (true, Some(value), Some(_)) = (lock.leads, lock.value, self.overrides[curve].put())
                && self.led.len() < LED
            {
                self.led.push(OverrideEvent { offset: from, curve, action: OverrideAction::Set(value) });
            }
            return;
        }
        if follows.is_some() {
            return;
        }
        let curve = &plan.curves[curve];
        let value = lock.value.or_else(|| standing(curve, frame, place));
        match value {
            Some(value) if from == 0 && buffers[at.buffer].is_constant() => {
                buffers[at.buffer].set_lane(at.lane, value);
            }
            Some(value) => write(buffers, &mut self.unsettled, at, from, |_| value),
            None => write(buffers, &mut self.unsettled, at, from, |i| {
                curve.value(place.at(frame + i as u64) as u64)
            }),
        }
    }

    /// Writes every base that somebody has taken over, or that follows the notes; `override_events` tells what becomes of them in
    /// this block, in the order of its frames.
    pub(super) fn take_over(
        &mut self,
        plan: &Plan,
        frame: u64,
        place: &Playhead,
        override_events: &[OverrideEvent],
        buffers: &mut [Buffer],
    ) {
        for &OverrideEvent { curve, action, .. } in override_events {
            if self.overrides[curve].is_none() {
                // Nobody had it: it comes back from nowhere.
                if matches!(action, OverrideAction::Release) {
                    continue;
                }
                if !self.taken.contains(&curve) {
                    self.taken.push(curve);
                }
            }
            self.overrides[curve].stir();
        }
        for index in 0..self.followers.len() {
            let curve = self.followers[index];
            if self.is_free(curve) && !self.taken.contains(&curve) {
                self.follow_notes(plan, curve, buffers);
            }
        }
        for place_in in (0..self.taken.len()).rev() {
            let curve = self.taken[place_in];
            let own = |one: &&OverrideEvent| one.curve == curve;
            let any = override_events.iter().chain(&self.led).any(|one| one.curve == curve);
            if any || !self.overrides[curve].stands() || !plan.curves[curve].segments.is_empty() {
                self.blend(plan, curve, frame, place, override_events.iter().filter(own), buffers);
            }
            if self.overrides[curve].is_none() {
                self.taken.swap_remove(place_in);
                // So that the next block writes it anew.
                self.last[curve] = f32::NAN;
            }
        }
        self.led_to.clear();
        for OverrideEvent { curve, .. } in self.led.drain(..) {
            if let Some(value) = self.overrides[curve].put() {
                self.led_to.push((curve, value));
            }
        }
    }

    /// Lets bases stand where the notes of their voices are.
    fn follow_notes(&mut self, plan: &Plan, curve: usize, buffers: &mut [Buffer]) {
        for base in self.places[curve].clone() {
            let ParameterBasePlan { at, follows: Some(freq), .. } = plan.bases[base] else { continue };
            let (own, other) = two(buffers, at.buffer, freq);
            let same = own.is_constant()
                && other.is_constant()
                && own.samples()[at.lane].to_bits() == other.samples()[at.lane].to_bits();
            if !same {
                copy_lane(own, other, at, &mut self.unsettled);
            }
        }
    }

    /// Writes all bases of a curve between where they would stand and where somebody has put them.
    fn blend<'t>(
        &mut self,
        plan: &Plan,
        index: usize,
        frame: u64,
        place: &Playhead,
        override_events: impl Iterator<Item = &'t OverrideEvent>,
        buffers: &mut [Buffer],
    ) {
        let curve = &plan.curves[index];
        let mut rows = [[0.0; 3]; BLOCK];
        let mut override_events = override_events.peekable();
        let mut led = self.led.iter().filter(|one| one.curve == index).peekable();
        let over = &mut self.overrides[index];
        for (i, row) in rows.iter_mut().enumerate() {
            while let Some(OverrideEvent { action, .. }) = led.next_if(|one| one.offset <= i) {
                over.apply_override(*action, self.smoothing);
            }
            while let Some(OverrideEvent { action, .. }) = override_events.next_if(|one| one.offset <= i) {
                over.apply_override(*action, self.smoothing);
            }
            let [value, mix, scale] = over.next();
            let (least, most) = curve.range;
            let own = curve.value(place.at(frame + i as u64) as u64);
            let own = if scale == 1.0 { own } else { (own * scale).clamp(least as f32, most as f32) };
            *row = [own, value, mix];
        }
        self.last[index] = rows[BLOCK - 1][0];
        for base in self.places[index].clone() {
            let ParameterBasePlan { at, follows, .. } = plan.bases[base];
            let mut values = [0.0; BLOCK];
            for (i, value) in values.iter_mut().enumerate() {
                let own = match (self.locked[base], follows) {
                    (Some(locked), _) => locked,
                    (None, Some(freq)) => sample(&buffers[freq], i, at.lane),
                    (None, None) => rows[i][0],
                };
                let [_, over, mix] = rows[i];
                *value = if mix == 1.0 {
                    over
                } else if mix == 0.0 {
                    own
                } else {
                    own + (over - own) * mix
                };
            }
            let stands = values.iter().all(|value| value.to_bits() == values[0].to_bits());
            if stands && buffers[at.buffer].is_constant() {
                buffers[at.buffer].set_lane(at.lane, values[0]);
            } else {
                write(buffers, &mut self.unsettled, at, 0, |i| values[i]);
            }
        }
    }

    /// Goes over from where the curves stood before a jump to where they are now.
    pub(super) fn jump(&mut self, plan: &Plan) {
        for curve in 0..self.overrides.len() {
            let moves = !plan.curves[curve].segments.is_empty() && self.last[curve].is_finite();
            if moves && self.overrides[curve].is_none() {
                self.overrides[curve] = Override::leaving(self.last[curve], self.smoothing);
                self.taken.push(curve);
            }
        }
    }

    /// Takes over what has become of a control, from its curve in another plan to its curve here, and where it stood.
    pub(super) fn adopt(
        &mut self,
        plan: &Plan,
        other: &Self,
        (from, to): (usize, usize),
        buffers: &mut [Buffer],
    ) {
        self.overrides[to] = other.overrides[from];
        self.last[to] = other.last[from];
        for base in self.places[to].clone() {
            let ParameterBasePlan { at, follows, .. } = plan.bases[base];
            let free = self.locked[base].is_none() && follows.is_none();
            if free && self.last[to].is_finite() && buffers[at.buffer].is_constant() {
                buffers[at.buffer].set_lane(at.lane, self.last[to]);
            }
        }
        if !self.overrides[to].is_none() && !self.taken.contains(&to) {
            self.overrides[to].stir();
            self.taken.push(to);
        }
    }

    /// Goes on with what a voice has locked in another plan: the indices of the bases, there and here.
    pub(super) fn adopt_lock(
        &mut self,
        plan: &Plan,
        other: &Self,
        (from, to): (usize, usize),
        buffers: &mut [Buffer],
    ) {
        self.locked[to] = other.locked[from];
        let ParameterBasePlan { at, follows: None, .. } = plan.bases[to] else { return };
        if let Some(value) = self.locked[to].filter(|_| buffers[at.buffer].is_constant()) {
            buffers[at.buffer].set_lane(at.lane, value);
        }
    }

    /// Where a control has been put, if somebody has taken it over.
    pub(super) fn put(&self, curve: usize) -> Option<f32> {
        self.overrides.get(curve).and_then(Override::put)
    }

    /// The curves of controls that hits have led in the last block, and where to.
    pub(super) fn led(&self) -> &[(usize, f32)] {
        &self.led_to
    }

    /// The curves whose controls somebody has taken over.
    pub(super) fn taken(&self) -> &[usize] {
        &self.taken
    }
}

/// The value of a curve, if it stands through the block.
fn standing(curve: &Curve, frame: u64, place: &Playhead) -> Option<f32> {
    let [first, last] = [frame, frame + BLOCK as u64 - 1].map(|frame| place.at(frame) as u64);
    curve.standing(first, last + 1)
}

/// A sample of one lane.
fn sample(buffer: &Buffer, frame: usize, lane: usize) -> f32 {
    let frame = if buffer.is_constant() { 0 } else { frame };
    buffer.samples()[frame * buffer.width() + lane]
}

/// Two buffers, the first to be written.
fn two(buffers: &mut [Buffer], a: BufferId, b: BufferId) -> (&mut Buffer, &Buffer) {
    if a < b {
        let (low, high) = buffers.split_at_mut(b);
        (&mut low[a], &high[0])
    } else {
        let (low, high) = buffers.split_at_mut(a);
        (&mut high[0], &low[b])
    }
}

/// Copies one lane of a block.
fn copy_lane(own: &mut Buffer, other: &Buffer, at: Signal, unsettled: &mut Vec<BufferId>) {
    if own.is_constant() && !other.is_constant() {
        unsettled.push(at.buffer);
    }
    own.copy_lane(at.lane, other, at.lane);
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

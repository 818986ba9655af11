//! Notes become signals: every event of a block is written, at its frame, into the buffers of its voice.

use crate::dsp::math::exp2;
use crate::engine::kernels::Kernels;
use crate::engine::pads::{self, Pad, Woken};
use crate::engine::ramp::Ramp;
use crate::engine::voice_level::{is_heard, peak};
use crate::model::patch::NoteSignal;
use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::{BufferId, Plan, Step, VoiceBatchPlan};
use crate::plan::shape::VoiceSignal;
use crate::plan::voices::{FADE, NoteOn, VoiceAction, VoiceEvent};

/// The most signals that are written for a voice, or of an instrument's newest note.
const SIGNALS: usize = 6;

/// All voices.
pub(super) struct Notes {
    voices: Vec<Voice>,
    /// Whether each isn't asleep. Beside each other, because every step that a voice takes part in asks.
    awake: Vec<bool>,
    /// Voices with an event or a ramp in this block.
    active: Vec<usize>,
    /// Buffers that vary in this block.
    unsettled: Vec<BufferId>,
    /// For each instrument, the voice of its newest note.
    newest: Vec<Option<usize>>,
    /// For each voice batch, what its loops hear of the block before.
    latched: Vec<Vec<BufferId>>,
    /// For each voice batch, its pads.
    pads: Vec<Vec<Woken>>,
    /// Frames of a fade.
    fade: u32,
    rate: f32,
}

#[derive(Clone, Copy, Debug)]
struct Voice {
    /// The frame at which it fell asleep.
    asleep_since: u64,
    /// For how many frames it has been quiet with its gate shut.
    quiet: u64,
    gate: f32,
    velocity: f32,
    random: f32,
    pitch: Ramp,
    freq: f32,
    /// The frequency that a glide started from, and the pitch there.
    glide_from: (f32, f32),
    level: Ramp,
    /// What `level` is while the gate is open.
    full_level: f32,
    /// In the first block of a plan that goes on with another: the peak of what it output in the block before.
    peak_before: Option<f32>,
    active: bool,
}

impl Voice {
    /// The frequency at its pitch in the last frame.
    fn frequency(&self) -> f32 {
        let (freq, origin) = self.glide_from;
        if self.pitch.left == 0 { self.freq } else { freq * exp2(self.pitch.now - origin) }
    }
}

/// For each voice batch, the buffers that its latches read, of those that modules and sums in it write.
fn latched(plan: &Plan) -> Vec<Vec<BufferId>> {
    let mut latched = vec![Vec::new(); plan.voice_batches.len()];
    for (place, step) in plan.steps.iter().enumerate() {
        if let Step::VoiceBatch { voice_batch, steps } = step {
            let own = &plan.steps[place + 1..=place + steps];
            let made = |id: &BufferId| {
                own.iter().any(|step| {
                    matches!(step, Step::Kernel(_) | Step::Sum { .. }) && step.writes(plan).contains(id)
                })
            };
            let read = own.iter().filter_map(|step| match step {
                Step::Latch { from, .. } => Some(*from),
                _ => None,
            });
            latched[*voice_batch].extend(read.filter(made));
        }
    }
    latched
}

impl Notes {
    /// All voices of `plan`, asleep.
    pub(super) fn new(plan: &Plan) -> Self {
        let voice = Voice {
            asleep_since: 0,
            quiet: 0,
            gate: 0.0,
            velocity: 0.0,
            random: 0.0,
            pitch: Ramp::default(),
            freq: 261.625_57,
            glide_from: (0.0, 0.0),
            level: Ramp::default(),
            full_level: 0.0,
            peak_before: None,
            active: false,
        };
        Self {
            voices: vec![voice; plan.voices.len()],
            awake: vec![false; plan.voices.len()],
            active: Vec::with_capacity(plan.voices.len()),
            unsettled: Vec::with_capacity(plan.voices.len() * SIGNALS + plan.instruments.len() * SIGNALS),
            newest: vec![None; plan.instruments.len()],
            latched: latched(plan),
            pads: pads::of_voice_batches(plan),
            fade: (FADE * f64::from(plan.rate) + 0.5) as u32,
            rate: plan.rate as f32,
        }
    }

    /// Whether a voice isn't asleep.
    pub(super) fn is_awake(&self, voice: usize) -> bool {
        self.awake[voice]
    }

    /// Whether a lane of a voice batch is heard: its voice isn't asleep. What belongs to no voice batch always is.
    pub(super) fn hears(&self, plan: &Plan, voice_batch: Option<usize>, lane: usize) -> bool {
        voice_batch.is_none_or(|voice_batch| {
            plan.voice_batches[voice_batch].voices.get(lane).is_some_and(|&voice| self.awake[voice])
        })
    }

    /// Says whether a voice that is played elsewhere is awake.
    pub(super) fn set_awake(&mut self, voice: usize, awake: bool) {
        self.awake[voice] = awake;
    }

    /// Writes the voices' signals for the block that begins at `frame`, in which `events` happen.
    pub(super) fn write(
        &mut self,
        plan: &Plan,
        events: &[VoiceEvent],
        frame: u64,
        buffers: &mut [Buffer],
        (kernels, pads): (&mut Kernels, &mut [Pad]),
    ) {
        self.settle(buffers);
        let here = |event: &VoiceEvent| !plan.voices[event.voice as usize].outside;
        for event in events.iter().filter(|event| here(event)) {
            self.activate(event.voice as usize);
        }
        for event in events.iter().filter(|event| here(event)) {
            if matches!(event.action, VoiceAction::Trigger(_)) {
                self.wake(plan, event.voice as usize, frame, buffers, (kernels, &mut *pads));
            }
        }
        self.write_newest(plan, events, frame, buffers);
        for place in 0..self.active.len() {
            let voice = self.active[place];
            let mut done = 0;
            for event in events.iter().filter(|event| event.voice as usize == voice) {
                let at = (event.frame - frame) as usize;
                self.fill(plan, voice, done..at, buffers);
                done = at;
                self.apply(plan, voice, event.action, buffers);
            }
            self.fill(plan, voice, done..BLOCK, buffers);
        }
        // A voice stays active while it has somewhere to go.
        let voices = &mut self.voices;
        self.active.retain(|&voice| {
            let voice = &mut voices[voice];
            voice.active = voice.level.left > 0 || voice.pitch.left > 0;
            voice.active
        });
    }

    fn activate(&mut self, voice: usize) {
        if !std::mem::replace(&mut self.voices[voice].active, true) {
            self.active.push(voice);
        }
    }

    /// Makes every signal that varied in the last block constant at what it came to.
    fn settle(&mut self, buffers: &mut [Buffer]) {
        for &buffer in &self.unsettled {
            buffers[buffer].settle();
        }
        self.unsettled.clear();
    }

    fn wake(
        &mut self,
        plan: &Plan,
        voice: usize,
        frame: u64,
        buffers: &mut [Buffer],
        (kernels, pads): (&mut Kernels, &mut [Pad]),
    ) {
        let state = &mut self.voices[voice];
        state.quiet = 0;
        if std::mem::replace(&mut self.awake[voice], true) {
            return;
        }
        state.level.jump(0.0);
        let place = plan.voices[voice];
        // What went round while it slept depends on whose company it slept in.
        for &buffer in &self.latched[place.voice_batch] {
            let width = plan.voice_batches[place.voice_batch].width;
            buffers[buffer].expand();
            buffers[buffer].samples_mut().iter_mut().skip(place.lane).step_by(width).for_each(|x| *x = 0.0);
        }
        for kernel in plan.voice_batches[place.voice_batch].kernels.clone() {
            let slept = frame - state.asleep_since;
            kernels.wake(kernel, &plan.kernels[kernel], place.lane, [frame, slept], self.rate);
        }
        pads::wake(pads, &self.pads[place.voice_batch], place.lane);
    }

    fn apply(&mut self, plan: &Plan, voice: usize, action: VoiceAction, buffers: &[Buffer]) {
        let place = plan.voices[voice];
        let voice_batch = &plan.voice_batches[place.voice_batch];
        let velocity = plan.instruments[place.instrument].velocity;
        let glide = buffers[plan.instruments[place.instrument].glide].samples()[0];
        let fade = self.fade;
        let state = &mut self.voices[voice];
        match action {
            VoiceAction::StealFade => state.level.go(0.0, fade),
            VoiceAction::Clear => state.gate = -1.0,
            VoiceAction::Release => {
                state.gate = 0.0;
                if voice_batch.bare {
                    state.level.go(0.0, fade);
                }
            }
            VoiceAction::Trigger(note_on) => {
                let NoteOn { velocity: struck, level, pitch, freq, random } = note_on;
                state.gate = 1.0;
                state.velocity = struck;
                state.random = random;
                state.pitch.jump(pitch);
                state.freq = freq;
                state.full_level = (1.0 - velocity + velocity * struck) * level;
                // A note that starts from silence starts at its own level; over a sounding one, a jump would click.
                let peak = state.peak_before.unwrap_or_else(|| peak(voice_batch, place.lane, buffers));
                let sounds = peak * state.level.now > place.silence;
                if voice_batch.bare || sounds {
                    state.level.go(state.full_level, fade);
                } else {
                    state.level.jump(state.full_level);
                }
            }
            VoiceAction::Slide { pitch, freq } => {
                // A glide that is still on its way goes on from where it is.
                state.glide_from = (state.frequency(), state.pitch.now);
                state.freq = freq;
                state.pitch.go(pitch, (glide * self.rate + 0.5) as u32);
            }
        }
    }

    /// Writes some frames of a voice's signals.
    fn fill(&mut self, plan: &Plan, voice: usize, frames: std::ops::Range<usize>, buffers: &mut [Buffer]) {
        if frames.is_empty() {
            return;
        }
        let place = plan.voices[voice];
        let voice_batch = &plan.voice_batches[place.voice_batch];
        let state = &mut self.voices[voice];
        let pitch = state.pitch;
        let mut writer = LaneWriter { buffers, unsettled: &mut self.unsettled, lane: place.lane, frames };
        for &(signal, buffer) in &voice_batch.signals {
            match signal {
                VoiceSignal::Note(NoteSignal::Gate) => writer.hold(buffer, state.gate),
                VoiceSignal::Note(NoteSignal::Velocity) => writer.hold(buffer, state.velocity),
                VoiceSignal::Note(NoteSignal::Random) => writer.hold(buffer, state.random),
                VoiceSignal::Note(NoteSignal::Note) if pitch.left > 0 => {
                    let mut pitch = pitch;
                    writer.follow(buffer, || pitch.next());
                }
                VoiceSignal::Note(NoteSignal::Note) => writer.hold(buffer, pitch.now),
                VoiceSignal::Freq if pitch.left > 0 => {
                    let (mut pitch, (freq, origin), end) = (pitch, state.glide_from, state.freq);
                    writer.follow(buffer, || {
                        let now = pitch.next();
                        if pitch.left == 0 { end } else { freq * exp2(now - origin) }
                    });
                }
                VoiceSignal::Freq => writer.hold(buffer, state.freq),
            }
        }
        writer.lane = 0;
        let level = voice_batch.struck[place.lane];
        if state.level.left > 0 {
            writer.follow(level, || state.level.next());
        } else {
            writer.hold(level, state.level.now);
        }
        for _ in writer.frames {
            state.pitch.next();
        }
    }

    /// Writes what is known of each instrument's newest note.
    fn write_newest(&mut self, plan: &Plan, events: &[VoiceEvent], frame: u64, buffers: &mut [Buffer]) {
        for event in events {
            let voice = event.voice as usize;
            let instrument = plan.voices[voice].instrument;
            let at = (event.frame - frame) as usize;
            let (gate, note_on) = match event.action {
                VoiceAction::Trigger(note_on) => {
                    self.newest[instrument] = Some(voice);
                    (1.0, Some(note_on))
                }
                VoiceAction::Release if self.newest[instrument] == Some(voice) => (0.0, None),
                _ => continue,
            };
            for &(signal, buffer) in &plan.instruments[instrument].newest {
                let value = match (signal, note_on) {
                    (NoteSignal::Gate, _) => gate,
                    (NoteSignal::Note, Some(note_on)) => note_on.pitch,
                    (NoteSignal::Velocity, Some(note_on)) => note_on.velocity,
                    (NoteSignal::Random, Some(note_on)) => note_on.random,
                    _ => continue,
                };
                let unsettled = &mut self.unsettled;
                LaneWriter { buffers, unsettled, lane: 0, frames: at..BLOCK }.hold(buffer, value);
            }
        }
    }

    /// Goes on with voices and newest notes of another plan, whose buffers are as its last block left them: pairs of places,
    /// there and here.
    pub(super) fn adopt(
        &mut self,
        other: &Self,
        (plan, buffers): (&Plan, &[Buffer]),
        voices: &[(usize, usize)],
        instruments: &[(usize, usize)],
    ) {
        for &(from, to) in voices {
            let place = plan.voices[from];
            // A plan that hasn't played a block itself only passes on what it knows.
            let known = other.voices[from].peak_before;
            let peak =
                known.unwrap_or_else(|| peak(&plan.voice_batches[place.voice_batch], place.lane, buffers));
            self.voices[to] = Voice { active: false, peak_before: Some(peak), ..other.voices[from] };
            self.awake[to] = other.awake[from];
            if self.awake[to] {
                // So that its signals are written.
                self.activate(to);
            }
        }
        for &(from, to) in instruments {
            let here = |voice: usize| voices.iter().find(|(there, _)| *there == voice).map(|(_, here)| *here);
            self.newest[to] = other.newest[from].and_then(here);
        }
    }

    /// Puts voices to sleep that are no longer heard, after the block that ends at `frame`.
    pub(super) fn rest(&mut self, plan: &Plan, frame: u64, buffers: &[Buffer], kernels: &mut Kernels) {
        for (voice, state) in self.voices.iter_mut().enumerate() {
            let place = plan.voices[voice];
            state.peak_before = None;
            if !self.awake[voice] || state.gate > 0.0 || state.active || place.outside {
                continue;
            }
            let voice_batch = &plan.voice_batches[place.voice_batch];
            let Some(enough) = voice_batch.quiet else { continue };
            if is_heard(voice_batch, place, state.level.now, buffers) {
                state.quiet = 0;
                continue;
            }
            state.quiet += BLOCK as u64;
            if state.quiet > enough {
                self.awake[voice] = false;
                state.asleep_since = frame;
                for kernel in voice_batch.kernels.clone() {
                    kernels.sleep(kernel, &plan.kernels[kernel], place.lane);
                }
            }
        }
    }

    /// Whether any voice of a voice batch is awake.
    pub(super) fn any_awake(&self, voice_batch: &VoiceBatchPlan) -> bool {
        voice_batch.voices.iter().any(|&voice| self.awake[voice])
    }
}

/// Writes some frames of one lane of buffers.
struct LaneWriter<'a> {
    buffers: &'a mut [Buffer],
    unsettled: &'a mut Vec<BufferId>,
    lane: usize,
    frames: std::ops::Range<usize>,
}

impl LaneWriter<'_> {
    /// Writes one value. What it is anyway, or will be for the whole block, needs no rows.
    fn hold(&mut self, id: BufferId, value: f32) {
        let buffer = &mut self.buffers[id];
        if buffer.is_constant() {
            if buffer.samples()[self.lane].to_bits() == value.to_bits() {
                return;
            }
            if self.frames == (0..BLOCK) {
                buffer.set_lane(self.lane, value);
                return;
            }
        }
        self.follow(id, || value);
    }

    /// Writes a value a frame.
    fn follow(&mut self, id: BufferId, mut value: impl FnMut() -> f32) {
        let buffer = &mut self.buffers[id];
        if buffer.is_constant() {
            buffer.expand();
            self.unsettled.push(id);
        }
        let width = buffer.width();
        let samples = buffer.samples_mut();
        for frame in self.frames.clone() {
            samples[frame * width + self.lane] = value();
        }
    }
}

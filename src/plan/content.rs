//! Content hashes: every signal's name for what it will sound like.
//!
//! Two signals with the same hash have the same samples. The hash of a signal is made from its step (kind, settings,
//! seed, constants, events) and from the hashes of all that flows into it, so an edit changes the hashes downstream of
//! it and no others.

use std::collections::BTreeMap;

use blake3::{Hash, Hasher};

use crate::model::patch::NoteSignal;
use crate::plan::compiled_plan::{KernelPlan, Plan, Signal, Step, Term, VoicePlan};
use crate::plan::curve::{Curve, CurveMove, Segment};
use crate::plan::shape::VoiceSignal;
use crate::plan::subplans::named;
use crate::plan::voices::{VoiceAction, VoiceEvent};

/// The hash of every lane of every buffer.
pub struct Content {
    lanes: Vec<[Hash; 8]>,
}

/// Collects what a hash is made from.
struct Recipe(Hasher);

impl Recipe {
    fn new(what: &str) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(what.as_bytes());
        Self(hasher)
    }

    fn float(mut self, value: f32) -> Self {
        self.0.update(&value.to_bits().to_le_bytes());
        self
    }

    fn number(mut self, value: u64) -> Self {
        self.0.update(&value.to_le_bytes());
        self
    }

    fn hash(mut self, hash: &Hash) -> Self {
        self.0.update(hash.as_bytes());
        self
    }

    fn done(&self) -> Hash {
        self.0.finalize()
    }
}

impl Content {
    /// The hashes of `plan`, as its text shows them.
    pub fn new(plan: &Plan) -> Self {
        Self::after(plan, 0)
    }

    /// The hashes of `plan` with all that signals hear of the block before: fit to be the keys of what is kept.
    pub fn settled(plan: &Plan) -> Self {
        Self::after(plan, late_reads(plan))
    }

    /// The hashes of `plan` after so many passes more than its latches and glides need.
    fn after(plan: &Plan, more: usize) -> Self {
        let constants = plan.buffers.iter().map(|buffer| {
            std::array::from_fn(|lane| Recipe::new("constant").float(buffer.values[lane]).done())
        });
        let mut content = Self { lanes: constants.collect() };
        // What a latch gives, and how a voice glides, is known only after the steps after it have been seen: once for each
        // that stands on the way.
        let latches = plan.steps.iter().filter(|step| matches!(step, Step::Latch { .. })).count();
        let glides = plan.instruments.iter().filter(|instrument| is_written(plan, instrument.glide));
        for _ in 0..=latches + glides.count() + more {
            content.bases(plan);
            content.voices(plan);
            plan.steps.iter().for_each(|step| content.step(plan, step));
        }
        content
    }

    /// The hash of one signal.
    pub fn signal(&self, signal: Signal) -> Hash {
        self.lanes[signal.buffer][signal.lane]
    }

    /// The hash of all that one voice outputs, channels and level, and of when it sleeps.
    pub fn voice(&self, plan: &Plan, voice: usize) -> Hash {
        let VoicePlan { voice_batch, lane, .. } = plan.voices[voice];
        let voice_batch = &plan.voice_batches[voice_batch];
        let recipe = Recipe::new("tape").number(u64::from(plan.rate)).number(voice_batch.outs.len() as u64);
        let recipe = voice_batch.outs.iter().fold(recipe, |recipe, &out| recipe.hash(&self.lanes[out][lane]));
        recipe.hash(&self.lanes[voice_batch.levels[lane]][0]).done()
    }

    /// The hash of some signals of one lane together.
    pub fn together(&self, plan: &Plan, buffers: &[usize]) -> Hash {
        let recipe = Recipe::new("together").number(u64::from(plan.rate)).number(buffers.len() as u64);
        buffers.iter().fold(recipe, |recipe, &buffer| recipe.hash(&self.lanes[buffer][0])).done()
    }

    /// The hash of all frames of the song as it is rendered.
    pub fn frames(&self, plan: &Plan) -> Hash {
        Recipe::new("frames").hash(&self.song(plan)).number(plan.latency).done()
    }

    /// The hash of the whole song: left, right, length and tail.
    pub fn song(&self, plan: &Plan) -> Hash {
        let [left, right] = plan.out.map(|buffer| self.lanes[buffer][0]);
        let recipe = Recipe::new("song").hash(&left).hash(&right).number(u64::from(plan.rate));
        recipe.number(plan.timeline.end_frame()).number(plan.tail).number(plan.quiet).done()
    }

    fn voices(&mut self, plan: &Plan) {
        let mut histories: Vec<Recipe> = plan.voices.iter().map(|_| Recipe::new("events")).collect();
        let mut newest: Vec<Recipe> = plan.instruments.iter().map(|_| Recipe::new("newest")).collect();
        for event in &plan.events {
            let voice = event.voice as usize;
            add_event(&mut histories[voice], event);
            let instrument = &mut newest[plan.voices[voice].instrument];
            instrument.0.update(&event.voice.to_le_bytes());
            add_event(instrument, event);
        }
        for voice_batch in &plan.voice_batches {
            for (lane, &voice) in voice_batch.voices.iter().enumerate() {
                let instrument = &plan.instruments[plan.voices[voice].instrument];
                let history = histories[voice].done();
                let glide = self.lanes[instrument.glide][0];
                let signal = |which: u64| {
                    Recipe::new("voice")
                        .hash(&history)
                        .number(which)
                        .float(instrument.velocity)
                        .number(u64::from(voice_batch.bare))
                        .number(voice_batch.quiet.unwrap_or(u64::MAX))
                        .float(plan.voices[voice].silence)
                        .hash(&glide)
                        .done()
                };
                for &(which, buffer) in &voice_batch.signals {
                    self.lanes[buffer][lane] = signal(number_of(which));
                }
                self.lanes[voice_batch.struck[lane]][0] = signal(LEVEL);
            }
        }
        for (instrument, history) in plan.instruments.iter().zip(&newest) {
            for &(which, buffer) in &instrument.newest {
                let number = number_of(VoiceSignal::Note(which));
                self.lanes[buffer][0] = Recipe::new("newest").hash(&history.done()).number(number).done();
            }
        }
        if let Some(running) = plan.running {
            self.lanes[running][0] = Recipe::new("running").number(plan.timeline.end_frame()).done();
        }
    }

    fn bases(&mut self, plan: &Plan) {
        let curves: Vec<Hash> =
            plan.curves.iter().map(|curve| blake3::hash(words(curve).as_bytes())).collect();
        let mut locks: BTreeMap<(u32, u32), Recipe> = BTreeMap::new();
        for lock in &plan.locks {
            let recipe = locks.entry((lock.voice, lock.control)).or_insert_with(|| Recipe::new("locks"));
            recipe.0.update(&lock.frame.to_le_bytes());
            recipe.0.update(&lock.value.map_or(u32::MAX, f32::to_bits).to_le_bytes());
        }
        for base in &plan.bases {
            let mut recipe = Recipe::new("base").number(u64::from(plan.rate)).hash(&curves[base.curve]);
            if let Some(locks) = base.voice.and_then(|voice| locks.get(&voice)) {
                recipe = recipe.hash(&locks.done());
            }
            self.lanes[base.at.buffer][base.at.lane] = recipe.done();
        }
    }

    fn step(&mut self, plan: &Plan, step: &Step) {
        match step {
            Step::Kernel(index) => self.kernel(plan, &plan.kernels[*index]),
            Step::Sum { width, terms, out } => {
                for lane in 0..*width {
                    self.lanes[*out][lane] = self.sum(terms.iter(), lane);
                }
            }
            Step::Mix { terms, out } => {
                self.lanes[*out][0] = self.sum(terms.iter().map(|mix| &mix.term), 0);
            }
            Step::Spread { from, outs, .. } => {
                for (lane, &out) in outs.iter().enumerate() {
                    self.lanes[out][0] = self.lanes[*from][lane];
                }
            }
            Step::Move { width, base, terms, min, max, out } => {
                for lane in 0..*width {
                    let start = Recipe::new("move").float(*min).float(*max).hash(&self.lanes[*base][lane]);
                    let recipe = terms.iter().fold(start, |recipe, term| {
                        let recipe = recipe.number(u64::from(term.octaves));
                        recipe.hash(&self.lanes[term.from][lane]).hash(&self.lanes[term.depth][lane])
                    });
                    self.lanes[*out][lane] = recipe.done();
                }
            }
            Step::Pan { width, pan, stereo, left, right } => {
                for lane in 0..*width {
                    for (side, buffer) in [left, right].into_iter().enumerate() {
                        let recipe = Recipe::new("pan").number(u64::from(*stereo)).number(side as u64);
                        self.lanes[*buffer][lane] = recipe.hash(&self.lanes[*pan][lane]).done();
                    }
                }
            }
            Step::Gather { lanes, out, .. } => {
                for (lane, &from) in lanes.iter().enumerate() {
                    self.lanes[*out][lane] = self.lanes[from][0];
                }
            }
            Step::Latch { from, to } => {
                for lane in 0..8 {
                    self.lanes[*to][lane] = Recipe::new("latch").hash(&self.lanes[*from][lane]).done();
                }
            }
            Step::Pad { width, from, frames, past, out, .. } => {
                for lane in 0..*width {
                    let recipe = Recipe::new("pad").number(*frames as u64).number(*past as u64);
                    let recipe = recipe.hash(&self.lanes[*from][lane]);
                    self.lanes[*out][lane] = recipe.done();
                }
            }
            Step::Fade { buffers, by } => {
                for &buffer in buffers {
                    let recipe = Recipe::new("fade").hash(&self.lanes[buffer][0]);
                    self.lanes[buffer][0] = recipe.hash(&self.lanes[*by][0]).done();
                }
            }
            Step::VoiceBatch { .. } => {}
        }
    }

    fn sum<'t>(&self, terms: impl Iterator<Item = &'t Term>, lane: usize) -> Hash {
        let add = |recipe: Recipe, term: &Term| {
            let recipe = recipe.number(term.factors.len() as u64);
            let parts = std::iter::once(&term.from).chain(&term.factors);
            parts.fold(recipe, |recipe, &part| recipe.hash(&self.lanes[part][lane]))
        };
        terms.fold(Recipe::new("add"), add).done()
    }

    fn kernel(&mut self, plan: &Plan, kernel: &KernelPlan) {
        for (lane, own) in kernel.lanes.iter().enumerate() {
            let recipe =
                Recipe::new(kernel.spec.kind).number(u64::from(plan.rate)).number(u64::from(own.seed));
            let recipe = kernel.settings.iter().fold(recipe, |recipe, &setting| recipe.float(setting));
            let recipe = kernel.clip.iter().fold(recipe, |recipe, clip| recipe.hash(&clip.name));
            let recipe = own.highest.iter().fold(recipe, |recipe, &highest| recipe.float(highest));
            let recipe =
                kernel.ins.iter().fold(recipe, |recipe, &input| recipe.hash(&self.lanes[input][lane]));
            let hash = recipe.done();
            for (place, &out) in kernel.outs.iter().enumerate() {
                self.lanes[out][lane] = Recipe::new("out").hash(&hash).number(place as u64).done();
            }
        }
    }
}

/// Whether something changes a buffer while the song plays.
fn is_written(plan: &Plan, buffer: usize) -> bool {
    plan.bases.iter().any(|base| base.at.buffer == buffer)
        || plan.steps.iter().any(|step| step.writes(plan).contains(&buffer))
}

/// How many buffers are read by a step that comes before the one that writes them, such as the gains of an instrument whose voices
/// are added before its balance is known.
fn late_reads(plan: &Plan) -> usize {
    let mut first: Vec<Option<usize>> = vec![None; plan.buffers.len()];
    for (place, step) in plan.steps.iter().enumerate() {
        step.writes(plan).into_iter().for_each(|id| first[id] = first[id].or(Some(place)));
    }
    let mut late = vec![false; plan.buffers.len()];
    for (place, step) in plan.steps.iter().enumerate() {
        for id in named(plan, step) {
            late[id] |= first[id].is_some_and(|first| first > place);
        }
    }
    late.into_iter().filter(|late| *late).count()
}

/// The number of a voice's level among its signals.
const LEVEL: u64 = 5;

/// Signals of a voice by numbers, which stay the same whatever else is read of it.
fn number_of(signal: VoiceSignal) -> u64 {
    match signal {
        VoiceSignal::Note(NoteSignal::Gate) => 0,
        VoiceSignal::Note(NoteSignal::Note) => 1,
        VoiceSignal::Note(NoteSignal::Velocity) => 2,
        VoiceSignal::Note(NoteSignal::Random) => 3,
        VoiceSignal::Freq => 4,
    }
}

/// A curve in words that say all of it, its numbers to the last bit. They are part of keys that outlast a build, so they don't
/// follow the names of types.
fn words(curve: &Curve) -> String {
    let segment = |segment: &Segment| {
        let Segment { start, end, after, approach, way } = segment;
        let CurveMove { from, to, bend, cycles, part, pace } = way;
        let way = format!(
            "Way {{ from: {from:?}, to: {to:?}, bend: {bend:?}, cycles: {cycles:?}, part: {part:?}, pace: {pace:?} }}"
        );
        format!(
            "Segment {{ start: {start:?}, end: {end:?}, after: {after:?}, approach: {approach:?}, way: {way} }}"
        )
    };
    let Curve { start, segments, range } = curve;
    let segments: Vec<String> = segments.iter().map(segment).collect();
    format!("Curve {{ start: {start:?}, segments: [{}], range: {range:?} }}", segments.join(", "))
}

fn add_event(recipe: &mut Recipe, event: &VoiceEvent) {
    let numbers: &[f32] = match &event.action {
        VoiceAction::StealFade => &[0.0],
        VoiceAction::Clear => &[1.0],
        VoiceAction::Release => &[2.0],
        VoiceAction::Trigger(s) => &[3.0, s.velocity, s.level, s.pitch, s.freq, s.random],
        VoiceAction::Slide { pitch, freq } => &[4.0, *pitch, *freq],
    };
    recipe.0.update(&event.frame.to_le_bytes());
    numbers.iter().for_each(|x| {
        recipe.0.update(&x.to_bits().to_le_bytes());
    });
}

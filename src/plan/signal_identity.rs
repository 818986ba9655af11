//! Which signals of two plans are the same: each is named by where it comes from, whatever it sounds like there.

use crate::dsp::seed::Seed;
use crate::model::controls::Controls;
use crate::model::song::Song;
use crate::plan::compiled_plan::{BufferId, Plan, Signal, Step, Term};
use crate::plan::voices::first_voices;

/// The names of all signals of a plan.
pub struct Identities {
    lanes: Vec<[Seed; 8]>,
}

impl Identities {
    /// The names of the signals of `plan`, which `song` has been compiled to.
    pub fn new(plan: &Plan, song: &Song) -> Self {
        let constant = |value: f32| Seed::new(0).number(u64::from(value.to_bits()));
        let constants = plan.buffers.iter().map(|buffer| buffer.values.map(constant));
        let mut names = Self { lanes: constants.collect() };
        names.sources(plan, song);
        // What a latch gives has one name wherever it comes from, so that one look at each step is enough.
        for step in &plan.steps {
            if let Step::Latch { to, .. } = step {
                names.lanes[*to] = [Seed::new(1); 8];
            }
        }
        for step in &plan.steps {
            names.step(plan, step);
        }
        names
    }

    /// The name of a signal.
    pub fn of(&self, Signal { buffer, lane }: Signal) -> u64 {
        self.lanes[buffer][lane].long()
    }

    /// What the engine writes before any step.
    fn sources(&mut self, plan: &Plan, song: &Song) {
        let first = first_voices(song);
        let voice = |what: &str, voice: usize| {
            let instrument = plan.voices[voice].instrument;
            let number = voice - first[instrument] as usize;
            Seed::new(2).name(what).name(&song.instruments[instrument].id).number(number as u64)
        };
        let controls = Controls::of(song);
        let paths = controls.paths();
        for base in &plan.bases {
            let path = paths.get(&plan.controls[base.curve].control).copied().unwrap_or_default();
            let owner = base.voice.map_or(Seed::new(3), |(of, _)| voice("base", of as usize));
            self.lanes[base.at.buffer][base.at.lane] = owner.name(path);
        }
        for voice_batch in &plan.voice_batches {
            for (lane, &of) in voice_batch.voices.iter().enumerate() {
                for (signal, buffer) in &voice_batch.signals {
                    self.lanes[*buffer][lane] = voice(&format!("{signal:?}"), of);
                }
                self.lanes[voice_batch.struck[lane]][0] = voice("level", of);
            }
        }
        for (instrument, own) in plan.instruments.iter().zip(&song.instruments) {
            for (signal, buffer) in &instrument.newest {
                self.lanes[*buffer][0] = Seed::new(4).name(&own.id).name(&format!("{signal:?}"));
            }
        }
        for (module, buffer) in &plan.gates {
            self.lanes[*buffer][0] = Seed::new(5).name(&song.patch.modules[*module].id);
        }
        if let Some(running) = plan.running {
            self.lanes[running][0] = Seed::new(6);
        }
    }

    /// What a step writes.
    fn step(&mut self, plan: &Plan, step: &Step) {
        match step {
            Step::Kernel(index) => {
                let kernel = &plan.kernels[*index];
                for (lane, own) in kernel.lanes.iter().enumerate() {
                    let name = Seed::new(7).name(&plan.paths[own.path]);
                    let name = name.number(own.voice as u64).number(own.channel as u64);
                    for (place, &out) in kernel.outs.iter().enumerate() {
                        self.lanes[out][lane] = name.number(place as u64);
                    }
                }
            }
            Step::Sum { terms, out, .. } => self.sum(terms.iter(), *out),
            Step::Mix { terms, out } => self.sum(terms.iter().map(|mix| &mix.term), *out),
            Step::Spread { from, outs, .. } => {
                for (lane, &out) in outs.iter().enumerate() {
                    self.lanes[out][0] = self.lanes[*from][lane];
                }
            }
            Step::Gather { lanes, out, .. } => {
                for (lane, &from) in lanes.iter().enumerate() {
                    self.lanes[*out][lane] = self.lanes[from][0];
                }
            }
            Step::Move { base, out, .. } => self.made(*base, *out, 8),
            Step::Pan { pan, left, right, .. } => {
                self.made(*pan, *left, 9);
                self.made(*pan, *right, 10);
            }
            Step::Pad { from, out, .. } => self.made(*from, *out, 11),
            Step::Latch { .. } | Step::Fade { .. } | Step::VoiceBatch { .. } => {}
        }
    }

    /// A sum is named by what is added, whatever it is multiplied by.
    fn sum<'t>(&mut self, terms: impl Iterator<Item = &'t Term>, out: BufferId) {
        let mut names = [Seed::new(12); 8];
        for term in terms {
            let from = self.lanes[term.from];
            names.iter_mut().zip(from).for_each(|(name, from)| *name = name.number(from.long()));
        }
        self.lanes[out] = names;
    }

    fn made(&mut self, from: BufferId, out: BufferId, what: u64) {
        self.lanes[out] = self.lanes[from].map(|name| name.number(what));
    }
}

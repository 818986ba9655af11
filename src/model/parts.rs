//! Parts of a song: what is muted for a render, and the stems that meet where the song is mixed.

use crate::model::patch::{Cable, Source, Target};
use crate::model::raises::Raises;
use crate::model::song::Song;
use crate::modules::spec::{Family, Normal};

/// What can be heard by itself at the top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// An instrument, by its index.
    Instrument(usize),
    /// A module of the top level, by its index.
    Module(usize),
}

/// One part of the mix.
#[derive(Clone, Debug)]
pub struct Stem {
    /// The id of what is heard.
    pub id: String,
    /// The song with nothing else, before its master chain.
    pub song: Song,
}

impl Song {
    /// Gives a song without end a length: at least so many seconds, in whole bars, up to as many as it can have.
    pub fn last(&mut self, seconds: f64) {
        self.endless = false;
        for section in &mut self.sections {
            let bar = section.meter.quarters() * 60.0 / section.tempo;
            section.bars = libm::ceil(seconds / bar - 1e-9).clamp(1.0, f64::from(section.bars)) as u32;
        }
    }

    /// The part called `id`.
    pub fn part(&self, id: &str) -> Option<Part> {
        let instrument = self.instruments.iter().position(|instrument| instrument.id == id);
        let module = || self.patch.modules.iter().position(|module| module.id == id);
        instrument.map(Part::Instrument).or_else(|| module().map(Part::Module))
    }

    /// The ids of all parts: instruments, then modules, each in the order of the song.
    pub fn part_ids(&self) -> impl Iterator<Item = &str> + Clone {
        let instruments = self.instruments.iter().map(|instrument| instrument.id.as_str());
        instruments.chain(self.patch.modules.iter().map(|module| module.id.as_str()))
    }

    /// Keeps the sound of a part from being heard. What it moves goes on, what it keys by a sidechain and what follows its notes.
    pub fn mute(&mut self, part: Part) {
        let heard = self.heard();
        let its = |cable: &Cable| part_of(cable.from) == Some(part) && self.is_heard(cable.to, &heard);
        let muted: Vec<bool> = self.patch.cables.iter().map(its).collect();
        self.patch.cables.iter_mut().zip(muted).for_each(|(cable, muted)| cable.muted |= muted);
    }

    /// For each module of the top level, whether what it puts out reaches the end of the song.
    fn heard(&self) -> Vec<bool> {
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); self.patch.modules.len()];
        let mut found = Vec::new();
        for cable in &self.patch.cables {
            let Source::Module { module, .. } = cable.from else { continue };
            match cable.to {
                Target::Out => found.push(module),
                Target::Input { module: to, .. } if !self.is_sidechain(cable.to) => into[to].push(module),
                Target::Input { .. } | Target::Control(_) => {}
            }
        }
        let mut heard = vec![false; self.patch.modules.len()];
        while let Some(module) = found.pop() {
            if !std::mem::replace(&mut heard[module], true) {
                found.append(&mut into[module]);
            }
        }
        heard
    }

    /// Whether what comes to a target is heard, if these modules are.
    fn is_heard(&self, target: Target, heard: &[bool]) -> bool {
        match target {
            Target::Out => true,
            Target::Input { module, .. } => heard[module] && !self.is_sidechain(target),
            Target::Control(_) => false,
        }
    }

    /// Whether a target is a port that is only listened to.
    fn is_sidechain(&self, target: Target) -> bool {
        let Target::Input { module, input } = target else { return false };
        self.patch.modules[module].spec.inputs[input].normal == Normal::Main
    }

    /// Mutes every instrument and every source of the top level that isn't among `parts`. A module that isn't a source
    /// is heard if something that isn't muted reaches it.
    pub fn solo(&mut self, parts: &[Part]) {
        let source = |module: &usize| self.patch.modules[*module].spec.family == Family::Source;
        let modules = (0..self.patch.modules.len()).filter(source).map(Part::Module);
        let all: Vec<Part> = (0..self.instruments.len()).map(Part::Instrument).chain(modules).collect();
        all.into_iter().filter(|part| !parts.contains(part)).for_each(|part| self.mute(part));
    }

    /// What meets where the song is mixed, in the order of the cables there: instruments, buses and returns of effects.
    /// The song is mixed at the last port before `out` that several cables come to; the modules behind it are its master
    /// chain.
    pub fn stems(&self) -> Vec<Stem> {
        let mix = self.mix();
        let mut parts: Vec<Part> = Vec::new();
        for cable in self.cables_to(mix).filter(|cable| !cable.muted) {
            if let Some(part) = part_of(cable.from).filter(|part| !parts.contains(part)) {
                parts.push(part);
            }
        }
        let master = Raises::of(self).onward(mix).max(1.0);
        let stem = |part: Part| {
            let mut song = self.clone();
            song.master = master;
            for cable in &mut song.patch.cables {
                if cable.to == mix && part_of(cable.from) == Some(part) {
                    cable.to = Target::Out;
                } else if cable.to == mix || cable.to == Target::Out {
                    cable.muted = true;
                }
            }
            Stem { id: self.id(part).to_owned(), song }
        };
        parts.into_iter().map(stem).collect()
    }

    /// The port at which the song is mixed.
    fn mix(&self) -> Target {
        let mut mix = Target::Out;
        // No longer than there are modules: a loop has no first one.
        for _ in 0..self.patch.modules.len() {
            let mut cables = self.cables_to(mix);
            let (Some(Source::Module { module, .. }), None) =
                (cables.next().map(|cable| cable.from), cables.next())
            else {
                break;
            };
            let input = Target::Input { module, input: 0 };
            if !self.patch.modules[module].spec.has_main_input() || self.cables_to(input).next().is_none() {
                break;
            }
            mix = input;
        }
        mix
    }

    fn cables_to(&self, target: Target) -> impl Iterator<Item = &Cable> {
        self.patch.cables.iter().filter(move |cable| cable.to == target)
    }

    fn id(&self, part: Part) -> &str {
        match part {
            Part::Instrument(instrument) => &self.instruments[instrument].id,
            Part::Module(module) => &self.patch.modules[module].id,
        }
    }
}

fn part_of(source: Source) -> Option<Part> {
    match source {
        Source::Instrument(instrument) => Some(Part::Instrument(instrument)),
        Source::Module { module, .. } => Some(Part::Module(module)),
        Source::Knob(_) | Source::Voice(_) | Source::Newest(..) => None,
    }
}

//! Parts of a song: what is muted for a render, and the stems that meet where the song is mixed.

use crate::model::patch::{Cable, CableSource, CableTarget};
use crate::model::raises::Raises;
use crate::model::song::Song;
use crate::modules::spec::{Family, Normal};

/// What can be heard by itself at the top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MixSource {
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
    pub fn part(&self, id: &str) -> Option<MixSource> {
        let instrument = self.instruments.iter().position(|instrument| instrument.id == id);
        let module = || self.patch.modules.iter().position(|module| module.id == id);
        instrument.map(MixSource::Instrument).or_else(|| module().map(MixSource::Module))
    }

    /// The ids of all parts: instruments, then modules, each in the order of the song.
    pub fn part_ids(&self) -> impl Iterator<Item = &str> + Clone {
        let instruments = self.instruments.iter().map(|instrument| instrument.id.as_str());
        instruments.chain(self.patch.modules.iter().map(|module| module.id.as_str()))
    }

    /// Keeps the sound of a part from being heard. What it moves goes on, what it keys by a sidechain and what follows its notes.
    pub fn mute(&mut self, part: MixSource) {
        let heard = self.heard();
        let its = |cable: &Cable| part_of(cable.from) == Some(part) && self.is_heard(cable.to, &heard);
        let muted: Vec<bool> = self.patch.cables.iter().map(its).collect();
        self.patch.cables.iter_mut().zip(muted).for_each(|(cable, muted)| cable.muted |= muted);
    }

    /// For each module of the top level, whether what it outputs reaches the end of the song.
    fn heard(&self) -> Vec<bool> {
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); self.patch.modules.len()];
        let mut found = Vec::new();
        for cable in &self.patch.cables {
            let CableSource::Module { module, .. } = cable.from else { continue };
            match cable.to {
                CableTarget::Out => found.push(module),
                CableTarget::Input { module: to, .. } if !self.is_sidechain(cable.to) => {
                    into[to].push(module);
                }
                CableTarget::Input { .. } | CableTarget::Control(_) => {}
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
    fn is_heard(&self, target: CableTarget, heard: &[bool]) -> bool {
        match target {
            CableTarget::Out => true,
            CableTarget::Input { module, .. } => heard[module] && !self.is_sidechain(target),
            CableTarget::Control(_) => false,
        }
    }

    /// Whether a target is a port that is only listened to.
    fn is_sidechain(&self, target: CableTarget) -> bool {
        let CableTarget::Input { module, input } = target else { return false };
        self.patch.modules[module].spec.inputs[input].normal == Normal::Main
    }

    /// Mutes every instrument and every source of the top level that isn't among `parts`. A module that isn't a source
    /// is heard if something that isn't muted reaches it.
    pub fn solo(&mut self, parts: &[MixSource]) {
        let source = |module: &usize| self.patch.modules[*module].spec.family == Family::Source;
        let modules = (0..self.patch.modules.len()).filter(source).map(MixSource::Module);
        let all: Vec<MixSource> =
            (0..self.instruments.len()).map(MixSource::Instrument).chain(modules).collect();
        all.into_iter().filter(|part| !parts.contains(part)).for_each(|part| self.mute(part));
    }

    /// What meets where the song is mixed, in the order of the cables there: instruments, buses and returns of effects.
    /// The song is mixed at the last port before `out` that several cables come to; the modules after it are its master
    /// chain.
    pub fn stems(&self) -> Vec<Stem> {
        let mix = self.mix();
        let mut parts: Vec<MixSource> = Vec::new();
        for cable in self.cables_to(mix).filter(|cable| !cable.muted) {
            if let Some(part) = part_of(cable.from).filter(|part| !parts.contains(part)) {
                parts.push(part);
            }
        }
        let master = Raises::of(self).onward(mix).max(1.0);
        let stem = |part: MixSource| {
            let mut song = self.clone();
            song.master = master;
            for cable in &mut song.patch.cables {
                if cable.to == mix && part_of(cable.from) == Some(part) {
                    cable.to = CableTarget::Out;
                } else if cable.to == mix || cable.to == CableTarget::Out {
                    cable.muted = true;
                }
            }
            Stem { id: self.id(part).to_owned(), song }
        };
        parts.into_iter().map(stem).collect()
    }

    /// The port at which the song is mixed.
    fn mix(&self) -> CableTarget {
        let mut mix = CableTarget::Out;
        // No longer than there are modules: a loop has no first one.
        for _ in 0..self.patch.modules.len() {
            let mut cables = self.cables_to(mix);
            let (Some(CableSource::Module { module, .. }), None) =
                (cables.next().map(|cable| cable.from), cables.next())
            else {
                break;
            };
            let input = CableTarget::Input { module, input: 0 };
            if !self.patch.modules[module].spec.has_main_input() || self.cables_to(input).next().is_none() {
                break;
            }
            mix = input;
        }
        mix
    }

    fn cables_to(&self, target: CableTarget) -> impl Iterator<Item = &Cable> {
        self.patch.cables.iter().filter(move |cable| cable.to == target)
    }

    fn id(&self, part: MixSource) -> &str {
        match part {
            MixSource::Instrument(instrument) => &self.instruments[instrument].id,
            MixSource::Module(module) => &self.patch.modules[module].id,
        }
    }
}

fn part_of(source: CableSource) -> Option<MixSource> {
    match source {
        CableSource::Instrument(instrument) => Some(MixSource::Instrument(instrument)),
        CableSource::Module { module, .. } => Some(MixSource::Module(module)),
        CableSource::Knob(_) | CableSource::Voice(_) | CableSource::Newest(..) => None,
    }
}

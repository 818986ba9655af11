//! Parts of a song: what is muted for a render, and the stems that meet where the song is mixed.

use crate::model::patch::{Cable, Source, Target};
use crate::model::song::Song;
use crate::modules::spec::Family;

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

    /// Keeps the sound of a part from going anywhere. What it moves and what follows its notes goes on.
    pub fn mute(&mut self, part: Part) {
        let its = |cable: &&mut Cable| part_of(cable.from) == Some(part) && is_signal(cable.to);
        self.patch.cables.iter_mut().filter(its).for_each(|cable| cable.muted = true);
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
        let stem = |part: Part| {
            let mut song = self.clone();
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

fn is_signal(target: Target) -> bool {
    matches!(target, Target::Out | Target::Input { .. })
}

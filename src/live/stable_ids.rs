//! Names that stay the same while songs change: a number for every control, instrument, gate and track of a performance.

use std::collections::BTreeMap;

use crate::engine::commands::StableId;
use crate::engine::deck::DeckNames;
use crate::model::controls::Controls;
use crate::model::song::Song;
use crate::plan::compile::Playable;

/// Numbers given out so far, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct IdTable(BTreeMap<String, StableId>);

impl IdTable {
    fn of(&mut self, name: &str) -> StableId {
        let next = self.0.len() as StableId;
        match self.0.get(name) {
            Some(number) => *number,
            None => *self.0.entry(name.to_owned()).or_insert(next),
        }
    }

    /// The name that has a number.
    fn name(&self, number: StableId) -> Option<&str> {
        self.0.iter().find(|(_, known)| **known == number).map(|(name, _)| name.as_str())
    }

    /// What stands for each number, of those that `known` names.
    fn list<T: Clone>(&mut self, known: impl Iterator<Item = (String, T)>) -> Vec<Option<T>> {
        let mut list = vec![None; self.0.len()];
        for (name, value) in known {
            let place = self.of(&name) as usize;
            if list.len() <= place {
                list.resize(place + 1, None);
            }
            list[place] = Some(value);
        }
        list
    }
}

/// All names of a performance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StableIds {
    controls: IdTable,
    instruments: IdTable,
    gates: IdTable,
    tracks: IdTable,
}

impl StableIds {
    /// The number of the control at `path`; aliases have that of what they stand for.
    pub fn control(&mut self, path: &str) -> StableId {
        self.controls.of(path)
    }

    /// The number of an instrument.
    pub fn instrument(&mut self, id: &str) -> StableId {
        self.instruments.of(id)
    }

    /// The number of the gate of a module of the top level.
    pub fn gate(&mut self, id: &str) -> StableId {
        self.gates.of(id)
    }

    /// The number of a track.
    pub fn track(&mut self, id: &str) -> StableId {
        self.tracks.of(id)
    }

    /// The path of the control that has a number.
    pub fn control_named(&self, number: StableId) -> Option<&str> {
        self.controls.name(number)
    }

    /// The instrument that has a number.
    pub fn instrument_named(&self, number: StableId) -> Option<&str> {
        self.instruments.name(number)
    }

    /// The track that has a number.
    pub fn track_named(&self, number: StableId) -> Option<&str> {
        self.tracks.name(number)
    }

    /// How many tracks have been named.
    pub fn tracks(&self) -> usize {
        self.tracks.0.len()
    }

    /// What stands for all names in `song`, compiled.
    pub fn names(&mut self, song: &Song, Playable { plan, score }: &Playable) -> DeckNames {
        let controls = Controls::of(song);
        // The first of a control's curves, should there be several.
        let mut curves = BTreeMap::new();
        for (curve, driven) in plan.controls.iter().enumerate() {
            curves.entry(driven.control).or_insert(curve);
        }
        let paths =
            controls.own().filter_map(|named| Some((named.path.clone(), *curves.get(&named.control)?)));
        let instruments = song.instruments.iter().enumerate().map(|(index, one)| (one.id.clone(), index));
        let gates = plan.gates.iter().enumerate();
        let gates = gates.map(|(number, (module, _))| (song.patch.modules[*module].id.clone(), number));
        let lanes = score.lanes.iter();
        let lanes = lanes.map(|&(section, track)| self.tracks.of(&song.sections[section].tracks[track].id));
        DeckNames {
            lanes: lanes.collect(),
            controls: self.controls.list(paths),
            instruments: self.instruments.list(instruments),
            gates: self.gates.list(gates),
        }
    }
}

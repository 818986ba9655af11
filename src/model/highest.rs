//! How far parameters can go in a song: what modules keep is sized by that.

use std::collections::BTreeMap;

use crate::model::patch::{Cable, CableTarget, ControlId, Depth, ParameterBase, Patch};
use crate::model::song::Song;
use crate::model::steps::LaneItem;
use crate::units::unit::Unit;

/// The highest value of a control whose own value is at most `base`, while the sources of the `cables` that move it stay
/// between -1 and 1.
pub fn moved<'c>(base: f64, cables: impl Iterator<Item = &'c Cable>) -> f64 {
    let (mut ratio, mut sum) = (0.0, 0.0);
    for cable in cables {
        let reach = cable.gain.abs();
        match cable.by {
            Some(Depth::Octaves(octaves)) => ratio += octaves.abs() * reach,
            Some(Depth::Linear(amount)) => sum += amount.abs() * reach,
            None => sum += reach,
        }
    }
    base * libm::exp2(ratio) + sum
}

/// Bounds for all parameters of a song. The plan of the song, which knows more, never goes beyond them.
#[derive(Debug)]
pub struct Highest<'s> {
    song: &'s Song,
    /// The highest value to which automation or a lock sets each control.
    set: BTreeMap<ControlId, f64>,
    /// The cables that move each control.
    cables: BTreeMap<ControlId, Vec<&'s Cable>>,
    /// The slowest and the fastest tempo.
    tempi: [f64; 2],
}

impl<'s> Highest<'s> {
    /// The bounds of `song`.
    pub fn of(song: &'s Song) -> Self {
        let mut set: BTreeMap<ControlId, f64> = BTreeMap::new();
        let mut raise = |control: ControlId, value: f64| {
            let highest = set.entry(control).or_insert(f64::MIN);
            *highest = highest.max(value);
        };
        let mut tempi = [f64::MAX, f64::MIN];
        for section in &song.sections {
            for one in &section.automations {
                raise(one.control, one.from.max(one.to));
            }
            for lock in section.tracks.iter().flat_map(|track| &track.locks) {
                for item in &lock.values.items {
                    let values = match item {
                        LaneItem::One(value) => std::slice::from_ref(value),
                        LaneItem::Alternate(values) => values,
                    };
                    values.iter().flatten().for_each(|value| raise(lock.control, *value));
                }
            }
            let moves = section.tempo_moves.iter().flat_map(|one| [one.from, one.to]);
            for tempo in moves.chain([section.tempo]) {
                tempi = [tempi[0].min(tempo), tempi[1].max(tempo)];
            }
        }
        let mut cables: BTreeMap<ControlId, Vec<&Cable>> = BTreeMap::new();
        let patches = song.instruments.iter().map(|instrument| &instrument.patch).chain([&song.patch]);
        for cable in patches.flat_map(|patch| &patch.cables) {
            if let CableTarget::Control(control) = cable.to {
                cables.entry(control).or_default().push(cable);
            }
        }
        Self { song, set, cables, tempi }
    }

    /// The highest magnitude of a gain that stands at `base` when nothing moves it.
    pub fn of_gain(&self, control: ControlId, base: f64) -> f64 {
        let set = self.set.get(&control).map_or(0.0, |value| value.abs());
        moved(base.abs().max(set), self.cables.get(&control).into_iter().flatten().copied()).min(16.0)
    }

    /// The highest value of each parameter of a module, in the order of its spec. The module is in an instrument, or at the
    /// top level.
    pub fn of_module(&self, instrument: Option<usize>, module: usize) -> Vec<f32> {
        let patch: &Patch = match instrument {
            Some(instrument) => &self.song.instruments[instrument].patch,
            None => &self.song.patch,
        };
        let of = &patch.modules[module];
        let highest = |(param, base): (usize, &ParameterBase)| {
            let row = &of.spec.params[param];
            let control = ControlId::Param { instrument, module, param };
            let base = match base {
                ParameterBase::Number(value) => *value,
                ParameterBase::Note(length) if row.unit == Unit::Hertz => 1.0 / length.seconds(self.tempi[1]),
                ParameterBase::Note(length) => length.seconds(self.tempi[0]),
                ParameterBase::Follow => row.max,
            };
            let set = self.set.get(&control).copied().unwrap_or(f64::MIN);
            let base = base.max(set).clamp(row.min, row.max);
            let cables = self.cables.get(&control).into_iter().flatten().copied();
            moved(base, cables).min(row.max) as f32
        };
        of.params.iter().enumerate().map(highest).collect()
    }
}

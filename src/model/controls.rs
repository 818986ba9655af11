//! Controls: everything in a song that has a value which can be moved, by its path.

use std::collections::BTreeMap;

use crate::model::patch::{
    Cable, CableControl, CableTarget, ControlId, Depth, InstrumentControl, Knob, Module, ParameterBase, Patch,
};
use crate::model::song::{Glide, Instrument, Song};
use crate::modules::spec::Normal;
use crate::units::unit::Unit;

/// What every instrument has, and what it is called.
pub const OF_INSTRUMENT: &[(&str, InstrumentControl)] = &[
    ("gain", InstrumentControl::Gain),
    ("pan", InstrumentControl::Pan),
    ("glide", InstrumentControl::Glide),
];

/// What a named route has, and what it is called.
pub const OF_CABLE: &[(&str, CableControl)] =
    &[("gain", CableControl::Gain), ("pan", CableControl::Pan), ("by", CableControl::By)];

/// The range of a gain that may turn a signal over.
const SIGNED: (f64, f64) = (-16.0, 16.0);

/// What is known of a control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ControlFacts {
    /// What its numbers count.
    pub unit: Unit,
    /// The least and the greatest value that it can be set to.
    pub range: (f64, f64),
    /// Where it stands when nothing moves it.
    pub declared: ParameterBase,
}

impl ControlFacts {
    /// Where it stands when nothing moves it, at `tempo` quarter notes a minute; `None` if it follows the note.
    pub fn default(&self, tempo: f64) -> Option<f64> {
        match self.declared {
            ParameterBase::Number(value) => Some(value),
            ParameterBase::Note(length) => {
                let seconds = length.seconds(tempo);
                let value = if self.unit == Unit::Hertz { 1.0 / seconds } else { seconds };
                Some(value.clamp(self.range.0, self.range.1))
            }
            ParameterBase::Follow => None,
        }
    }
}

impl Module {
    /// What is known of one of its parameters.
    pub fn facts(&self, param: usize) -> ControlFacts {
        let spec = &self.spec.params[param];
        ControlFacts { unit: spec.unit, range: (spec.min, spec.max), declared: self.params[param] }
    }
}

impl Knob {
    /// What is known of it.
    pub fn facts(&self) -> ControlFacts {
        ControlFacts {
            unit: Unit::Number,
            range: (self.min, self.max),
            declared: ParameterBase::Number(self.default),
        }
    }
}

impl Cable {
    /// What is known of one of its properties; `moved` is the unit of the control that it moves. `None` for a pan or a
    /// depth that the route doesn't give.
    pub fn facts(&self, which: CableControl, moved: Option<Unit>) -> Option<ControlFacts> {
        let (unit, range, value) = match which {
            CableControl::Gain => (Unit::Gain, SIGNED, self.gain),
            CableControl::Pan => (Unit::Share, (-1.0, 1.0), self.pan?),
            CableControl::By => match self.by? {
                Depth::Octaves(octaves) => (Unit::Octaves, (-20.0, 20.0), octaves),
                Depth::Linear(amount) => (moved.unwrap_or(Unit::Number), (-1e6, 1e6), amount),
            },
        };
        Some(ControlFacts { unit, range, declared: ParameterBase::Number(value) })
    }

    /// The control that it moves.
    pub fn moves(&self) -> Option<ControlId> {
        match self.to {
            CableTarget::Control(control) => Some(control),
            CableTarget::Input { .. } | CableTarget::Out => None,
        }
    }
}

impl InstrumentControl {
    /// What is known of it in an instrument of such gain, pan and glide.
    pub fn facts(self, gain: f64, pan: f64, glide: Glide) -> ControlFacts {
        let (unit, range, declared) = match (self, glide) {
            (Self::Gain, _) => (Unit::Gain, (0.0, 16.0), ParameterBase::Number(gain)),
            (Self::Pan, _) => (Unit::Share, (-1.0, 1.0), ParameterBase::Number(pan)),
            (Self::Glide, Glide::Seconds(seconds)) => {
                (Unit::Seconds, (0.0, 60.0), ParameterBase::Number(seconds))
            }
            (Self::Glide, Glide::Note(length)) => (Unit::Seconds, (0.0, 60.0), ParameterBase::Note(length)),
        };
        ControlFacts { unit, range, declared }
    }
}

impl ControlId {
    /// Whether each voice of an instrument has such a control of its own.
    pub fn is_of_voice(self) -> bool {
        match self {
            Self::Param { instrument, .. }
            | Self::Knob { instrument, .. }
            | Self::Cable { instrument, .. } => instrument.is_some(),
            Self::Instrument { .. } => false,
        }
    }
}

/// A control under one of its paths.
#[derive(Clone, Debug)]
pub struct NamedControl {
    /// From the top of the song, with dots: `bass.filter.cutoff`.
    pub path: String,
    /// What it is.
    pub control: ControlId,
    /// What is known of it; an alias may have a narrower range than the control itself.
    pub facts: ControlFacts,
    /// Whether the path is a second name.
    pub alias: bool,
}

impl NamedControl {
    /// Its address for OSC: `/mod/bass/filter/cutoff`.
    pub fn address(&self) -> String {
        address(&self.path)
    }
}

/// The address for OSC of the control at a path.
pub fn address(path: &str) -> String {
    format!("/mod/{}", path.replace('.', "/"))
}

/// Every control of a song.
#[derive(Clone, Debug)]
pub struct Controls {
    all: Vec<NamedControl>,
    places: BTreeMap<String, usize>,
}

impl Controls {
    /// All controls of `song`.
    pub fn of(song: &Song) -> Self {
        let mut all = Vec::new();
        let mut add = |path: String, control: ControlId| {
            if let Some(facts) = song.facts(control) {
                all.push(NamedControl { path, control, facts, alias: false });
            }
        };
        of_patch(&song.patch, None, "", &mut add);
        for (index, instrument) in song.instruments.iter().enumerate() {
            for &(name, which) in OF_INSTRUMENT {
                add(format!("{}.{name}", instrument.id), ControlId::Instrument { instrument: index, which });
            }
            of_patch(&instrument.patch, Some(index), &format!("{}.", instrument.id), &mut add);
        }
        for alias in &song.aliases {
            if let Some(facts) = song.facts(alias.control) {
                let facts = ControlFacts { range: alias.range, ..facts };
                all.push(NamedControl {
                    path: alias.path.clone(),
                    control: alias.control,
                    facts,
                    alias: true,
                });
            }
        }
        let places = all.iter().enumerate().map(|(place, named)| (named.path.clone(), place)).collect();
        Self { all, places }
    }

    /// In order: those of the top level, of each instrument in the order of the song, then the aliases.
    pub fn all(&self) -> &[NamedControl] {
        &self.all
    }

    /// Every control under its own path, without second names.
    pub fn own(&self) -> impl Iterator<Item = &NamedControl> {
        self.all().iter().filter(|named| !named.alias)
    }

    /// The path of every control.
    pub fn paths(&self) -> BTreeMap<ControlId, &str> {
        self.own().map(|named| (named.control, named.path.as_str())).collect()
    }

    /// The control called `path`.
    pub fn at(&self, path: &str) -> Option<&NamedControl> {
        self.places.get(path).map(|place| &self.all[*place])
    }
}

/// The controls of one patch: of its modules, its knobs, its named routes.
fn of_patch(patch: &Patch, instrument: Option<usize>, prefix: &str, add: &mut impl FnMut(String, ControlId)) {
    for (module, one) in patch.modules.iter().enumerate() {
        for (param, spec) in one.spec.params.iter().enumerate() {
            add(format!("{prefix}{}.{}", one.id, spec.name), ControlId::Param { instrument, module, param });
        }
    }
    for (knob, one) in patch.knobs.iter().enumerate() {
        add(format!("{prefix}{}", one.id), ControlId::Knob { instrument, knob });
    }
    for (cable, one) in patch.cables.iter().enumerate() {
        if let Some(id) = &one.id {
            for &(name, which) in OF_CABLE {
                add(format!("{prefix}{id}.{name}"), ControlId::Cable { instrument, cable, which });
            }
        }
    }
}

/// What a gate from outside opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gated {
    /// A voice of an instrument, by its index.
    Instrument(usize),
    /// A module of the top level that has a gate of its own, by its index.
    Module(usize),
}

impl Song {
    /// What is known of a control; `None` if the song has no such control.
    pub fn facts(&self, control: ControlId) -> Option<ControlFacts> {
        match control {
            ControlId::Param { instrument, module, param } => {
                let module = self.patch_of(instrument)?.modules.get(module)?;
                (param < module.params.len()).then(|| module.facts(param))
            }
            ControlId::Knob { instrument, knob } => {
                self.patch_of(instrument)?.knobs.get(knob).map(Knob::facts)
            }
            ControlId::Instrument { instrument, which } => {
                let Instrument { gain, pan, glide, .. } = self.instruments.get(instrument)?;
                Some(which.facts(*gain, *pan, *glide))
            }
            ControlId::Cable { instrument, cable, which } => {
                let cable = self.patch_of(instrument)?.cables.get(cable)?;
                // A depth counts in the unit of what it moves; that of a depth which moves a depth is a plain number.
                let moved = cable.moves().filter(|_| which == CableControl::By);
                let depth =
                    |moved: &ControlId| matches!(moved, ControlId::Cable { which: CableControl::By, .. });
                let moved = moved.filter(|moved| !depth(moved)).and_then(|moved| self.facts(moved));
                cable.facts(which, moved.map(|facts| facts.unit))
            }
        }
    }

    /// Lets a control stand at a value of its unit and range, whatever it was declared at.
    pub fn set(&mut self, control: ControlId, value: f64) {
        match control {
            ControlId::Param { instrument, module, param } => {
                if let Some(base) = self
                    .patch_mut(instrument)
                    .and_then(|patch| patch.modules.get_mut(module)?.params.get_mut(param))
                {
                    *base = ParameterBase::Number(value);
                }
            }
            ControlId::Knob { instrument, knob } => {
                if let Some(knob) = self.patch_mut(instrument).and_then(|patch| patch.knobs.get_mut(knob)) {
                    knob.default = value;
                }
            }
            ControlId::Instrument { instrument, which } => {
                let Some(instrument) = self.instruments.get_mut(instrument) else { return };
                match which {
                    InstrumentControl::Gain => instrument.gain = value,
                    InstrumentControl::Pan => instrument.pan = value,
                    InstrumentControl::Glide => instrument.glide = Glide::Seconds(value),
                }
            }
            ControlId::Cable { instrument, cable, which } => {
                let cable = self.patch_mut(instrument).and_then(|patch| patch.cables.get_mut(cable));
                let Some(cable) = cable else { return };
                match (which, cable.by) {
                    (CableControl::Gain, _) => cable.gain = value,
                    (CableControl::Pan, _) => cable.pan = Some(value),
                    (CableControl::By, Some(Depth::Octaves(_))) => cable.by = Some(Depth::Octaves(value)),
                    (CableControl::By, _) => cable.by = Some(Depth::Linear(value)),
                }
            }
        }
    }

    fn patch_mut(&mut self, instrument: Option<usize>) -> Option<&mut Patch> {
        match instrument {
            Some(index) => self.instruments.get_mut(index).map(|instrument| &mut instrument.patch),
            None => Some(&mut self.patch),
        }
    }

    /// The patch of an instrument, or of the top level.
    pub fn patch_of(&self, instrument: Option<usize>) -> Option<&Patch> {
        match instrument {
            Some(index) => self.instruments.get(index).map(|instrument| &instrument.patch),
            None => Some(&self.patch),
        }
    }

    /// What a gate called `id` opens: an instrument, or a module of the top level whose gate nothing else opens. Where
    /// nothing is called so but aliases begin with it (`adsr1.attack`), it is the one instrument in which these lead.
    pub fn gate_at(&self, id: &str) -> Option<Gated> {
        if let Some(index) = self.instruments.iter().position(|instrument| instrument.id == id) {
            return Some(Gated::Instrument(index));
        }
        if let Some(index) = self.patch.modules.iter().position(|module| module.id == id) {
            let gate = self.patch.modules[index].spec.inputs.iter().position(|i| i.normal == Normal::Gate)?;
            let routed = |cable: &Cable| cable.to == CableTarget::Input { module: index, input: gate };
            return (!self.patch.cables.iter().any(routed)).then_some(Gated::Module(index));
        }
        let begins = |path: &str| path.split_once('.').is_some_and(|(head, _)| head == id);
        let mut owners =
            self.aliases.iter().filter(|alias| begins(&alias.path)).map(|alias| owner(alias.control));
        let first = owners.next()??;
        owners.all(|owner| owner == Some(first)).then_some(Gated::Instrument(first))
    }
}

/// The instrument that a control belongs to.
fn owner(control: ControlId) -> Option<usize> {
    match control {
        ControlId::Param { instrument, .. }
        | ControlId::Knob { instrument, .. }
        | ControlId::Cable { instrument, .. } => instrument,
        ControlId::Instrument { instrument, .. } => Some(instrument),
    }
}

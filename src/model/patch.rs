//! Modules and the cables between them, of the song's top level or of one instrument.

use crate::modules::spec::ModuleSpec;
use crate::units::note_length::NoteLength;

/// Modules, knobs and cables that share one namespace.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// In the order of the song.
    pub modules: Vec<Module>,
    /// In the order of the song.
    pub knobs: Vec<Knob>,
    /// One for each pair of ports, in the order of the song.
    pub cables: Vec<Cable>,
}

/// One named box.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its name in its patch.
    pub id: String,
    /// What it is.
    pub spec: &'static ModuleSpec,
    /// The base of each parameter, in the order of the spec.
    pub params: Vec<ParameterBase>,
    /// The settings as the kernel reads them, in the order of the spec.
    pub settings: Vec<f32>,
    /// Index of the recording that it plays among those of the song.
    pub sound: Option<usize>,
}

/// What a parameter stands at before anything moves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParameterBase {
    /// A value in the parameter's unit, inside its range.
    Number(f64),
    /// A note length, which follows the tempo: as a time, its seconds; as a frequency, one cycle in it.
    Note(NoteLength),
    /// The frequency of the voice's note. Only for parameters normalled to it, inside an instrument.
    Follow,
}

/// A control that a user names.
#[derive(Clone, Debug)]
pub struct Knob {
    /// Its name in its patch.
    pub id: String,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// Where it stands.
    pub default: f64,
}

/// One connection from one source to one port.
#[derive(Clone, Debug)]
pub struct Cable {
    /// Where the signal comes from.
    pub from: CableSource,
    /// Where it goes.
    pub to: CableTarget,
    /// Linear gain.
    pub gain: f64,
    /// Balance from -1 (left) to 1 (right): equal power for mono, balance for stereo. `None` leaves it as it is.
    pub pan: Option<f64>,
    /// A control that multiplies the signal.
    pub vca: Option<CableSource>,
    /// How far a source of 1 moves a control; `None` into signal inputs.
    pub by: Option<Depth>,
    /// Marked as closing a loop: it costs one block of delay.
    pub feedback: bool,
    /// The name under which its gain, pan and depth can be played.
    pub id: Option<String>,
    /// Nothing passes for this render, see [`crate::model::mix_sources`].
    pub muted: bool,
}

/// Where a cable's signal comes from. Indices count inside the cable's own patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CableSource {
    /// An output of a module.
    Module {
        /// Index of the module.
        module: usize,
        /// Index of its output.
        output: usize,
    },
    /// A knob's value.
    Knob(usize),
    /// Of the voice's note, inside an instrument.
    Voice(NoteSignal),
    /// The sound of a whole instrument, at the top level.
    Instrument(usize),
    /// Of an instrument's newest note, at the top level.
    Newest(usize, NoteSignal),
}

/// What is known of a note while it sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteSignal {
    /// 1 from its trigger to its release, else 0.
    Gate,
    /// Octaves above c4.
    Note,
    /// 0 to 1.
    Velocity,
    /// -1 to 1, drawn afresh each note.
    Random,
}

/// Where a cable goes. Indices count inside the cable's own patch, unless an instrument is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CableTarget {
    /// The end of the patch: the voice's output, or the song's.
    Out,
    /// A signal input of a module.
    Input {
        /// Index of the module.
        module: usize,
        /// Index of its input.
        input: usize,
    },
    /// A control, which the cable moves by its depth.
    Control(ControlId),
}

/// Anything that has a value which can be moved: what an OSC address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlId {
    /// A parameter of a module.
    Param {
        /// The instrument the module is in; `None` at the top level.
        instrument: Option<usize>,
        /// Index of the module in that patch.
        module: usize,
        /// Index of the parameter.
        param: usize,
    },
    /// A knob.
    Knob {
        /// The instrument the knob is in; `None` at the top level.
        instrument: Option<usize>,
        /// Index of the knob in that patch.
        knob: usize,
    },
    /// What every instrument has.
    Instrument {
        /// Index of the instrument.
        instrument: usize,
        /// Which of them.
        which: InstrumentControl,
    },
    /// Of a named cable.
    Cable {
        /// The instrument the cable is in; `None` at the top level.
        instrument: Option<usize>,
        /// Index of the cable in that patch.
        cable: usize,
        /// Which of its properties.
        which: CableControl,
    },
}

/// The controls that every instrument has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstrumentControl {
    /// Linear gain of the sum of its voices.
    Gain,
    /// Balance of the sum of its voices.
    Pan,
    /// Time in seconds that a pitch takes to its next.
    Glide,
}

/// The controls of a named cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CableControl {
    /// Linear gain.
    Gain,
    /// Balance.
    Pan,
    /// Depth, in the cable's own kind of depth.
    By,
}

/// How far a source of 1 moves a control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Depth {
    /// A frequency is multiplied by 2 to the power of so many octaves.
    Octaves(f64),
    /// So much, in the control's own unit, is added.
    Linear(f64),
}

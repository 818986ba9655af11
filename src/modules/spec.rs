//! What is known of a module kind: its ports, parameters, settings, state and kernel, in one const literal.

use crate::dsp::clip::Cut;
use crate::dsp::math::C4;
use crate::modules::kernel::Kernel;
use crate::modules::sample_use::SampleUse;
use crate::modules::state::State;
use crate::units::unit::Unit;

/// Frames in a block. Blocks are never split, live or offline.
pub const BLOCK: usize = 64;

/// The name of the setting by which the plan tells a kernel that its main input comes one block late. Never written in
/// songs.
pub const LATE: &str = "late";

/// Everything known of one kind of module.
#[derive(Debug)]
pub struct ModuleSpec {
    /// The word that makes such a module in a song.
    pub kind: &'static str,
    /// Where the reference lists it.
    pub family: Family,
    /// One sentence: what it is.
    pub about: &'static str,
    /// What more a musician should know, as Markdown; may be empty.
    pub notes: &'static str,
    /// Signal inputs. The main one, if there is one, comes first and is called `in`.
    pub inputs: &'static [Port],
    /// Signal outputs. The main one comes first and is called `out`, unless all have names of their own.
    pub outputs: &'static [Port],
    /// Parameters: each is a value in the song and an input port as well.
    pub params: &'static [Param],
    /// Choices that can't move while the song plays.
    pub settings: &'static [Setting],
    /// How the kind deals with stereo.
    pub channels: Channels,
    /// A song that shows the module, which passes `check` and makes a sound; kept as a golden.
    pub example: &'static str,
    /// What the kernel keeps from block to block.
    pub state: State,
    /// The code that makes the sound.
    pub kernel: Kernel,
}

/// The chapters of the module reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Makes sound by itself.
    Source,
    /// Shapes the spectrum.
    Filter,
    /// Follows a gate from 0 to 1 and back.
    Envelope,
    /// Moves parameters.
    Modulator,
    /// Changes a sound in time, space or shape.
    Effect,
    /// Level, balance, sums and repair.
    Utility,
}

/// A signal input or output.
#[derive(Debug)]
pub struct Port {
    /// Its name in routes: `comp.sidechain`. The main ports are `in` and `out`.
    pub name: &'static str,
    /// One sentence: what it carries.
    pub about: &'static str,
    /// What feeds it where no route does.
    pub normal: Normal,
    /// What an output gives, so that routes can be checked and documented.
    pub range: Range,
}

impl Port {
    /// A signal that is summed from its routes and is silent without.
    pub const fn audio(name: &'static str, about: &'static str) -> Self {
        Self { name, about, normal: Normal::Nothing, range: Range::Audio }
    }

    /// A control output between 0 and 1.
    pub const fn unipolar(name: &'static str, about: &'static str) -> Self {
        Self { name, about, normal: Normal::Nothing, range: Range::Unipolar }
    }

    /// A control output between -1 and 1.
    pub const fn bipolar(name: &'static str, about: &'static str) -> Self {
        Self { name, about, normal: Normal::Nothing, range: Range::Bipolar }
    }

    /// A signal that another one is judged by: it hears the main input unless a route replaces it.
    pub const fn sidechain(name: &'static str, about: &'static str) -> Self {
        Self { name, about, normal: Normal::Main, range: Range::Audio }
    }

    /// A gate input, which follows the note's gate in an instrument unless a route replaces it.
    pub const fn gate(name: &'static str, about: &'static str) -> Self {
        Self { name, about, normal: Normal::Gate, range: Range::Unipolar }
    }
}

/// What an unrouted input hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Normal {
    /// Its declared value; silence for a signal.
    Nothing,
    /// In an instrument, the frequency of the note in Hz. At the top level the value must be given.
    Note,
    /// In an instrument, the note's gate. At the top level, the module's own gate.
    Gate,
    /// What the main input hears, channel by channel.
    Main,
}

/// What an output gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// Sound: about -1 to 1, DC-free.
    Audio,
    /// A control from 0 to 1.
    Unipolar,
    /// A control from -1 to 1.
    Bipolar,
}

/// A value that a song sets, and an input port that routes, automation, locks and OSC move.
#[derive(Debug)]
pub struct Param {
    /// Its name in songs, routes and OSC addresses.
    pub name: &'static str,
    /// One sentence: what it does, in a musician's words.
    pub about: &'static str,
    /// What a bare number counts.
    pub unit: Unit,
    /// The least value, in `unit`.
    pub min: f64,
    /// The greatest value, in `unit`.
    pub max: f64,
    /// The value where the song says nothing, in `unit`.
    pub default: f64,
    /// What feeds it in an instrument where the song says nothing.
    pub normal: Normal,
}

impl Param {
    const fn new(
        name: &'static str,
        unit: Unit,
        (min, max): (f64, f64),
        default: f64,
        about: &'static str,
    ) -> Self {
        Self { name, about, unit, min, max, default, normal: Normal::Nothing }
    }

    /// A frequency in Hz.
    pub const fn hertz(name: &'static str, min: f64, max: f64, default: f64, about: &'static str) -> Self {
        Self::new(name, Unit::Hertz, (min, max), default, about)
    }

    /// A time in seconds.
    pub const fn seconds(name: &'static str, min: f64, max: f64, default: f64, about: &'static str) -> Self {
        Self::new(name, Unit::Seconds, (min, max), default, about)
    }

    /// A linear gain.
    pub const fn gain(name: &'static str, min: f64, max: f64, default: f64, about: &'static str) -> Self {
        Self::new(name, Unit::Gain, (min, max), default, about)
    }

    /// A share from 0 to 1.
    pub const fn share(name: &'static str, default: f64, about: &'static str) -> Self {
        Self::new(name, Unit::Share, (0.0, 1.0), default, about)
    }

    /// A share with bounds of its own.
    pub const fn share_between(
        name: &'static str,
        min: f64,
        max: f64,
        default: f64,
        about: &'static str,
    ) -> Self {
        Self::new(name, Unit::Share, (min, max), default, about)
    }

    /// A number without a unit.
    pub const fn number(name: &'static str, min: f64, max: f64, default: f64, about: &'static str) -> Self {
        Self::new(name, Unit::Number, (min, max), default, about)
    }

    /// A parameter of any other unit or range.
    pub const fn of(
        unit: Unit,
        name: &'static str,
        min: f64,
        max: f64,
        default: f64,
        about: &'static str,
    ) -> Self {
        Self::new(name, unit, (min, max), default, about)
    }

    /// The frequency of an oscillator: it follows the note in an instrument.
    pub const fn pitch(name: &'static str, about: &'static str) -> Self {
        Self {
            normal: Normal::Note,
            ..Self::new(name, Unit::Hertz, (0.001, 24_000.0), 261.625_565_300_598_6, about)
        }
    }
}

/// A choice that stands when the song starts and never moves.
#[derive(Debug)]
pub struct Setting {
    /// Its name in songs.
    pub name: &'static str,
    /// One sentence: what it decides.
    pub about: &'static str,
    /// What may be written, and what holds where nothing is.
    pub options: Options,
}

/// What a setting takes. The kernel reads it as one `f32`.
#[derive(Debug)]
pub enum Options {
    /// One of some names, each with a sentence; the kernel reads its index. The first is the default.
    Choice(&'static [(&'static str, &'static str)]),
    /// `#true` or `#false`; the kernel reads 1 or 0. The default is `#false`.
    Flag,
    /// A whole number.
    Count {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
        /// Where the song says nothing.
        default: u32,
    },
    /// A quantity in a unit.
    Amount {
        /// What a bare number counts.
        unit: Unit,
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
        /// Where the song says nothing.
        default: f64,
    },
    /// The pitch in Hz at which a recording sounds as it was recorded. The default is the song's c4; tracks without notes
    /// play it.
    Root,
    /// The path of a sound file, which must be given; how its sound is cut depends on the settings. The kernel reads 0.
    Sound(SampleUse),
}

impl Setting {
    /// One of `names`, the first by default.
    pub const fn choice(
        name: &'static str,
        about: &'static str,
        names: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { name, about, options: Options::Choice(names) }
    }

    /// Off unless the song says `#true`.
    pub const fn flag(name: &'static str, about: &'static str) -> Self {
        Self { name, about, options: Options::Flag }
    }

    /// Where in its cycle an oscillator starts, as a share of the cycle.
    pub const fn phase() -> Self {
        Self {
            name: "phase",
            about: "Start position in the cycle, as a share of it.",
            options: Options::Amount { unit: Unit::Share, min: 0.0, max: 1.0, default: 0.0 },
        }
    }

    /// Restarts the module at each note.
    pub const fn retrigger() -> Self {
        Self::flag("retrigger", "Restarts at each note instead of running freely.")
    }

    /// What the kernel reads where the song says nothing.
    pub const fn default(&self) -> f64 {
        match self.options {
            Options::Choice(_) | Options::Flag | Options::Sound(_) => 0.0,
            Options::Root => C4,
            Options::Count { default, .. } => default as f64,
            Options::Amount { default, .. } => default,
        }
    }
}

/// How a kind deals with stereo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channels {
    /// The kernel knows one channel. A stereo signal runs through two of them with shared parameters.
    Each,
    /// The kernel couples two channels (in and out come as left, right); mono in gives mono out.
    Linked,
    /// The kernel couples two channels and always outputs stereo; mono in is copied.
    Stereo,
}

impl ModuleSpec {
    /// Where the kernel finds the input or parameter called `name`: inputs first (main input and sidechain of a
    /// coupling kind take two places each, left and right), then parameters.
    ///
    /// # Panics
    /// If there is none; evaluated while compiling, where that is an error.
    pub const fn port(&self, name: &str) -> usize {
        let mut place = 0;
        let mut i = 0;
        while i < self.inputs.len() {
            if same(self.inputs[i].name, name) {
                return place;
            }
            place += self.input_lanes(i);
            i += 1;
        }
        i = 0;
        while i < self.params.len() {
            if same(self.params[i].name, name) {
                return place + i;
            }
            i += 1;
        }
        panic!("no such input or parameter")
    }

    /// Where the kernel finds the setting called `name`.
    ///
    /// # Panics
    /// If there is none; evaluated while compiling, where that is an error.
    pub const fn setting(&self, name: &str) -> usize {
        let mut i = 0;
        while i < self.settings.len() {
            if same(self.settings[i].name, name) {
                return i;
            }
            i += 1;
        }
        panic!("no such setting")
    }

    /// Whether the kind couples two channels, so that its main input and its outputs come in pairs.
    pub const fn coupled(&self) -> bool {
        !matches!(self.channels, Channels::Each)
    }

    /// Where the kernel finds the setting `late`, if the kind has it: such a kind can be part of a loop, because it
    /// makes up for a main input that comes one block late.
    pub fn late(&self) -> Option<usize> {
        self.settings.iter().position(|setting| setting.name == LATE)
    }

    /// Whether a loop may go through the module.
    pub fn can_be_late(&self) -> bool {
        self.late().is_some()
    }

    /// The kernel inputs that input `index` takes: of a coupling kind two for the main input and what stands in for it.
    pub const fn input_lanes(&self, index: usize) -> usize {
        let paired = index == 0 && self.has_main_input() || matches!(self.inputs[index].normal, Normal::Main);
        if self.coupled() && paired { 2 } else { 1 }
    }

    /// How the sound file that the kind plays is cut, if it plays one.
    pub fn cut(&self) -> Option<fn(&[f32]) -> Cut> {
        self.sound().map(|sound| sound.cut)
    }

    /// How it plays a sound file, if it plays one.
    pub fn sound(&self) -> Option<&SampleUse> {
        self.settings.iter().find_map(|setting| match &setting.options {
            Options::Sound(sound) => Some(sound),
            _ => None,
        })
    }

    /// Where the kernel finds the pitch of the recording that the kind plays, if it plays one.
    pub fn root(&self) -> Option<usize> {
        self.settings.iter().position(|setting| matches!(setting.options, Options::Root))
    }

    /// Whether the first input is the main one, which a route names by the module's id alone.
    pub const fn has_main_input(&self) -> bool {
        !self.inputs.is_empty() && same(self.inputs[0].name, "in")
    }

    /// Every place of the input or parameter called `name`: two for the main input and the sidechain of a coupling kind.
    ///
    /// # Panics
    /// If there is none.
    pub fn places(&self, name: &str) -> std::ops::Range<usize> {
        let place = self.port(name);
        let input = self.inputs.iter().position(|port| port.name == name);
        place..place + input.map_or(1, |input| self.input_lanes(input))
    }

    /// The kernel outputs: of a coupling kind two for each output.
    pub const fn output_places(&self) -> usize {
        self.outputs.len() * if self.coupled() { 2 } else { 1 }
    }

    /// The kernel inputs taken by all signal inputs together; parameters come after them.
    pub const fn signal_places(&self) -> usize {
        let mut places = 0;
        let mut i = 0;
        while i < self.inputs.len() {
            places += self.input_lanes(i);
            i += 1;
        }
        places
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

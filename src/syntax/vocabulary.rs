//! The language's own words: every node type with its arguments and properties, in one table. Checking, suggestions
//! and docs come from it.

use crate::syntax::movement::{ARRANGE, AUTOMATE, LOCK, SECTION};
use crate::units::unit::Unit;

/// What the arguments that are lanes of steps are called.
pub const STEPS: &str = "steps";

/// Where a node may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeScope {
    /// At the top level of a song.
    Song,
    /// In an instrument.
    Instrument,
    /// In a section.
    Section,
    /// In a track.
    Track,
}

/// A node type.
#[derive(Debug)]
pub struct NodeForm {
    /// Its word.
    pub name: &'static str,
    /// One sentence: what it is.
    pub about: &'static str,
    /// Where it may stand.
    pub scopes: &'static [NodeScope],
    /// Its arguments, in order.
    pub args: &'static [ArgSpec],
    /// Its properties.
    pub props: &'static [PropertySpec],
    /// Whether braces may stand after it.
    pub block: bool,
    /// Words that people try instead of it.
    pub also: &'static [&'static str],
}

/// An argument.
#[derive(Debug)]
pub struct ArgSpec {
    /// What it is called in messages.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// How many there may be.
    pub count: Count,
}

/// How many arguments of a kind there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly one.
    One,
    /// One or none.
    Maybe,
    /// Any number.
    Many,
}

/// A property.
#[derive(Debug)]
pub struct PropertySpec {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What holds where it isn't given, in words or as it would be written.
    pub default: &'static str,
    /// Words that people try instead of it.
    pub also: &'static [&'static str],
}

/// What a property takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Takes {
    /// Any text.
    Text,
    /// A name that this node gives to something.
    NewId,
    /// A name or path of something in the song.
    Path,
    /// A whole number, from the first to the second.
    Whole(u64, u64),
    /// A quantity, from the first to the second in its unit.
    Amount(Unit, f64, f64),
    /// Percent, from the first to the second.
    Percent(f64, f64),
    /// A note length.
    Length,
    /// A time signature.
    Meter,
    /// A key.
    Key,
    /// `#true` or `#false`.
    Flag,
    /// One of these words or numbers.
    OneOf(&'static [&'static str]),
    /// How far a route moves a parameter: an interval, or the parameter's own unit.
    Depth,
    /// A lane of pitches.
    Notes,
    /// A lane of steps with their pitches.
    Melody,
    /// A lane of velocities.
    Velocities,
    /// A lane of delays.
    Nudges,
    /// A value in the unit of what is moved.
    Value,
    /// Bars of a section, counted from 1: `"3"` or `"1..4"`.
    Bars,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl PropertySpec {
    pub(super) const fn new(
        name: &'static str,
        takes: Takes,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self { name, about, takes, default, also: &[] }
    }

    pub(super) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }
}

pub(super) const FORM: NodeForm = NodeForm {
    name: "",
    about: "",
    scopes: &[NodeScope::Song],
    args: &[],
    props: &[],
    block: false,
    also: &[],
};

pub(super) const fn arg(name: &'static str, count: Count, about: &'static str) -> ArgSpec {
    ArgSpec { name, about, count }
}

const GAIN: Takes = Takes::Amount(Unit::Gain, 0.0, 16.0);
const PAN: Takes = Takes::Amount(Unit::Share, -1.0, 1.0);
const SHARE: Takes = Takes::Amount(Unit::Share, 0.0, 1.0);
pub(super) const TEMPO: Takes = Takes::Amount(Unit::Number, 20.0, 999.0);
pub(super) const BPM: &[&str] = &["bpm", "speed"];
pub(super) const SIGNATURE: &[&str] = &["time", "signature", "timesig", "time-signature"];
pub(super) const SHUFFLE: &[&str] = &["shuffle", "groove"];
const LOUD: &[&str] = &["volume", "vol", "amp", "level"];

/// Every node type, in the order of the reference.
pub static FORMS: &[NodeForm] = &[
    SONG, USE, INSTRUMENT, KNOB, ALIAS, SET, ROUTE, TRACK, PATTERN, SECTION, ARRANGE, AUTOMATE, LOCK, RENDER,
    TEST,
];

/// The form called `name`.
pub fn find(name: &str) -> Option<&'static NodeForm> {
    FORMS.iter().find(|form| form.name == name)
}

const SONG: NodeForm = NodeForm {
    name: "song",
    about: "The song as a whole: its name, tempo, meter, key and length.",
    args: &[arg("title", Count::Maybe, "Its name.")],
    props: &[
        PropertySpec::new("tempo", TEMPO, "120", "BPM: quarter notes per minute, in every meter.").also(BPM),
        PropertySpec::new(
            "meter",
            Takes::Meter,
            "\"4/4\"",
            "Time signature: beats per bar, and the note of a beat.",
        )
        .also(SIGNATURE),
        PropertySpec::new("key", Takes::Key, "none", "Tonic and scale in which degrees count.")
            .also(&["scale"]),
        PropertySpec::new(
            "swing",
            Takes::Percent(50.0, 75.0),
            "50",
            "Position of the second sixteenth of each pair, in percent of the pair.",
        )
        .also(SHUFFLE),
        PropertySpec::new("bars", Takes::Whole(1, 100_000), "the longest track", "Length in bars.")
            .also(&["length", "duration"]),
        PropertySpec::new(
            "endless",
            Takes::Flag,
            "#false",
            "It has no end and plays only what is sent to it.",
        ),
        PropertySpec::new("seed", Takes::Whole(0, u64::MAX), "0", "Seed of all chance and noise.")
            .also(&["random"]),
        PropertySpec::new(
            "tail",
            Takes::Amount(Unit::Seconds, 0.0, 120.0),
            "\"8s\"",
            "Maximum length of the tail after the last bar; with 0 the song ends on the frame.",
        )
        .also(&["release", "ring"]),
        PropertySpec::new(
            "a4",
            Takes::Amount(Unit::Hertz, 220.0, 880.0),
            "440",
            "The frequency of the note a4.",
        )
        .also(&["pitch", "tune"]),
        PropertySpec::new("accent", SHARE, "1", "The velocity of `X`."),
        PropertySpec::new("hit", SHARE, "0.6", "The velocity of `x`."),
        PropertySpec::new("ghost", SHARE, "0.3", "The velocity of `g`."),
        PropertySpec::new("engine", Takes::Whole(1, 1), "1", "Revision of the sound engine."),
        PropertySpec::new("tuning", Takes::Text, "\"edo:12\"", "Equal steps to the octave, or a Scala file.")
            .also(&["scl", "temperament", "edo"]),
    ],
    also: &["title", "piece", "tune"],
    ..FORM
};

const USE: NodeForm = NodeForm {
    name: "use",
    about: "Takes instruments and patterns from the library or from another file.",
    args: &[
        arg("file", Count::One, "The source: `std/…` is the library, `./…` a file beside the text."),
        arg("names", Count::Many, "What to take; `new=old` takes `old` and renames it to `new`."),
    ],
    also: &["import", "include", "load"],
    ..FORM
};

const INSTRUMENT: NodeForm = NodeForm {
    name: "instrument",
    about: "A patch that tracks play; each voice has a copy of it.",
    args: &[arg("id", Count::One, "Its name.")],
    props: &[
        PropertySpec::new("voices", Takes::Whole(1, 64), "1", "Number of notes that can sound at once.")
            .also(&["polyphony", "poly"]),
        PropertySpec::new(
            "glide",
            Takes::Amount(Unit::Seconds, 0.0, 60.0),
            "0",
            "Time in which the pitch slides to the next note.",
        )
        .also(&["portamento", "slide"]),
        PropertySpec::new("velocity", SHARE, "1", "How much velocity scales its output."),
        PropertySpec::new("gain", GAIN, "1", "Gain of all its voices together.").also(LOUD),
        PropertySpec::new("pan", PAN, "0", "Balance, -1 (left) to 1 (right)."),
        PropertySpec::new("like", Takes::Path, "none", "The instrument it starts from.")
            .also(&["from", "base"]),
    ],
    block: true,
    also: &["synth", "voice", "inst", "patch"],
    ..FORM
};

const KNOB: NodeForm = NodeForm {
    name: "knob",
    about: "A control with a name of its own, to be routed to what it should move.",
    scopes: &[NodeScope::Song, NodeScope::Instrument],
    args: &[arg("id", Count::One, "Its name."), arg("default", Count::One, "Its value.")],
    props: &[
        PropertySpec::new("min", Takes::Amount(Unit::Number, -1e6, 1e6), "0", "Minimum."),
        PropertySpec::new("max", Takes::Amount(Unit::Number, -1e6, 1e6), "1", "Maximum."),
    ],
    also: &["param", "macro", "control", "slider"],
    ..FORM
};

const ALIAS: NodeForm = NodeForm {
    name: "alias",
    about: "Gives a control a second name.",
    scopes: &[NodeScope::Song, NodeScope::Instrument],
    args: &[arg("new path", Count::One, "The second name."), arg("path", Count::One, "The control.")],
    props: &[
        PropertySpec::new("min", Takes::Value, "the control's", "Minimum under this name."),
        PropertySpec::new("max", Takes::Value, "the control's", "Maximum under this name."),
    ],
    ..FORM
};

const SET: NodeForm = NodeForm {
    name: "set",
    about: "Changes the value of a control, wherever it is declared.",
    scopes: &[NodeScope::Song],
    args: &[arg("path", Count::One, "The control."), arg("value", Count::One, "Its new value.")],
    also: &["override", "put"],
    ..FORM
};

const ROUTE: NodeForm = NodeForm {
    name: "route",
    about: "Connects outputs to inputs and parameters, hop by hop.",
    scopes: &[NodeScope::Song, NodeScope::Instrument],
    args: &[arg("places", Count::Many, "Modules and ports, with `->` between the hops.")],
    props: &[
        PropertySpec::new("gain", Takes::Amount(Unit::Gain, -16.0, 16.0), "1", "Gain of the last hop.")
            .also(LOUD),
        PropertySpec::new("pan", PAN, "none", "Balance of the last hop, -1 (left) to 1 (right)."),
        PropertySpec::new(
            "vca",
            Takes::Path,
            "none",
            "A control that multiplies the signal of the last hop.",
        )
        .also(&["env", "envelope"]),
        PropertySpec::new(
            "by",
            Takes::Depth,
            "none",
            "Modulation depth: how far a source of 1 moves the parameter.",
        )
        .also(&["depth", "amount", "mod"]),
        PropertySpec::new("feedback", Takes::Flag, "#false", "Closes a loop, one block late."),
        PropertySpec::new(
            "id",
            Takes::NewId,
            "none",
            "A name under which its gain, pan and depth are controls.",
        )
        .also(&["name"]),
    ],
    also: &["connect", "cable", "wire", "patch", "send", "out"],
    ..FORM
};

const TRACK: NodeForm = NodeForm {
    name: "track",
    about: "Steps that play an instrument.",
    scopes: &[NodeScope::Song, NodeScope::Section],
    args: &[
        arg("id", Count::One, "Its name; by default also the name of the instrument."),
        arg(STEPS, Count::Many, "One of any length, or several of one bar each."),
    ],
    props: &[
        PropertySpec::new("play", Takes::Path, "its id", "The instrument it plays.")
            .also(&["instrument", "synth"]),
        PropertySpec::new("pattern", Takes::Path, "none", "The pattern it plays."),
        PropertySpec::new("melody", Takes::Melody, "none", "Steps and pitches in one lane."),
        PropertySpec::new("notes", Takes::Notes, "c4", "Pitches, taken in turn by the hits.")
            .also(&["pitch", "note", "pitches"]),
        PropertySpec::new("vel", Takes::Velocities, "the signs'", "Velocities, taken in turn by the hits.")
            .also(&["velocity", "velocities"]),
        PropertySpec::new("nudge", Takes::Nudges, "0", "Delay of each step, in percent of a step.")
            .also(&["shift", "delay"]),
        PropertySpec::new("grid", Takes::Length, "\"1/16\"", "The length of a step.")
            .also(&["step", "rate", "div"]),
        PropertySpec::new("length", Takes::Amount(Unit::Share, 0.001, 64.0), "0.5", "Gate length, in steps.")
            .also(&["gate", "duration"]),
        PropertySpec::new(
            "transpose",
            Takes::Amount(Unit::Semitones, -120.0, 120.0),
            "0",
            "Added to every pitch, in semitones.",
        )
        .also(&["semitones", "tune"]),
        PropertySpec::new(
            "octave",
            Takes::Amount(Unit::Octaves, -10.0, 10.0),
            "0",
            "Added to every pitch, in octaves.",
        ),
        PropertySpec::new("swing", Takes::Percent(50.0, 75.0), "the section's", "Its own swing.")
            .also(SHUFFLE),
        PropertySpec::new("chance", SHARE, "1", "The share of hits that play.")
            .also(&["probability", "prob"]),
        PropertySpec::new("humanize", SHARE, "0", "Random timing and velocity.")
            .also(&["humanise", "random"]),
        PropertySpec::new("seed", Takes::Whole(0, u64::MAX), "the song's", "Seed of its chance."),
        PropertySpec::new("gain", GAIN, "1", "Gain of all its notes.").also(LOUD),
        PropertySpec::new("mute", Takes::Flag, "#false", "It plays nothing, but its passes still count.")
            .also(&["off", "disabled"]),
    ],
    block: true,
    also: &["seq", "sequence", "part", "play"],
};

const PATTERN: NodeForm = NodeForm {
    name: "pattern",
    about: "Steps with a name, for tracks to play.",
    args: &[arg("id", Count::One, "Its name."), arg(STEPS, Count::Many, "As in a track.")],
    ..FORM
};

const RENDER: NodeForm = NodeForm {
    name: "render",
    about: "Defaults for rendering the song; options of the command override them.",
    props: &[
        PropertySpec::new("rate", Takes::Whole(8_000, 192_000), "48000", "Sample rate in Hz.")
            .also(&["samplerate"]),
        PropertySpec::new(
            "bits",
            Takes::OneOf(&["16", "24", "32f"]),
            "24",
            "Bits per sample; `32f` for floats.",
        ),
    ],
    also: &["output", "export", "bounce"],
    ..FORM
};

const TEST: NodeForm = NodeForm {
    name: "test",
    about: "How far its sound may be from its golden file and still pass.",
    props: &[
        PropertySpec::new(
            "residual",
            Takes::Amount(Unit::Gain, 0.0, 1.0),
            "no limit",
            "The level of the difference where it is loudest, over a tenth of a second.",
        )
        .also(&["difference", "error"]),
        PropertySpec::new(
            "loudness",
            Takes::Amount(Unit::Gain, 1.0, 1_000.0),
            "no limit",
            "How much a bar may be louder or quieter.",
        )
        .also(&["level", "gain"]),
        PropertySpec::new(
            "bands",
            Takes::Amount(Unit::Gain, 1.0, 1_000.0),
            "no limit",
            "How much the spectral balance of a bar may differ, over all bands.",
        )
        .also(&["spectrum", "colour", "color"]),
        PropertySpec::new(
            "onsets",
            Takes::Amount(Unit::Seconds, 0.0, 1.0),
            "no limit",
            "How much onsets may move; none may be missing or new.",
        )
        .also(&["timing"]),
        PropertySpec::new(
            "length",
            Takes::Amount(Unit::Seconds, 0.0, 14_400.0),
            "no limit",
            "How much longer or shorter it may be.",
        )
        .also(&["duration"]),
    ],
    also: &["tolerance", "golden", "expect"],
    ..FORM
};

#[cfg(test)]
mod tests {
    use super::FORMS;

    #[test]
    fn names_are_unique() {
        for (i, form) in FORMS.iter().enumerate() {
            assert!(FORMS[..i].iter().all(|other| other.name != form.name), "{}", form.name);
            for (j, prop) in form.props.iter().enumerate() {
                assert!(form.props[..j].iter().all(|other| other.name != prop.name), "{}", prop.name);
                assert!(!prop.about.is_empty() && !prop.default.is_empty());
            }
        }
    }
}

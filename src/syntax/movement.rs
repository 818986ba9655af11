//! The words for what changes in a song as it goes on: sections and their order, automation, locks.

use crate::syntax::vocabulary::{
    BPM, Count, FORM, NodeForm, NodeScope, PropertySpec, SHUFFLE, SIGNATURE, TEMPO, Takes, arg,
};
use crate::units::unit::Unit;

pub(super) const SECTION: NodeForm = NodeForm {
    name: "section",
    about: "A part of the song with its own tracks and automation.",
    args: &[arg("id", Count::One, "Its name.")],
    props: &[
        PropertySpec::new("bars", Takes::Whole(1, 100_000), "its longest track", "Length in bars.")
            .also(&["length", "duration"]),
        PropertySpec::new("tempo", TEMPO, "the song's", "BPM: quarter notes per minute.").also(BPM),
        PropertySpec::new(
            "meter",
            Takes::Meter,
            "the song's",
            "Time signature: beats per bar, and the note of a beat.",
        )
        .also(SIGNATURE),
        PropertySpec::new("swing", Takes::Percent(50.0, 75.0), "the song's", "As in `song`.").also(SHUFFLE),
        PropertySpec::new("key", Takes::Key, "the song's", "Tonic and scale in which degrees count.")
            .also(&["scale"]),
    ],
    block: true,
    also: &["verse", "chorus", "scene"],
    ..FORM
};

pub(super) const ARRANGE: NodeForm = NodeForm {
    name: "arrange",
    about: "The order in which sections are played; `verse*2` is `verse verse`.",
    args: &[arg("sections", Count::Many, "In order, each with its repeats.")],
    also: &["arrangement", "order"],
    ..FORM
};

pub(super) const AUTOMATE: NodeForm = NodeForm {
    name: "automate",
    about: "Moves a control, or the `tempo`, over some bars.",
    scopes: &[NodeScope::Section, NodeScope::Song],
    args: &[arg("path", Count::One, "The control.")],
    props: &[
        PropertySpec::new("from", Takes::Value, "what is declared", "Start value.").also(&["start"]),
        PropertySpec::new("to", Takes::Value, "none", "End value.").also(&["end", "target"]),
        PropertySpec::new("bars", Takes::Bars, "all", "The bars, counted from 1, both included.")
            .also(&["bar", "at", "over"]),
        PropertySpec::new(
            "curve",
            Takes::Choice(&["lin", "exp", "smooth", "step"]),
            "lin",
            "The curve from start to end.",
        )
        .also(&["interpolation", "ease"]),
        PropertySpec::new(
            "shape",
            Takes::Choice(&["sine", "triangle", "saw", "square", "random"]),
            "none",
            "A wave between both values.",
        )
        .also(&["wave", "lfo"]),
        PropertySpec::new(
            "cycles",
            Takes::Amount(Unit::Number, 0.01, 10_000.0),
            "1",
            "Number of cycles of the shape.",
        )
        .also(&["rate", "times"]),
    ],
    also: &["automation", "ramp"],
    ..FORM
};

pub(super) const LOCK: NodeForm = NodeForm {
    name: "lock",
    about: "Values of a control of the played instrument, step by step.",
    scopes: &[NodeScope::Track],
    args: &[
        arg("path", Count::One, "The control, by its name inside the instrument."),
        arg("lane", Count::One, "A value for each step; `.` leaves the step as it is."),
    ],
    also: &["plock"],
    ..FORM
};

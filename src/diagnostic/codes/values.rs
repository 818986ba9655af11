//! What can be wrong with a value.

use crate::diagnostic::code::{Bad, Severity, codes};

codes! {
    BAD_VALUE {
        id: "bad-value",
        severity: Severity::Error,
        about: "The value is not of the kind that belongs here: a text where a number is wanted, a word that is none of \
                the known ones, a quantity that can't be read.",
        bad: Bad::Song("song bars=1 tempo=fast\n"),
        good: "song bars=1 tempo=140\n",
    }
    WRONG_UNIT {
        id: "wrong-unit",
        severity: Severity::Error,
        about: "The value measures something else than what it is given to, such as an interval where a time is wanted.",
        bad: Bad::Song("song bars=1 tail=\"7st\"\n"),
        good: "song bars=1 tail=\"7s\"\n",
    }
    OUT_OF_RANGE {
        id: "out-of-range",
        severity: Severity::Error,
        about: "The value is below the least or above the greatest that can be set. Nothing is clamped in silence.",
        bad: Bad::Song("song bars=1 tempo=2000\n"),
        good: "song bars=1 tempo=200\n",
    }
    BARE_GAIN {
        id: "bare-gain",
        severity: Severity::Warning,
        about: "A gain without a unit is a factor: `gain=-6` inverts polarity and amplifies six times. Decibels are written \
                `\"-6dB\"`; `gain=-1` inverts polarity and changes nothing else.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tone -> out gain=-6\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out gain=\"-6dB\"\n",
    }
    NOT_A_NUMBER {
        id: "not-a-number",
        severity: Severity::Error,
        about: "`nan`, `inf`, `-inf` and `null` are never values, with or without `#`, and neither are numbers too large to count.",
        bad: Bad::Song("song bars=1 tempo=#inf\n"),
        good: "song bars=1 tempo=120\n",
    }
    UNKNOWN_PROPERTY {
        id: "unknown-property",
        severity: Severity::Error,
        about: "There is no such property here. Nothing in a song is ever ignored, so a slip of the pen is always found.",
        bad: Bad::Song("song bars=1 bpm=140\n"),
        good: "song bars=1 tempo=140\n",
    }
    REPEATED_PROPERTY {
        id: "repeated-property",
        severity: Severity::Error,
        about: "A property is given twice on the same line. Only one can be meant.",
        bad: Bad::Song("song bars=1 bars=2\n"),
        good: "song bars=2\n",
    }
    MISSING_ARGUMENT {
        id: "missing-argument",
        severity: Severity::Error,
        about: "Something that must be said isn't: usually the name behind a kind.",
        bad: Bad::Song("song bars=1\nsine freq=440\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    EXTRA_ARGUMENT {
        id: "extra-argument",
        severity: Severity::Error,
        about: "There is an argument too many. A name of two words needs quotes; a setting needs `name=value`.",
        bad: Bad::Song("song Night Song bars=1\n"),
        good: "song \"Night Song\" bars=1\n",
    }
    UNEXPECTED_BLOCK {
        id: "unexpected-block",
        severity: Severity::Error,
        about: "Braces stand behind a node that has nothing inside.",
        bad: Bad::Song("song bars=1 {\n    tempo 120\n}\n"),
        good: "song bars=1 tempo=120\n",
    }
}

//! What can be wrong with automation and locks.

use crate::diagnostic::code::{Bad, Severity, codes};

/// A song with a tone whose loudness can be moved, and these lines.
macro_rules! song {
    ($lines:literal) => {
        concat!("song bars=4\nsine tone freq=220\nknob volume 0.5\nroute tone -> out vca=volume\n", $lines)
    };
}

/// A song with one instrument and this track.
macro_rules! track {
    ($track:literal) => {
        concat!(
            "instrument tone {\n    saw osc\n    lowpass filter\n    route osc -> filter -> out\n}\n",
            $track
        )
    };
}

codes! {
    NOT_A_CONTROL {
        id: "not-a-control",
        severity: Severity::Error,
        about: "What has a value can be automated and locked: parameters of modules, knobs, the gain, pan and glide of \
                instruments, the gain, pan and depth of named routes. Signals have none, and a frequency that follows the \
                note has as many as there are notes.",
        choice: "which control is meant, only the author knows",
        bad: Bad::Song(song!("automate out from=0 to=1\n")),
        good: song!("automate volume from=0 to=1\n"),
    }
    NO_END {
        id: "no-end",
        severity: Severity::Error,
        about: "Automation goes from somewhere to somewhere: `to` says where it ends. `from` may be left out: then it \
                begins at the declared value.",
        bad: Bad::Song(song!("automate volume from=0\n")),
        good: song!("automate volume from=0 to=1\n"),
    }
    BAD_SPAN {
        id: "bad-span",
        severity: Severity::Error,
        about: "`bars` says over which bars of the section automation goes, counted from 1, the last included: `bars=3` or \
                `bars=\"1..4\"`.",
        bad: Bad::Song(song!("automate volume to=1 bars=\"3..9\"\n")),
        good: song!("automate volume to=1 bars=\"3..4\"\n"),
    }
    OVERLAP {
        id: "overlap",
        severity: Severity::Error,
        about: "Two lines of automation move the same thing in the same bar.",
        choice: "which of the two is meant in which bars, only the author knows",
        bad: Bad::Song(song!("automate volume to=1 bars=\"1..2\"\nautomate volume to=0 bars=\"2..4\"\n")),
        good: song!("automate volume to=1 bars=\"1..2\"\nautomate volume to=0 bars=\"3..4\"\n"),
    }
    EXP_THROUGH_ZERO {
        id: "exp-through-zero",
        severity: Severity::Error,
        about: "An exponential curve goes by equal ratios, so it can neither begin at 0, nor end there, nor cross it.",
        bad: Bad::Song(song!("automate volume from=0 to=1 curve=exp\n")),
        good: song!("automate volume from=0.01 to=1 curve=exp\n"),
    }
    USELESS_CURVE {
        id: "useless-curve",
        severity: Severity::Error,
        about: "`cycles` counts those of a `shape`. A shape goes between its ends by `lin` or by `exp`. The tempo goes from \
                one end to the other by `lin`, `exp` or `step`, and has no shapes.",
        bad: Bad::Song(song!("automate volume from=0 to=1 cycles=4\n")),
        good: song!("automate volume from=0 to=1 shape=sine cycles=4\n"),
    }
    FOREIGN_LOCK {
        id: "foreign-lock",
        severity: Severity::Error,
        about: "A lock sets what belongs to the voices of the instrument that its track plays, under the names that it has \
                inside: `lock filter.cutoff \"200 . 900 .\"`.",
        bad: Bad::Song(track!("track tone X... {\n    lock tone.filter.cutoff \"200 900\"\n}\n")),
        good: track!("track tone X... {\n    lock filter.cutoff \"200 900\"\n}\n"),
    }
    DOUBLE_LOCK {
        id: "double-lock",
        severity: Severity::Error,
        about: "A track has one lock for each control; `<…>` and `{n …}` make its lane as long as you like.",
        bad: Bad::Song(track!(
            "track tone X... {\n    lock filter.cutoff 200\n    lock filter.cutoff \". 900\"\n}\n"
        )),
        good: track!("track tone X... {\n    lock filter.cutoff \"200 900\"\n}\n"),
    }
    IDLE_LOCK {
        id: "idle-lock",
        severity: Severity::Warning,
        about: "None of the lock's values ever meets a note: they fall on steps before the first one, or there are none.",
        bad: Bad::Song(track!("track tone X... {\n    lock filter.cutoff \". .\"\n}\n")),
        good: track!("track tone X... {\n    lock filter.cutoff \". 900\"\n}\n"),
    }
}

//! What can be wrong with names.

use crate::diagnostic::code::{Bad, Severity, codes};

codes! {
    UNKNOWN_KIND {
        id: "unknown-kind",
        severity: Severity::Error,
        about: "A line begins with a word that is neither a kind of module nor one of the language's own words.",
        bad: Bad::Song("song bars=1\nsin tone freq=440\nroute tone -> out\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    MISPLACED {
        id: "misplaced",
        severity: Severity::Error,
        about: "The word is known, but it has no meaning at this place: tracks and instruments stand at the top level of \
                a song, for example, not inside an instrument.",
        choice: "where the line is to go, only its author knows",
        bad: Bad::Song(
            "instrument tone {\n    sine osc\n    route osc -> out\n    track tone X...\n}\ntrack tone x...\n",
        ),
        good: "instrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone X...\n",
    }
    BAD_ID {
        id: "bad-id",
        severity: Severity::Error,
        about: "Names are made of small letters, digits, `_` and `-`, and begin with a letter: they are words of \
                addresses too.",
        bad: Bad::Song("song bars=1\nsine Tone freq=440\nroute Tone -> out\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    RESERVED_ID {
        id: "reserved-id",
        severity: Severity::Error,
        about: "Some names are taken: `out` and `auto` everywhere, `tempo` for a knob of the top level, and inside an \
                instrument what every voice has: `note`, `gate`, `velocity`, `random`, `gain`, `pan`, `glide`.",
        bad: Bad::Song("song bars=1\nsine auto freq=440\nroute auto -> out\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    DUPLICATE_ID {
        id: "duplicate-id",
        severity: Severity::Error,
        about: "Two things in the same place have the same name. Modules, instruments, knobs and named routes share their \
                names; patterns, sections and tracks have their own.",
        bad: Bad::Song("song bars=1\nsine a freq=440\nsine a freq=220\nroute a -> out\n"),
        good: "song bars=1\nsine a freq=440\nsine b freq=220\nroute a b -> out\n",
    }
    UNKNOWN_ID {
        id: "unknown-id",
        severity: Severity::Error,
        about: "Nothing has this name here. Inside an instrument only its own modules are seen.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tome -> out\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    UNKNOWN_PORT {
        id: "unknown-port",
        severity: Severity::Error,
        about: "The module has no such input, output or parameter.",
        bad: Bad::Song("song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a.pitch by=10\nroute a -> out\n"),
        good: "song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a.freq by=10\nroute a -> out\n",
    }
    BAD_ALIAS {
        id: "bad-alias",
        severity: Severity::Error,
        about: "`alias` gives a control a second name: `alias new.path existing.path`. The new path must be free, the \
                existing one must be something that can be moved.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tone -> out\nalias tone.freq tone.tune\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\nalias tone.fine tone.tune\n",
    }
}

//! What can be wrong with the song as a whole, its limits above all.

use crate::diagnostic::code::{Bad, Severity, codes};

codes! {
    NO_LENGTH {
        id: "no-length",
        severity: Severity::Error,
        about: "A song is as long as its longest track, or as `song bars=` says. Without either it has no length.",
        bad: Bad::Song("song \"Hum\"\nsine hum freq=110\nroute hum -> out\n"),
        good: "song \"Hum\" bars=4\nsine hum freq=110\nroute hum -> out\n",
    }
    ENDLESS_SONG {
        id: "endless-song",
        severity: Severity::Error,
        about: "`song endless=#true` is a song that only plays what comes while it is played: a rig for OSC, a keyboard, a program. It has \
                no tracks, no automation, no sections and no `bars`, and `play` never ends it. It has no length, so `render` and `test` are \
                told one: `--for 30s`. A song that plays something by itself is as long as that, and takes no `--for`.",
        bad: Bad::Song("song \"Box\" endless=#true\ninstrument a {\n    saw o\n    adsr e\n    route o -> out gain=0.2 vca=e\n}\ntrack a X...\n"),
        good: "song \"Box\" endless=#true\ninstrument a {\n    saw o\n    adsr e\n    route o -> out gain=0.2 vca=e\n}\n",
    }
    SECOND_SONG {
        id: "second-song",
        severity: Severity::Error,
        about: "A file is one song: `song` stands in it once, and so does `render`.",
        bad: Bad::Song("song bars=1\nsong tempo=90\n"),
        good: "song bars=1 tempo=90\n",
    }
    BAD_KEY {
        id: "bad-key",
        severity: Severity::Error,
        about: "A key is a tonic and a scale: `key=\"a minor\"`, `key=\"f# dorian\"`.",
        bad: Bad::Song("song bars=1 key=\"a moll\"\n"),
        good: "song bars=1 key=\"a minor\"\n",
    }
    TOO_MANY_MODULES {
        id: "too-many-modules",
        severity: Severity::Error,
        about: "A song can have 65,536 modules, counting each voice's own.",
        choice: "what can be spared, only the author knows",
        bad: Bad::Made(|| {
            use std::fmt::Write;
            let mut song = String::from("instrument big voices=64 {\n");
            for i in 0..1025 {
                let _ = writeln!(song, "    sine s{i}\n    route s{i} -> out");
            }
            song + "}\ntrack big X...\n"
        }),
        good: "instrument big voices=64 {\n    sine s\n    route s -> out\n}\ntrack big X...\n",
    }
    TOO_MUCH_MEMORY {
        id: "too-much-memory",
        severity: Severity::Error,
        about: "A song can take 1 GiB of memory: for the sound in delays and reverbs, sound files as samplers cut them, and a \
                block of each port, knob and cable. That is counted at 48 kHz, for every voice, and with the highest value to which \
                the song sets or moves a parameter: 64 voices with a delay of 30 seconds each take half of it. A render at a \
                higher rate takes as much more, and is refused where that is more than 4 GiB.",
        bad: Bad::Song(
            "song bars=1\ninstrument pad voices=64 {\n    saw osc\n    delay a time=20\n    delay b time=25\n    delay c time=30\n    \
             route osc -> a -> b -> c -> out\n}\ntrack pad X...\n",
        ),
        good: "song bars=1\ninstrument pad voices=8 {\n    saw osc\n    delay a time=20\n    delay b time=25\n    delay c time=30\n    \
             route osc -> a -> b -> c -> out\n}\ntrack pad X...\n",
    }
    TOO_LONG {
        id: "too-long",
        severity: Severity::Error,
        about: "A song can last four hours.",
        bad: Bad::Song("song bars=10000 tempo=120\n"),
        good: "song bars=1000 tempo=120\n",
    }
    TOO_MANY_EVENTS {
        id: "too-many-events",
        severity: Severity::Error,
        about: "A song can have 1,000,000 notes.",
        choice: "what can be spared, only the author knows",
        bad: Bad::Song(
            "song bars=2000\ninstrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone \"x*64\"\n",
        ),
        good: "song bars=200\ninstrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone \"x*4\"\n",
    }
    TOO_MANY_WARNINGS {
        id: "too-many-warnings",
        severity: Severity::Warning,
        about: "Of one song the first 500 warnings are said. The song plays.",
        bad: Bad::Elsewhere("a song with more than 500 warnings"),
        good: "song bars=1\n",
    }
    TOO_MANY_ERRORS {
        id: "too-many-errors",
        severity: Severity::Error,
        about: "Of one song the first 500 diagnostics are said. Mend them, and the rest will show or be gone.",
        bad: Bad::Elsewhere("a song with more than 500 errors"),
        good: "song bars=1\n",
    }
}

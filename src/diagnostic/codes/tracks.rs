//! What can be wrong with tracks: steps, pitches and lanes.

use crate::diagnostic::code::{Bad, Severity, codes};

/// A song with one instrument and these tracks.
macro_rules! song {
    ($tracks:literal) => {
        concat!("instrument tone {\n    sine osc\n    route osc -> out\n}\n", $tracks)
    };
}

codes! {
    BAD_STEP {
        id: "bad-step",
        severity: Severity::Error,
        about: "Something in the steps isn't a step. `X` accent, `x` hit, `g` ghost, `.` rest, `_` hold; `[xx]` in one step, \
                `x*3` ratchet, `x?40` chance, `x:2/4` condition, `<X .>` by turns, `x(5,16)` euclidean, `{4 x.}` repeat, \
                `x~x` slur, `|` bar check.",
        bad: Bad::Song(song!("track tone \"X..o\"\n")),
        good: song!("track tone \"X..x\"\n"),
    }
    NO_STEPS {
        id: "no-steps",
        severity: Severity::Error,
        about: "A track or pattern needs steps: an argument, `melody=` or `pattern=`.",
        bad: Bad::Song(song!("track tone notes=\"a4 c5\"\n")),
        good: song!("track tone X... notes=\"a4 c5\"\n"),
    }
    TWO_LANES {
        id: "two-lanes",
        severity: Severity::Error,
        about: "A track has one lane of steps: arguments, or `melody=`, or `pattern=`. A melody has its pitches itself; steps \
                take theirs from `notes=`.",
        bad: Bad::Song(song!("track tone X... melody=\"a4\"\n")),
        good: song!("track tone X... notes=\"a4\"\n"),
    }
    BAR_NOT_FULL {
        id: "bar-not-full",
        severity: Severity::Error,
        about: "Where steps are written bar by bar, as several arguments or with `|`, each bar must be full. One argument \
                without `|` may have any length.",
        bad: Bad::Song(song!("track tone \"X... X... X... X...\" \"X... X... X... X..\"\n")),
        good: song!("track tone \"X... X... X... X...\" \"X... X... X... X..x\"\n"),
    }
    GRID_MISMATCH {
        id: "grid-mismatch",
        severity: Severity::Error,
        about: "No whole number of steps fills a bar of this meter on this grid, so bars can't be written one by one.",
        bad: Bad::Song("song meter=\"7/8\"\ninstrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone X.x. x.x. \
                        grid=\"1/4\"\n"),
        good: "song meter=\"7/8\"\ninstrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone X.x.x.. x.x.x.. \
               grid=\"1/8\"\n",
    }
    BAD_PITCH {
        id: "bad-pitch",
        severity: Severity::Error,
        about: "A pitch is a note name with its octave (`c#4`, `db3`), a degree of the key (`1` to `7`, with `'` up and `,` \
                down an octave), a chord of them (`a3/c4/e4`) or a named chord (`a3:min7`).",
        bad: Bad::Song(song!("track tone X... notes=\"a4 h4\"\n")),
        good: song!("track tone X... notes=\"a4 b4\"\n"),
    }
    NO_KEY {
        id: "no-key",
        severity: Severity::Error,
        about: "A degree such as `5` counts from the tonic of the key, and the song has no key.",
        bad: Bad::Song(song!("track tone X... notes=\"1 5\"\n")),
        good: "song key=\"a minor\"\ninstrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone X... \
               notes=\"1 5\"\n",
    }
    CHORD_TOO_WIDE {
        id: "chord-too-wide",
        severity: Severity::Error,
        about: "A chord needs a voice for each of its notes.",
        bad: Bad::Song(song!("track tone X... notes=\"a3/c4/e4\"\n")),
        good: "instrument tone voices=3 {\n    sine osc\n    route osc -> out\n}\ntrack tone X... notes=\"a3/c4/e4\"\n",
    }
    BAD_LANE {
        id: "bad-lane",
        severity: Severity::Error,
        about: "Something in a lane of values isn't a value: `vel` takes the digits 0 to 9, `nudge` percent of a step, both \
                with spaces between.",
        bad: Bad::Song(song!("track tone X... vel=\"9 4 loud\"\n")),
        good: song!("track tone X... vel=\"9 4 7\"\n"),
    }
    NO_HITS {
        id: "no-hits",
        severity: Severity::Error,
        about: "Notes and velocities are taken in turn by the hits, and there are none.",
        bad: Bad::Song(song!("track tone .... notes=\"a4\"\n")),
        good: song!("track tone x... notes=\"a4\"\n"),
    }
    NEVER_MET {
        id: "never-met",
        severity: Severity::Warning,
        about: "The condition can never be met: `x:2/4` plays on the 2nd of every 4 passes, and there is no 5th of 4. Nor is \
                it met where the song has fewer passes, or where `<…>` chooses something else in that pass.",
        bad: Bad::Song(song!("track tone \"X..x:5/4\"\n")),
        good: song!("track tone \"X..x:4/4\"\n"),
    }
    SILENT_TRACK {
        id: "silent-track",
        severity: Severity::Warning,
        about: "The track never plays a note. To silence a track on purpose, write `mute=#true`.",
        bad: Bad::Song(song!("track tone X... chance=0\n")),
        good: song!("track tone X... mute=#true\n"),
    }
    UNPLAYED {
        id: "unplayed",
        severity: Severity::Warning,
        about: "No track plays this instrument, and no other starts from it.",
        bad: Bad::Song("song bars=1\ninstrument tone {\n    sine osc\n    route osc -> out\n}\n"),
        good: song!("track tone X...\n"),
    }
    UNPLAYED_PATTERN {
        id: "unplayed-pattern",
        severity: Severity::Warning,
        about: "No track plays this pattern.",
        choice: "which track is to play it, or whether it goes, only the author knows",
        bad: Bad::Song(song!("pattern fill xxxx\ntrack tone X...\n")),
        good: song!("pattern fill xxxx\ntrack tone pattern=fill\n"),
    }
    TOO_MANY_STEPS {
        id: "too-many-steps",
        severity: Severity::Error,
        about: "A lane can have 65,536 steps after its repetitions are written out.",
        choice: "what can be spared, only the author knows",
        bad: Bad::Song(song!("track tone \"{1000 {1000 x}}\"\n")),
        good: song!("track tone \"{10 {10 x}}\"\n"),
    }
}

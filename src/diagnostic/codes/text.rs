//! What can be wrong with a text as KDL.

use crate::diagnostic::code::{Bad, Severity, codes};

codes! {
    SYNTAX {
        id: "syntax",
        severity: Severity::Error,
        about: "This place isn't KDL, the form that songs are written in: lines of `name argument property=value`, \
                with `{ }` around what belongs to a line.",
        bad: Bad::Song("song bars=1\n440 tone\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    NEEDS_QUOTES {
        id: "needs-quotes",
        severity: Severity::Error,
        about: "A number with a unit, a note length, a note with a sharp and steps with brackets stand in quotes. Plain \
                numbers, plain words and steps made of signs alone don't need any.",
        bad: Bad::Song("song bars=1 tail=2s\n"),
        good: "song bars=1 tail=\"2s\"\n",
    }
    BARE_POINT {
        id: "bare-point",
        severity: Severity::Error,
        about: "A number has a digit on each side of its point.",
        bad: Bad::Song("song bars=1 ghost=.2\n"),
        good: "song bars=1 ghost=0.2\n",
    }
    BARE_KEYWORD {
        id: "bare-keyword",
        severity: Severity::Error,
        about: "On and off are written `#true` and `#false`, so that no word can be mistaken for them.",
        bad: Bad::Song("song bars=1\nsine hum freq=110 retrigger=true\nroute hum -> out\n"),
        good: "song bars=1\nsine hum freq=110 retrigger=#true\nroute hum -> out\n",
    }
    UNCLOSED_TEXT {
        id: "unclosed-text",
        severity: Severity::Error,
        about: "A text in quotes ends with a quote on the same line.",
        bad: Bad::Song("song \"Night bars=1\n"),
        good: "song \"Night\" bars=1\n",
    }
    WRONG_QUOTES {
        id: "wrong-quotes",
        severity: Severity::Error,
        about: "Texts stand in straight double quotes. Word processors turn them into curly ones, and KDL 1 had an `r` before raw texts.",
        bad: Bad::Song("song 'Night' bars=1\n"),
        good: "song \"Night\" bars=1\n",
    }
    BAD_ESCAPE {
        id: "bad-escape",
        severity: Severity::Error,
        about: "Inside quotes a backslash begins an escape: `\\\"`, `\\\\`, `\\n`, `\\t`, `\\s`, `\\u{266d}`.",
        bad: Bad::Song("song \"AC\\DC\" bars=1\n"),
        good: "song \"AC\\\\DC\" bars=1\n",
    }
    UNCLOSED_BLOCK {
        id: "unclosed-block",
        severity: Severity::Error,
        about: "Every `{` needs its `}`. The layout decides where it seems to be missing: a line that is indented no \
                deeper than the block's own line can't be meant to be inside.",
        bad: Bad::Song("instrument tone {\n    sine osc\n    route osc -> out\ntrack tone X...\n"),
        good: "instrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone X...\n",
    }
    STRAY_BRACE {
        id: "stray-brace",
        severity: Severity::Error,
        about: "A brace that belongs to nothing: a `}` too many, or a `{` that doesn't stand on the line of its node.",
        bad: Bad::Song("instrument tone\n{\n    sine osc\n    route osc -> out\n}\ntrack tone X...\n"),
        good: "instrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone X...\n",
    }
    UNCLOSED_COMMENT {
        id: "unclosed-comment",
        severity: Severity::Error,
        about: "A comment that begins with `/*` ends with `*/`. Comments can stand inside each other.",
        bad: Bad::Song("song bars=1\n/* to do\n"),
        good: "song bars=1\n/* to do */\n",
    }
    WRONG_COMMENT {
        id: "wrong-comment",
        severity: Severity::Error,
        about: "A comment begins with `//` and goes to the end of the line.",
        bad: Bad::Song("# my song\nsong bars=1\n"),
        good: "// my song\nsong bars=1\n",
    }
    MISSING_SPACE {
        id: "missing-space",
        severity: Severity::Error,
        about: "Values are kept apart by spaces, and a new node begins on a new line or behind `;`.",
        bad: Bad::Song("song \"Night\"bars=1\n"),
        good: "song \"Night\" bars=1\n",
    }
    MISSING_VALUE {
        id: "missing-value",
        severity: Severity::Error,
        about: "Something must follow the `=` of a property.",
        bad: Bad::Song("song bars=1 seed=\n"),
        good: "song bars=1 seed=7\n",
    }
    TURNED_TEXT {
        id: "turned-text",
        severity: Severity::Warning,
        about: "A comment has a character in it that turns the direction of what is shown round, and can't be seen itself: a \
                song with such a character may say something else than it shows. In names and values it is an error.",
        bad: Bad::Song("song bars=1 // \u{202e}loud\nsine hum freq=110\nroute hum -> out\n"),
        good: "song bars=1 // loud\nsine hum freq=110\nroute hum -> out\n",
    }
    TYPE_ANNOTATION {
        id: "type-annotation",
        severity: Severity::Error,
        about: "KDL knows type annotations in round brackets. They mean nothing in a song.",
        bad: Bad::Song("song bars=(u8)1\n"),
        good: "song bars=1\n",
    }
    TOO_DEEP {
        id: "too-deep",
        severity: Severity::Error,
        about: "Blocks, groups of steps and brackets can stand 64 deep in each other.",
        choice: "what is nested too deeply can be written flat in many ways",
        bad: Bad::Made(|| {
            format!("instrument a {{ sine s; route s -> out; }}\ntrack a \"{}x{}\"\n", "[".repeat(65), "]".repeat(65))
        }),
        good: "instrument a { sine s; route s -> out; }\ntrack a \"[[[x]]]\"\n",
    }
}

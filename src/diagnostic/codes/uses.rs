//! What can be wrong with `use`, and with paths in songs.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files::FINE;

codes! {
    UNKNOWN_LIBRARY {
        id: "unknown-library",
        severity: Severity::Error,
        about: "The library that comes with chronus has no such file. `chronus library` lists what it has. A file of your \
                own begins with `./`.",
        bad: Bad::Song("use \"std/kit.kdl\" kick\ntrack kick X...\n"),
        good: "use \"std/kit\" kick\ntrack kick X...\n",
    }
    NOT_IN_FILE {
        id: "not-in-file",
        severity: Severity::Error,
        about: "The file has no instrument and no pattern of this name. Only these can be taken from a file: its modules, \
                tracks and routes stay behind.",
        bad: Bad::Song("use \"std/kit\" kik\ntrack kik X...\n"),
        good: "use \"std/kit\" boom=kick\ntrack boom X...\n",
    }
    NOTHING_TAKEN {
        id: "nothing-taken",
        severity: Severity::Error,
        about: "A `use` names what it takes: a file may grow, and what isn't named can't clash with names in the song.",
        bad: Bad::Song("song bars=1\nuse \"std/kit\"\n"),
        good: "use \"std/kit\" kick\ntrack kick X...\n",
    }
    BAD_PATH {
        id: "bad-path",
        severity: Severity::Error,
        about: "The path of a file in a song is relative to the folder of the text that it stands in, with `/` between its \
                parts: so a song and what belongs to it can be moved to another folder or machine together.",
        bad: Bad::Song("use \"/home/me/kit.kdl\" kick\ntrack kick X...\n"),
        good: FINE,
    }
    OUTSIDE_FOLDER {
        id: "outside-folder",
        severity: Severity::Error,
        about: "A song reads only what lies in its own folder or below, so that a song from elsewhere can't look at other \
                files. `chronus check` and `chronus render` allow more with `--allow-outside`.",
        bad: Bad::Song("use \"../kit.kdl\" kick\ntrack kick X...\n"),
        good: FINE,
    }
    NO_FOLDER {
        id: "no-folder",
        severity: Severity::Error,
        about: "A song that is read from standard input has no folder in which other files could be found. The library can be \
                used all the same.",
        bad: Bad::Elsewhere("a song on standard input that uses a file"),
        good: FINE,
    }
    USE_CYCLE {
        id: "use-cycle",
        severity: Severity::Error,
        about: "Files use each other in a circle, so that none of them can come first. Move what both need into a third file.",
        bad: Bad::Files(
            "use \"./kit.kdl\" kick\ntrack kick X...\n",
            &[("kit.kdl", "use \"./drums.kdl\" kick\n"), ("drums.kdl", "use \"./kit.kdl\" kick\n")],
        ),
        good: FINE,
    }
    TOO_MANY_FILES {
        id: "too-many-files",
        severity: Severity::Error,
        about: "A song can use 255 files, those that its files use counted in.",
        bad: Bad::Elsewhere("a song that uses more than 255 files"),
        good: FINE,
    }
}

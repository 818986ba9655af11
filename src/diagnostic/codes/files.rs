//! What can be wrong with a file before its first word is read.

use crate::diagnostic::code::{Bad, Severity, codes};

codes! {
    MISSING_FILE {
        id: "missing-file",
        severity: Severity::Error,
        about: "There is no file under this name. On the command line names are relative to the folder that the command runs in, \
                inside a song to the folder of the text that they stand in.",
        bad: Bad::Song("use \"./kit.kdl\" kick\ntrack kick X...\n"),
        good: FINE,
    }
    UNREADABLE_FILE {
        id: "unreadable-file",
        severity: Severity::Error,
        about: "The file is there but can't be opened or read, for example because its permissions don't allow it.",
        bad: Bad::Elsewhere("a file without read permission"),
        good: FINE,
    }
    NOT_A_FILE {
        id: "not-a-file",
        severity: Severity::Error,
        about: "The name is that of a folder, a pipe or a device. Name the song inside the folder; write what a pipe or a device \
                gives into a file. These are never waited for.",
        bad: Bad::Elsewhere("the name of a folder, a pipe or a device"),
        good: FINE,
    }
    TOO_LARGE {
        id: "too-large",
        severity: Severity::Error,
        about: "A song can have 1 MiB of text, and so can each file that it uses; all of these together can have 16 MiB.",
        choice: "a text that is too long can be divided in many ways",
        bad: Bad::Made(|| "// long\n".repeat(140_000)),
        good: FINE,
    }
    NOT_TEXT {
        id: "not-text",
        severity: Severity::Error,
        about: "The file is no UTF-8 text. It may be a sound, or a text saved by an editor in an older encoding: \
                save it as UTF-8.",
        bad: Bad::Elsewhere("a file with bytes that are no UTF-8, such as a WAV file"),
        good: FINE,
    }
    EMPTY_SONG {
        id: "empty-song",
        severity: Severity::Error,
        about: "There is nothing in the song but blanks and comments.",
        choice: "only its author knows the song",
        bad: Bad::Song("// still to be written\n"),
        good: FINE,
    }
}

/// A song without a fault, for codes that no song's text gives.
pub(super) const FINE: &str = r#"song "Hum" bars=1
sine hum freq="110Hz"
route hum -> out gain="-12dB"
"#;

//! What can be wrong with tunings.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files;

codes! {
    BAD_TUNING {
        id: "bad-tuning",
        severity: Severity::Error,
        about: "A tuning is a number of equal steps to the octave, `tuning=\"edo:19\"`, or the name of a Scala file beside \
                the song, `tuning=\"meantone.scl\"`.",
        bad: Bad::Song("song bars=1 tuning=\"19 edo\"\n"),
        good: "song bars=1 tuning=\"edo:19\"\n",
    }
    BAD_SCALE {
        id: "bad-scale",
        severity: Severity::Error,
        about: "The Scala file can't be read. Its first line that isn't a comment is a description, the second the number of \
                notes, and then each note has a line: cents with a point, `701.955`, or a ratio, `3/2`. Lines that begin with \
                `!` are comments.",
        bad: Bad::Elsewhere("a song with tuning=\"short.scl\", where the file has fewer notes than it says"),
        good: files::FINE,
    }
    UNORDERED_SCALE {
        id: "unordered-scale",
        severity: Severity::Warning,
        about: "The notes of a scale usually rise. Where one is no higher than the one before, degrees go down on the way up.",
        bad: Bad::Elsewhere("a song with tuning=\"zigzag.scl\", where the file has 5/4 behind 3/2"),
        good: files::FINE,
    }
    NO_NOTE_NAMES {
        id: "no-note-names",
        severity: Severity::Error,
        about: "Names such as `c#4` and chords such as `:min7` need a tuning of twelve notes or of equal steps. In any other \
                tuning degrees count its notes.",
        bad: Bad::Elsewhere("a song with tuning=\"just.scl\", where the file has seven notes, and notes=\"a4\""),
        good: files::FINE,
    }
}

//! What can go wrong while a song is played.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files;

codes! {
    PORT_TAKEN {
        id: "port-taken",
        severity: Severity::Error,
        about: "OSC can't be heard there: another program listens on that port already, often another `chronus play`, or the address \
                belongs to no interface of this machine. `--osc 127.0.0.1:5006` takes another port, `--no-osc` none.",
        bad: Bad::Elsewhere("chronus play twice at a time"),
        good: files::FINE,
    }
    PAGE_NOT_SERVED {
        id: "page-not-served",
        severity: Severity::Error,
        about: "The page can't be served there: another program listens on that port already, often another `chronus play`, or the \
                address belongs to no interface of this machine. `--web 127.0.0.1:8081` takes another port, `--web 127.0.0.1:0` any that is \
                free.",
        bad: Bad::Elsewhere("chronus play --web twice at a time"),
        good: files::FINE,
    }
    NO_SUCH_PLACE {
        id: "no-such-part-to-play",
        severity: Severity::Error,
        about: "`--from` takes a bar of the song, counted from 1, or the name of one of its sections; `--mute` and `--solo` take the names of \
                tracks.",
        bad: Bad::Elsewhere("chronus play song.kdl --from 99, of a song of four bars"),
        good: files::FINE,
    }
    BAD_TAKE {
        id: "bad-take",
        severity: Severity::Error,
        about: "The file isn't a take as `chronus play --take` writes it, or somebody has edited it so that it isn't one any more: a line \
                `take`, lines `at FRAME ADDRESS …` and `song FRAME …`, a line `end`.",
        bad: Bad::Elsewhere("chronus render song.kdl --take song.kdl -o x.wav"),
        good: files::FINE,
    }
    TAKE_FOR_SONG {
        id: "take-for-song",
        severity: Severity::Error,
        about: "The file is a take: what was done while a song was played, as `chronus play --take` writes it, with the text of that song in \
                it. It is rendered together with its song: `chronus render SONG --take FILE -o out.wav`.",
        bad: Bad::Elsewhere("chronus check night.take.kdl"),
        good: files::FINE,
    }
    TAKE_FILE_CHANGED {
        id: "take-file-changed",
        severity: Severity::Warning,
        about: "A song of the take uses a file that isn't any more what it was when the take was played, so what is rendered is not what was \
                heard. A take names what was in each file that its songs use, a sample or another text, and keeps beside it, in the folder \
                `TAKE.files`, what changed while it was played; what changed after that has to be brought back, from git for example.",
        bad: Bad::Elsewhere("chronus render song.kdl --take night.take.kdl -o x.wav, after kick.wav was replaced"),
        good: files::FINE,
    }
}

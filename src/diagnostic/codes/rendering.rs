//! What can go wrong while a song becomes a file.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files;

codes! {
    CANNOT_WRITE {
        id: "cannot-write",
        severity: Severity::Error,
        about: "The output file could not be written: its folder is missing, it may not be written to, or the disk is \
                full. What was there before is untouched, and nothing half-written is left.",
        bad: Bad::Elsewhere("chronus render song.kdl -o missing-folder/song.wav"),
        good: files::FINE,
    }
    OUTPUT_IS_SONG {
        id: "output-is-song",
        severity: Severity::Error,
        about: "The output file is the song itself, which would be overwritten.",
        bad: Bad::Elsewhere("chronus render song.kdl -o song.kdl"),
        good: files::FINE,
    }
    TOO_LONG_FOR_WAV {
        id: "too-long-for-wav",
        severity: Severity::Error,
        about: "A WAV file holds 4 GiB of samples at most, and the song with its longest tail may need more.",
        bad: Bad::Elsewhere("chronus render four-hours.kdl -o song.wav --bits 32f"),
        good: files::FINE,
    }
    INTERRUPTED {
        id: "interrupted",
        severity: Severity::Error,
        about: "The render was stopped from outside, by Ctrl-C for example. Nothing half-written is left, and a file that \
                was there before is untouched.",
        bad: Bad::Elsewhere("chronus render song.kdl -o song.wav, and Ctrl-C"),
        good: files::FINE,
    }
    NOT_COMPILED {
        id: "not-compiled",
        severity: Severity::Error,
        about: "The song passed every check but could not be compiled. This is a fault of chronus: please report it with \
                the song.",
        bad: Bad::Elsewhere("no song that is known"),
        good: files::FINE,
    }
    OVER_FULL_SCALE {
        id: "over-full-scale",
        severity: Severity::Warning,
        about: "The song is louder than the file can hold, so the loudest samples were held at full scale, which distorts. \
                Turn it down, put a limiter before `out`, or render with `--bits 32f`, which has no upper limit.",
        bad: Bad::Elsewhere("chronus render loud.kdl -o song.wav"),
        good: files::FINE,
    }
    MODULE_BROKE_DOWN {
        id: "module-broke-down",
        severity: Severity::Warning,
        about: "The numbers inside a module became infinite or undefined. It was reset and was silent for a moment. This is a \
                fault of the module: please report it with the song.",
        bad: Bad::Elsewhere("no song that is known"),
        good: files::FINE,
    }
}

//! What can go wrong while a song becomes a file.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files;

codes! {
    CANNOT_WRITE {
        id: "cannot-write",
        severity: Severity::Error,
        about: "The output file could not be written: its folder is missing, it may not be written to, it is read-only, or the \
                disk is full. What was there before is untouched, and nothing half-written is left.",
        bad: Bad::Elsewhere("chronus render song.kdl -o missing-folder/song.wav"),
        good: files::FINE,
    }
    OUTPUT_IS_INPUT {
        id: "output-is-input",
        severity: Severity::Error,
        about: "The command would write over a file that it reads: the song, or a sample, an instrument file or a tuning that the \
                song uses. That holds for what it prints too, where a shell leads standard output or standard error into such a file. \
                Links and other spellings of a path lead to the same file. `--force` doesn't change that.",
        bad: Bad::Elsewhere("chronus render song.kdl --stems ., and the song uses kick.wav"),
        good: files::FINE,
    }
    NOT_REPLACED {
        id: "not-replaced",
        severity: Severity::Error,
        about: "There is a file under the name of the output, and it may be one that nobody could make again: it isn't of the kind \
                that would be written, or it has several names (hard links). `--force` replaces it. Of several names, only \
                this one gets the new content. Takes and recordings never replace a file.",
        bad: Bad::Elsewhere("chronus render song.kdl -o photo, and photo is no WAV file"),
        good: files::FINE,
    }
    OTHER_FORMAT {
        id: "other-format",
        severity: Severity::Error,
        about: "The end of the output's name means another format than the one that is written, so other programs would take the \
                file for what it isn't. Songs are rendered as WAV; programs such as ffmpeg make other formats of that.",
        bad: Bad::Elsewhere("chronus render song.kdl -o song.mp3"),
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
    NO_SUCH_PART {
        id: "no-such-part",
        severity: Severity::Error,
        about: "`--solo` and `--mute` take the ids of instruments and of modules at the top level, with commas between them.",
        bad: Bad::Elsewhere("chronus render song.kdl -o song.wav --mute kcik"),
        good: files::FINE,
    }
    NO_SUCH_PLACE {
        id: "no-such-place",
        severity: Severity::Error,
        about: "`--from` and `--to` take a bar, counted from 1, or the id of a section. The song doesn't have it there.",
        bad: Bad::Elsewhere("chronus render song.kdl -o song.wav --from 9999"),
        good: files::FINE,
    }
    NO_STEMS {
        id: "no-stems",
        severity: Severity::Error,
        about: "Stems are what meets where the song is mixed: at the last port before `out` that several routes come to. \
                Nothing comes to `out` in this song, or all that does is muted.",
        bad: Bad::Elsewhere("chronus render song.kdl --stems stems --mute everything"),
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
    CACHE_UNUSABLE {
        id: "cache-unusable",
        severity: Severity::Warning,
        about: "`--cache` keeps the sound of voices in `$CHRONUS_CACHE`, or where the system keeps the caches of programs, up to \
                `$CHRONUS_CACHE_SIZE` bytes. There is no such folder, it can't be written to, or the size is none. The song was \
                rendered without a cache: the samples are the same.",
        bad: Bad::Elsewhere("CHRONUS_CACHE_SIZE=plenty chronus render song.kdl -o song.wav --cache"),
        good: files::FINE,
    }
    MODULE_BROKE_DOWN {
        id: "module-broke-down",
        severity: Severity::Warning,
        about: "What a module put out went past +60 dBFS, a thousand times full scale, or wasn't a number any more. It was reset and \
                was silent for the block (64 frames); that happens again for as long as it blows up, and is reported once. In a chain \
                of gains without a loop the first module past that level is named, and the song's output `out` was silenced. The cause is nearly always a loop that adds more \
                than it takes away: turn down the gain of a route in it, or of the chain.",
        bad: Bad::Elsewhere("chronus render song.kdl, whose `sum` hears itself at gain=16"),
        good: files::FINE,
    }
    STUCK_AT_FULL_SCALE {
        id: "stuck-at-full-scale",
        severity: Severity::Warning,
        about: "The song put out the same level, at full scale, for a quarter of a second: nothing that can be heard, but it heats \
                speakers. It was silenced until it moved again. The cause is a loop that holds a level, or lets one grow: turn down \
                the gain of a route in it, or put a `dcblock` before `out`.",
        bad: Bad::Elsewhere("chronus render song.kdl, whose `distortion` hears itself at gain=4"),
        good: files::FINE,
    }
}

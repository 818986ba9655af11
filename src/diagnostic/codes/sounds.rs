//! What can be wrong with sound files.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files;

codes! {
    NOT_A_SOUND {
        id: "not-a-sound",
        severity: Severity::Error,
        about: "The file is none that a `sampler` can play. It plays WAV (whole numbers of 8 to 32 bits, floats of 32 and 64), \
                FLAC and MP3, whatever the name ends in.",
        choice: "the mistake is in a file that isn't text",
        bad: Bad::Files(
            "song bars=1\ninstrument hit {\n    sampler hit file=\"./hit.wav\"\n    route hit -> out\n}\ntrack hit \"X\"\n",
            &[("hit.wav", "no sound\n")],
        ),
        good: files::FINE,
    }
    BROKEN_SOUND {
        id: "broken-sound",
        severity: Severity::Error,
        about: "The sound file begins as one but can't be played: it is cut off, empty, or something in it makes no sense. A \
                copy that was interrupted looks like this.",
        choice: "the mistake is in a file that isn't text",
        bad: Bad::Files(
            "song bars=1\ninstrument hit {\n    sampler hit file=\"./hit.wav\"\n    route hit -> out\n}\ntrack hit \"X\"\n",
            &[("hit.wav", "RIFF\x04\0\0\0WAVE")],
        ),
        good: files::FINE,
    }
    UNUSABLE_SOUND {
        id: "unusable-sound",
        severity: Severity::Error,
        about: "A `sampler` plays sounds of one channel or two, with 1 to 768,000 frames a second.",
        bad: Bad::Elsewhere("a song with a sampler whose file has 32 channels"),
        good: files::FINE,
    }
    TOO_MUCH_SOUND {
        id: "too-much-sound",
        severity: Severity::Error,
        about: "All sound files of a song together can have 67,108,864 samples, which take 256 MiB of memory: about 11 minutes in \
                stereo at 48 kHz.",
        bad: Bad::Elsewhere("a song with a sampler whose file lasts an hour"),
        good: files::FINE,
    }
    EMPTY_LOOP {
        id: "empty-loop",
        severity: Severity::Error,
        about: "A `sampler` with `loop=#true` goes round from `loop-from` to `loop-to`, so there must be something between \
                them.",
        bad: Bad::Song(
            "song bars=1\ninstrument hit {\n    sampler hit file=\"std/break.flac\" loop=#true loop-from=0.5 loop-to=0.5\n    route hit -> out\n}\ntrack hit \"X\"\n",
        ),
        good: "song bars=1\ninstrument hit {\n    sampler hit file=\"std/break.flac\" loop=#true loop-from=0.5 loop-to=1\n    route hit -> out\n}\ntrack hit \"X\"\n",
    }
    EMPTY_PART {
        id: "empty-part",
        severity: Severity::Error,
        about: "A `sampler` plays its file from `start` to `end`, both as shares of the file, so `start` must come before \
                `end`.",
        bad: Bad::Song(
            "song bars=1\ninstrument hit {\n    sampler hit file=\"std/break.flac\" start=0.5 end=0.25\n    route hit -> out\n}\ntrack hit \"X\"\n",
        ),
        good: "song bars=1\ninstrument hit {\n    sampler hit file=\"std/break.flac\" start=0.25 end=0.5\n    route hit -> out\n}\ntrack hit \"X\"\n",
    }
    NO_LOOP {
        id: "no-loop",
        severity: Severity::Warning,
        about: "`loop-from`, `loop-to` and `blend` say how a `sampler` loops, and it loops only with `loop=#true`.",
        bad: Bad::Song(
            "song bars=1\ninstrument hit {\n    sampler hit file=\"std/break.flac\" loop-from=0.5\n    route hit -> out\n}\ntrack hit \"X\"\n",
        ),
        good: "song bars=1\ninstrument hit {\n    sampler hit file=\"std/break.flac\" loop=#true loop-from=0.5\n    route hit -> out\n}\ntrack hit \"X\"\n",
    }
}

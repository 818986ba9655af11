//! What can keep two sounds from being compared.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files;

codes! {
    NO_GOLDEN {
        id: "no-golden",
        severity: Severity::Error,
        about: "The song has no golden file beside it, so nobody knows how it is meant to sound. `chronus test --bless` writes \
                it: a small text with hashes and levels, which belongs into version control.",
        bad: Bad::Elsewhere("chronus test new-song.kdl"),
        good: files::FINE,
    }
    ORPHAN_GOLDEN {
        id: "orphan-golden",
        severity: Severity::Error,
        about: "There is a golden file without its song: the song was renamed or taken out. Rename the golden file too, or \
                take it out.",
        bad: Bad::Elsewhere("chronus test songs, with a songs/gone.golden and no songs/gone.kdl"),
        good: files::FINE,
    }
    NOT_A_GOLDEN {
        id: "not-a-golden",
        severity: Severity::Error,
        about: "The file isn't a golden file: those begin with `chronus-golden` and are written by `chronus test --bless`.",
        bad: Bad::Elsewhere("chronus diff song.golden song.kdl, where song.golden is something else"),
        good: files::FINE,
    }
    GOLDEN_VERSION {
        id: "golden-version",
        severity: Severity::Error,
        about: "The golden file is written in a version of its format that this chronus doesn't know. A newer chronus wrote \
                it: use that, or write it anew with `chronus test --bless`.",
        bad: Bad::Elsewhere("chronus test song.kdl, with a golden file that begins with `chronus-golden 99`"),
        good: files::FINE,
    }
    EDITED_GOLDEN {
        id: "edited-golden",
        severity: Severity::Error,
        about: "The golden file isn't as chronus wrote it: somebody changed it by hand, a merge left its marks in it, or a part \
                is missing. Bring it back from version control, or write it anew with `chronus test --bless`.",
        bad: Bad::Elsewhere("chronus test song.kdl, with a golden file in which a number was changed"),
        good: files::FINE,
    }
    OTHER_ENGINE {
        id: "other-engine",
        severity: Severity::Error,
        about: "The golden file was made with another revision of the engine or at another rate, so its numbers say nothing \
                about this sound.",
        bad: Bad::Elsewhere("chronus test song.kdl, whose `render rate=` was changed after it was blessed"),
        good: files::FINE,
    }
    BLEW_UP {
        id: "blew-up",
        severity: Severity::Error,
        about: "The song blows up: something in it went past +60 dBFS or was no number any more, and was reset. How that sounds is no \
                music, so no golden file is written of it. Mend the song first: turn down the loop that adds more than it takes away.",
        bad: Bad::Elsewhere("chronus test --bless song.kdl, whose `sum` hears itself at gain=16"),
        good: files::FINE,
    }
    DIFFERENT_RATES {
        id: "different-rates",
        severity: Severity::Error,
        about: "Two sounds of different frame rates share no frames, so nothing can be said of their difference. Songs can be \
                rendered at any rate with `--rate`; sound files must be converted first.",
        bad: Bad::Elsewhere("chronus diff at-44100.wav at-48000.wav"),
        good: files::FINE,
    }
    CANNOT_COMPARE {
        id: "cannot-compare",
        severity: Severity::Error,
        about: "These two have nothing in common that could be compared: a folder of stems is compared with a song, a golden \
                file or another folder of stems, by the names of the stems.",
        bad: Bad::Elsewhere("chronus diff stems/ mix.wav"),
        good: files::FINE,
    }
    NO_SONGS {
        id: "no-songs",
        severity: Severity::Error,
        about: "There is no song to test: no file that ends in `.kdl` and plays something, at the paths that were given or, \
                without any, in `songs` or here.",
        bad: Bad::Elsewhere("chronus test empty-folder"),
        good: files::FINE,
    }
    NO_REPOSITORY {
        id: "no-repository",
        severity: Severity::Error,
        about: "`REV:song.kdl` takes a song from git, but there is no repository here, no `git` program, or git can't read it.",
        bad: Bad::Elsewhere("chronus diff HEAD:song.kdl song.kdl, outside of a repository"),
        good: files::FINE,
    }
    FOREIGN_REPOSITORY {
        id: "foreign-repository",
        severity: Severity::Error,
        about: "The repository belongs to another user. git doesn't read such a repository, because its configuration could run \
                programs in your name. In containers that is usual: the checkout has another owner than the user in there.",
        bad: Bad::Elsewhere("chronus diff HEAD:song.kdl song.kdl, in the repository of another user"),
        good: files::FINE,
    }
    UNKNOWN_REVISION {
        id: "unknown-revision",
        severity: Severity::Error,
        about: "git doesn't know the revision before the colon of `REV:song.kdl`. It is anything that `git show` takes: \
                `HEAD~1`, a branch, a tag, a hash. In CI the history may be cut short: fetch all of it.",
        bad: Bad::Elsewhere("chronus diff nowhere:song.kdl song.kdl"),
        good: files::FINE,
    }
    NOT_IN_REVISION {
        id: "not-in-revision",
        severity: Severity::Error,
        about: "The revision before the colon of `REV:song.kdl` has no such file; without a revision, as in `:song.kdl`, git's index \
                has none. Paths begin at the folder that the command runs in. A file that was renamed since had another name then.",
        bad: Bad::Elsewhere("chronus diff HEAD:new-song.kdl new-song.kdl"),
        good: files::FINE,
    }
}

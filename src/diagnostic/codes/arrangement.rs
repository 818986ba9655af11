//! What can be wrong with sections, their order, and instruments that start from others.

use crate::diagnostic::code::{Bad, Severity, codes};

/// A song with one instrument and these lines.
macro_rules! song {
    ($lines:literal) => {
        concat!("instrument tone {\n    sine osc\n    route osc -> out\n}\n", $lines)
    };
}

codes! {
    OUTSIDE_SECTION {
        id: "outside-section",
        severity: Severity::Error,
        about: "In a song with sections every track and all automation stands in one of them: each section is complete in \
                itself. Only a song without sections has them at its top level.",
        choice: "in which section the line is to be, only the author knows",
        bad: Bad::Song(song!("track tone X...\nsection verse {\n    track tone x.x.\n}\narrange verse\n")),
        good: song!("section verse {\n    track tone x.x.\n}\narrange verse\n"),
    }
    NO_ARRANGEMENT {
        id: "no-arrangement",
        severity: Severity::Error,
        about: "A song with sections says with `arrange` in which order they are played.",
        bad: Bad::Song(song!("section verse {\n    track tone x.x.\n}\n")),
        good: song!("section verse {\n    track tone x.x.\n}\narrange verse\n"),
    }
    SECOND_ARRANGE {
        id: "second-arrange",
        severity: Severity::Error,
        about: "The order of the sections stands in one `arrange`; a line that gets too long goes on behind a `\\`.",
        bad: Bad::Song(song!("section verse {\n    track tone x.x.\n}\narrange verse\narrange verse\n")),
        good: song!("section verse {\n    track tone x.x.\n}\narrange verse verse\n"),
    }
    BAD_ARRANGEMENT {
        id: "bad-arrangement",
        severity: Severity::Error,
        about: "`arrange` takes the names of sections, each with how often it is played, 1 to 10,000 times: \
                `arrange intro verse*2`.",
        bad: Bad::Song(song!("section verse {\n    track tone x.x.\n}\narrange verse*none\n")),
        good: song!("section verse {\n    track tone x.x.\n}\narrange verse*2\n"),
    }
    UNARRANGED {
        id: "unarranged",
        severity: Severity::Warning,
        about: "The section isn't in the arrangement, so it is never played.",
        bad: Bad::Song(song!(
            "section verse {\n    track tone x.x.\n}\nsection end {\n    track tone X...\n}\narrange verse\n"
        )),
        good: song!(
            "section verse {\n    track tone x.x.\n}\nsection end {\n    track tone X...\n}\narrange verse end\n"
        ),
    }
    BARS_AND_SECTIONS {
        id: "bars-and-sections",
        severity: Severity::Error,
        about: "A song with sections is as long as its arrangement. Its `bars` are those of the sections.",
        bad: Bad::Song(song!("song bars=4\nsection verse {\n    track tone x.x.\n}\narrange verse\n")),
        good: song!("section verse bars=4 {\n    track tone x.x.\n}\narrange verse\n"),
    }
    UNHEARD_BARS {
        id: "unheard-bars",
        severity: Severity::Warning,
        about: "The track, written bar by bar, has more bars than its section or the song, and those after its end are never \
                played.",
        bad: Bad::Song(song!(
            "section verse bars=1 {\n    track tone \"X... X... X... X...\" \"x... x... x... x...\"\n}\narrange verse\n"
        )),
        good: song!(
            "section verse bars=2 {\n    track tone \"X... X... X... X...\" \"x... x... x... x...\"\n}\narrange verse\n"
        ),
    }
    TOO_MANY_SECTIONS {
        id: "too-many-sections",
        severity: Severity::Error,
        about: "An arrangement can play 65,536 sections one after another.",
        choice: "what can be spared, only the author knows",
        bad: Bad::Song(song!(
            "section verse bars=1 tempo=999 meter=\"1/64\" {\n    track tone x grid=\"1/64\"\n}\n\
             arrange verse*10000 verse*10000 verse*10000 verse*10000 verse*10000 verse*10000 verse*10000\n"
        )),
        good: song!("section verse bars=1 {\n    track tone x\n}\narrange verse*100\n"),
    }
    LIKE_ITSELF {
        id: "like-itself",
        severity: Severity::Error,
        about: "An instrument starts from another with `like=`, and that from a third perhaps, up to 64 deep, but never from \
                itself.",
        bad: Bad::Song(
            "instrument a like=b {\n    sine osc\n    route osc -> out\n}\ninstrument b like=a\ntrack a X...\ntrack b X...\n",
        ),
        good: "instrument a {\n    sine osc\n    route osc -> out\n}\ninstrument b like=a\ntrack a X...\ntrack b X...\n",
    }
}

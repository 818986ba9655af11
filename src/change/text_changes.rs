//! What differs in one song's texts than in another's: every change with its words and its places.

use crate::diagnostic::span::Span;

/// What happened to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is in the second song only.
    Added,
    /// It is in the first song only.
    Removed,
    /// It says something else.
    Altered,
    /// It stands elsewhere among its neighbours.
    Moved,
}

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedThing {
    /// A whole statement.
    Statement,
    /// A value of a statement.
    Value,
    /// A place in a lane of steps or values.
    Step,
    /// Words in a row: sections in their order, places of a route, a lane as a whole.
    Words,
    /// What is in a file beside the song that isn't one of its texts.
    File,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChange {
    /// What happened.
    pub kind: ChangeKind,
    /// To what.
    pub thing: ChangedThing,
    /// Its name in the user's words: `bass.filter.cutoff`, `verse: track hat, bar 2 step 7`, `route osc -> filter`.
    pub path: String,
    /// What was written, without needless quotes; of a file nothing.
    pub before: Option<String>,
    /// What is written now, without needless quotes; of a file nothing.
    pub after: Option<String>,
    /// Its place in the texts of the first song, if it is there.
    pub old: Option<Span>,
    /// Its place in the texts of the second song, if it is there.
    pub new: Option<Span>,
    /// Instruments and modules of the top level that it is about; none if it may be about everything.
    pub(super) names: Vec<String>,
}

/// The most characters of a value in a sentence.
const LONGEST: usize = 60;

impl TextChange {
    /// The change in one line: `bass.filter.cutoff 300Hz -> 180Hz`.
    pub fn sentence(&self) -> String {
        let Self { path, kind, thing, .. } = self;
        let [before, after] = [&self.before, &self.after].map(|text| short(text.as_deref().unwrap_or("")));
        let colon = if *thing == ChangedThing::Step { ":" } else { "" };
        match (kind, thing) {
            (ChangeKind::Altered, ChangedThing::File) => path.clone(),
            (ChangeKind::Altered, ChangedThing::Words) => format!("{path} became {after}"),
            (ChangeKind::Altered, _) => format!("{path}{colon} {before} -> {after}"),
            (ChangeKind::Added, ChangedThing::Statement | ChangedThing::File) => format!("{path} was added"),
            (ChangeKind::Removed, ChangedThing::Statement | ChangedThing::File) => {
                format!("{path} was taken out")
            }
            (ChangeKind::Added, _) => format!("{path}{colon} {after} was added"),
            (ChangeKind::Removed, _) => format!("{path}{colon} {before} was taken out"),
            (ChangeKind::Moved, _) => format!("{path} was moved"),
        }
    }

    /// Where to point: into the second song, or into the first for what isn't in it any more.
    pub fn place(&self) -> Option<Span> {
        self.new.or(self.old)
    }
}

/// `text` on one line, its middle left out where it is long.
fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let count = text.chars().count();
    if count <= LONGEST {
        return text;
    }
    let half = LONGEST / 2 - 1;
    let first: String = text.chars().take(half).collect();
    let last: String = text.chars().skip(count - half).collect();
    format!("{first} … {last}")
}

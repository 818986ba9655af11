//! The step signs, in one table: parser, help and docs come from it.

/// What a sign means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignMeaning {
    /// A hit, as loud as the song says for this strength.
    Hit(Strength),
    /// Silence for a step.
    Rest,
    /// The note before goes on.
    Hold,
    /// The bar before must be full.
    Bar,
    /// Opens a group that shares one step.
    Group,
    /// Opens a list of which one plays each pass.
    Turns,
    /// Opens a repetition.
    Repeat,
    /// Several in one step.
    Ratchet,
    /// Played with a chance.
    Chance,
    /// Played on some passes.
    Condition,
    /// Hits spread evenly over steps.
    Euclid,
    /// The pitch glides on to the next hit.
    Slur,
    /// In a melody: as loud as `X`.
    Accent,
}

/// How strongly a hit is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// `song accent=`, 1.0 by default.
    Accent,
    /// `song hit=`, 0.6 by default.
    Hit,
    /// `song ghost=`, 0.3 by default.
    Ghost,
}

/// A sign.
#[derive(Debug)]
pub struct Sign {
    /// The character that stands for it, or opens it.
    pub sign: char,
    /// The character that closes it, if it is a bracket.
    pub close: Option<char>,
    /// What it means.
    pub meaning: SignMeaning,
    /// One sentence about it.
    pub about: &'static str,
    /// Steps that use it.
    pub example: &'static str,
}

/// Every sign, in the order of the reference.
pub static SIGNS: &[Sign] = &[
    Sign::new(
        'X',
        SignMeaning::Hit(Strength::Accent),
        "Accent: a hit of velocity 1.0 (`song accent=`).",
        "X...",
    ),
    Sign::new('x', SignMeaning::Hit(Strength::Hit), "Hit of velocity 0.6 (`song hit=`).", "x.x."),
    Sign::new(
        'g',
        SignMeaning::Hit(Strength::Ghost),
        "Ghost: a hit of velocity 0.3 (`song ghost=`).",
        "x.g.",
    ),
    Sign::new('.', SignMeaning::Rest, "Rest.", "x..."),
    Sign::new('-', SignMeaning::Rest, "Rest as well.", "x---"),
    Sign::new(
        '_',
        SignMeaning::Hold,
        "Holds the note before through this step; at the start it ties over the loop.",
        "x___",
    ),
    Sign::new(
        '|',
        SignMeaning::Bar,
        "Bar check: an error if the bar before it is not full.",
        "x... x... x... x... |",
    ),
    Sign::bracket('[', ']', SignMeaning::Group, "These share one step.", "x.[xx]."),
    Sign::new('*', SignMeaning::Ratchet, "Ratchet: so many in this step.", "x*3..."),
    Sign::new(
        '?',
        SignMeaning::Chance,
        "Played with so many percent chance, drawn afresh each pass.",
        "x?40...",
    ),
    Sign::new(':', SignMeaning::Condition, "Played only on the n-th of every m passes.", "x:2/4..."),
    Sign::bracket('<', '>', SignMeaning::Turns, "One of these each pass, by turns.", "<X .>..."),
    Sign::bracket(
        '(',
        ')',
        SignMeaning::Euclid,
        "Euclidean: so many hits spread over so many steps, starting so many steps into the plain rhythm.",
        "x(5,16,2)",
    ),
    Sign::bracket('{', '}', SignMeaning::Repeat, "These steps so many times.", "{4 x.}"),
    Sign::new(
        '~',
        SignMeaning::Slur,
        "Slur: the next hit has no attack of its own, the pitch glides to it.",
        "x~x..",
    ),
    Sign::new('!', SignMeaning::Accent, "In a melody: accent.", "a4! c5"),
];

impl Sign {
    const fn new(sign: char, meaning: SignMeaning, about: &'static str, example: &'static str) -> Self {
        Self { sign, close: None, meaning, about, example }
    }

    const fn bracket(
        sign: char,
        close: char,
        meaning: SignMeaning,
        about: &'static str,
        example: &'static str,
    ) -> Self {
        Self { sign, close: Some(close), meaning, about, example }
    }
}

/// The sign that `c` stands for or opens.
pub fn find(c: char) -> Option<&'static Sign> {
    SIGNS.iter().find(|row| row.sign == c)
}

/// Whether `c` opens a bracket.
pub fn opens(c: char) -> bool {
    SIGNS.iter().any(|row| row.sign == c && row.close.is_some())
}

/// Whether `c` closes a bracket.
pub fn closes(c: char) -> bool {
    SIGNS.iter().any(|row| row.close == Some(c))
}

//! What is known of a diagnostic code, in one const row.

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The song can't be played.
    Error,
    /// The song plays, but probably not as it was meant.
    Warning,
}

impl Severity {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A kind of diagnostic.
#[derive(Debug)]
pub struct Code {
    /// Its name, which `chronus explain` takes.
    pub id: &'static str,
    /// How serious it is.
    pub severity: Severity,
    /// What it means and what to do, in a few sentences.
    pub about: &'static str,
    /// What gives it.
    pub bad: Bad,
    /// Why no edit can be proposed for it: only the user can choose. `None` where its diagnostics have a fix.
    pub choice: Option<&'static str>,
    /// A song that does right what `bad` does wrong, and gives nothing.
    pub good: &'static str,
}

/// What gives a code.
#[derive(Clone, Copy, Debug)]
pub enum Bad {
    /// A small song that gives this code and no other.
    Song(&'static str),
    /// A song too long to write out.
    Made(fn() -> String),
    /// A small song that gives this code and no other, with the paths and texts of files beside it.
    Files(&'static str, &'static [(&'static str, &'static str)]),
    /// No song's text: the command line, or the file itself.
    Elsewhere(&'static str),
}

/// Declares codes as constants and lists them, so that no row can be left out of the table.
macro_rules! codes {
    (@choice $choice:expr) => { Some($choice) };
    (@choice) => { None };
    ($($name:ident {
        id: $id:expr,
        severity: $severity:expr,
        about: $about:expr,
        $(choice: $choice:expr,)?
        bad: $bad:expr,
        good: $good:expr $(,)?
    })*) => {
        $(
            #[doc = "See its `about`."]
            pub static $name: $crate::diagnostic::code::Code = $crate::diagnostic::code::Code {
                id: $id,
                severity: $severity,
                about: $about,
                choice: $crate::diagnostic::code::codes!(@choice $($choice)?),
                bad: $bad,
                good: $good,
            };
        )*
        /// The codes of this family, in the order of the reference.
        pub static FAMILY: &[&$crate::diagnostic::code::Code] = &[$(&$name),*];
    };
}
pub(crate) use codes;

//! What is told of one song or pair, whatever the format.

use std::path::PathBuf;

use crate::cli::compare::compare_result::{ChangeCause, CompareResult, ComparedPart};
use crate::compare::verdict::Verdict;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TestStatus {
    /// As it should be.
    Passed,
    /// A golden file was written.
    Blessed,
    /// It sounds otherwise.
    Failed,
    /// It could not be compared.
    Broken,
}

/// One song or pair.
pub(crate) struct TestOutcome {
    /// What it is called: the song's path, or both names.
    pub(crate) name: String,
    /// How it ended.
    pub(crate) status: TestStatus,
    /// What was compared, if anything was.
    pub(crate) comparison: Option<CompareResult>,
    /// What else there is to say, with the texts that it points into.
    pub(crate) said: Vec<Diagnostic>,
    /// The texts that diagnostics point into.
    pub(crate) sources: Sources,
    /// Files that were written to be looked into.
    pub(crate) kept: Vec<String>,
    /// What else is to be known, in sentences.
    pub(crate) notes: Vec<String>,
    /// The files that were read for it.
    pub(crate) read: Vec<PathBuf>,
}

impl TestOutcome {
    /// An outcome without anything else to say.
    pub(crate) fn new(name: impl Into<String>, status: TestStatus) -> Self {
        Self {
            name: name.into(),
            status,
            comparison: None,
            said: Vec::new(),
            sources: Sources::default(),
            kept: Vec::new(),
            notes: Vec::new(),
            read: Vec::new(),
        }
    }

    /// The word for how it ended.
    pub(crate) fn word(&self) -> &'static str {
        match (self.status, self.comparison.as_ref().map(|comparison| comparison.verdict)) {
            (TestStatus::Blessed, _) => "blessed",
            (TestStatus::Broken, _) => "can't say",
            (TestStatus::Passed | TestStatus::Failed, Some(verdict)) => verdict.word(),
            (TestStatus::Passed, None) => Verdict::Identical.word(),
            (TestStatus::Failed, None) => "failed",
        }
    }

    /// The parts that differ.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &ComparedPart> {
        let parts = self.comparison.iter().flat_map(|comparison| &comparison.parts);
        parts.filter(|part| part.verdict != Verdict::Identical)
    }

    /// The causes of all that differs, each with the sentences on what it alters.
    pub(crate) fn causes(&self) -> Vec<(&ChangeCause, Vec<String>)> {
        let Some(comparison) = &self.comparison else { return Vec::new() };
        let parts = || self.parts();
        let heard = comparison.causes.iter().enumerate().filter(|(_, cause)| cause.heard);
        heard
            .map(|(number, cause)| {
                let of = |stems: bool| {
                    let its = parts().filter(move |part| part.id.is_empty() != stems);
                    its.filter(|part| part.causes.contains(&number))
                        .map(ComparedPart::sentence)
                        .collect::<Vec<_>>()
                };
                // What a stem says of it is plainer than what is left of it in the mix.
                let stems = of(true);
                (cause, if stems.is_empty() { of(false) } else { stems })
            })
            .filter(|(_, sentences)| !sentences.is_empty())
            .collect()
    }
}

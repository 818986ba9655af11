//! Conditions on passes: whether the pass that one waits for ever comes in the song.

use crate::check::arrange::SectionOrder;
use crate::check::bars::BarLength;
use crate::check::context::Context;
use crate::check::section::Outline;
use crate::check::sketch::SketchedTrack;
use crate::diagnostic::codes::tracks;
use crate::diagnostic::report::Diagnostic;
use crate::syntax::step::{StepContent, WrittenStep};
use crate::syntax::tree::Value;

/// The passes that are `first`, and every `every` after it; no more than the first where `every` is [`ONCE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PassCondition {
    first: u64,
    every: u64,
}

/// More passes than any song has.
const ONCE: u64 = 1 << 40;

impl PassCondition {
    /// All of them.
    const ALL: Self = Self { first: 0, every: 1 };

    /// Those of them that are also `first` and every `every` after it; nothing if there is none.
    fn and(self, first: u64, every: u64) -> Option<Self> {
        let (step, other, every) = (i128::from(self.every), i128::from(first), i128::from(every));
        let (common, inverse) = common(step, every);
        let apart = other - i128::from(self.first);
        if apart % common != 0 {
            return None;
        }
        // By the Chinese remainder theorem.
        let turns = (apart / common * inverse).rem_euclid(every / common);
        let first = u64::try_from(i128::from(self.first) + step * turns).ok()?;
        let every = u64::try_from(step / common * every).unwrap_or(ONCE).min(ONCE);
        Some(Self { first, every })
    }
}

/// The greatest common divisor of `a` and `b`, and a number by which `a` divided by it leaves 1 over `b` divided by it.
fn common(a: i128, b: i128) -> (i128, i128) {
    let (mut old, mut new) = ((a, 1), (b, 0));
    while new.0 != 0 {
        let quotient = old.0 / new.0;
        (old, new) = (new, (old.0 - quotient * new.0, old.1 - quotient * new.1));
    }
    old
}

impl Context {
    /// Warns of conditions whose pass never comes: the section is too short, or is left too soon.
    pub(super) fn unmet(&mut self, outlines: &[Outline<'_, '_>], order: &SectionOrder) {
        let mut rows = vec![0_u64; outlines.len()];
        for row in order.sections.chunk_by(|one, other| one == other) {
            let longest = &mut rows[row[0]];
            *longest = row.len().max(*longest as usize) as u64;
        }
        for (outline, &row) in outlines.iter().zip(&rows).filter(|(_, row)| **row > 0) {
            let bars = outline.bars();
            for sketch in outline.sketches.iter().filter(|sketch| sketch.extent.waits) {
                let steps = BarLength::new(outline.meter, sketch.grid).steps(bars);
                let passes = steps.div_ceil(sketch.extent.steps.max(1)).saturating_mul(row);
                if passes > 0 {
                    self.unmet_in(sketch, passes);
                }
            }
        }
    }

    fn unmet_in(&mut self, sketch: &SketchedTrack<'_, '_>, passes: u64) {
        for (steps, value) in sketch.lanes.iter().flat_map(|lanes| lanes.iter()) {
            for step in steps {
                self.unmet_step(step, value, Some(PassCondition::ALL), passes);
            }
        }
    }

    /// `reached` are the passes in which the step is reached at all.
    fn unmet_step(
        &mut self,
        step: &WrittenStep,
        value: &Value<'_>,
        reached: Option<PassCondition>,
        passes: u64,
    ) {
        if self.enough() {
            return;
        }
        let mut reached = reached;
        if let Some((nth, of)) = step.suffixes.condition.filter(|(nth, of)| (1..=*of).contains(nth)) {
            let before = reached.filter(|reached| reached.first < passes);
            reached = before.and_then(|before| before.and(u64::from(nth) - 1, u64::from(of)));
            let comes = reached.is_some_and(|reached| reached.first < passes);
            if before.is_some() && !comes {
                let (what, help) = match reached {
                    Some(PassCondition { first, .. }) => (
                        format!("it waits for pass {}, and the last one is {passes}", first + 1),
                        "make the song longer, or wait for an earlier pass",
                    ),
                    None => (
                        "`<…>` never chooses it in such a pass".to_owned(),
                        "wait for a pass in which it is chosen, or take the condition out",
                    ),
                };
                self.report(
                    Diagnostic::new(
                        &tracks::NEVER_MET,
                        value.place(step.at.clone()),
                        format!("`:{nth}/{of}` is never met here: {what}"),
                    )
                    .label("never plays")
                    .help(help),
                );
                return;
            }
        }
        match &step.what {
            StepContent::Group(inner) | StepContent::Repeat(_, inner) => {
                inner.iter().for_each(|step| self.unmet_step(step, value, reached, passes));
            }
            StepContent::Euclid(_, hit) => self.unmet_step(hit, value, reached, passes),
            StepContent::Turns(inner) => {
                let chosen: Vec<&WrittenStep> = turns(inner);
                let every = chosen.len() as u64;
                for (place, step) in chosen.into_iter().enumerate().filter(|(_, step)| waits(step)) {
                    let reached = reached.and_then(|reached| reached.and(place as u64, every));
                    self.unmet_step(step, value, reached, passes);
                }
            }
            StepContent::Rest | StepContent::Hold | StepContent::Hit(..) | StepContent::Bar => {}
        }
    }
}

/// What `<…>` chooses from, written out.
fn turns(steps: &[WrittenStep]) -> Vec<&WrittenStep> {
    let mut all = Vec::new();
    crate::syntax::step::written_out(steps, &mut |step| {
        if step.what != StepContent::Bar {
            all.push(step);
        }
    });
    all
}

/// Whether there is a condition in a step.
fn waits(step: &WrittenStep) -> bool {
    step.suffixes.condition.is_some()
        || match &step.what {
            StepContent::Group(inner) | StepContent::Repeat(_, inner) | StepContent::Turns(inner) => {
                inner.iter().any(waits)
            }
            StepContent::Euclid(_, hit) => waits(hit),
            StepContent::Rest | StepContent::Hold | StepContent::Hit(..) | StepContent::Bar => false,
        }
}

#[cfg(test)]
mod tests {
    use super::{ONCE, PassCondition};

    #[test]
    fn the_first_common_pass_is_the_one_that_counting_finds() {
        for (a, m) in (1..12_u64).flat_map(|m| (0..m).map(move |a| (a, m))) {
            for (b, n) in (1..12_u64).flat_map(|n| (0..n).map(move |b| (b, n))) {
                let counted = (0..m * n).find(|pass| pass % m == a && pass % n == b);
                let found = PassCondition { first: a, every: m }.and(b, n);
                assert_eq!(found.map(|found| found.first), counted, "{a} of {m}, {b} of {n}");
            }
        }
        let once = PassCondition { first: 5, every: ONCE };
        assert_eq!(once.and(5, 7).map(|found| found.first), Some(5));
        assert!(once.and(4, 7).is_none_or(|found| found.first >= ONCE));
    }
}

//! Bars: how many steps fill one, and whether those written bar by bar do.

use crate::check::context::Context;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::tracks;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::counted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::song::Meter;
use crate::syntax::step::{Extent, StepContent, WrittenStep};
use crate::syntax::tree::{Node, Value};
use crate::units::note_length::NoteLength;

/// Steps in a bar, as a fraction.
#[derive(Clone, Copy, Debug)]
pub(super) struct BarLength {
    numerator: u64,
    denominator: u64,
}

impl BarLength {
    /// How many steps of `grid` a bar of `meter` has.
    pub(super) fn new(meter: Meter, grid: NoteLength) -> Self {
        Self {
            numerator: u64::from(meter.beats) * u64::from(grid.denominator()),
            denominator: u64::from(meter.note) * u64::from(grid.numerator()),
        }
    }

    /// How many, if it is a whole number.
    pub(super) fn whole(self) -> Option<u64> {
        self.numerator.is_multiple_of(self.denominator).then(|| self.numerator / self.denominator)
    }

    /// How many bars so many steps begin.
    pub(super) fn bars(self, steps: u64) -> u64 {
        (steps * self.denominator).div_ceil(self.numerator)
    }

    /// How many steps so many bars begin.
    pub(super) fn steps(self, bars: u64) -> u64 {
        (bars * self.numerator).div_ceil(self.denominator)
    }
}

impl Context {
    /// Reports bars that are not full: of several arguments each, and before every `|`.
    pub(super) fn full_bars(
        &mut self,
        lanes: &[(&[WrittenStep], &Value<'_>)],
        grid: NoteLength,
        node: &Node<'_>,
    ) {
        let checked = |steps: &[WrittenStep]| steps.iter().any(|step| step.what == StepContent::Bar);
        if lanes.len() < 2 && !lanes.iter().any(|(steps, _)| checked(steps)) {
            return;
        }
        let Some(full) = BarLength::new(self.meter, grid).whole() else {
            let given = node.prop("grid").map(|grid| &grid.value);
            let span = given.or(lanes.first().map(|(_, value)| *value)).map_or(node.span, |value| value.span);
            let (Meter { beats, note }, step) =
                (self.meter, format!("{}/{}", grid.numerator(), grid.denominator()));
            self.report(
                Diagnostic::new(
                    &tracks::GRID_MISMATCH,
                    span,
                    format!("steps of {step} don't fill a bar of {beats}/{note}"),
                )
                .label("no whole number of steps in a bar")
                .suggest(
                    match given {
                        Some(given) => {
                            ValueSlot::prop("grid").write(given, &format!("\"1/{}\"", note.max(8)))
                        }
                        None => node.add("grid", &format!("\"1/{}\"", note.max(8))),
                    },
                    |write| format!("write {write}, or all steps as one argument without `|`"),
                ),
            );
            return;
        };
        for (steps, value) in lanes {
            if lanes.len() > 1 {
                let found = Extent::of(steps).steps;
                if found != full {
                    let end = value.text().map_or(0, |text| text.trim_end().len());
                    self.not_full(value.span, found, full, fill(value, steps, end, found, full));
                    continue;
                }
            }
            let (mut found, mut start) = (0, 0);
            for step in *steps {
                if step.what != StepContent::Bar {
                    found += Extent::of(std::slice::from_ref(step)).steps;
                    continue;
                }
                if found % full != 0 {
                    let whole = value.text().unwrap_or_default();
                    let end = whole.get(..step.at.start).map_or(0, |before| before.trim_end().len());
                    let edit = fill(value, steps, end, found % full, full);
                    self.not_full(value.place(start..step.at.end), found % full, full, edit);
                }
                found = 0;
                start = step.at.end;
            }
        }
    }

    fn not_full(&mut self, span: Span, found: u64, full: u64, edit: Option<Edit>) {
        let help = if found < full {
            format!("add {}: `.` is a rest", counted((full - found) as usize, "step"))
        } else {
            format!(
                "take {} out, or write all bars as one argument",
                counted((found - full) as usize, "step")
            )
        };
        self.report(
            Diagnostic::new(
                &tracks::BAR_NOT_FULL,
                span,
                format!("this bar has {}, a full one has {full}", counted(found as usize, "step")),
            )
            .label(format!("{found} of {full}"))
            .mend(edit, help),
        );
    }
}

/// Fills a bar whose steps end at byte `end` up with rests.
fn fill(value: &Value<'_>, steps: &[WrittenStep], end: usize, found: u64, full: u64) -> Option<Edit> {
    const MOST: u64 = 1024;
    let missing = full.checked_sub(found).filter(|missing| (1..=MOST).contains(missing))?;
    // The notes of a melody stand apart.
    let melody = is_melody(steps);
    Some(value.edit(end..end, &if melody { " ." } else { "." }.repeat(missing as usize)))
}

/// Whether steps have pitches of their own.
fn is_melody(steps: &[WrittenStep]) -> bool {
    steps.iter().any(|step| match &step.what {
        StepContent::Hit(_, chord) => chord.is_some(),
        StepContent::Repeat(_, inner) => is_melody(inner),
        StepContent::Euclid(_, hit) => matches!(hit.what, StepContent::Hit(_, Some(_))),
        StepContent::Rest
        | StepContent::Hold
        | StepContent::Group(_)
        | StepContent::Turns(_)
        | StepContent::Bar => false,
    })
}

#[cfg(test)]
mod tests {
    use super::BarLength;
    use crate::model::song::Meter;
    use crate::units::note_length::NoteLength;

    #[test]
    fn bars_are_counted_in_steps() {
        let seven = BarLength::new(Meter { beats: 7, note: 8 }, NoteLength::SIXTEENTH);
        assert_eq!(seven.whole(), Some(14));
        assert_eq!(seven.bars(14), 1);
        assert_eq!(seven.bars(15), 2);
        assert_eq!(seven.steps(2), 28);
        let quarter = NoteLength::new(1, 4).unwrap();
        assert_eq!(BarLength::new(Meter { beats: 7, note: 8 }, quarter).whole(), None);
        let triplet = NoteLength::new(1, 12).unwrap();
        assert_eq!(BarLength::new(Meter { beats: 4, note: 4 }, triplet).whole(), Some(12));
    }
}

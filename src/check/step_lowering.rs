//! From steps as written to the cells of the model: velocities, pitches, slurs, conditions.

use crate::check::context::Context;
use crate::check::pitch::ChordPlayer;
use crate::diagnostic::codes::tracks;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::model::steps::{Cell, CellContent};
use crate::syntax::signs::Strength;
use crate::syntax::step::{StepContent as Written, WrittenStep};
use crate::syntax::tree::Value;

/// What slurs care about, leaf by leaf.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SlurLeaf {
    Hit { slur: bool },
    Hold,
    Rest,
}

impl Context {
    /// The cells of a lane; `accent` is of the group that they stand in.
    pub(super) fn cells(
        &mut self,
        steps: &[WrittenStep],
        value: &Value<'_>,
        player: Option<ChordPlayer<'_>>,
        accent: bool,
    ) -> Option<Vec<Cell>> {
        let (mut cells, mut fine) = (Vec::new(), true);
        for step in steps {
            // All of them, so that everything wrong with them is said.
            fine &= self.write_out(step, value, player, accent, &mut cells).is_some();
        }
        fine.then_some(cells)
    }

    /// Writes a step out after the cells before it.
    fn write_out(
        &mut self,
        step: &WrittenStep,
        value: &Value<'_>,
        player: Option<ChordPlayer<'_>>,
        accent: bool,
        cells: &mut Vec<Cell>,
    ) -> Option<()> {
        match &step.what {
            Written::Bar => {}
            Written::Repeat(count, inner) => {
                let inner = self.cells(inner, value, player, accent)?;
                (0..*count).for_each(|_| cells.extend_from_slice(&inner));
            }
            Written::Euclid(rhythm, hit) => {
                let hit = self.cell(hit, value, player, accent)?;
                let rest = Cell { what: CellContent::Rest, chance: 1.0, condition: None, ratchet: 1 };
                cells.extend(rhythm.steps().map(|struck| if struck { hit.clone() } else { rest.clone() }));
            }
            _ => cells.push(self.cell(step, value, player, accent)?),
        }
        Some(())
    }

    fn cell(
        &mut self,
        step: &WrittenStep,
        value: &Value<'_>,
        player: Option<ChordPlayer<'_>>,
        accent: bool,
    ) -> Option<Cell> {
        let suffixes = step.suffixes;
        let accent = accent || suffixes.accent;
        if let Some((nth, of)) = suffixes.condition.filter(|(nth, of)| *nth == 0 || nth > of) {
            let written = format!(":{nth}/{of}");
            let text = value.text().and_then(|text| text.get(step.at.clone())).unwrap_or_default();
            let edit = text.rfind(&written).map(|at| {
                let start = step.at.start + at;
                value.edit(start..start + written.len(), &format!(":{of}/{of}"))
            });
            self.report(
                Diagnostic::new(
                    &tracks::NEVER_MET,
                    value.place(step.at.clone()),
                    format!("`:{nth}/{of}` can never be met: there is no pass {nth} of {of}"),
                )
                .label("never plays")
                .mend(edit, format!("write `:{of}/{of}` for the last of every {of} passes")),
            );
        }
        if suffixes.slur && !matches!(step.what, Written::Hit(..)) {
            self.report(
                Diagnostic::new(
                    &tracks::BAD_STEP,
                    value.place(step.at.clone()),
                    "a `~` stands behind a single hit, not behind a group".to_owned(),
                )
                .label("a group can't be slurred")
                .mend(
                    without(value, step.at.clone()),
                    "take it out, or put it behind the last hit inside the brackets: `[xx~]x`",
                ),
            );
            return None;
        }
        let what = match &step.what {
            Written::Rest | Written::Bar | Written::Repeat(..) | Written::Euclid(..) => CellContent::Rest,
            Written::Hold => CellContent::Hold,
            Written::Hit(strength, chord) => {
                let strength = if accent { Strength::Accent } else { *strength };
                let pitches = match chord {
                    Some(chord) => self.chord(chord, value, player)?,
                    None => Vec::new(),
                };
                let velocity = self.strengths[match strength {
                    Strength::Accent => 0,
                    Strength::Hit => 1,
                    Strength::Ghost => 2,
                }] as f32;
                CellContent::Hit { velocity, slur: suffixes.slur, pitches }
            }
            Written::Group(inner) => CellContent::Group(self.cells(inner, value, player, accent)?),
            Written::Turns(inner) => CellContent::Alternate(self.cells(inner, value, player, accent)?),
        };
        Some(Cell {
            what,
            chance: suffixes.chance.map_or(1.0, |percent| percent as f32 / 100.0),
            condition: suffixes.condition,
            ratchet: suffixes.ratchet.unwrap_or(1),
        })
    }

    /// Reports slurs that lead to no hit; the steps of all arguments of a track stand one after another.
    pub(super) fn slurs(&mut self, lanes: &[(&[WrittenStep], &Value<'_>)]) {
        let mut leaves = Vec::new();
        for (steps, value) in lanes {
            for step in *steps {
                gather(step, &mut |leaf, step| leaves.push((leaf, (*value, step.at.clone()))));
            }
        }
        // Where the next leaf that is no hold, seen from the end backwards and once round, is a hit.
        let first = leaves.iter().map(|(leaf, _)| *leaf).find(|leaf| *leaf != SlurLeaf::Hold);
        let mut next = first;
        for (leaf, (value, at)) in leaves.iter().rev() {
            if matches!(leaf, SlurLeaf::Hit { slur: true }) && !matches!(next, Some(SlurLeaf::Hit { .. })) {
                self.report(
                    Diagnostic::new(&tracks::BAD_STEP, value.place(at.clone()), "this slur leads to no hit")
                        .label("a rest follows")
                        .mend(without(value, at.clone()), "take the `~` out, or put a hit behind it: `x~x`"),
                );
            }
            if *leaf != SlurLeaf::Hold {
                next = Some(*leaf);
            }
        }
    }
}

/// Takes the `~` at the end of a step out.
fn without(value: &Value<'_>, step: std::ops::Range<usize>) -> Option<Edit> {
    let at = value.text()?.get(step.clone())?.rfind('~')? + step.start;
    Some(value.edit(at..at + 1, ""))
}

/// Hands every leaf of `step` to `take`, in order; of turns the one that is most like a hit.
fn gather<'s>(step: &'s WrittenStep, take: &mut dyn FnMut(SlurLeaf, &'s WrittenStep)) {
    match &step.what {
        Written::Rest => take(SlurLeaf::Rest, step),
        Written::Hold => take(SlurLeaf::Hold, step),
        Written::Hit(..) => take(SlurLeaf::Hit { slur: step.suffixes.slur }, step),
        Written::Group(inner) => inner.iter().for_each(|step| gather(step, take)),
        // Twice shows what follows its end as well, which is its start.
        Written::Repeat(count, inner) => {
            (0..*count.min(&2)).for_each(|_| inner.iter().for_each(|step| gather(step, take)));
        }
        Written::Euclid(rhythm, hit) => rhythm.steps().for_each(|struck| {
            if struck {
                gather(hit, take);
            } else {
                take(SlurLeaf::Rest, step);
            }
        }),
        Written::Turns(inner) => {
            let mut any = SlurLeaf::Rest;
            for step in inner {
                let mut first = true;
                gather(step, &mut |leaf, _| {
                    if std::mem::take(&mut first) && matches!(leaf, SlurLeaf::Hit { .. }) {
                        any = SlurLeaf::Hit { slur: false };
                    }
                });
            }
            take(any, step);
        }
        Written::Bar => {}
    }
}

/// Whether any hit can ever be heard: by its chance and its condition, not by its velocity.
pub(super) fn can_sound(cells: &[Cell]) -> bool {
    cells.iter().any(|cell| {
        cell.chance > 0.0
            && cell.condition.is_none_or(|(nth, of)| nth > 0 && nth <= of)
            && match &cell.what {
                CellContent::Rest | CellContent::Hold => false,
                CellContent::Hit { .. } => true,
                CellContent::Group(inner) | CellContent::Alternate(inner) => can_sound(inner),
            }
    })
}

/// `name` in a sentence about a track.
pub(super) fn of_track(name: &str) -> String {
    format!("the track {}", quoted(name))
}

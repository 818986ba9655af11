//! Tracks written out: what they play, step by step.

use crate::check::context::Context;
use crate::check::lock::LockPlace;
use crate::check::pitch::{ChordPlayer, number_lane};
use crate::check::sketch::{SketchedTrack, TrackContext};
use crate::check::step_lowering::{can_sound, of_track};
use crate::diagnostic::codes::tracks;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::song::Track;
use crate::model::steps::{LaneItem, Pitch, TrackSteps, ValueLane};
use crate::syntax::step::{StepContent, WrittenStep};
use crate::syntax::tree::Value;

/// A track, and what the song needs to know of it.
pub(super) struct PlayedTrack {
    pub(super) track: Track,
    pub(super) span: Span,
    /// How many steps it has.
    pub(super) steps: u64,
    /// Whether its bars are written one by one, or checked by `|`.
    pub(super) by_bars: bool,
    /// The places of its locks.
    pub(super) lock_spans: Vec<LockPlace>,
    /// It is mute on purpose, or can be heard.
    pub(super) sounds: bool,
}

impl Context {
    /// Writes a track out.
    pub(super) fn track(
        &mut self,
        sketch: &SketchedTrack<'_, '_>,
        track_context: &TrackContext<'_, '_, '_>,
    ) -> Option<PlayedTrack> {
        let SketchedTrack { fields, id: id_value, instrument, grid, lanes, extent, .. } = sketch;
        let id = id_value.text()?.to_owned();
        let built = instrument.and_then(|index| track_context.instruments.get(index));
        let player = built.map(|built| ChordPlayer {
            id: &built.id,
            voices: built.voices,
            voices_at: built.voices_at,
            span: built.span,
        });

        let steps = lanes.as_ref().and_then(|lanes| {
            let views: Vec<(&[WrittenStep], &Value<'_>)> =
                lanes.iter().map(|(steps, value)| (steps.as_slice(), *value)).collect();
            self.full_bars(&views, *grid, fields.node);
            self.slurs(&views);
            let mut cells = Vec::new();
            for (steps, value) in &views {
                cells.extend(self.cells(steps, value, player, false)?);
            }
            let checked =
                views.iter().any(|(steps, _)| steps.iter().any(|step| step.what == StepContent::Bar));
            Some((checked || views.len() > 1, TrackSteps { cells }))
        });
        let (locks, lock_spans) = self.locks(fields.node, built).into_iter().unzip();

        let notes = sketch.notes.as_ref().zip(fields.value("notes"));
        let notes = notes.and_then(|(lane, value)| self.note_lane(lane, value, player));
        let notes = notes.or_else(|| {
            let given = fields.value("notes").is_some() || fields.value("melody").is_some();
            let root = built.filter(|_| !given)?.root()?;
            Some(ValueLane { items: vec![LaneItem::One(vec![Pitch(libm::log2(root / self.c4))])] })
        });
        let vel = sketch.vel.as_deref().map(number_lane);
        let nudge = sketch.nudge.as_deref().map(number_lane);
        let transpose = fields.number(self, "transpose").unwrap_or_default() / 12.0;
        let octave = fields.number(self, "octave").unwrap_or_default();
        let counted = fields.value("length").is_none_or(|value| self.counts_steps(value, *grid));
        let length = if counted { fields.number(self, "length") } else { None }.unwrap_or(0.5);
        let swing = fields.number(self, "swing");
        let chance = fields.number(self, "chance").unwrap_or(1.0);
        let humanize = fields.number(self, "humanize").unwrap_or_default();
        let seed = fields.whole(self, "seed");
        let gain = fields.number(self, "gain").unwrap_or(1.0);
        let mute = fields.flag(self, "mute").unwrap_or_default();

        let (by_bars, steps) = steps?;
        if extent.notes == 0 {
            for lane in ["notes", "vel"] {
                if let Some(value) = fields.value(lane) {
                    self.report(
                        Diagnostic::new(
                            &tracks::NO_HITS,
                            value.span,
                            format!("{} has `{lane}` but no hits to take them", of_track(&id)),
                        )
                        .label("taken by nothing")
                        .mend(
                            fields.node.cut_prop(lane),
                            format!(
                                "take `{lane}` out, or put hits such as `x` into the steps, or use `melody`"
                            ),
                        ),
                    );
                }
            }
        }
        let sounds = mute || (can_sound(&steps.cells) && chance > 0.0 && gain > 0.0);
        let track = Track {
            id,
            instrument: (*instrument)?,
            steps,
            grid: *grid,
            length,
            transpose: transpose + octave,
            swing,
            chance,
            humanize,
            seed,
            gain,
            mute,
            notes,
            vel,
            nudge,
            locks,
        };
        Some(PlayedTrack { track, span: id_value.span, steps: extent.steps, by_bars, lock_spans, sounds })
    }
}

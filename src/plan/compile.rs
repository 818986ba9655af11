//! From a song to its plan.

use crate::model::song::Song;
use crate::plan::automation::Drives;
use crate::plan::clips::Clips;
use crate::plan::emitter::Emitter;
use crate::plan::network::Loop;
use crate::plan::shape::Shape;
use crate::plan::steps::Plan;
use crate::plan::timeline::Timeline;
use crate::plan::wiring::{Context, VoiceEnd, imports, top_shape, voice_shape};
use crate::plan::{score, voices};

/// The most events a song may have.
pub const MAX_EVENTS: usize = 1_000_000;

/// Why a song can't be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A loop in which nothing may delay by a block.
    Loop(Loop),
    /// More than [`MAX_EVENTS`] notes, moves of locks among them.
    TooManyEvents,
}

impl std::convert::From<Loop> for Refusal {
    fn from(found: Loop) -> Self {
        Self::Loop(found)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Loop(found) => write!(f, "the routes make a loop: {}", found.ids.join(" -> ")),
            Self::TooManyEvents => write!(f, "the song has more than {MAX_EVENTS} notes"),
        }
    }
}

/// Compiles `song` for `rate` frames a second.
pub fn compile(song: &Song, rate: u32) -> Result<Plan, Refusal> {
    let timeline = Timeline::new(song, rate);
    let drives = Drives::new(song, &timeline);
    let score = score::score(song, &timeline, &drives, MAX_EVENTS);
    if score.notes.len() + score.moves.len() > MAX_EVENTS {
        return Err(Refusal::TooManyEvents);
    }
    let happenings = voices::happenings(song, &score, timeline.rate);
    let imports = imports(song);
    let clips = Clips::new(song);
    let context = Context {
        song,
        rate: rate as f32,
        tempo: timeline.first_tempo(),
        imports: &imports,
        drives: &drives,
        clips: &clips,
    };
    let shapes = (0..song.instruments.len())
        .map(|instrument| voice_shape(context, instrument))
        .collect::<Result<Vec<Shape>, Loop>>()?;
    let ends: Vec<VoiceEnd> =
        shapes.iter().map(|shape| VoiceEnd { channels: shape.outs.len(), latency: shape.latency }).collect();
    let (top, instruments) = top_shape(context, &ends)?;
    let emitter = Emitter::new(song, &drives, rate, &shapes, &instruments);
    Ok(emitter.finish(&top, timeline, happenings))
}

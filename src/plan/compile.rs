//! From a song to its plan.

use std::collections::BTreeSet;

use crate::diagnostic::codes::rendering::NOT_COMPILED;
use crate::diagnostic::codes::song::{ENDLESS_SONG, TOO_MUCH_MEMORY};
use crate::diagnostic::report::Diagnostic;
use crate::model::controls::Controls;
use crate::model::patch::{ControlId, InstrumentControl};
use crate::model::song::Song;
use crate::plan::automation::AutomationLanes;
use crate::plan::clips::Clips;
use crate::plan::compiled_plan::Plan;
use crate::plan::emitter::PlanEmitter;
use crate::plan::guards::Guards;
use crate::plan::memory_use::{self, Reach};
use crate::plan::network::DelayFreeLoop;
use crate::plan::score::{self, Muted, Score};
use crate::plan::shape::Shape;
use crate::plan::timeline::Timeline;
use crate::plan::voices::{self, VoiceEvents};
use crate::plan::wiring::{VoiceEnd, WiringContext, imports, top_shape, voice_shape};

/// The most events a song may have.
pub const MAX_EVENTS: usize = 1_000_000;

/// Why a song can't be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A loop in which nothing may delay by a block.
    Loop(DelayFreeLoop),
    /// A song without end that isn't told how long it lasts.
    Endless,
    /// More than [`MAX_EVENTS`] notes, moves of locks among them.
    TooManyEvents,
    /// More than [`memory_use::MOST`] bytes, at that rate.
    TooMuchMemory {
        /// How many.
        bytes: u64,
        /// Frames a second.
        rate: u32,
    },
}

impl Refusal {
    /// What is said of it.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::TooMuchMemory { .. } => Diagnostic::of_file(&TOO_MUCH_MEMORY, self.to_string())
                .help("choose a lower rate, or give instruments that hold long delays fewer voices"),
            Self::Endless => Diagnostic::of_file(&ENDLESS_SONG, self.to_string())
                .help("say how long it lasts: `chronus render` and `chronus test` take `--for 30s`"),
            Self::Loop(_) | Self::TooManyEvents => Diagnostic::of_file(&NOT_COMPILED, self.to_string()),
        }
    }
}

impl std::convert::From<DelayFreeLoop> for Refusal {
    fn from(found: DelayFreeLoop) -> Self {
        Self::Loop(found)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Loop(found) => write!(f, "the routes make a loop: {}", found.ids.join(" -> ")),
            Self::Endless => write!(f, "the song has no length: it only plays what comes while it is played"),
            Self::TooManyEvents => write!(f, "the song has more than {MAX_EVENTS} notes"),
            Self::TooMuchMemory { bytes, rate } => write!(
                f,
                "at {rate} Hz the song takes {:.1} GiB of memory, and the limit is {} GiB",
                *bytes as f64 / f64::from(1 << 30),
                memory_use::MOST >> 30,
            ),
        }
    }
}

/// Compiles `song` for `rate` frames a second, to be rendered.
///
/// # Errors
/// If it can't be compiled.
pub fn compile(song: &Song, rate: u32) -> Result<Plan, Refusal> {
    let (timeline, automation_lanes, score) = scored(song, rate)?;
    let voice_events = voices::voice_events(song, &score, timeline.rate);
    network(song, rate, timeline, &automation_lanes, Some(voice_events))
}

/// What all tracks of `song` play in a render, with the timeline of its frames.
///
/// # Errors
/// If that is more than [`MAX_EVENTS`].
pub fn played(song: &Song, rate: u32) -> Result<(Timeline, Score), Refusal> {
    scored(song, rate).map(|(timeline, _, score)| (timeline, score))
}

/// What a render plays, when, and what moves.
fn scored(song: &Song, rate: u32) -> Result<(Timeline, AutomationLanes, Score), Refusal> {
    if song.endless {
        return Err(Refusal::Endless);
    }
    let timeline = Timeline::new(song, rate);
    let automation_lanes = AutomationLanes::new(song, &timeline, &BTreeSet::new());
    let score = counted(score::score(song, &timeline, &automation_lanes, MAX_EVENTS, Muted::Left))?;
    Ok((timeline, automation_lanes, score))
}

/// A song compiled to be played, with live control.
#[derive(Clone, Debug)]
pub struct Playable {
    /// What runs. It has no events: those are made of the score while it is played.
    pub plan: Plan,
    /// What all tracks play, muted ones too.
    pub score: Score,
}

/// Compiles `song` for `rate` frames a second, to be played: everything that [`movable`] says can be moved, and `also`.
/// While nobody moves anything, it gives the same bits as [`compile`].
///
/// # Errors
/// If it can't be compiled.
pub fn playable(song: &Song, rate: u32, also: &BTreeSet<ControlId>) -> Result<Playable, Refusal> {
    let timeline = Timeline::new(song, rate);
    let mut controls = movable(song);
    controls.extend(also);
    let automation_lanes = AutomationLanes::new(song, &timeline, &controls);
    let score = counted(score::score(song, &timeline, &automation_lanes, MAX_EVENTS, Muted::Played))?;
    let plan = network(song, rate, timeline, &automation_lanes, None)?;
    Ok(Playable { plan, score })
}

/// The controls that can be moved at any time. All can, but for the balance of an instrument that is in the middle: to
/// move it takes another plan, in which the instrument is stereo.
pub fn movable(song: &Song) -> BTreeSet<ControlId> {
    let middle = |control: ControlId| match control {
        ControlId::Instrument { instrument, which: InstrumentControl::Pan } => {
            song.instruments[instrument].pan == 0.0
        }
        _ => false,
    };
    let controls = Controls::of(song);
    controls.all().iter().map(|named| named.control).filter(|control| !middle(*control)).collect()
}

fn counted(score: Score) -> Result<Score, Refusal> {
    if score.notes.len() + score.moves.len() > MAX_EVENTS {
        return Err(Refusal::TooManyEvents);
    }
    Ok(score)
}

/// What runs, with what happens in it; `None` if that shows while it is played.
fn network(
    song: &Song,
    rate: u32,
    timeline: Timeline,
    automation_lanes: &AutomationLanes,
    voice_events: Option<VoiceEvents>,
) -> Result<Plan, Refusal> {
    let imports = imports(song);
    let (clips, guards) = (Clips::new(song), Guards::new(song));
    let context = WiringContext {
        song,
        rate: rate as f32,
        tempo: timeline.first_tempo(),
        imports: &imports,
        automation_lanes,
        clips: &clips,
        guards: &guards,
        live: voice_events.is_none(),
    };
    let shapes = (0..song.instruments.len())
        .map(|instrument| voice_shape(context, instrument))
        .collect::<Result<Vec<Shape>, DelayFreeLoop>>()?;
    let ends: Vec<VoiceEnd> =
        shapes.iter().map(|shape| VoiceEnd { channels: shape.outs.len(), latency: shape.latency }).collect();
    let (top, instruments) = top_shape(context, &ends)?;
    let emitter = PlanEmitter::new(song, automation_lanes, rate, &shapes, &instruments);
    let plan = emitter.finish(&top, timeline, voice_events);
    let bytes = plan.bytes(Reach::OfSong);
    if bytes > memory_use::MOST { Err(Refusal::TooMuchMemory { bytes, rate }) } else { Ok(plan) }
}

//! Renders small songs for the tests.

#![allow(clippy::expect_used, reason = "a test may stop")]

use std::sync::Arc;

use chronus::check::song::check;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::engine::offline_render::Rendering;
use chronus::modules::dispatch::Compilation;
use chronus::plan::compile::compile;
use chronus::plan::compiled_plan::Plan;
use chronus::plan::voices::{VoiceAction, VoiceEvent};

pub(crate) const RATE: u32 = 48_000;

/// The plan of a song that may have warnings but no errors.
pub(crate) fn plan(text: &str) -> Arc<Plan> {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("test", text));
    let checked = check(id, text);
    let song = checked.song.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    Arc::new(compile(&song, RATE).expect("a song that compiles"))
}

/// Left and right of a song, all of it.
pub(crate) fn hear(text: &str) -> (Vec<f32>, Vec<f32>) {
    play(&plan(text))
}

/// Left and right of a plan, all of it.
pub(crate) fn play(plan: &Arc<Plan>) -> (Vec<f32>, Vec<f32>) {
    let mut rendering = Rendering::new(Arc::clone(plan), Compilation::best());
    let (mut left, mut right) = (Vec::new(), Vec::new());
    while let Some(frames) = rendering.next_frames() {
        left.extend(frames.iter().map(|frame| frame[0]));
        right.extend(frames.iter().map(|frame| frame[1]));
    }
    assert!(rendering.faults().is_empty(), "{:?}", rendering.faults());
    (left, right)
}

/// The frames at which notes begin.
pub(crate) fn triggers(events: &[VoiceEvent]) -> Vec<u64> {
    let strikes = events.iter().filter(|event| matches!(event.action, VoiceAction::Trigger(_)));
    strikes.map(|event| event.frame).collect()
}

/// The pitches of notes in semitones above c4, in the order of their starts.
pub(crate) fn pitches(events: &[VoiceEvent]) -> Vec<i32> {
    let pitch = |event: &VoiceEvent| match event.action {
        VoiceAction::Trigger(strike) => Some(strike.pitch),
        VoiceAction::Slide { pitch, .. } => Some(pitch),
        _ => None,
    };
    events.iter().filter_map(pitch).map(|octaves| (octaves * 12.0).round() as i32).collect()
}

pub(crate) fn peak(signal: &[f32]) -> f32 {
    signal.iter().fold(0.0, |peak, x| peak.max(x.abs()))
}

/// The largest step from one sample to the next, after a straight line has been taken away: what a click shows in.
pub(crate) fn roughness(signal: &[f32]) -> f32 {
    signal.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max)
}

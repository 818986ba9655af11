//! Sounds made up for one purpose.

use chronus::compare::verdict::Verdict;
use chronus::engine::block_loop::Frame;
use chronus::report::facts::{BarStart, ReportComparison, ReportPart};

use crate::rig::part;

/// A tone.
pub(crate) fn tone(frames: usize, rate: u32, freq: f64, gain: f64) -> Vec<Frame> {
    let turn = std::f64::consts::TAU * freq / f64::from(rate);
    (0..frames).map(|n| (gain * libm::sin(turn * n as f64)) as f32).map(|x| [x, 0.5 * x]).collect()
}

/// Noise.
pub(crate) fn noise(frames: usize, mut seed: u32, gain: f32) -> Vec<Frame> {
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        gain * ((seed >> 8) as f32 / 8_388_608.0 - 1.0)
    };
    (0..frames).map(|_| [next(), next()]).collect()
}

/// Bars of equal length.
pub(crate) fn bars(count: usize, frames: usize) -> Vec<BarStart> {
    let section = |bar: usize| ["intro", "verse", "chorus"][bar / 4 % 3].to_owned();
    (0..count)
        .map(|bar| BarStart { frame: bar * frames, name: (bar + 1).to_string(), section: section(bar) })
        .collect()
}

/// A comparison of parts.
pub(crate) fn of<'a>(
    title: &str,
    rate: u32,
    bars: &[BarStart],
    parts: Vec<ReportPart<'a>>,
) -> ReportComparison<'a> {
    ReportComparison {
        title: title.to_owned(),
        names: ["a.wav".to_owned(), "b.wav".to_owned()],
        verdict: Some(parts.first().map_or(Verdict::Identical, |part| part.verdict)),
        sentences: vec!["a sentence".to_owned()],
        rate,
        bars: [bars.to_vec(), bars.to_vec()],
        parts,
        identical: Vec::new(),
        causes: Vec::new(),
    }
}

/// A comparison of one mix.
pub(crate) fn mix<'a>(
    title: &str,
    rate: u32,
    bars: &[BarStart],
    a: &'a [Frame],
    b: &'a [Frame],
) -> ReportComparison<'a> {
    of(title, rate, bars, vec![part("mix", a, b)])
}

//! When the sources of the top level are heard: they fade in at the song's start and out at its end.

use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;

/// Seconds in which sources of the top level fade in at the start.
const FADE_IN: f64 = 0.002;
/// Seconds in which they stop at the end.
const FADE_OUT: f64 = 0.02;

/// 1 while the song plays: up from 0 at its start, down to 0 after its end.
pub(super) fn write_running(buffer: &mut Buffer, frame: u64, rate: u32, [start, end]: [f64; 2]) {
    let frames = |seconds: f64| seconds * f64::from(rate);
    let at = |frame: u64| {
        let up = (frame as f64 - start) / frames(FADE_IN);
        let down = 1.0 - (frame as f64 - end) / frames(FADE_OUT);
        up.min(down).clamp(0.0, 1.0) as f32
    };
    let (first, last) = (at(frame), at(frame + BLOCK as u64 - 1));
    if first == last {
        buffer.set([first]);
    } else {
        for (i, row) in buffer.rows::<1>().iter_mut().enumerate() {
            *row = [at(frame + i as u64)];
        }
    }
}

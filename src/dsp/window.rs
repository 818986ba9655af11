//! Windows for looking at a stretch of sound.

/// A Hann window of `size` samples, periodic: the sample after the last would be the first, 0.
pub fn hann(size: usize) -> Vec<f32> {
    let turn = std::f64::consts::TAU / size as f64;
    (0..size).map(|i| (0.5 - 0.5 * libm::cos(turn * i as f64)) as f32).collect()
}

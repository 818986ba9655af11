//! What a click has and a calm song doesn't: sound above 9 kHz.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

/// The level above 9 kHz of some frames of 48,000 a second, in dB.
pub(crate) fn highs(signal: &[f32]) -> f32 {
    let length = signal.len();
    let mut bins: Vec<Complex<f64>> = signal
        .iter()
        .enumerate()
        .map(|(i, x)| {
            // Blackman and Harris's window: 92 dB down beside the main lobe.
            let turn = std::f64::consts::TAU * i as f64 / length as f64;
            let window = 0.35875 - 0.48829 * libm::cos(turn) + 0.14128 * libm::cos(2.0 * turn)
                - 0.01168 * libm::cos(3.0 * turn);
            Complex::new(f64::from(*x) * window, 0.0)
        })
        .collect();
    FftPlanner::new().plan_fft_forward(length).process(&mut bins);
    let from = length * 9_000 / 48_000;
    let power: f64 = bins[from..length / 2].iter().map(Complex::norm_sqr).sum();
    (10.0 * libm::log10(power / (length * length) as f64 + 1e-20)) as f32
}

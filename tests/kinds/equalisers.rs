//! Shelves, three bands and the filter with many outputs against their formulas.

use rustfft::num_complex::Complex;

use crate::measure::{RATE, Rig, db, impulse, noise, peak, response};

fn impulse_response(kind: &str, params: &[(&str, f32)], output: usize) -> Vec<f32> {
    let mut rig = Rig::new(kind).feed("in", impulse(1.0));
    for (name, value) in params {
        rig = rig.set(name, *value);
    }
    rig.run_all(48_000)[output].clone()
}

/// The response of one band in decibels after Robert Bristow-Johnson's cookbook.
fn cookbook(form: &str, freq: f64, q: f64, gain: f64, hertz: f64) -> f64 {
    let root = gain.sqrt();
    let turn = std::f64::consts::TAU * freq / f64::from(RATE);
    let (sin, cos) = (libm::sin(turn), libm::cos(turn));
    let alpha = sin / (2.0 * q);
    let slope = 2.0 * root.sqrt() * alpha;
    let (up, down) = (root + 1.0, root - 1.0);
    let (b, a) = match form {
        "low" => (
            [
                root * (up - down * cos + slope),
                2.0 * root * (down - up * cos),
                root * (up - down * cos - slope),
            ],
            [up + down * cos + slope, -2.0 * (down + up * cos), up + down * cos - slope],
        ),
        "high" => (
            [
                root * (up + down * cos + slope),
                -2.0 * root * (down + up * cos),
                root * (up + down * cos - slope),
            ],
            [up - down * cos + slope, 2.0 * (down - up * cos), up - down * cos - slope],
        ),
        _ => (
            [1.0 + alpha * root, -2.0 * cos, 1.0 - alpha * root],
            [1.0 + alpha / root, -2.0 * cos, 1.0 - alpha / root],
        ),
    };
    let z = |k: f64| Complex::from_polar(1.0, -std::f64::consts::TAU * hertz / f64::from(RATE) * k);
    let sum = |c: [f64; 3]| z(0.0) * c[0] + z(1.0) * c[1] + z(2.0) * c[2];
    db((sum(b) / sum(a)).norm())
}

const PROBES: [f64; 8] = [30.0, 100.0, 220.0, 700.0, 1_500.0, 4_000.0, 9_000.0, 18_000.0];

#[test]
fn shelves_are_those_of_the_cookbook() {
    for (kind, form) in [("lowshelf", "low"), ("highshelf", "high")] {
        for (freq, q, gain) in [(150.0, 0.8, 4.0), (2_000.0, 0.5, 0.25), (6_000.0, 1.2, 2.0f32)] {
            let heard = impulse_response(kind, &[("freq", freq), ("q", q), ("gain", gain)], 0);
            for hertz in PROBES {
                let want = cookbook(form, f64::from(freq), f64::from(q), f64::from(gain), hertz);
                let got = response(&heard, hertz);
                assert!((got - want).abs() < 0.02, "{kind} {freq} {q} {gain} at {hertz}: {got}, not {want}");
            }
        }
    }
}

#[test]
fn three_bands_are_the_sum_of_their_curves() {
    let params = [
        ("low", 2.0),
        ("low-freq", 120.0),
        ("mid", 0.4),
        ("mid-freq", 900.0),
        ("mid-q", 1.5),
        ("high", 3.0),
        ("high-freq", 5_000.0f32),
    ];
    let heard = impulse_response("eq3", &params, 0);
    let steep = std::f64::consts::FRAC_1_SQRT_2;
    for hertz in PROBES {
        let want = cookbook("low", 120.0, steep, 2.0, hertz)
            + cookbook("bell", 900.0, 1.5, f64::from(0.4f32), hertz)
            + cookbook("high", 5_000.0, steep, 3.0, hertz);
        let got = response(&heard, hertz);
        assert!((got - want).abs() < 0.02, "{hertz}: {got}, not {want}");
    }
    // At 0 dB nothing changes.
    let input = noise(1, 4_800);
    let heard = Rig::new("eq3").feed("in", input.clone()).run(4_800);
    assert!((0..4_800).all(|i| (heard[i] - input[i]).abs() < 1e-6));
}

#[test]
fn equalisers_bear_modulation_of_any_speed() {
    let frames = 48_000;
    for (kind, moved) in [("lowshelf", "freq"), ("highshelf", "freq"), ("eq3", "mid-freq"), ("svf", "cutoff")]
    {
        let jumps = |high: f32| (0..frames).map(|i| if i % 2 == 0 { 20.0 } else { high }).collect();
        let mut rig = Rig::new(kind).feed(moved, jumps(20_000.0)).feed("in", noise(6, frames));
        rig = match kind {
            "eq3" => rig.set("mid", 15.0).set("mid-q", 20.0),
            "svf" => rig.set("resonance", 0.97),
            _ => rig.set("gain", 15.0),
        };
        let heard = rig.run(frames);
        // A few times what it lets through where it stands still.
        assert!(peak(&heard) < 90.0, "{kind}: {}", peak(&heard));
    }
}

#[test]
fn every_output_of_the_svf_is_its_own_filter() {
    for (cutoff, resonance) in [(300.0, 0.3), (1_000.0, 0.8), (6_000.0, 0.0f32)] {
        let damping = 2.0 - 1.98 * f64::from(resonance);
        let warp = |hertz: f64| libm::tan(std::f64::consts::PI * hertz / f64::from(RATE));
        for (output, name) in ["low", "band", "high", "notch", "peak"].into_iter().enumerate() {
            let heard = impulse_response("svf", &[("cutoff", cutoff), ("resonance", resonance)], output);
            for hertz in PROBES {
                // The analogue prototype at the warped frequency.
                let s = Complex::new(0.0, warp(hertz) / warp(f64::from(cutoff)));
                let below = s * s + s * damping + 1.0;
                let above = match name {
                    "low" => Complex::new(1.0, 0.0),
                    "band" => s * damping,
                    "high" => s * s,
                    "notch" => s * s + 1.0,
                    _ => Complex::new(1.0, 0.0) - s * s,
                };
                let want = db((above / below).norm());
                let got = response(&heard, hertz);
                // Far down rounding is what is left.
                let bound = if want > -60.0 { 0.02 } else { 3.0 };
                assert!((got - want).abs() < bound, "{name} {cutoff} at {hertz}: {got}, not {want}");
            }
        }
    }
}

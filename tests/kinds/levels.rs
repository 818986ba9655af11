//! Amplifier, sum and pan.

use crate::measure::{Rig, db, noise, rms};

#[test]
fn a_vca_multiplies() {
    let input = noise(1, 1_000);
    let gain: Vec<f32> = noise(2, 1_000);
    let heard = Rig::new("vca").feed("in", input.clone()).feed("gain", gain.clone()).run(1_000);
    for i in 0..1_000 {
        assert_eq!(heard[i], input[i] * gain[i]);
    }
    let heard = Rig::new("vca").feed("in", input.clone()).set("gain", -1.0).run(1_000);
    assert!((0..1_000).all(|i| heard[i] == -input[i]));
}

#[test]
fn a_sum_passes_on_what_it_gets() {
    let input = noise(1, 1_000);
    assert_eq!(Rig::new("sum").feed("in", input.clone()).run(1_000), input);
}

#[test]
fn pan_keeps_the_power() {
    let input = noise(1, 48_000);
    let level = rms(&input);
    for pan in [-1.0, -0.5, 0.0, 0.3, 1.0f32] {
        let heard = Rig::new("pan").set("pan", pan).feed("in", input.clone()).run_all(48_000);
        let angle = f64::from(pan + 1.0) * std::f64::consts::FRAC_PI_4;
        let (left, right) = (rms(&heard[0]) / level, rms(&heard[1]) / level);
        assert!((left - std::f64::consts::SQRT_2 * libm::cos(angle)).abs() < 1e-5, "{pan}: left {left}");
        assert!((right - std::f64::consts::SQRT_2 * libm::sin(angle)).abs() < 1e-5, "{pan}: right {right}");
    }
    let centre = Rig::new("pan").feed("in", input).run_all(1_000);
    assert!(db(rms(&centre[0]) / rms(&centre[1])).abs() < 1e-5);
}

#[test]
fn pan_balances_stereo() {
    let (left, right) = (noise(1, 1_000), noise(2, 1_000));
    let rig = Rig::new("pan").set("pan", 1.0).feed_channel(0, left).feed_channel(1, right.clone());
    let heard = rig.run_all(1_000);
    assert!(heard[0].iter().all(|x| x.abs() < 1e-6));
    assert!((rms(&heard[1]) / rms(&right) - std::f64::consts::SQRT_2).abs() < 1e-5);
}

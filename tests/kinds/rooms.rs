//! Reverb and chorus.

use rustfft::num_complex::Complex;

use crate::measure::{RATE, Rig, band, db, density, impulse, mean, noise, peak, rms, sine, transform};

/// The room's answer to one frame.
fn answer(params: &[(&str, f32)], settings: &[(&str, f32)], seconds: f32) -> Vec<Vec<f32>> {
    let mut rig = Rig::with("reverb", RATE, settings, 1).feed("in", impulse(1.0));
    for (name, value) in params {
        rig = rig.set(name, *value);
    }
    rig.run_all((seconds * RATE) as usize)
}

/// The time in which the energy left (Schroeder's integral) falls by 60 dB, from its fall between 5 and 35 dB.
fn reverberation(heard: &[f32]) -> f64 {
    let mut left = 0.0;
    let mut energy: Vec<f64> = heard
        .iter()
        .rev()
        .map(|x| {
            left += f64::from(*x) * f64::from(*x);
            left
        })
        .collect();
    energy.reverse();
    let reaches = |level: f64| {
        energy.iter().position(|e| 10.0 * libm::log10(e / energy[0]) < level).expect("it dies away") as f64
    };
    2.0 * (reaches(-35.0) - reaches(-5.0)) / f64::from(RATE)
}

/// The share of the spectrum around `hertz`, an octave wide.
fn octave(heard: &[f32], hertz: f64) -> Vec<f32> {
    let q = 1.414;
    let once = Rig::new("bandpass")
        .set("freq", hertz as f32)
        .set("q", q)
        .feed("in", heard.to_vec())
        .run(heard.len());
    Rig::new("bandpass").set("freq", hertz as f32).set("q", q).feed("in", once).run(heard.len())
}

#[test]
fn a_room_rings_as_long_as_it_says() {
    for time in [0.3, 0.5, 1.0, 2.0, 4.0, 8.0f32] {
        let heard = answer(&[("time", time), ("damp", 0.0)], &[], 1.5 * time + 0.5);
        for (side, heard) in heard.iter().enumerate() {
            let measured = reverberation(heard);
            assert!((measured / f64::from(time) - 1.0).abs() < 0.1, "{time} s, side {side}: {measured}");
        }
        if time >= 1.0 {
            for hertz in [125.0, 500.0, 2_000.0, 8_000.0] {
                let measured = reverberation(&octave(&heard[0], hertz));
                assert!(
                    (measured / f64::from(time) - 1.0).abs() < 0.15,
                    "{time} s at {hertz} Hz: {measured}"
                );
            }
        }
    }
}

#[test]
fn damping_shortens_the_highs_and_not_the_lows() {
    let mut last = f64::MAX;
    for damp in [0.0, 0.3, 0.6, 1.0f32] {
        let heard = answer(&[("time", 2.0), ("damp", damp)], &[], 4.0);
        let low = reverberation(&octave(&heard[0], 125.0));
        let high = reverberation(&octave(&heard[0], 8_000.0));
        assert!((low / 2.0 - 1.0).abs() < 0.1, "damp {damp}: lows {low}");
        assert!(high < 0.8 * last, "damp {damp}: highs {high}");
        last = high;
    }
    assert!(last < 0.5);
}

#[test]
fn it_is_dense_within_a_tenth_of_a_second() {
    // Of noise, 31.7 % lies beyond its standard deviation (Abel and Huang, 2006).
    let heard = answer(&[("time", 2.0), ("damp", 0.0)], &[], 1.0);
    for heard in &heard {
        for (at, least) in [(0.06, 0.6), (0.1, 0.8), (0.2, 0.85)] {
            let start = (at * RATE) as usize;
            let window = &heard[start..start + 1_200];
            let level = rms(window);
            let beyond = window.iter().filter(|x| f64::from(x.abs()) > level).count() as f64 / 1_200.0;
            assert!(beyond / 0.317 > least, "at {at} s: {}", beyond / 0.317);
        }
    }
}

#[test]
fn no_resonance_stands_out() {
    for time in [2.0, 8.0f32] {
        let heard = answer(&[("time", time), ("damp", 0.0)], &[], 4.0);
        for heard in &heard {
            for start in [1.0, 2.0, 3.0f32] {
                let frames = RATE as usize;
                let stretch: Vec<f32> = heard[(start * RATE) as usize..][..frames]
                    .iter()
                    .enumerate()
                    .map(|(i, x)| {
                        let turn = std::f64::consts::TAU * i as f64 / frames as f64;
                        x * (0.5 - 0.5 * libm::cos(turn)) as f32
                    })
                    .collect();
                let power: Vec<f64> = transform(&stretch).iter().map(Complex::norm_sqr).collect();
                for low in [200, 400, 800, 1_600, 3_200, 6_400usize] {
                    let reach = low / 16;
                    let loudest = (low..2 * low)
                        .map(|k| {
                            let around = &power[k - reach..k + reach];
                            10.0 * libm::log10(power[k] * around.len() as f64 / around.iter().sum::<f64>())
                        })
                        .fold(0.0, f64::max);
                    // Of noise, the loudest of so many bins stands out by 10 dB.
                    assert!(loudest < 12.5, "{time} s, {low} Hz at {start} s: {loudest} dB");
                }
            }
        }
    }
}

#[test]
fn left_and_right_are_strangers_and_equals() {
    let heard = answer(&[("time", 2.0)], &[], 2.0);
    let (left, right) = (&heard[0][4_800..], &heard[1][4_800..]);
    let shared: f64 = left.iter().zip(right).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
        / left.len() as f64
        / (rms(left) * rms(right));
    assert!(shared.abs() < 0.12, "{shared}");
    assert!(db(rms(left) / rms(right)).abs() < 1.0);
    // One side alone fills both.
    let mut one = vec![0.0; 96_000];
    one[0] = 1.0;
    let rig = Rig::new("reverb").feed_channel(0, one).feed_channel(1, vec![0.0]);
    let heard = rig.run_all(96_000);
    assert!(db(rms(&heard[0]) / rms(&heard[1])).abs() < 2.0);
}

#[test]
fn a_longer_room_is_no_louder_and_holds_no_dc() {
    for time in [0.5, 2.0, 8.0f32] {
        let input = noise(4, 12 * 48_000);
        let level = rms(&input);
        let rig = Rig::new("reverb").set("time", time).set("damp", 0.0).feed("in", input);
        let heard = rig.run(12 * 48_000);
        let gain = db(rms(&heard[8 * 48_000..]) / level);
        assert!(gain.abs() < 2.5, "{time} s: {gain} dB");
    }
    let heard = Rig::new("reverb").set("time", 8.0).feed("in", vec![1.0]).run(6 * 48_000);
    assert!(mean(&heard[5 * 48_000..]).abs() < 1e-3, "{}", mean(&heard[5 * 48_000..]));
}

#[test]
fn size_and_predelay_move_the_first_echo() {
    let first = |settings: &[(&str, f32)]| {
        let heard = answer(&[], settings, 1.0);
        heard[0].iter().position(|x| x.abs() > 1e-5).expect("an echo") as f64 / f64::from(RATE)
    };
    let (small, middle, large) = (first(&[("size", 0.0)]), first(&[]), first(&[("size", 1.0)]));
    assert!(small < 0.5 * middle && middle < 0.5 * large, "{small}, {middle}, {large}");
    assert!((first(&[("predelay", 0.1)]) - middle - 0.1).abs() < 0.001);
}

#[test]
fn a_moving_time_does_not_click() {
    let frames = 4 * 48_000;
    let time: Vec<f32> = sine(1.0, 1.4, frames).iter().map(|x| 1.5 + x).collect();
    let rig = Rig::new("reverb").feed("time", time).set("damp", 0.0).feed("in", sine(300.0, 0.5, frames));
    let heard = rig.run(frames);
    let density = density(&heard[48_000..], 8_192);
    let ratio = 10.0 * libm::log10(band(&density, 2_000.0, 24_000.0) / band(&density, 200.0, 400.0));
    assert!(ratio < -60.0, "{ratio} dB");
}

#[test]
fn a_chorus_is_wide_and_smooth() {
    let frames = 6 * 48_000;
    let heard = Rig::new("chorus").feed("in", sine(1_000.0, 0.5, frames)).run_all(frames);
    for heard in &heard {
        // Detuned by no more than 2 pi rate depth = 1.2 %, and nothing else.
        let density = density(&heard[9_600..], 8_192);
        let outside = band(&density, 20.0, 900.0) + band(&density, 1_100.0, 24_000.0);
        let ratio = 10.0 * libm::log10(outside / band(&density, 900.0, 1_100.0));
        assert!(ratio < -70.0, "{ratio} dB");
        assert!(peak(heard) < 0.76);
    }
    let heard = Rig::new("chorus").feed("in", noise(2, frames)).run_all(frames);
    let (left, right) = (&heard[0], &heard[1]);
    let shared: f64 = left.iter().zip(right).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
        / left.len() as f64
        / (rms(left) * rms(right));
    assert!(shared.abs() < 0.3, "{shared}");
    assert!(db(rms(left) / rms(&noise(2, frames))).abs() < 3.0);
}

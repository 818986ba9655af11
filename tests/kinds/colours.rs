//! Distortion, crush, limiter and DC blocker.

use chronus::modules::find;
use chronus::modules::state::Setup;
use ebur128::{EbuR128, Mode};

use crate::measure::{RATE, Rig, db, impulse, mean, noise, partials, peak, response, rms, sine};

const LENGTH: usize = 1 << 15;
const TANH: f32 = 0.0;
const FOLD: f32 = 1.0;
const HARD: f32 = 2.0;
const X2: f32 = 0.0;
const X4: f32 = 1.0;
const X1: f32 = 2.0;

fn distort(shape: f32, oversample: f32, drive: f32, input: Vec<f32>) -> Vec<f32> {
    let frames = input.len();
    Rig::with("distortion", RATE, &[("shape", shape), ("oversample", oversample)], 1)
        .set("drive", drive)
        .feed("in", input)
        .run(frames)
}

/// What `kind` says it delays by, at some settings and rate.
fn latency(kind: &str, settings: &[f32], rate: f32) -> usize {
    let spec = find(kind).expect("a kind");
    let highest: Vec<f32> = spec.params.iter().map(|param| param.max as f32).collect();
    (spec.state.latency)(&Setup { rate, seed: 1, settings, highest: &highest, clip: None }) as usize
}

#[test]
fn the_curves_are_what_they_say() {
    for drive in [0.5, 1.2, 10.0, 1_000.0f32] {
        let input = noise(1, 10_000);
        let heard = distort(TANH, X1, drive, input.clone());
        for (x, y) in input.iter().zip(&heard) {
            let expected = libm::tanh(f64::from(*x) * f64::from(drive));
            assert!((f64::from(*y) - expected).abs() < 1e-5, "tanh({drive} {x}) is {y}");
        }
        let heard = distort(HARD, X1, drive, input.clone());
        assert!(input.iter().zip(&heard).all(|(x, y)| *y == (x * drive).clamp(-1.0, 1.0)));
    }
    let heard = distort(FOLD, X1, 3.0, vec![0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0, -1.0]);
    for (y, expected) in heard.iter().zip([0.0, 1.0, 0.0, -1.0, 1.0]) {
        assert!((y - expected).abs() < 1e-5, "{y}, not {expected}");
    }
}

#[test]
fn oversampling_delays_by_what_it_says_and_passes_the_band() {
    for (oversample, frames) in [(X1, 0), (X2, 31), (X4, 37)] {
        let settings = [HARD, oversample];
        assert_eq!(latency("distortion", &settings, RATE), frames);
        let heard = distort(HARD, oversample, 1.0, {
            let mut input = vec![0.0; 4_096];
            input[100] = 0.5;
            input
        });
        let centre =
            heard.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).expect("a peak").0;
        assert_eq!(centre, 100 + frames);
        let shifted: Vec<f32> = heard[100 + frames..].to_vec();
        if frames > 0 {
            // Linear phase: the answer is the same before and after its middle.
            for k in 0..=frames {
                assert!((heard[centre + k] - heard[centre - k]).abs() < 1e-6, "{k}");
            }
        } else {
            assert_eq!(shifted[0], 0.5);
        }
        for hertz in [100.0, 1_000.0, 10_000.0, 18_000.0, 19_900.0] {
            let level = response(&heard, hertz) - db(0.5);
            assert!(level.abs() < 0.01, "{hertz}: {level} dB");
        }
    }
    // The dry sound waits for the wet.
    let input = noise(3, 4_800);
    let rig = Rig::with("distortion", RATE, &[("oversample", X4)], 1).set("mix", 0.0);
    let heard = rig.feed("in", input.clone()).run(4_800);
    assert_eq!(heard[37..], input[..4_800 - 37]);
}

#[test]
fn oversampling_keeps_aliases_down() {
    // 2.5 kHz at bin 1709: harmonics fold onto bins that aren't harmonics.
    let bin = 1_709;
    let hertz = bin as f64 * f64::from(RATE) / LENGTH as f64;
    let worst = |shape: f32, oversample: f32, drive: f32| {
        let heard = distort(shape, oversample, drive, sine(hertz, 1.0, 2 * LENGTH));
        let bins = partials(&heard[LENGTH..]);
        let limit = (20_000.0 / f64::from(RATE) * LENGTH as f64) as usize;
        let loudest = (1..limit).filter(|k| k % bin != 0).map(|k| bins[k]).fold(0.0, f64::max);
        db(loudest / bins[bin])
    };
    let (once, twice, four) = (worst(TANH, X1, 4.0), worst(TANH, X2, 4.0), worst(TANH, X4, 4.0));
    assert!((-50.0..-20.0).contains(&once), "{once} dB");
    assert!(twice < -100.0, "{twice} dB");
    assert!(four < -120.0, "{four} dB");
    for shape in [FOLD, HARD] {
        let (once, four) = (worst(shape, X1, 4.0), worst(shape, X4, 4.0));
        assert!(four < once - 15.0, "{shape}: {once} and {four} dB");
    }
}

#[test]
fn distortion_adds_no_dc() {
    for shape in [TANH, FOLD, HARD] {
        let heard = distort(shape, X2, 20.0, sine(375.0, 0.7, 48_000));
        assert!(mean(&heard[12_800..]).abs() < 1e-5, "{}", mean(&heard[12_800..]));
    }
}

#[test]
fn crush_rounds_and_holds() {
    let input = noise(6, 9_600);
    let rig = Rig::new("crush").set("bits", 3.0).set("rate", 192_000.0).feed("in", input.clone());
    let heard = rig.run(9_600);
    for (x, y) in input.iter().zip(&heard) {
        assert_eq!(y * 4.0, (y * 4.0).round(), "{y} is no level");
        assert!((x - y).abs() <= 0.125 + 1e-6);
    }
    let heard = Rig::new("crush").set("bits", 24.0).set("rate", 6_000.0).feed("in", input.clone()).run(9_600);
    for (k, held) in heard.chunks(8).enumerate() {
        assert!(held.iter().all(|x| (x - input[8 * k]).abs() < 1e-6), "step {k}");
    }
}

#[test]
fn nothing_passes_the_ceiling() {
    let frames = 96_000;
    let bursts: Vec<f32> = noise(8, frames)
        .iter()
        .enumerate()
        .map(|(i, x)| if i / 3_000 % 3 == 0 { 20.0 * x } else { 0.3 * x })
        .collect();
    let square: Vec<f32> = (0..frames).map(|i| if i / 137 % 2 == 0 { 3.0 } else { -3.0 }).collect();
    let clicks: Vec<f32> = (0..frames).map(|i| if i % 1_009 == 0 { 50.0 } else { 0.1 }).collect();
    let moving: Vec<f32> = sine(7.0, 0.4, frames).iter().map(|x| 0.5 + x).collect();
    for rate in [48_000.0, 44_100.0, 96_000.0, 22_050.0] {
        for input in [bursts.clone(), square.clone(), clicks.clone(), sine(997.0, 4.0, frames)] {
            for release in [0.005, 0.1, 2.0] {
                for ceiling in [vec![0.891_250_94], vec![0.1], moving.clone()] {
                    let heard = Rig::with("limiter", rate, &[], 1)
                        .set("release", release)
                        .feed("ceiling", ceiling.clone())
                        .feed("in", input.clone())
                        .run_all(frames);
                    for heard in &heard {
                        for (i, x) in heard.iter().enumerate() {
                            let most = ceiling.get(i).or(ceiling.last()).expect("a ceiling");
                            assert!(x.abs() <= *most, "frame {i}: {x} over {most}");
                        }
                    }
                }
            }
        }
    }
}

/// The true peak of one channel by another meter, linear.
fn true_peak(heard: &[f32], rate: f32) -> f64 {
    let mut meter = EbuR128::new(1, rate as u32, Mode::TRUE_PEAK).expect("a meter");
    meter.add_frames_f32(heard).expect("frames");
    meter.true_peak(0).expect("a peak")
}

#[test]
fn no_true_peak_passes_the_ceiling() {
    let frames = 96_000;
    let noisy = noise(8, frames);
    let bursts: Vec<f32> =
        (0..frames).map(|i| if i / 3_000 % 3 == 0 { 20.0 } else { 0.3 } * noisy[i]).collect();
    let square: Vec<f32> = (0..frames).map(|i| if i / 137 % 2 == 0 { 3.0 } else { -3.0 }).collect();
    let clicks: Vec<f32> = (0..frames).map(|i| if i % 1_009 == 0 { 50.0 } else { 0.1 }).collect();
    // A quarter of the rate, between whose samples lie peaks 3 dB higher; its level swells and falls.
    let between: Vec<f32> = (0..frames)
        .map(|i| {
            let level = 1.0 + 0.7 * libm::sinf(i as f32 * 0.001);
            level * libm::sinf(i as f32 * std::f32::consts::FRAC_PI_2 + 0.785)
        })
        .collect();
    // What rings most between samples: signs of the filter itself, at levels drawn anew.
    let signs: Vec<f32> = (0..frames)
        .map(|i| {
            let sign = if i % 12 < 6 { i % 2 == 0 } else { i % 2 == 1 };
            let level = noisy[i / 40] + 1.0;
            if sign { level } else { -level }
        })
        .collect();
    let white: Vec<f32> = noisy.iter().map(|x| 1.5 * x).collect();
    let inputs = [bursts, square, clicks, between, signs, white, sine(11_777.0, 4.0, frames)];
    let mut worst = f64::NEG_INFINITY;
    for rate in [48_000.0, 44_100.0, 96_000.0, 192_000.0, 22_050.0, 8_000.0] {
        for (k, input) in inputs.iter().enumerate() {
            for release in [0.005, 0.1, 2.0] {
                for ceiling in [0.891_250_94_f32, 0.1] {
                    let rig =
                        Rig::with("limiter", rate, &[], 1).set("release", release).set("ceiling", ceiling);
                    let heard = rig.feed_channel(0, [&input[..], &[0.0]].concat()).run(frames + 1_000);
                    let over = db(true_peak(&heard, rate) / f64::from(ceiling));
                    assert!(
                        over < if rate > 8_000.0 { 0.001 } else { 0.01 },
                        "{rate} Hz, input {k}, release {release}, ceiling {ceiling}: {over} dB over"
                    );
                    worst = worst.max(over);
                }
            }
        }
    }
    assert!(worst > -0.1, "it turns down by more than it must: {worst} dB");
}

#[test]
fn what_lies_below_the_ceiling_passes_unchanged() {
    let ahead = latency("limiter", &[], RATE);
    assert_eq!(ahead, 138);
    // The true peak of noise whose samples reach 0.45 lies under the ceiling, if not by much.
    let input: Vec<f32> = noise(8, 48_000).iter().map(|x| 0.45 * x).collect();
    let heard = Rig::new("limiter").feed("in", input.clone()).run(48_000);
    assert_eq!(heard[ahead..], input[..48_000 - ahead]);
    // Also a while after a peak.
    let mut peaky = input.clone();
    peaky[5_000] = 4.0;
    let heard = Rig::new("limiter").set("release", 0.05).feed("in", peaky).run(48_000);
    assert_eq!(heard[20_000..], input[20_000 - ahead..48_000 - ahead]);
}

#[test]
fn it_turns_down_smoothly_and_both_sides_alike() {
    let frames = 48_000;
    let mut left = sine(440.0, 0.5, frames);
    for (i, x) in left.iter_mut().enumerate() {
        *x *= if i > 24_000 { 6.0 } else { 1.0 };
    }
    let right = vec![0.25; frames];
    let rig = Rig::new("limiter").feed_channel(0, left.clone()).feed_channel(1, right.clone());
    let heard = rig.run_all(frames);
    // The gain of both sides is the same, and moves by little from frame to frame.
    let mut last = 1.0f64;
    for i in 1_000..frames {
        let (l, r) = (left[i - 138], right[i - 138]);
        let gain = f64::from(heard[1][i] / r);
        assert!((gain - last).abs() < 0.012, "frame {i}: {last} to {gain}");
        last = gain;
        if l.abs() > 0.2 {
            assert!((f64::from(heard[0][i] / l) - gain).abs() < 1e-4, "frame {i}");
        }
    }
    // A loud tone keeps close to the ceiling.
    assert!(peak(&heard[0][40_000..]) > 0.8, "{}", peak(&heard[0][40_000..]));
}

#[test]
fn a_dc_blocker_takes_only_the_dc() {
    let input: Vec<f32> = sine(100.0, 0.3, 96_000).iter().map(|x| x + 0.5).collect();
    let heard = Rig::new("dcblock").feed("in", input).run(96_000);
    assert!(mean(&heard[48_000..]).abs() < 1e-4);
    assert!((rms(&heard[48_000..]) * std::f64::consts::SQRT_2 / 0.3 - 1.0).abs() < 0.01);
    let heard = Rig::new("dcblock").set("cutoff", 50.0).feed("in", impulse(1.0)).run(48_000);
    assert!((response(&heard, 50.0) + 3.01).abs() < 0.1, "{}", response(&heard, 50.0));
}

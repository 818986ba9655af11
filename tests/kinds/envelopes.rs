//! Onsets, lengths and curves of the envelopes, frame by frame.

use crate::measure::{RATE, Rig};

/// A gate that is open in each of `spans`.
fn gate(frames: usize, spans: &[std::ops::Range<usize>]) -> Vec<f32> {
    let mut gate = vec![0.0; frames];
    for span in spans {
        gate[span.clone()].fill(1.0);
    }
    gate
}

/// An ADSR of 480, 4800 and 7200 frames around 0.6.
fn adsr(curve: f32, gate: Vec<f32>, frames: usize) -> Vec<f32> {
    Rig::with("adsr", RATE, &[("curve", curve)], 1)
        .set("attack", 0.01)
        .set("decay", 0.1)
        .set("sustain", 0.6)
        .set("release", 0.15)
        .feed("gate", gate)
        .run(frames)
}

const NATURAL: f32 = 0.0;
const LINEAR: f32 = 1.0;
const CONVEX: f32 = 2.0;

#[track_caller]
fn near(is: f32, should: f64) {
    assert!((f64::from(is) - should).abs() < 2e-6, "{is}, not {should}");
}

#[test]
fn linear_segments_are_lines_exact_to_the_frame() {
    for start in [0, 1, 63, 64, 100, 777] {
        let end = start + 14_400;
        let heard = adsr(LINEAR, gate(40_000, std::slice::from_ref(&(start..end))), 40_000);
        assert!(heard[..start].iter().all(|x| *x == 0.0));
        for n in 0..480 {
            near(heard[start + n], n as f64 / 480.0);
        }
        for n in 0..4_800 {
            near(heard[start + 480 + n], 1.0 - 0.4 * n as f64 / 4_800.0);
        }
        for n in 5_280..14_400 {
            assert_eq!(heard[start + n], 0.6);
        }
        for n in 0..7_200 {
            near(heard[end + n], 0.6 * (1.0 - n as f64 / 7_200.0));
        }
        assert!(heard[end + 7_200..].iter().all(|x| *x == 0.0));
    }
}

#[test]
fn natural_segments_last_as_long_and_bend() {
    let heard = adsr(NATURAL, gate(40_000, std::slice::from_ref(&(100..14_500))), 40_000);
    assert!(heard[..=100].iter().all(|x| *x == 0.0) && heard[101] > 0.0);
    assert!(heard[579] < 1.0 && heard[580] == 1.0 && heard[581] < 1.0);
    assert!(heard[5_379] > 0.6 && heard[5_380..=14_500].iter().all(|x| *x == 0.6));
    assert!(heard[14_501] < 0.6 && heard[21_699] > 0.0 && heard[21_700..].iter().all(|x| *x == 0.0));
    // A charging capacitor is past the middle in half the time, a discharging one far below it.
    assert!((0.6..0.7).contains(&heard[340]), "{}", heard[340]);
    assert!((0.05..0.1).contains(&(heard[18_100] / 0.6)), "{}", heard[18_100]);
    // No step is larger than an attack's first.
    assert!(heard.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 1.7 / 480.0));
}

#[test]
fn convex_segments_bulge() {
    let heard = adsr(CONVEX, gate(40_000, std::slice::from_ref(&(100..14_500))), 40_000);
    for n in 0..480 {
        near(heard[100 + n], libm::pow(n as f64 / 480.0, 0.75));
    }
    for n in 0..4_800 {
        near(heard[580 + n], 0.6 + 0.4 * libm::pow(1.0 - n as f64 / 4_800.0, 0.75));
    }
    assert!(heard[5_380..=14_500].iter().all(|x| *x == 0.6));
    // At half of the release it is 4.5 dB down.
    let half = 20.0 * libm::log10(f64::from(heard[14_500 + 3_600]) / 0.6);
    assert!((half + 4.515).abs() < 0.01, "{half} dB");
    assert!(heard[21_700..].iter().all(|x| *x == 0.0));
}

#[test]
fn a_gate_of_one_frame_still_opens() {
    for start in [0, 63, 64, 1_000] {
        let heard = adsr(LINEAR, gate(10_000, std::slice::from_ref(&(start..start + 1))), 10_000);
        near(heard[start + 1], 1.0 / 480.0);
        assert!(heard[start + 2] < heard[start + 1] && heard[start + 100] > 0.0);
        assert!(heard[start + 7_300] == 0.0);
    }
}

#[test]
fn a_new_note_starts_from_the_level_it_finds() {
    for curve in [NATURAL, LINEAR, CONVEX] {
        let heard = adsr(curve, gate(20_000, &[0..2_000, 3_500..9_000]), 20_000);
        assert!(heard[3_499] > 0.1);
        assert!(heard[3_501] > heard[3_500] && heard[3_980] == 1.0);
        let steepest = if curve == CONVEX { 0.02 } else { 1.7 / 480.0 };
        assert!(heard[3_000..].windows(2).all(|pair| (pair[1] - pair[0]).abs() < steepest));
    }
}

#[test]
fn a_taken_voice_drops_to_silence_for_a_frame() {
    let mut gate = gate(10_000, std::slice::from_ref(&(0..10_000)));
    gate[3_000] = -1.0;
    let heard = adsr(LINEAR, gate.clone(), 10_000);
    assert!(heard[2_999] > 0.6);
    assert_eq!(heard[3_000], 0.0);
    near(heard[3_001 + 240], 0.5);
    let heard = Rig::new("decay").set("time", 0.2).feed("gate", gate).run(10_000);
    assert!(heard[2_999] > 0.1);
    assert_eq!((heard[3_000], heard[3_001]), (0.0, 1.0));
}

#[test]
fn times_of_zero_jump() {
    let rig = Rig::new("adsr").set("attack", 0.0).set("decay", 0.0).set("sustain", 0.5).set("release", 0.0);
    let heard = rig.feed("gate", gate(1_000, std::slice::from_ref(&(100..500)))).run(1_000);
    assert!(heard[..100].iter().all(|x| *x == 0.0));
    assert!(heard[100..500].iter().all(|x| *x == 0.5));
    assert!(heard[500..].iter().all(|x| *x == 0.0));
}

#[test]
fn the_sustain_moves_while_it_is_held() {
    let sustain: Vec<f32> = (0..20_000).map(|i| 0.2 + 0.6 * i as f32 / 20_000.0).collect();
    let rig = Rig::with("adsr", RATE, &[("curve", LINEAR)], 1).set("attack", 0.01).set("decay", 0.1);
    let heard = rig.feed("sustain", sustain.clone()).feed("gate", vec![1.0]).run(20_000);
    assert_eq!(heard[6_000..], sustain[6_000..]);
    assert!(heard.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 1.1 / 480.0), "it clicks");
}

#[test]
fn a_decay_is_a_power_of_the_time_left() {
    for curve in [1.0, 2.0, 3.0, 4.5, 8.0f32] {
        for start in [0, 10, 64, 1_003] {
            let heard = Rig::new("decay")
                .set("time", 0.12)
                .set("curve", curve)
                .feed("gate", gate(10_000, std::slice::from_ref(&(start..start + 1))))
                .run(10_000);
            assert!(heard[..start].iter().all(|x| *x == 0.0));
            for n in 0..5_760 {
                near(heard[start + n], libm::pow(1.0 - f64::from(n as u32) / 5_760.0, f64::from(curve)));
            }
            assert!(heard[start + 5_760..].iter().all(|x| *x == 0.0));
        }
    }
}

#[test]
fn a_decay_rises_and_starts_anew() {
    let rig = Rig::new("decay").set("time", 0.1).set("attack", 0.01);
    let heard = rig.feed("gate", gate(20_000, &[100..101, 2_000..2_001])).run(20_000);
    near(heard[100 + 240], 0.5);
    near(heard[580], 1.0);
    let left = heard[2_000];
    assert!(left > 0.2);
    near(heard[2_000 + 240], 0.5 + f64::from(left) / 2.0);
    near(heard[2_480], 1.0);
    // With no attack it jumps up, wherever it was, and however long the gate stays open.
    let rig = Rig::new("decay").set("time", 0.1).feed("gate", gate(20_000, &[0..999, 1_000..9_000]));
    let heard = rig.run(20_000);
    assert_eq!((heard[0], heard[1_000], heard[1_000 + 4_800]), (1.0, 1.0, 0.0));
}

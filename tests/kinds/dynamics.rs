//! Curves and times of compressor, gate and follower.

use crate::measure::{RATE, Rig, db, peak, rms, sine};

/// The gain in decibels that a compressor comes to for a tone of `level` dB.
fn gain_at(params: &[(&str, f32)], level: f64) -> f64 {
    let tone = sine(1_000.0, libm::exp10(level / 20.0), 96_000);
    let mut rig = Rig::new("compressor").feed("in", tone.clone()).feed("sidechain", tone.clone());
    for (name, value) in params {
        rig = rig.set(name, *value);
    }
    let heard = rig.run(96_000);
    db(rms(&heard[48_000..]) / rms(&tone[48_000..]))
}

#[test]
fn the_compressor_follows_its_curve() {
    for (threshold, ratio, knee) in
        [(-20.0, 4.0, 0.0), (-20.0, 2.0, 6.0), (-30.0, 8.0, 12.0), (-12.0, 100.0, 0.0)]
    {
        let linear = |db: f64| libm::exp10(db / 20.0) as f32;
        let params = [
            ("threshold", linear(threshold)),
            ("ratio", ratio as f32),
            ("knee", linear(knee)),
            ("attack", 0.005),
        ];
        for level in (-50..=0).step_by(5).map(f64::from) {
            let over = level - threshold;
            // Giannoulis, Massberg and Reiss 2012, equation 4.
            let bent = if 2.0 * over < -knee {
                0.0
            } else if 2.0 * over.abs() <= knee && knee > 0.0 {
                (over + knee / 2.0) * (over + knee / 2.0) / (2.0 * knee)
            } else {
                over
            };
            let want = -(1.0 - 1.0 / ratio) * bent;
            let got = gain_at(&params, level);
            assert!((got - want).abs() < 0.2, "{threshold} {ratio} {knee} at {level}: {got}, not {want}");
        }
    }
}

/// A level that jumps by 20 dB at 0.5 s and back at 1.5 s, and the gains in decibels that it meets.
fn jump(attack: f32, release: f32) -> Vec<f64> {
    let key: Vec<f32> =
        (0..144_000).map(|i| if (24_000..72_000).contains(&i) { 1.0 } else { 0.001 }).collect();
    let heard = Rig::new("compressor")
        .set("threshold", 0.1)
        .set("ratio", 4.0)
        .set("knee", 1.0)
        .set("attack", attack)
        .set("release", release)
        .set("in", 0.5)
        .feed("sidechain", key)
        .run(144_000);
    heard.iter().map(|x| db(f64::from(*x) / 0.5)).collect()
}

#[test]
fn attack_and_release_last_as_long_as_they_say() {
    for (attack, release) in [(0.005, 0.08), (0.02, 0.2), (0.000_5, 0.05f32)] {
        let gains = jump(attack, release);
        let full = gains[71_999];
        assert!((full + 15.0).abs() < 0.1, "{full}");
        let reached = |from: usize, share: f64, rising: bool| {
            let at = gains[from..].iter().position(|x| (*x < full * share) != rising).expect("it gets there");
            at as f64 / f64::from(RATE)
        };
        let up = reached(24_000, 1.0 - libm::exp(-1.0), false);
        assert!((up / f64::from(attack) - 1.0).abs() < 0.06, "attack {attack}: {up}");
        // The attack smooths the release too, and shifts it by its own time.
        let down = reached(72_000, libm::exp(-1.0), true) - f64::from(attack);
        assert!((down / f64::from(release) - 1.0).abs() < 0.06, "release {release}: {down}");
    }
}

#[test]
fn the_compressor_leaves_quiet_sounds_and_balances_alone() {
    let tone = sine(300.0, 0.01, 4_800);
    let rig = Rig::new("compressor").feed("in", tone.clone()).feed("sidechain", tone.clone());
    assert_eq!(rig.run(4_800), tone);
    // A loud left side turns both sides down by as much.
    let heard = Rig::new("compressor")
        .feed_channel(0, sine(300.0, 1.0, 48_000))
        .feed_channel(1, sine(300.0, 0.1, 48_000))
        .feed("sidechain", vec![1.0])
        .run_all(48_000);
    for i in (1_000..48_000).step_by(997) {
        assert!((heard[1][i] - 0.1 * heard[0][i]).abs() < 1e-7);
    }
}

#[test]
fn looking_ahead_catches_the_first_peak() {
    let frames = 480.0 / RATE;
    let key: Vec<f32> = (0..9_600).map(|i| if i >= 4_800 { 1.0 } else { 0.0 }).collect();
    let rig = Rig::with("compressor", RATE, &[("lookahead", frames)], 1)
        .set("threshold", 0.1)
        .set("ratio", 100.0)
        .set("attack", 0.001)
        .feed("in", key.clone())
        .feed("sidechain", key);
    let heard = rig.run(9_600);
    assert!(peak(&heard[..4_800 + 480]) == 0.0);
    assert!(peak(&heard) < 0.12, "{}", peak(&heard));
}

#[test]
fn the_gate_opens_holds_and_shuts() {
    // Loud for 0.1 s, then between the two thresholds for 0.1 s, then under both.
    let key: Vec<f32> = (0..48_000)
        .map(|i| match i {
            0..4_800 => 0.000_1,
            4_800..9_600 => 0.5,
            9_600..14_400 => 0.07,
            _ => 0.04,
        })
        .collect();
    let heard = Rig::new("noisegate")
        .set("threshold", 0.1)
        .set("hysteresis", 2.0)
        .set("attack", 0.01)
        .set("hold-time", 0.05)
        .set("release", 0.1)
        .set("in", 1.0)
        .feed("sidechain", key)
        .run(48_000);
    assert!(heard[..4_800].iter().all(|x| *x == 0.0));
    assert!((heard[4_800 + 240] - 0.5).abs() < 0.01, "half open after half of the attack");
    assert!(heard[4_800 + 490..14_400 + 2_400].iter().all(|x| *x == 1.0));
    let half = heard[14_400 + 2_400 + 2_400];
    assert!((db(f64::from(half)) + 30.0).abs() < 0.5, "{half}: 30 dB down after half of the release");
    assert!(heard[30_000..].iter().all(|x| *x == 0.0));
    // Shut, it lets through what its floor says.
    let heard = Rig::new("noisegate").set("floor", 0.25).set("in", 1.0).run(4_800);
    assert!(heard.iter().all(|x| *x == 0.25));
}

#[test]
fn the_follower_is_as_high_as_the_sound_is_loud() {
    for level in [0.01, 0.3, 1.0] {
        let heard = Rig::new("follower").feed("in", sine(1_000.0, level, 48_000)).run(48_000);
        for x in &heard[24_000..] {
            assert!((db(f64::from(*x) / level)).abs() < 0.1, "{level}: {x}");
        }
        let decibels = Rig::with("follower", RATE, &[("scale", 1.0)], 1);
        let heard = decibels.feed("in", sine(1_000.0, level, 48_000)).run(48_000);
        let want = 1.0 + db(level) / 60.0;
        assert!((f64::from(heard[47_000]) - want).abs() < 0.002, "{level}: {}", heard[47_000]);
    }
    let burst: Vec<f32> = (0..96_000).map(|i| if (4_800..48_000).contains(&i) { 1.0 } else { 0.0 }).collect();
    let heard = Rig::new("follower").set("attack", 0.02).set("release", 0.3).feed("in", burst).run(96_000);
    assert!((heard[4_800 + 960] - 0.632).abs() < 0.005, "{}", heard[4_800 + 960]);
    let later = 48_000 + (0.32 * RATE) as usize;
    assert!((heard[later] - 0.368).abs() < 0.01, "{}", heard[later]);
}

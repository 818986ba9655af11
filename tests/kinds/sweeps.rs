//! Phaser, flanger, frequency shifter: notches, rates, images.

use crate::measure::{RATE, Rig, band, db, density, impulse, noise, partials, peak, response, rms, sine};

#[test]
fn two_stages_of_the_phaser_make_a_notch() {
    for (stages, notches) in [(2, 1), (4, 2), (8, 4)] {
        let heard = Rig::with("phaser", RATE, &[("stages", stages as f32)], 1)
            .set("depth", 0.0)
            .set("feedback", 0.0)
            .set("freq", 800.0)
            .feed("in", impulse(1.0))
            .run(24_000);
        let levels: Vec<f64> =
            (0..600).map(|i| response(&heard, 30.0 * libm::exp2(f64::from(i) * 9.5 / 600.0))).collect();
        let found = levels.windows(3).filter(|w| w[1] < -20.0 && w[1] < w[0] && w[1] <= w[2]).count();
        assert_eq!(found, notches, "{stages} stages");
        assert!(levels.iter().all(|level| *level < 0.01));
    }
    // All-pass filters of the first order turn by a quarter at their frequency: two of them take it out.
    let heard = Rig::with("phaser", RATE, &[("stages", 2.0)], 1)
        .set("depth", 0.0)
        .set("feedback", 0.0)
        .set("freq", 800.0)
        .feed("in", impulse(1.0))
        .run(24_000);
    assert!(response(&heard, 800.0) < -60.0, "{}", response(&heard, 800.0));
    // Wet alone it passes everything as loud as it was.
    let heard =
        Rig::new("phaser").set("mix", 1.0).set("feedback", 0.0).feed("in", noise(1, 96_000)).run(96_000);
    assert!(db(rms(&heard) / rms(&noise(1, 96_000))).abs() < 0.05);
}

#[test]
fn the_phaser_keeps_its_rate() {
    // The level of a tone comes back after a cycle.
    let heard = Rig::new("phaser").set("rate", 2.0).feed("in", sine(700.0, 1.0, 96_000)).run(96_000);
    let level = |i: usize| rms(&heard[i..i + 480]);
    for i in (24_000..48_000).step_by(2_400) {
        assert!((level(i) - level(i + 24_000)).abs() < 0.01, "{i}");
        assert!((level(i) - level(i + 48_000)).abs() < 0.01, "{i}");
    }
}

#[test]
fn the_flanger_is_a_comb_with_its_delay() {
    let heard = Rig::new("flanger")
        .set("depth", 0.0)
        .set("delay", 0.002)
        .set("feedback", 0.0)
        .feed("in", impulse(1.0))
        .run(9_600);
    // Half and half: odd multiples of half of 500 Hz cancel, multiples of 500 Hz pass.
    for k in 0..8 {
        let odd = 250.0 + 500.0 * f64::from(k);
        assert!(response(&heard, odd) < -40.0, "{odd}: {}", response(&heard, odd));
        assert!(response(&heard, odd + 250.0).abs() < 0.05);
    }
    // The copies come back turned down by the feedback.
    let heard = Rig::new("flanger")
        .set("depth", 0.0)
        .set("feedback", 0.5)
        .set("mix", 1.0)
        .feed("in", impulse(1.0))
        .run(960);
    for (k, want) in [(96, 1.0), (192, 0.5), (288, 0.25f32)] {
        assert!((heard[k] - want).abs() < 1e-6, "{k}: {}", heard[k]);
    }
    // At a full sweep it stays in bounds.
    let heard =
        Rig::new("flanger").set("depth", 1.0).set("feedback", 0.95).feed("in", noise(1, 96_000)).run(96_000);
    assert!(peak(&heard) < 20.0, "{}", peak(&heard));
}

#[test]
fn the_shifter_moves_a_tone_and_leaves_no_image() {
    const LENGTH: usize = 1 << 16;
    let bin = f64::from(RATE) / LENGTH as f64;
    for (tone, by) in [(1_000, 137), (5_000, -700), (400, 2_000), (12_000, 1_500i32)] {
        let heard = Rig::new("shift")
            .set("freq", (f64::from(by) * bin) as f32)
            .feed("in", sine(f64::from(tone) * bin, 1.0, 2 * LENGTH))
            .run(2 * LENGTH);
        let bins = partials(&heard[LENGTH..]);
        let wanted = (tone + by) as usize;
        assert!((db(bins[wanted])).abs() < 0.05, "{tone} by {by}: {}", db(bins[wanted]));
        let worst = bins
            .iter()
            .enumerate()
            .filter(|(i, _)| i.abs_diff(wanted) > 1)
            .fold(0.0, |worst, (_, x)| if *x > worst { *x } else { worst });
        assert!(db(worst) < -38.0, "{tone} by {by}: {}", db(worst));
    }
    // At 0 Hz all is where it was, in level.
    let input = noise(2, 96_000);
    let heard = Rig::new("shift").set("freq", 0.0).feed("in", input.clone()).run(96_000);
    let (before, after) = (density(&input, 4_096), density(&heard, 4_096));
    for low in [100.0, 1_000.0, 10_000.0] {
        let change = 0.5 * db(band(&after, low, 2.0 * low) / band(&before, low, 2.0 * low));
        assert!(change.abs() < 0.1, "{low}: {change}");
    }
}

//! Comb, formants and modes: pitch, decay, vowels.

use crate::measure::{RATE, Rig, band, db, density, impulse, noise, partials, peak, pitch, response, rms};

/// The frequency near `hertz` at which a response is highest.
fn top(heard: &[f32], hertz: f64, octaves: f64) -> f64 {
    (0..=800)
        .map(|i| hertz * libm::exp2(octaves * (f64::from(i) / 400.0 - 1.0)))
        .max_by(|a, b| response(heard, *a).total_cmp(&response(heard, *b)))
        .expect("a range")
}

#[test]
fn the_comb_rings_at_the_note() {
    for freq in [55.0, 220.0, 440.0, 1_234.5f32] {
        let heard = Rig::new("comb").set("freq", freq).set("decay", 1.0).feed("in", impulse(1.0)).run(48_000);
        for harmonic in [1.0, 2.0, 3.0] {
            let want = f64::from(freq) * harmonic;
            let found = top(&heard, want, 0.05);
            assert!((1_200.0 * libm::log2(found / want)).abs() < 3.0, "{want}: {found}");
        }
    }
    let heard =
        Rig::with("comb", RATE, &[("odd", 1.0)], 1).set("freq", 220.0).feed("in", impulse(1.0)).run(48_000);
    assert!(response(&heard, 220.0) > response(&heard, 440.0) + 20.0);
    assert!(response(&heard, 660.0) > response(&heard, 440.0) + 20.0);
}

#[test]
fn the_comb_falls_by_60_db_in_its_decay() {
    for decay in [0.3, 1.0, 2.0f32] {
        let heard = Rig::new("comb")
            .set("freq", 200.0)
            .set("decay", decay)
            .set("damp", 0.0)
            .feed("in", impulse(1.0))
            .run(120_000);
        let level = |seconds: f32| {
            let at = (seconds * RATE) as usize;
            db(rms(&heard[at..at + 2_400]))
        };
        let fallen = level(0.1 * decay) - level(0.6 * decay);
        assert!((fallen - 30.0).abs() < 1.0, "{decay}: {fallen}");
    }
}

#[test]
fn noise_leaves_the_comb_as_loud_as_it_came() {
    // Where the period is no whole number of frames, reading between them takes away some of the highs.
    for (freq, decay, bound) in
        [(120.0, 0.5, 0.3), (480.0, 2.0, 0.6), (2_000.0, 0.2, 0.6), (110.0, 0.5, 3.0), (440.0, 2.0, 4.0f64)]
    {
        let input = noise(3, 5 * 48_000);
        let heard = Rig::new("comb")
            .set("freq", freq)
            .set("decay", decay as f32)
            .set("damp", 0.0)
            .feed("in", input.clone())
            .run(5 * 48_000);
        let change = db(rms(&heard[96_000..]) / rms(&input));
        assert!(change.abs() < bound, "{freq} {decay}: {change}");
    }
}

#[test]
fn vowels_have_their_formants() {
    // First and second formant of the tenor.
    for (vowel, first, second) in [
        (0.0, 650.0, 1_080.0),
        (1.0, 400.0, 1_700.0),
        (2.0, 290.0, 1_870.0),
        (3.0, 400.0, 800.0),
        (4.0, 350.0, 600.0),
    ] {
        let heard = Rig::new("formant").set("vowel", vowel).feed("in", impulse(1.0)).run(48_000);
        for (want, octaves) in [(first, 0.15), (second, 0.1)] {
            let found = top(&heard, want, octaves);
            assert!((found / want - 1.0).abs() < 0.03, "vowel {vowel}: {found}, not {want}");
        }
        assert!(response(&heard, first).abs() < 1.5, "vowel {vowel}: {}", response(&heard, first));
        assert!(response(&heard, 30.0) < -12.0 && response(&heard, 9_000.0) < -25.0);
    }
    // Half-way between a and e the first formant lies half-way in octaves.
    let heard = Rig::new("formant").set("vowel", 0.5).feed("in", impulse(1.0)).run(48_000);
    let found = top(&heard, (650.0f64 * 400.0).sqrt(), 0.2);
    assert!((found / (650.0f64 * 400.0).sqrt() - 1.0).abs() < 0.03, "{found}");
    let heard = Rig::new("formant").set("shift", 12.0).feed("in", impulse(1.0)).run(48_000);
    let found = top(&heard, 1_300.0, 0.2);
    assert!((found / 1_300.0 - 1.0).abs() < 0.03, "{found}");
}

#[test]
fn modes_ring_at_their_ratios() {
    const LENGTH: usize = 1 << 16;
    for (model, ratios) in [
        (0.0, [1.0, 4.0, 10.0]),
        (1.0, [1.0, 2.756, 5.404]),
        (2.0, [0.5, 1.2, 2.0]),
        (3.0, [1.0, 1.594, 2.136]),
    ] {
        let heard = Rig::with("modal", RATE, &[("model", model)], 1)
            .set("freq", 300.0)
            .set("decay", 10.0)
            .set("damp", 0.0)
            .set("hardness", 1.0)
            .feed("gate", vec![0.0, 1.0])
            .run(LENGTH);
        let bins = partials(&heard);
        for ratio in ratios {
            let bin = 300.0 * ratio * LENGTH as f64 / f64::from(RATE);
            let near = bin.round() as usize;
            let level = bins[near - 1..=near + 1].iter().fold(0.0, |a: f64, b| a.max(*b));
            let beside = bins[near + 12];
            assert!(level > 8.0 * beside, "model {model}: {ratio}: {level} against {beside}");
        }
    }
    // A soft mallet leaves little but the fundamental.
    let heard =
        Rig::new("modal").set("freq", 440.0).set("hardness", 0.0).feed("gate", vec![0.0, 1.0]).run(24_000);
    let measured = pitch(&heard[4_800..]);
    assert!((1_200.0 * libm::log2(measured / 440.0)).abs() < 1.0, "{measured}");
    assert!(peak(&heard) > 0.8 && peak(&heard) <= 1.0, "{}", peak(&heard));
}

#[test]
fn the_lowest_mode_falls_by_60_db_in_its_decay() {
    for decay in [0.2, 2.0f32] {
        let heard = Rig::new("modal")
            .set("freq", 440.0)
            .set("decay", decay)
            .set("hardness", 0.0)
            .feed("gate", vec![0.0, 1.0])
            .run(96_000);
        let level = |seconds: f32| {
            let at = (seconds * RATE) as usize;
            db(rms(&heard[at..at + 960]))
        };
        let fallen = level(0.2 * decay) - level(0.7 * decay);
        assert!((fallen - 30.0).abs() < 0.5, "{decay}: {fallen}");
    }
}

#[test]
fn what_is_led_into_the_exciter_makes_modes_ring() {
    let heard = Rig::new("modal")
        .set("freq", 500.0)
        .set("strike", 0.0)
        .set("gate", 1.0)
        .feed("exciter", noise(1, 96_000))
        .run(96_000);
    let spectrum = density(&heard[48_000..], 4_096);
    let around = band(&spectrum, 470.0, 530.0);
    let between = band(&spectrum, 1_000.0, 1_500.0);
    assert!(around > 100.0 * between, "{around} {between}");
    assert!((0.01..1.0).contains(&rms(&heard[48_000..])), "{}", rms(&heard[48_000..]));
}

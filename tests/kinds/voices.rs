//! Supersaw, FM and the plucked string.

use crate::measure::{RATE, Rig, band, db, density, partials, peak, rms, transform};

#[test]
fn a_supersaw_is_wide_and_as_loud_as_a_saw() {
    let frames = 10 * 48_000;
    let heard = Rig::new("supersaw").set("freq", 220.0).run_all(frames);
    let saw = rms(&Rig::new("saw").set("freq", 220.0).run(frames));
    for heard in &heard {
        let level = db(rms(heard) / saw);
        assert!(level.abs() < 1.5, "{level} dB");
        assert!(peak(heard) < 2.6);
    }
    let shared: f64 = heard[0].iter().zip(&heard[1]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
        / frames as f64
        / (rms(&heard[0]) * rms(&heard[1]));
    assert!((0.2..0.9).contains(&shared), "{shared}");
    // Without spread both sides are the same, without detune it is one saw, seven times.
    let heard = Rig::new("supersaw").set("freq", 220.0).set("spread", 0.0).run_all(9_600);
    assert!(heard[0].iter().zip(&heard[1]).all(|(a, b)| (a - b).abs() < 1e-5));
    let run = |seed| Rig::with("supersaw", RATE, &[], seed).set("freq", 220.0).run(9_600);
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_supersaw_is_detuned_as_far_as_it_says() {
    // With seconds of sound the seven can be told apart, around the tenth partial.
    let frames = 1 << 19;
    let heard = Rig::new("supersaw").set("freq", 440.0).set("detune", 50.0).run(frames);
    let spectrum: Vec<f64> = transform(&heard).iter().map(|x| x.norm()).collect();
    let bin = f64::from(RATE) / frames as f64;
    let level = |cents: f64| {
        let centre = (4_400.0 * libm::exp2(cents / 1_200.0) / bin) as usize;
        spectrum[centre - 6..centre + 6].iter().fold(0.0, |a: f64, b| a.max(*b))
    };
    for cents in [0.0, -50.0, 48.8, -28.6, 28.25, -8.9, 9.05] {
        assert!(db(level(cents) / level(40.0)) > 15.0, "no saw at {cents}");
    }
}

#[test]
fn fm_has_the_partials_of_bessel() {
    // With index 1 and ratio 2 the partials are 1 and 1 +- 2n, of J_n(1).
    let (length, bin) = (1usize << 15, 601);
    let hertz = bin as f32 * RATE / length as f32;
    let heard = Rig::new("fm").set("freq", hertz).set("ratio", 2.0).set("index", 1.0).run(2 * length);
    let bins = partials(&heard[length..]);
    let bessel = [0.765_197_69, 0.440_050_59, 0.114_903_48, 0.019_563_35, 0.002_476_64];
    // Partials below 0 come back upside down: 3 is J1 + J2, 1 is J0 - J1 and so on (all sines).
    let expected = [
        (1, bessel[0] + bessel[1]),
        (3, bessel[1] - bessel[2]),
        (5, bessel[2] + bessel[3]),
        (7, bessel[3] - bessel[4]),
    ];
    let alternative = [
        (1, bessel[0] - bessel[1]),
        (3, bessel[1] + bessel[2]),
        (5, bessel[2] - bessel[3]),
        (7, bessel[3] + bessel[4]),
    ];
    let fits = |list: &[(usize, f64)]| list.iter().all(|(k, level)| (bins[k * bin] - level).abs() < 2e-3);
    assert!(fits(&expected) || fits(&alternative), "{:?}", [1, 3, 5, 7].map(|k| bins[k * bin]));
}

#[test]
fn fm_stays_clean_up_the_keyboard() {
    let (length, bin) = (1usize << 15, 2_731);
    let hertz = bin as f32 * RATE / length as f32;
    for (ratio, feedback) in [(1.0, 0.0), (2.0, 0.5), (3.0, 1.0), (7.0, 0.0)] {
        let rig = Rig::new("fm")
            .set("freq", hertz)
            .set("ratio", ratio)
            .set("index", 20.0)
            .set("feedback", feedback);
        let bins = partials(&rig.run(2 * length)[length..]);
        let loudest = (1..length / 2).map(|k| bins[k]).fold(0.0, f64::max);
        let alias = (1..13_650).filter(|k| k % bin != 0).map(|k| bins[k]).fold(0.0, f64::max);
        assert!(db(alias / loudest) < -30.0, "ratio {ratio}: {} dB", db(alias / loudest));
    }
    let heard = Rig::new("fm").set("freq", 110.0).set("feedback", 1.0).set("index", 3.0).run(48_000);
    assert!(peak(&heard) < 1.0001 && rms(&heard) > 0.5);
}

/// A string plucked once, at frame 10.
fn string(params: &[(&'static str, f32)], frames: usize) -> Vec<f32> {
    let mut gate = vec![0.0; 100];
    gate[10..50].fill(1.0);
    let mut rig = Rig::new("pluck").feed("gate", gate);
    for (name, value) in params {
        rig = rig.set(name, *value);
    }
    rig.run(frames)
}

#[test]
fn a_string_is_in_tune() {
    for hertz in [41.2, 110.0, 329.6, 880.0, 1_760.0f32] {
        let heard = string(&[("freq", hertz), ("damp", 0.6), ("decay", 10.0)], 1 << 17);
        let spectrum: Vec<f64> = density(&heard[1 << 16..], 1 << 16).into_iter().collect();
        let bin = f64::from(RATE) / f64::from(1 << 16);
        let around = (f64::from(hertz) / bin) as usize;
        let top =
            (around - 20..around + 20).max_by(|a, b| spectrum[*a].total_cmp(&spectrum[*b])).expect("bins");
        // Between the bins, along a parabola through the logarithms.
        let [a, b, c] = [top - 1, top, top + 1].map(|k| libm::log(spectrum[k]));
        let measured = (top as f64 + 0.5 * (a - c) / (a - 2.0 * b + c)) * bin;
        let cents = 1_200.0 * libm::log2(measured / f64::from(hertz));
        assert!(cents.abs() < 2.0, "{hertz}: {cents} cents");
    }
}

#[test]
fn a_string_rings_as_long_as_it_says() {
    for decay in [0.5, 2.0f32] {
        let heard = string(&[("freq", 220.0), ("damp", 0.0), ("decay", decay)], 3 * 48_000);
        let level = |seconds: f32| {
            let start = (seconds * RATE) as usize;
            rms(&heard[start..start + 4_364])
        };
        let fall = db(level(0.1) / level(0.1 + 0.5 * decay));
        assert!((fall - 30.0).abs() < 2.5, "{decay} s: {fall} dB in half the time");
    }
    // Damped, the highs go first.
    let heard = string(&[("freq", 220.0), ("damp", 1.0)], 48_000);
    let (start, end) = (density(&heard[512..4_608], 4_096), density(&heard[24_000..28_096], 4_096));
    let brightness = |density: &[f64]| band(density, 2_000.0, 20_000.0) / band(density, 100.0, 20_000.0);
    assert!(brightness(&end) < 0.02 * brightness(&start));
}

#[test]
fn a_string_sounds_from_its_pluck_on_and_each_pluck_differs() {
    let heard = string(&[("freq", 110.0)], 48_000);
    assert!(heard[..10].iter().all(|x| *x == 0.0));
    assert!(rms(&heard[10..200]) > 0.1);
    let mut gate = vec![0.0; 48_000];
    gate[0..100].fill(1.0);
    gate[24_000..24_100].fill(1.0);
    let heard = Rig::new("pluck").set("decay", 0.1).feed("gate", gate).run(48_000);
    assert!(heard[..200] != heard[24_000..24_200]);
    assert!(rms(&heard[24_000..26_000]) > 0.1);
}

#[test]
fn a_string_glides_without_clicks() {
    let frames = 96_000;
    let freq: Vec<f32> = (0..frames).map(|i| (220.0 * libm::exp2(i as f64 / 96_000.0)) as f32).collect();
    let rig =
        Rig::new("pluck").feed("freq", freq).set("damp", 1.0).set("decay", 20.0).feed("gate", vec![0.0, 1.0]);
    let heard = rig.run(frames);
    let late = density(&heard[48_000..], 4_096);
    let ratio = 10.0 * libm::log10(band(&late, 8_000.0, 20_000.0) / band(&late, 200.0, 1_000.0));
    assert!(ratio < -60.0, "{ratio} dB");
}

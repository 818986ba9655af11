//! Ring modulator, width, wavefolder and hard sync: products, sides, aliases.

use crate::measure::{RATE, Rig, db, mean, noise, partials, peak, rms, sine};

const LENGTH: usize = 1 << 16;

fn hertz(bin: usize) -> f64 {
    bin as f64 * f64::from(RATE) / LENGTH as f64
}

/// The loudest bin up to 5 kHz that is no multiple of `bin`, in decibels against the loudest of all.
fn worst_alias(bins: &[f64], bin: usize) -> f64 {
    let most =
        |bins: &mut dyn Iterator<Item = f64>| bins.fold(0.0, |most, x| if x > most { x } else { most });
    let limit = (5_000.0 / hertz(1)) as usize;
    let alias = most(&mut bins[..limit].iter().enumerate().filter(|(i, _)| i % bin != 0).map(|(_, x)| *x));
    db(alias / most(&mut bins.iter().copied()))
}

#[test]
fn the_ring_modulator_leaves_sum_and_difference() {
    let heard = Rig::new("ring")
        .feed("in", sine(hertz(1_000), 1.0, LENGTH))
        .feed("carrier", sine(hertz(301), 1.0, LENGTH))
        .run(LENGTH);
    let bins = partials(&heard);
    assert!((bins[1_301] - 0.5).abs() < 1e-5 && (bins[699] - 0.5).abs() < 1e-5);
    assert!(bins[1_000] < 1e-5 && bins[301] < 1e-5);
}

#[test]
fn width_moves_the_sides_apart() {
    let (left, right) = (noise(1, 4_800), noise(2, 4_800));
    let run = |width: f32| {
        Rig::new("width")
            .set("width", width)
            .feed_channel(0, left.clone())
            .feed_channel(1, right.clone())
            .run_all(4_800)
    };
    let heard = run(1.0);
    assert!(heard[0] == left && heard[1] == right);
    let heard = run(0.0);
    assert!((0..4_800).all(|i| (heard[0][i] - 0.5 * (left[i] + right[i])).abs() < 1e-6));
    assert!((0..4_800).all(|i| (heard[0][i] - heard[1][i]).abs() < 1e-6));
    let heard = run(2.0);
    let difference = |a: &[f32], b: &[f32]| rms(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f32>>());
    assert!((difference(&heard[0], &heard[1]) / difference(&left, &right) - 2.0).abs() < 1e-5);
}

#[test]
fn the_folder_folds_and_does_not_alias() {
    let fold = |folds: f32, bias: f32, bin: usize| {
        let heard = Rig::new("fold")
            .set("folds", folds)
            .set("bias", bias)
            .feed("in", sine(hertz(bin), 1.0, 2 * LENGTH))
            .run(2 * LENGTH);
        heard[LENGTH..].to_vec()
    };
    // A wave that is folded twice on each side crosses 0 three times as often.
    let crossings = |heard: &[f32]| heard.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
    let plain = crossings(&fold(0.0, 0.0, 301));
    assert_eq!(plain, 301);
    assert_eq!(crossings(&fold(1.0, 0.0, 301)), 3 * plain);
    assert_eq!(crossings(&fold(2.0, 0.0, 301)), 5 * plain);
    for (folds, bias, bin) in
        [(0.0, 0.0, 3_001), (2.0, 0.0, 1_367), (4.0, 0.3, 1_367), (8.0, 0.0, 601), (3.0, 0.0, 2_731)]
    {
        let worst = worst_alias(&partials(&fold(folds, bias, bin)), bin);
        assert!(worst < -70.0, "{folds} folds of bin {bin}: {worst} dB");
    }
    let bins = partials(&fold(1.0, 0.0, 301));
    assert!(db(bins[602] / bins[903]) < -90.0, "even partials without bias");
    let bent = fold(1.0, 0.4, 301);
    let bins = partials(&bent);
    assert!(db(bins[602] / bins[903]) > -30.0, "no even partials with bias");
    assert!(mean(&bent).abs() < 1e-3, "{}", mean(&bent));
}

#[test]
fn a_synced_wave_is_what_its_formula_says() {
    // Low enough that nearly all of its partials fit.
    let bin = 61;
    for ratio in [1.0, 1.3, 2.0, 2.5, 3.75, 7.9f32] {
        for shape in [0.0, 1.0f32] {
            let heard = Rig::with("sync", RATE, &[("shape", shape)], 1)
                .set("freq", hertz(bin) as f32)
                .set("ratio", ratio)
                .run(LENGTH);
            let wave: Vec<f32> = (0..LENGTH)
                .map(|i| {
                    let turn = (i * bin) as f64 / LENGTH as f64;
                    let inner = (turn - libm::floor(turn)) * f64::from(ratio);
                    let inner = inner - libm::floor(inner);
                    (if shape == 0.0 {
                        2.0 * inner - 1.0
                    } else if inner < 0.5 {
                        1.0
                    } else {
                        -1.0
                    }) as f32
                })
                .collect();
            let middle = mean(&wave) as f32;
            let wave: Vec<f32> = wave.iter().map(|x| x - middle).collect();
            let error: Vec<f32> = heard.iter().zip(&wave).map(|(a, b)| a - b).collect();
            let off = db(rms(&error) / rms(&wave));
            // What is missing lies over half the rate.
            assert!(off < -18.0, "ratio {ratio}, shape {shape}: {off} dB");
        }
    }
}

#[test]
fn synced_waves_do_not_alias() {
    for shape in [0.0, 1.0f32] {
        for bin in [151, 601, 1_367, 2_403] {
            for ratio in [1.0, 1.5, 2.37, 5.8, 16.0f32] {
                let heard = Rig::with("sync", RATE, &[("shape", shape)], 1)
                    .set("freq", hertz(bin) as f32)
                    .set("ratio", ratio)
                    .run(2 * LENGTH);
                // Against full scale: where the inner wave lies over half the rate, next to nothing is left of it.
                let limit = (5_000.0 / hertz(1)) as usize;
                let bins = partials(&heard[LENGTH..]);
                let alias = bins[..limit].iter().enumerate().filter(|(i, _)| i % bin != 0);
                let worst = db(alias.fold(0.0, |most, (_, x)| if *x > most { *x } else { most }));
                assert!(worst < -70.0, "ratio {ratio} at bin {bin}, shape {shape}: {worst} dB");
            }
        }
    }
}

#[test]
fn a_sweep_of_the_ratio_is_seamless() {
    // Through whole ratios and halves nothing leaps but the wave's own edges, which are as long as the highest partial.
    let ratio: Vec<f32> = (0..96_000).map(|i| 1.0 + 7.0 * i as f32 / 96_000.0).collect();
    for shape in [0.0, 1.0f32] {
        let heard = Rig::with("sync", RATE, &[("shape", shape)], 1)
            .set("freq", 50.0)
            .feed("ratio", ratio.clone())
            .run(96_000);
        assert!(peak(&heard) < 2.6, "{}", peak(&heard));
        let leap = heard.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(leap < 2.4, "{leap}");
    }
}
